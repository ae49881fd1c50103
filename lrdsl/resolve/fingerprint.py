"""The fingerprint of a program and its run, for states and for logs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lrdsl.resolve.run_json import to_json

if TYPE_CHECKING:
    from lrdsl.resolve.resolved import Resolved


def fingerprint(resolved: Resolved) -> str:
    """A digest of a program and of the run it was resolved for.

    Args:
        resolved: the program, laid out.
    """
    return digest(*identity(resolved))


def identity(resolved: Resolved) -> tuple[str, str]:
    """The canonical text of a program, and the arguments of its run in JSON.

    Args:
        resolved: the program, laid out.
    """
    return str(resolved.program), to_json(resolved.arguments)


def digest(source: str, context: str) -> str:
    """The digest of a canonical text and of a run.

    Args:
        source: the text.
        context: the arguments of the run, in JSON.
    """
    # The digest is that of the first format, so that a program and run keep theirs forever.
    return hashlib.sha256(f"1\n{context}\n{source}".encode(errors="surrogatepass")).hexdigest()

"""One JSON document, described by ``docs/reference/check.schema.json``."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.cli import output
from lrdsl.diagnostics.diagnostic import Diagnostic

VERSION = 1


def written(diagnostics: Sequence[Diagnostic]) -> str:
    """The diagnostics under the fields of `Diagnostic.to_json`."""
    found = [diagnostic.to_json() for diagnostic in diagnostics]
    return output.document(VERSION, {"diagnostics": found}) + "\n"

"""The standard library's TOML, or its forerunner under Python 3.10."""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError
    from tomllib import loads as _loads
else:
    from tomli import TOMLDecodeError
    from tomli import loads as _loads

# Python makes no number of more digits than some thousands.
_LONG = re.compile(r"[0-9_]{4000,}")


def loads(text: str) -> dict[str, Any]:
    """The document of a TOML text.

    Raises:
        ValueError: it is not well formed.
    """
    try:
        return _loads(text)
    except TOMLDecodeError:
        raise
    except ValueError:
        # TOML asks for integers of 64 bits only, and that larger ones are refused.
        long = _LONG.search(text)
        before = text[: long.start() if long else 0]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"Integer of too many digits (at line {line}, column {column})"
        raise ValueError(message) from None

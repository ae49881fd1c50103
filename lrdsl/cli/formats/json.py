"""One JSON document, described by ``docs/reference/check.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lrdsl import __version__
from lrdsl.diagnostics.diagnostic import Diagnostic

# Rises when a reader of the one before would misunderstand; a field that is new is no reason.
VERSION = 1


def written(diagnostics: Sequence[Diagnostic]) -> str:
    """The diagnostics under the fields of `Diagnostic.to_json`."""
    document = {
        "version": VERSION,
        "lrdsl": __version__,
        "diagnostics": [diagnostic.to_json() for diagnostic in diagnostics],
    }
    return json.dumps(document, indent=2) + "\n"

"""SARIF 2.1.0, which code scanning reads (OASIS standard, 2020, with errata of 2023)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lrdsl import __version__
from lrdsl.diagnostics import catalogue
from lrdsl.diagnostics.diagnostic import Diagnostic

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def written(diagnostics: Sequence[Diagnostic]) -> str:
    """A log of one run, with the explanation of every code that was found."""
    codes = sorted({(diagnostic.code, diagnostic.slug) for diagnostic in diagnostics})
    rules = [_rule(code, slug) for code, slug in codes]
    places = {code: i for i, (code, _) in enumerate(codes)}
    driver = {"name": "lrdsl", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, places[diagnostic.code]) for diagnostic in diagnostics],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(code: str, slug: catalogue.Slug) -> dict[str, object]:
    page = catalogue.page(slug)
    _, meaning, *_ = page.split("\n\n")
    level = "warning" if code in catalogue.lints().values() else "error"
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in slug.split("-")),
        "shortDescription": {"text": slug.replace("-", " ")},
        "fullDescription": {"text": " ".join(meaning.split())},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level},
    }


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, object]:
    data = diagnostic.to_json()
    file = {"uri": _uri(diagnostic.name)}
    place: dict[str, object] = {
        "physicalLocation": {"artifactLocation": file, "region": _region(data)}
    }
    if diagnostic.span.source.is_said:  # and in no file
        place = {"logicalLocations": [{"name": diagnostic.name}]}
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": "\n".join(filter(None, [diagnostic.message, diagnostic.help]))},
        "locations": [place],
    }
    if data["fixes"]:
        result["fixes"] = [_fix(fix, file) for fix in data["fixes"]]
    return result


def _fix(fix: Mapping[str, Any], file: dict[str, str]) -> dict[str, object]:
    replacements = [
        {"deletedRegion": _region(edit), "insertedContent": {"text": edit["text"]}}
        for edit in fix["edits"]
    ]
    return {
        "description": {"text": fix["title"]},
        "artifactChanges": [{"artifactLocation": file, "replacements": replacements}],
    }


def _region(place: Mapping[str, Any]) -> dict[str, int]:
    return {
        "startLine": place["line"],
        "startColumn": place["column"],
        "endLine": place["end_line"],
        "endColumn": place["end_column"],
    }


def _uri(name: str) -> str:
    """A path as a reference of a URI: relative where it is, so that a checkout resolves it."""
    if os.path.isabs(name):
        from pathlib import Path

        return Path(name).as_uri()
    return quote(name.replace(os.sep, "/"))

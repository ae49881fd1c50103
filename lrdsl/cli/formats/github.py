"""Commands by which a workflow of GitHub Actions shows diagnostics beside the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.diagnostics.diagnostic import Diagnostic


def written(diagnostics: Sequence[Diagnostic]) -> str:
    """One command a line, by the rules of GitHub's workflow commands."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    properties: dict[str, object] = {
        "title": f"{diagnostic.code} {diagnostic.slug}",
    }
    is_said = diagnostic.span.source.is_said  # and in no file that could be shown
    if not is_said:
        properties |= {
            "file": diagnostic.name,
            "line": diagnostic.line,
            "endLine": diagnostic.end_line,
        }
    # GitHub knows columns within one line only.
    if not is_said and diagnostic.line == diagnostic.end_line:
        properties |= {"col": diagnostic.column, "endColumn": diagnostic.end_column}
    text = "\n".join(filter(None, [diagnostic.message, diagnostic.help]))
    return _written(diagnostic.severity, properties, text)


def said(severity: str, title: str, text: str) -> str:
    """A command about no place in a file.

    Args:
        severity: ``error``, ``warning`` or ``notice``.
        title: its title.
        text: what it says.
    """
    return _written(severity, {"title": title}, text)


def _written(severity: str, properties: dict[str, object], text: str) -> str:
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{severity} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

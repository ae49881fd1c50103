r"""Golden cases: what people type, and what they read then.

A file of ``cases/`` holds cases that belong together, divided by lines of ``====``. A case is a
text, a line ``---`` that may carry a run, and what is printed. In ``*.escaped.txt`` the texts spell
characters that an editor would lose, as in ``\x00`` and ``\r\n``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diagnostics.examples import HERE, check_golden, read_run, refusal

CASES = sorted((HERE / "cases").glob("*.txt"))
DIVIDER = "====\n"


def rendered(case: str, *, escaped: bool) -> str:
    """A case with what is printed now."""
    text, _, rest = ("\n" + case).partition("\n---")
    text = text[1:]
    run = rest.partition("\n")[0]
    typed = text.encode("latin-1", "backslashreplace").decode("unicode_escape") if escaped else text
    error = refusal(typed, read_run(run))
    assert error is not None, f"nothing is wrong with {typed!r}"
    return (f"{text}\n" if text else "") + f"---{run}\n{error}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_printed(path: Path) -> None:
    cases = path.read_text(encoding="utf-8").split(DIVIDER)
    escaped = path.name.endswith(".escaped.txt")
    check_golden(path, DIVIDER.join(rendered(case, escaped=escaped) for case in cases))


def test_no_case_stands_there_twice() -> None:
    cases = [
        case.partition("\nerror[")[0]
        for path in CASES
        for case in path.read_text(encoding="utf-8").split(DIVIDER)
    ]
    assert [case for case in cases if cases.count(case) > 1] == []

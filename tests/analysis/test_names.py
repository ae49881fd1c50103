"""Names: what each stands for, where it is defined, where it is used, and other names for it."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.analysis.places import Location

TEXT = """\
param peak = 0.4
let floor = peak / 1000
def up(n, ease) = warmup(n, 0, peak, ease = ease)
shape ramp(length: steps, end = 1) = end * u
lr["layers.{i}.*"]: up(5, ease = square) >> cosine(20, peak, floor) * 0.5 ^ i
momentum: up(3, ease = straight) >> ramp(5, end = 0.9)
"""


def offset(mark: str) -> int:
    """The offset of the character after the ``|`` in a piece of the text."""
    return TEXT.index(mark.replace("|", "")) + mark.index("|")


def at(places: tuple[Location, ...]) -> list[tuple[int, str]]:
    return [(TEXT.count("\n", 0, p.start) + 1, TEXT[p.start : p.end]) for p in places]


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("|peak = 0.4", [(1, "peak"), (2, "peak"), (3, "peak"), (5, "peak")]),
        ("cosine(20, pe|ak", [(1, "peak"), (2, "peak"), (3, "peak"), (5, "peak")]),
        ("peak, |floor", [(2, "floor"), (5, "floor")]),
        ("|up(3", [(3, "up"), (5, "up"), (6, "up")]),
        # A parameter: its definition, its use, and the arguments given by its name.
        ("up(n, |ease", [(3, "ease"), (3, "ease"), (5, "ease"), (6, "ease")]),
        ("up(5, |ease", [(3, "ease"), (3, "ease"), (5, "ease"), (6, "ease")]),
        ("def up(|n", [(3, "n"), (3, "n")]),
        ("layers.{|i", [(5, "i"), (5, "i")]),
        ("^ |i", [(5, "i"), (5, "i")]),
        ("|end * u", [(4, "end"), (4, "end"), (6, "end")]),
        # The argument of the library's shape, which has the same name, is another one.
        ("peak, |ease = ease", [(3, "ease")]),
        ("* |u\n", [(4, "u")]),
    ],
)
def test_references(mark: str, expected: list[tuple[int, str]]) -> None:
    assert at(lrdsl.analyze(TEXT).references(offset(mark))) == expected


@pytest.mark.parametrize(
    ("mark", "line"),
    [("1000|", None), ("|floor) *", 2), ("|up(5", 3), ("^ |i", 5), ("ramp(5, |end", 4)],
)
def test_definitions(mark: str, line: int | None) -> None:
    found = lrdsl.analyze(TEXT).definition(offset(mark))
    assert (found and TEXT.count("\n", 0, found.start) + 1) == line


def test_a_shape_is_defined_in_the_library() -> None:
    from lrdsl import files

    found = lrdsl.analyze(TEXT).definition(offset("|cosine"))
    assert found is not None
    assert found.is_library
    library = files.of_package("prelude.lrs")
    assert library[found.start - len("shape ") : found.end + 1] == "shape cosine("


@pytest.mark.parametrize(
    ("mark", "name"),
    [("|peak = 0.4", "top"), ("|up(3", "rise"), ("up(n, |ease", "pace"), ("{|i}", "layer"),
     ("|floor) *", "low"), ("|ramp(5", "climb")],
)  # fmt: skip
def test_a_renamed_text_is_the_same_schedules(mark: str, name: str) -> None:
    analysis = lrdsl.analyze(TEXT)
    text = TEXT
    for one in sorted(analysis.rename(offset(mark), name), key=lambda one: -one.start):
        text = text[: one.start] + one.text + text[one.end :]
    assert name in text
    groups = ["layers.0.w", "layers.3.w"]
    old, new = (lrdsl.parse(t).for_groups(groups).resolve_all() for t in (TEXT, text))
    for before, after in zip(old.values(), new.values(), strict=True):
        assert before.values(30).tolist() == after.values(30).tolist()


@pytest.mark.parametrize(
    ("mark", "name", "reason"),
    [
        ("|peak = 0.4", "prev", "a word of the language"),
        ("|peak = 0.4", "let", "a word of the language"),
        ("|peak = 0.4", "t", "a word of the language"),
        ("|peak = 0.4", "5", "is not a name"),
        ("|peak = 0.4", "a b", "is not a name"),
        ("|peak = 0.4", "warmup", "something else"),
        ("|peak = 0.4", "floor", "something else"),
        ("|peak = 0.4", "cos", "something else"),
        ("|cosine", "wave", "only what this text defines"),
        ("1000|", "x", "only what this text defines"),
    ],
)
def test_names_that_cannot_be_given(mark: str, name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        lrdsl.analyze(TEXT).rename(offset(mark), name)


def test_symbols() -> None:
    found = [(symbol.keyword, symbol.name) for symbol in lrdsl.analyze(TEXT).symbols]
    assert found == [
        ("param", "peak"), ("let", "floor"), ("def", "up"), ("shape", "ramp"),
        ("target", 'lr["layers.{i}.*"]'), ("target", "momentum"),
    ]  # fmt: skip

"""Schedules in config files: which are found, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lrdsl import LrsError, files
from lrdsl.configs import config_file
from lrdsl.configs.find import Entry, find
from lrdsl.configs.keys import Keys
from lrdsl.configs.lookup import lookup
from lrdsl.text.source import Source, Span, unmarked


def found(text: str, *keys: str, name: str = "a.yaml") -> list[Entry]:
    return find(config_file.read(unmarked(name, text)), Keys(keys))[0]


def texts(text: str, *keys: str, name: str = "a.yaml") -> list[str]:
    return [one.scalar.text for one in found(text, *keys, name=name)]


TREE = """
optimizer: {schedule: one, lr: 0.1}
models:
  - {schedule: two}
  - {schedule: three, inner: {schedule: four}}
schedule: five
a.b: {schedule: six}
"""


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (["optimizer.schedule"], "one"),
        (["schedule"], "five"),
        (["*.schedule"], "one six"),
        (["opt*.schedule"], "one"),
        (["models.*.schedule"], "two three"),
        (["models.1.schedule"], "three"),
        (["models.[01].schedule"], "two three"),
        (["models.?.inner.s*"], "four"),
        (["**.schedule"], "one two three four five six"),
        (["models.**.schedule"], "two three four"),
        (["**.inner.**"], "four"),
        (["schedule", "optimizer.*"], "one 0.1 five"),
        (["Schedule", "optimizer", "schedule.x", "models.*"], ""),
        (["a?b.schedule"], "six"),
        ([], ""),
    ],
)
def test_keys(keys: list[str], wanted: str) -> None:
    assert texts(TREE, *keys) == wanted.split()


# The same in three formats, with a place to look at: the text after the arrow.
SAME: dict[str, str] = {
    "a.yaml": 'ä: "→"\no:\n  - {x: 1}\n  - s: "warm >> →here"\n    r: "b.lrs"\n',
    "a.toml": '"ä" = "→"\n[[o]]\nx = 1\n[[o]]\ns = "warm >> →here"\nr = \'b.lrs\'\n',
    "a.json": '{"ä": "→", "o": [{"x": 1},\n\t{"s": "warm >> →here", "r": "b.lrs"}]}',
}


@pytest.mark.parametrize("name", SAME)
def test_every_format_is_the_same_tree(name: str) -> None:
    text = SAME[name]
    first, second = found(text, "o.1.s", name=name)
    assert (first.scalar.text, first.is_path) == ("warm >> →here", False)
    assert (second.scalar.text, second.is_path) == ("b.lrs", True)
    assert first.scalar.span.text == '"warm >> →here"'
    embedded = first.scalar.embedded()
    line, column, end_line, end_column = Span(embedded, 9, 13).place
    shown = embedded.line(line)
    assert (line, shown[column - 1 : end_column - 1]) == (end_line, "here")
    assert shown == text.splitlines()[line - 1]


@pytest.mark.parametrize("name", SAME)
def test_a_string_with_an_escape_is_at_one_place(name: str) -> None:
    text = SAME[name].replace("warm", "wa\\u0072m")
    (first, _) = found(text, "o.1.s", name=name)
    assert first.scalar.text == "warm >> →here"
    assert first.scalar.span.text == '"wa\\u0072m >> →here"'
    embedded = first.scalar.embedded()
    assert Span(embedded, 9, 13).place == Span(embedded, 2, 3).place == first.scalar.span.place


def test_the_formats_are_those_that_the_command_line_looks_for() -> None:
    for suffix in files.CONFIGS:
        assert config_file.modules(f"a{suffix}")
        assert texts("{}" if suffix == ".json" else "", name=f"a{suffix}") == []


TOML = """
top.schedule = "one"  # a comment
# another
[optimizer]  # of the table
schedule = \"\"\"
two\"\"\"
"quoted key".schedule = 'three'
[a.b]
c = {schedule = "four", d.schedule = "five"}
[[runs]]
schedule = "six"
[runs.sub]
schedule = "seven"#
[[runs]] # of the item
list = [ # first
  "eight", # comment
  # and one
  {schedule = "nine"} # last
] # of the list
"""


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("top.schedule", "one"),
        ("optimizer.schedule", "two"),
        ("optimizer.quoted key.schedule", "three"),
        ("a.b.c.schedule", "four"),
        ("a.b.c.d.schedule", "five"),
        ("runs.0.schedule", "six"),
        ("runs.0.sub.schedule", "seven"),
        ("runs.1.list.0", "eight"),
        ("runs.1.list.1.schedule", "nine"),
    ],
)
def test_toml_tables(key: str, wanted: str) -> None:
    assert texts(TOML, key, name="a.toml") == [wanted]
    scalar = lookup(config_file.read(Source("a.toml", TOML)), key)
    assert scalar is not None
    assert scalar.text == wanted


def test_tags_and_paths_need_no_key() -> None:
    text = "a: !lrs const(5)\nb: !lrs |\n  const\nc: x/y.lrs\nd: const\ne: [!lrs 0.3]\n"
    assert texts(text) == ["const(5)", "const\n", "x/y.lrs", "0.3"]


@pytest.mark.parametrize("text", ["'*.lrs'", ".lrs", "'\\.lrs'", "a.lrs b", "x >> y.lrs"])
def test_what_is_no_path(text: str) -> None:
    assert texts(f"files: {text}") == []


@pytest.mark.parametrize(
    "text", ["!lrs warm", "!lrs  'warm'", "&a !lrs warm", "!lrs &a\n  warm", "!lrs # c\n  warm"]
)
def test_a_place_is_that_of_the_text_and_not_of_its_tag(text: str) -> None:
    (one,) = found(f"k: {text}\n")
    embedded = one.scalar.embedded()
    assert embedded.text == "warm"
    assert embedded.host.text[embedded.starts[0] :].startswith("warm")


def test_aliases_and_merges() -> None:
    text = "base: &b {schedule: one}\nopt: *b\nother:\n  <<: *b\nmany:\n  <<: [*b, {lr: two}]\n"
    assert texts(text, "opt.schedule") == ["one"]
    assert texts(text, "other.schedule") == ["one"]
    assert texts(text, "many.*") == ["one", "two"]
    assert texts(text, "**.schedule") == ["one"]
    roots = config_file.read(Source("a.yaml", text))
    for key, wanted in (("other.schedule", "one"), ("many.lr", "two"), ("many.schedule", "one")):
        scalar = lookup(roots, key)
        assert scalar is not None
        assert scalar.text == wanted


def test_aliases_that_never_end() -> None:
    assert texts("a: &a\n  schedule: one\n  again: *a\n", "**.schedule") == ["one"]
    assert lookup(config_file.read(Source("a.yaml", "a: &a [*a]")), "a.0.0.0") is None


def test_aliases_that_multiply() -> None:
    rows = ["a0: &a0 {schedule: one}"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert texts("\n".join(rows), "**.schedule") == ["one"]


def test_several_documents() -> None:
    assert texts("schedule: one\n---\nschedule: two\n...\n", "schedule") == ["one", "two"]
    assert texts("# nothing\n", "schedule") == []


def test_numbers_are_found_and_nulls_are_not() -> None:
    text = "{a: 0.1, b: null, c: true, d: {}, e: [], f: 3, g: ''}"
    assert texts(text, "*") == ["0.1", "3", ""]


def test_every_number_of_json() -> None:
    text = (
        '{"a": [1e+16, 2E+5, -0.5e-3, NaN, -Infinity], "b": "1e+16 NaN \\" Infinity", "s": "one"}'
    )
    assert texts(text, "a.*", name="a.json") == ["1e+16", "2E+5", "-0.5e-3", "NaN", "-Infinity"]
    assert texts(text, "[bs]", name="a.json") == ['1e+16 NaN " Infinity', "one"]


def test_a_mark_of_byte_order_is_no_part_of_a_config(tmp_path: Path) -> None:
    for name, text in (("a.json", '{"s": "one"}'), ("a.yaml", "s: one"), ("a.toml", "s = 'one'")):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
        (one,) = found(files.read(tmp_path / name), "s", name=name)
        assert (one.text, one.scalar.span.place[:2]) == (
            "one",
            (1, text.index("one") + 1 - (name != "a.yaml")),
        )


@pytest.mark.parametrize(
    ("name", "text", "line", "column"),
    [
        ("a.yaml", "a: b\nc: [1\nd: 2", 3, 2),
        ("a.yaml", "a: b: c", 1, 5),
        ("a.yaml", "a: \x01", 1, 4),
        ("a.yml", "a: *b", 1, 4),
        ("a.toml", 'a = 1\r\nb = "x\n', 2, 7),
        ("a.toml", "a = ", 1, 5),
        ("a.toml", "a = [", 1, 6),
        ("a.json", '{"a": 1,\n "b" 2}', 2, 6),
        ("a.json", '{"a": "x\ny"}', 1, 9),
        ("a.json", "", 1, 1),
    ],
)
def test_what_is_not_well_formed(name: str, text: str, line: int, column: int) -> None:
    with pytest.raises(LrsError) as caught:
        config_file.read(unmarked(name, text))
    (found,) = caught.value.diagnostics
    assert (found.slug, found.line, found.column) == ("host-syntax", line, column)
    assert str(caught.value)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.json", lambda n: "[" * n + "]" * n),
        ("a.yaml", lambda n: "[" * n + "]" * n),
        ("a.toml", lambda n: "a = " + "[" * n + "]" * n),
    ],
)
def test_what_is_nested_too_deeply(name: str, make: Callable[[int], str]) -> None:
    with pytest.raises(LrsError) as caught:
        config_file.read(Source(name, make(100_000)))
    assert [d.slug for d in caught.value.diagnostics] == ["host-syntax"]


@pytest.mark.parametrize(
    ("key", "text", "worth"),
    [
        ("a.schedule", "schedule: 1", True), ("a.schedule", "a: 1", False),
        ("a.sched*_x", "schedule_x", True), ("a.sched*_x", "x", False),
        ("a.*", "anything", True), ("a.[st]chedule", "chedule", True), ("b", "x.lrs", True),
        ("b", "!lrs x", True), ("**", "x", True),
    ],
)  # fmt: skip
def test_a_glance_tells_what_is_not_worth_reading(key: str, text: str, worth: bool) -> None:
    assert Keys([key]).worth_reading(text) is worth

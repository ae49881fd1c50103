"""Captures in selectors: which numbers they take from a name, and what they may be called."""

from __future__ import annotations

import pickle
import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.check.captures import captured


def numbers(pattern: str, name: str) -> tuple[int, ...] | None:
    names = tuple(dict.fromkeys(re.findall(r"\{(\w+)\}", pattern.replace("{{", ""))))
    return captured(pattern, names, name)


def refused(text: str, *groups: str) -> list[tuple[str, str]]:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).for_groups(groups)
    return [(d.slug, d.span.text) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("layers.{i}.*", "layers.3.weight", (3,)),
        ("layers.{i}.*", "layers.003.weight", (3,)),
        ("layers.{i}.*", "layers.x.weight", None),
        ("layers.{i}.*", "layers..weight", None),
        ("layers.{i}.*", "other.3.weight", None),
        ("*{i}", "layer12", (12,)),
        ("*1{i}", "layer12", None),
        ("{i}?", "12", None),
        ("{i}*", "12", (12,)),
        ("{i}", "0", (0,)),
        ("{i}", "000", (0,)),
        ("{i}", "-3", None),
        ("*{i}*", "a1b22", (1,)),
        ("*{i}", "a1b22", (22,)),
        ("{i}.{j}", "4.5", (4, 5)),
        ("{i}{j}", "45", None),
        ("a{i}b{i}", "a7b07", (7,)),
        ("a{i}b{i}", "a7b8", None),
        ("a{i}b{j}c{i}", "a1b2c1", (1, 2)),
        ("{{{i}}}", "{5}", (5,)),
        ("[ab]{i}", "b9", (9,)),
        ("[!ab]{i}", "b9", None),
        ("stage?.block{i}", "stage2.block11", (11,)),
        ("{i}", "٣", None),
        ("{i}", "9007199254740992", (2**53,)),
        ("{i}", "9007199254740993", None),
        ("{i}", "9" * 10_000, None),
        ("*", "3", ()),
    ],
)
def test_the_numbers_of_a_name(pattern: str, name: str, found: tuple[int, ...] | None) -> None:
    assert numbers(pattern, name) == found


letters = st.text("ab1?*", max_size=6)


@given(letters, letters, st.integers(0, 30), letters, letters)
def test_a_capture_is_a_whole_run_of_digits_in_a_name_that_the_pattern_fits(
    before: str, after: str, number: int, left: str, right: str
) -> None:
    # A slow reading: try every whole run of digits, and match the rest by fnmatch.
    name = left.replace("*", ".").replace("?", ".") + str(number) + right.replace("*", ".")
    runs = list(re.finditer("[0-9]+", name))
    fits = [
        int(run[0])
        for run in runs
        if fnmatchcase(name[: run.start()], before) and fnmatchcase(name[run.end() :], after)
    ]
    found = numbers(before + "{i}" + after, name)
    assert found == ((fits[0],) if fits else None)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*{a}" * 20 + "x", "1." * 50_000),
        ("*a" * 90 + "{i}", "a" * 50_000),
        ("{i}*" * 30 + "x", "12 " * 50_000),
    ],
)
@pytest.mark.timeout(20)
def test_a_hostile_name_is_read_once(pattern: str, name: str) -> None:
    assert numbers(pattern, name) is None


class TestStatements:
    TEXT = 'lr["layers.{i}.*"]: base * 0.5 ^ (2 - i)'

    def test_a_program_lists_the_statement_as_it_is_written(self) -> None:
        assert lrdsl.parse(self.TEXT).targets == ('lr["layers.{i}.*"]',)
        assert lrdsl.parse(self.TEXT).for_groups(["layers.1.w"]).targets == ('lr["layers.{i}.*"]',)

    def test_there_is_a_schedule_for_each_set_of_numbers(self) -> None:
        names = ["layers.2.w", "layers.0.w", "layers.0.b", "head"]
        resolved = lrdsl.parse(self.TEXT).for_groups(names).resolve_all()
        found = {label: schedule(7, base=1.0) for label, schedule in resolved.items()}
        assert found == {'lr["layers.{i=0}.*"]': 0.25, 'lr["layers.{i=2}.*"]': 1.0}

    def test_without_groups_it_is_resolved_for_0_and_1(self) -> None:
        resolved = lrdsl.parse(self.TEXT).resolve_all()
        found = [schedule(0, base=1.0) for schedule in resolved.values()]
        assert (list(resolved), found) == (
            ['lr["layers.{i=0}.*"]', 'lr["layers.{i=1}.*"]'],
            [0.25, 0.5],
        )

    def test_one_of_them_is_resolved_by_its_label(self) -> None:
        program = lrdsl.parse(self.TEXT).for_groups(["layers.2.w"])
        assert program.resolve()(0, base=0.3) == 0.3
        assert program.resolve(target='lr["layers.{i=2}.*"]')(0, base=0.3) == 0.3
        with pytest.raises(ValueError, match=r"target is one of lr\[\"layers.\{i=2\}"):
            program.resolve(target='lr["layers.{i}.*"]')

    def test_a_program_for_groups_is_a_value(self) -> None:
        program = lrdsl.parse(self.TEXT)
        bound = program.for_groups(["layers.2.w"])
        assert bound != program
        assert (
            bound
            == program.for_groups(["head", "layers.2.w"])
            == bound.for_groups(bound.groups or ())
        )
        assert pickle.loads(pickle.dumps(bound.resolve_all())) == bound.resolve_all()

    def test_groups_make_no_difference_to_a_program_without_captures(self) -> None:
        program = lrdsl.parse('lr["layers.{{i}}"]: const')
        assert program.for_groups(["a"]) is program

    def test_numbers_stand_in_lengths_guards_and_times(self) -> None:
        text = 'lr["l{i}"]: repeat(const(i * 2st, base / i), i + 1)'
        schedule = lrdsl.parse(text).for_groups(["l3"]).resolve()
        assert (schedule.length, schedule(0, base=3.0)) == (24, 1.0)

    def test_a_definition_takes_the_number_as_an_argument(self) -> None:
        text = 'def share(n) = base * 0.5 ^ n  lr["l{i}"]: share(i)'
        assert lrdsl.parse(text).for_groups(["l2"]).resolve()(0) == 0.25

    def test_a_let_does_not_see_it(self) -> None:
        assert refused('let share = base * i  lr["l{i}"]: share') == [("unknown-name", "i")]

    @pytest.mark.parametrize(
        ("text", "slug", "place"),
        [
            ('let i = 1  lr["l{i}"]: const', "repeated-definition", 'lr["l{i}"]'),
            ('def i(n) = n  lr["l{i}"]: const', "repeated-definition", 'lr["l{i}"]'),
            ('lr["l{cosine}"]: const', "repeated-definition", 'lr["l{cosine}"]'),
            ('lr["l{max}"]: const', "repeated-definition", 'lr["l{max}"]'),
            ('lr["l{base}"]: const', "reserved-name", 'lr["l{base}"]'),
            ('lr["l{t}"]: const', "reserved-name", 'lr["l{t}"]'),
            ('lr["l{i"]: const', "bad-selector", "{"),
            ('lr["l}"]: const', "bad-selector", "}"),
            ('lr["l{}"]: const', "bad-selector", "{}"),
            ('lr["l{2}"]: const', "bad-selector", "{2}"),
            ('lr["l[{i}]"]: const', "bad-selector", "{i}"),
            ('lr["l", optionl]: const', "bad-selector", "optionl"),
            ('lr["l{i}"]: const  lr["l{i}"]: const', "repeated-target", 'lr["l{i}"]'),
        ],
    )
    def test_what_is_refused(self, text: str, slug: str, place: str) -> None:
        assert (slug, place) in refused(text)

    def test_without_groups_only_errors_of_both_samples_count(self) -> None:
        lrdsl.parse('lr["l{i}"]: repeat(cosine(10), i)')  # no cycles for 0
        lrdsl.parse('lr["l{i}"]: const(value = base / i)')
        assert refused('lr["l{i}"]: repeat(cosine(10), i - 5)') == [("guard", "i - 5")]
        assert refused('lr["l{i}"]: const(value = nothing)') == [("unknown-name", "nothing")]

    def test_with_groups_an_error_of_one_counts_and_says_of_which(self) -> None:
        program = lrdsl.parse('lr["l{i}"]: repeat(cosine(10), i)')
        with pytest.raises(lrdsl.LrsError, match="where `i` is 0"):
            program.for_groups(["l0", "l1"])

    def test_there_is_a_limit(self) -> None:
        program = lrdsl.parse('lr["l{i}"]: const * 1')
        assert len(program.for_groups([f"l{n}" for n in range(1000)]).resolve_all()) == 1000
        assert refused('lr["l{i}"]: const', *[f"l{n}" for n in range(1001)]) == [
            ("too-many-parts", 'lr["l{i}"]')
        ]

    def test_each_has_a_meter_of_its_own(self) -> None:
        text = 'lr["l{i}"]: const * plateau(0.5, patience = i + 1)'
        resolved = lrdsl.parse(text).for_groups(["l2", "l5"]).resolve_all()
        assert [(m.name, m.wait) for m in resolved.meters] == [
            ("plateau@1{i=2}", 4.0),
            ("plateau@1{i=5}", 7.0),
        ]

    def test_the_canonical_text_keeps_braces_and_options(self) -> None:
        text = 'lr["a{i}{{b}}" ,optional ] :  const'
        assert str(lrdsl.parse(text)) == 'lr["a{i}{{b}}", optional]: const'
        assert str(lrdsl.parse("lr[0,optional]: 1")) == "lr[0, optional]: 1"

"""What compile says of programs that are allowed and probably not meant."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from torch.optim import SGD, AdamW, Optimizer

import lrdsl
from lrdsl.diagnostics.fix import apply
from lrdsl.frameworks.torch.findings import VARIABLE
from tests.diagnostics.examples import findings, read_run
from tests.frameworks.torch.driving import optimizer, parameter

pytestmark = pytest.mark.usefixtures("linted")

# Programs that trained nonsense without a word, with the run and what is found in them, by an
# optimizer with a rate of 1e-3. Of the last column `check` cannot know: it has no optimizer.
NONSENSE: list[tuple[str, str, str, bool]] = [
    ("warmup(5, 0.1) >> cosine(20)", "", "falling-warmup", False),
    ("warmup(5, 1e-3) >> cosine(20)", "", "falling-warmup", False),
    ("warmup(5, 0.4, 0.1) >> cosine(20, 0.1)", "", "falling-warmup", True),
    ("repeat(warmup(5, 0.4, 0.1) >> cosine(20, 0.1), 2)", "", "falling-warmup", True),
    ("warmup(10) >> cosine(90, 300)", "", "high-rate", True),
    ("wsd(2000, 80000, 10000)", "total=112590", "high-rate", True),
    ("warmup(10) >> cosine(90, 1)", "", "high-rate", False),
    ("warmup(10) >> cosine(90, 0.6)", "", "high-rate", False),
    ("warmup(10) >> cosine(90, 1000 * base)", "", "high-rate", True),
    ("1e-3 * (warmup(10) >> cosine(90))", "", "low-rate", True),
    ("(warmup(10) >> cosine(90)) * 1e-3", "", "low-rate", True),
    ("(warmup(10) >> cosine(90)) / 1000", "", "low-rate", True),
    ("multistep([30, 60, 80])", "total=112590", "early-changes", True),
    ("stairs([30, 60], [0.1, 0.01, 0.001])", "total=112590", "early-changes", True),
    ("step(30)", "total=112590", "early-changes", True),
    ("exponential(0.95)", "total=112590", "early-changes", True),
    ("max(exponential(0.95), base / 100)", "total=112590", "early-changes", True),
    ("max(exponential(0.95), 1e-5)", "total=112590", "early-changes", False),
    ("warmup(5) >> multistep([30, 60, 80])", "total=112590", "early-changes", True),
    (
        "(warmup(5) >> const) * multistep([30, 60, 80], start = 1)",
        "total=112590",
        "early-changes",
        True,
    ),
    ("restarts(10)", "total=112590", "short-cycles", True),
    ("triangular(10, 0.01, 0.1)", "total=112600", "short-cycles", True),
    ("multistep([30, 60, 90])", "total=60", "late-milestones", True),
    ("stairs([30, 60, 90], [0.1, 0.01, 1e-3, 1e-4])", "total=60", "late-milestones", True),
    ("step(100)", "total=60", "late-milestones", True),
    ("warmup(5) >> multistep([10, 60])", "total=60", "late-milestones", True),
    ("multistep([30, 60], length = 40) >> const", "", "late-milestones", True),
    ("warmup(5) + cosine(20)", "", "sum-of-rates", True),
    ("max(warmup(5) + cosine(20), 1e-5)", "", "sum-of-rates", True),
    (
        "linear(3, base * 0.4, base) * multistep([4, 8], start = 1) >> const",
        "",
        "cut-side",
        True,
    ),
    (
        "multistep([4, 8], start = 1) * linear(3, base * 0.4, base) >> const",
        "",
        "cut-side",
        True,
    ),
    ("linear(3, base * 0.4, base) * multistep([4, 8], start = 1)", "total=100", "cut-side", True),
    ("warmup(5, 0, 0.1) * exponential(0.99, start = 1) >> const", "", "cut-side", True),
    ("warmup(5, 0, 0.1) * step(30, start = 1)", "total=100", "cut-side", True),
    ("repeat(warmup(5) >> cosine(45), 2)", "", "repeated-warmup", True),
    ("1e-1 * repeat(warmup(5) >> cosine(45))", "total=100", "repeated-warmup", True),
    ("power_law(100, 0.5)", "", "growing-decay", True),
    ("exponential(1.05)", "total=100", "growing-decay", True),
    ("natural_exponential(-0.1)", "total=100", "growing-decay", True),
    ("step(30, 1.1)", "total=90", "growing-decay", True),
    ("const(10) >> cooldown(10, base / 2, base)", "", "growing-decay", True),
    ("cosine(200)", "total=78200", "zero-rest", True),
]  # fmt: skip


def driven(rate: float = 1e-3) -> Optimizer:
    return SGD([parameter()], lr=rate)


def given(text: str, held: Optimizer, **options: Any) -> list[lrdsl.Diagnostic]:
    """The findings that compile warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lrdsl.compile(text, held, **options)
    assert [w.filename for w in caught] == [__file__] * len(caught)
    found = []
    for warning in caught:
        assert isinstance(warning.message, lrdsl.LrsWarning)
        found.append(warning.message.diagnostic)
    return found


@pytest.mark.parametrize(("text", "run", "slug", "_"), NONSENSE)
def test_nonsense_is_found(text: str, run: str, slug: str, _: bool) -> None:
    found = given(text, driven(), **read_run(run))
    assert slug in [d.slug for d in found]


@pytest.mark.parametrize(("text", "run", "slug", "in_check"), NONSENSE)
def test_nonsense_is_found_by_check_too_where_no_optimizer_is_needed(
    text: str, run: str, slug: str, in_check: bool
) -> None:
    assert (slug in [d.slug for d in findings(text, read_run(run))]) == in_check


@pytest.mark.parametrize(("text", "run", "slug", "in_check"), NONSENSE)
def test_compile_says_all_that_check_says(text: str, run: str, slug: str, in_check: bool) -> None:
    checked = findings(text, read_run(run), name="<string>")
    found = given(text, driven(), **read_run(run))
    assert {(d.slug, d.message) for d in checked} <= {(d.slug, d.message) for d in found}


def test_a_finding_has_its_code_its_place_and_a_way_out() -> None:
    with pytest.warns(lrdsl.LrsWarning) as caught:
        lrdsl.compile("warmup(5, 0.1) >> cosine(20)", driven())
    (warning,) = caught
    assert str(warning.message) == (
        "[LRS616 falling-warmup] the warm-up falls, from 0.1 to 0.001 (<string>:1:1)\n"
        "help: its `start` is a rate: leave it out to start at 0, or write a share of the rate that"
        " it leads to, as in `start = next / 10`\n"
        "more: lrdsl explain LRS616"
    )


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("cosine(200, 1e-6)", 1e-3),  # torch's default, which nobody chose
        ("cosine(200, 2e-4)", 0.1),
        ("cosine(200, start = 1e-4)", 0.1),
        ("cosine(200, 1e-4, 0)", 0.1),
        ("param peak = 1e-4  cosine(200, peak)", 0.1),
        ("cosine(100, base) >> cosine(100, 1e-5)  # lrs: ignore[jump]", 0.1),
        ('lr["head"]: cosine(200, 1e-4)', 0.1),
    ],
)
def test_a_low_start_that_may_be_meant(text: str, rate: float) -> None:
    held = SGD([{"params": [parameter()], "name": "head"}], lr=rate)
    assert given(text, held) == []


def test_the_end_of_a_decay_that_was_given_as_its_start() -> None:
    (found,) = given("cosine(200, 1e-4)", driven(0.1))
    assert (found.slug, found.span.text) == ("low-rate", "cosine(200, 1e-4)")
    assert found.message == (
        "the rate never gets above 1e-4, one 1,000th of the 0.1 that the optimizer was built with"
    )
    (own,) = found.fixes
    assert apply("cosine(200, 1e-4)", [own]) == "cosine(200, end = 1e-4)"


def test_a_ratio_is_told() -> None:
    (found,) = given("warmup(10) >> cosine(90, 1)", driven())
    assert found.message == (
        "the rate goes up to 1, 1,000 times the 0.001 that the optimizer was built with"
    )


@pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
def test_each_scheduler_is_told_once(scheduler: Any) -> None:
    text = "warmup(5, 0.4, 0.1) >> cosine(20, 0.1)"
    assert [d.slug for d in given(text, driven(), scheduler=scheduler)] == ["falling-warmup"]
    assert given(text, driven(), scheduler=scheduler) == []


def test_what_was_looked_at_is_not_looked_at_again() -> None:
    resolved = lrdsl.parse("warmup(10) >> cosine(90, 1)").resolve_all()
    lrdsl.compile("warmup(10) >> cosine(90, 1)", driven(), lint="off")
    assert resolved.findings == {}
    assert len(given("warmup(10) >> cosine(90, 1)", driven())) == 1
    (first,) = resolved.findings.values()
    lrdsl.compile("warmup(10) >> cosine(90, 1)", driven())
    assert list(resolved.findings.values()) == [first]
    assert resolved.findings[((1e-3, "group 0"),)] is first
    lrdsl.compile("warmup(10) >> cosine(90, 1)", driven(0.5))
    assert resolved.findings[((0.5, "group 0"),)] == ()


def test_a_sweep_over_rates_looks_at_shares_of_them_once() -> None:
    text = "warmup(5) + cosine(23)"
    assert [len(given(text, driven(10.0**-n))) for n in range(1, 5)] == [1, 0, 0, 0]
    assert len(lrdsl.parse(text).resolve_all().findings) == 1


def test_a_file_that_is_read_again_is_not_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "again.lrs"
    path.write_text("warmup(10) >> cosine(90, 7)", "utf-8")
    programs = [lrdsl.load(path) for _ in range(2)]
    assert len(given(programs[0], driven())) == 1  # type: ignore[arg-type]
    assert given(programs[1], driven()) == []  # type: ignore[arg-type]
    one, other = (program.resolve_all().findings[((1e-3, "group 0"),)] for program in programs)
    assert one is other


def test_a_sweep_is_told_once() -> None:
    text = "param peak = 1\nwarmup(10) >> cosine(90, peak)"
    found = [d for n in range(5) for d in given(text, driven(), params={"peak": 1.0 + n})]
    assert [d.slug for d in found] == ["high-rate"]


def test_another_run_is_told_what_is_new_in_it() -> None:
    """Once for a code and a place: what the first run was told already is not said again."""
    text = "warmup(5) >> cosine(200)"
    assert given(text, driven(), total=205) == []
    assert [d.slug for d in given(text, driven(), total=78200)] == ["zero-rest"]
    assert [d.slug for d in given(text, driven(), total=100)] == ["unreached-end"]
    assert given(text, driven(), total=78300) == given(text, driven(), total=101) == []


def test_another_optimizer_is_another_question() -> None:
    text = "warmup(5, 0.1) >> cosine(20)"
    assert given(text, driven(0.5)) == []
    assert [d.slug for d in given(text, driven(0.01))] == ["falling-warmup"]


def test_of_several_groups_the_lowest_and_the_highest_rate_are_looked_at() -> None:
    text = "warmup(5, 0.1) >> cosine(20)"
    assert [d.slug for d in given(text, optimizer(0.5, 0.01))] == ["falling-warmup"]


def test_only_the_first_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    assert given("warmup(5) + cosine(20)", driven()) == []


def test_a_finding_that_is_meant_is_not_told() -> None:
    text = "repeat(warmup(5) >> cosine(45), 2)  # lrs: ignore[repeated-warmup] merged weights"
    assert given(text, driven()) == []


def test_a_number_of_the_optimizers_own_may_have_any_name() -> None:
    held = SGD([{"params": [parameter()], "wd": 0.1}], lr=0.1)
    assert given("lr: const  wd: linear(100)", held) == []


class TestErrors:
    def test_they_are_raised_each_time_and_nothing_has_changed(self) -> None:
        held = AdamW([parameter()], lr=1e-3)
        before = {k: v for k, v in held.param_groups[0].items() if k != "params"}
        for _ in range(2):
            with pytest.raises(lrdsl.LrsError, match="LRS617") as caught:
                lrdsl.compile("warmup(10) >> cosine(90, 300)", held, lint="error")
            assert [d.severity for d in caught.value.diagnostics] == ["error"]
        assert {k: v for k, v in held.param_groups[0].items() if k != "params"} == before

    def test_a_good_program_is_compiled(self) -> None:
        scheduler = lrdsl.compile("warmup(10) >> cosine(90, 0.3)", driven(0.3), lint="error")
        assert scheduler.last_epoch == 0

    def test_groups_that_differ_are_one(self) -> None:
        with pytest.raises(lrdsl.LrsError, match="LRS613"):
            lrdsl.compile("cosine(20, 0.3)", optimizer(0.1, 0.2), lint="error")

    def test_what_does_not_fit_the_optimizer_is_said_instead(self) -> None:
        with pytest.raises(lrdsl.LrsError) as caught:
            lrdsl.compile("lr: warmup(5) + cosine(20)  zz: const", driven(), lint="error")
        assert [d.slug for d in caught.value.diagnostics] == ["unknown-hyperparameter"]

    def test_what_is_no_optimizer_is_said_to_be_none(self) -> None:
        with pytest.raises(TypeError, match="object is not an Optimizer"):
            lrdsl.compile("const", object(), lint="error")  # type: ignore[call-overload]


class TestWhoDecides:
    TEXT = "warmup(5) + cosine(20)"

    @pytest.mark.parametrize("word", ["warn", "error", "off"])
    def test_the_environment(self, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, word)
        if word == "error":
            with pytest.raises(lrdsl.LrsError, match="LRS622"):
                lrdsl.compile(self.TEXT, driven())
        else:
            assert len(given(self.TEXT, driven())) == (word == "warn")

    def test_the_argument_before_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "error")
        assert given(self.TEXT, driven(), lint="off") == []
        assert len(given(self.TEXT, driven(), lint="warn")) == 1

    def test_another_word_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(ValueError, match="lint is one of warn, error, off, not 'on'"):
            lrdsl.compile(self.TEXT, driven(), lint="on")  # type: ignore[call-overload]
        monkeypatch.setenv(VARIABLE, "0")
        with pytest.raises(ValueError, match="LRDSL_LINT is one of warn, error, off, not '0'"):
            lrdsl.compile(self.TEXT, driven())

    def test_a_filter_of_python(self) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\[LRS622", lrdsl.LrsWarning)
            lrdsl.compile(self.TEXT, driven())


# What needs an optimizer to be found: the text, the rates of its groups, the words of the help that
# are followed, and both after that.
FOLLOWED: list[tuple[str, tuple[float, ...], str, str, tuple[float, ...]]] = [
    ("warmup(5, 0.1) >> cosine(20)", (1e-3,), "leave it out", "warmup(5) >> cosine(20)", (1e-3,)),
    (
        "warmup(5, 0.1) >> cosine(20)",
        (1e-3,),
        "`start = next / 10`",
        "warmup(5, start = next / 10) >> cosine(20)",
        (1e-3,),
    ),
    (
        "warmup(9) >> cosine(90, 1)",
        (1e-3,),
        "write `base`",
        "warmup(9) >> cosine(90, base)",
        (1e-3,),
    ),
    (
        "warmup(9) >> cosine(90, 1)",
        (1e-3,),
        "build the optimizer with the rate",
        "warmup(9) >> cosine(90, 1)",
        (1.0,),
    ),
    ("cosine(9, 1e-4)", (0.1,), "write `end = 1e-4`", "cosine(9, end = 1e-4)", (0.1,)),
    (
        "warmup(5) >> linear(95, 3e-7)",
        (3e-4,),
        "write `end = 3e-7`",
        "warmup(5) >> linear(95, end = 3e-7)",
        (3e-4,),
    ),
    (
        "cosine(90, 0.3)",
        (0.3, 0.1),
        "write `base` for a group's own rate",
        "cosine(90, base)",
        (0.3, 0.1),
    ),
    (
        "cosine(90, 0.3)",
        (0.3, 0.1),
        'select groups, as in `lr["head"]:` or `lr[0]:`',
        "lr[0]: cosine(90, 0.3)  lr: cosine(90, 0.1)",
        (0.3, 0.1),
    ),
    (
        "cosine(90, 0.3)",
        (0.3, 0.1),
        "build the optimizer with equal values",
        "cosine(90, 0.3)",
        (0.3, 0.3),
    ),
]


@pytest.mark.parametrize(("text", "bases", "words", "mended", "after"), FOLLOWED)
def test_the_help_is_followed(
    text: str, bases: tuple[float, ...], words: str, mended: str, after: tuple[float, ...]
) -> None:
    (found,) = given(text, optimizer(*bases))
    assert words in found.help
    assert given(mended, optimizer(*after)) == []

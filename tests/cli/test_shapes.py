from __future__ import annotations

from textwrap import indent

import pytest

from lrdsl.check import library
from lrdsl.check.combinators import NATIVES
from lrdsl.check.elsewhere import here, there
from lrdsl.check.signatures import usage
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.text.nodes import Definition
from tests.cli.conftest import Run

DEFINITIONS = [found for found in map(library.find, library.names()) if found]


def flat(text: str) -> str:
    """A text on one line, as it was before it was broken into several."""
    return " ".join(text.split())


def test_the_list_has_everything_with_its_first_line(run: Run) -> None:
    done = run("shapes")
    for definition in DEFINITIONS:
        line = f"{usage(definition).strip('`')} {definition.doc.splitlines()[0]}"
        assert line in flat(done.stdout)
    for function in FUNCTIONS.values():
        assert f" {function.signature} {function.about}" in flat(done.stdout)
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.parametrize("columns", [60, 80, 100, 200])
def test_the_list_fits_the_terminal(run: Run, columns: int) -> None:
    lines = run("shapes", COLUMNS=str(columns)).stdout.splitlines()
    assert min(columns, 100) - 10 <= max(map(len, lines)) <= min(columns, 100)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_all_but_the_definition_itself_fits_80_columns(run: Run, definition: Definition) -> None:
    shown = run("shapes", definition.name, COLUMNS="80").stdout
    lines = shown.replace(indent(definition.span.text, "  "), "").splitlines()
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_each_is_shown_as_its_own_text_tells_it(run: Run, definition: Definition) -> None:
    done = run("shapes", definition.name)
    head, _, told = done.stdout.partition("\n\n")
    text, _, rest = told.partition("\n\n")
    assert head.startswith(f"{definition.name}(")
    assert all(parameter.name in head for parameter in definition.parameters)
    assert flat(text) == flat(definition.doc)
    defined = f"As it is defined:\n\n{indent(definition.span.text, '  ')}\n"
    assert (defined in rest) == (definition.name not in NATIVES)
    notes = library.notes(definition)
    assert ("Source: " in rest) == (notes.source is not None)
    for other in notes.elsewhere:
        assert flat(f"{other.system}: {there(other)}") in flat(rest)
        assert flat(here(definition, other)) in flat(rest)
    assert ("┤" in rest) == (library.notes(definition).example is not None)
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("ConstantLR", "const"),
        ("constantlr", "const"),
        ("LinearLR", "warmup"),
        ("CosineAnnealingLR", "cosine"),
        ("PolynomialLR", "poly"),
        ("ExponentialLR", "exponential"),
        ("StepLR", "step"),
        ("MultiStepLR", "multistep"),
        ("CosineAnnealingWarmRestarts", "restarts"),
        ("OneCycleLR", "onecycle"),
        ("CyclicLR", "triangular"),
        ("warmup_stable_decay", "wsd"),
        ("TanhLRScheduler", "tanh_decay"),
        ("InverseTimeDecay", "inverse_time"),
        ("SquareRootScheduler", "inverse_sqrt"),
        ("cosine_decay_schedule", "cosine"),
        ("piecewise_constant_schedule", "multistep"),
    ],
)
def test_names_of_other_systems_are_understood(run: Run, theirs: str, ours: str) -> None:
    shown = run("shapes", theirs).stdout
    page = run("shapes", ours).stdout
    assert page and shown.endswith(f"\n\n{page}")
    assert (
        shown.partition("\n")[0].lower().replace("_", "").find(theirs.lower().replace("_", "")) > 0
    )


@pytest.mark.parametrize(
    ("theirs", "written"),
    [
        (
            "get_cosine_schedule_with_warmup",
            "transformers: get_cosine_schedule_with_warmup(num_warmup_steps)\n"
            "    warmup(num_warmup_steps) >> cosine\n",
        ),
        (
            "get_constant_schedule_with_warmup",
            "transformers: get_constant_schedule_with_warmup(num_warmup_steps)\n"
            "    warmup(num_warmup_steps) >> const\n",
        ),
        (
            "CosineAnnealingLR",
            "torch: CosineAnnealingLR(T_max, eta_min)\n    cosine(T_max, end = eta_min)\n",
        ),
        (
            "warmup_cosine_decay_schedule",
            "optax: warmup_cosine_decay_schedule(init_value, peak_value, warmup_steps,\n"
            "        decay_steps, end_value)\n"
            "    warmup(warmup_steps, init_value, peak_value)\n"
            "            >> cosine(decay_steps - warmup_steps, peak_value, end_value)\n",
        ),
        (
            "CyclicLR",
            "torch: CyclicLR(base_lr, max_lr, step_size_up, step_size_down)\n"
            "    triangular(step_size_up, base_lr, max_lr, down = step_size_down)\n"
            "torch: CyclicLR(mode=triangular2, base_lr, max_lr, step_size_up)\n"
            "    triangular2(step_size_up, base_lr, max_lr)\n"
            "torch: CyclicLR(mode=exp_range, base_lr, max_lr, step_size_up, gamma)\n"
            "    exp_range(step_size_up, base_lr, max_lr, gamma)\n",
        ),
        ("poly_decay", "poly_decay is called `poly` here.\n"),
        (
            "LinearWarmupCosineAnnealingLR",
            "LinearWarmupCosineAnnealingLR is a warm-up and then cosine:\n`warmup(…) >> cosine`.\n",
        ),
    ],
)
def test_what_is_written_for_another_name_comes_first(run: Run, theirs: str, written: str) -> None:
    assert run("shapes", theirs, COLUMNS="80").stdout.startswith(f"{written}\n")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("get_linear_schedule_with_warmup", "linear"),
        ("get_cosine_with_hard_restarts_schedule_with_warmup", "cosine_restarts"),
        ("get_cosine_with_min_lr_schedule_with_warmup", "cosine"),
        ("get_polynomial_decay_schedule_with_warmup", "poly"),
        ("get_inverse_sqrt_schedule", "inverse_sqrt"),
        ("get_wsd_schedule", "wsd"),
        ("get_reduce_on_plateau_schedule", "reduce_on_plateau"),
        ("linear_onecycle_schedule", "onecycle"),
        ("WarmupCosineLR", "cosine"),
        ("WarmupCosineSchedule", "cosine"),
        ("CosineAnnealingWithWarmup", "cosine"),
        ("MultiStepWithWarmup", "multistep"),
        ("WarmupMultiStepLR", "multistep"),
        ("LinearWithWarmup", "linear"),
        ("WarmupPolyLR", "poly"),
        ("LinearWarmup", "warmup"),
    ],
)
def test_functions_and_classes_with_a_warmup_are_found(run: Run, theirs: str, ours: str) -> None:
    shown = run("shapes", theirs).stdout
    assert shown.endswith(f"\n\n{run('shapes', ours).stdout}")
    assert theirs in shown.partition("\n")[0]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("cosin", "did you mean cosine?"), ("zzz", "`lrdsl shapes` lists them all")],
)
def test_an_unknown_name_is_misuse(run: Run, name: str, hint: str) -> None:
    done = run("shapes", name)
    wanted = f"lrdsl: there is no shape {name}; {hint}\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", wanted, 2)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SequentialLR", "parts follow each other with `>>`"),
        ("ChainedScheduler", "schedules are multiplied with `*`"),
        ("LambdaLR", "a curve of your own is a `shape`"),
    ],
)
def test_what_needs_no_shape_here_is_said(run: Run, name: str, words: str) -> None:
    done = run("shapes", name)
    assert done.stdout.startswith(f"There is no {name} here: {words}")
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.parametrize("word", ["schedule", "the", "length", "1", "torch"])
def test_words_of_the_documentation_are_no_names(run: Run, word: str) -> None:
    assert run("shapes", word).exit_code == 2

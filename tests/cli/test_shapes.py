from __future__ import annotations

from textwrap import indent

import pytest

from lrdsl.check import library
from lrdsl.check.combinators import NATIVES
from lrdsl.check.elsewhere import here, there
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.text.nodes import Definition
from tests.cli.conftest import Run

DEFINITIONS = [found for found in map(library.find, library.names()) if found]


def test_the_list_has_everything_with_its_first_line(run: Run) -> None:
    done = run("shapes")
    lines = done.stdout.splitlines()
    for definition in DEFINITIONS:
        place = next(i for i, line in enumerate(lines) if line.startswith(f"  {definition.name}("))
        assert lines[place + 1].strip() == definition.doc.splitlines()[0]
    for function in FUNCTIONS.values():
        assert f"  {function.signature} " in done.stdout
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_each_is_shown_as_its_own_text_tells_it(run: Run, definition: Definition) -> None:
    done = run("shapes", definition.name)
    head, _, rest = done.stdout.partition("\n\n")
    assert head.startswith(f"{definition.name}(")
    assert all(parameter.name in head for parameter in definition.parameters)
    assert rest.startswith(f"{definition.doc}\n\n")
    defined = f"As it is defined:\n\n{indent(definition.span.text, '  ')}\n"
    assert (defined in rest) == (definition.name not in NATIVES)
    notes = library.notes(definition)
    assert ("Source: " in rest) == (notes.source is not None)
    for other in notes.elsewhere:
        assert f"  {other.system}: {there(other)}" in rest
        assert f"      {here(definition, other)}\n" in rest
    assert ("┤" in rest) == (library.example(definition) is not None)
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
    assert run("shapes", theirs).stdout == run("shapes", ours).stdout != ""


@pytest.mark.parametrize(
    ("name", "hint"),
    [("cosin", "did you mean cosine?"), ("zzz", "`lrdsl shapes` lists them all")],
)
def test_an_unknown_name_is_misuse(run: Run, name: str, hint: str) -> None:
    done = run("shapes", name)
    wanted = f"lrdsl: there is no shape {name}; {hint}\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", wanted, 2)


@pytest.mark.parametrize("word", ["schedule", "the", "length", "1", "torch"])
def test_words_of_the_documentation_are_no_names(run: Run, word: str) -> None:
    assert run("shapes", word).exit_code == 2

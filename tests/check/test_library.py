"""What the library says of itself: other systems' names, verbs and examples."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.check import library, specialize
from lrdsl.check.library import Counterpart, Notes
from lrdsl.check.signatures import signature
from lrdsl.text.nodes import Call, Definition, Name, Target, walk
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
from tests.library import names_elsewhere


def definition(name: str) -> Definition:
    found = library.find(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("step", ["StepLR", "exponential_decay"]),
        ("noam", ["noam", "NoamAnnealing", "NoamLR"]),
        ("const", ["ConstantLR", "constant", "get_constant_schedule", "constant_schedule"]),
        ("straight", []),
        ("blend", []),
    ],
)
def test_what_other_systems_call_it(name: str, others: list[str]) -> None:
    assert names_elsewhere(definition(name)) == others


@pytest.mark.parametrize("name", library.names())
def test_names_of_other_systems_are_names(name: str) -> None:
    for other in names_elsewhere(definition(name)):
        assert other.replace(".", "_").isidentifier()
        first = library.known_elsewhere_as(other)
        assert first is not None
        assert other in names_elsewhere(definition(first))


def test_names_and_arguments_of_other_systems_lead_to_ours() -> None:
    assert library.known_elsewhere_as("CosineAnnealingLR") == "cosine"
    assert library.known_elsewhere_as("Nothing") is None
    assert library.argument_elsewhere(definition("cosine"), "T_max") == "length"
    assert library.argument_elsewhere(definition("cosine"), "max") is None


@pytest.mark.parametrize(
    ("word", "ours"),
    [("cosineannealinglr", "cosine"), ("STEPLR", "step"), ("WSD", "wsd"), ("Wsd", None)],
)
def test_the_case_of_a_name_matters_least(word: str, ours: str | None) -> None:
    assert library.known_elsewhere_as(word) == ours


def test_a_name_in_its_own_case_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "a": Notes(elsewhere=(Counterpart("x", "decay", {"LR": "low"}),)),
        "const": Notes(elsewhere=(Counterpart("x", "Decay", {"LR": "length", "lr": "value"}),)),
    }
    monkeypatch.setattr(library, "all_notes", lambda: told)
    assert [library.known_elsewhere_as(x) for x in ("decay", "Decay", "DECAY")] == [
        "a",
        "const",
        "a",
    ]
    words = ("LR", "lr", "Lr")
    ours = [library.argument_elsewhere(definition("const"), word) for word in words]
    assert ours == ["length", "value", "length"]


def test_what_is_said_about_a_definition() -> None:
    step = definition("step")
    assert library.notes(step).example == "step(30, length = 100)"
    assert library.verb(step) == "drops at even intervals"
    assert library.notes(definition("cosine")).source is not None


def test_there_are_notes_for_each_definition_and_for_nothing_else() -> None:
    assert list(library.all_notes()) == list(library.names())


COUNTERPARTS = [(name, x) for name, told in library.all_notes().items() for x in told.elsewhere]


@pytest.mark.parametrize("name", library.names())
def test_documentation_is_prose(name: str) -> None:
    """One to four lines of it; what is data stands in prelude.json."""
    lines = definition(name).doc.splitlines()
    assert 1 <= len(lines) <= 4
    assert lines[-1].endswith(".")
    systems = {f"{other.system}:" for _, other in COUNTERPARTS}
    labels = ("Formula:", "Verb:", "Example:", "Source:", *systems)
    assert not [line for line in lines if line.startswith(labels)]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        pytest.param(name, other, id=f"{name}-{other.system}-{other.name}")
        for name, other in COUNTERPARTS
    ],
)
def test_arguments_of_other_systems_go_to_parameters(name: str, other: Counterpart) -> None:
    """And a program uses no names but these, those of the library and the parameters of its own."""
    parameters = {parameter.name for parameter in signature(definition(name))}
    assert {ours for ours in other.arguments.values() if ours is not None} <= parameters
    if other.program is None:
        return
    module, _ = parse_module(Source("test", other.program))
    (program,) = module.statements
    assert not isinstance(program, Definition | Target)
    used = {node.id for node in walk(program) if isinstance(node, Name | Call)}
    assert used <= {*other.arguments, *parameters, *library.names(), "max", "abs", "base"}
    assert set(other.arguments) <= used


def test_what_is_not_the_librarys_has_no_notes() -> None:
    text = "## Verb: climbs.\ndef cosine() = const\ndef own() = const\ncosine() >> own"
    climbs, own, _ = lrdsl.parse(text).module.statements
    assert isinstance(own, Definition)
    assert isinstance(climbs, Definition)
    assert (library.verb(own), library.notes(own).example, names_elsewhere(own)) == (None, None, [])
    assert (library.verb(climbs), library.notes(climbs).example) == ("climbs", None)
    assert library.argument_elsewhere(climbs, "T_max") is None
    assert not library.is_native(own)


def test_the_formulas_that_are_kept_are_those_of_the_library() -> None:
    lrdsl.parse("warmup(5) >> cosine(20)")
    kept = dict(specialize._OF_THE_LIBRARY)
    assert kept
    lrdsl.parse("def f(u) = u\nshape s(length: steps) = u\ns(2) >> warmup(2, ease = f)")
    assert kept == specialize._OF_THE_LIBRARY


# A call of every `def` of the library that has guards, with room for its defaults.
GUARDED = {
    "restarts": "restarts(10, {})",
    "exp_range": "exp_range(up = 5, low = 0.1, high = 0.4, gamma = 0.9, {})",
    "tri_stage": "tri_stage(warmup = 2, hold = 3, decay = 4, {})",
    "plateau": "plateau({})",
    "adaptive": "adaptive(low = 0.01, high = 0.02, {})",
    "stalled": "until(stalled({}), const) >> const",
}


def test_every_definition_with_guards_is_called() -> None:
    found = [definition(name) for name in library.names()]
    assert {one.name for one in found if one.keyword == "def" and one.guards} == set(GUARDED)


@pytest.mark.parametrize("name", GUARDED)
def test_guards_hold_for_defaults(name: str) -> None:
    """They are looked at only in calls with an argument that they depend on."""
    parameters, call = definition(name).parameters, GUARDED[name]
    names = {parameter.name for parameter in parameters}
    defaults = {p.name: p.default.span.text for p in parameters if p.default is not None}
    # A default that is another parameter cannot be written in a call.
    written = [f"{key} = {default}" for key, default in defaults.items() if default not in names]
    short = call.replace(", {}", "").replace("{}", "")
    assert lrdsl.parse(call.format(", ".join(written))).targets == lrdsl.parse(short).targets


@pytest.mark.parametrize(
    "call",
    [
        "plateau(cooldown = 0.5)",
        "plateau(min = 2)",
        "plateau(max = 0.05)",
        "plateau(window = 0)",
        "plateau(0.5, -1)",
        "adaptive(0.2, 0.1)",
    ],
)
def test_a_guard_is_looked_at_if_one_of_its_parameters_is_given(call: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="guard"):
        lrdsl.parse(call)

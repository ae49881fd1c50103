"""What the library says of itself: other systems' names, verbs and examples."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.check import library, specialize
from lrdsl.text.nodes import Definition


def definition(name: str) -> Definition:
    found = library.find(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("step", ["StepLR", "exponential_decay"]),
        ("noam", ["noam", "NoamAnnealing", "NoamLR"]),
        ("const", ["ConstantLR", "constant", "constant_schedule"]),
        ("straight", []),
        ("blend", []),
    ],
)
def test_what_other_systems_call_it(name: str, others: list[str]) -> None:
    assert library.elsewhere(definition(name)) == others


@pytest.mark.parametrize("name", library.names())
def test_names_of_other_systems_are_names(name: str) -> None:
    for other in library.elsewhere(definition(name)):
        assert other.replace(".", "_").isidentifier()
        first = library.known_elsewhere_as(other)
        assert first is not None
        assert other in library.elsewhere(definition(first))


def test_names_and_arguments_of_other_systems_lead_to_ours() -> None:
    assert library.known_elsewhere_as("CosineAnnealingLR") == "cosine"
    assert library.known_elsewhere_as("Nothing") is None
    assert library.argument_elsewhere(definition("cosine"), "T_max") == "length"
    assert library.argument_elsewhere(definition("cosine"), "max") is None


def test_what_its_documentation_says() -> None:
    step = definition("step")
    assert library.example(step) == "step(30, length = 100)"
    assert library.verb(step) is not None
    assert "Verb:" in step.doc
    assert "Verb:" not in library.text(step)
    assert library.text(step).splitlines() == [
        line for line in step.doc.splitlines() if not line.startswith("Verb: ")
    ]


def test_what_has_no_documentation_says_nothing() -> None:
    (own, _) = lrdsl.parse("def own() = const\nown").module.statements
    assert isinstance(own, Definition)
    assert (library.verb(own), library.example(own), library.elsewhere(own)) == (None, None, [])
    assert library.text(own) == ""
    assert not library.is_native(own)


def test_the_formulas_that_are_kept_are_those_of_the_library() -> None:
    lrdsl.parse("warmup(5) >> cosine(20)")
    kept = dict(specialize._OF_THE_LIBRARY)
    assert kept
    lrdsl.parse("def f(u) = u\nshape s(length: steps) = u\ns(2) >> warmup(2, ease = f)")
    assert kept == specialize._OF_THE_LIBRARY

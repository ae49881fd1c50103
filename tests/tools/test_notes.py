from __future__ import annotations

import pytest

from lrdsl.text.nodes import Definition
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
from tools.pages import notes
from tools.pages.notes import Translation

TEXT = """\
## Falls.
## And falls on.
## Formula: start (1; 2) - end; Vaswani et al. 2017,
## section 5.3.
## torch: StepLR(step_size = every, gamma); transformers:
## linear, polynomial(lr_end = end). Dive into Deep Learning: no label in the middle.
## optax: a_schedule (one step longer).
## Example: fall(3)
shape fall(every: steps, gamma = 0.1, *, end = 0) = gamma * end * every
"""


@pytest.fixture
def fall() -> Definition:
    module, _ = parse_module(Source("test", TEXT))
    (definition,) = module.statements
    assert isinstance(definition, Definition)
    return definition


def test_documentation_is_taken_apart(fall: Definition) -> None:
    told = notes.read(fall)
    assert told.summary == "Falls. And falls on."
    assert told.formula == "start (1; 2) - end"
    assert told.sources == ("Vaswani et al. 2017, section 5.3",)
    assert told.elsewhere == (
        ("torch", "StepLR(step_size = every, gamma)"),
        (
            "transformers",
            "linear, polynomial(lr_end = end). Dive into Deep Learning: no label in the middle",
        ),
        ("optax", "a_schedule (one step longer)"),
    )


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ("linear", [Translation("linear", "", "fall(every)")]),
        (
            "StepLR(step_size = every, gamma)",
            [Translation("StepLR(step_size, gamma)", "", "fall(step_size, gamma)")],
        ),
        (
            "A(lr_end = end, mode = saw, other)",
            [Translation("A(lr_end, mode=saw, other)", "", "fall(every, end = lr_end)")],
        ),
        (
            "A, b.B(gamma) (a remark)",
            [
                Translation("A", "", "fall(every)"),
                Translation("b.B(gamma)", "a remark", "fall(every, gamma)"),
            ],
        ),
        ("A (gamma = 0.5)", [Translation("A", "", "fall(every, 0.5)")]),
        ("A(n) is fall(n) >> const", [Translation("A(n)", "", "fall(n) >> const")]),
        ("A (its end is 0)", [Translation("A", "its end is 0", "fall(every)")]),
        ("A and all others", [Translation("A", "and all others", "fall(every)")]),
    ],
)
def test_what_is_written_elsewhere_is_written_here(
    fall: Definition, there: str, wanted: list[Translation]
) -> None:
    assert notes.translations(fall, there) == wanted

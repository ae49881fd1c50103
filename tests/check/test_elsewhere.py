from __future__ import annotations

import pytest

from lrdsl.check import elsewhere
from lrdsl.check.library import Counterpart
from lrdsl.text.nodes import Definition
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source

TEXT = "shape fall(every: steps, gamma = 0.1, *, end = 0) = gamma * end * every"


@pytest.fixture
def fall() -> Definition:
    module, _ = parse_module(Source("test", TEXT))
    (definition,) = module.statements
    assert isinstance(definition, Definition)
    return definition


@pytest.mark.parametrize(
    ("other", "there", "here"),
    [
        (Counterpart("a", "linear"), "linear", "fall(every)"),
        (
            Counterpart("a", "StepLR", {"step_size": "every", "gamma": "gamma"}),
            "StepLR(step_size, gamma)",
            "fall(step_size, gamma)",
        ),
        (
            Counterpart("a", "A", {"lr_end": "end", "other": None}, {"mode": "saw"}),
            "A(mode=saw, lr_end, other)",
            "fall(every, end = lr_end)",
        ),
        (Counterpart("a", "A", {"g": "gamma"}), "A(g)", "fall(every, g)"),
        (
            Counterpart("a", "A", {"n": "every"}, program="fall(n) >> const"),
            "A(n)",
            "fall(n) >> const",
        ),
    ],
)
def test_what_is_written_there_and_here(
    fall: Definition, other: Counterpart, there: str, here: str
) -> None:
    assert elsewhere.there(other) == there
    assert elsewhere.here(fall, other) == here

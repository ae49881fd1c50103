"""What the run would have to tell: the option that a diagnostic asks for."""

from __future__ import annotations

from typing import Any

import pytest

import lrdsl

NEEDS: dict[str, tuple[dict[str, Any], str]] = {
    "const >> warmup(5)": ({}, "--total"),
    "cosine": ({}, "--total"),
    "const >> linear": ({}, ""),
    "cosine(10%)": ({}, "--total"),
    "cosine(5ep)": ({}, "--steps-per-epoch"),
    "cosine(5tok)": ({"steps_per_epoch": 5}, "--per-step tok=…"),
    "const(9e15) >> const(9e15)": ({}, ""),
    "over(5, const(9))": ({}, ""),
}


@pytest.mark.parametrize("text", NEEDS)
def test_what_would_mend_it(text: str) -> None:
    run, wanted = NEEDS[text]
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve(**run)
    assert {found.needs for found in caught.value.diagnostics} == {wanted}

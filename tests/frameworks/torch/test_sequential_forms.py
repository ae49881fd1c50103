"""`scheduler="sequential"` of cuts, stretches, tables and own numbers: the same, or refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import lrdsl
from tests.frameworks.torch.driving import drive, furthest, parameter

pytestmark = [
    # Both go on past the end of the run, so that what they hold there is compared too.
    pytest.mark.filterwarnings("ignore:.LRS802 past-total"),
]

TABLE = "run 1st = stairs([10, 20], [2tok, 4tok, 8tok])"
RAMP = "run 1st = ramp(2tok, 16tok, by = 2tok, over = 100tok)"

EQUAL = {
    "until": "until(7, cosine(20)) >> linear(5)",
    "until longer than what it cuts": "until(9, linear(5)) >> const(4, base / 2)",
    "several cuts": "until(5, const) >> until(6, linear(9)) >> until(7, cosine(9))",
    "until in cycles": "repeat(until(5, linear(20)), 3)",
    "cycles in until": "until(40, repeat(cosine(7))) >> linear(9)",
    "skip": "warmup(3) >> skip(3, cosine(20, base, 0))",
    "skip all but the end": "skip(20, cosine(20, base, base / 9)) >> const(5, base / 2)",
    "every": "every(3, warmup(6, base / 10, base) >> skip(6, cosine(30, base, base / 100)))",
    "every at the end": "every(3, cosine(10))",
    "a table": f"{TABLE}\nwarmup(10tok) >> cosine(90tok)",
    "a ramp": f"{RAMP}\nwarmup(10tok) >> cosine(90tok) >> const",
    "a stated run": "run total = 30, 1ep = 3st  warmup(1ep) >> cosine",
    "a clock": f"{RAMP}, clock = tok\nwarmup(10tok) >> cosine(90tok) >> const",
    "a clock with everything": f"{TABLE}, clock = tok, total = 200tok\n"
    "warmup(5%) >> every(10tok, linear(40tok)) >> until(30tok, cosine(90tok)) >> linear",
    "own": 'warmup(3) >> linear(20) * own("lr_scale")',
    "own that is 0": 'const * own("momentum")',
    "own in an argument": 'until(9, cosine(20, base * own("lr_scale"), 0)) >> linear(5)',
}


def optimizer() -> torch.optim.SGD:
    numbers = ((0.1, 0.5, 0.9), (0.02, 2.0, 0.0))
    return torch.optim.SGD(
        [
            {"params": [parameter()], "lr": lr, "lr_scale": scale, "momentum": momentum}
            for lr, scale, momentum in numbers
        ]
    )


@pytest.mark.parametrize("case", EQUAL)
def test_it_is_the_same_curve(case: str) -> None:
    wanted = drive(lrdsl.compile(EQUAL[case], optimizer()), 60)
    made = lrdsl.compile(EQUAL[case], optimizer(), scheduler="sequential")
    assert type(made) is torch.optim.lr_scheduler.SequentialLR
    assert furthest(drive(made, 60), wanted) < 1e-12


EVENT = "`until` waits for an event, which SequentialLR cannot receive"
REFUSED = {
    'until(signal("c"), const) >> linear(9)': EVENT,
    "until(stalled(2), const) >> linear(9)": EVENT,
    "(until(above(2), const) >> linear(9)) * 0.5": EVENT,
    'over(20, until(signal("c"), const) >> linear)': EVENT,
    'linear(9) >> until(signal("c"), warmup(3) >> const) >> linear(9)': EVENT,
    "const * adaptive(1, 2)": "`adaptive` needs a metric",
    "const * plateau(1.05, max = 2)": "`plateau` needs a metric",
    'lr["layers.{i}"]: linear(9) * 0.5 ^ i  lr: const': r'cannot drive `lr\["layers\.{i}"\]:`',
    'lr["head", optional]: linear(9)  lr: const': r'cannot drive `lr\["head"\]:`',
    "scalar kl: linear(9, 1, 0)  lr: linear(9)": "cannot keep `scalar kl:`",
    "scalar kl: linear(9, 1, 0)": "cannot keep `scalar kl:`",
    "weight_decay: 0.05": "cannot drive `weight_decay:`",
    "run clock = h, total = 9h  linear": "cannot be told where the clock `h` is",
    'const * own("missing")': 'group "layers.0" has no `missing`',
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_it_cannot_do_is_refused_with_a_reason(text: str) -> None:
    made = optimizer()
    made.param_groups[0]["name"] = "layers.0"
    made.param_groups[1]["name"] = "layers.1"
    before: Any = [{**group} for group in made.param_groups]
    with pytest.raises(lrdsl.LrsError, match=REFUSED[text]) as caught:
        lrdsl.compile(text, made, scheduler="sequential")
    assert all(d.help for d in caught.value.diagnostics)
    assert made.param_groups == before

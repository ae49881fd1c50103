"""A call with more arguments than its function takes: it is refused, and no other with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.sources import found

RIGHT = "import torch\nright = torch.optim.lr_scheduler.StepLR(optimizer, 30)\n"
NINE = "opt, 1, 2, 3, 4, 5, 6, 7, 8"


@pytest.mark.parametrize(
    ("call", "many"),
    [
        (f"torch.optim.lr_scheduler.StepLR({NINE})", 9),
        (f"torch.optim.lr_scheduler.SequentialLR({NINE})", 9),
        ("torch.optim.lr_scheduler.ChainedScheduler("
         f"[torch.optim.lr_scheduler.ExponentialLR({NINE})])", 9),
        (f"transformers.get_linear_schedule_with_warmup({NINE})", 9),
        (f"transformers.get_scheduler({NINE})", 9),
        (f"timm.scheduler.CosineLRScheduler({', '.join([NINE] * 9)})", 81),
        (f"timm.scheduler.create_scheduler_v2({', '.join([NINE] * 9)})", 81),
        (f"keras.optimizers.schedules.ExponentialDecay({NINE})", 9),
        (f"optax.linear_schedule({NINE})", 9),
        (f"optax.join_schedules([optax.linear_schedule({NINE}), optax.linear_schedule()], [3])", 9),
        (f"composer.optim.LinearScheduler({NINE})", 9),
        (f"olmo_core.optim.ConstantScheduler({NINE})", 9),
    ],
)  # fmt: skip
def test_it_is_refused_alone(call: str, many: int, tmp_path: Path) -> None:
    modules = "import transformers, timm, keras, optax, composer, olmo_core\n"
    right, wrong = found(tmp_path, "train.py", f"{RIGHT}{modules}s = {call}\n", total=100)
    assert right, right.refused
    assert f" is called with {many} arguments" in wrong.refused

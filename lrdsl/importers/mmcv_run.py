"""The hooks of mmcv 1.x themselves, called as its runners call them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lrdsl.importers.installed import definitions, optimizer, settings

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.fields import Fields


class _Hook:
    """What its hooks inherit from: they define all that a runner calls here."""


def _is_list_of(values: object, kind: type) -> bool:  # pragma: no cover
    """``mmcv.utils.misc.is_list_of``: its package imports OpenCV."""
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)


def called(
    kind: str, policy: Fields, lr: float, run: tuple[int, int, int], steps: int
) -> list[Row]:  # pragma: no cover
    """Makes the hook as ``BaseRunner.register_lr_hook`` does, and calls it as a runner does.

    Args:
        kind: the policy.
        policy: its settings.
        lr: the rate of the optimizer.
        run: the iterations of an epoch, the epochs of the run, which are 0 for an
            ``IterBasedRunner``, and its iterations.
        steps: how many iterations.
    """
    length, epochs, total = run
    name = f"{kind}LrUpdaterHook"
    given: dict[str, Any] = {
        "HOOKS": SimpleNamespace(register_module=lambda: lambda found: found),
        "Hook": _Hook,
        "mmcv": SimpleNamespace(is_list_of=_is_list_of),
    }
    hooks = definitions("mmcv", "mmcv/runner/hooks/lr_updater.py", [name], given)
    options = settings(policy, ("policy",))
    if isinstance(ratios := options.get("target_ratio"), list):
        options["target_ratio"] = tuple(ratios)  # which JSON and YAML cannot say
    hook = hooks[name](**options)
    owner = optimizer(lr)
    runner = SimpleNamespace(
        optimizer=owner, data_loader=range(length), max_epochs=epochs or None, max_iters=total,
        iter=0, epoch=0,
    )  # fmt: skip
    hook.before_run(runner)
    rows: list[Row] = []
    for t in range(steps):
        runner.iter, runner.epoch = t, t // length
        try:
            # EpochBasedRunner.train; an IterBasedRunner has no `before_train_epoch`.
            if epochs and t % length == 0:
                hook.before_train_epoch(runner)
            hook.before_train_iter(runner)
            rows.append([float(owner.param_groups[0]["lr"])])
        except (ArithmeticError, LookupError, TypeError, UnboundLocalError, ValueError):
            break  # an end of the original; how far it came is compared
    return rows

"""The run as a config describes it: its length, and the steps of an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.configs.find import lookup
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record
from lrdsl.text import numbers

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

# Trainers say so where a run has no such limit.
_UNLIMITED = "-1"


@record
class RunFrom:
    """Where a config says how long the run is.

    Attributes:
        total: the keys of its length, between dots; empty where it is not said.
        unit: what that number counts: ``ep``, ``st`` or a unit of the caller's.
        steps_per_epoch: the keys of the updates in an epoch; empty where they are not said.
    """

    total: str = ""
    unit: str = ""
    steps_per_epoch: str = ""

    def read(self, roots: Sequence[Node]) -> RunArguments:
        """What a config says about the run.

        A key that the config does not have is not said, nor one whose value is an interpolation.

        Args:
            roots: the documents of the config.

        Raises:
            LrsError: a value is no number above 0.
        """
        run: RunArguments = {}
        total = _number(roots, self.total)
        if total is not None:
            run["total"] = total if numbers.read(total).unit else f"{total}{self.unit or 'st'}"
        steps = _number(roots, self.steps_per_epoch)
        if steps is not None:
            run["steps_per_epoch"] = float(numbers.read(steps).nearest)
        return run


def arguments(call: Table) -> RunArguments:
    """What a call of ``lrdsl.compile`` says about the run, as far as it says so plainly.

    Args:
        call: its arguments by name.

    Raises:
        LrsError: a value is no number above 0.
    """
    run = RunFrom("total", "", "steps_per_epoch").read([call])
    for key, value in call.items:
        if isinstance(value, Table) and (texts := _plain_items(value)):
            if key == "per_step":
                run["per_step"] = texts
            elif key == "params":
                run["params"] = texts
    return run


def _plain_items(table: Table) -> dict[str, str]:
    items = ((key, value) for key, value in table.items if key and isinstance(value, Scalar))
    return {key: value.text for key, value in items if _is_plain(value)}


def _is_plain(scalar: Scalar) -> bool:
    return scalar.kind != "other" and "${" not in scalar.text


def total_from(text: str) -> tuple[str, str]:
    """Keys and unit of ``trainer.max_epochs=ep``; without a unit it is steps.

    Args:
        text: what was given.
    """
    keys, _, unit = text.partition("=")
    return keys.strip(), unit.strip()


def _number(roots: Sequence[Node], keys: str) -> str | None:
    scalar = lookup(roots, keys) if keys else None
    if scalar is None or not _is_plain(scalar):
        return None
    text = scalar.text.strip()
    if text == _UNLIMITED:
        return None
    try:
        quantity = numbers.read(text)
        if quantity.exact > 0:
            return text
    except (ValueError, OverflowError):
        pass
    message = f"`{keys}` says how long the run is, and `{text}` is no number above 0"
    help = "write a number, or leave it out"
    raise LrsError([Diagnostic("bad-run", message, help, scalar.span)])

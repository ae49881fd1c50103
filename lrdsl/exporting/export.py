"""``lrdsl.export``: a schedule as code or data that needs no lrdsl."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.exporting import FORMATS
from lrdsl.exporting.order import Order
from lrdsl.outside import as_bases, as_whole
from lrdsl.program import Program
from lrdsl.resolve.resolved import Resolved
from lrdsl.resolve.run_arguments import RunArguments, takes_run
from lrdsl.sources import program_of
from lrdsl.wording import did_you_mean, listed

if TYPE_CHECKING:
    from typing_extensions import Unpack


@takes_run
def export(
    schedule: str | Path | Program | Resolved,
    to: str = "python",
    *,
    base: float | Mapping[str, float] | None = None,
    steps: int | None = None,
    **run: Unpack[RunArguments],
) -> str:
    """Returns a schedule as code that needs no lrdsl.

    Args:
        schedule: a text, a ``Path`` or a string that ends in ``.lrs``, a ``Program`` or a
            ``Resolved``.
        to: the format, as ``lrdsl export --to`` has it: ``"python"``, ``"torch"``,
            ``"optax"``, ``"keras"``, ``"json"`` or ``"csv"``.
        **run: the arguments of the run, for texts and programs.
        base: the value of ``base``, or several by hyperparameter. If it is left out, ``base`` is a
            parameter of the functions.
        steps: the rows of a table, for ``"csv"``; by default as many as the schedule has steps.

    Returns:
        The text of a file.

    Raises:
        LrsError: the text has errors, does not fit the run, or has no formula of the step.
        TypeError: an argument has the wrong type.
        ValueError: there is no such format, or an argument has no effect.
        OSError: a file cannot be read.

    Examples:
        >>> import lrdsl
        >>> code = lrdsl.export("warmup(5) >> const(value = 0.3)", to="python")
        >>> print(code[code.index("def ") :])
        def learning_rate(step: int) -> float:
            \"\"\"Return the learning rate at update ``step``, counted from 0.\"\"\"
            if step < 5:  # warmup
                return 0.3 * step / 5
            return 0.3  # const
        <BLANKLINE>
    """
    if isinstance(schedule, Resolved) and run:
        given = listed([f"{argument}=" for argument in run])
        raise ValueError(f"{given} would have no effect: the schedule is laid out already")
    resolved = (
        schedule if isinstance(schedule, Resolved) else program_of(schedule).resolve_all(**run)
    )
    return exported(Order(resolved, _bases(base, resolved), steps), to)


def exported(order: Order, to: str) -> str:
    """Schedules as a text in a format.

    Args:
        order: what is asked.
        to: one of `FORMATS`.

    Raises:
        LrsError: a schedule cannot be exported.
        ValueError: there is no such format, or what it needs or takes is not said.
    """
    if to not in FORMATS:
        others = f"there are {listed(FORMATS)}"
        raise ValueError(f"there is no format {to!r}; {did_you_mean(str(to), FORMATS, others)}")
    if order.steps is not None and (to != "csv" or as_whole(order.steps, "steps") < 0):
        raise ValueError("steps are the rows of a csv: a number of 0 or more")
    text: str = import_module(f"lrdsl.exporting.{to}").written(order)
    return text


def _bases(base: float | Mapping[str, float] | None, resolved: Resolved) -> dict[str, float]:
    """The values of ``base`` by hyperparameter; the program has to drive each of them."""
    given = as_bases(base)
    keys = list(dict.fromkeys(driven.target.key for driven in resolved.in_groups))
    for key in given:
        if key not in keys:
            raise ValueError(f"nothing here drives {key!r}, so its base would have no effect")
    return given

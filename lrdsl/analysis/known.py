"""What is known of a schedule besides its text, and what of that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import entity
from lrdsl.resolve.run_arguments import UNITS

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments


@entity
class Known:
    """What is known of a schedule besides its text.

    Attributes:
        run: the arguments of the run, normalized.
        defaults: what counts where neither they nor the text say it.
        bases: the optimizer's own values of what is driven, by key.
        groups: the names of its parameter groups.
    """

    run: RunArguments
    defaults: RunArguments
    bases: Mapping[str, float]
    groups: Sequence[str]

    def run_of(self, program: Program) -> RunArguments:
        """The arguments of the run of a program, as far as they are known.

        Args:
            program: the program.
        """
        try:
            return with_defaults(program, self.defaults, self.run)
        except LrsError:
            return self.run  # what is wrong with its own `run` is found again when it is laid out


def with_defaults(program: Program, said: RunArguments, known: RunArguments) -> RunArguments:
    """Arguments of a run, with those of the project that neither they nor the text say.

    Args:
        program: the program.
        said: what the project says.
        known: what else is known.
    """
    if not said:
        return known
    stated = program.run_of({})
    units = {*stated.units, *(stated.ramp.units if stated.ramp is not None else ())}
    found = cast("dict[str, object]", {**said, **known})
    if stated.total is not None and "total" not in known:
        found.pop("total", None)
    for unit, (argument, _) in UNITS.items():
        if unit in units and argument not in known:
            found.pop(argument, None)
    own = {name: size for name, size in (said.get("per_step") or {}).items() if name not in units}
    found["per_step"] = {**own, **(known.get("per_step") or {})}
    return cast("RunArguments", {name: value for name, value in found.items() if value != {}})

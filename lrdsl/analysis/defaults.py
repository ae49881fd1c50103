"""What counts of a run where neither its arguments nor the text say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lrdsl.resolve.run_arguments import UNITS

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments


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

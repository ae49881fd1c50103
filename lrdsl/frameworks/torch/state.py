"""The state of a scheduler: a flat dictionary of ints and strings, checked on its way in.

Its keys are always the same, whatever the program drives, so that a checkpoint that is loaded key
by key, as ``torch.distributed.checkpoint`` does it, fits a program that was changed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrdsl.check.targets import RATE
from lrdsl.check.tree import VARIABLE
from lrdsl.frameworks.torch.assign import capturing
from lrdsl.frameworks.torch.bases import Bases, Table
from lrdsl.limits import STEPS
from lrdsl.program import parse
from lrdsl.record import record
from lrdsl.resolve.fingerprint import digest, identity
from lrdsl.resolve.resolved import Resolved
from lrdsl.wording import plural

# What torch's `state_dict` is typed as.
State = dict[str, Any]

# The version of what `save` returns. A state of a later version is refused.
FORMAT = 3
_FIELDS = {"format": int, "step": int, "source": str, "context": str, "fingerprint": str}
# What the first format lacked: there the bases were in the optimizer's state, and what the meters
# had seen had a key for each number of each.
_TABLES = {"bases": str, "measured": str}
# What the second lacked: selectors captured nothing, and nothing happened.
_LATER = {"groups": str, "events": str, "at": str}
# The name of the optimizer, in the state of one of several.
OWNER = "optimizer"
# The states of all of them, in the state of what steps them together.
SEVERAL = "schedulers"
_OF_SEVERAL = (
    "this is the state of several optimizers together: load it into what `lrdsl.compile` returned"
    " for all of them"
)
_FOREIGN = "this is not the state of an lrdsl scheduler"


@record
class Saved:
    """A state that was found to be whole.

    Attributes:
        step: the step the scheduler was at.
        source: the canonical text of its program.
        context: the arguments of the run, in JSON.
        fingerprint: the digest of both.
        measured: the state of its meters.
        events: what has happened to it; empty in a state of an earlier format.
        bases: the values of `base` in every group; None in a state of the first format.
        groups: the name of every group, which selectors with captures depend on; none where there
            are no such selectors.
        at: where it was on the clock of its program; None without one.
        owner: the name of its optimizer where that was one of several; empty for the only one.
    """

    step: int
    source: str
    context: str
    fingerprint: str
    measured: dict[str, object]
    events: dict[str, Any]
    bases: Table | None
    groups: tuple[str | None, ...]
    at: int | float | None
    owner: str

    def schedules(self) -> Resolved:
        """Makes the schedules of the state again.

        Raises:
            ValueError: this version of lrdsl does not understand the program.
        """
        from lrdsl.context import from_json

        try:
            program = parse(self.source, name="<state>")
            if program.captured:
                named = Bases.unknown([{"name": name} for name in self.groups], self.owner)
                program = program.for_groups(capturing(program, [named]))
            return program.resolve_all(**from_json(self.context))
        except ValueError as error:
            message = f"the schedule of this state cannot be made again:\n{error}"
            raise ValueError(message) from error


@record
class Torchs:
    """The state of one of torch's own schedulers, as far as a schedule can go on from it.

    Attributes:
        step: the number of times it was stepped.
        bases: the rates that it multiplied, if it had any.
    """

    step: int
    bases: Table


def save(
    resolved: Resolved,
    step: int,
    measured: Mapping[str, object],
    events: Mapping[str, object],
    bases: Table,
    groups: Sequence[str | None],
    at: float | None = None,
    owner: str = "",
) -> State:
    """The state of a scheduler.

    Args:
        resolved: its resolved program.
        step: the step that it is at.
        measured: the state of its meters.
        events: what has happened to it.
        bases: the values of `base` in every group.
        groups: the names of the groups, if its selectors capture anything.
        at: where it is on the clock of its program; None without one.
        owner: the name of its optimizer, if it is one of several.
    """
    source, context = identity(resolved)
    return {
        "format": FORMAT,
        "step": step,
        "source": source,
        "context": context,
        "fingerprint": digest(source, context),
        "bases": json.dumps(bases),
        "measured": json.dumps(measured),
        "groups": json.dumps(groups),
        "events": json.dumps(events),
        "at": json.dumps(at),
        **({OWNER: owner} if owner else {}),
    }


def read(state: Mapping[str, Any]) -> Saved:
    """Checks a state from outside.

    Raises:
        ValueError: it is not a complete return value of `save`.
    """
    if isinstance(state, Mapping) and SEVERAL in state:
        raise ValueError(_OF_SEVERAL)
    if not isinstance(state, Mapping) or not {"format", "fingerprint"} <= set(state):
        raise ValueError(_FOREIGN)
    version = state["format"]
    if type(version) is int and FORMAT < version <= STEPS:
        message = f"this is the state of a later lrdsl: its format is {version}, not {FORMAT}"
        raise ValueError(message)
    fields = {**_FIELDS, **_TABLES, **_LATER}
    if type(version) is int and version in (1, 2):
        fields = _FIELDS if version == 1 else {**_FIELDS, **_TABLES}
    elif OWNER in state:
        fields[OWNER] = str
    for name, kind in fields.items():
        if name not in state:
            raise ValueError(f"this state of an lrdsl scheduler lacks its `{name}`")
        if type(state[name]) is not kind:
            actual = type(state[name]).__name__
            raise ValueError(f"`{name}` of this state is of type {actual}, not {kind.__name__}")
    measured: dict[str, Any] = {}
    if fields is _FIELDS:
        measured = {name: x for name, x in state.items() if str(name).startswith(VARIABLE)}
    if surplus := [name for name in state if name not in {*fields, *measured}]:
        raise ValueError(f"{_FOREIGN}: it has `{surplus[0]}` besides")
    if version not in range(1, FORMAT + 1):
        raise ValueError(f"{_FOREIGN}: it has no such format")
    if not 0 <= state["step"] <= STEPS:
        raise ValueError(f"{_FOREIGN}: its step is not one from 0 to 2^53")
    if state["fingerprint"] != digest(state["source"], state["context"]):
        message = "this state is damaged: its fingerprint is not that of its source and context"
        raise ValueError(message)
    bases: Table | None = None
    events = _table(state, "events") if "events" in fields else {}
    if fields is not _FIELDS:
        measured, bases = _table(state, "measured"), _table(state, "bases")
        for column in bases.values():
            if not isinstance(column, list) or not all(map(_is_base, column)):
                raise ValueError("`bases` of this state is damaged: it has to list numbers")
    at = _place(state["at"]) if "at" in fields else None
    groups = _names(state["groups"]) if "groups" in fields else ()
    source, context, known = (state[name] for name in ("source", "context", "fingerprint"))
    owner = state.get(OWNER, "")
    return Saved(state["step"], source, context, known, measured, events, bases, groups, at, owner)


def of_torch(state: Mapping[str, Any]) -> Torchs | None:
    """Reads the state of one of torch's own schedulers; None if it is not such a state.

    Args:
        state: a state from outside.
    """
    if not isinstance(state, Mapping) or "format" in state or "fingerprint" in state:
        return None
    step = state.get("last_epoch")
    if type(step) is not int or not 0 <= step <= STEPS:
        return None
    parts = state.get("_schedulers")
    first = parts[0] if isinstance(parts, list) and parts else state
    rates = first.get("base_lrs") if isinstance(first, Mapping) else None
    try:
        bases = [float(rate) for rate in rates or ()]
    except (TypeError, ValueError, RuntimeError):
        return None
    return Torchs(step, {RATE: bases} if all(map(_is_base, bases)) else {})


def refusal_of_torchs(state: Torchs) -> str:
    """Says how to continue from the state of one of torch's schedulers.

    Args:
        state: the state.
    """
    return (
        f"{_FOREIGN}, but of one of torch's own, which was stepped {plural(state.step, 'time')};"
        f" to go on from there under this schedule, after {plural(state.step, 'update')}, pass"
        ' on_change="new" to lrdsl.compile'
    )


def _table(state: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A field that is a mapping in JSON."""
    try:
        found = json.loads(state[name])
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"`{name}` of this state is damaged: it is no mapping in JSON")
    return found


def _names(text: str) -> tuple[str | None, ...]:
    """The names of groups, from JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(x, str | None) for x in found):
        raise ValueError("`groups` of this state is damaged: it has to list names")
    return tuple(found)


def _place(text: str) -> int | float | None:
    """Where a run is on a clock, from JSON."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = ""
    if found is None:
        return None
    if isinstance(found, int | float) and type(found) is not bool and 0 <= found < math.inf:
        return found
    raise ValueError("`at` of this state is damaged: it has to be a number of 0 or more")


def _is_base(value: object) -> bool:
    return value is None or (type(value) is float and math.isfinite(value))

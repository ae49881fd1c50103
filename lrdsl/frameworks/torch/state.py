"""The state of a scheduler: a flat dictionary of ints and strings, checked on its way in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lrdsl.check.tree import VARIABLE
from lrdsl.limits import STEPS
from lrdsl.program import parse
from lrdsl.record import record
from lrdsl.resolve.resolved import Resolved
from lrdsl.resolve.run import to_json

# What torch's `state_dict` is typed as.
State = dict[str, Any]

# The version of what `save` returns. A state of a later version is refused.
FORMAT = 1
_FIELDS = {"format": int, "step": int, "source": str, "context": str, "fingerprint": str}


@record
class Saved:
    """A state that was found to be whole.

    Attributes:
        step: the step the scheduler was at.
        source: the canonical text of its program.
        context: what the run was described as, in JSON.
        fingerprint: the digest of both.
        measured: what its meters have seen.
    """

    step: int
    source: str
    context: str
    fingerprint: str
    measured: dict[str, float]

    def schedules(self) -> Resolved:
        """Makes the schedules of the state again.

        Raises:
            ValueError: this version of lrdsl does not understand the program.
        """
        from lrdsl.context import from_json

        try:
            return parse(self.source, name="<state>").resolve_all(**from_json(self.context))
        except ValueError as error:
            message = f"the schedule of this state cannot be made again:\n{error}"
            raise ValueError(message) from error


def save(resolved: Resolved, step: int, measured: Mapping[str, float]) -> State:
    """The state of a scheduler.

    Args:
        resolved: what it drives.
        step: the step that it is at.
        measured: what its meters have seen.
    """
    source, context = _identity(resolved)
    return {
        "format": FORMAT,
        "step": step,
        "source": source,
        "context": context,
        "fingerprint": _digest(source, context),
        **measured,
    }


def fingerprint(resolved: Resolved) -> str:
    """A digest of a program and of the run it was resolved for."""
    return _digest(*_identity(resolved))


def read(state: Mapping[str, Any]) -> Saved:
    """Checks a state from outside.

    Raises:
        ValueError: it is not what :func:`save` returned, to the last field.
    """
    foreign = "this is not the state of an lrdsl scheduler"
    if not isinstance(state, Mapping) or not {"format", "fingerprint"} <= set(state):
        raise ValueError(foreign)
    version = state["format"]
    if type(version) is int and FORMAT < version <= STEPS:
        message = f"this is the state of a later lrdsl: its format is {version}, not {FORMAT}"
        raise ValueError(message)
    for name, kind in _FIELDS.items():
        if name not in state:
            raise ValueError(f"this state of an lrdsl scheduler lacks its `{name}`")
        if type(state[name]) is not kind:
            actual = type(state[name]).__name__
            raise ValueError(f"`{name}` of this state is no {kind.__name__}, but a {actual}")
    measured = {name: x for name, x in state.items() if str(name).startswith(VARIABLE)}
    if surplus := [name for name in state if name not in {*_FIELDS, *measured}]:
        raise ValueError(f"{foreign}: it has `{surplus[0]}` besides")
    if version != FORMAT:
        raise ValueError(f"{foreign}: it has no such format")
    if not 0 <= state["step"] <= STEPS:
        raise ValueError(f"{foreign}: its step is not one from 0 to 2^53")
    if state["fingerprint"] != _digest(state["source"], state["context"]):
        message = "this state is damaged: its fingerprint is not that of its source and context"
        raise ValueError(message)
    return Saved(state["step"], state["source"], state["context"], state["fingerprint"], measured)


def _identity(resolved: Resolved) -> tuple[str, str]:
    return str(resolved.program), to_json(resolved.arguments)


def _digest(source: str, context: str) -> str:
    return hashlib.sha256(
        f"{FORMAT}\n{context}\n{source}".encode(errors="surrogatepass")
    ).hexdigest()

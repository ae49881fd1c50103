"""The state of the schedulers of several optimizers: one flat dictionary, whatever their names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from lrdsl.frameworks.torch.state import SEVERAL, State
from lrdsl.outside import shown
from lrdsl.wording import listed

# The version of what `save` returns. A state of a later version is refused.
FORMAT = 1
_FOREIGN = "this is not the state of several optimizers under lrdsl"


def save(states: Mapping[str, State]) -> State:
    """The state of several schedulers.

    Args:
        states: the state of each, by the name of its optimizer.
    """
    return {"format": FORMAT, SEVERAL: json.dumps(states)}


def read(
    state: Mapping[str, object],
    names: Sequence[str],
    renamed: Mapping[str, str],
    only: Collection[str] | None,
) -> list[tuple[str, str, State]]:
    """Checks a state from outside, and finds which optimizer each part of it is for.

    Args:
        state: the state.
        names: the names of the optimizers.
        renamed: the present name of each optimizer that has another one in the state.
        only: the present names of those to load; None for all, which have to be those of the state.

    Returns:
        The name of an optimizer in the state, its present name, and its state.

    Raises:
        ValueError: it is not a complete return value of `save`, or has other optimizers.
    """
    states = _states(state)
    if not isinstance(renamed, Mapping):
        raise TypeError(
            f"`renamed` is a mapping from the old names to the new, not {shown(renamed)}"
        )
    absent = [name for name in renamed.values() if name not in names]
    if absent:
        raise ValueError(f"`renamed` has {shown(absent[0])}, and no optimizer is called so")
    unknown = [name for name in renamed if name not in states]
    if unknown:
        raise ValueError(f"`renamed` has {shown(unknown[0])}, which is not in this state")
    found = {was: renamed.get(was, was) for was in states}
    twice = [now for now, many in Counter(found.values()).items() if many > 1]
    if twice:
        raise ValueError(f"`renamed` gives two optimizers the name {shown(twice[0])}")
    if only is not None:
        _check_only(only, names, found.values())
        return [(was, now, states[was]) for was, now in found.items() if now in only]
    if sorted(found.values()) != sorted(names):
        raise ValueError(_refusal(list(states), list(names), found))
    return [(was, now, states[was]) for was, now in found.items()]


def _check_only(only: Collection[str], names: Sequence[str], saved: Collection[str]) -> None:
    """Refuses names to load that are not both here and in the state."""
    if isinstance(only, str) or not isinstance(only, Collection):
        raise TypeError(f"`only` is a list of names of optimizers, not {shown(only)}")
    if not only:
        raise ValueError("`only` names no optimizer to load")
    for name in only:
        if name not in names:
            raise ValueError(f"`only` has {shown(name)}, and no optimizer is called so")
        if name not in saved:
            raise ValueError(f"`only` has {shown(name)}, which is not in this state")


def _states(state: Mapping[str, object]) -> dict[str, State]:
    """The state of each optimizer, by its name then."""
    if not isinstance(state, Mapping) or SEVERAL not in state:
        message = _FOREIGN
        if isinstance(state, Mapping) and "fingerprint" in state:
            message += ', but of one optimizer: load it into its scheduler, `schedulers["…"]`'
        raise ValueError(message)
    version = state.get("format")
    if type(version) is int and version > FORMAT:
        message = f"this is the state of a later lrdsl: its format is {version}, not {FORMAT}"
        raise ValueError(message)
    if version != FORMAT or type(version) is not int:
        raise ValueError(f"{_FOREIGN}: it has no such format")
    if surplus := [name for name in state if name not in ("format", SEVERAL)]:
        raise ValueError(f"{_FOREIGN}: it has {shown(surplus[0])} besides")
    text = state[SEVERAL]
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        message = f"`{SEVERAL}` of this state is damaged: it has to be a mapping of states in JSON"
        raise ValueError(message)
    return found


def _refusal(saved: list[str], names: list[str], found: Mapping[str, str]) -> str:
    """Says which optimizers have other names, and how to go on."""
    lines = [
        "this is the state of optimizers of other names:",
        f"  saved: {', '.join(saved)}",
        f"  now:   {', '.join(names)}",
    ]
    gone = [was for was in saved if found[was] not in names]
    new = [name for name in names if name not in found.values()]
    common = [name for name in names if name in found.values()]
    lines[0] = "this is the state of other optimizers:" if len(gone) != len(new) else lines[0]
    if len(gone) == len(new):
        pairs = dict(zip(gone, new, strict=True))
        renaming = {**{was: now for was, now in found.items() if was != now}, **pairs}
        lines += [f"  {was} → {now}" for was, now in pairs.items()]
        lines.append(
            "name them as they were saved; or, if this is the mapping from the old names to the"
            f" new, pass renamed={renaming!r} to load_state_dict"
        )
    else:
        lines += [f"  only in the state: {', '.join(gone)}"] * bool(gone)
        lines += [f"  only here: {', '.join(new)}"] * bool(new)
    if common:
        alone = listed([repr(name) for name in common])
        rest = "; the others stay where they are" if new else ""
        lines.append(f"to load {alone} alone, pass only={common!r}{rest}")
    elif len(gone) != len(new):
        lines.append("compile for the optimizers of the state")
    return "\n".join(lines)

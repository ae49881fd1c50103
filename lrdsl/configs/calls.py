"""Calls of lrdsl in a config of Hydra's: whether what is called takes what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from inspect import signature

import lrdsl
from lrdsl.configs.config_file import Node, Scalar, Table, place_of, tables
from lrdsl.configs.marks import ARGUMENTS, CALLS, COMPILE, LOAD, MAKING, PACKAGE, TARGET, call_of
from lrdsl.configs.options import wrong_options
from lrdsl.configs.runs import wrong_kinds
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text.source import Span
from lrdsl.wording import did_you_mean

# The keys that are Hydra's own.
_HYDRAS = (TARGET, "_partial_", "_recursive_", "_convert_", ARGUMENTS)
_BETWEEN = re.compile(r"""["']?\s*[:=]\s*(?:[!&]\S+\s+)*""")


def misspelled(roots: Sequence[Node]) -> list[Diagnostic]:
    """What the calls of lrdsl in a config get wrong: the name of what is called, and arguments.

    Args:
        roots: the documents of the config.
    """
    found: dict[Diagnostic, None] = {}
    for table in tables(roots):
        for key, value in table.items:
            if key == TARGET and isinstance(value, Scalar) and value.text.startswith(PACKAGE):
                found |= dict.fromkeys(_of_call(table, value))
    return list(found)


def _of_call(call: Table, target: Scalar) -> Iterator[Diagnostic]:
    name = target.text.removeprefix(PACKAGE)
    if "." not in name and name not in lrdsl.__all__:
        help = did_you_mean(name, lrdsl.__all__, f"call `{COMPILE}`")
        yield Diagnostic("unknown-key", f"lrdsl has no `{name}` to call", help, target.span)
    called = call_of(call)
    if not called:
        return
    argument = CALLS[called]
    # What is merged in may have one.
    if not any(key in {argument, None} or _has_items(key, value) for key, value in call.items):
        message = f"`{called}` is called without a `{argument}`, so no schedule is checked here"
        help = f"write it beside `{TARGET}`: `{argument}: {example(called)}`"
        yield Diagnostic("not-a-schedule", message, help, target.span, severity="warning")
    if called in MAKING:
        yield from wrong_kinds(call)
        yield from wrong_options(call, called)
    known = [*_parameters(called), *_HYDRAS]
    for key, value in call.items:
        if key is not None and key not in known:
            message = f"`{called}` takes no argument `{key}`"
            help = did_you_mean(key, known, f"it takes {', '.join(f'`{k}`' for k in known[:-5])}")
            yield Diagnostic("unknown-key", message, help, _key_place(key, value) or target.span)


def _parameters(called: str) -> list[str]:
    """The names of the arguments of what is called."""
    if called in MAKING:  # the class needs torch, and takes those of `compile` but for its kind
        names = [*signature(lrdsl.compile).parameters]
        return [name for name in names if called == COMPILE or name != "scheduler"]
    return [*signature(getattr(lrdsl, called.removeprefix(PACKAGE))).parameters]


def example(called: str) -> str:
    """What may be written for a schedule.

    Args:
        called: what takes it; empty for anything else.
    """
    return "resnet50.lrs" if called == LOAD else "warmup(5ep) >> cosine(85ep, 0.4)"


def _has_items(key: str | None, value: Node) -> bool:
    """True if a key has arguments without names; an interpolation may stand for some."""
    return key == ARGUMENTS and (isinstance(value, Scalar) or bool(value.items))


def _key_place(key: str, value: Node) -> Span | None:
    """Where a key stands: before its value, unless that is an alias of something elsewhere."""
    place = place_of(value)
    if place is None:
        return None
    text, at = place.source.text, place.source.text.rfind(key, 0, place.start)
    is_before = at >= 0 and _BETWEEN.fullmatch(text, at + len(key), place.start)
    return Span(place.source, at, at + len(key)) if is_before else place

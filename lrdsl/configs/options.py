"""Arguments of a scheduler in a call of Hydra's, checked as the call will check them."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.configs.find import is_truth
from lrdsl.configs.marks import COMPILE, TARGET
from lrdsl.configs.runs import is_unknown, shown
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch.compile import SCHEDULERS
from lrdsl.frameworks.torch.options import check, names, one_of

_TRUE = frozenset({"true", "yes", "on"})
_NULLS = frozenset({"", "null", "~"})


def wrong_options(call: Table, called: str) -> Iterator[Diagnostic]:
    """What a call says of the scheduler that it will refuse: ``start_step: soon``.

    Args:
        call: its arguments by name.
        called: what is called.
    """
    for key, value in call.items:
        is_kind = key == "scheduler" and called == COMPILE
        if key is None or not (is_kind or key in names()) or _is_later(value):
            continue
        try:
            given = _python(value)
            if is_kind:
                one_of(key, SCHEDULERS, given)
            else:
                check(key, given)
        except (TypeError, ValueError) as error:
            span, noun = shown(value)
            assert span is not None
            takes, _, _ = str(error).partition(", not ")
            message = f"`{called}` refuses this `{key}`, {noun}"
            yield Diagnostic("bad-run", message, takes, span)


def _is_later(value: Node) -> bool:
    """True if a value is known only when the config is put together."""
    if isinstance(value, Scalar):
        return is_unknown(value)
    return any(key in {TARGET, None} for key, _ in value.items) and not value.is_list


def _python(value: Node) -> object:
    """A value as Hydra passes it, as far as an argument of a scheduler can be one."""
    if isinstance(value, Table):
        return [] if value.is_list else {}
    text = value.text.strip()
    if value.kind == "number":
        return _number(text)
    if is_truth(value):
        return text.lower() in _TRUE
    return None if value.kind == "other" and text.lower() in _NULLS else value.text


def _number(text: str) -> float:
    try:
        return int(text, 0)
    except ValueError:
        return float(text)

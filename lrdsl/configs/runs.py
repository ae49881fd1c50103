"""The run as a config describes it: its length, and the steps of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl.configs.config_file import Node, Scalar, Table, place_of
from lrdsl.configs.find import is_truth
from lrdsl.configs.lookup import lookup
from lrdsl.configs.marks import MISSING, TARGET
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record
from lrdsl.resolve import run_rules as rules
from lrdsl.text import numbers
from lrdsl.text.source import Span
from lrdsl.wording import shortened

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

# Where a config says what `lrdsl.resolve.run` calls `total`, or `params peak`.
Origins = Mapping[str, Span]

# What starts a value that OmegaConf makes of others.
INTERPOLATION = "${"
# Trainers say so where a run has no such limit.
_UNLIMITED = "-1"


@record
class RunFrom:
    """The place in a config of the length of the run.

    Attributes:
        total: the keys of its length, between dots; empty if it is not said.
        unit: the unit of that number: ``ep``, ``st`` or a unit of the caller's.
        steps_per_epoch: the keys of the updates in an epoch; empty if they are not said.
    """

    total: str = ""
    unit: str = ""
    steps_per_epoch: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """The keys that are named, by the option that names them."""
        named = {"total-from": self.total, "steps-per-epoch-from": self.steps_per_epoch}
        return {option: keys for option, keys in named.items() if keys}

    def read(self, roots: Sequence[Node]) -> tuple[RunArguments, Origins]:
        """The arguments of the run in a config, and their places.

        A key that the config does not have is not said, nor one whose value is an interpolation,
        which `unknown` finds.

        Args:
            roots: the documents of the config.

        Raises:
            LrsError: a value is no number above 0.
        """
        run: RunArguments = {}
        origins: dict[str, Span] = {}
        if found := _number(roots, self.total):
            total, origins["total"] = found
            # As for `--total`, a bare number counts whole steps.
            counts_steps = self.unit in {"", "st"} or numbers.read(total).unit
            run["total"] = total if counts_steps else f"{total}{self.unit}"
            try:
                rules.total(run["total"])
            except ValueError as error:
                message = f"`{self.total}` says how long the run is, and cannot be {total}: {error}"
                raise LrsError([Diagnostic("bad-run", message, "", origins["total"])]) from None
        if found := _number(roots, self.steps_per_epoch):
            steps, origins["steps_per_epoch"] = found
            run["steps_per_epoch"] = float(numbers.read(steps).nearest)
        return run, origins

    def unknown(self, roots: Sequence[Node]) -> dict[str, Scalar]:
        """What is not known of the run before the config is put together, by the name.

        Args:
            roots: the documents of the config.
        """
        named = {"total": self.total, "steps_per_epoch": self.steps_per_epoch}
        found = {name: lookup(roots, keys) for name, keys in named.items() if keys}
        return {name: one for name, one in found.items() if one is not None and is_unknown(one)}


_OF_CALL = RunFrom("total", "", "steps_per_epoch")


def unknown_of(call: Table) -> dict[str, Node]:
    """What is not known of the run before a call is put together: ``total``, or ``params peak``.

    Args:
        call: its arguments by name.
    """
    found: dict[str, Node] = {**_OF_CALL.unknown([call])}
    for key, value in call.items:
        if key in {"total", "steps_per_epoch"} and _is_made(value):
            found[key] = value
        if key not in {"params", "per_step"}:
            continue
        if isinstance(value, Scalar):
            items = [(key, value)]
        else:
            inner = ((f"{key} {k}", v) for k, v in value.items)
            items = [(name, v) for name, v in inner if isinstance(v, Scalar)]
        found |= {name: one for name, one in items if is_unknown(one)}
    return found


def _is_made(value: Node) -> bool:
    """True if Hydra makes a value by a call that nothing is known of here."""
    return isinstance(value, Table) and any(key == TARGET for key, _ in value.items)


def wrong_kinds(call: Table) -> Iterator[Diagnostic]:
    """What a call says of the run that is of another kind than the call takes: ``total: [1]``.

    Args:
        call: its arguments by name.
    """
    for key, value in call.items:
        if key in {"total", "steps_per_epoch"}:
            yield from _no_number(f"`{key}`", value)
        elif key in {"per_step", "params"} and not _is_made(value):
            if isinstance(value, Table) and not value.is_list:
                for name, item in value.items:
                    yield from _no_number(f"`{name}` of `{key}`", item)
            elif isinstance(value, Table) or not (is_unknown(value) or _is_null(value)):
                yield _wrong_kind(f"`{key}` gives numbers by name", value, f"{key}: {{name: 0.1}}")


def _no_number(what: str, value: Node) -> Iterator[Diagnostic]:
    """What is wrong with a number of the run that is a list, a table or a truth value."""
    if isinstance(value, Scalar):
        wrong = is_truth(value)
    else:
        wrong = not _is_made(value) and any(key is not None for key, _ in value.items)
    if wrong:
        yield _wrong_kind(f"{what} is a number", value, "")


def _wrong_kind(takes: str, value: Node, example: str) -> Diagnostic:
    span, given = shown(value)
    assert span is not None
    help = f"write it as in `{example}`" if example else "write a number, or leave it out"
    return Diagnostic("bad-run", f"{takes}, and this is {given}", help, span)


def _is_null(scalar: Scalar) -> bool:
    return scalar.kind == "other" and scalar.text.strip().lower() in {"", "null", "~"}


def shown(value: Node) -> tuple[Span | None, str]:
    """Where a value of a config stands, and what it is in a sentence.

    Args:
        value: the value.
    """
    if isinstance(value, Scalar):
        return value.span, f"`{shortened(value.text)}`"
    noun = "a list" if value.is_list else "a table"
    text = value.span.text if value.span is not None else ""
    whole = text[:1] in {"[", "{"} and text[-1:] in {"]", "}"}
    return place_of(value), f"`{shortened(text)}`, {noun}" if whole else noun


def is_unknown(scalar: Scalar) -> bool:
    """True if a value is not known before the config is put together, as OmegaConf does that.

    Args:
        scalar: the value.
    """
    return INTERPOLATION in scalar.text or scalar.text == MISSING


def arguments(call: Table) -> tuple[RunArguments, Origins]:
    """What a call of ``lrdsl.compile`` says about the run, as far as it says so plainly; and where.

    Args:
        call: its arguments by name.

    Raises:
        LrsError: a value is no number above 0.
    """
    run, origins = _OF_CALL.read([call])
    for key, value in call.items:
        if isinstance(value, Scalar) or value.is_list or _is_made(value):
            continue
        if items := _plain_items(value):
            texts = {name: item.text for name, item in items.items()}
            if key == "per_step":
                run["per_step"] = texts
            elif key == "params":
                run["params"] = texts
            origins = {**origins, **{f"{key} {name}": item.span for name, item in items.items()}}
    return run, origins


def _plain_items(table: Table) -> dict[str, Scalar]:
    items = ((key, value) for key, value in table.items if key and isinstance(value, Scalar))
    return {key: value for key, value in items if _is_plain(value)}


def _is_plain(scalar: Scalar) -> bool:
    return scalar.kind != "other" and not is_unknown(scalar)


def total_from(text: str) -> tuple[str, str]:
    """Keys and unit of ``trainer.max_epochs=ep``; without a unit it is steps.

    Args:
        text: what was given.
    """
    keys, _, unit = text.partition("=")
    return keys.strip(), unit.strip()


def _number(roots: Sequence[Node], keys: str) -> tuple[str, Span] | None:
    scalar = lookup(roots, keys) if keys else None
    if scalar is None or not _is_plain(scalar):
        return None
    text = scalar.text.strip()
    if text == _UNLIMITED:
        return None
    try:
        quantity = numbers.read(text)
        if quantity.exact > 0:
            return text, scalar.span
    except (ValueError, OverflowError):
        pass
    message = f"`{keys}` says how long the run is, and `{text}` is no number above 0"
    help = "write a number, or leave it out"
    raise LrsError([Diagnostic("bad-run", message, help, scalar.span)])

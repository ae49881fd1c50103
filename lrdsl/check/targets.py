"""What a program drives: which hyperparameter of which groups goes with which schedule."""

from __future__ import annotations

from lrdsl import limits
from lrdsl.check.state import Checker, Enough
from lrdsl.check.tree import Tree
from lrdsl.check.values import KINDS, Value
from lrdsl.record import record
from lrdsl.text import nodes
from lrdsl.text.nodes import Definition, Expression
from lrdsl.text.source import Span

RATE = "lr"
_PATTERN = 'a pattern selects many groups at once: `lr["layer.*"]:`'


@record
class Target:
    """What a schedule is for.

    Attributes:
        key: the hyperparameter: ``lr``, ``momentum``, ``weight_decay``.
        selector: a pattern of names of parameter groups, or the index of one; None for every group
            that no selector of the same hyperparameter takes.
        span: where it is written; the whole expression where a program is nothing else.
    """

    key: str
    selector: str | int | None
    span: Span

    @property
    def label(self) -> str:
        """It as a program spells it: ``lr["head"]``."""
        if self.selector is None:
            return self.key
        selector = f'"{self.selector}"' if isinstance(self.selector, str) else self.selector
        return f"{self.key}[{selector}]"

    @property
    def noun(self) -> str:
        """What messages call a value of it."""
        return "rate" if self.key == RATE else self.key


@record
class Drive:
    """One schedule of a program, and what it is for."""

    target: Target
    tree: Tree


@record
class Statement:
    """An expression that drives something, before it is expanded."""

    target: Target
    body: Expression


def statements(checker: Checker) -> list[Statement]:
    """The statements of a module that drive something; repetitions are reported."""
    found: list[Statement] = []
    seen: set[str] = set()
    for statement in checker.module.statements:
        if isinstance(statement, Definition):
            continue
        if isinstance(statement, nodes.Target):
            target, body = _target(checker, statement), statement.body
        else:
            target, body = Target(RATE, None, statement.span), statement
        found.append(Statement(target, body))
        if len(found) > limits.TARGETS:
            message = f"the program drives more than {limits.TARGETS:,} things"
            checker.report("too-many-parts", target.span, message, _PATTERN)
            raise Enough
        if target.label in seen:
            _report_repetition(checker, target)
        seen.add(target.label)
    return found


def _target(checker: Checker, written: nodes.Target) -> Target:
    selector, span = written.selector, written.name_span
    if selector is None:
        return Target(written.name, None, span)
    text = span.source.text
    span = Span(
        span.source, span.start, text.index("]", text.index(selector, span.end) + len(selector)) + 1
    )
    if selector.startswith('"'):
        return Target(written.name, selector[1:-1], span)
    if not (selector.isascii() and selector.isdecimal()):
        message = f"`{selector}` is neither a name nor the index of a parameter group"
        name = written.name
        help = f'write a name, as in `{name}["head"]:`, or an index, as in `{name}[0]:`'
        checker.report("bad-selector", span, message, help)
        return Target(written.name, selector, span)
    return Target(written.name, int(selector), span)


def _report_repetition(checker: Checker, target: Target) -> None:
    if target.label == RATE:
        message = "one program has one schedule, and here a second one starts"
        help = "to run one after the other, put `>>` between them"
        checker.report("second-schedule", target.span, message, help)
        return
    message = f"`{target.label}:` is driven already, by a statement above"
    help = "to run one after the other, put `>>` between them in one statement"
    checker.report("repeated-target", target.span, message, help)


def drives(
    checker: Checker, found: list[Statement], values: list[Value]
) -> tuple[Drive, ...] | None:
    """What the statements come to, or None where there is nothing to speak of.

    Args:
        checker: where errors are noted.
        found: the statements.
        values: the values of their expressions.
    """
    if not found:
        if checker.module.complete and not checker.errors:
            _report_nothing(checker)
        return None
    made: dict[str, Drive] = {}
    seen: set[str] = set()
    size = 0
    for statement, value in zip(found, values, strict=True):
        label = statement.target.label
        if value.kind == "schedule":
            size += value.it.size
            if size > limits.PARTS:
                message = f"the schedules of this program have more than {limits.PARTS:,} parts"
                checker.report("too-many-parts", statement.target.span, message, _PATTERN)
                break
            made.setdefault(label, Drive(statement.target, value.it))
        elif value.kind != "unknown" and label not in seen:
            _report_kind(checker, value)
        seen.add(label)
    return tuple(made.values())


def _report_nothing(checker: Checker) -> None:
    source = checker.module.source
    message = "there is no schedule here"
    end = len(source.text.rstrip())
    named = [name for name, value in checker.values.items() if value.kind == "schedule"]
    help = "end the text with one, such as `warmup(5) >> cosine(20)`"
    if named:
        help = f"to run `{named[-1]}`, end the text with its name"
    checker.report("no-schedule", Span(source, end, end), message, help)


def _report_kind(checker: Checker, value: Value) -> None:
    message = f"a program is a schedule, and this is {KINDS[value.kind]}"
    text = value.span.text
    help = (
        f"to hold a rate, write `const(value = {text})`"
        if value.kind == "number"
        else ("write one, such as `warmup(5) >> cosine(20)`")
    )
    checker.report("wrong-kind", value.span, message, help)

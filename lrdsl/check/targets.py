"""The targets of a program: the hyperparameters and groups that each schedule drives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check import library
from lrdsl.check.conversions import schedule_instead
from lrdsl.check.hyperparameters import LOWEST, lowest
from lrdsl.check.problems import Problem
from lrdsl.check.state import Scope
from lrdsl.check.tree import Event, Tree
from lrdsl.check.values import NumberValue, ScheduleValue, Unknown, Value
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.record import record, replace
from lrdsl.text import nodes
from lrdsl.text.nodes import Definition, Expression, Module
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.check.expander import Expander

RATE = "lr"
PATTERN = 'a pattern selects many groups at once: `lr["layer.*"]:`'


@record
class Target:
    """The hyperparameter and groups that a schedule drives.

    Attributes:
        key: the hyperparameter: ``lr``, ``momentum``, ``weight_decay``.
        selector: a pattern of names of parameter groups, or the index of one; None for every group
            that no selector of the same hyperparameter takes.
        span: where it is written; the whole expression where a program is nothing else.
        optional: True if the selector may match no group.
        names: what the program calls the numbers that the pattern captures: the `i` of `{i}`.
        captures: these numbers, in an expansion of the statement; none in the statement itself.
        is_sample: True if the captures stand for those of groups that are not known.
        is_scalar: True for a ``scalar``, which is a number of no optimizer; its name is the key.
        end: the empty span after its statement.
    """

    key: str
    selector: str | int | None
    span: Span
    optional: bool = False
    names: tuple[str, ...] = ()
    captures: tuple[int, ...] = ()
    is_sample: bool = False
    is_scalar: bool = False
    end: Span | None = None

    @property
    def label(self) -> str:
        """The target as a program spells it, ``lr["head"]``; with its captures if it has any."""
        if self.selector is None:
            return self.key
        selector = f'"{self.selector}"' if isinstance(self.selector, str) else self.selector
        if self.captures:
            from lrdsl.check.captures import labeled

            selector = f'"{labeled(str(self.selector), self.captures)}"'
        return f"{self.key}[{selector}]"

    @property
    def statement(self) -> Target:
        """The target as it is written, whatever it captures."""
        return replace(self, captures=(), is_sample=False) if self.names else self

    @property
    def noun(self) -> str:
        """The word for one of its values in messages."""
        return "rate" if self.key == RATE else self.key

    @property
    def lowest(self) -> float:
        """The lowest value that it can have."""
        return LOWEST if self.is_scalar else lowest(self.key)


@record
class Drive:
    """One schedule of a program, what it is for, and the events that end parts of it."""

    target: Target
    tree: Tree
    events: tuple[Event, ...] = ()


@record
class Statement:
    """An expression that drives something, before it is expanded.

    Attributes:
        target: what it drives.
        body: the expression.
        has_target: True if a target is written before it; False for an expression by itself.
    """

    target: Target
    body: Expression
    has_target: bool


def statements(module: Module) -> tuple[list[Statement], list[Problem]]:
    """The statements of a module that drive something, and what is wrong with them."""
    found: list[Statement] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    kinds: dict[str, bool] = {}
    before: nodes.Statement | None = None
    for statement in module.statements:
        neighbor, before = before, statement
        if isinstance(statement, Definition):
            continue
        if isinstance(statement, nodes.Target):
            target, body = _target(statement, problems), statement.body
        else:
            target, body = Target(RATE, None, statement.span), statement
        target = replace(target, end=statement.span.after())
        found.append(Statement(target, body, isinstance(statement, nodes.Target)))
        if len(found) > limits.TARGETS:
            message = f"the program drives more than {limits.TARGETS:,} things"
            problems.append(Problem("too-many-parts", target.span, message, PATTERN))
            break
        if kinds.setdefault(target.key, target.is_scalar) != target.is_scalar:
            problems.append(_both(target))
        elif target.label in seen:
            problems.append(_repetition(target, neighbor, statement))
        seen.add(target.label)
    return found, problems


def _target(written: nodes.Target, problems: list[Problem]) -> Target:
    selector, span = written.selector, written.name_span
    if selector is not None:
        text = span.source.text
        end = text.index("]", text.index(selector, span.end) + len(selector)) + 1
        span = Span(span.source, span.start, end)
    if written.is_scalar:
        problems += _wrong_name(written, span)
        return Target(written.name, None, written.name_span, is_scalar=True)
    if selector is None:
        return Target(written.name, None, span)
    text = span.source.text
    optional = written.option is not None
    if written.option is not None and written.option.id != "optional":
        message = f"`{written.option.id}` is no word for a selector"
        help = "for groups that may be added later, write `optional`"
        own = fix(written.option.span, "optional", "write `optional`")
        problems.append(Problem("bad-selector", written.option.span, message, help, (own,)))
    if selector.startswith('"'):
        pattern = selector[1:-1]
        names: tuple[str, ...] = ()
        if "{" in pattern or "}" in pattern:
            from lrdsl.check.captures import names_in

            start = text.index(selector, written.name_span.end) + 1
            names = names_in(pattern, Span(span.source, start, start + len(pattern)), problems)
        return Target(written.name, pattern, span, optional, names)
    if not (selector.isascii() and selector.isdecimal()):
        message = f"`{selector}` is neither a name nor the index of a parameter group"
        name = written.name
        help = f'write a name, as in `{name}["head"]:`, or an index, as in `{name}[0]:`'
        problems.append(Problem("bad-selector", span, message, help))
        return Target(written.name, selector, span)
    return Target(written.name, int(selector), span, optional)


def _wrong_name(written: nodes.Target, span: Span) -> Iterator[Problem]:
    """What is wrong with the name of a ``scalar``, with the selector that it cannot have."""
    name = written.name
    keyword = Span(span.source, written.span.start, span.start)
    driven = fix(keyword, "", f"write `{span.text}:`")
    if written.selector is not None:
        message = f"`scalar {name}` is a number of no parameter group, and selects none"
        alone = fix(span, name, f"write `scalar {name}:`")
        help = f"{alone.title}, or {driven.title.removeprefix('write ')} to drive the groups"
        yield Problem("bad-selector", span, message, help, (alone, driven))
    elif lowest(name) == 0:
        message = f"`{name}` is a number of the optimizer, and no `scalar`"
        help = f"to drive it, {driven.title}; to keep a number of your own, choose another name"
        yield Problem("reserved-name", span, message, help, (driven,))


def _both(target: Target) -> Problem:
    message = f"`{target.key}` is both a `scalar` and a number of the optimizer"
    return Problem("repeated-target", target.span, message, "choose another name for the `scalar`")


def _repetition(
    target: Target, before: nodes.Statement | None, statement: nodes.Target | Expression
) -> Problem:
    if target.label == RATE:
        from lrdsl.check.rows import second_schedule

        joined = before is not None and not isinstance(statement, nodes.Target)
        pair = (before, statement) if joined and before is not None else ()
        return second_schedule(target.span, pair)
    message = f"`{target.label}:` is driven already, by a statement above"
    help = "to run one after the other, put `>>` between them in one statement"
    return Problem("repeated-target", target.span, message, help)


def driving(expander: Expander, statement: Statement, scope: Scope) -> Value:
    """The value of a statement; after a target a number x is short for ``const(value = x)``.

    Args:
        expander: what evaluates its expression.
        statement: the statement.
        scope: the names that it sees.
    """
    value = expander.evaluate(statement.body, scope)
    if not (statement.has_target and isinstance(value, NumberValue)):
        return value
    span = value.span
    call = nodes.Call(
        span, span, "const", (nodes.Argument(span, "value", nodes.Name(span, "value")),), 2
    )
    # Where the library is in force, so that no `const` of the text is meant.
    return expander.evaluate(call, Scope(library.source(), {"value": value}))


def drives(
    found: Sequence[Statement], values: Sequence[Value]
) -> tuple[tuple[Drive, ...], list[Problem]]:
    """The checked statements, and their errors.

    Args:
        found: the statements.
        values: the values of their expressions.
    """
    made: dict[str, Drive] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    size = 0
    for statement, value in zip(found, values, strict=True):
        label = statement.target.label
        match value:
            case ScheduleValue():
                size += value.tree.size
                made.setdefault(label, Drive(statement.target, value.tree))
            case Unknown():
                pass
            case _ if label not in seen:
                problems.append(_no_schedule(value))
        if size > limits.PARTS:
            message = f"the schedules of this program have more than {limits.PARTS:,} parts"
            problems.append(Problem("too-many-parts", statement.target.span, message, PATTERN))
            break
        seen.add(label)
    return tuple(made.values()), problems


def _no_schedule(value: Value) -> Problem:
    message = f"a program is a schedule, and this is {value.noun}"
    help, fixes = schedule_instead(value)
    help = help.replace("to hold a value", "to hold a rate")
    if not help:
        help = "write one, such as `warmup(5) >> cosine(20)`"
    return Problem("wrong-kind", value.span, message, help, fixes)


def nothing_driven(module: Module, values: Mapping[str, Value]) -> Problem:
    """The problem of a module without a schedule.

    Args:
        module: the module.
        values: the values of its ``let`` and ``param`` statements.
    """
    source = module.source
    end = len(source.text.rstrip())
    named = [name for name, value in values.items() if isinstance(value, ScheduleValue)]
    help = "end the text with one, such as `warmup(5) >> cosine(20)`"
    span = Span(source, end, end)
    fixes: tuple[Fix, ...] = ()
    if named:
        help = f"to run `{named[-1]}`, end the text with its name"
        # A comment may be the last of the text.
        fixes = (fix(span, f"\n{named[-1]}", f"write `{named[-1]}` at the end"),)
    return Problem("no-schedule", span, "there is no schedule here", help, fixes)

"""Statements with captures, written out: one schedule for each different set of numbers.

Loaded only where a selector captures something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check import library
from lrdsl.check.captures import captured
from lrdsl.check.problems import Problem
from lrdsl.check.state import LOCAL_WORDS, WORDS, Scope, State
from lrdsl.check.targets import Statement, Target, driving
from lrdsl.check.values import NumberValue, Unknown, Value
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.formula.formula import Const
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.record import replace
from lrdsl.wording import listed

if TYPE_CHECKING:
    from lrdsl.check.expander import Expander

# The captures that stand for those of groups that are not known.
SAMPLES = (0, 1)
# By its kind and place, one error of several expansions.
Errors = Mapping[tuple[str, int, int], Diagnostic]


class Expansions:
    """The statements of a program, those with captures written out.

    Args:
        expander: what evaluates their expressions.
        groups: the names of the groups; None where they are not known.
    """

    def __init__(self, expander: Expander, groups: Sequence[str] | None) -> None:
        self._expander, self._groups = expander, groups
        self._left = limits.EXPANSIONS

    def of(self, statement: Statement, scope: Scope) -> list[tuple[Statement, Value]]:
        """The expansions of a statement, each with the value of its expression.

        Args:
            statement: a statement that captures something.
            scope: the names that every statement sees.
        """
        target, state = statement.target, self._expander.state
        for problem in _hidden(state, target):
            state.report(problem)
        sets = self._captures(target)
        self._left -= len(sets)
        if self._left < 0:
            message = f"`{target.label}:` stands for too many schedules"
            help = f"a program has up to {limits.EXPANSIONS:,} of them, one for each set of numbers"
            state.report(Problem("too-many-parts", target.span, message, help))
            return []
        is_sample = self._groups is None
        first, plateaus = dict(state.errors), self._expander.plateaus
        found: list[tuple[Statement, Value]] = []
        errors: list[Errors] = []
        for captures in sets:
            own = replace(target, captures=captures, is_sample=is_sample)
            pairs = list(zip(target.names, captures, strict=True))
            local: dict[str, Value] = {
                name: NumberValue(Const(float(number)), target.span) for name, number in pairs
            }
            state.errors = dict(first)
            self._expander.plateaus = plateaus
            self._expander.expansion = f"{{{', '.join(f'{n}={x}' for n, x in pairs)}}}"
            written = replace(statement, target=own)
            value = driving(self._expander, written, Scope(scope.source, local))
            found.append((written, value))
            new: Errors = {key: d for key, d in state.errors.items() if key not in first}
            errors.append(new if is_sample else _told(new, pairs))
        self._expander.expansion = ""
        state.errors = first
        if not is_sample:
            for new in reversed(errors):
                state.errors |= new
            return found
        values = [value for _, value in found]
        if all(isinstance(value, Unknown) for value in values) or all(errors):
            # What is reported once for a definition is not reported again for another number.
            state.errors |= common(errors) if all(errors) else {**errors[0], **errors[-1]}
        return found

    def _captures(self, target: Target) -> list[tuple[int, ...]]:
        """Every different set of numbers that a selector captures."""
        if self._groups is None:
            return [(number,) * len(target.names) for number in SAMPLES]
        pattern = str(target.selector)
        found = (captured(pattern, target.names, group) for group in self._groups)
        return sorted({numbers for numbers in found if numbers is not None})


def _told(errors: Errors, pairs: Iterable[tuple[str, int]]) -> Errors:
    """Errors that say for which numbers they are."""
    where = listed(f"`{name}` is {number}" for name, number in pairs)
    return {key: replace(d, message=f"{d.message}, where {where}") for key, d in errors.items()}


def _hidden(state: State, target: Target) -> Iterator[Problem]:
    """The problems of captures that are called like something else: they hide nothing."""
    for name in target.names:
        help = "choose another name in the braces"
        if name in WORDS or name in LOCAL_WORDS:
            message = f"`{name}` has a meaning of its own and cannot name a capture"
            yield Problem("reserved-name", target.span, message, help)
        elif name in state.definitions:
            line = state.definitions[name].name_span.place[0]
            message = f"`{name}` is defined already, on line {line}"
            yield Problem("repeated-definition", target.span, message, help)
        elif library.find(name) or name in FUNCTIONS:
            message = f"`{name}` is defined already, in the library"
            yield Problem("repeated-definition", target.span, message, help)


def common(errors: Sequence[Errors]) -> Errors:
    """The errors that all expansions of a statement have, by kind and place."""
    return {key: d for key, d in errors[0].items() if all(key in other for other in errors)}

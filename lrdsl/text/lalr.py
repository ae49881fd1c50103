"""Runs the parsing tables that lark made of the grammar.

The tables are lark's; running them takes a page. lark itself takes longer to import than everything
else that a check does, and is needed only to make the tables, which the build does once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

END = "$END"


class Rule(NamedTuple):
    """What is done when the right-hand side of a rule has been read.

    Attributes:
        origin: the symbol it stands for.
        size: how many symbols the right-hand side has.
        callback: the name of what makes a value of their values; none for a rule whose values
            become part of those of the rule around it.
        spliced: which of the symbols are of that kind.
        transparent: whether a single value stands for itself, without the callback.
    """

    origin: str
    size: int
    callback: str | None
    spliced: list[int]
    transparent: bool


class Tables:
    """A grammar, ready to be run: what ``lrdsl.text.grammar.load`` returns.

    Attributes:
        pattern: a regular expression with a group for each terminal.
        ignored: the terminals that are no tokens.
        rules: the rules.
        rows: for each state what follows from a symbol: a state to go to, or ``~rule``.
        start: the first state.
        end: the state in which the text may end.
    """

    def __init__(self, loaded: Mapping[str, Any]) -> None:
        self.pattern: str = loaded["pattern"]
        self.ignored = frozenset(loaded["ignored"])
        self.rules = [Rule(*rule) for rule in loaded["rules"]]
        self.rows: list[dict[str, int]] = loaded["rows"]
        self.start: int = loaded["start"]
        self.end: int = loaded["end"]


class Token(str):
    """A piece of the text: a string that knows its terminal and its place.

    Attributes:
        type: name of the terminal; ``$END`` for the empty token behind the last one.
        start: where it starts, in characters.
    """

    __slots__ = ("start", "type")
    type: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends, in characters."""
        return self.start + len(self)


def token(text: str, type: str, start: int) -> Token:
    """A token of a terminal, at a place."""
    made = Token(text)
    made.type, made.start = type, start
    return made


class UnexpectedInput(Exception):
    """The text is not one of the language.

    Attributes:
        token: the first token that does not belong; of one character and no terminal, where no
            token starts.
        accepts: the terminals of which one would have belonged there.
    """

    def __init__(self, token: Token, accepts: frozenset[str]) -> None:
        super().__init__(token, accepts)
        self.token = token
        self.accepts = accepts


class Parser:
    """A parser made of tables.

    Args:
        tables: what ``lrdsl.text.grammar.load`` returns.
        actions: has a method for every callback of a rule, which takes a list of values: tokens,
            and what these methods returned.
    """

    def __init__(self, tables: Mapping[str, Any], actions: Any) -> None:
        self._tables = Tables(tables)
        self._scan = re.compile(self._tables.pattern, re.ASCII).match
        rules = self._tables.rules
        # The symbols of the rules that hand a single value on, whatever it is.
        self._passing = [rule.origin if _passes(rule) else None for rule in rules]
        self._calls: list[Callable[[list[Any]], Any] | None] = [
            None if origin or not rule.callback else getattr(actions, rule.callback)
            for rule, origin in zip(rules, self._passing, strict=True)
        ]

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a text; the first character that belongs to none has no type.

        Args:
            text: the text.
        """
        scan, ignored, position = self._scan, self._tables.ignored, 0
        while position < len(text):
            match = scan(text, position)
            if match is None:
                yield token(text[position], "", position)
                return
            position = match.end()
            if match.lastgroup not in ignored:
                yield token(match[0], match.lastgroup or "", match.start())

    def parse(self, text: str) -> Any:
        """What the callbacks make of a text.

        Args:
            text: the text.

        Raises:
            UnexpectedInput: the text is not one of the language.
        """
        rows, end, passing = self._tables.rows, self._tables.end, self._passing
        states: list[int] = [self._tables.start]
        values: list[Any] = []
        last: Token | None = None
        for last in self.tokens(text):
            kind = last.type
            while (action := rows[states[-1]].get(kind)) is not None and action < 0:
                origin = passing[~action]
                if origin is None:
                    self._reduce(~action, states, values)
                else:  # the value stays; most of what is reduced is of this kind
                    states[-1] = rows[states[-2]][origin]
            if action is None:
                raise UnexpectedInput(last, self._accepts(states))
            states.append(action)
            values.append(last)
        while states[-1] != end:
            action = rows[states[-1]].get(END)
            if action is None:
                behind = token("", END, last.end if last is not None else 0)
                raise UnexpectedInput(behind, self._accepts(states))
            if action < 0:
                self._reduce(~action, states, values)
            else:
                states.append(action)
        return values[0]

    def _reduce(self, number: int, states: list[int], values: list[Any]) -> None:
        """Replaces the values of a right-hand side by what the rule makes of them."""
        origin, size, _, spliced, transparent = self._tables.rules[number]
        first = len(values) - size
        children = values[first:]
        del values[first:], states[first + 1 :]
        if spliced:
            children = _splice(children, spliced)
        call = self._calls[number]
        if transparent and len(children) == 1:
            values += children
        elif call is None:
            values.append(children)
        else:
            values.append(call(children))
        states.append(self._tables.rows[states[-1]][origin])

    def _accepts(self, states: list[int]) -> frozenset[str]:
        """The terminals that can be shifted, once what they complete has been reduced."""
        kinds = filter(str.isupper, self._tables.rows[states[-1]])
        return frozenset(kind for kind in kinds if self._shifts(list(states), kind))

    def _shifts(self, states: list[int], kind: str) -> bool:
        rows, rules, end = self._tables.rows, self._tables.rules, self._tables.end
        while states[-1] != end or kind != END:
            action = rows[states[-1]].get(kind)
            if action is None or action >= 0:
                return action is not None
            rule = rules[~action]
            if rule.size:
                del states[-rule.size :]
            states.append(rows[states[-1]][rule.origin])
        return True


def _passes(rule: Rule) -> bool:
    """Whether a rule hands one value on, whatever it is."""
    return rule.transparent and rule.size == 1 and not rule.spliced


def _splice(children: list[Any], places: list[int]) -> list[Any]:
    """Puts lists of values in place, going on with the first one, so that long ones stay cheap."""
    whole: list[Any] = []
    if places[0] == 0:
        whole, children = children[0], [[], *children[1:]]
    for place in range(len(children)):
        if place in places:
            whole += children[place]
        else:
            whole.append(children[place])
    return whole

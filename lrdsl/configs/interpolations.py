"""OmegaConf's interpolations, such as ``${train.epochs}``, where the config itself has the value.

What a config does not resolve alone is left as it is: resolvers, such as ``${oc.env:USER}``, keys
of another file, and values that are missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lrdsl.configs import scalars
from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.configs.lookup import merged, values
from lrdsl.configs.marks import MISSING, RESOLVER
from lrdsl.configs.runs import INTERPOLATION
from lrdsl.limits import CHARACTERS, DEPTH
from lrdsl.record import replace

# Dots that lead up, and keys: of a resolver they would end in a colon.
_WORD = r"[^\s.${}:,'\"\\\[\]]+"
_REFERENCE = re.compile(rf"(?<!\\)\$\{{\s*(\.*)({_WORD}(?:\.{_WORD}|\[{_WORD}\])*)\s*\}}")
_WORDS = re.compile(r"[^.\[\]]+")
# Numbers that YAML, Python and a schedule read alike.
_NUMBER = re.compile(r"-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
# What may be put inside another interpolation, and is not read as part of its grammar.
_INNER = re.compile(r"[\w.+-]+")


def resolve(roots: Sequence[Node]) -> None:
    """Puts values in the place of interpolations, in the tables that have them.

    An interpolation that is all of a value becomes the value that it names, at the place of that
    one. Inside a text it becomes part of the text, at its own place.

    Args:
        roots: the documents of a config.
    """
    for root in roots:
        if isinstance(root, Table):
            _Document(root).resolve()


def named(root: Table, text: str) -> Node | None:
    """The value that a text names by an interpolation from the root; None where it names none.

    Args:
        root: the outermost table of a config.
        text: the text, which is all of a value.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None or match[1]:
        return None
    node: Node | None = root
    for word in _WORDS.findall(match[2]):
        node = next(values(node, word), None) if node is not None else None
    return node


class _Document:
    """A document whose interpolations are resolved.

    Args:
        root: its outermost table.
    """

    def __init__(self, root: Table) -> None:
        self._root = root
        # The tables that hold a value: more than one where YAML's aliases lead to it.
        self._holders: dict[int, list[Table]] = {id(root): []}
        # By the identity of values, all of which are kept for that.
        self._known: dict[int, Node | None] = {}
        self._kept: list[Node] = []
        # Texts that are put together of others could grow without bounds.
        self._left = CHARACTERS
        pending = [root]
        self._tables = [root]
        while pending:
            table = pending.pop()
            for _, value in table.items:
                self._kept.append(value)
                is_new = id(value) not in self._holders
                self._holders.setdefault(id(value), []).append(table)
                if is_new and isinstance(value, Table):
                    pending.append(value)
                    self._tables.append(value)
        self._merged = {id(one) for table in self._tables for one in merged(table)}

    def resolve(self) -> None:
        for table in self._tables:
            for i, (key, value) in enumerate(table.items):
                found = self._value(value, ()) if isinstance(value, Scalar) else None
                if found is not None:
                    table.items[i] = key, found

    def _value(self, scalar: Scalar, above: tuple[int, ...]) -> Node | None:
        """What a value comes to; None where that is not known.

        Args:
            scalar: the value.
            above: those that led to it, of which it cannot be one.
        """
        if INTERPOLATION not in scalar.text:
            return None if scalar.text == MISSING else scalar
        if id(scalar) in above or len(above) > DEPTH or scalar.kind != "text":
            return None
        if id(scalar) not in self._known:
            self._known[id(scalar)] = self._found(scalar, (*above, id(scalar)))
        return self._known[id(scalar)]

    def _found(self, scalar: Scalar, above: tuple[int, ...]) -> Node | None:
        whole = _REFERENCE.fullmatch(scalar.text)
        if whole is None:
            return self._spliced(scalar, above)
        found = self._named(whole, scalar, above)
        is_tagged = isinstance(found, Scalar) and scalar.tag
        return replace(found, tag=scalar.tag) if is_tagged else found

    def _spliced(self, scalar: Scalar, above: tuple[int, ...]) -> Scalar | None:
        """A text with values in it; None unless all of them are known."""
        text = scalar.text
        # For each character the stretch of the scalar's text that stands for it.
        origins = [(i, i + 1) for i in range(len(text))]
        while match := _REFERENCE.search(text):
            found = self._named(match, scalar, above)
            said = _plain(found) if isinstance(found, Scalar) else None
            start, end = match.span()
            is_inner = text.rfind(INTERPOLATION, 0, start) > text.rfind("}", 0, start)
            if said is None or (is_inner and not _INNER.fullmatch(said)):
                return None
            self._left -= len(said)
            if self._left < 0:
                return None
            place = origins[start][0], origins[end - 1][1]
            text = text[:start] + said + text[end:]
            origins[start:end] = [place] * len(said)
        if INTERPOLATION in text.replace(RESOLVER, "", 1):
            return None

        def trace() -> scalars.Traced:
            told = scalar.trace()
            starts = (*(told.starts[first] for first, _ in origins), told.starts[-1])
            return scalars.Traced(text, starts, tuple(told.stops[last - 1] for _, last in origins))

        return replace(scalar, text=text, trace=trace)

    def _named(self, match: re.Match[str], scalar: Scalar, above: tuple[int, ...]) -> Node | None:
        """The value that a reference names; None where there is none, or it is not known."""
        node: Node | None = self._root
        if match[1]:
            node = self._up(scalar, len(match[1]))
        for word in _WORDS.findall(match[2]):
            node = next(values(node, word), None) if node is not None else None
            if isinstance(node, Scalar):
                node = self._value(node, above)
        return node

    def _up(self, scalar: Scalar, levels: int) -> Table | None:
        """The table around a value, some levels up; None where there may be more than one.

        Aliases lead to more than one, and so does a table that others merge.
        """
        node: Node = scalar
        for _ in range(levels):
            holders = self._holders.get(id(node), [])
            if len(holders) != 1 or id(holders[0]) in self._merged:
                return None
            (node,) = holders
        return node if isinstance(node, Table) else None


def _plain(scalar: Scalar) -> str | None:
    """A value as part of a text, as OmegaConf writes it; None where it is no text and no number."""
    if scalar.kind != "number":
        return scalar.text if scalar.kind == "text" and not scalar.tag else None
    digits = scalar.text.replace("_", "").removeprefix("+")
    if not _NUMBER.fullmatch(digits):
        return None
    is_whole = digits.removeprefix("-").isdecimal()
    return digits if is_whole else repr(float(digits))

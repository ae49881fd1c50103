"""The shape library: ``prelude.lrs``, parsed one definition at a time, when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from lrdsl import files
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Name
from lrdsl.text.parse import parse_statements
from lrdsl.text.source import Source


@record
class _Library(Source):
    """The text of the library, which every process has: it is pickled by reference."""

    def __reduce__(self) -> tuple[Callable[[], Source], tuple[()]]:
        return source, ()


@record
class _OfLibrary(Definition):
    """A definition of the library, pickled by reference too."""

    def __reduce__(self) -> tuple[Callable[[str], Definition | None], tuple[str]]:
        return find, (self.name,)


@lru_cache(maxsize=1)
def source() -> Source:
    """The text of the library."""
    return _Library("prelude.lrs", files.of_package("prelude.lrs"))


@lru_cache(maxsize=1)
def _stretches() -> dict[str, tuple[int, int]]:
    """Where each definition starts, and where the next one does."""
    heads: dict[str, int] = {}
    offset = 0
    for line in source().text.splitlines(keepends=True):
        if line.startswith(("def ", "shape ")):
            heads[line.partition("(")[0].split()[1]] = offset
        offset += len(line)
    starts = list(heads.values())
    return dict(zip(heads, zip(starts, [*starts[1:], offset], strict=True), strict=True))


def names() -> tuple[str, ...]:
    """The names the library defines, in its order."""
    return tuple(_stretches())


@cache
def find(name: str) -> Definition | None:
    """The definition of a name, or None."""
    if name not in _stretches():
        return None
    (definition,) = parse_statements(source(), *_stretches()[name])
    assert isinstance(definition, Definition)
    return _OfLibrary(
        definition.span, definition.keyword, definition.name, definition.name_span,
        definition.body, definition.parameters, definition.guards, definition.doc,
    )  # fmt: skip


@lru_cache(maxsize=1)
def sections() -> dict[str, list[str]]:
    """The names the library defines, under the headings it puts them."""
    found: dict[str, list[str]] = {}
    text = source().text
    for name, (start, _) in _stretches().items():
        heading = text[:start].rpartition("# ----")[2].partition("\n")[0]
        found.setdefault(heading.strip("- "), []).append(name)
    return found


def is_native(definition: Definition) -> bool:
    """Whether a definition of the library is written in Python, in ``check/natives.py``."""
    body = definition.body
    return isinstance(body, Name) and body.id == "native" and definition.span.source is source()


_VERB = "Verb: "


def verb(definition: Definition) -> str | None:
    """What a part of its kind does: the line ``Verb:`` of its documentation, without the dot."""
    lines = definition.doc.splitlines()
    found = next((line for line in lines if line.startswith(_VERB)), None)
    return found and found.removeprefix(_VERB).removesuffix(".")


def text(definition: Definition) -> str:
    """Its documentation, without what is said elsewhere: its verb is for :func:`verb`."""
    return "\n".join(x for x in definition.doc.splitlines() if not x.startswith(_VERB))


def known_elsewhere_as(word: str) -> str | None:
    """The definition that other systems call by a name, as its documentation says."""
    for name in names():
        definition = find(name)
        if definition and word in elsewhere(definition):
            return name
    return None


def elsewhere(definition: Definition) -> list[str]:
    """What other systems call a definition: the names in ``torch: StepLR(step_size); optax: …``."""
    found: list[str] = []
    for clause in _systems(definition).split(";"):
        names = re.search(r"\w: ([\w.]+(?:, [\w.]+)*)", re.sub(r"\([^)]*\)", "", clause))
        found += names[1].rstrip(".").split(", ") if names else []
    return found


def _systems(definition: Definition) -> str:
    """What its documentation says of other systems: all between its formula and its example."""
    lines = text(definition).splitlines()
    named = (line.partition(": ")[0] for line in lines)
    labels = [place for place, label in enumerate(named) if label != lines[place]]
    first = next((n for n in labels if n and not lines[n].startswith("Formula: ")), len(lines))
    return " ".join(line for line in lines[first:] if not line.startswith("Example: "))


def argument_elsewhere(definition: Definition, word: str) -> str | None:
    """The parameter of a definition that another system calls by this name.

    The documentation says so: ``torch: CosineAnnealingLR(T_max = length, eta_min = end)``.
    """
    found = re.search(rf"(?<!\w){re.escape(word)} = (\w+)", definition.doc)
    return found[1] if found else None


def example(definition: Definition) -> str | None:
    """The program that shows a definition: the line ``Example:`` of its documentation."""
    lines = definition.doc.splitlines()
    return next((x.removeprefix("Example: ") for x in lines if x.startswith("Example: ")), None)

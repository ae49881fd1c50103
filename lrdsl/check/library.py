"""The shape library: ``prelude.lrs``, parsed one definition at a time, when it is asked for.

``prelude.json`` holds notes on it: examples, sources, names in other systems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from lrdsl import files
from lrdsl.record import record
from lrdsl.text.grammar import parse_statements
from lrdsl.text.nodes import Definition, Name
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
    """True if a definition of the library is written in Python, in ``check/combinators.py``."""
    body = definition.body
    return isinstance(body, Name) and body.id == "native" and definition.span.source is source()


@record
class Counterpart:
    """What another system has for a definition of the library.

    Attributes:
        system: the system, such as ``torch``.
        name: what it is called there.
        also: what else it is called there: a function, where ``name`` is the word for configs.
        arguments: the arguments it takes there, each with the parameter that it is here; None
            where only ``program`` says what becomes of it.
        settings: arguments with fixed values, for which alone it is the same.
        order: the arguments it takes by position there, where these are others.
        defaults: values of arguments there, where ours are others.
        program: what is written here, where that is more than one call with those arguments.
        call: what is written here for a call there that says more: also how long the run is.
        remark: what else a reader has to know.
    """

    system: str
    name: str
    arguments: Mapping[str, str | None] = {}
    settings: Mapping[str, str] = {}
    order: tuple[str, ...] = ()
    defaults: Mapping[str, str] = {}
    program: str | None = None
    call: str | None = None
    remark: str | None = None
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called there."""
        return (self.name, *self.also)


@record
class Notes:
    """What ``prelude.json`` says of a definition.

    Attributes:
        example: a program that shows it.
        verb: what a part of its kind does, for ``explain``.
        source: the paper that its formula is from.
        elsewhere: what other systems have for it.
        also: what people call it besides.
    """

    example: str | None = None
    verb: str | None = None
    source: str | None = None
    elsewhere: tuple[Counterpart, ...] = ()
    also: tuple[str, ...] = ()


_NOTHING = Notes()
_VERB = "Verb: "


@lru_cache(maxsize=1)
def all_notes() -> dict[str, Notes]:
    """What ``prelude.json`` says, by the names of definitions."""
    # Only help and error messages need it; to check a good program costs nothing more.
    from json import loads

    return {
        name: Notes(
            **{
                **told,
                "elsewhere": tuple(
                    Counterpart(
                        **{
                            **x,
                            "also": tuple(x.get("also", ())),
                            "order": tuple(x.get("order", ())),
                        }
                    )
                    for x in told.get("elsewhere", ())
                ),
                "also": tuple(told.get("also", ())),
            }
        )
        for name, told in loads(files.of_package("prelude.json")).items()
    }


def notes(definition: Definition) -> Notes:
    """What there is to say about a definition; nothing about one that is not the library's."""
    if definition.span.source is not source():
        return _NOTHING
    return all_notes().get(definition.name, _NOTHING)


def verb(definition: Definition) -> str | None:
    """What a part of its kind does, as in ``follows half a cosine``.

    A program's own definition says it in its documentation: ``## Verb: climbs.``
    """
    if definition.span.source is source():
        return notes(definition).verb
    lines = definition.doc.splitlines()
    own = next((line for line in lines if line.startswith(_VERB)), None)
    return own and own.removeprefix(_VERB).removesuffix(".")


def known_elsewhere_as(word: str) -> str | None:
    """The first definition that other systems, or people, call by a name."""
    found = counterpart(word)
    return found[0] if found else None


def counterpart(word: str) -> tuple[str, Counterpart | None] | None:
    """The first definition that other systems, or people, call by a name.

    Returns:
        Its name, and what the other system has for it if that is one.
    """
    return next(iter(counterparts(word)), None)


def counterparts(word: str) -> list[tuple[str, Counterpart | None]]:
    """All definitions that other systems, or people, call by a name.

    Case and underscores matter least, but `Cosine` is a misspelled `cosine`, whoever else has one;
    after that, words are left out that say nothing: ``get_linear_schedule`` is `linear`.

    Returns:
        The name of each, and what the other system has for it if that is one.
    """
    readings = (_as_it_is,) if word.lower() in names() else (_as_it_is, _run_together, _essence)
    for same in readings:
        if same is _essence and after_warmup(word):
            return []  # a program of two parts, whatever else one system calls nearly so
        wanted = same(word)
        found: list[tuple[str, Counterpart | None]] = []
        for name, told in all_notes().items() if wanted else ():
            others = [x for x in told.elsewhere if wanted in map(same, x.names)]
            found += [(name, other) for other in others]
            if not others and wanted in map(same, told.also):
                found.append((name, None))
        if found:
            return found
    wanted = "" if word.lower() in names() else _essence(word)
    alike = next((name for name in names() if wanted and _essence(name) == wanted), None)
    return [(alike, None)] if alike else []


def after_warmup(word: str) -> str | None:
    """The definition that follows a warm-up in what a name stands for, if it is such a name.

    ``cosine_with_warmup``, ``LinearWarmupCosineAnnealingLR`` and ``warmup_cosine`` are a warm-up
    and then `cosine`.
    """
    if "warm" not in word.lower():
        return None
    # `WarmupCosineSchedule` is `warmup_cosine_schedule`.
    snake = re.sub("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", word).lower()
    match = re.fullmatch(_WARMED, snake)
    assert match
    other = re.sub("_(?:schedule|scheduler|lr)$", "", match[1])
    if other == snake:
        return None
    ours = other if other in names() else known_elsewhere_as(other)
    return None if ours == "warmup" else ours


def says_which(word: str) -> bool:
    """True if a name says which schedule it is of; ``decay`` and ``lr_schedule`` do not."""
    return bool(_essence(word))


def argument_elsewhere(definition: Definition, word: str) -> str | None:
    """The parameter of a definition that another system calls by this name."""
    for same in (_as_it_is, str.lower):
        for other in notes(definition).elsewhere:
            for theirs, ours in other.arguments.items():
                if ours is not None and same(theirs) == same(word):
                    return ours
    return None


def _as_it_is(word: str) -> str:
    return word


def _run_together(word: str) -> str:
    return word.lower().replace("_", "")


_WARMED = r"(?:get_)?(?:(?:linear_)?warm_?up_)?(\w+?)(?:_with_warm_?up|_warm_?up)?(?:_lr)?"
# What names of schedules say besides which one it is.
_FILLERS = "get lr learning rate scheduler schedule sched decay annealing policy"


@lru_cache(maxsize=512)
def _essence(word: str) -> str:
    """A name without the words that every schedule's name may have; `ExponentialLR` is one."""
    words = re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", word)
    fillers = _FILLERS.split()
    return "".join(found.lower() for found in words if found.lower() not in fillers)

"""Sources of other systems, as their users write them, and what the systems make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.oracles.peers.case import Draw


@dataclass(frozen=True)
class Move:
    """Settings of another system.

    Attributes:
        files: the files by their names, the one to import first.
        rates: the values of ``target`` in the only group at so many updates, by the installed
            package, with the loop that steps it.
        updates: the length of the run.
        given: the options that have to be given to import it, such as ``total``.
        base: the value that the optimizer is built with.
        version: what ``--as`` has to say, such as ``torchtitan==0.3.0``; empty if nothing.
        target: what the values are of.
        marks: the updates at which something happens, whose values are stored in any case.
    """

    files: dict[str, str]
    rates: Callable[[int], list[float]]
    updates: int
    given: dict[str, int] = field(default_factory=dict)
    base: float = 1.0
    version: str = ""
    target: str = "lr"
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Moves:
    """A system: what is drawn from the documented fields of its settings.

    Attributes:
        system: the name of its package.
        drawn: makes the settings, from a generator of random numbers.
    """

    system: str
    drawn: Callable[[Draw], Iterator[Move]]

"""A run that is recorded: how it is made, and what an audit of its log has to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lrdsl.auditing.reasons import REASONS
from tests.auditing.stored import Stored

BASE, WARM, TOTAL = 0.05, 20, 200
# What most of the runs should have followed.
TEXT = f"warmup({WARM}) >> cosine"
# Batches of an epoch, where there are epochs.
BATCHES = 20


@dataclass(frozen=True)
class Recorded:
    """A run and its log.

    Attributes:
        log: the path of the log in ``examples/logs/``.
        did: what the run does, in a few words.
        write: makes the run, and leaves its log at a path.
        by: the packages that make it.
        mistake: the reason that it makes; empty for a good run.
        says: a part of the sentence by which an audit has to name the mistake.
        also: the reasons that have the same curve.
        schedule: the text that it should follow.
        run: the arguments of ``lrdsl.audit`` besides.
        earlier: the text that it follows, if that is an earlier revision.
    """

    log: str
    did: str
    write: Callable[[Path], object]
    by: tuple[str, ...] = ("torch",)
    mistake: str = ""
    says: str = ""
    also: tuple[str, ...] = ()
    schedule: str = TEXT
    run: Mapping[str, Any] = field(default_factory=lambda: {"base": BASE, "total": TOTAL})
    earlier: str = ""

    def __repr__(self) -> str:
        return self.log

    def described(self) -> Stored:
        """What is stored of it beside the log."""
        return Stored(
            self.log, self.did, {name: _version(name) for name in self.by}, self.schedule,
            dict(self.run), self.mistake, self.says,
            sorted(filter(None, (self.mistake, *self.also)), key=REASONS.index), self.earlier,
        )  # fmt: skip

    def entry(self) -> dict[str, Any]:
        """The same, as ``runs.json`` has it."""
        return asdict(self.described())


def _version(package: str) -> str:
    """The version of a package, without the kind of its build: 2.13.0 for 2.13.0+cpu."""
    return version(package).partition("+")[0]

"""What marks a schedule in a config: a tag, a resolver or a call of Hydra's; what is missing."""

from __future__ import annotations

import re

from lrdsl import _HOMES as HOMES
from lrdsl.configs.config_file import Scalar, Table
from lrdsl.record import record

TAG = "!lrs"
# Where Hydra is told what to call, and what lrdsl has there: the argument that is a schedule.
TARGET, COMPILE, LOAD = "_target_", "lrdsl.compile", "lrdsl.load"
# Those that make a scheduler, whose arguments describe the run.
MAKING = (COMPILE, "lrdsl.ScheduleLR")
CALLS = {
    **dict.fromkeys(MAKING, "source"),
    LOAD: "path",
    "lrdsl.parse": "text",
    "lrdsl.Program": "text",
}
PACKAGE = "lrdsl."
# Or the first of the arguments without names.
ARGUMENTS = "_args_"
# What OmegaConf takes for a value that has to be given elsewhere.
MISSING = "???"
# OmegaConf's resolver for schedules, around a text or a path without interpolations of its own.
RESOLVER = "${lrs:"
_RESOLVED = re.compile(r"""\$\{lrs:\s*(?:'([^'$\\]*)'|"([^"$\\]*)"|([^'"$\\{}]*?))\s*\}""")


@record
class Call:
    """A call of Hydra's that takes a schedule.

    Attributes:
        name: what is called, one of ``CALLS``.
        table: its arguments.
        run: the arguments of the call around it that makes a scheduler, or of itself, which
            describe the run; or None.
    """

    name: str
    table: Table
    run: Table | None

    @property
    def argument(self) -> str:
        """The name of the argument that is a schedule."""
        return CALLS[self.name]


def calls_another(table: Table) -> bool:
    """True if a table is a call of another name: a config may choose between schedulers.

    Args:
        table: the table.
    """
    return any(key == TARGET for key, _ in table.items) and not call_of(table)


def call_of(table: Table) -> str:
    """What a table of Hydra's calls, out of ``CALLS``; empty where it calls none of them.

    Args:
        table: the table.
    """
    for key, value in table.items:
        if key == TARGET and isinstance(value, Scalar):
            # The module that a name lives in may be written out.
            module, _, name = value.text.rpartition(".")
            public = f"{PACKAGE}{name}"
            if public in CALLS and module in {"lrdsl", HOMES.get(name)}:
                return public
    return ""


def resolved(scalar: Scalar) -> tuple[int, int]:
    """The place of the resolver's argument in a string; the whole string if there is none.

    Args:
        scalar: the string.
    """
    match = _RESOLVED.fullmatch(scalar.text) if scalar.kind == "text" else None
    return match.span(match.lastindex or 0) if match else (0, len(scalar.text))

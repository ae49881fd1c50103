"""What is raised where a schedule cannot be said, or not be said for sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrdsl.importers.importer import Translation


class Refused(Exception):
    """A schedule that is not translated, and why.

    Attributes:
        reason: what is in the way, as a sentence without its full stop.
        versions: the versions of the system between which the source does not tell, for ``--as``.
        curve: the run and the columns of a curve that can be computed, and not be said: with them
            it can be approximated. Its text is not read.
    """

    def __init__(
        self, reason: str, versions: Sequence[str] = (), curve: Translation | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.versions = tuple(versions)
        self.curve = curve


class Unfit(Refused):
    """A translation that does not fit the runs that were tried, and may fit longer ones."""

"""What is raised where a schedule cannot be said, or not be said for sure."""

from __future__ import annotations

from collections.abc import Sequence


class Refused(Exception):
    """A schedule that is not translated, and why.

    Attributes:
        reason: what is in the way, as a sentence without its full stop.
        versions: the versions of the system between which the source does not tell, for ``--as``.
    """

    def __init__(self, reason: str, versions: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.versions = tuple(versions)

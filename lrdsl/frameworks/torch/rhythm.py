"""The ratio of updates to steps of the scheduler, judged from their numbers alone."""

from __future__ import annotations

# Two steps in a row are a rhythm.
_ALIKE = 2
# So many steps without one, as of PPO with early stopping, and nothing is to be learned.
_LOOKS = 16


class Rhythm:
    """Judges the number of updates between steps: once, as soon as two in a row are alike.

    Args:
        declared: the number of updates for each step.
    """

    def __init__(self, declared: int) -> None:
        self.declared = declared
        self._last, self._alike, self._looks = -1, 0, 0

    def judged(self, updates: int, moved: int) -> int | None:
        """The verdict after a step.

        Args:
            updates: the number of updates since the previous step.
            moved: the distance of this step.

        Returns:
            How many updates each step leaves out of the count; 0 where that is as it should be;
            None if nothing can be said yet.
        """
        self._looks += 1
        # What is more than allowed has to be the same number twice, and what is not is all alike.
        found = updates if updates > self.declared * max(moved, 1) else min(updates, 1)
        self._alike = self._alike + 1 if found == self._last else 1
        self._last = found
        if found and self._alike == _ALIKE:
            return found if found > 1 else 0
        return 0 if self._looks == _LOOKS else None

"""``lrdsl.fit``: the shortest text that explains a logged curve, with the proof."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.fitting.sources import Curve, curve_of, readings_of
from lrdsl.logs.log import updates_of
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import wanted_of
from lrdsl.outside import as_float
from lrdsl.program import Program, parse
from lrdsl.record import record, replace
from lrdsl.resolve.measure import total_updates
from lrdsl.resolve.run import make_run
from lrdsl.wording import count, listed, number, plural

if TYPE_CHECKING:
    from lrdsl.fitting.readings import Readings
    from lrdsl.fitting.sources import Source

# Texts that are listed where a log cannot tell them apart.
_LISTED = 5


@record
class Fit:
    """What explains a logged curve. It is true if something does.

    Attributes:
        texts: the texts that explain every reading, the shortest one first. There are several only
            where the log cannot tell them apart.
        readings: how many readings there are.
        precision: how exactly the log holds them.
        offset: the rate at step s is that of update s + offset.
        largest: the largest difference of the first text from a reading.
        unexplained: the steps for which no text was found: the first and the last of each stretch.
        base: the optimizer's own rate, if it was given; the texts say ``base``.
        guessed: the first and the last step after the log for which the first text changes the
            rate; None if the log goes on to its end, or the length of the run was given.
        unseen: the first and the last step before the log, for which any text is a guess; None if
            the log begins with the run.
        without_total: what explains the curve if the length of the run that was given is left out.

    Examples:
        >>> import lrdsl
        >>> rows = [(step, 3e-4 * (1 - step / 400)) for step in range(0, 400, 10)]
        >>> found = lrdsl.fit(rows)
        >>> found.text
        'linear(400, 3e-4)'
        >>> bool(found), found.offset, found.readings
        (True, 0, 40)
    """

    texts: tuple[str, ...]
    readings: int
    precision: Precision
    offset: int
    largest: float
    unexplained: tuple[tuple[int, int], ...]
    base: float | None = None
    guessed: tuple[int, int] | None = None
    unseen: tuple[int, int] | None = None
    without_total: str | None = None

    @property
    def text(self) -> str | None:
        """The shortest text; None if there is none."""
        return self.texts[0] if self.texts else None

    @property
    def program(self) -> Program | None:
        """The program of the shortest text; None if there is none."""
        return parse(self.texts[0]) if self.texts else None

    def to_json(self) -> dict[str, object]:
        """The fit as plain data, under the names of ``docs/reference/fit.schema.json``."""
        return {
            "texts": [*self.texts],
            "readings": self.readings,
            "precision": str(self.precision),
            "offset": self.offset if self else None,
            "largest": self.largest if self else None,
            "unexplained": [[*stretch] for stretch in self.unexplained],
            "base": self.base,
            "guessed": None if self.guessed is None else [*self.guessed],
            "unseen": None if self.unseen is None else [*self.unseen],
            "without_total": self.without_total,
        }

    @property
    def proof(self) -> str:
        """What was compared, in a sentence; or the steps for which no text was found."""
        if not self.texts:
            ranges = [f"{count(first)} to {count(last)}" for first, last in self.unexplained]
            refusal = f"found no text that explains steps {listed(ranges)}"
            if self.without_total is not None:
                return f"{refusal} in a run of that total; without it, `{self.without_total}` does"
            if self.unseen is None:
                return refusal
            begin = count(self.unseen[1] + 1)
            return f"{refusal}; the log begins at step {begin}, and a text begins with the run"
        proof = (
            f"explains all {plural(self.readings, 'reading')}"
            f" (rates of {updates_of(self.offset)}, within {self.precision}),"
            f" largest difference {number(self.largest, 2)}"
        )
        if self.unseen is not None:
            first, last = self.unseen
            proof += (
                f"; the log begins at step {count(last + 1)}, so the text for steps"
                f" {count(first)} to {count(last)} is a guess"
            )
        if self.guessed is None:
            return proof
        first, last = self.guessed
        return (
            f"{proof}; the log ends at step {count(first - 1)}, so the text for steps"
            f" {count(first)} to {count(last)} is a guess"
        )

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __str__(self) -> str:
        return "\n".join([*self.texts, self.proof])


def fit(
    curve: Source,
    *,
    total: int | str | None = None,
    base: float | None = None,
    steps: int | None = None,
    step: str | None = None,
    rate: str | None = None,
    run_name: str | None = None,
    logging_steps: int | None = None,
) -> Fit:
    """Finds the shortest text that explains a logged curve, and proves it on every reading.

    A text explains a log if every rate of the log is within half a unit of its precision. Whole
    lengths and round numbers are preferred. What no shape of the library explains is refused.

    Args:
        curve: a log, by its path or as it was read; rows of a step and a rate, of which a step
            that falls back is a resume; a function of the update's index; or a torch scheduler,
            which is stepped on a copy and does not change.
        total: the length of the run, where the last shape ends: updates, also as ``"10k"``.
        base: the optimizer's own rate, which the text calls ``base``. Of a torch scheduler it is
            known, unless a ``OneCycleLR`` or ``CyclicLR`` has overwritten it.
        steps: how many updates of a function or a torch scheduler to look at.
        step: the column with the steps, if the log does not make it clear.
        rate: the column with the rates, if the log does not make it clear.
        run_name: the run to read of a log of several.
        logging_steps: the updates from one reading to the next, for a log without steps.

    Returns:
        A ``Fit``. It is true if a text explains the curve.

    Raises:
        TypeError: the curve is something else, or an argument has the wrong type.
        ValueError: an argument is missing or has no effect, or there are too few readings.
        lrdsl.logs.reader.Unreadable: the file is no log that can be read.
        OSError: it cannot be read.

    Examples:
        >>> import lrdsl
        >>> rows = [(0, 0.1), (10, 0.1), (20, 0.1), (30, 0.01), (40, 0.01), (50, 0.01)]
        >>> print(lrdsl.fit(rows).text)
        step(30, start = 0.1)
    """
    updates = total_updates(make_run({"total": total}))
    base = None if base is None else as_float(base, "base")
    if base is not None and not 0 < base < math.inf:
        raise ValueError(f"base is a rate above 0, not {base}")
    wanted = wanted_of(step, rate, None, run_name, logging_steps)
    logged = curve_of(curve, steps, wanted)
    base = logged.base if base is None else base
    found = _found(logged, updates, base)
    if found or updates is None:
        return found
    return replace(found, without_total=_found(logged, None, base).text)


def _found(curve: Curve, total: int | None, base: float | None) -> Fit:
    """What explains a curve, in a run of a length that may be known."""
    import numpy as np

    from lrdsl.fitting.search import Known, candidates

    readings = readings_of(curve)
    unseen = _unseen(readings)
    # Numbers that are tried may overflow, or have no value: the search passes them over.
    with np.errstate(all="ignore"):
        found, division = candidates(readings, Known(total, base, curve.offsets))
    proven: list[tuple[str, int, float]] = []
    for one in found[:_LISTED]:
        gap = _largest(one.text, one.offset, readings, total, base)
        if gap is not None and one.text not in [text for text, *_ in proven]:
            proven.append((one.text, one.offset, gap))
    if proven:
        _, offset, gap = proven[0]
        texts = tuple(text for text, other, _ in proven if other == offset)
        guessed = None if total else _guessed(texts[0], offset, readings)
        return Fit(texts, len(readings), curve.precision, offset, gap, (), base, guessed, unseen)
    ranges = [] if division is None else division.unexplained
    updates = [int(update) for update in readings.updates]
    unexplained = tuple((updates[a], updates[b - 1]) for a, b in ranges or [(0, len(updates))])
    return Fit((), len(readings), curve.precision, 0, math.nan, unexplained, base, None, unseen)


def _unseen(readings: Readings) -> tuple[int, int] | None:
    """The steps before a log, if a reading would be missing there."""
    import numpy as np

    first = int(readings.updates[0])
    return (0, first - 1) if first > np.max(np.diff(readings.updates)) + 1 else None


def _largest(
    text: str, offset: int, readings: Readings, total: int | None, base: float | None
) -> float | None:
    """The largest difference of a text from a reading; None if it does not explain all of them."""
    import numpy as np

    try:
        schedule = parse(text).resolve(total=total)
    except LrsError:  # such as what grows without bound after the log
        return None
    # Before the first update there is the rate that it will have.
    updates = np.maximum(readings.updates.astype(np.int64) + offset, 0)
    rates = schedule.bind(1.0 if base is None else base)(updates)
    gaps = np.abs(rates - readings.rates)
    return float(np.max(gaps)) if np.all(gaps <= readings.tolerance) else None


def _guessed(text: str, offset: int, readings: Readings) -> tuple[int, int] | None:
    """The steps between the end of a log and that of its text, if a reading would be missing."""
    import numpy as np

    last = parse(text).resolve().parts[-1]
    if last.length == math.inf:
        return None
    at, end = int(readings.updates[-1]), int(last.start_step + last.length) - 1 - offset
    return (at + 1, end) if end - at > np.max(np.diff(readings.updates)) else None

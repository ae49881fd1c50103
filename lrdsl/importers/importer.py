"""What an importer is: how it finds a system's schedules, says them in lrdsl, and computes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from lrdsl.comparison import Row
from lrdsl.record import entity, record
from lrdsl.schedule.difference import CLOSE

if TYPE_CHECKING:
    from lrdsl.importers.documents import Document
    from lrdsl.importers.fields import Fields

# The value of a schedule at an update, counted from 0.
Rate = Callable[[int], float]
# How far two schedules may be apart, as a share of the peak: where both sides compute in float64,
# and where the system computes in float32.
EXACT, SINGLE = CLOSE, 2e-6


@record
class Column:
    """A number that is compared at every update.

    Attributes:
        target: what it is in the translation, one of ``Program.targets``: ``lr``, ``lr[1]``.
        base: the optimizer's own value for it: the learning rate that it was built with.
    """

    target: str = "lr"
    base: float = 1.0

    @property
    def key(self) -> str:
        """The hyperparameter, whichever group it is of: ``lr``."""
        return self.target.partition("[")[0]


@entity
class Setting:
    """A schedule as a source has it.

    Attributes:
        kind: its name in its system, such as ``CosineAnnealingLR`` or ``cosine_with_restarts``.
        fields: its settings, with those of the run and the optimizer that it depends on.
        line: the line that it stands on; 0 if it has none.
        version: the version of its system, where the caller or the source says it.
    """

    kind: str
    fields: Fields
    line: int = 0
    version: str = ""


@record
class Translation:
    """A schedule in lrdsl.

    Attributes:
        text: the program, in terms of ``base`` unless its system takes no notice of the
            optimizer's rate. What the run is like and the names of ``param``s are not in it.
        total: the updates of the run; 0 if the schedule does not depend on them, and is to be
            compared for its own length.
        updates: the updates of the run, where the text itself says how long it is; 0 otherwise.
        epochs: the length of the run in epochs, where the system says it so; 0 otherwise.
        steps_per_epoch: the updates of an epoch, where the source says how many; 0 otherwise.
        columns: what is compared: a rate of 1, unless the source gives the optimizer's own. One
            for each group of other settings, and for each hyperparameter.
        notes: what was assumed, each a sentence without its full stop.
        tolerance: `EXACT` or `SINGLE`.
        metric: for a schedule that a metric drives, what is measured after each of the updates that
            are compared; empty for others.
    """

    text: str
    total: int = 0
    updates: int = 0
    epochs: float = 0
    steps_per_epoch: int = 0
    columns: Sequence[Column] = (Column(),)
    notes: Sequence[str] = ()
    tolerance: float = EXACT
    metric: Sequence[float] = ()


@entity
class Importer:
    """A system whose schedules lrdsl reads.

    Attributes:
        system: the name of its package, as in ``pip install``, and in ``--as``.
        versions: the versions it is true for, the oldest and the newest that were looked at, and
            those between which something changed.
        keys: what its schedules are found by, for a source in which there is none.
        find: the schedules of a document.
        translate: a schedule in lrdsl.
        formula: a schedule as its system computes it, for one column: written from its source,
            and never from its translation.
        compared: the versions of the package that ``make oracles`` has compared the formula with.
        run: the values at so many updates, a row for each with a value for each column, by the
            package itself with the loop that steps it; None if it is never run. Where the tests
            have not the package, it is not covered.
        by: the package that `run` runs, where that is another one; the rest of it is written out.
    """

    system: str
    versions: Sequence[str]
    keys: Sequence[str]
    find: Callable[[Document], Iterable[Setting]]
    translate: Callable[[Setting], Translation]
    formula: Callable[[Setting, Translation, Column], Rate]
    compared: Sequence[str] = ()
    run: Callable[[Setting, Translation, int], list[Row]] | None = None
    by: str = ""

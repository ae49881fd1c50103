"""``lrdsl.audit``: whether a run followed its schedule, by the rates that it logged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.auditing.answer import Audit
from lrdsl.auditing.judging import Asked, judged
from lrdsl.auditing.matching import names_in
from lrdsl.auditing.revisions import revisions
from lrdsl.auditing.sources import laid_out, opened
from lrdsl.logs.reader import Unreadable, wanted_of
from lrdsl.outside import as_float, as_whole, shown
from lrdsl.program import Program
from lrdsl.resolve.resolved import Resolved
from lrdsl.resolve.run_arguments import RunArguments, normalized, takes_run
from lrdsl.schedule.schedule import Schedule

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from lrdsl.auditing.judging import Judgment
    from lrdsl.auditing.sources import Laid, LogSource, Opened

    Source = str | Path | Program | Resolved | Schedule


@takes_run
def audit(
    log: LogSource,
    schedule: Source,
    *,
    base: float | Sequence[float] | None = None,
    step: str | None = None,
    rate: str | Sequence[str] | None = None,
    metric: str | None = None,
    run_name: str | None = None,
    logging_steps: int | None = None,
    offset: int | None = None,
    git: bool = False,
    **run: Unpack[RunArguments],
) -> Audit:
    """Compares the rates that a run logged with the schedule that it should have followed.

    Which update a logged rate is of is found, as systems and versions differ. Rates agree if they
    are the same within half a unit of the log's precision.

    Args:
        log: the log: a path, a ``Log``, or rows such as ``trainer.state.log_history``.
        schedule: the schedule: a text, a ``Path`` or a string that ends in ``.lrs``, a
            ``Program``, a ``Resolved`` or a ``Schedule``.
        **run: the arguments of the run, for texts and programs.
        base: the value of ``base`` in the text: the optimizer's own rate, or one for each logged
            rate. If it is left out and the text depends on it, it is fitted.
        step: the column with the steps, if the log does not make it clear.
        rate: the column with the rates, or several, if the log does not make it clear.
        metric: the column with the metric that the schedule listens to.
        run_name: the run to read of a log of several.
        logging_steps: the updates from one reading to the next, for a log without steps.
        offset: the rate that is logged at step s is known to be that of update s + ``offset``; any
            other is a finding then. By default it is found.
        git: True to compare a log that leaves its schedule with earlier revisions of the file.

    Returns:
        An ``Audit``. It is true if every logged rate follows its schedule, and its text says where
        one leaves it, and why.

    Raises:
        LrsError: the text has errors, or does not fit the run.
        TypeError: an argument has the wrong type.
        ValueError: the log is no log that is known or has no rates, or an argument has no effect.
        OSError: a file cannot be read.

    Examples:
        >>> import lrdsl
        >>> rows = [{"step": t, "lr": 0.1 * (4 - t)} for t in range(4)]
        >>> print(lrdsl.audit(rows, "linear(4, 0.4)").verdicts[0])
        lr follows the schedule at all 4 logged steps (rates of update s, within float64)
        >>> bool(lrdsl.audit(rows, "linear(5, 0.4)"))
        False
    """
    wanted = wanted_of(step, rate, metric, run_name, logging_steps)
    try:
        found = opened(log, wanted)
    except Unreadable as error:
        raise ValueError(str(error)) from None
    laid = laid_out(schedule, normalized(run, "audit"), names_in(found.log))
    if git and laid.path is None:
        raise ValueError(f"git=True takes the path of a schedule, not {shown(schedule)}")
    known = None if offset is None else as_whole(offset, "offset")
    _, answer = audited(found, laid, _bases(base), metric, known, git=git)
    return answer


def audited(
    found: Opened,
    laid: Laid,
    bases: tuple[float, ...],
    metric: str | None,
    offset: int | None = None,
    *,
    git: bool,
) -> tuple[tuple[Judgment, ...], Audit]:
    """Compares a log that was read with a schedule that was laid out.

    Args:
        found: the log.
        laid: the schedule.
        bases: the optimizer's own rate: one, or one for each rate; empty to fit it.
        metric: the column with the metric; None if none was named.
        offset: the offset of the log, if it is known.
        git: True to try earlier revisions of the schedule's file, which it has.

    Returns:
        A judgment of each rate, and the whole answer.
    """
    earlier = revisions(laid.path) if git and laid.path is not None else {}
    judgments = judged(found, laid, Asked(bases, metric, earlier, offset))
    verdicts = tuple([one.verdict for one in judgments])
    return judgments, Audit(found.log.path, found.log.system, laid.name, verdicts)


def _bases(base: float | Sequence[float] | None) -> tuple[float, ...]:
    """The values of ``base`` that are given."""
    if base is None:
        return ()
    if isinstance(base, Sequence) and not isinstance(base, str | bytes):
        if not base:
            raise ValueError("base is a rate, or one for each logged rate, not []")
        return tuple(as_float(value, "base") for value in base)
    return (as_float(base, "base"),)

"""A log and its schedule over each other: in the terminal, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl import files as disk
from lrdsl.auditing.offsets import spread
from lrdsl.auditing.replay import listens, replayed
from lrdsl.preview.chart import chart
from lrdsl.preview.curve import Curve, View, window
from lrdsl.preview.export import FORMATS, write
from lrdsl.preview.svg import svg
from lrdsl.program import Program

if TYPE_CHECKING:
    from lrdsl.auditing.answer import Audit
    from lrdsl.auditing.judging import Judgment
    from lrdsl.auditing.offsets import Fit
    from lrdsl.auditing.readings import Readings

# Readings that a line is drawn through, and rates that can be told apart in a picture.
_POINTS = 1000
_RATES = 3
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ max-width: 60em; margin: 2em auto; font-family: system-ui, sans-serif }}</style>
<h1>{title}</h1>
<pre>{text}</pre>
{pictures}
</html>
"""


def drawn(judgments: Sequence[Judgment]) -> list[Judgment]:
    """Those that are worth a picture: the rates that leave their schedule, or else all."""
    auditable = [one for one in judgments if one.fit is not None]
    return [one for one in auditable if not one.verdict] or auditable


def curves_of(judgment: Judgment, schedule: str) -> list[Curve]:
    """The schedule, and each leg of the log.

    Args:
        judgment: what was found.
        schedule: what the schedule is called.
    """
    fit, readings = judgment.fit, judgment.readings
    if fit is None or readings is None:
        return []
    name = f"{schedule}: {fit.subject.label}"
    return [_expected(fit, name), *_logged(fit, readings, f"logged {judgment.verdict.name}")]


def _expected(fit: Fit, name: str) -> Curve:
    """The schedule, as a metric makes it if one does."""
    subject = fit.subject
    if not listens(subject.schedule):
        return Curve(name, subject.schedule, subject.base)
    stretches = replayed(subject.schedule, subject.base, subject.metric)
    history = [(one.start, tuple(one.factors)) for one in stretches if one.factors]
    return Curve(name, stretches[-1].schedule, subject.base, tuple(history))


def _logged(fit: Fit, readings: Readings, name: str) -> Iterator[Curve]:
    """A line through the readings of each leg."""
    for k, leg in enumerate(readings.legs[:_RATES]):
        pairs = zip(fit.updates[leg].tolist(), readings.rates[leg].tolist(), strict=True)
        # A chart has no place for what is no rate, and one for each update.
        points = {update: rate for update, rate in pairs if update >= 0 and 0 <= rate < 1e300}
        chosen = [[*points][place] for place in spread(len(points), _POINTS)] if points else []
        if not chosen:
            continue
        times = ", ".join(map(str, chosen))
        rates = ", ".join(repr(points[update]) for update in chosen)
        text = f"points([{times}], [{rates}])"
        if len(chosen) == 1:
            text = f"const(value = {rates})"
        yield Curve(f"{name}, resumed" if k else name, Program(text).resolve())


def view_of(fit: Fit, curves: Sequence[Curve]) -> View:
    """The updates of the log."""
    updates = fit.updates[fit.updates >= 0]
    if not updates.size:
        return window(curves)
    return window(curves, int(updates.min()), max(int(updates.max()), int(updates.min()) + 1))


def charts(judgments: Sequence[Judgment], schedule: str, width: int, *, color: bool) -> str:
    """The rates that leave their schedule, each in a chart of its own."""
    shown = []
    for one in [one for one in judgments if not one.verdict][:_RATES]:
        if one.fit is not None and (curves := curves_of(one, schedule)):
            shown.append(chart(curves, view_of(one.fit, curves), width=width, color=color))
    return "\n\n".join(shown)


def save(path: str, audit: Audit, judgments: Sequence[Judgment]) -> None:
    """Writes a picture of every rate that leaves its schedule, or of all if none does.

    Args:
        path: where to write: a .png, .svg or .html file.
        audit: what was found.
        judgments: the same, rate by rate.

    Raises:
        ValueError: the suffix is another one, or there is nothing to draw.
        OSError: the file cannot be written.
    """
    shown = drawn(judgments)
    if not shown:
        raise ValueError("no rate of the log can be drawn beside a schedule")
    if Path(path).suffix.lower() == ".html":
        _save_page(path, audit, shown)
        return
    curves = [curve for one in shown[:_RATES] for curve in curves_of(one, audit.schedule)]
    fit = shown[0].fit
    assert fit is not None
    assert Path(path).suffix.lower() in FORMATS
    write(path, curves, view_of(fit, curves))


def _save_page(path: str, audit: Audit, shown: Sequence[Judgment]) -> None:
    pictures = []
    for one in shown:
        curves = curves_of(one, audit.schedule)
        if one.fit is not None and curves:
            pictures.append(svg(curves, view_of(one.fit, curves)))
    page = _PAGE.format(
        title=escape(f"{audit.log} beside {audit.schedule}"),
        text=escape(str(audit)),
        pictures="\n".join(pictures),
    )
    with disk.replacing(path) as stream:
        stream.write(page.encode())

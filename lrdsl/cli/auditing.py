"""The work of ``lrdsl audit``: reads, watches and compares, and says what was found."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from lrdsl import files as disk
from lrdsl.auditing.answer import LEAVES, Audit, Verdict
from lrdsl.auditing.audit import audited
from lrdsl.auditing.judging import Judgment
from lrdsl.auditing.matching import names_in
from lrdsl.auditing.sources import Laid, Opened, opened
from lrdsl.cli import output
from lrdsl.cli.audit_pictures import charts, save
from lrdsl.cli.formats.github import said
from lrdsl.cli.run_options import Text
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.logs.log import Block
from lrdsl.logs.reader import Unreadable, Wanted
from lrdsl.preview.chart import MIN_WIDTH
from lrdsl.program import Program
from lrdsl.record import record
from lrdsl.wording import count, plural, visible

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

VERSION = 1
# Readings after which a terminal shows how far a long log was read.
_LONG = 200_000


@record
class Request:
    """What is asked: the arguments of the command."""

    log: str
    text: Text
    run: RunArguments
    wanted: Wanted
    bases: tuple[float, ...]
    git: bool
    path: str | None
    form: str
    fail_under: float
    offset: int | None = None

    def audited(self, *, quietly: bool = False) -> tuple[tuple[Judgment, ...], Audit]:
        """Reads the log and compares it; ends the command where that cannot be done.

        Args:
            quietly: True to raise what says that the log cannot be read.
        """
        try:
            found = opened(self.log, self.wanted, _shown)
        except Unreadable as error:
            if quietly:
                raise
            _refuse(f"cannot read {error}")
        except OSError as error:
            if quietly:
                raise
            _refuse(f"cannot read {self.log}: {disk.reason(error)}")
        laid = self._laid(found)
        if self.git and laid.path is None:
            raise click.UsageError("--git tries earlier revisions of a schedule's file: give one.")
        try:
            metric = self.wanted.metric
            return audited(found, laid, self.bases, metric, self.offset, git=self.git)
        except LrsError as error:
            output.print_diagnostics(error.diagnostics, err=self.form != "text")
            sys.exit(output.MISUSE)
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    def _laid(self, found: Opened) -> Laid:
        text, config = self.text, self.text.in_config
        try:
            if config is not None and config.errors:
                raise LrsError(config.errors)
            program = Program(text.source, text.name).for_groups(names_in(found.log))
            resolved = program.resolve_all(**known_run(text, program, self.run))
        except LrsError as error:
            output.print_diagnostics(text.explained(error.diagnostics), err=self.form != "text")
            sys.exit(output.MISUSE)
        is_file = config is None and not text.is_stdin and Path(text.name).is_file()
        return Laid(text.label, resolved, path=Path(text.name) if is_file else None)

    def passes(self, verdict: Verdict) -> bool:
        """True if a rate follows its schedule, or does so at as many steps as are asked for."""
        is_enough = verdict.share >= self.fail_under
        return bool(verdict) or (verdict.status == LEAVES and is_enough)


def _refuse(sentence: str) -> NoReturn:
    output.say(f"lrdsl: {sentence}")
    sys.exit(output.MISUSE)


def _shown(blocks: Iterator[Block]) -> Iterator[Block]:
    """The readings of a log; a terminal shows how far a long one was read."""
    if not sys.stderr.isatty():
        yield from blocks
        return
    read, told = 0, 0
    for block in blocks:
        yield block
        read += len(block.steps)
        if read - told >= _LONG:
            told = read
            click.echo(f"\r{count(read)} readings", nl=False, err=True)
    if told:
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)


def followed(asked: Request, every: float) -> tuple[tuple[Judgment, ...], Audit]:
    """Looks at a log again and again, until it leaves the schedule or the run is over."""
    seen: object = None
    suspected: object = None
    last: tuple[tuple[Judgment, ...], Audit] | None = None
    if not Path(asked.log).exists():
        _refuse(f"cannot read {asked.log}: there is no such file or folder")
    output.say(f"watching {asked.log}; Ctrl-C ends with the verdict so far")
    try:
        while True:
            present = _mark(Path(asked.log))
            if present != seen or suspected is not None:
                seen = present
                try:
                    is_first, last = last is None, asked.audited(quietly=True)
                except (Unreadable, OSError):  # a row or a file that is half written
                    suspected = None
                else:
                    if is_first:
                        output.say(_how_it_ends(last[0]))
                    firsts = [one.verdict.first for one in last[0]]
                    # A number may be half written: it has to be wrong when it is read again.
                    if not last[1] and firsts == suspected:
                        return last
                    suspected = None if last[1] else firsts
                    if last[1] and all(map(_is_over, last[0])):
                        return last
            time.sleep(every)
    except KeyboardInterrupt:
        if last is None:
            _refuse(f"{asked.log} has no learning rates so far")
        return last


def _is_over(judgment: Judgment) -> bool:
    """True if the next reading would be after the end of the run."""
    fit, end = judgment.fit, _end(judgment)
    if fit is None or end is None:
        return False
    last = int(fit.updates[-1])
    spacing = last - int(fit.updates[-2]) if len(fit.updates) > 1 else 1
    return last + max(spacing, 1) > end - 1


def _end(judgment: Judgment) -> int | None:
    """The updates of the run: its total, or else the length of the schedule; None without both."""
    if judgment.fit is None:
        return None
    subject = judgment.fit.subject
    total = subject.run.get("total")
    if isinstance(total, int):
        return total
    length = subject.schedule.length
    return int(length) if math.isfinite(length) else None


def _how_it_ends(judgments: tuple[Judgment, ...]) -> str:
    """When following ends, if the log does not leave before."""
    ends = [*map(_end, judgments)]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends) or not known:
        return "the schedule has no end: say with --total after how many updates the run ends"
    return f"the run ends after {plural(max(known), 'update')}"


def _mark(path: Path) -> object:
    """What changes when a log grows."""
    inside = sorted(path.rglob("*")) if path.is_dir() else [path]
    stats = [one.stat() for one in inside if one.is_file()]
    return [(one.st_size, one.st_mtime_ns) for one in stats]


def report(asked: Request, judgments: tuple[Judgment, ...], audit: Audit) -> NoReturn:
    """Prints what was found, draws it, and ends the command."""
    passed = all(map(asked.passes, audit.verdicts))
    if asked.form == "json":
        click.echo(output.document(VERSION, {"passed": passed, **audit.to_json()}))
    elif asked.form == "github":
        for one in audit.verdicts:
            severity = "notice" if asked.passes(one) else "error"
            click.echo(said(severity, f"lrdsl audit {audit.log}", "\n".join(one.lines())))
    else:
        _print(judgments, audit)
    if asked.path is not None:
        try:
            save(asked.path, audit, judgments)
        except (OSError, ValueError) as error:
            reason = disk.reason(error) if isinstance(error, OSError) else error
            _refuse(f"cannot write {asked.path}: {reason}")
    sys.exit(0 if passed else output.FINDINGS)


def _print(judgments: tuple[Judgment, ...], audit: Audit) -> None:
    """Prints the verdicts, and a chart of each rate that leaves its schedule."""
    for line in str(audit).splitlines():
        click.echo(visible(line))
    if audit:
        return
    width = max(MIN_WIDTH, shutil.get_terminal_size().columns)
    if shown := charts(judgments, audit.schedule, width, color=output.color()):
        click.echo(f"\n{shown}")

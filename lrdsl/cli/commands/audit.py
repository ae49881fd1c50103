"""``lrdsl audit``: whether a run followed its schedule, by its log."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from lrdsl import __version__
from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.completion import any_file
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered
from lrdsl.cli.help import OUTPUT, READ, Command, argument, option
from lrdsl.cli.run_options import Text, base_option, described_run
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.program import Program
from lrdsl.record import record
from lrdsl.wording import count, visible

if TYPE_CHECKING:
    from lrdsl.auditing.answer import Audit, Verdict
    from lrdsl.auditing.judging import Judgment
    from lrdsl.auditing.sources import Laid, Opened
    from lrdsl.logs.log import Block
    from lrdsl.logs.reader import Wanted
    from lrdsl.resolve.run_arguments import RunArguments

FORMATS = ("github", "json", "text")
# Rises when a reader of the one before would misunderstand; a field that is new is no reason.
VERSION = 1
# Readings after which a terminal shows how far a long log was read.
_LONG = 200_000


def _share(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """An option that is a share, from 0 to 1."""
    if value is not None and not 0 <= value <= 1:
        raise click.BadParameter(f"{value} is not a share, from 0 to 1")
    return value


@click.command(
    cls=Command,
    examples=(
        "lrdsl audit examples/logs/followed.csv examples/logs/schedule.lrs",
        "lrdsl audit examples/logs/left.csv -e 'warmup(20) >> cosine(180)' -o audit.svg",
    ),
    statuses=(
        "Every rate follows its schedule.",
        "One leaves it, or is not auditable.",
        "Wrong use, or a file that cannot be read or has errors.",
    ),
)
@argument(
    "sources",
    "A log, and a file with its schedule.",
    nargs=-1,
    metavar="LOG SCHEDULE",
    shell_complete=any_file,
)
@option(READ, "-e", "--expression", "expressions", multiple=True, metavar="EXPR",
        help="The schedule given here, in quotes.")  # fmt: skip
@config_options
@option(READ, "--step", metavar="COLUMN", help="The column with the steps.")
@option(READ, "--rate", "rates", multiple=True, metavar="COLUMN", help="A column with a rate.")
@option(READ, "--metric", metavar="COLUMN", help="The column with the metric of a plateau.")
@option(READ, "--run", "run_name", metavar="NAME", help="The run to read, of several.")
@option(READ, "--git", is_flag=True, help="Try earlier revisions of the file, too.")
@option(READ, "--follow", is_flag=True, help="Watch a log that grows until it leaves.")
@option(READ, "--every", type=click.FloatRange(0), metavar="SECONDS",
        help="How often --follow looks; 10 by default.")  # fmt: skip
@described_run
@base_option
@option(OUTPUT, "--fail-under", type=float, callback=_share, metavar="SHARE",
        help="Share of logged steps that must agree (1).")  # fmt: skip
@option(OUTPUT, "--format", "form", type=click.Choice(FORMATS), default="text",
        help="How to write what was found; text by default.")  # fmt: skip
@option(OUTPUT, "-o", "--output", "path", metavar="FILE", shell_complete=any_file,
        help="Draw both to a .png, .svg or .html file.")  # fmt: skip
def command(
    sources: tuple[str, ...],
    expressions: tuple[str, ...],
    configs: ConfigOptions,
    step: str | None,
    rates: tuple[str, ...],
    metric: str | None,
    run_name: str | None,
    git: bool,
    follow: bool,
    every: float | None,
    bases: dict[str, float],
    fail_under: float | None,
    form: str,
    path: str | None,
    run: RunArguments,
) -> None:
    """Compare a run's log with its schedule.

    Finds out which update each logged rate is of, and compares it with the schedule at every logged
    step, as exactly as the log holds rates. Where a run leaves its schedule, both are drawn, and
    the mistakes are named that explain every logged rate.

    If the schedule depends on `base` and --base is left out, it is fitted. A plateau is replayed
    with the metric in the log.

    --follow ends when the log leaves the schedule, when the run is over, or with Ctrl-C.
    """
    log, schedule = _sources(sources, expressions)
    _check_use(path, follow, every, fail_under)
    output.need("preview", "numpy", *(["plotext"] if form == "text" else []))
    from lrdsl.logs.reader import Wanted

    found = _text(schedule, expressions, configs, run)
    wanted = Wanted(step, rates, metric, run_name)
    base = _base(bases)
    asked = _Asked(log, found, run, wanted, base, git, path, form, fail_under)
    judgments, audit = _followed(asked, every or 10.0) if follow else asked.audited()
    _report(asked, judgments, audit)


@record
class _Asked:
    """What is asked: the arguments of the command."""

    log: str
    text: Text
    run: RunArguments
    wanted: Wanted
    bases: tuple[float, ...]
    git: bool
    path: str | None
    form: str
    fail_under: float | None

    def audited(self, *, quietly: bool = False) -> tuple[tuple[Judgment, ...], Audit]:
        """Reads the log and compares it; ends the command where that cannot be done.

        Args:
            quietly: True to raise what says that the log cannot be read.
        """
        from lrdsl.auditing.answer import Audit
        from lrdsl.auditing.judging import Asked, judged
        from lrdsl.auditing.revisions import revisions
        from lrdsl.auditing.sources import opened
        from lrdsl.logs.reader import Unreadable

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
        try:
            earlier = revisions(laid.path) if self.git and laid.path is not None else {}
            judgments = judged(found, laid, Asked(self.bases, self.wanted.metric, earlier))
        except LrsError as error:
            output.print_diagnostics(error.diagnostics, err=self.form != "text")
            sys.exit(output.MISUSE)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        verdicts = tuple([one.verdict for one in judgments])
        return judgments, Audit(found.log.path, found.log.system, laid.name, verdicts)

    def _laid(self, found: Opened) -> Laid:
        from lrdsl.auditing.matching import names_in
        from lrdsl.auditing.sources import Laid

        names = [name for run in found.log.runs for one in run.rates for name in names_in(one)]
        text, config = self.text, self.text.in_config
        try:
            if config is not None and config.errors:
                raise LrsError(config.errors)
            program = Program(text.source, text.name).for_groups(names)
            resolved = program.resolve_all(**known_run(text, program, self.run))
        except LrsError as error:
            output.print_diagnostics(text.explained(error.diagnostics), err=self.form != "text")
            sys.exit(output.MISUSE)
        is_file = config is None and not text.is_stdin and Path(text.name).is_file()
        return Laid(text.label, resolved, path=Path(text.name) if is_file else None)

    def passes(self, verdict: Verdict) -> bool:
        """True if a rate follows its schedule, or does so at as many steps as are asked for."""
        is_enough = self.fail_under is not None and verdict.share >= self.fail_under
        return bool(verdict) or (verdict.status == "leaves" and is_enough)


def _sources(sources: tuple[str, ...], expressions: tuple[str, ...]) -> tuple[str, str | None]:
    """The log and the schedule; None for the one of ``-e``."""
    if len(expressions) > 1:
        raise click.UsageError("Give one schedule with -e.")
    if len(sources) + len(expressions) != 2 or not sources:
        given = len(sources) + len(expressions)
        raise click.UsageError(f"Give a LOG and a SCHEDULE, not {given}; or a LOG, and -e.")
    return sources[0], sources[1] if len(sources) > 1 else None


def _check_use(
    path: str | None, follow: bool, every: float | None, fail_under: float | None
) -> None:
    """Refuses options that would have no effect, and pictures of no known format."""
    if every is not None and not follow:
        raise click.UsageError("--every says how often --follow looks: give it too.")
    if follow and fail_under is not None:
        raise click.UsageError("--follow ends where the log leaves: leave --fail-under out.")
    if path is None:
        return
    suffix = Path(path).suffix.lower()
    if suffix not in (".png", ".svg", ".html"):
        raise click.BadParameter(f"end {path} in .png, .svg or .html", param_hint="-o")
    if suffix == ".png":
        output.need("preview", "matplotlib")


def _text(
    schedule: str | None, expressions: tuple[str, ...], configs: ConfigOptions, run: RunArguments
) -> Text:
    """The one schedule; ends the command where there is none, or are several."""
    files = () if schedule is None else (schedule,)
    texts, unreadable = gathered(files, expressions, None, configs, run)
    output.print_unreadable(unreadable)
    if unreadable:
        sys.exit(output.MISUSE)
    if len(texts) != 1:
        places = "".join(f"\n  {text.place}" for text in texts)
        raise click.UsageError(
            f"{schedule} has {count(len(texts))} schedules: choose one with --key{places}"
        )
    return texts[0]


def _base(bases: dict[str, float]) -> tuple[float, ...]:
    for name in bases:
        if name != "lr":
            raise click.BadParameter(f"an audit is of `lr`, not of `{name}`", param_hint="--base")
    return tuple(bases.values())


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


def _followed(asked: _Asked, every: float) -> tuple[tuple[Judgment, ...], Audit]:
    """Looks at a log again and again, until it leaves the schedule or the run is over."""
    from lrdsl.logs.reader import Unreadable

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
                    last = asked.audited(quietly=True)
                except (Unreadable, OSError):  # a row or a file that is half written
                    suspected = None
                else:
                    firsts = [one.verdict.first for one in last[0]]
                    # A number may be half written: it has to be wrong when it is read again.
                    if not last[1] and firsts == suspected:
                        return last
                    suspected = None if last[1] else firsts
                    if last[1] and all(_is_over(one, asked) for one in last[0]):
                        return last
            time.sleep(every)
    except KeyboardInterrupt:
        if last is None:
            _refuse(f"{asked.log} has no learning rates so far")
        return last


def _is_over(judgment: Judgment, asked: _Asked) -> bool:
    """True if the next reading would be after the end of the run."""
    fit = judgment.fit
    total = None if fit is None else fit.subject.run.get("total")
    if fit is None or not isinstance(total, int):
        return False
    last = int(fit.updates[-1])
    spacing = last - int(fit.updates[-2]) if len(fit.updates) > 1 else 1
    return last + max(spacing, 1) > total - 1


def _mark(path: Path) -> object:
    """What changes when a log grows."""
    inside = sorted(path.rglob("*")) if path.is_dir() else [path]
    stats = [one.stat() for one in inside if one.is_file()]
    return [(one.st_size, one.st_mtime_ns) for one in stats]


def _report(asked: _Asked, judgments: tuple[Judgment, ...], audit: Audit) -> NoReturn:
    """Prints what was found, draws it, and ends the command."""
    passed = all(map(asked.passes, audit.verdicts))
    if asked.form == "json":
        head = {"version": VERSION, "lrdsl": __version__, "passed": passed}
        click.echo(json.dumps({**head, **audit.to_json()}, indent=2))
    elif asked.form == "github":
        from lrdsl.cli.formats.github import said

        for one in audit.verdicts:
            severity = "notice" if asked.passes(one) else "error"
            click.echo(said(severity, f"lrdsl audit {audit.log}", "\n".join(one.lines())))
    else:
        _print(judgments, audit)
    if asked.path is not None:
        from lrdsl.cli.audit_pictures import save

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
    from lrdsl.cli.audit_pictures import charts
    from lrdsl.preview.chart import MIN_WIDTH

    width = max(MIN_WIDTH, shutil.get_terminal_size().columns)
    if shown := charts(judgments, audit.schedule, width, color=output.color()):
        click.echo(f"\n{shown}")

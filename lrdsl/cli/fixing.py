"""``lrdsl check --fix``: applies the safe fixes to the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.run_options import EXPRESSION, Text
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, apply, compatible
from lrdsl.record import record, replace
from lrdsl.wording import plural

# One fix may bring the next mistake to light. More than this no text has in it.
_ROUNDS = 50
_MARK = "\ufeff"

Findings = Callable[[Text], list[Diagnostic]]


@record
class Mended:
    """A text with its safe fixes made.

    Attributes:
        text: as it is now.
        done: what was done, each with its place in the text of that moment.
        left: the remaining findings.
    """

    text: Text
    done: tuple[str, ...]
    left: tuple[Diagnostic, ...]


def mended(text: Text, findings: Findings) -> Mended:
    """Applies the safe fixes of a text until none is left.

    Args:
        text: a program.
        findings: what is wrong with one.
    """
    done: list[str] = []
    left: list[Diagnostic] = []
    for _ in range(_ROUNDS):
        left = findings(text)
        found = [*_safe(text, left)]
        chosen = compatible(fix for _, fix in found)
        if not chosen:
            break
        for diagnostic, fix in found:
            if fix in chosen:
                done.append(f"{diagnostic.place}: {diagnostic.code} {fix.title}")
        mark = _MARK if text.text.startswith(_MARK) else ""
        text = replace(text, text=mark + apply(text.text.removeprefix(_MARK), chosen))
    return Mended(text, tuple(done), tuple(left))


def _safe(text: Text, found: Sequence[Diagnostic]) -> Iterator[tuple[Diagnostic, Fix]]:
    """The likeliest fix of each finding that is safe, and is one of the text."""
    own = text.text.removeprefix(_MARK)
    for diagnostic in found:
        for fix in diagnostic.fixes[:1]:
            if fix.safe and all(edit.span.source.text == own for edit in fix.edits):
                yield diagnostic, fix


def fix_files(programs: Sequence[Text], findings: Findings, unreadable: list[str]) -> list[Text]:
    """Makes the safe fixes in files, and says what was done.

    Schedules inside configs are left as they are, with a note: a config spells characters in ways
    of its own, and its places are not those of the schedule.

    Args:
        programs: what was read.
        findings: what is wrong with one.
        unreadable: takes a sentence for each file that cannot be changed.

    Returns:
        The programs as they are now.
    """
    kept: list[Text] = []
    left: list[Diagnostic] = []
    if any(text.name == EXPRESSION or text.is_stdin for text in programs):
        raise click.UsageError("--fix changes files: give one, or --diff to see the changes.")
    for text in _each_once(programs):
        if text.in_config is not None:
            _note_left_alone(text, findings)
            kept.append(text)
            continue
        new = mended(text, findings)
        if new.done and (reason := _write(text, new.text)):
            unreadable.append(f"{text.name}: {reason}")
            kept.append(text)
            continue
        for sentence in new.done:
            output.say(f"fixed: {sentence}")
        kept.append(new.text)
        left += new.left
    _note_left_out(left)
    return kept


def show_changes(programs: Sequence[Text], findings: Findings) -> list[Text]:
    """Prints what ``--fix`` would change, as a patch.

    Returns:
        The programs as they would be.
    """
    kept: list[Text] = []
    left: list[Diagnostic] = []
    for text in _each_once(programs):
        if text.in_config is not None:
            _note_left_alone(text, findings)
            kept.append(text)
            continue
        new = mended(text, findings)
        output.print_patch(text.name, text.text, new.text.text)
        kept.append(new.text)
        left += new.left
    _note_left_out(left)
    return kept


def _each_once(programs: Sequence[Text]) -> Iterator[Text]:
    """The programs, without the files that are given again."""
    seen: set[str] = set()
    for text in programs:
        is_file = text.in_config is None and text.name != EXPRESSION
        if not is_file or text.name not in seen:
            yield text
        seen.add(text.name)


def _note_left_alone(text: Text, findings: Findings) -> None:
    if any(fix.safe for found in findings(text) for fix in found.fixes[:1]):
        reason = "is in a config, where nothing is fixed"
        if text.in_config is not None and text.in_config.is_reference:
            reason = f"names {text.name}, which is fixed when it is given by itself"
        output.say(f"note: {text.place} {reason}")


def _note_left_out(left: Sequence[Diagnostic]) -> None:
    """Says in one line which findings were not fixed, and why."""
    unsafe = sum(bool(found.fixes) for found in left)
    without = len(left) - unsafe
    reasons: list[str] = []
    if unsafe:
        verb = "has a fix" if unsafe == 1 else "have fixes"
        reasons.append(f"{unsafe:,} {verb} that may change what the schedule does")
    if without:
        reasons.append(f"{without:,} {'has' if without == 1 else 'have'} no fix")
    if reasons:
        verb = "is" if len(left) == 1 else "are"
        click.echo(
            f"note: {plural(len(left), 'finding')} {verb} left for you: {', '.join(reasons)}",
            err=True,
        )


def _write(old: Text, new: Text) -> str:
    """Writes a file as it is now; gives the reason where that cannot be."""
    try:
        # What is not UTF-8, or was read in part, would be lost.
        if disk.read_bytes(old.name) != old.text.encode():
            return "it is not UTF-8, or has changed meanwhile"
        with disk.replacing(old.name) as stream:
            stream.write(new.text.encode())
    except OSError as error:
        return disk.reason(error)
    return ""

"""A translation as a file: where it is from, what was assumed, the run, and the program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.diagnostics.fix import apply
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import is_known, spelled
from lrdsl.importers.trial import STEPS_PER_EPOCH, TOTAL
from lrdsl.lints.lint import ProgramContext
from lrdsl.lints.text import bare_steps
from lrdsl.program import parse
from lrdsl.text.format import formatted
from lrdsl.wording import listed

if TYPE_CHECKING:
    from lrdsl.importers.importer import Translation
    from lrdsl.importers.trial import Trial

_WORD = re.compile(r"[A-Za-z_]\w*")
_EPOCHS = re.compile(r"\dep\b")
_WIDTH = 98


def words(text: str) -> set[str]:
    """The words of a program, of whatever kind.

    Args:
        text: the program.
    """
    return set(_WORD.findall(text))


def declared(text: str, trial: Trial) -> str:
    """A program with a ``param`` for each name of the source that is in it.

    Args:
        text: the program.
        trial: the values that were tried.
    """
    used = words(text)
    lines = [f"param {name} = {spelled(v)}" for name, v in trial.params.items() if name in used]
    return "\n".join([*lines, text])


def written(translation: Translation, trial: Trial, origin: str) -> str:
    """The text of a translation, laid out.

    Args:
        translation: the schedule in lrdsl.
        trial: the values for what the source does not say.
        origin: where it is from.

    Raises:
        Refused: lrdsl allows no such numbers.
    """
    notes = [*translation.notes, *_assumed(translation, trial)]
    comments = "".join(
        f"{line}\n" for note in (f"from {origin}", *notes) for line in _comment(note)
    )
    stated = _stated(translation)
    program = declared("\n".join(filter(None, (stated, translation.text))), trial)
    try:
        return formatted(parse(_with_units(comments + program)).module)
    except LrsError as error:
        raise Refused(f"lrdsl refuses its numbers: {error.diagnostics[0].message}") from None


def _with_units(text: str) -> str:
    """A text with `st` after bare numbers of steps, if its other lengths or its run have units."""
    program = parse(text)
    try:
        resolved = program.resolve_all()
    except LrsError:
        resolved = None
    context = ProgramContext(program, program.expanded({}), program.run_of({}), resolved)
    # The last fix of each is the one that writes `st`.
    return apply(text, [found.fixes[-1] for found in bare_steps.find(context) if found.fixes])


def _stated(translation: Translation) -> str:
    """The statement of what the source says of its run."""
    items = []
    if translation.epochs:
        items.append(f"total = {spelled(translation.epochs)}ep")
    elif translation.total and str(translation.total) != TOTAL:
        items.append(f"total = {translation.total}")
    if translation.steps_per_epoch and is_known(translation.steps_per_epoch):
        items.append(f"1ep = {int(translation.steps_per_epoch)}st")
    return f"run {', '.join(items)}" if items else ""


def unknown(translation: Translation, trial: Trial) -> list[str]:
    """What a translation depends on and its source does not say: names, arguments of the run.

    Args:
        translation: the schedule in lrdsl.
        trial: the values that were tried.
    """
    text = f"{_stated(translation)} {translation.text}"
    used = words(text)
    names = [name for name in trial.params if name in used]
    if TOTAL in trial.run and not translation.epochs:
        names.append(TOTAL)
    if STEPS_PER_EPOCH in trial.run and _EPOCHS.search(text):
        names.append(STEPS_PER_EPOCH)
    return names


def _assumed(translation: Translation, trial: Trial) -> list[str]:
    """What whoever trains has to say, as the source does not."""
    missing = unknown(translation, trial)
    names = [f"`{name}`" for name in missing if name in trial.params and name not in trial.own]
    own = [f"`{name}`" for name in missing if name in trial.own]
    notes = []
    if own:
        notes.append(
            f"{listed(own)}: the defaults of the source, which its command line may change"
        )
    if names:
        notes.append(f"the source has no value for {', '.join(names)}: those below are examples")
    if TOTAL in missing:
        notes.append("the source does not say how long the run is: pass `total`")
    if STEPS_PER_EPOCH in missing:
        notes.append("pass `steps_per_epoch`, the updates of an epoch")
    return notes


def _comment(note: str) -> list[str]:
    """A note as lines of comments."""
    lines, line = [], "#"
    for word in note.split():
        if len(line) + 1 + len(word) > _WIDTH and line != "#":
            lines.append(line)
            line = "#  "
        line += f" {word}"
    return [*lines, line]

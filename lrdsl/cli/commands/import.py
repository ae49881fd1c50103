"""``lrdsl import``: schedules of other systems, with the proof that they are the same."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.completion import any_file
from lrdsl.cli.help import MOVE, OUTPUT, READ, Command, argument, option
from lrdsl.cli.importing import (
    PROVEN,
    REFUSED,
    VERDICTS,
    Lengths,
    lengths_of,
    overruled,
    reason,
    verdict,
)
from lrdsl.cli.run_options import described_run, format_option, within
from lrdsl.wording import count, listed, option_of, plural, visible

if TYPE_CHECKING:
    from lrdsl.comparison import Departure
    from lrdsl.importers.imports import Outcome
    from lrdsl.resolve.run_arguments import RunArguments

VERSION = 1
# So many files without a schedule are named.
_NAMED = 10


@click.command(
    "import",
    cls=Command,
    group=MOVE,
    examples=(
        "lrdsl import examples/elsewhere/sft.yaml --steps-per-epoch 1251",
        "lrdsl import examples/elsewhere --write schedules",
    ),
    statuses=(
        "Every schedule is proven.",
        "One is not, or none was found.",
        "Wrong use, or a file that cannot be read or written.",
    ),
)
@argument(
    "sources",
    "Configs, Python files, scripts and folders.",
    nargs=-1,
    metavar="SOURCE...",
    required=True,
    shell_complete=any_file,
)
@option(READ, "--as", "version", metavar="NAME==VERSION", help="The system, where versions differ.")
@described_run("total", "steps_per_epoch")
@option(OUTPUT, "--approximate", is_flag=True, help="Write as points what cannot be said exactly.")
@option(OUTPUT, "--trust-formula", is_flag=True, help="Count a formula that was never compared.")
@option(OUTPUT, "--allow-refused", is_flag=True, help="Exit with 0 though some are refused.")
@option(OUTPUT, "--write", "folder", type=click.Path(file_okay=False), metavar="DIR",
        help="Write a .lrs file for each.")  # fmt: skip
@format_option("json", "text")
def command(
    sources: tuple[str, ...],
    version: str | None,
    run: RunArguments,
    approximate: bool,
    trust_formula: bool,
    allow_refused: bool,
    folder: str | None,
    form: str,
) -> None:
    """Translate other systems' schedules, with proof.

    Finds schedules by the words of their systems in YAML, TOML and JSON, in Python files, which are
    read and never run, and in the options of shell scripts. Prints each as text, with every
    assumption in a comment.

    The proof goes to standard error: the original is stepped beside the text for the whole run and
    a tenth of it more, by the package itself if it is installed, or else by its formula. What
    cannot be said exactly is refused with the reason.
    """
    output.need("configs", "yaml", "tree_sitter")
    from lrdsl.importers.imports import outcomes

    _check_version(version)
    lengths = lengths_of(run)
    unreadable: list[str] = []
    found: list[Outcome] = []
    paths = list(_paths(sources, unreadable))
    for path, root in _shown(paths):
        found += outcomes(path, root, lengths.given, version or "", approximate=approximate)
    output.print_unreadable(unreadable)
    verdicts = [verdict(one, trust_formula=trust_formula) for one in found]
    judged = list(zip(found, verdicts, strict=True))
    if form == "json":
        schedules = [_plain(one, word) for one, word in judged]
        click.echo(output.document(VERSION, {"schedules": schedules}))
    elif folder is None:
        click.echo("\n".join(one.text for one in found if one.text), nl=False)
    if folder is not None:
        _write(found, folder, sources)
    if not found and (paths or not unreadable):
        _say_what_was_looked_for(len(paths))
    # What is left to do comes last, where it is seen.
    for one, word in sorted(judged, key=lambda pair: pair[1] != PROVEN):
        output.say(f"{one.origin}: {word}: {reason(one)}{overruled(one)}")
    _say_what_has_no_effect(found, lengths, version or "")
    if any(Path(source).is_dir() for source in sources):
        having = {one.path for one in found}
        _count(verdicts, [path for path, _ in paths if path not in having])
    if unreadable:
        sys.exit(output.MISUSE)
    enough = {PROVEN, REFUSED} if allow_refused else {PROVEN}
    sys.exit(0 if found and enough.issuperset(verdicts) else output.FINDINGS)


def _check_version(version: str | None) -> None:
    """Ends the command where ``--as`` names no system that is known, or no version."""
    if version is None:
        return
    from lrdsl.importers.imports import importers

    name, equals, _ = version.partition("==")
    if not equals:
        raise click.UsageError(
            f"--as takes a name and a version, as in torchtitan==0.3.0: {version}"
        )
    systems = [importer.system for importer in importers()]
    if name not in systems:
        raise click.UsageError(f"--as knows no `{name}`, but {listed(systems)}")


def _paths(sources: Sequence[str], unreadable: list[str]) -> Iterator[tuple[str, Path]]:
    """The files to read, each with the folder that files it refers to are in."""
    from lrdsl.importers.documents import READERS

    for source in sources:
        if Path(source).is_dir():
            yield from ((path, Path(source)) for path in within(source, unreadable, *READERS))
        elif not Path(source).exists():
            unreadable.append(f"{source}: there is no such file")
        else:
            yield source, Path(disk.root_of(source))


def _shown(paths: list[tuple[str, Path]]) -> Iterable[tuple[str, Path]]:
    """The files one by one; on a terminal the progress through many of them is shown."""
    if len(paths) < 2 or not sys.stderr.isatty():
        yield from paths
        return
    with click.progressbar(paths, label="Comparing", file=sys.stderr) as bar:
        yield from bar


def _count(verdicts: Sequence[str], without: Sequence[str]) -> None:
    """A table of what became of how many schedules, and of the files without one."""
    rows = {word: verdicts.count(word) for word in VERDICTS if word in verdicts}
    width = max((len(count(amount)) for amount in (*rows.values(), len(without))), default=0)
    for row, amount in rows.items():
        output.say(f"  {count(amount):>{width}} {row}")
    if without:
        named = [visible(path) for path in without[:_NAMED]]
        rest = len(without) - len(named)
        names = listed([*named, *([f"{count(rest)} more"] if rest else [])])
        output.say(f"  {count(len(without)):>{width}} without a schedule: {names}")


def _say_what_was_looked_for(files: int) -> None:
    """Names the keys by which a schedule would have been found."""
    from lrdsl.importers.imports import importers

    output.say(f"no schedule was found in {plural(files, 'file')}; looked for:")
    for importer in importers():
        output.say(f"  {importer.system}: {', '.join(importer.keys)}")


def _say_what_has_no_effect(found: Sequence[Outcome], lengths: Lengths, version: str) -> None:
    """Names the options that no schedule depends on."""
    for name in lengths.given:
        if lengths.is_in_epochs and name != "total":
            continue
        if found and all(one.unused.get(name) == "" for one in found):
            output.say(f"lrdsl: {option_of(name)} has no effect: no schedule depends on it")
    system = version.partition("==")[0]
    if found and system and system not in {one.system for one in found}:
        output.say(f"lrdsl: --as has no effect: no schedule of {system} was found")


def _write(found: Sequence[Outcome], folder: str, sources: Sequence[str]) -> None:
    """Writes a file for each schedule that has a text; none that is there is replaced.

    The files of a folder are in the same folders as their sources.
    """
    inside = {source for source in sources if Path(source).is_dir()}
    names: dict[Path, int] = {}
    for one in found:
        if not one.text:
            continue
        of = next((s for s in inside if Path(one.path).is_relative_to(s)), None)
        name = Path(one.path).relative_to(of) if of else Path(Path(one.path).name)
        place = Path(folder, name.with_suffix(""))
        names[place] = names.get(place, 0) + 1
        number = "" if names[place] == 1 else f"-{names[place]}"
        path = place.with_name(f"{place.name}{number}{disk.SUFFIX}")
        if path.exists() and path.read_text(encoding="utf-8") != one.text:
            raise click.UsageError(f"{visible(str(path))} exists, and has another text")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with disk.replacing(path) as file:
                file.write(one.text.encode())
        except OSError as error:
            output.say(f"lrdsl: cannot write {path}: {disk.reason(error)}")
            sys.exit(output.MISUSE)


def _plain(one: Outcome, word: str) -> dict[str, object]:
    """A schedule under the fields of ``docs/reference/import.schema.json``."""
    proof = one.proof
    worst = proof.worst if proof is not None else None
    return {
        "source": one.path,
        "line": one.line,
        "system": one.system,
        "kind": one.kind,
        "status": word,
        "text": one.text or None,
        "refused": one.refused or None,
        "versions": list(one.versions),
        "unused": dict(one.unused),
        "proof": None
        if proof is None or worst is None
        else {
            "by": str(proof.witness),
            "steps": [c.steps for c in proof.comparisons],
            "groups": worst.groups,
            "largest": _finite(worst.largest),
            "worst": worst.worst,
            "first": _departure(worst.first),
            "after": _departure(proof.after),
        },
        "approximation": None
        if one.approximation is None
        else {
            "points": one.approximation.points,
            "largest": one.approximation.largest,
            "worst": one.approximation.step,
        },
    }


def _departure(found: Departure | None) -> dict[str, object] | None:
    """Where an original and its text part; a value that is no finite number is null."""
    if found is None:
        return None
    return {
        "step": found.step,
        "group": found.group,
        "original": _finite(found.left),
        "text": _finite(found.right),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

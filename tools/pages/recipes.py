"""The recipes of ``examples/recipes``: what their comments say, and the curves they are.

A recipe starts with comments: its title, the paragraph ``Source:``, remarks, and last the line
``Run:`` with the run it is drawn for. Recipes in a folder belong into one picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lrdsl
from lrdsl.preview import Curve
from lrdsl.resolve.run_arguments import RunArguments

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "recipes"

_HEADER = re.compile(
    r"# (?P<title>[^\n]+)\n"
    r"# Source: (?P<source>[^\n]+\.\n|[^\n]+\n(?:# [^\n]+\n)*?# [^\n]*\.\n)"
    r"(?P<remarks>(?:# (?!Run: )[^\n]+\n)*)"
    r"# Run: (?P<run>[^\n]+)\n"
    r"(?P<text>.+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One published schedule.

    Attributes:
        path: its file.
        title: what it is; in a folder, that of the picture and its own name, parted by a colon.
        source: where it was published.
        remarks: what else has to be known, or nothing.
        words: the run it is drawn for, as its line says it.
        text: the program.
    """

    path: Path
    title: str
    source: str
    remarks: str
    words: str
    text: str

    @property
    def name(self) -> str:
        """Its name among the recipes: the file without its suffix."""
        return self.path.relative_to(FOLDER).with_suffix("").as_posix()

    @property
    def year(self) -> int:
        """When it was published."""
        found = re.search(r"\b(?:19|20)\d\d\b", self.source)
        assert found, f"{self.path}: its source has no year"
        return int(found[0])

    @property
    def program(self) -> lrdsl.Program:
        """The recipe, before its run is known."""
        return lrdsl.load(self.path)

    def schedule(self) -> lrdsl.Schedule:
        """The recipe, laid out for its run."""
        return self.program.resolve(**run(self.words))

    @property
    def label(self) -> str:
        """What its line is called in a picture of several."""
        return self.title.rpartition(": ")[2]

    def curve(self) -> Curve:
        """The recipe as a line of a picture; base rates do not matter, as rates are absolute."""
        return Curve(self.label, self.schedule())

    def options(self) -> str:
        """The run as the command line takes it."""
        found = []
        for word in self.words.split():
            name, _, value = word.partition("=")
            kind, _, unit = name.partition(".")
            found.append(
                f"--per-step {unit}={value}" if unit else f"--{kind.replace('_', '-')} {value}"
            )
        return " ".join(found)


def read(path: Path) -> Recipe:
    """Reads a recipe.

    Args:
        path: its file.

    Raises:
        ValueError: its comments do not say what they have to.
    """
    match = _HEADER.fullmatch(path.read_text("utf-8"))
    if not match:
        raise ValueError(f"{path}: a recipe starts with its title, `Source:` and `Run:`")
    return Recipe(
        path,
        match["title"],
        _flat(match["source"]),
        _flat(match["remarks"]),
        match["run"],
        match["text"],
    )


def run(words: str) -> RunArguments:
    """The run that a line describes, such as ``total=300Btok per_step.tok=3.2M``.

    Raises:
        ValueError: a word of it is not understood.
    """
    found: RunArguments = {}
    per_step: dict[str, float | str] = {}
    for word in words.split():
        name, _, value = word.partition("=")
        if name == "total":
            found["total"] = value
        elif name == "steps_per_epoch":
            found["steps_per_epoch"] = float(value)
        elif name.startswith("per_step."):
            per_step[name.removeprefix("per_step.")] = value
            found["per_step"] = per_step
        else:
            raise ValueError(
                f"a run has no {name!r}: it has total, steps_per_epoch and per_step.NAME"
            )
    return found


def pictures() -> Iterator[tuple[str, list[Recipe]]]:
    """What is drawn together, by the name of the picture: the oldest first."""
    every = [read(path) for path in sorted(FOLDER.rglob("*.lrs"))]
    together: dict[str, list[Recipe]] = {}
    for recipe in every:
        together.setdefault(recipe.name.partition("/")[0], []).append(recipe)
    yield from sorted(together.items(), key=lambda item: (item[1][0].year, item[0]))


def _flat(comment: str) -> str:
    return " ".join(comment.replace("\n# ", "\n").removeprefix("# ").split())

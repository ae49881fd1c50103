"""What the playground asks of the package inside the browser: JSON in, JSON out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lrdsl.analysis.analyze import analyze
from lrdsl.analysis.view import view
from lrdsl.resolve.run_arguments import NAMES

if TYPE_CHECKING:
    from lrdsl.analysis.analysis import Analysis
    from lrdsl.resolve.run_arguments import RunArguments

# Completions that are shown.
_MOST = 12


def answer(question: str) -> str:
    """Answers a question of the page.

    Args:
        question: a JSON object: the ``text``; the ``fields`` of the run as they are written; and
            ``want``, which is ``view`` (of the steps ``first`` to ``last``, with ``points``),
            ``completions`` (at ``offset``) or ``python``.

    Returns:
        The answer, as JSON. A view has ``wrong``: what is wrong with the fields, by their names.
    """
    asked: dict[str, Any] = json.loads(question)
    run, bases, wrong = _run(asked["fields"])
    if asked["want"] == "python":
        return json.dumps(python(asked["text"], run))
    analysis = analyze(asked["text"], name="schedule.lrs", base=bases, **run)
    if asked["want"] == "completions":
        return json.dumps(_completions(analysis, asked["offset"]))
    steps = {name: asked[name] for name in ("first", "last", "points") if name in asked}
    return json.dumps({**view(analysis, **steps), "wrong": wrong}, allow_nan=False)


def _run(fields: dict[str, str]) -> tuple[RunArguments, dict[str, float], dict[str, str]]:
    """What the fields say: the run, the base, and what is no number of them."""
    run: RunArguments = {}
    bases: dict[str, float] = {}
    wrong: dict[str, str] = {}
    said = {name: text.strip() for name, text in fields.items() if text.strip()}
    if "total" in said:
        run["total"] = said["total"]
    if "tokens_per_step" in said:
        run["per_step"] = {"tok": said["tokens_per_step"]}
    for name in ("steps_per_epoch", "base"):
        if name in said:
            try:
                number = float(said[name].replace(",", ""))
            except ValueError:
                wrong[name] = f"{said[name]!r} is not a number"
                continue
            if name == "base":
                bases["lr"] = number
            else:
                run["steps_per_epoch"] = number
    return run, bases, wrong


def _completions(analysis: Analysis, offset: int) -> list[dict[str, Any]]:
    """What may be written at a place, and begins as what is written there."""
    found = []
    for one in analysis.completions(offset):
        written = analysis.text[one.start : offset]
        if one.label.startswith(written) and one.label != written:
            found.append({"label": one.label, "detail": one.detail, "start": one.start})
    return found[:_MOST]


def python(text: str, run: RunArguments) -> str:
    """The Python code that trains with a schedule.

    Args:
        text: its text.
        run: the arguments of the run.
    """
    quoted = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').rstrip("\n")
    lines = ["import lrdsl", "", f'schedule = """\\\n{quoted}\n"""']
    if "\n" not in quoted and '"' not in quoted:
        lines[-1] = f'schedule = "{quoted}"'
    said: dict[str, Any] = {name: run[name] for name in NAMES if name in run}  # type: ignore[literal-required]
    steps = said.get("steps_per_epoch")
    if steps is not None and float(steps).is_integer():
        said["steps_per_epoch"] = int(steps)
    words = "".join(f", {name}={value!r}" for name, value in said.items())
    return "\n".join([
        *lines,
        f"scheduler = lrdsl.compile(schedule, optimizer{words})",
        "",
        "# After each optimizer.step():",
        "scheduler.step()",
        "",
    ])  # fmt: skip

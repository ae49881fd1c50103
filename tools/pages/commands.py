"""``docs/reference/command-line.md``: every command with its help, as a terminal shows it."""

from __future__ import annotations

from click.testing import CliRunner

from lrdsl.cli import COMMANDS, main

INTRODUCTION = """\
# Command line

| to | run |
|---|---|
| look up a shape, also by its name in another library | `lrdsl shapes cosine` |
| lay out files in one style | `lrdsl fmt FILE` |
| find mistakes before training starts | `lrdsl check FILE` |
| compare two schedules as curves | `lrdsl diff OLD NEW` |
| see the curve and its parts | `lrdsl preview FILE` |
| see the curve while you write | `lrdsl serve FILE` |
| read what a schedule does, or what a code means | `lrdsl explain FILE`, `lrdsl explain LRS304` |
| move schedules here from other systems, with proof | `lrdsl import FILE` |
| find the text of a logged curve | `lrdsl fit LOG` |
| take a schedule out, as code that needs no lrdsl | `lrdsl export FILE --to torch` |
| compare the log of a run with its schedule | `lrdsl audit LOG SCHEDULE` |
| see all of this as you type | `lrdsl lsp`, which [your editor starts](../how-to/editors.md) |

Schedules in epochs, shares or tokens depend on the run. Every command that lays one out takes the
same options for it: `--total`, `--steps-per-epoch`, `--per-step` and `--param`. `-` is standard
input, and `-e` of `audit`, `check`, `diff`, `explain`, `export` and `preview` takes the schedule
itself. Where `base` makes a difference, `--base` says what it is. Without it, `audit` finds it in
the log, `export` and `fit` leave it open, and the other commands take 1, or 0.9 for a momentum.

The exit status is 0 if all is well, 1 if something was found, and 2 for misuse or an unreadable
file. `NO_COLOR` turns colors off.
"""


def page() -> str:
    """The page."""
    return "\n".join([INTRODUCTION, *(section(name) for name in sorted(COMMANDS))])


def section(name: str) -> str:
    """The help of one command."""
    done = CliRunner().invoke(
        main, [name, "--help"], prog_name="lrdsl", terminal_width=80, env={"COLUMNS": "80"}
    )
    assert done.exit_code == 0, done.output
    return f"## lrdsl {name}\n\n```text\n{done.output.rstrip()}\n```\n"

"""The run of each file: what the project says of it, what its text does, and what options say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lrdsl import files as disk
from lrdsl.analysis.known import with_defaults
from lrdsl.cli import output
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.cli.run_options import Text
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments


def known_run(
    text: Text, program: Program, run: RunArguments, *, quiet: bool = False
) -> RunArguments:
    """The known arguments of the run of a program.

    Options count before what a config says, that before the program's ``run``, and that before
    ``[tool.lrdsl]`` of pyproject.toml.

    Args:
        text: where the program comes from.
        program: the program.
        run: the arguments on the command line.
        quiet: True to print no note on what of the program's ``run`` is overridden.
    """
    known = text.known(run)
    if said := _said_of(text):
        known = with_defaults(program, said, known)
    if program.module.runs and not quiet:
        try:
            overridden = program.run_of(known).overridden
        except LrsError:  # which is reported as an error
            overridden = ()
        for note in overridden:
            output.say(f"note: {note.place}: {note.message}")
    return known


def _said_of(text: Text) -> RunArguments:
    """What the project says of the run of a program."""
    names = [text.name]
    if text.in_config is not None and not text.in_config.is_reference:
        # A config counts before the file of it that the text is in.
        names.append(text.in_config.config)
    return said_of(*names)


def said_of(*names: str) -> RunArguments:
    """What the project says of the run of some files.

    Args:
        names: their paths; one counts before those that come before it.
    """
    try:
        if disk.project_with_runs() is None:
            return {}
        from lrdsl.configs.project_runs import project_run

        return project_run(*names)
    except (ValueError, OSError) as error:
        reason = disk.reason(error) if isinstance(error, OSError) else str(error)
        output.say(f"lrdsl: {reason}")
        sys.exit(output.MISUSE)
    except ModuleNotFoundError as error:
        output.need("configs", str(error.name))
        raise

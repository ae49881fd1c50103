"""The run of each file: what the project says of it, what its text does, and what options say."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from lrdsl import files as disk
from lrdsl.analysis.defaults import with_defaults
from lrdsl.cli import output
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.cli.run_options import Text
    from lrdsl.configs.project_runs import ProjectRun
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments

_PROJECT = "pyproject.toml"
# What a file with settings of runs says somewhere; others need not be understood.
_RUNS = rb"lrdsl\s*\.\s*runs|^\s*runs\s*="


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
    if project := _project():
        from lrdsl.configs.project_runs import said_of

        said = said_of(text.name, project)
        if text.in_config is not None and not text.in_config.is_reference:
            # A config counts before the file of it that the text is in.
            said = {**said, **said_of(text.in_config.config, project)}
        known = with_defaults(program, said, known)
    if program.module.runs and not quiet:
        try:
            overridden = program.run_of(known).overridden
        except LrsError:  # which is reported as an error
            overridden = ()
        for note in overridden:
            output.say(f"note: {note.place}: {note.message}")
    return known


def project_run(name: str) -> RunArguments:
    """What the project says of the run of a file.

    Args:
        name: the path of the file.
    """
    project = _project()
    if not project:
        return {}
    from lrdsl.configs.project_runs import said_of

    return said_of(name, project)


def _project() -> tuple[ProjectRun, ...]:
    """What the project's settings say of runs. A file without such words is not parsed."""
    path = disk.above(_PROJECT)
    if path is None:
        return ()
    try:
        data = disk.read_bytes(path)
        if not re.search(_RUNS, data, re.MULTILINE):
            return ()
        return _loaded(path, data)
    except (ValueError, OSError) as error:
        reason = disk.reason(error) if isinstance(error, OSError) else str(error)
        output.say(f"lrdsl: {reason}")
        sys.exit(output.MISUSE)
    except ModuleNotFoundError as error:
        output.need("configs", str(error.name))
        raise


@lru_cache(1)
def _loaded(path: str, data: bytes) -> tuple[ProjectRun, ...]:
    """The runs of a file, which is parsed once for all programs of a command."""
    from lrdsl.configs.project_runs import load

    return load(path, data)

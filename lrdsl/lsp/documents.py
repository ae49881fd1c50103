"""An open document and its schedules: a ``.lrs`` text has one, a config any number."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path

from lrdsl import Diagnostic, LrsError, analyze, analyze_config, files
from lrdsl.analysis.analysis import Analysis
from lrdsl.analysis.places import placed
from lrdsl.configs.project_runs import project_run
from lrdsl.lsp.positions import Positions
from lrdsl.lsp.settings import Settings
from lrdsl.record import entity
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.wording import installing

# The suffixes of documents without a path, by what clients call their languages.
_SUFFIXES = {"yaml": ".yaml", "toml": ".toml", "json": ".json", "jsonc": ".json"}
LIBRARY = Path(files.__file__).parent / "prelude.lrs"
"""The shape library, as a file that can be opened."""


@entity
class Reading:
    """What is known of a document.

    Attributes:
        schedules: the analyses of the schedules in it.
        diagnostics: every error and warning.
        notes: what could not be looked at, in sentences.
        problem: why nothing is known, in a sentence; mostly empty.
    """

    schedules: tuple[Analysis, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


class Document:
    """One version of an open document.

    Args:
        uri: its address.
        text: its text.
        version: its number, by which the client knows what an answer is about.
        language: what the client calls its language.
        settings: the settings of the client.
    """

    def __init__(
        self, uri: str, text: str, version: int | None, language: str, settings: Settings
    ) -> None:
        self.uri, self.text, self.version, self.language = uri, text, version, language
        self.settings = settings
        self.name = to_fs_path(uri) or uri
        if not self.name.lower().endswith((files.SUFFIX, *files.CONFIGS)):
            self.name += _SUFFIXES.get(language, "")

    @property
    def is_config(self) -> bool:
        """True if its schedules stand in a config."""
        return self.name.lower().endswith(files.CONFIGS)

    @property
    def is_library(self) -> bool:
        """True if it is the shape library, whose text only the library itself may have."""
        return self.name.endswith(LIBRARY.name) and Path(self.name) == LIBRARY

    @cached_property
    def positions(self) -> Positions:
        """Its positions."""
        return Positions(self.text)

    @cached_property
    def whole(self) -> str:
        """Its text as analyses have it."""
        return self.text.removeprefix("\ufeff")

    @cached_property
    def reading(self) -> Reading:
        """What is known of it; nothing is read before that is asked for."""
        try:
            run, problem = self._run(), ""
        except (ValueError, OSError, ModuleNotFoundError) as error:
            run, problem = self.settings.run, _reason(error)
        bases = self.settings.bases
        if not self.is_config:
            one = analyze(self.text, name=self.name, defaults=run, base=bases)
            return Reading((one,), () if self.is_library else one.diagnostics, (), problem)
        try:
            found = analyze_config(
                self.text, name=self.name, keys=self.settings.keys, defaults=run, base=bases,
                skip_unrelated=True,
            )  # fmt: skip
        except (ValueError, OSError, ModuleNotFoundError) as error:
            return Reading(problem=_reason(error))
        return Reading(found.schedules, found.diagnostics, found.notes, problem)

    def _run(self) -> RunArguments:
        """What counts of the run where the document does not say it."""
        folder = str(Path(self.name).parent)
        return {**project_run(self.name, folder=folder), **self.settings.run}

    def asked(self, position: types.Position) -> tuple[int, Analysis | None]:
        """The offset of a place that a client asks about, and the schedule there.

        Args:
            position: the place.
        """
        offset = self.positions.offset(position)
        return offset, next((o for o in self.reading.schedules if o.covers(offset)), None)

    def place(self, found: Diagnostic) -> tuple[int, int] | None:
        """Where a diagnostic is, in offsets; None if it is about something else.

        Args:
            found: the diagnostic.
        """
        return placed(found.span, self.whole)


def _reason(error: Exception) -> str:
    """Why something could not be read, in a sentence."""
    if isinstance(error, ModuleNotFoundError):
        return f"configs are read with {error.name}: {installing('configs')}"
    if isinstance(error, LrsError):
        return error.diagnostics[0].message
    return files.reason(error) if isinstance(error, OSError) else str(error)

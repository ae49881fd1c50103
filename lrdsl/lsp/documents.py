"""An open document and its schedules: a ``.lrs`` text has one, a config any number."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path

from lrdsl import Diagnostic, LrsError, files
from lrdsl.analysis.analysis import Analysis
from lrdsl.analysis.analyze import (
    ConfigAnalysis,
    ConfigArguments,
    KnownArguments,
    analyze_file,
)
from lrdsl.analysis.places import placed
from lrdsl.configs.project_runs import project_run
from lrdsl.lsp.positions import Positions
from lrdsl.lsp.settings import Settings
from lrdsl.record import replace
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.wording import installing

# The suffixes of documents without a path, by what clients call their languages.
_SUFFIXES = {"yaml": ".yaml", "toml": ".toml", "json": ".json", "jsonc": ".json"}
_UNREADABLE = (ValueError, OSError, ModuleNotFoundError)
LIBRARY = Path(files.__file__).parent / "prelude.lrs"
"""The shape library, as a file that can be opened."""


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

    @property
    def reading(self) -> ConfigAnalysis:
        """What is known of it; nothing is read before that is asked for."""
        return self._read[0]

    @property
    def problem(self) -> str:
        """Why nothing is known of it, or of its run, in a sentence; mostly empty."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[ConfigAnalysis, str]:
        settings = self.settings
        try:
            run, problem = self._run(), ""
        except _UNREADABLE as error:
            run, problem = settings.run, _reason(error)
        known: KnownArguments = {"defaults": run, "base": settings.bases}
        config: ConfigArguments = {"keys": settings.keys, "skip_unrelated": True}
        try:
            found = analyze_file(self.text, self.name, known, config)
        except _UNREADABLE as error:
            return ConfigAnalysis((), (), ()), _reason(error)
        return replace(found, diagnostics=()) if self.is_library else found, problem

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
        return offset, self.reading.at(offset)

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

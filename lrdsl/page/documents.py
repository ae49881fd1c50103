"""The files that a page shows: read, analyzed, and read again when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from lrdsl import files
from lrdsl.analysis.analyze import ConfigAnalysis, analyze_file
from lrdsl.analysis.view import diagnostic, view
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.analysis.analysis import Analysis
    from lrdsl.analysis.analyze import ConfigArguments, KnownArguments
    from lrdsl.analysis.view import Plain
    from lrdsl.resolve.run_arguments import RunArguments

# An analysis fills in what it is asked for, and remembers it: one at a time.
_ANALYZING = RLock()
_NOTHING = ConfigAnalysis((), (), ())


@record
class Settings:
    """What is known of the schedules besides their text.

    Attributes:
        run: the arguments of the run.
        bases: the optimizer's own values of what is driven, by key.
        groups: the names of its parameter groups.
        keys: which keys of configs have schedules.
        total_from: where configs say how long the run is.
        steps_per_epoch_from: where they say how many updates an epoch has.
        defaults: what counts of the run of a file where nothing else says it.
    """

    run: RunArguments
    bases: Mapping[str, float]
    groups: tuple[str, ...]
    keys: tuple[str, ...]
    total_from: str | None
    steps_per_epoch_from: str | None
    defaults: Callable[[str], RunArguments]


class Document:
    """A file, or one schedule of a config, as a page shows it.

    Args:
        word: its path, or the address of a schedule in a config.
        settings: what is known besides its text.
    """

    def __init__(self, word: str, settings: Settings) -> None:
        self.word = word
        self.path, self._address = files.addressed(word)
        self._settings = settings
        self._stamps: dict[str, object] = {}
        self._contents: dict[str, bytes | str] = {}
        self._sound: dict[str, dict[str, Plain]] = {}
        self._waits = False
        self.state: dict[str, Plain] = {}
        self._renew()

    def changed(self) -> bool:
        """Reads the files again if they were saved since, and says whether they are different."""
        if all(_stamp(path) == stamp for path, stamp in self._stamps.items()):
            return False
        contents = {path: _content(path) for path in self._stamps}
        if contents == self._contents:
            self._stamps = {path: _stamp(path) for path in self._stamps}
            return False
        # Most editors empty a file before they write it.
        if not self._waits and any(
            not content and self._contents[path] for path, content in contents.items()
        ):
            self._waits = True
            return False
        self._renew()
        return True

    def view(
        self,
        schedule: int,
        params: Mapping[str, str],
        first: int | None = None,
        last: int | None = None,
    ) -> dict[str, Plain]:
        """One of the schedules for other values of its params, or other steps.

        Args:
            schedule: its number.
            params: the values, by name.
            first: the first step.
            last: the last step.

        Returns:
            The view; its text is that of the schedule alone, with the values.

        Raises:
            IndexError: there is no such schedule now.
        """
        with _ANALYZING:
            content = self._contents[self.path]
            if isinstance(content, str):
                raise IndexError(content)
            found = self._analyzed(files.decode(content))
            analysis = (*found.schedules, *found.elsewhere)[schedule]
            if params:
                known = {param.name for param in analysis.params}
                analysis = analysis.varied({k: v for k, v in params.items() if k in known})
            return view(analysis, first=first, last=last)

    def _renew(self) -> None:
        self._waits = False
        self._stamps = {path: _stamp(path) for path in self._stamps or [self.path]}
        self._contents = {path: _content(path) for path in self._stamps}
        content = self._contents[self.path]
        if isinstance(content, str):
            self.state = self._state(content)
            return
        with _ANALYZING:
            try:
                found = self._analyzed(files.decode(content))
            except ValueError as error:  # there is no such key, or pyproject.toml is wrong
                self.state = self._state(f"{self.path}: {error}")
                return
            self.state = self._state("", found)
        for path in found.files:
            if path not in self._stamps:
                self._stamps[path], self._contents[path] = _stamp(path), _content(path)

    def _last(self) -> list[Plain]:
        """The schedules as they last were."""
        return [{"view": None, "before": one} for one in self._sound.values()]

    def _state(self, message: str, found: ConfigAnalysis = _NOTHING) -> dict[str, Plain]:
        """What the page shows of the file; a message says why there is nothing new."""
        analyses = (*found.schedules, *found.elsewhere)
        own = [one for analysis in analyses for one in analysis.diagnostics]
        notes: list[Plain] = [*found.notes]
        if not message and not analyses and not found.diagnostics:
            notes.append("There is no schedule here; --key names the keys that have one.")
        schedules: list[Plain] = [*map(self._schedule, analyses)]
        return {
            "name": self.word,
            "message": message,
            "notes": notes,
            "diagnostics": [diagnostic(one) for one in found.diagnostics if one not in own],
            "schedules": self._last() if message else schedules,
        }

    def _schedule(self, analysis: Analysis) -> Plain:
        """A schedule, and how it was before it had errors."""
        shown = view(analysis)
        before = self._sound.get(analysis.address)
        if all(d.severity != "error" for d in analysis.diagnostics) and shown["curves"]:
            self._sound[analysis.address] = shown
            before = None
        return {"view": shown, "before": before}

    def _analyzed(self, text: str) -> ConfigAnalysis:
        """What is known of the schedules in the text of the file."""
        settings = self._settings
        known: KnownArguments = {
            **settings.run,
            "defaults": settings.defaults(self.path),
            "base": settings.bases,
            "groups": settings.groups,
            **settings.run,
        }
        config: ConfigArguments = {
            "keys": settings.keys,
            "total_from": settings.total_from,
            "steps_per_epoch_from": settings.steps_per_epoch_from,
            "address": self._address,
        }
        return analyze_file(text, self.path, known, config)


def _stamp(path: str) -> object:
    """What tells that a file was written; None where there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _content(path: str) -> bytes | str:
    """What a file holds, or why it cannot be read."""
    try:
        return files.read_bytes(path)
    except FileNotFoundError:
        return f"There is no {path} any more; it is shown again when it comes back."
    except OSError as error:
        return f"{path} cannot be read: {files.reason(error)}"

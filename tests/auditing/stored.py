"""The logs of real runs in ``examples/logs/``, as its ``runs.json`` describes them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lrdsl
from lrdsl.auditing.answer import Audit

LOGS = Path(lrdsl.__file__).parents[1] / "examples" / "logs"
MANIFEST = LOGS / "runs.json"


@dataclass(frozen=True)
class Stored:
    """A log of a short real run.

    Attributes:
        log: its path in the folder.
        did: what the run did, in a few words.
        made_by: the packages that made it, with their versions.
        schedule: the text that it should have followed.
        run: the arguments of ``lrdsl.audit`` besides.
        mistake: the reason that the run made; empty if it is a good one.
        says: a part of the sentence that names the mistake.
        named: every reason that the audit names, in order: the mistake, and those that have the
            same curve.
        earlier: what the file of the schedule said when the run started, if that was changed.
    """

    log: str
    did: str
    made_by: dict[str, str]
    schedule: str
    run: dict[str, Any]
    mistake: str
    says: str
    named: list[str]
    earlier: str

    def __repr__(self) -> str:
        return self.log

    def audit(self, folder: Path, logs: Path = LOGS) -> Audit:
        """The audit of the log.

        Args:
            folder: an empty folder, for the file of a schedule that was changed.
            logs: the folder with the logs.
        """
        path = logs / self.log
        if not self.earlier:
            return lrdsl.audit(path, self.schedule, **self.run)
        file = folder / "run.lrs"
        _git(folder, "init", "-q")
        for text in (self.earlier, self.schedule):
            file.write_text(f"{text}\n", "utf-8")
            _git(folder, "add", file.name)
            _git(folder, "commit", "-qm", text)
        return lrdsl.audit(path, file, git=True, **self.run)

    def wrong(self, audit: Audit) -> str:
        """What an audit should have said and did not; empty if it is right."""
        sentences = {one.reason: one.sentence for v in audit.verdicts for one in v.explanations}
        if [*sentences] != self.named:
            return f"{self.log}: {[*sentences]} are named, not {self.named}"
        if self.mistake and self.says not in sentences[self.mistake]:
            return f"{self.log}: {sentences[self.mistake]!r} does not say {self.says!r}"
        if bool(audit) != (not self.mistake) or not audit.verdicts:
            return f"{self.log}: {audit}"
        return ""


def stored() -> list[Stored]:
    """Every stored log."""
    return [Stored(**entry) for entry in json.loads(MANIFEST.read_text("utf-8"))]


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

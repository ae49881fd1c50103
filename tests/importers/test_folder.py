"""A folder of sixty configs and scripts of many systems, imported by one command."""

from __future__ import annotations

from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from lrdsl.cli import main
from tests.oracles.moves.stored_moves import NAMES, entries

MANY = 60
# Longer runs take longer, and show no more.
SHORT = 2_000


def _chosen() -> list[tuple[str, dict[str, Any]]]:
    """Settings that need nothing said on the command line, some of each system in turn."""
    plain = [
        (system, entry)
        for system, entry in entries()
        if not entry["given"] and not entry["as"] and entry["updates"] <= SHORT
    ]
    columns = [[one for one in plain if one[0] == name] for name in NAMES]
    rows = chain.from_iterable(zip_longest(*columns))
    return [one for one in rows if one is not None][:MANY]


def test_every_schedule_of_a_folder_is_proven(tmp_path: Path) -> None:
    chosen = _chosen()
    for i, (system, entry) in enumerate(chosen):
        for name, text in entry["files"].items():
            path = tmp_path / "configs" / f"{system}-{i}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    written = tmp_path / "schedules"
    command = ["import", str(tmp_path / "configs"), "--write", str(written), "--trust-formula"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert f"  {MANY} proven\n" in done.stderr
    assert len(list(written.rglob("*.lrs"))) == len(chosen) == MANY
    assert CliRunner().invoke(main, ["check", str(written)]).exit_code == 0

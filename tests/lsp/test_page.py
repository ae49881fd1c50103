"""docs/how-to/editors.md: its settings are those of the server, and its blocks can be read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lrdsl.configs.tables import loads
from lrdsl.lsp.settings import NAMES, Settings, read
from tests.blocks import ROOT

PAGE = (ROOT / "docs" / "how-to" / "editors.md").read_text("utf-8")
EMACS = shutil.which("emacs")


def block(language: str) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found[0]


def test_every_setting_has_a_row_whose_examples_are_valid() -> None:
    rows = re.findall(r"^\| `lrdsl\.(\w+)` \| (.+?) \|", PAGE, re.MULTILINE)
    assert [name for name, _ in rows] == [*NAMES]
    for name, examples in rows:
        for example in re.findall(r"`([^`]+)`", examples):
            found, wrong = read({"lrdsl": {name: json.loads(example)}})
            assert (wrong, found == Settings()) == ([], False), example


def test_helix() -> None:
    table: Any = loads(block("toml"))
    server = table["language-server"]["lrdsl"]
    assert [server["command"], *server["args"]] == ["lrdsl", "lsp"]
    assert read(server["config"]) == (Settings(inlay_hints=True), [])
    languages = {one["name"]: one for one in table["language"]}
    assert all("lrdsl" in one["language-servers"] for one in languages.values())


@pytest.mark.skipif(EMACS is None, reason="Emacs is not installed: nothing here can start it")
def test_emacs(tmp_path: Path) -> None:
    assert EMACS is not None
    init, result = tmp_path / "init.el", tmp_path / "result"
    init.write_text(block("elisp"), encoding="utf-8")
    shown = "(require 'eglot) (princ (cdr (assoc '(lrs-mode yaml-mode) eglot-server-programs)))"
    done = subprocess.run(
        [EMACS, "--batch", "-Q", "-l", str(init), "--eval", f"(progn {shown})"],
        capture_output=True, text=True, cwd=tmp_path, timeout=100,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "(lrdsl lsp)"), done.stderr
    assert not result.exists()

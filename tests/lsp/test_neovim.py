"""The server in Neovim, without a screen, set up as docs/how-to/editors.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from tests.blocks import ROOT

NEOVIM = shutil.which("nvim")
PAGE = ROOT / "docs" / "how-to" / "editors.md"
SCRIPT = Path(__file__).with_name("neovim.lua")


def settings(version: tuple[int, int]) -> str:
    """The block of the page for a version of Neovim."""
    new, old = re.findall(r"```lua\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(new if version >= (0, 11) else old)


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed: nothing here can start it")
def test_neovim(tmp_path: Path) -> None:
    assert NEOVIM is not None
    told = subprocess.run([NEOVIM, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", told)
    assert version is not None
    own = tmp_path / "own"
    own.mkdir()
    command = own / "lrdsl"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m lrdsl "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    init, file, result = tmp_path / "init.lua", tmp_path / "a.lrs", tmp_path / "result.json"
    init.write_text(settings((int(version[1]), int(version[2]))), encoding="utf-8")
    file.write_text("# \N{ROCKET}\nwarmup(5ep) >> cosin(85ep)\n", encoding="utf-8")
    environment = {
        **os.environ,
        "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LRDSL_NEOVIM": f"{init}\n{file}\n{result}",
        **{f"XDG_{name}_HOME": str(own) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    done = subprocess.run(
        [NEOVIM, "--headless", "-u", "NONE", "-c", f"luafile {SCRIPT}", "-c", "cquit"],
        env=environment, capture_output=True, text=True, timeout=250, cwd=tmp_path,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert result.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(result.read_text("utf-8"))
    assert found["diagnostics"] == [{
        "line": 1, "column": 15, "severity": 1,
        "message": "there is no `cosin`\nhelp: did you mean `cosine`?",
    }]  # fmt: skip
    assert "steps 6,255 … 112,590" in found["hover"]
    assert found["definition"] == (Path(lrdsl.__file__).parent / "prelude.lrs").as_uri()
    assert found["peak"] == {"line": 0, "character": 4}
    assert "peak" in found["completions"]
    assert found["formatted"] == ["let peak = .4", "warmup(5ep) >> cosine(85ep, peak)"]
    assert found["renamed"] == ["let top = .4", "warmup(5ep) >> cosine(85ep, top)"]

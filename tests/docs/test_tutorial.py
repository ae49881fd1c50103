"""The tutorial, followed from its first line to its last in an empty folder.

A block with the mark ``file: NAME`` is saved under that name; a block with the mark ``shows`` has
a command in its first line, and below it what the command prints. ``LRDSL_UPDATE_GOLDENS=1``
writes what is printed into the page.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.blocks import BLOCK, ROOT

PAGE = ROOT / "docs" / "tutorial.md"
STATUS = {"shows": 0, "shows, and fails": 1}


def run(command: str, folder: Path) -> str:
    """What a command prints, as in a terminal of 80 columns."""
    prompt, program, *arguments = shlex.split(command)
    assert prompt == "$"
    start = {"lrdsl": [sys.executable, "-m", "lrdsl"], "python": [sys.executable]}[program]
    done = subprocess.run(
        [*start, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=200,
    )
    return f"{done.stdout}[{done.returncode}]"


def shown(mark: str, text: str, folder: Path) -> str:
    """What a block should say: a traceback is shown by its last lines."""
    command, _, was = text.partition("\n")
    printed, _, status = run(command, folder).removesuffix("]").rpartition("[")
    assert int(status) == STATUS[mark], printed
    if was.startswith("...\n"):
        printed = "...\n" + printed[printed.rindex("ValueError") :]
    return f"{command}\n{printed}"


def settled(text: str) -> str:
    """A text without what differs between machines: how well a network does."""
    return re.sub(r"accuracy \d+\.\d%", "accuracy", text)


def test_the_tutorial(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    told, made, end = [], [], 0
    for block in BLOCK.finditer(page):
        told.append(page[end : block.start("text")])
        made.append(told[-1])
        text, mark, end = block["text"], block["mark"] or "", block.end("text")
        if mark.startswith("file: "):
            (tmp_path / mark.removeprefix("file: ")).write_text(text, "utf-8")
        told.append(text)
        made.append(shown(mark, text, tmp_path) if mark in STATUS else text)
    now = "".join([*made, page[end:]])
    if os.environ.get("LRDSL_UPDATE_GOLDENS") and settled(now) != settled(page):
        PAGE.write_text(now, "utf-8")
    assert settled(now) == settled(page)
    assert set(STATUS) <= {block["mark"] for block in BLOCK.finditer(page)}
    *_, last = re.findall(r"epoch 20 .* accuracy (\d+\.\d)%", now)
    assert float(last) > 90

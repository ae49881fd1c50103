"""``lrdsl serve`` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]
# `python -m lrdsl`, also where a shell has started the tests in the background: then it has Ctrl-C
# ignored, and so do all processes that the tests start.
_HEARS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("lrdsl", run_name="__main__", alter_sys=True)
"""


def started(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """The command, with the words that follow ``serve``."""
    return subprocess.Popen(
        [sys.executable, "-c", _HEARS_CTRL_C, "serve", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def check_works(*words: str, cwd: Path) -> None:
    """Starts the command at any port, and ends it by Ctrl-C."""
    process = started(*words, "--port", "0", cwd=cwd)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip(), err) == (0, "", "")
    finally:
        process.kill()
        process.communicate()

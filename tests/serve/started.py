"""``lrdsl serve`` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]


def started(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """The command, with the words that follow ``serve``."""
    return subprocess.Popen(
        [sys.executable, "-m", "lrdsl", "serve", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=_hears_ctrl_c,
    )


def _hears_ctrl_c() -> None:
    """Undoes what a shell does that starts the tests in the background: it has SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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

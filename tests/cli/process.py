"""Real processes of the command line."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT = 60


def environment(**changes: str | None) -> dict[str, str]:
    """An environment that finds the checkout, and says nothing about the terminal or colors."""
    unset = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED")
    found = {name: value for name, value in os.environ.items() if name not in unset}
    path = [str(ROOT), found.get("PYTHONPATH", "")]
    wanted = {"PYTHONPATH": os.pathsep.join(filter(None, path)), **changes}
    return found | {name: value for name, value in wanted.items() if value is not None}


def command(*arguments: str) -> list[str]:
    """The command line, as a module of this Python."""
    return [sys.executable, "-m", "lrdsl", *arguments]


def lrdsl(
    *arguments: str, input: bytes | None = None, **changes: str | None
) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own.

    Args:
        arguments: what is typed behind ``lrdsl``.
        input: the bytes of standard input.
        changes: environment variables.
    """
    done = subprocess.run(
        command(*arguments),
        input=b"" if input is None else input,
        capture_output=True,
        cwd=ROOT,
        env=environment(**changes),
        timeout=TIMEOUT,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def on_terminal(*arguments: str, columns: int = 80, **changes: str | None) -> str:
    """What the command line prints on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        command(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment(TERM="xterm-256color", **changes),
    )
    os.close(theirs)
    chunks: list[bytes] = []
    while chunk := _read(ours):
        chunks.append(chunk)
    os.close(ours)
    process.wait(TIMEOUT)
    return b"".join(chunks).decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so where the other end was closed
        return b""


def bare_site(folder: Path, *packages: str) -> Path:
    """A folder of installed packages that holds these and no others.

    With it on the path and ``-S``, Python finds what somebody has who installed no extras.
    """
    folder.mkdir()
    for package in packages:
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.stem == "__init__" else origin
        (folder / source.name).symlink_to(source)
        libraries = source.with_name(f"{package}.libs")
        if libraries.exists():
            (folder / libraries.name).symlink_to(libraries)
    return folder


def without_extras(
    site: Path, *arguments: str, program: str | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Runs the command line, or a program, with the packages of a bare site only."""
    run = ["-c", program] if program is not None else ["-m", "lrdsl", *arguments]
    path = os.pathsep.join([str(ROOT), str(site)])
    return subprocess.run(
        [sys.executable, "-S", *run],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(PYTHONPATH=path),
        timeout=TIMEOUT,
    )

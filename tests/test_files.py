"""Files: written whole or not at all, whatever happens on the way."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from lrdsl import files
from tests.cli.process import ROOT, TIMEOUT, command, environment

LOOSE = "\n".join(f"let a{i}=( {i} )  # {'x' * 50}" for i in range(400)) + "\nconst\n"


def write(path: Path, text: str) -> None:
    with files.replacing(path) as stream:
        stream.write(text.encode())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("wanted", [0o600, 0o640, 0o755])
def test_the_mode_of_a_file_stays(tmp_path: Path, wanted: int) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(wanted)
    write(path, "new")
    assert (path.read_text(), mode(path)) == ("new", wanted)
    assert [*tmp_path.iterdir()] == [path]


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("new")
    write(tmp_path / "a", "new")
    assert mode(tmp_path / "a") == mode(tmp_path / "b")


def test_nobody_else_may_read_it_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o600)
    with files.replacing(path) as stream:
        stream.write(b"new")
        (partial,) = {*tmp_path.iterdir()} - {path}
        assert mode(partial) == 0o600
        assert path.read_text() == "old"


def test_links_stay_links(tmp_path: Path) -> None:
    path, link, chain = (tmp_path / name for name in ("a", "link", "chain"))
    path.write_text("old")
    link.symlink_to("a")
    chain.symlink_to(link)
    write(chain, "new")
    assert link.is_symlink()
    assert chain.is_symlink()
    assert path.read_text() == "new"
    (tmp_path / "dangling").symlink_to("b")
    write(tmp_path / "dangling", "new")
    assert (tmp_path / "b").read_text() == "new"


def test_another_name_of_a_file_keeps_the_old_text(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("old")
    os.link(path, other)
    write(path, "new")
    assert (path.read_text(), other.read_text()) == ("new", "old")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_what_fails_on_the_way_changes_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(error), files.replacing(path) as stream:
        stream.write(b"new")
        raise error
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_long_name_is_one_that_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 255)
    write(path, "new")
    assert path.read_text() == "new"


def test_a_device_is_written_and_not_replaced() -> None:
    with files.replacing("/dev/null") as stream:
        stream.write(b"new")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write(path, "new")
    reader.join(TIMEOUT)
    assert read == [b"new"]
    assert path.is_fifo()


def shell(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script in which ``$LRDSL`` is the command line."""
    script = script.replace("$LRDSL", " ".join(command()))
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(),
        timeout=TIMEOUT,
    )


def test_fmt_keeps_a_file_that_there_is_no_room_for(tmp_path: Path) -> None:
    path, link = tmp_path / "big.lrs", tmp_path / "link.lrs"
    path.write_text(LOOSE)
    path.chmod(0o640)
    link.symlink_to(path.name)
    assert len(LOOSE) > 2 * 4096
    done = shell("ulimit -f 4; $LRDSL fmt link.lrs", tmp_path)
    message = "lrdsl: cannot write link.lrs: File too large\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", message, 2)
    assert (path.read_text(), mode(path), link.is_symlink()) == (LOOSE, 0o640, True)
    assert {*tmp_path.iterdir()} == {path, link}
    done = shell("$LRDSL fmt link.lrs", tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert "let a7 = (7)  # xx" in path.read_text()
    assert (mode(path), link.is_symlink()) == (0o640, True)


def test_preview_keeps_a_file_that_there_is_no_room_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    done = shell("ulimit -f 4; $LRDSL preview -e 'linear(5000)' -o a.csv", tmp_path)
    message = "lrdsl: cannot write a.csv: File too large\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", message, 2)
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_must_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        write(path, "new")
    assert path.read_text() == "old"


def test_fmt_does_not_replace_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.lrs")
    done = shell("(echo 'const( 5 )' > pipe.lrs) & $LRDSL fmt pipe.lrs", tmp_path)
    message = "lrdsl: cannot write pipe.lrs: it is not a regular file\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", message, 2)
    assert (tmp_path / "pipe.lrs").is_fifo()


def test_every_writer_is_the_one_that_replaces() -> None:
    """No other file of the package opens one for writing."""
    writing = ('open(file, "w', '"wb")', '"w")', '"x")', "write_text(", "write_bytes(")
    found = [
        path.name
        for path in (ROOT / "lrdsl").rglob("*.py")
        if any(sign in path.read_text("utf-8") for sign in writing)
    ]
    assert found == ["files.py"]

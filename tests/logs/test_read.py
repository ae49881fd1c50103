"""What is no log, and what is said of it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lrdsl.logs import READERS
from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable

FILES = {
    "empty": (b"", "the file is empty"),
    "only a mark": (b"\xef\xbb\xbf", "the file is empty"),
    "UTF-16": ("step,lr\n0,1\n".encode("utf-16"), "this is UTF-16: save the log as UTF-8"),
    "compressed": (gzip.compress(b"step,lr\n0,1\n"), "this is compressed: unpack it first"),
    "zstd": (b"\x28\xb5\x2f\xfd log", "this is compressed: unpack it first"),
    "old Macs": (b"step,lr\r0,1\r", "its lines end in carriage returns alone"),
    "not UTF-8": (b"step,lr\n0,0.5\n1,0.25\xff\n", "byte 20 is not UTF-8"),
    "binary": (bytes(range(256)) * 9, "this is no log of transformers, Lightning, "),
    "prose": (b"Dear log,\nnothing happened.\n", "this is no log of"),
    "no header": (b"0,0.1\n1,0.2\n", "the names of the 2 columns. Put a line above .*`step,lr`"),
    "no header, one line": (b"0\t0.1\t3\n", "holds numbers, not the names of the 3 columns"),
    "a quote that is not closed": (b'step,lr,note\n0,1,"a\n1,1,b\n', "none closes it"),
    "text after a quote": (
        b'step,lr,note\n0,1,"a""b"c\n',
        "a cell with quotation marks is damaged",
    ),
    "no rows": (b"step,lr\n", "no learning rates in this log of CSV; its columns are `step` and"),
    "no rates": (b"step,loss\n0,1\n", "no learning rates in this log of CSV; its columns are"),
    "half a state": (b'{"best_metric": null, "log_history": [{"st', "no whole state"),
    "no history": (b'{"best_metric": null, "log_history": 3}', "`log_history` is no list"),
    "other JSON": (b'{"a": 1}', "this is no log of"),
    "half a database": (b"SQLite format 3\0", "no database of MLflow"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_log_is_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    content, message = FILES[name]
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=message):
        read(path)


def test_a_folder_without_logs(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Unreadable, match=r"this folder has no log of .* Name the file"):
        read(tmp_path)


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no such file or folder"):
        read(tmp_path / "none")


def test_the_other_logs_of_a_folder_are_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("step,lr\n0,0.5\n")
    log = read(tmp_path)
    assert (log.path, log.beside) == (str(tmp_path / "a.csv"), (str(tmp_path / "b.csv"),))


def test_every_reader_is_listed() -> None:
    import lrdsl.logs

    files = Path(lrdsl.logs.__file__).parent.glob("*.py")
    having = {path.stem for path in files if "\nREADER = " in path.read_text("utf-8")}
    assert having == set(READERS)

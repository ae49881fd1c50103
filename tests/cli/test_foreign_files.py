"""Files that are no configs, or none that could be read: each is told of, and nothing hangs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import KEY, NOTHING
from tests.test_files import shell

YAML = "schedule: warmup(5) >> cosin(20)\n"
NINES = "9" * 5000


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("command", "name"),
    [("check", "a.lrs"), ("check", "a.yaml"), ("check", "a.json"), ("fmt", "a.lrs")],
)
def test_a_pipe_in_a_folder_is_not_opened(
    run: Run, write: Write, tmp_path: Path, command: str, name: str
) -> None:
    os.mkfifo(tmp_path / name)
    write("b.lrs", "const\n")
    done = run(command, ".")
    path = name if command == "check" else f"./{name}"
    wanted = f"lrdsl: cannot read {path}: it is not a regular file\n"
    assert done.stderr.replace("./", "") == wanted.replace("./", "")
    assert (done.stdout, done.exit_code) == ("", 2)


@pytest.mark.timeout(30)
def test_a_pipe_that_a_config_names_is_not_opened(run: Run, write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.lrs")
    done = run("check", write("a.yaml", "schedule: a.lrs\n"), *KEY)
    assert heads(done.stdout) == ["LRS704 a.yaml:1:11"]
    assert "there is no schedule to read at `a.lrs`: it is not a regular file" in done.stdout


def test_a_pipe_that_was_asked_for_is_read(tmp_path: Path) -> None:
    done = shell("$LRDSL check <(echo 'cosin(20)')", tmp_path)
    assert "did you mean `cosine`?" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(("name", "text"), [("a.yaml", YAML), ("a.json", '{"schedule": "const"}')])
def test_what_is_not_utf_8_is_told_of(
    run: Run, write: Write, name: str, text: str, encoding: str
) -> None:
    write(name, text.encode(encoding))
    for file in (name, "."):
        done = run("check", file, *KEY)
        (head,) = heads(done.stdout)
        assert head.startswith(f"LRS701 {name}:1:")
        assert f"this is not {name[2:].upper()}: it is not written in UTF-8\n" in done.stdout
        assert "help: save the file as UTF-8\n" in done.stdout
        assert (done.stderr, done.exit_code) == ("", 1)


def test_latin_1_is_told_of_where_it_matters(run: Run, write: Write) -> None:
    write("a.yaml", b"a: b\nname: caf\xe9\n")
    assert heads(run("check", "a.yaml", *KEY).stdout) == ["LRS701 a.yaml:2:10"]
    assert run("check", ".", *KEY).output == NOTHING
    write("a.yaml", b"name: caf\xe9\nschedule: const\n")
    assert heads(run("check", ".", *KEY).stdout) == ["LRS701 a.yaml:1:10"]
    # The very character that stands for what cannot be read is one like any other.
    write("a.yaml", "name: \ufffd\nschedule: const\n")
    assert run("check", "a.yaml", *KEY).output == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "a: [1, 2\n"),
        ("b.yaml", "{{ jinja }}: [\n"),
        ("a.json", '{"a": 1'),
        ("a.toml", "a = ["),
    ],
)
def test_what_was_asked_for_has_to_be_well_formed(
    run: Run, write: Write, name: str, text: str
) -> None:
    done = run("check", write(name, text), *KEY)
    assert [head.split(":")[0] for head in heads(done.stdout)] == [f"LRS701 {name}"]
    assert (done.stderr, done.exit_code) == ("", 1)
    # In a folder there are templates and data, too.
    done = run("check", ".", *KEY)
    assert (done.output, done.exit_code) == (NOTHING, 0)


def test_keys_that_are_written_with_escapes(run: Run, write: Write) -> None:
    write("a.json", '{"gr\\u00f6\\u00dfe": "cosin(20)"}')
    write("b.yaml", '"gr\\xf6\\xdfe": cosin(20)\n')
    done = run("check", ".", "--key", "größe")
    assert [head.split()[1].split(":")[0] for head in heads(done.stdout)] == ["a.json", "b.yaml"]


def test_an_integer_of_many_digits_in_json(run: Run, write: Write) -> None:
    text = f'{{"seed": {NINES}, "schedule": "cosin(20)"}}'
    write("a.json", text)
    assert heads(run("check", "a.json", *KEY).stdout) == [
        f"LRS201 a.json:1:{text.index('cosin') + 1}"
    ]
    write("a.json", f'{{"schedule": {NINES}}}')
    assert heads(run("check", "a.json", *KEY).stdout) == ["LRS104 a.json:1:14"]
    write("a.json", f'{{"total": {NINES}, "schedule": "const"}}')
    done = run("check", "a.json", *KEY, "--total-from", "total")
    assert heads(done.stdout) == ["LRS310 a.json:1:11"]


def test_an_integer_of_many_digits_in_toml(run: Run, write: Write) -> None:
    write("a.toml", f"a = 1\nschedule = 'const'\nseed = {NINES}\n")
    done = run("check", "a.toml", *KEY)
    assert heads(done.stdout) == ["LRS701 a.toml:3:8"]
    assert "this is not TOML: integer of too many digits\n" in done.stdout
    assert done.exit_code == 1


def test_an_integer_of_many_digits_in_yaml(run: Run, write: Write) -> None:
    write("a.yaml", f"seed: {NINES}\nschedule: cosin(20)\n")
    assert heads(run("check", "a.yaml", *KEY).stdout) == ["LRS201 a.yaml:2:11"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"lrdsl = {NINES}\n", "is not TOML: Integer of too many digits (at line 1, column 9)"),
        (f"# lrdsl\na = {'[' * 5000}{']' * 5000}\n", "is nested too deeply"),
        ("tool = 'lrdsl'\n", ""),
    ],
    ids=["digits", "deep", "no table"],
)
def test_settings_that_cannot_be_read(run: Run, write: Write, text: str, said: str) -> None:
    if said == "is nested too deeply" and sys.version_info >= (3, 14):
        pytest.skip("this Python reads it")
    write("pyproject.toml", text)
    done = run("check", write("a.yaml", "a: 1\n"))
    assert done.exit_code == (2 if said else 0)
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_a_config_that_is_too_long(run: Run, write: Write) -> None:
    write("a.json", '{"schedule": "const", "x": "' + "x" * 4_000_000 + '"}')
    done = run("check", "a.json", *KEY)
    assert done.stderr == "lrdsl: cannot read a.json: it has more than 4,000,000 characters\n"
    assert (done.stdout, done.exit_code) == ("", 2)

"""Odd files and folders: each is read, or a sentence says why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import KEY, shown


@pytest.mark.parametrize(
    ("text", "noun"), [("[warmup(5), const]", "a list"), ("{a: const}", "a mapping")]
)
def test_a_tag_on_what_is_no_text(run: Run, write: Write, text: str, noun: str) -> None:
    done = run("check", write("a.yaml", f"x: !lrs {text}\n"))
    assert heads(done.stdout) == ["LRS706 a.yaml:1:4"]
    assert f": the tag `!lrs` marks a schedule, and this is {noun}\n" in done.stdout
    assert "help: write the schedule as a text: " in done.stdout
    assert done.exit_code == 1


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_suffixes_in_capitals(run: Run, write: Write, command: str) -> None:
    write("A.LRS", "const(5\n")
    done = run(command, ".")
    assert done.stdout.startswith("error[LRS102 unexpected-end]")
    assert done.exit_code == 1
    write("A.YML", "schedule: cosin(5)\n")
    assert heads(run("check", ".", *KEY).stdout) == ["LRS102 A.LRS:1:8", "LRS201 A.YML:1:11"]


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_a_folder_inside_that_cannot_be_read(run: Run, tmp_path: Path, command: str) -> None:
    """Its path is longer than the system allows, which stops an administrator too."""
    (tmp_path / "z.lrs").write_text("const(5\n")
    (tmp_path / "a.lrs").write_text("const(5\n")
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("b" * 250, dir_fd=here)
        there = os.open("b" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)
    done = run(command, str(tmp_path))
    assert [head.rpartition("/")[2] for head in heads(done.stdout)] == ["a.lrs:1:8", "z.lrs:1:8"]
    assert done.stderr.startswith("lrdsl: cannot read ")
    assert done.stderr.endswith("b: File name too long\n")
    assert done.exit_code == 2


def test_a_circle_of_links(run: Run, write: Write) -> None:
    write("x.lrs", "cosin(5)\n")
    Path("again").symlink_to(".")
    assert heads(run("check", ".").stdout) == ["LRS201 x.lrs:1:1"]
    Path("self.lrs").symlink_to("self.lrs")
    done = run("check", ".")
    assert done.stderr == "lrdsl: cannot read self.lrs: Too many levels of symbolic links\n"
    assert heads(done.stdout) == ["LRS201 x.lrs:1:1"]
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "help"),
    [
        ("a.json", '{\n // one\n "schedule": "const"}', "JSON has no comments"),
        ("a.json", '{"a": 1, /* b */ "schedule": "const"}', "JSON has no comments"),
        ("a.json", '{"schedule": "const",}', "JSON has no comma after the last item"),
        ("a.json", '{"a": [1, 2, ],\n "schedule": "const"}', "JSON has no comma after the"),
        ("a.json", '{"schedule": "const" "a": 1}', ""),
        ("a.yaml", "schedule:\n\tconst\n", "indent with blanks"),
    ],
)
def test_what_a_format_does_not_take(
    run: Run, write: Write, name: str, text: str, help: str
) -> None:
    done = run("check", write(name, text), *KEY)
    assert [head.split()[0] for head in heads(done.stdout)] == ["LRS701"]
    assert (f"\nhelp: {help}" if help else "\nmore: ") in done.stdout
    assert ("\nhelp: " in done.stdout) == bool(help)


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.toml"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_mark_of_the_encoding_and_other_line_ends(
    run: Run, write: Write, name: str, end: str
) -> None:
    texts = {
        "a.yaml": "a: 1\nschedule: cosin(5)\n",
        "a.json": '{"a": 1,\n"schedule": "cosin(5)"}\n',
        "a.toml": "a = 1\nschedule = 'cosin(5)'\n",
    }
    write(name, b"\xef\xbb\xbf" + texts[name].replace("\n", end).encode())
    done = run("check", name, *KEY)
    assert [head.rpartition(":")[0] for head in heads(done.stdout)] == [f"LRS201 {name}:2"]
    assert shown(done.stdout) == ["cosin"]


def test_aliases_that_multiply(run: Run, write: Write) -> None:
    lines = ["a0: &a0 {schedule: cosin(5)}"]
    lines += [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    done = run("check", write("a.yaml", "\n".join(lines)), *KEY)
    assert heads(done.stdout) == ["LRS201 a.yaml:1:20"]


def test_a_line_of_thousands_of_parts(run: Run, write: Write) -> None:
    text = "schedule: '" + "const(5) >> " * 3000 + "cosin(5)'\n"
    done = run("check", write("a.yaml", text), *KEY)
    assert shown(done.stdout) == ["cosin"]
    assert max(map(len, done.stdout.splitlines())) < 200


@pytest.mark.parametrize("command", ["check", "fmt", "preview"])
def test_a_name_of_no_letters(run: Run, write: Write, command: str) -> None:
    write("a.lrs", "const\n")
    done = run(*command.split(), "")
    assert done.stderr == "lrdsl: cannot read '': No such file or directory\n"
    assert done.exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_settings_of_the_project_that_are_no_utf8(run: Run, write: Write, encoding: str) -> None:
    write("pyproject.toml", "# é\n[tool.lrdsl]\nkey = 'schedule'\n".encode(encoding))
    done = run("check", write("a.yaml", "schedule: const\n"))
    assert done.stderr.startswith("lrdsl: ")
    assert done.stderr.endswith("pyproject.toml is not TOML: it is not written in UTF-8\n")
    assert (done.stdout, done.exit_code) == ("", 2)

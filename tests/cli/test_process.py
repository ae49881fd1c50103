"""What only a process of its own shows: terminals, pipes, missing packages, the shell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.process import ROOT, TIMEOUT, bare_site, command, environment, lrdsl, on_terminal
from tests.cli.process import without_extras as bare
from tests.packaging.extras import install

BROKEN = "cosin(20)"
FINE = "warmup(5) >> cosine(15, 0.3, 0.01)"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NEEDED = ("click", "lark")


def test_check_from_start_to_end() -> None:
    fine = lrdsl("check", "examples/d2l_cosine.lrs")
    assert (fine.stdout, fine.stderr, fine.returncode) == ("", "", 0)
    broken = lrdsl("check", "-", input=b"const(\xe9")
    assert broken.stdout.startswith("error[LRS103 unexpected-character]: U+FFFD")
    assert (broken.stderr, broken.returncode) == ("", 1)
    misused = lrdsl("check", "nowhere.lrs")
    assert (misused.stdout, misused.returncode) == ("", 2)


def test_output_is_utf_8_whatever_the_locale() -> None:
    done = lrdsl("check", "-e", "warmup(5) → const", LC_ALL="C", PYTHONUTF8="1")
    assert "1 | warmup(5) → const\n" in done.stdout


def test_a_terminal_gets_colors_and_nothing_else_does() -> None:
    plain = lrdsl("check", "-e", BROKEN).stdout
    assert "\x1b" not in plain
    colored = on_terminal("check", "-e", BROKEN)
    assert colored.startswith("\x1b[31m\x1b[1merror[LRS201 unknown-name]:\x1b[0m \x1b[1mthere is")
    assert "\x1b[36mhelp:\x1b[0m did you mean `cosine`?\n" in colored
    assert ESCAPE.sub("", colored) == plain
    assert on_terminal("check", "-e", BROKEN, NO_COLOR="1") == plain
    assert on_terminal("check", "-e", BROKEN, NO_COLOR="") == colored


def test_a_chart_fills_the_terminal_in_color() -> None:
    colored = on_terminal("preview", "-e", FINE, columns=90)
    assert "\x1b[" in colored
    plain = on_terminal("preview", "-e", FINE, columns=90, NO_COLOR="1")
    lines = ESCAPE.sub("", colored).splitlines()
    assert [line.rstrip() for line in lines] == plain.splitlines()
    assert max(map(len, plain.splitlines())) == 90


@pytest.mark.parametrize(("columns", "widest"), [("80", 78), ("300", 98)])
def test_help_is_as_wide_as_the_terminal_within_reason(columns: str, widest: int) -> None:
    lines = lrdsl("preview", "--help", COLUMNS=columns).stdout.splitlines()
    assert widest - 8 <= max(map(len, lines)) <= widest


@pytest.mark.parametrize(
    "arguments", [["shapes"], ["explain"], ["check", "-e", BROKEN], ["preview", "-e", FINE], ["-h"]]
)
def test_a_pipe_that_nobody_reads_ends_it_quietly(arguments: list[str]) -> None:
    theirs, ours = os.pipe()
    os.close(theirs)
    try:
        done = subprocess.run(
            command(*arguments),
            stdout=ours,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment(),
            timeout=TIMEOUT,
        )
    finally:
        os.close(ours)
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("packages", "arguments", "missing"),
    [
        ((), ["preview", "-e", FINE], "numpy and plotext"),
        (("numpy",), ["preview", "-e", FINE], "plotext"),
        (("numpy", "plotext"), ["preview", "-e", FINE, "-o", "x.png"], "matplotlib"),
        ((), ["preview", "-e", FINE, "-o", "x.csv"], "numpy"),
        ((), ["diff", "a.lrs", "b.lrs"], "numpy and plotext"),
    ],
)
def test_a_missing_extra_is_named(
    tmp_path: Path, packages: tuple[str, ...], arguments: list[str], missing: str
) -> None:
    done = bare(bare_site(tmp_path / "site", *NEEDED, *packages), *arguments)
    message = f"lrdsl: this needs {missing}: {install('preview')}\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", message, 2)


def test_the_language_server_names_its_extra(tmp_path: Path) -> None:
    done = bare(bare_site(tmp_path / "site", *NEEDED), "lsp")
    message = f"lrdsl: this needs pygls, lsprotocol and numpy: {install('lsp')}\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", message, 2)


def test_without_any_extra_there_are_check_fmt_explain_and_shapes(tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", *NEEDED)
    fine = bare(site, "check", "-e", FINE)
    assert (fine.stdout, fine.stderr, fine.returncode) == ("", "", 0)
    shown = bare(site, "shapes", "cosine")
    assert (shown.stderr, shown.returncode) == ("", 0)
    assert shown.stdout.startswith("cosine(")
    assert "┤" not in shown.stdout
    assert bare(site, "explain", "LRS201").stdout.startswith("# LRS201")
    assert bare(site, "explain", "-e", FINE).stdout.startswith("lr: ")
    assert bare(site, "fmt", str(ROOT / "examples")).returncode == 0


def test_values_are_written_with_numpy_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    done = bare(
        bare_site(tmp_path / "site", *NEEDED, "numpy"), "preview", "-e", FINE, "-o", str(path)
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 21


def test_compile_says_what_brings_torch(tmp_path: Path) -> None:
    program = (
        "import lrdsl\n"
        "try: lrdsl.compile('const', None)\n"
        "except ModuleNotFoundError as error: print(error, error.name, sep='\\n')"
    )
    done = bare(bare_site(tmp_path / "site", *NEEDED), program=program)
    message = f"lrdsl.compile needs torch: {install('torch')}\ntorch\n"
    assert (done.stdout, done.stderr) == (message, "")


@pytest.mark.parametrize(
    ("call", "wanted", "package"),
    [
        ("values(3)", "arrays of values need numpy", "numpy"),
        ("plot()", "axes of its own need matplotlib", "matplotlib"),
    ],
)
def test_a_schedule_says_what_brings_its_arrays_and_its_picture(
    tmp_path: Path, call: str, wanted: str, package: str
) -> None:
    program = (
        "import lrdsl\n"
        f"try: lrdsl.parse('cosine(20)').resolve().{call}\n"
        "except ModuleNotFoundError as error: print(error, error.name, sep='\\n')"
    )
    done = bare(bare_site(tmp_path / "site", *NEEDED), program=program)
    assert (done.stdout, done.stderr) == (f"{wanted}: {install('preview')}\n{package}\n", "")


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("bash", "complete -o nosort -F _lrdsl_completion lrdsl"),
        ("zsh", "compdef _lrdsl_completion lrdsl"),
        ("fish", "complete --no-files --command lrdsl"),
    ],
)
def test_a_completion_script_is_produced(shell: str, script: str) -> None:
    done = lrdsl(_LRDSL_COMPLETE=f"{shell}_source")
    assert script in done.stdout
    assert done.returncode == 0


def test_what_is_completed() -> None:
    done = lrdsl(_LRDSL_COMPLETE="bash_complete", COMP_WORDS="lrdsl ex", COMP_CWORD="1")
    assert done.stdout == "plain,explain\nplain,export\n"

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lrdsl
from tests.cli.conftest import Run, Write

FINE = "warmup(5) >> cosine(20, 0.3, 0.01) >> const\n"
EXAMPLES = Path(lrdsl.__file__).parents[1] / "examples"


def heads(text: str) -> list[str]:
    """The codes and places of the diagnostics that were printed."""
    return [
        f"{code} {place}"
        for code, place in re.findall(r"^error\[(\S+) .*\n *--> (.+)$", text, re.MULTILINE)
    ]


def test_silent_where_all_is_well(run: Run, write: Write) -> None:
    done = run("check", write("fine.lrs", FINE))
    assert (done.output, done.exit_code) == ("", 0)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.lrs")), ids=lambda path: path.name)
def test_the_examples_are_clean(run: Run, path: Path) -> None:
    # A step of this one is an epoch, as it says.
    steps = "1" if path.stem == "d2l_cosine" else "1251"
    done = run("check", str(path), "--total", "90ep", "--steps-per-epoch", steps)
    assert (done.output, done.exit_code) == ("", 0)


def test_examples_and_recipes_pass_the_strict_check_of_a_hook(run: Run) -> None:
    paths = sorted(map(str, EXAMPLES.rglob("*.lrs")))
    done = run("check", "--strict", *paths)
    assert (done.stdout, done.exit_code) == ("", 0)
    assert len(paths) > 20


def test_an_error_is_printed_as_it_is_raised(run: Run, write: Write) -> None:
    text = "warmup(0.1) >> cosine(20)\n"
    done = run("check", write("broken.lrs", text))
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.load("broken.lrs")
    assert done.stdout == f"{caught.value}\n1 error in 1 file\n"
    assert (done.stderr, done.exit_code) == ("", 1)


def test_every_error_of_every_file(run: Run, write: Write) -> None:
    names = [
        write("one.lrs", "let a = cosin(3)\nlet b = 2 +\nlet c = pi >> 2\nwarmup(0.5)"),
        write("two.lrs", FINE),
        write("three.lrs", "const(20, 0.3"),
    ]
    done = run("check", *names)
    assert heads(done.stdout) == [
        "LRS201 one.lrs:1:9",
        "LRS102 one.lrs:2:12",
        "LRS301 one.lrs:3:9",
        "LRS304 one.lrs:4:8",
        "LRS102 three.lrs:1:14",
    ]
    assert done.stdout.endswith("\n5 errors in 2 files\n")
    assert (done.stderr, done.exit_code) == ("", 1)


def test_errors_of_the_layout_too(run: Run, write: Write) -> None:
    name = write("long.lrs", "warmup(80) >> const >> linear(40)")
    done = run("check", name, "--total", "100")
    assert heads(done.stdout) == ["LRS404 long.lrs:1:15"]
    assert done.exit_code == 1
    assert run("check", name, "--total", "200").exit_code == 0


def test_standard_input(run: Run) -> None:
    assert run("check", "-", input=FINE).exit_code == 0
    done = run("check", "-", input="\nconst(")
    assert heads(done.stdout) == ["LRS102 <stdin>:2:7"]


def test_expressions(run: Run) -> None:
    assert run("check", "-e", FINE, "-e", "linear(10)").exit_code == 0
    done = run("check", "-e", FINE, "--expression", "linea(10)")
    assert heads(done.stdout) == ["LRS201 <expression>:1:1"]
    assert (done.exit_code, done.stderr) == (1, "")


def test_a_param_is_set(run: Run, write: Write) -> None:
    name = write("sweep.lrs", "param gamma = 0.9\nparam peak = 0.1\nexponential(gamma) * peak")
    assert run("check", name, "--param", "gamma=0.5", "--param", "peak = 0.2").output == ""
    done = run("check", name, "--param", "gamma=-1")
    assert re.findall(r"LRS\d+ [a-z-]+", done.stdout)[0] == "LRS303 guard"
    assert done.exit_code == 1
    done = run("check", name, "--param", "peek=0.2")
    assert re.findall(r"LRS\d+ [a-z-]+", done.stdout)[0] == "LRS212 unknown-param"
    assert "did you mean `peak`?" in done.stdout


def test_a_unit_is_worth_what_is_said(run: Run) -> None:
    text = "warmup(2Btok) >> const"
    assert run("check", "-e", text, "--per-step", "tok=4M").output == ""
    # 2e9 tokens are 500 steps.
    for total, code in (("500", 0), ("499", 1)):
        done = run("check", "-e", text, "--per-step", "tok=4M", "--total", total)
        assert done.exit_code == code


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("warmup(5ep) >> const", "--steps-per-epoch"),
        ("warmup(2%) >> const >> linear(20%)", "--total"),
        ("warmup(2Mtok) >> const", "--per-step tok=…"),
        ("warmup(5ep) >> cosine(10%)", "--steps-per-epoch and --total"),
    ],
)
def test_a_note_says_what_the_run_would_have_to_tell(run: Run, text: str, needed: str) -> None:
    done = run("check", "-e", text)
    note = f"note: <expression> was checked without a run; it needs {needed} to be laid out\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", note, 0)


def test_a_note_is_per_file_and_errors_win(run: Run, write: Write) -> None:
    names = [write("a.lrs", "warmup(5ep) >> const"), write("b.lrs", "const(")]
    done = run("check", *names)
    assert heads(done.stdout) == ["LRS102 b.lrs:1:7"]
    assert [line.split()[1] for line in done.stderr.splitlines()] == ["a.lrs"]
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("cosine(5ep) * linear(5ep)", "product-of-rates"),
        ("warmup(5ep) >> const >> const", "second-rest"),
        ("param x = 1\nwarmup(2Btok) * cosine(10%) * x", "product-of-rates"),
    ],
)
def test_what_no_run_can_mend_is_found_without_one(run: Run, text: str, slug: str) -> None:
    done = run("check", "-e", text)
    assert re.findall(r"^error\[LRS\d+ ([a-z-]+)\]", done.stdout, re.MULTILINE) == [slug]
    assert done.exit_code == 1


def test_a_run_that_is_described_has_to_be_enough(run: Run) -> None:
    done = run("check", "-e", "warmup(5ep) >> cosine", "--total", "1000")
    assert heads(done.stdout) == ["LRS307 <expression>:1:8"]
    assert (done.exit_code, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--total", "0"), ("--total", "-5"), ("--total", "ten"), ("--total", "10%"),
        ("--steps-per-epoch", "0"), ("--steps-per-epoch", "nan"), ("--steps-per-epoch", "inf"),
        ("--per-step", "tok=0"), ("--per-step", "tok=much"), ("--per-step", "ep=5"),
        ("--param", "x=high"),
    ],
)  # fmt: skip
def test_a_run_that_makes_no_sense_is_an_error(run: Run, option: str, value: str) -> None:
    done = run("check", "-e", "param x = 1\nconst(value = x)", option, value)
    assert re.findall(r"^error\[(LRS\d+)", done.stdout, re.MULTILINE) == ["LRS310"]
    assert done.exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--bogus"], ["-e", "const", "--per-step", "tok"], ["-e", "const", "--param", "=1"],
        ["-e", "const", "--param", "peak="], ["-e", "const", "--steps-per-epoch", "many"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_misuse(run: Run, arguments: list[str]) -> None:
    done = run("check", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: lrdsl check [OPTIONS] [FILE]...\n")
    assert done.stderr.count("\n\nError: ") == 1


def test_an_option_without_its_value_is_misuse(run: Run) -> None:
    done = run("check", "-e")
    assert (done.exit_code, done.output) == (2, "Error: Option '-e' requires an argument.\n")


def test_an_unreadable_file_is_misuse_and_the_others_are_checked(run: Run, write: Write) -> None:
    done = run("check", "nowhere.lrs", write("broken.lrs", "const("))
    assert heads(done.stdout) == ["LRS102 broken.lrs:1:7"]
    wanted = ["lrdsl: cannot read nowhere.lrs: No such file or directory"]
    assert done.stderr.splitlines() == wanted
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("data", "place"),
    [(b"const(10, 0.3)\n# \xb5\nconst\xe9", "x.lrs:3:6"), ("const".encode("utf-16"), "x.lrs:1:1")],
    ids=["latin-1", "utf-16"],
)
def test_a_file_in_another_encoding_is_reported(
    run: Run, write: Write, data: bytes, place: str
) -> None:
    done = run("check", write("x.lrs", data))
    assert f"LRS103 {place}" in heads(done.stdout)
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)


def test_a_byte_order_mark_is_accepted(run: Run, write: Write) -> None:
    done = run("check", write("bom.lrs", b"\xef\xbb\xbf" + FINE.encode()))
    assert (done.output, done.exit_code) == ("", 0)
    done = run("check", write("bom.lrs", b"\xef\xbb\xbfconst("))
    assert heads(done.stdout) == ["LRS102 bom.lrs:1:7"]


def test_no_escape_codes_where_nobody_looks(run: Run) -> None:
    assert "\x1b" not in run("check", "-e", "cosin(20)", FORCE_COLOR="1").stdout


JUMP = "warmup(5, 0, 0.4) >> cosine(20, 0.3)\n"


def test_a_warning_is_printed_and_is_no_failure(run: Run, write: Write) -> None:
    done = run("check", write("jump.lrs", JUMP))
    assert done.stdout.startswith("warning[LRS601 jump]: the rate jumps from 0.4 to 0.3 at step 5")
    assert done.stdout.endswith("\n1 warning in 1 file\n")
    assert (done.stderr, done.exit_code) == ("", 0)


def test_strict_makes_warnings_errors(run: Run, write: Write) -> None:
    done = run("check", write("jump.lrs", JUMP), "--strict")
    assert heads(done.stdout) == ["LRS601 jump.lrs:1:22"]
    assert done.stdout.endswith("\n1 error in 1 file\n")
    assert done.exit_code == 1


def test_errors_and_warnings_are_counted_apart(run: Run, write: Write) -> None:
    names = [write("jump.lrs", JUMP), write("broken.lrs", "const(")]
    done = run("check", *names)
    assert done.stdout.endswith("\n1 error, 1 warning in 2 files\n")
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("options", "slugs"),
    [
        ([], ["unused-name", "jump"]),
        (["--select", "jump"], ["jump"]),
        (["--select", "LRS601,unused-name"], ["unused-name", "jump"]),
        (["--ignore", "lrs601"], ["unused-name"]),
        (["--ignore", "jump", "--ignore", "unused-name"], []),
        (["--select", "jump", "--ignore", "jump"], []),
    ],
)
def test_lints_are_chosen(run: Run, options: list[str], slugs: list[str]) -> None:
    done = run("check", "-e", f"let a = 1\n{JUMP}", *options)
    assert re.findall(r"^warning\[LRS6\d\d ([a-z-]+)\]", done.stdout, re.MULTILINE) == slugs
    assert done.exit_code == 0


@pytest.mark.parametrize("word", ["jumps", "LRS201", "unknown-name", ""])
def test_a_lint_that_does_not_exist_is_misuse(run: Run, word: str) -> None:
    done = run("check", "-e", JUMP, "--ignore", word)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{word!r} is no lint" in done.stderr


def test_a_comment_ignores_a_warning(run: Run) -> None:
    text = f"{JUMP.rstrip()}  # lrs: ignore[jump]"
    assert run("check", "-e", text, "--strict").output == ""
    done = run("check", "-e", f"# lrs: ignore[jump]\n{JUMP}", "--total", "25")
    assert re.findall(r"^warning\[LRS6\d\d ([a-z-]+)\]", done.stdout, re.MULTILINE) == [
        "useless-ignore",
        "jump",
    ]


def test_a_program_that_lacks_a_run_is_linted_as_text(run: Run) -> None:
    done = run("check", "-e", "let a = 1\nlinear(5ep, 0, 1) >> const")
    assert re.findall(r"^warning\[LRS6\d\d ([a-z-]+)\]", done.stdout, re.MULTILINE) == [
        "unused-name"
    ]
    assert done.stderr.startswith("note: ")


def test_captures_are_checked_for_two_numbers_or_for_those_of_groups(run: Run) -> None:
    text = 'lr["layers.{i}.*"]: linear(10, 0.1, 1 - i)'  # negative from 2 on
    assert run("check", "-e", text).exit_code == 0
    assert run("check", "-e", text, "--group", "layers.1.w").exit_code == 0
    done = run("check", "-e", text, "--group", "layers.1.w", "--group", "layers.2.w")
    assert (done.exit_code, done.stdout.count("negative-rate")) == (1, 1)


def test_what_is_wrong_for_both_numbers_is_an_error(run: Run) -> None:
    done = run("check", "-e", 'lr["layers.{i}.*"]: linear(10, 0.1, -1 - i)')
    assert (done.exit_code, done.stdout.count("negative-rate")) == (1, 1)


def test_missing_arguments_of_a_run_are_named_for_captures_too(run: Run) -> None:
    done = run("check", "-e", 'lr["l{i}"]: const((12 - i) * 1ep, 0) >> cosine')
    assert (done.exit_code, done.stdout) == (0, "")
    assert "--steps-per-epoch" in done.stderr


def test_a_base_is_checked_as_it_is_given(run: Run) -> None:
    text = "lr: linear(10, base, base - 0.2)"
    assert run("check", "-e", text, "--base", "0.3").exit_code == 0
    done = run("check", "-e", text, "--base", "0.1")
    assert (done.exit_code, done.stdout.count("negative-rate")) == (1, 1)


def test_a_base_is_checked_after_events_too(run: Run) -> None:
    text = 'until(signal("c"), const) >> linear(20, 0.5 - base, 0)'
    assert run("check", "-e", text).exit_code == 0  # of no base is it known
    assert run("check", "-e", text, "--base", "0.4").exit_code == 0
    done = run("check", "-e", text, "--base", "0.6")
    assert (done.exit_code, done.stdout.count("LRS")) == (1, 2)
    assert "the rate is negative at step 0: -0.1 (after `c` at step 0)" in done.stdout


def test_a_base_is_checked_after_the_second_event(run: Run) -> None:
    text = 'until(signal("c"), const) >> const(9) >> '
    text += "until(below(1), const) >> const(value = 0.1 - base)"
    assert run("check", "-e", text, "--base", "0.1").exit_code == 0
    done = run("check", "-e", text, "--base", "0.2")
    assert (done.exit_code, done.stdout.count("negative-rate")) == (1, 1)
    assert "at step 9: -0.1 (after `c` and `below@1` at step 0)" in done.stdout


def test_a_momentum_is_checked_after_events_too(run: Run) -> None:
    text = 'momentum: until(signal("c"), const(value = 0.9)) >> const(value = 2 * base)'
    assert run("check", "-e", text, "--base", "momentum=0.4").exit_code == 0
    done = run("check", "-e", text, "--base", "momentum=0.9")
    assert (done.exit_code, done.stdout.count("above-limit")) == (1, 1)
    assert "the momentum is 1.8 at step 0" in done.stdout


def test_own_counts_as_1_while_groups_are_not_known(run: Run) -> None:
    assert run("check", "-e", 'const * own("lr_scale")').exit_code == 0
    done = run("check", "-e", 'linear(10, 0.1, -0.1) * own("lr_scale")')
    assert (done.exit_code, done.stdout.count("negative-rate")) == (1, 1)


def test_a_warning_about_many_layers_is_one_warning(run: Run) -> None:
    text = 'lr["l{i}"]: linear(50, 0.1, 0) >> const(value = 0.1 + i)'
    options = [word for n in range(5) for word in ("--group", f"l{n}")]
    done = run("check", "-e", text, "--total", "100", *options)
    assert (done.exit_code, done.stdout.count("warning[LRS601")) == (0, 1)

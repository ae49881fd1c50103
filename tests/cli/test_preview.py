from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

import lrdsl
from tests.cli.conftest import Run, Write

D2L = "warmup(5) >> cosine(15, 0.3, 0.01) >> const"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("columns", [80, 120])
def test_a_chart_as_wide_as_the_terminal_and_a_table(run: Run, columns: int) -> None:
    done = run("preview", "-e", D2L, COLUMNS=str(columns))
    chart, _, table = done.stdout.partition("\n\n")
    assert max(map(len, chart.splitlines())) == columns
    assert max(map(len, done.stdout.splitlines())) <= columns
    assert chart.splitlines()[0].split() == ["warmup", "cosine", "const"]
    assert [line.split() for line in table.splitlines()] == [
        ["part", "step", "length", "from", "to"],
        ["warmup", "0", "5", "0", "0.3"],
        ["cosine", "5", "15", "0.3", "0.01"],
        ["const", "20", "endless", "0.01", "–"],
    ]
    assert (done.stderr, done.exit_code) == ("", 0)


def test_a_narrow_terminal_gets_the_narrowest_chart(run: Run) -> None:
    done = run("preview", "-e", D2L, COLUMNS="3")
    assert (done.stderr, done.exit_code) == ("", 0)
    assert "cosine" in done.stdout


def test_base_scales_what_is_in_proportion(run: Run) -> None:
    rows = run("preview", "-e", "linear(10)", "--base", "0.2").stdout
    assert re.search(r"^linear +0 +10 +0\.2 +0$", rows, re.MULTILINE)
    rows = run("preview", "-e", "linear(10)").stdout
    assert re.search(r"^linear +0 +10 +1 +0$", rows, re.MULTILINE)


def test_a_stretch_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    options = ("--first", "3", "--last", "7")
    assert run("preview", "-e", D2L, *options, "-o", str(path)).exit_code == 0
    rows = path.read_text(encoding="utf-8").splitlines()
    assert [row.partition(",")[0] for row in rows] == ["step", "3", "4", "5", "6", "7"]
    assert steps_of(run("preview", "-e", D2L, "--last", "400").stdout)[-1] == "400"
    text = "warmup(5ep) >> linear(5ep, 0.4)"
    shown = run(
        "preview", "-e", text, "--steps-per-epoch", "100", "--first", "2ep", "--last", "6ep"
    )
    assert (steps_of(shown.stdout)[0], steps_of(shown.stdout)[-1]) == ("200", "600")


def steps_of(stdout: str) -> list[str]:
    """The lowest labels of a chart."""
    return stdout.partition("\n\n")[0].splitlines()[-1].split()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--first", "soon"], "--first"),
        (["--last", "3ep"], "how many steps one `ep` takes is not known"),
        (["--first", "9", "--last", "8"], "nothing to show from step 9 to step 8"),
    ],
)
def test_a_stretch_that_is_none_is_misuse(run: Run, options: list[str], message: str) -> None:
    done = run("preview", "-e", D2L, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_the_axis_of_the_rates_is_logarithmic_on_demand_and_by_itself(run: Run) -> None:
    assert "1e-6┤" in run("preview", "-e", "geometric(100, 1e-6, 1)").stdout
    assert "1e-6┤" not in run("preview", "-e", "geometric(100, 1e-6, 1)", "--linear").stdout
    assert "0.01┤" in run("preview", "-e", D2L, "--log").stdout
    assert "0.01┤" not in run("preview", "-e", D2L).stdout


def test_a_schedule_in_epochs_alone_is_drawn_in_epochs(run: Run, tmp_path: Path) -> None:
    text = "warmup(5ep) >> cosine(85ep, 0.4)"
    done = run("preview", "-e", text)
    assert (done.stderr, done.exit_code) == ("", 0)
    assert steps_of(done.stdout)[:2] == ["0", "5ep"]
    assert steps_of(done.stdout)[-1] == "90ep"
    assert "warmup      0     5ep     0  0.4" in done.stdout
    assert "000" not in done.stdout
    assert steps_of(run("preview", "-e", text, "--last", "10ep").stdout)[-1] == "10ep"
    assert run("preview", "-e", text, "--last", "10").exit_code == 2
    assert run("preview", "-e", text, "-o", str(tmp_path / "x.svg")).exit_code == 0
    assert run("preview", "-e", text, "-o", str(tmp_path / "x.csv")).exit_code == 1
    beside_steps = run("preview", "-e", text, "-e", "linear(20, 0.3)")
    assert beside_steps.exit_code == 1
    assert "LRS307" in beside_steps.stdout


def test_a_schedule_in_tokens_alone_is_drawn_in_tokens(run: Run, tmp_path: Path) -> None:
    text = "warmup(2Btok) >> cosine(300Btok, 3e-4) >> const"
    done = run("preview", "-e", text)
    assert (done.stderr, done.exit_code) == ("", 0)
    assert steps_of(done.stdout)[:2] == ["0", "2Btok"]
    assert "warmup        0    2Btok     0  3e-4" in done.stdout
    assert "cosine    2Btok  300Btok  3e-4     0" in done.stdout
    assert "000" not in done.stdout
    assert steps_of(run("preview", "-e", text, "--last", "10Btok").stdout)[-1] == "10Btok"
    refused = run("preview", "-e", text, "--last", "10")
    assert refused.exit_code == 2
    assert "how many steps one `tok` takes is not known; write 10tok" in refused.stderr
    assert run("preview", "-e", text, "-o", str(tmp_path / "x.svg")).exit_code == 0
    assert run("preview", "-e", text, "-o", str(tmp_path / "x.csv")).exit_code == 1
    both = run("preview", "-e", text, "-e", "linear(375Mimg, 0.3)")
    assert both.exit_code == 1
    assert "--per-step img" in both.stdout
    assert "--per-step tok" not in both.stdout
    beside_it = run("preview", "-e", text, "-e", "linear(375Mtok, 0.3)")
    assert beside_it.exit_code == 0
    assert "375Mtok" in beside_it.stdout


def test_a_program_that_needs_more_does_not_keep_others_from_being_drawn(run: Run) -> None:
    words = ("-e", "linear(5ep, 0.3)", "-e", "linear(2tok, 0.3)", "-e", "const(5ep) * plateau()")
    done = run("preview", *words)
    assert done.exit_code == 1
    assert "--per-step tok" in done.stdout
    assert steps_of(done.stdout.partition("⠒⠒")[2])[-1] == "5ep"
    assert "measured after every epoch" in done.stderr


def test_one_bad_program_does_not_stop_the_others(run: Run, write: Write) -> None:
    write("broken.lrs", "cosin(20)")
    write("good.lrs", D2L)
    done = run("preview", "broken.lrs", "good.lrs")
    assert done.exit_code == 1
    assert "unknown-name" in done.stdout
    assert re.search(r"^cosine +5 +15 +0.3 +0.01$", done.stdout, re.MULTILINE)
    done = run("preview", "nowhere.lrs", "broken.lrs", "good.lrs")
    assert done.exit_code == 2
    assert "nowhere.lrs" in done.stderr
    assert re.search(r"^cosine +5 +15 +0.3 +0.01$", done.stdout, re.MULTILINE)


def test_folders_and_configs_are_looked_through(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write("sub/a.lrs", D2L)
    write("sub/b.yaml", "schedule: !lrs linear(20, 0.3)\n")
    write("sub/c.txt", "cosin(20)")
    done = run("preview", "sub")
    assert done.exit_code == 0
    legend = "".join(done.stdout.splitlines()[:2])
    assert "sub/a.lrs: warmup" in legend
    assert "sub/b.yaml:1:16" in legend
    write("c.yaml", "optimizer: {lr: 'linear(2ep, 0.3)'}\n")
    done = run("preview", "c.yaml", "--key", "optimizer.lr")
    assert steps_of(done.stdout)[-1] == "2ep"


def test_many_programs_have_a_chart_each(run: Run) -> None:
    words = [word for k in range(7) for word in ("-e", f"linear({k + 2}, 0.3)")]
    done = run("preview", *words)
    assert done.stdout.count("└") == 7
    assert "linear(5, 0.3):\n" in done.stdout


def test_curves_that_coincide_say_so(run: Run) -> None:
    done = run("preview", "-e", "linear(20, 0.3)", "-e", "cosine(20, 0.3)", "-e", "linear(20, .3)")
    assert "linear(20, .3): the same curve as linear(20, 0.3)" in done.stdout


def test_a_legend_says_whose_the_boundaries_are_and_the_base(run: Run) -> None:
    done = run("preview", "-e", "warmup(5) >> linear(15)", "-e", D2L, "--base", "0.2")
    first, second = done.stdout.splitlines()[:2]
    assert first.endswith("warmup(5) >> linear(15) (base 0.2): warmup, linear from 5")
    assert second.endswith(f"{D2L}: warmup, cosine from 5, const from 20")


def test_a_curve_keeps_its_selector(run: Run, tmp_path: Path) -> None:
    text, path = 'lr["head"]: linear(20, 0.3)', tmp_path / "x.csv"
    assert 'lr["head"]' in run("preview", "-e", text).stdout.split("\n\n")[1]
    assert run("preview", "-e", text, "-o", str(path)).exit_code == 0
    assert path.read_text(encoding="utf-8").startswith('step,"lr[""head""]"\n')
    assert run("preview", "-e", "momentum: linear(20, 0.3)", "-o", str(path)).exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("step,momentum\n")


def test_several_are_drawn_over_each_other(run: Run, write: Write) -> None:
    names = [write("one.lrs", D2L), write("two.lrs", "linear(20, 0.3)")]
    done = run("preview", *names, "-e", "const(20, 0.1)")
    legend, *lines = done.stdout.splitlines()
    places = [legend.index(label) for label in ("const(20, 0.1)", *names)]
    assert len(places) == 3
    titles = [line for line in lines if line.partition(",")[0] in (*names, "const(20")]
    assert len(titles) == 3
    assert sum(line.startswith("part ") for line in lines) == 3


def test_the_run_reaches_the_chart(run: Run) -> None:
    done = run(
        "preview", "-e", "param up = 1ep\nwarmup(up) >> cosine(rest, 0.4)",
        "--param", "up=5ep", "--steps-per-epoch", "100", "--total", "90ep",
    )  # fmt: skip
    assert re.search(r"^warmup +0 +500\b", done.stdout, re.MULTILINE)
    assert re.search(r"^cosine +500 +8,?500\b", done.stdout, re.MULTILINE)


def test_values_as_csv_are_the_schedules_own(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    done = run("preview", "-e", "warmup(5) >> cosine(15)", "--base", "0.1", "-o", str(path))
    assert (done.output, done.exit_code) == ("", 0)
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["step", "lr"]
    schedule = lrdsl.parse("warmup(5) >> cosine(15)").resolve()
    assert [(int(t), float(rate)) for t, rate in rows] == list(
        enumerate(schedule(t, base=0.1) for t in range(20))
    )


def test_values_as_json(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    done = run("preview", "-e", "linear(4)", "-e", D2L, "-o", str(path))
    assert (done.output, done.exit_code) == ("", 0)
    found = json.loads(path.read_text(encoding="utf-8"))
    first, second = found["curves"]
    assert (first["label"], first["values"][:4]) == ("linear(4)", [1.0, 0.75, 0.5, 0.25])
    assert [part["name"] for part in second["parts"]] == ["warmup", "cosine", "const"]


@pytest.mark.parametrize(("suffix", "start"), [("png", PNG), ("svg", b"<svg"), ("PNG", PNG)])
def test_pictures(run: Run, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"curve.{suffix}"
    done = run("preview", "-e", D2L, "-o", str(path))
    assert (done.output, done.exit_code) == ("", 0)
    assert path.read_bytes().startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["curve.gif", "curve", "nowhere/curve.csv", "folder.json"])
def test_a_file_that_cannot_be_written_is_misuse(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.json").mkdir()
    done = run("preview", "-e", D2L, "-o", str(tmp_path / name))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"lrdsl: cannot write {tmp_path / name}: ")
    assert len(done.stderr.splitlines()) == 1


def test_errors_are_printed_instead(run: Run, write: Write, tmp_path: Path) -> None:
    name = write("broken.lrs", "cosin(20)")
    done = run("preview", name, "-e", D2L, "-e", "const(", "-o", str(tmp_path / "x.csv"))
    slugs = re.findall(r"^error\[LRS\d+ ([a-z-]+)", done.stdout, re.MULTILINE)
    assert slugs == ["unexpected-end", "unknown-name"]
    assert done.exit_code == 1
    assert not (tmp_path / "x.csv").exists()


def test_a_curve_that_is_no_rate_for_this_base_is_an_error(run: Run) -> None:
    text = "linear(10, base, 0.05) - 0.04"
    assert run("preview", "-e", text, "--base", "0.1").exit_code == 0
    done = run("preview", "-e", text, "--base", "0.01")
    assert "LRS311 negative-rate" in done.stdout
    assert done.exit_code == 1


def test_a_run_that_says_too_little_is_an_error(run: Run) -> None:
    done = run("preview", "-e", "warmup(5ep) >> const(100)")
    assert "LRS307 unresolved-unit" in done.stdout
    assert done.exit_code == 1


@pytest.mark.parametrize("arguments", [[], ["-e", D2L, "--base", "x"]])
def test_misuse(run: Run, arguments: list[str]) -> None:
    done = run("preview", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: lrdsl preview")


def test_an_unreadable_file_is_misuse(run: Run) -> None:
    done = run("preview", "nowhere.lrs", "-e", D2L)
    assert done.exit_code == 2
    assert done.stderr == "lrdsl: cannot read nowhere.lrs: No such file or directory\n"


TARGETS = """\
lr: warmup(5) >> cosine(15)
lr["head"]: linear(20)
momentum: linear(5, base, 0.95) >> const
"""


def test_each_quantity_has_a_chart_of_its_own(run: Run, write: Write) -> None:
    name = write("many.lrs", TARGETS)
    lines = run("preview", name, "--base", "0.1").stdout.splitlines()
    assert lines[0] == "lr:"
    assert (lines[1].count("lr"), 'lr["head"]' in lines[1]) == (2, True)
    assert "momentum:" in lines
    tables = [line for line in lines if ", base " in line]
    assert tables == ["lr, base 0.1", 'lr["head"], base 0.1', "momentum, base 0.9"]


def test_a_base_for_each_quantity(run: Run, write: Write, tmp_path: Path) -> None:
    name, path = write("many.lrs", TARGETS), tmp_path / "many.csv"
    done = run("preview", name, "--base=0.1", "--base=momentum=0.5", "-o", str(path))
    assert done.exit_code == 0
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[:2] == [["step", "lr", 'lr["head"]', "momentum"], ["0", "0.0", "0.1", "0.5"]]
    assert run("preview", name, "--base", "momentum=1").exit_code == 1
    assert run("preview", name, "--base", "momentum=fast").exit_code == 2


def test_several_files_of_several_targets(run: Run, write: Write, tmp_path: Path) -> None:
    names, path = [write(f"{x}.lrs", TARGETS) for x in "ab"], tmp_path / "both.json"
    assert run("preview", *names, "-e", "const(9)", "-o", str(path)).exit_code == 0
    labels = [curve["label"] for curve in json.loads(path.read_text(encoding="utf-8"))["curves"]]
    targets = ("lr", 'lr["head"]', "momentum")
    assert labels == ["const(9)", *(f"{name} {target}" for name in names for target in targets)]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_of_several_quantities(
    run: Run, write: Write, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"many.{suffix}"
    assert run("preview", write("many.lrs", TARGETS), "-o", str(path)).exit_code == 0
    found = path.read_bytes()
    assert found.startswith(PNG) if suffix == "png" else b">momentum</text>" in found


def test_what_is_wrong_in_any_target_is_found(run: Run) -> None:
    done = run("check", "-e", "lr: const  momentum: const(5, 1.5)")
    assert (done.exit_code, "LRS509" in done.stdout) == (1, True)
    done = run("preview", "-e", "lr: const  momentum: const(5, 1.5)")
    assert (done.exit_code, "LRS509" in done.stdout) == (1, True)


DRIVEN = "warmup(5) >> (const(40) * plateau(0.5, 1)) >> linear(20)"


def test_the_command_says_what_it_assumes(run: Run, tmp_path: Path) -> None:
    assumed = run("preview", "-e", DRIVEN)
    note = "note: drawn for a metric that never improves, measured after every step\n"
    assert (assumed.stderr, assumed.exit_code) == (note, 0)
    (tmp_path / "loss.csv").write_text("10,1\n20,1\n30,1\n", encoding="utf-8")
    recorded = run("preview", "-e", DRIVEN, "--metric", str(tmp_path / "loss.csv"))
    assert (recorded.stderr, recorded.exit_code) == ("", 0)
    assert recorded.stdout != assumed.stdout


def test_a_trace_that_drives_nothing_is_misuse(run: Run, tmp_path: Path) -> None:
    (tmp_path / "loss.csv").write_text("10,1\n", encoding="utf-8")
    done = run("preview", "-e", "const", "--metric", str(tmp_path / "loss.csv"))
    assert "nothing here is driven by a metric" in done.stderr
    assert done.exit_code == 2


CAPTURED = 'lr["layers.{i}.*"]: linear(10) * 0.5 ^ (2 - i)'


def test_captures_are_drawn_for_two_numbers_or_for_those_of_groups(run: Run) -> None:
    for options, labels in {
        (): ["layers.{i=0}.*", "layers.{i=1}.*"],
        ("--group", "layers.2.w", "--group", "head"): ["layers.{i=2}.*"],
    }.items():
        done = run("preview", "-e", CAPTURED, *options)
        assert re.findall(r'^lr\["(.*)"\], base', done.stdout, re.MULTILINE) == labels
        assert (done.stderr, done.exit_code) == ("", 0)

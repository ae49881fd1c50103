"""`lrdsl audit`: what it says, draws and returns, of logs in the format of transformers' Trainer.

examples/logs/ holds two logs that its Trainer wrote: of a run that followed its schedule, and of
one whose scheduler a callback stepped a second time after each update.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result
from jsonschema import Draft202012Validator

import lrdsl
from lrdsl.auditing.answer import STATUSES
from lrdsl.cli.auditing import VERSION
from tests.auditing.runs import TEXT, factor
from tests.cli.conftest import Run, Write

ROOT = Path(lrdsl.__file__).parents[1]
LOGS = ROOT / "examples" / "logs"
SCHEMA = ROOT / "docs" / "reference" / "audit.schema.json"
# A plateau-free schedule that the first log does not follow.
OTHER = "warmup(20) >> cosine(280, 3e-4)"


@pytest.fixture
def audit(run: Run, write: Write, tmp_path: Path) -> Run:
    """Runs the command in a folder with both logs and the schedule of the first."""
    write("run.lrs", TEXT)
    for name in ("sft.json", "twice.json"):
        shutil.copy(LOGS / name, tmp_path)

    def done(*arguments: str, **env: str) -> Result:
        return run("audit", *arguments, **env)

    return done


def state(rates: list[float]) -> str:
    history = [{"step": t + 1, "epoch": 0.1, "learning_rate": rate} for t, rate in enumerate(rates)]
    return json.dumps({"best_metric": None, "log_history": history})


def test_a_run_that_followed(audit: Run) -> None:
    done = audit("sft.json", "run.lrs")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "sft.json (transformers) beside run.lrs:",
        "learning_rate follows the schedule at all 100 logged steps"
        " (rates of update s - 1, within float64)",
        "  note: transformers 4.51 and later logs the rate of update s - 1",
    ]


def test_a_run_whose_offset_is_known(audit: Run) -> None:
    assert audit("sft.json", "run.lrs", "--offset", "-1").exit_code == 0
    done = audit("sft.json", "run.lrs", "--offset", "0")
    assert done.exit_code == 1
    assert "is shifted by 1 update behind the schedule" in done.output


def test_a_run_whose_scheduler_was_stepped_twice(audit: Run) -> None:
    done = audit("twice.json", "-e", TEXT, "--total", "200", COLUMNS="60")
    assert done.exit_code == 1
    head, _, chart = done.output.partition("\n\n")
    lines = head.splitlines()
    assert lines[1] == (
        "learning_rate leaves the schedule at step 2: 3e-5 is logged and 1.5e-5 expected"
        " (rates of update s - 1, within float64)"
    )
    assert "  likely: the scheduler was stepped 2 times an update" in lines
    assert "logged learning_rate" in chart and max(map(len, chart.splitlines())) <= 60


def test_a_base_is_fitted_or_given(audit: Run) -> None:
    text = "warmup(20) >> cosine(180)"
    done = audit("sft.json", "-e", text)
    assert done.exit_code == 0 and "base = 3e-4 fitted" in done.output
    assert audit("sft.json", "-e", text, "--base", "3e-4").exit_code == 0
    assert audit("sft.json", "-e", text, "--base", "lr=1e-4").exit_code == 1
    assert "not of `momentum`" in audit("sft.json", "-e", text, "--base", "momentum=1").output


def test_json_is_what_its_schema_says(audit: Run) -> None:
    schema: Any = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["version"]["const"] == VERSION
    assert schema["$defs"]["rate"]["properties"]["status"]["enum"] == [*STATUSES]
    documents = {}
    for log in ("sft.json", "twice.json"):
        done = audit(log, "run.lrs", "--format", "json")
        documents[log] = document = json.loads(done.stdout)
        Draft202012Validator(schema).validate(document)
        assert set(document) == set(schema["properties"])
        assert set(document["rates"][0]) == set(schema["$defs"]["rate"]["properties"])
        assert document["passed"] is (done.exit_code == 0)
    assert documents["sft.json"]["rates"][0]["offset"] == -1
    (rate,) = documents["twice.json"]["rates"]
    assert (rate["status"], rate["first"]["step"]) == ("leaves", 2)
    assert rate["first"]["expected"] == pytest.approx(3e-4 * factor(1))
    assert rate["reasons"][0]["reason"] == "faster"
    broken = documents["sft.json"] | {"version": 2}
    assert not Draft202012Validator(schema).is_valid(broken)


def test_a_workflow_is_told(audit: Run) -> None:
    done = audit("twice.json", "run.lrs", "--format", "github")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert done.output.startswith("::error title=lrdsl audit twice.json::learning_rate leaves")
    assert "%0A  likely: the scheduler was stepped 2 times" in done.output
    done = audit("sft.json", "run.lrs", "--format", "github")
    assert done.output.startswith("::notice title=") and done.exit_code == 0


def test_a_share_of_the_steps_may_be_enough(audit: Run, write: Write) -> None:
    rates = [3e-4 * factor(t) for t in range(200)]
    rates[150:160] = [0.0] * 10
    log = write("trainer_state.json", state(rates))
    assert audit(log, "run.lrs").exit_code == 1
    assert audit(log, "run.lrs", "--fail-under", "0.95").exit_code == 0
    assert audit(log, "run.lrs", "--fail-under", "0.951").exit_code == 1
    assert "not in the range 0<=x<=1" in audit(log, "run.lrs", "--fail-under", "95").output


def test_a_shift_is_not_excused(audit: Run, write: Write) -> None:
    rates = [3e-4 * factor(t) for t in range(200)]
    log = write("trainer_state.json", state(rates[3:]))
    done = audit(log, "run.lrs", "--fail-under", "0")
    assert done.exit_code == 1 and "shifted by 2 updates ahead of" in done.output


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_both_are_drawn(audit: Run, tmp_path: Path, suffix: str) -> None:
    done = audit("twice.json", "run.lrs", "-o", f"a.{suffix}")
    assert done.exit_code == 1, done.output
    drawn = (tmp_path / f"a.{suffix}").read_bytes()
    if suffix == "png":
        assert drawn.startswith(b"\x89PNG")
        return
    page = drawn.decode()
    picture = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    texts = ["".join(element.itertext()) for element in picture.iter()]
    assert any("run.lrs: lr" in text for text in texts)
    assert any("logged learning_rate" in text for text in texts)
    lines = [e.get("d") for e in picture.iter() if e.get("stroke-width") == "2"]
    assert len([one for one in lines if one]) >= 2
    if suffix == "html":
        assert "stepped 2 times an update" in page and page.startswith("<!doctype html>")


def test_a_schedule_in_a_config(audit: Run, write: Write) -> None:
    config = write("config.yaml", f'schedule: "{TEXT}"\n')
    assert audit("sft.json", config, "--key", "schedule").exit_code == 0
    assert "config.yaml has no schedule; name its key" in audit("sft.json", config).output
    two = write("two.yaml", f'a: {{schedule: "{TEXT}"}}\nb: {{schedule: "{OTHER}"}}\n')
    done = audit("sft.json", two, "--key", "**.schedule")
    assert (
        done.exit_code == 2 and "has 2 schedules; name one:\n  two.yaml:a.schedule" in done.output
    )
    assert audit("sft.json", two, "--key", "a.schedule").exit_code == 0
    assert audit("sft.json", f"{two}:a.schedule").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("sft.json", "Give a LOG and a SCHEDULE, not 1"),
        ("sft.json run.lrs run.lrs", "not 3"),
        ("sft.json run.lrs -e const", "Give the schedule as a file or after -e, not both."),
        ("sft.json -e const -e const", "Give one schedule with -e."),
        ("none.json run.lrs", "cannot read none.json: there is no such file"),
        ("run.lrs run.lrs", "Give the LOG first: run.lrs is a schedule."),
        ("sft.json none.lrs", "cannot read none.lrs"),
        ("sft.json -e warmup(", "LRS102"),
        ("sft.json -e cosine(90ep)", "LRS307"),
        ("sft.json run.lrs --every 5", "--every says how often --follow looks"),
        ("sft.json run.lrs --follow --fail-under 1", "leave --fail-under out"),
        ("sft.json run.lrs -o a.pdf", "end a.pdf in .png, .svg or .html"),
        ("sft.json run.lrs --base 3e-4", "base rate has no effect"),
        ("sft.json run.lrs --metric loss", "metric has no effect"),
        ("sft.json -e const --git", "--git tries earlier revisions of a schedule's file"),
        ("sft.json run.lrs --git", "git does not tell its history"),
        ("sft.json run.lrs --rate lr", "there is no column `lr`"),
    ],
)
def test_wrong_use(audit: Run, arguments: str, said: str) -> None:
    done = audit(*arguments.split(" "))
    assert (done.exit_code, done.exception and type(done.exception)) == (2, SystemExit)
    assert said in " ".join(done.output.split())


def test_a_log_that_is_followed_to_the_end(audit: Run, write: Write, tmp_path: Path) -> None:
    rates = [3e-4 * factor(t) for t in range(200)]
    path = tmp_path / write("trainer_state.json", state(rates[:1]))

    def train() -> None:
        for end in (50, 120, 200):
            (tmp_path / "next").write_text(state(rates[:end])[: None if end != 120 else 900])
            (tmp_path / "next").replace(path)

    thread = threading.Timer(0.05, train)
    thread.start()
    done = audit(path.name, "run.lrs", "--total", "200", "--follow", "--every", "0.02")
    thread.join()
    assert done.exit_code == 0, done.output
    assert "watching trainer_state.json; Ctrl-C ends with the verdict so far" in done.output
    assert "at all 200 logged steps" in done.output


@pytest.mark.parametrize("options", ["", "--total 300"])
def test_following_ends_with_the_schedule_or_the_total(
    audit: Run, write: Write, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    slept: list[float] = []

    def interrupted(seconds: float) -> None:
        slept.append(seconds)
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    write("trainer_state.json", state([3e-4 * factor(t) for t in range(200)]))
    done = audit("trainer_state.json", "run.lrs", "--follow", *options.split())
    assert done.exit_code == 0
    # Only the schedule is over after 200 updates; in a run of 300 more would come.
    end = 300 if options else 200
    assert f"the run ends after {end} updates" in done.output
    assert slept == ([10] if options else [])


def test_following_a_schedule_without_an_end_says_what_ends_it(
    audit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    text = "warmup(20) >> cosine(180, 3e-4) >> const"
    done = audit("sft.json", "-e", text, "--follow")
    assert done.exit_code == 0
    assert "the schedule has no end: say with --total" in " ".join(done.output.split())


def test_a_log_that_is_followed_until_it_leaves(audit: Run) -> None:
    done = audit("twice.json", "run.lrs", "--total", "200", "--follow", "--every", "0")
    assert done.exit_code == 1 and "leaves the schedule at step 2" in done.output


def test_following_ends_with_an_interrupt(audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seconds: float) -> None:
        assert seconds == 10
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    done = audit("sft.json", "run.lrs", "--follow")
    assert done.exit_code == 0 and "at all 100 logged steps" in done.output


def test_a_terminal_shows_how_far_a_long_log_was_read(
    audit: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lrdsl.cli import auditing

    class Terminal:
        def isatty(self) -> bool:
            return True

    told: list[str] = []
    monkeypatch.setattr(auditing, "_LONG", 50)
    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setattr("click.echo", lambda text, **_: told.append(text))
    from lrdsl.auditing.sources import opened
    from lrdsl.logs.reader import Wanted

    opened("sft.json", Wanted(), auditing._shown)
    assert told[0] == "\r100 readings" and re.fullmatch(r"\r +\r", told[-1])


def test_no_torch_is_needed(audit: Run, tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['lrdsl', 'audit', 'sft.json', 'run.lrs']\n"
        "from lrdsl.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr

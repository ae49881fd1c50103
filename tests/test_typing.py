"""What a type checker makes of a program that uses the package: run mypy, and compare."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.cli.process import ROOT

# What a comment says is what mypy says of its line: an error by its code, or a type.
USED = """
from __future__ import annotations

from typing import Any

import lrdsl
from pydantic import BaseModel
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LRScheduler


def compiled(o: Optimizer, options: dict[str, Any], kind: str) -> None:
    reveal_type(lrdsl.compile("const", o, total=5))  # ScheduleLR
    reveal_type(lrdsl.compile("const", o, scheduler="sequential"))  # SequentialLR
    reveal_type(lrdsl.compile("const", o, scheduler=kind))  # ScheduleLR | SequentialLR
    reveal_type(lrdsl.compile("const", o, scheduler=kind, rebase=True))  # ScheduleLR | SequentialLR
    reveal_type(lrdsl.compile("const", o, scheduler=kind, **options))  # ScheduleLR | SequentialLR
    lrdsl.compile("const", o, **options)
    lrdsl.compile("const", o, scheduler=kind, rebase=True, allow_missing_groups=True, lint="off")
    lrdsl.compile("const", o, scheduler=kind, calls_per_update=2, warn_on_overwrite=True)
    lrdsl.compile("const", o, scheduler=kind, updates_per_step=2, on_change="new")
    lrdsl.compile("const", o, on_change="keep")  # call-overload
    lrdsl.compile("const", o, totl=5)  # call-overload
    lrdsl.compile("const", o, total=[5])  # call-overload
    lrdsl.compile("const", o, scheduler=kind, totl=5)  # call-overload


def several(o: Optimizer, named: dict[str, Optimizer], every: list[SGD]) -> None:
    reveal_type(lrdsl.compile("const", [o, o], total=5))  # SeveralLR
    reveal_type(lrdsl.compile("const", every, on_change="new"))  # SeveralLR
    reveal_type(lrdsl.compile("const", {"muon": o, "adam": o}))  # SeveralLR
    scheduler = lrdsl.compile("const", named, calls_per_update=2)
    reveal_type(scheduler.schedulers["muon"])  # ScheduleLR
    reveal_type(scheduler.state_dict())  # dict[str, Any]
    scheduler.step(0.5, only="muon")
    reveal_type(lrdsl.log(scheduler))  # dict[str, float]
    scheduler.step(onyl="muon")  # call-arg
    scheduler.signl("cooldown")  # attr-defined
    lrdsl.compile("const", [5])  # list-item
    lrdsl.compile("const", named, totl=5)  # call-overload


def evaluated(schedule: lrdsl.Schedule) -> None:
    reveal_type(schedule(5, events={"cooldown": 3}))  # float
    reveal_type(schedule.__call__(5, base=0.1, events={"cooldown": 3}))  # float
    reveal_type(schedule.after({"cooldown": 3}).parts_at(0.1)[0].start_step)  # int
    schedule(5, events=["cooldown"])  # arg-type


def logged(o: Optimizer, s: LRScheduler, resolved: lrdsl.Resolved) -> None:
    reveal_type(lrdsl.log(lrdsl.compile("const", o)))  # dict[str, float]
    reveal_type(lrdsl.log(s))  # dict[str, float]
    reveal_type(resolved.as_dict())  # dict[str, Any]
    lrdsl.parse("const").resolve_all(**resolved.as_dict()["run"])
    lrdsl.log()  # call-arg
    lrdsl.log("const")  # arg-type
    resolved.as_dct()  # attr-defined


def swept(o: Optimizer, program: lrdsl.Program, sweep: dict[str, Any]) -> None:
    reveal_type(program.params[0])  # Param
    reveal_type(program.params[0].default)  # float | str
    lrdsl.compile(program, o, params=sweep, strict_params=False)
    program.resolve(params=sweep, strict_params=False)
    program.resolve_all(params=sweep, strict_param=False)  # call-arg


def misspelled(o: Optimizer) -> None:
    lrdsl.complie("const", o)  # attr-defined
    lrdsl.Programm  # attr-defined


class Config(BaseModel):
    schedule: lrdsl.Program


Config(schedule=lrdsl.parse("warmup(5)"))
Config.model_validate({"schedule": "warmup(5)"})
Config(schedule="warmup(5)")  # arg-type
lrdsl.RunContext(total=100, steps_per_epoch=1251, per_step={"tok": "4M"}, params={"peak": 0.1})
lrdsl.RunContext(totl=5)  # call-arg
"""
# Reading torch takes mypy a minute; without it torch's own classes are Any, but for optimizers,
# of which there may be one or several.
CONFIG = """
[mypy]
strict = true
plugins =
[mypy-lrdsl.*]
follow_imports = silent
[mypy-torch.*,numpy.*,jax.*,matplotlib.*,plotext.*,lark.*,click.*]
follow_imports = skip
[mypy-torch.optim.*]
follow_imports = silent
"""
PLUGIN = CONFIG.replace("plugins =", "plugins = pydantic.mypy")


def said(folder: Path, text: str, config: str) -> dict[int, str]:
    """What mypy says of each line: the code of an error, or a type without its modules."""
    (folder / "used.py").write_text(text)
    (folder / "mypy.ini").write_text(config)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "used.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"MYPYPATH": str(ROOT), "PATH": ""},
    )
    assert done.returncode in {0, 1}, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        if match := re.fullmatch(r"used\.py:(\d+): error: .*\[([a-z-]+)\]", line):
            found[int(match[1])] = match[2]
        elif match := re.fullmatch(r'used\.py:(\d+): note: Revealed type is "(.*)"', line):
            found[int(match[1])] = re.sub(r"[a-z_.]+\.", "", match[2])
    return found


def test_what_mypy_says(tmp_path: Path) -> None:
    wanted = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(USED.split("\n"), 1)
        if "  # " in line
    }
    assert len(wanted) == 36
    assert said(tmp_path, USED, CONFIG) == wanted
    # The plugin of pydantic knows that a field takes what its validation takes.
    (field,) = [n for n, line in enumerate(USED.split("\n"), 1) if 'Config(schedule="' in line]
    del wanted[field]
    assert said(tmp_path, USED, PLUGIN) == wanted

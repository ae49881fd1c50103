"""What type checkers make of programs that use the package: run mypy and pyright, and compare."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.process import ROOT

# What a comment says is what mypy says of its line: an error by its code, or a type.
USED = """
from __future__ import annotations

from pathlib import Path
from typing import Any

import lrdsl
from lrdsl.transformers import ScheduleMixin
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
    schedule(5, events=["cooldown"])  # call-overload
    reveal_type(schedule.bind(0.1, steps=9))  # Bound
    schedule.bind(stpes=9)  # call-arg


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


def laid_out(path: Path) -> None:
    program = lrdsl.load(path)
    reveal_type(lrdsl.parse("cosine(20)"))  # Program
    reveal_type(program.resolve(total="90ep", steps_per_epoch=1251))  # Schedule
    reveal_type(program.resolve_all(per_step={"tok": 4_000})["lr"])  # Schedule
    reveal_type(program.resolve().length)  # float
    program.resolve().values(20, base=0.1)
    program.resolve(steps_per_epochs=5)  # call-arg
    program.resolve().vales()  # attr-defined
    lrdsl.parse(5)  # arg-type


def driven(o: Optimizer, losses: list[float]) -> None:
    scheduler = lrdsl.compile("const * plateau(0.5)", o)
    reveal_type(scheduler.observe(losses[0]))  # None
    reveal_type(scheduler.signal("cooldown"))  # bool
    reveal_type(scheduler.events)  # dict[str, int]
    scheduler.step(losses[0])
    scheduler.step(at=4_000_000)
    scheduler.observ(losses[0])  # attr-defined
    scheduler.observe()  # call-arg
    scheduler.signal(5)  # arg-type


def looked_back(rows: list[tuple[int, float]], s: LRScheduler) -> None:
    audit = lrdsl.audit("log.csv", "cosine(20)", base=0.1, total=100)
    reveal_type(audit.verdicts[0].offset)  # int | None
    reveal_type(audit.share)  # float
    audit.raise_for_departure()
    fit = lrdsl.fit(rows, total=100)
    reveal_type(fit.text)  # str | None
    reveal_type(lrdsl.from_torch(s, steps=100))  # Program
    reveal_type(lrdsl.equivalent("const", s, steps=100))  # Comparison
    lrdsl.audit("log.csv", "cosine(20)", bass=0.1)  # call-arg
    lrdsl.fit(rows, steps="all")  # arg-type
    audit.verdict  # attr-defined


class Module:
    def one(self, o: Optimizer) -> object:
        scheduler = lrdsl.compile("const", o)
        reveal_type(lrdsl.lightning(scheduler, monitor=False))  # dict[str, Any]
        reveal_type(lrdsl.lightning(scheduler, monitor="loss")[0])  # list[Optimizer]
        lrdsl.lightning(scheduler, monitr="loss")  # call-overload
        return lrdsl.lightning(scheduler)

    def both(self, g: Optimizer, d: Optimizer) -> object:
        scheduler = lrdsl.compile("const", {"g": g, "d": d})
        reveal_type(lrdsl.lightning(scheduler)[0])  # list[Optimizer]
        return lrdsl.lightning(g)  # call-overload


class Scheduled(ScheduleMixin): ...


def trained(trainer: Scheduled, o: Optimizer) -> None:
    reveal_type(trainer.create_scheduler(100, o))  # LRScheduler
    trainer.create_scheduler(100, optimiser=o)  # call-arg


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
# of which there may be one or several. Nothing here has a type of what draws and prints either.
CONFIG = """
[mypy]
strict = true
plugins =
[mypy-lrdsl.*]
follow_imports = silent
[mypy-torch.*,numpy.*,jax.*,matplotlib.*,plotext.*,lark.*,click.*,PIL.*,rich.*,yaml.*]
follow_imports = skip
[mypy-torch.optim.*]
follow_imports = silent
[mypy-transformers.*]
ignore_missing_imports = true
"""
PLUGIN = CONFIG.replace("plugins =", "plugins = pydantic.mypy")


# The same for pyright, in its strict mode.
STRICT = {"include": ["used.py"], "extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}


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
            found[int(match[1])] = _bare(match[2])
    return found


def said_by_pyright(folder: Path, text: str) -> tuple[set[int], dict[int, str]]:
    """The lines that have errors for pyright, and the types that it reveals."""
    (folder / "used.py").write_text(text)
    (folder / "pyrightconfig.json").write_text(json.dumps(STRICT))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        cwd=folder,
        # Nothing is fetched: node comes from its wheel, and not from the PATH.
        env={**os.environ, "PATH": "", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
    )
    assert done.returncode in {0, 1}, done.stderr
    errors, types = set(), {}
    for found in json.loads(done.stdout)["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1
        if match := re.fullmatch(r'Type of ".*" is "(.*)"', found["message"]):
            types[line] = _bare(match[1])
        elif found["severity"] == "error":
            errors.add(line)
    return errors, types


def _bare(name: str) -> str:
    """The name of a type without those of modules."""
    return re.sub(r"[a-z_.]+\.", "", name)


def wanted() -> dict[int, str]:
    lines = enumerate(USED.split("\n"), 1)
    return {number: line.partition("  # ")[2] for number, line in lines if "  # " in line}


def test_what_mypy_says(tmp_path: Path) -> None:
    expected = wanted()
    assert len(expected) == 66
    assert said(tmp_path, USED, CONFIG) == expected
    # The plugin of pydantic knows that a field takes what its validation takes.
    (field,) = [n for n, line in enumerate(USED.split("\n"), 1) if 'Config(schedule="' in line]
    del expected[field]
    assert said(tmp_path, USED, PLUGIN) == expected


def test_pyright_says_the_same(tmp_path: Path) -> None:
    lines = USED.split("\n")
    revealed = {n: said for n, said in wanted().items() if "reveal_type" in lines[n - 1]}
    errors, types = said_by_pyright(tmp_path, USED)
    assert errors == wanted().keys() - revealed.keys()
    assert types == revealed

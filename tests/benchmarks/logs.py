"""How fast logs are read, next to Python's own ``float`` and ``int`` for the numbers alone.

Seconds are those of the process, not of the clock. A row is a whole reading: from the file to the
series that an audit compares.
"""

from __future__ import annotations

import json
import math
import statistics
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from lrdsl.logs.read import read
from lrdsl.logs.reader import Wanted
from tests.benchmarks.timing import Table, Target

SIZE = 30_000_000
TOTAL = 10_000_000
# The least that lines are to reach, in MB/s.
LEAST = 100
WHY = "What costs is a line, not a byte: see the column with the time for each."
AMOUNT = 20_000


def tables(rounds: int) -> Iterator[Table]:
    """Each format of lines, with the columns that its system writes; and one JSON document."""
    rows, targets = [], []
    floor = _seconds(_converted, rounds) / AMOUNT
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        for name, (head, line) in FORMS.items():
            lines = _write(path, head, line)
            took = _reading(path, Wanted(logging_steps=10 if "prints" in name else None), rounds)
            rows.append([name, *_cells(path, lines, took, floor)])
            of_a_megabyte = took * 1e6 / path.stat().st_size
            targets.append(Target(f"{name}, MB/s", of_a_megabyte, 1 / LEAST, WHY, faster=True))
        lines = _write_state(path)
        took = _reading(path, Wanted(), rounds)
        rows.append(["trainer_state.json, one document", *_cells(path, lines, took, floor)])
    columns = ("", "bytes a line", "ns a line", "MB/s", "ratio")
    note = (
        "Of one core's time. The ratio is to what `float` and `int` take in Python for the rate"
        " and the step of each line, with 17 and 7 digits, once they are cut out."
    )
    yield Table(f"Reading logs of {SIZE / 1e6:.0f} MB", columns, rows, targets, note)


def _cells(path: Path, lines: int, took: float, floor: float) -> list[str]:
    size = path.stat().st_size
    each = took / lines
    shown = [f"{size / lines:.0f}", f"{each * 1e9:.0f}", f"{size / took / 1e6:.0f}"]
    return [*shown, f"{each / floor:.2f}"]


def _rate(t: int) -> float:
    return 3e-4 * (1 + math.cos(math.pi * t / TOTAL)) / 2


def _other(t: int) -> float:
    """A number that changes from line to line, as a loss does."""
    return t * 0.6180339887498949 % 1


def _detectron2(t: int) -> str:
    names = ("data_time", "eta_seconds", "loss_box_reg", "loss_cls", "loss_rpn_cls", "time")
    others = {name: _other(t + i) for i, name in enumerate(names)}
    return json.dumps({**others, "iteration": 20 * t + 19, "lr": _rate(t)}, sort_keys=True)


def _wide(t: int) -> str:
    return f"{t},{_other(t)!r},{_other(t + 1)!r},{_other(t + 2)!r},{_rate(t)!r},{_other(t + 3)!r}"


def _megatron(t: int) -> str:
    return (
        f" [2026-01-01 10:00:00] iteration {t + 1:8d}/ 1000000 | consumed samples: {t:12d} |"
        f" elapsed time per iteration (ms): 512.5 | learning rate: {_rate(t):.6E} | global"
        f" batch size:   256 | lm loss: {_other(t):.6E} | loss scale: 1.0 | grad norm: 0.512 |"
        " number of skipped iterations:   0 | number of nan iterations:   0 |"
    )


def _printed(t: int) -> str:
    return (
        f"{{'loss': '{_other(t):.4g}', 'grad_norm': '1.5', 'learning_rate': '{_rate(t):.4g}',"
        f" 'epoch': '{t / 5000:.4g}'}}"
    )


# What a file begins with, and its lines.
FORMS: dict[str, tuple[str, Callable[[int], str]]] = {
    "CSV, 2 columns": ("step,lr\n", lambda t: f"{t},{_rate(t)!r}"),
    "CSV, 6 columns": ("step,loss,accuracy,tokens_per_second,lr,grad_norm\n", _wide),
    "Lightning, metrics.csv": (
        "epoch,lr-AdamW,lr-AdamW-momentum,step,train_loss\n",
        lambda t: f",{_rate(t)!r},0.9,{t}," if t % 50 else f"0,,,{t},{_other(t)!r}",
    ),
    "detectron2, metrics.json": ("", _detectron2),
    "Megatron": ("", _megatron),
    "torchtune": (
        "",
        lambda t: f"Step {t + 1} | loss:{_other(t)!r} lr:{_rate(t)!r} tokens_per_second:1.5 ",
    ),
    "what transformers prints": ("", _printed),
}
TEXTS = [repr(_rate(t)) for t in range(AMOUNT)]
STEPS = [str(t + TOTAL // 3) for t in range(AMOUNT)]


def _converted() -> object:
    return array("d", map(float, TEXTS)), array("q", map(int, STEPS))


def _write(path: Path, head: str, line: Callable[[int], str]) -> int:
    """Writes a log of about the size; how many lines it has."""
    amount = SIZE // len(line(TOTAL // 3))
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(f"{line(t)}\n" for t in range(amount))
    return amount


def _write_state(path: Path) -> int:
    amount = SIZE // 170
    history = [
        {"epoch": t / 5000, "grad_norm": _other(t), "learning_rate": _rate(t), "step": t + 1}
        for t in range(amount)
    ]
    state = {"best_metric": None, "log_history": history}
    path.write_text(json.dumps(state, indent=2), encoding="utf-8")
    return amount


def _reading(path: Path, wanted: Wanted, rounds: int) -> float:
    return _seconds(lambda: read(path, wanted), rounds)


def _seconds(act: Callable[[], object], rounds: int) -> float:
    """The time of the process that an act takes, the median over the rounds after a first one."""
    found = []
    for counted in range(-1, rounds):
        start = time.process_time()
        act()
        if counted >= 0:
            found.append(time.process_time() - start)
    return statistics.median(found)

"""What the fuzzer calls: whatever it is given, a value or a diagnostic has to come of it."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch.optim import SGD

import lrdsl
from lrdsl.analysis.places import Location
from lrdsl.check import library
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.logs.reader import Unreadable
from lrdsl.resolve.fingerprint import digest
from tests.hostile.corpus import outcome
from tests.strategies import TOKENS

PROGRAM = """warmup(5) >> cosine(20) * plateau(0.5, 2) >> until(signal("a"), const) >> linear(9)
scalar s: const(9, -1) >> until(below(0.1), const) >> linear(9)"""
RATES = (0.5, 0.1)
ROOT = Path(__file__).parents[2]
# A text this long can say anything; what only size brings out is in tests/hostile/corpus.py.
LONGEST = 2048
CONFIG_SEEDS = (
    b"\0a:\n  lr: &x |\n    warmup(5) >>\n      const(20, 0.3)\nb: {lr: *x, c: [!lrs const]}\n",
    b'\0lr: "warmup(5) >> \\x63onst"\n---\nlr: >-\n  cosine(${n})\nn: 5\n',
    b'\1[a]\nlr = """\nwarmup(5) >>\\\n  const"""\nb.lr = \'cosine(20, 0.3)\'\n',
    b'\2{"a": {"lr": "warmup(5) \\u003e> cosin(20)"}, "lr": ["const", 1e400]}',
)


@cache
def words() -> list[str]:
    """The words of the language, to be put together in any order."""
    names = set(re.findall(r"[a-z_]\w+", library.source().text)) | set(FUNCTIONS)
    calls = {f"{name}(" for name in (*library.names(), *FUNCTIONS, "f", "s")}
    return sorted(names | calls | set(TOKENS) | set(_MORE.split(";")))


_MORE = "let x = ;param y = 2 ;def f(a, b = 1) = ;shape s(n, length: steps) = ; where ;lr[1]: "
_MORE += 'until(signal("a"), ;until(below(0.5), ;stalled(2);scalar s: ;own("a");lr["a{i}"]: ;'
_MORE += "run 1st = stairs([2, 9tok], [1tok, 2tok, 3tok]) ;run total = ;1st = 2tok, ;7tok;"
_MORE += 'lr["a*"]: ;1e308;1e-308;9ep;7%;2^53;1e15;stretch = 1.5;decay = 0; >> ; * ;);)'


def spelled(data: bytes) -> bytes:
    """The text that a fuzzer's bytes stand for: after a 0 byte each of them is a word."""
    if data[:1] != b"\0":
        return data
    table = words()
    picked = (table[byte * len(table) // 256] for byte in data[1:])
    return "".join(picked).encode("utf-8", errors="surrogatepass")


def text(data: bytes) -> None:
    """A text, from parsing to values."""
    found = outcome(data.decode("utf-8", errors="replace"))
    assert found[:2] in {"ok", "LR"}


def scheduler() -> ScheduleLR:
    """A scheduler in the middle of its run."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in RATES]
    made = lrdsl.compile(PROGRAM, SGD(groups, lr=1.0))
    assert isinstance(made, ScheduleLR)
    made.set_step(7)
    return made


_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 3, 10**6, 2**53, 2**70, 0.5, -0.0, 1e308, math.nan, math.inf, "", "x",
    "const", "{}", "[]", "warmup(5) >> const", '{"total": 9}', [], {}, [0], [0.5, 0.1], {"lr": 1},
)  # fmt: skip


def saved(data: bytes) -> dict[str, Any] | None:
    """A saved state with some fields changed; None for bytes that stand for none.

    The bytes are a JSON object of fields. After a 0 byte they choose fields, what to do to what is
    in them, and values. Where the fingerprint is not among them it is made right, to come past it.
    """
    found = scheduler().state_dict()
    if data[:1] == b"\0":
        choices = iter(data[1:])
        names = sorted(found)
        chosen: set[str] = set()
        with suppress(StopIteration):
            while True:
                name = names[next(choices) % len(names)]
                chosen.add(name)
                found[name] = _changed(found[name], choices)
    else:
        try:
            given = json.loads(data)
        except (ValueError, RecursionError):
            return None
        if not isinstance(given, dict):
            return None
        found |= given
        chosen = {*given}
    if "fingerprint" not in chosen:
        with suppress(AttributeError, TypeError, ValueError):
            found["fingerprint"] = digest(found["source"], found["context"])
    return found


def _changed(value: Any, choices: Iterator[int]) -> Any:
    """A value, or what is in it, in another way; most fields of a state are JSON."""
    act = next(choices)
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            return json.dumps(_changed(json.loads(value), iter([act, *choices])))
    if isinstance(value, dict | list) and value and act & 1:
        keys = [*value] if isinstance(value, dict) else [*range(len(value))]
        key = keys[next(choices) % len(keys)]
        if act & 2:
            del value[key]
        else:
            value[key] = _changed(value[key], choices)
        return value
    if isinstance(value, int | float) and act & 2:
        return value + (act >> 2) - 32
    if isinstance(value, dict) and act & 2:
        return {
            **value,
            str(_VALUES[(act >> 2) % len(_VALUES)]): _VALUES[next(choices) % len(_VALUES)],
        }
    return _VALUES[(act >> 2) % len(_VALUES)]


def load(data: bytes) -> None:
    """A state to be loaded: it is taken, or refused and nothing has changed."""
    found = saved(data)
    if found is None:
        return
    for on_change in ("error", "old", "new"):
        driven = scheduler()
        driven.on_change = on_change
        before = driven.state_dict(), driven.get_last_lr()
        try:
            driven.load_state_dict(found)
        except ValueError as error:
            assert str(error)
            assert (driven.state_dict(), driven.get_last_lr()) == before
            continue
        assert driven.last_epoch == found["step"]
        with suppress(lrdsl.LrsError):
            driven.optimizer.step()
            driven.step()
            if any(schedule.meters for schedule in driven.schedules.values()):
                driven.observe(1.0)


LOGS = (".csv", ".json", ".jsonl", ".log", ".tfevents")
CONFIGS = (".yaml", ".toml", ".json")


def named(data: bytes, suffixes: Sequence[str]) -> tuple[bytes, str]:
    """What a file holds and the suffix of its name, which the first byte chooses."""
    return data[1:], suffixes[data[0] % len(suffixes) if data else 0]


def log(data: bytes) -> None:
    """A log: it is compared with a schedule, or refused with a reason."""
    content, suffix = named(data, LOGS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"log{suffix}")
        path.write_bytes(content)
        try:
            found = lrdsl.audit(path, "warmup(5) >> cosine(20, 0.3, 0.01) >> const")
        except (Unreadable, ValueError) as error:
            assert str(error)
        else:
            assert str(found)


def config(data: bytes) -> None:
    """A config: whatever it holds, there is an answer, and it is about places of the config."""
    content, suffix = named(data, CONFIGS)
    text = content.decode("utf-8", errors="replace")
    found = lrdsl.analyze_config(text, name=f"config{suffix}", keys=("**.lr",))
    end = len(text.removeprefix("\ufeff"))
    for one in found.schedules:
        places = [one.location(d.span) for d in one.diagnostics]
        places += [Location(edit.start, edit.end) for edit in one.safe_edits]
        assert all(0 <= place.start <= place.end <= end for place in places)
        assert one.formatted is None or one.is_finished
        one.svg()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": text,
    "state": load,
    "log": log,
    "config": config,
}


def seeds(target: str) -> Iterator[bytes]:
    """What the fuzzer starts from."""
    if target == "state":
        yield b"{}"
        yield from (bytes([0, *range(first, 255, 17)]) for first in range(17))
        for name, value in scheduler().state_dict().items():
            yield f'{{"{name}": {value!r}}}'.replace("'", '"').encode()
        yield f'{{"source": "{PROGRAM}", "context": "{{}}", "step": 3}}'.encode()
        return
    if target == "log":
        yield from marked(sorted((ROOT / "examples" / "logs").rglob("*.*")), LOGS)
        return
    if target == "config":
        folders = (ROOT / "examples", ROOT / "tests" / "importers", ROOT / "tests" / "configs")
        yield from marked([p for folder in folders for p in sorted(folder.rglob("*.*"))], CONFIGS)
        yield from CONFIG_SEEDS
        return
    for path in sorted((ROOT / "examples").rglob("*.lrs")):
        yield path.read_bytes()
    for line in (ROOT / "lrdsl" / "prelude.lrs").read_text("utf-8").splitlines():
        if line.startswith("## Example: "):
            yield line.removeprefix("## Example: ").encode()
    for first in range(0, 256, 16):
        yield b"\0" + bytes(range(first, first + 16))
    for path in (ROOT / "tests" / "hostile" / "found").glob("*.lrs"):
        yield path.read_bytes()


def marked(paths: Iterable[Path], suffixes: Sequence[str]) -> Iterator[bytes]:
    """The beginnings of files, each after the byte that stands for its suffix."""
    for path in paths:
        if path.suffix in suffixes:
            mark = bytes([suffixes.index(path.suffix)])
            yield (mark + path.read_bytes())[: LONGEST // 4]

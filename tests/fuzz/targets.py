"""What the fuzzer calls: whatever it is given, a value or a diagnostic has to come of it."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cache
from typing import Any

import torch
from torch.optim import SGD

import lrdsl
from lrdsl.check import library
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.resolve.fingerprint import digest
from tests.hostile.corpus import outcome
from tests.strategies import TOKENS

PROGRAM = """warmup(5) >> cosine(20) * plateau(0.5, 2) >> until(signal("a"), const) >> linear(9)
scalar s: const(9, -1) >> until(below(0.1), const) >> linear(9)"""
RATES = (0.5, 0.1)


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


def saved(data: bytes) -> dict[str, Any] | None:
    """A saved state with the fields of a JSON object in place of its own; None for no object.

    Where the fingerprint is not among them it is made right, to come past it.
    """
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    found = {**scheduler().state_dict(), **given}
    if "fingerprint" not in given:
        with suppress(AttributeError, TypeError, ValueError):
            found["fingerprint"] = digest(found["source"], found["context"])
    return found


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


TARGETS = {"text": text, "state": load}

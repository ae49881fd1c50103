"""How soon the hostile corpus is answered: a second a text, or a second for each megabyte."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

from tests.benchmarks.timing import Table, Target
from tests.hostile.corpus import CASES, outcome

# What takes less is not listed.
LISTED = 0.02


def tables(rounds: int) -> Iterator[Table]:
    """Every text once, in the processor's own time."""
    outcome("warmup(5) >> cosine(20) >> const")  # loads what every text needs
    rows, shares = [], {}
    for name, case in CASES.items():
        text = case.text()
        size = len(text.encode("utf-8", "surrogatepass")) / 1e6
        start = process_time()
        found = outcome(text)
        took = process_time() - start
        shares[name] = took / max(1, size)
        if took > LISTED:
            rows.append([name, f"{size:.2f}", f"{took:.2f}", f"{took / size:.2f}", found[:6]])
    slowest = max(shares, key=lambda name: shares[name])
    targets = [
        Target("seconds for a text, or for each of its megabytes", max(shares.values()), 1,
               f"It is `{slowest}`.")
    ]  # fmt: skip
    note = f"{len(CASES)} texts; what takes less than {LISTED} s is left out."
    head = ("text", "MB", "s", "s a MB", "answer")
    yield Table("Hostile texts", head, rows, targets, note)

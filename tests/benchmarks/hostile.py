"""Seconds for each text of the hostile corpus: ``python -m tests.benchmarks.hostile [WORD]``.

Every text has to be answered within a second, or a second for each of its megabytes.
"""

from __future__ import annotations

import sys
from time import process_time

from tests.hostile.corpus import CASES, outcome


def main(word: str) -> None:
    """Measures the cases with a word in their names, in the processor's own time."""
    outcome("warmup(5) >> cosine(20) >> const")  # loads what every text needs
    print(f"{'case':<45} {'MB':>6} {'s':>6} {'s/MB':>8}")
    slow = 0
    for name, case in CASES.items():
        if word not in name:
            continue
        text = case.text()
        size = len(text.encode("utf-8", "surrogatepass")) / 1e6
        start = process_time()
        found = outcome(text)
        seconds = process_time() - start
        slow += seconds > max(1, size)
        mark = "SLOW" if seconds > max(1, size) else ""
        print(f"{name:<45} {size:6.2f} {seconds:6.2f} {seconds / size:8.2f} {mark} {found[:60]}")
    print(f"{slow} slow")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))

"""Runs the fuzzer on one target for some seconds; what it finds is kept in the hostile corpus."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lrdsl"]):
    from tests.fuzz.targets import LONGEST, TARGETS, seeds, spelled, words

FOUND = Path(__file__).parents[1] / "hostile" / "found"
# What is found is kept as a file that has the name of its target for a suffix.
SUFFIXES = {"text": ".lrs", "state": ".json", "log": ".log", "config": ".config"}


def main(target: str, seconds: int) -> None:
    """Fuzzes one target.

    Args:
        target: one of `TARGETS`.
        seconds: how long.
    """
    call, suffix = TARGETS[target], SUFFIXES[target]

    def once(data: bytes) -> None:
        data = spelled(data) if target == "text" else data
        try:
            call(data)
        except BaseException:
            FOUND.mkdir(exist_ok=True)
            name = hashlib.sha256(data).hexdigest()[:12]
            (FOUND / f"{name}{suffix}").write_bytes(data)
            print(f"found: tests/hostile/found/{name}{suffix}", flush=True)
            raise

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for i, seed in enumerate(seeds(target)):
            (corpus / str(i)).write_bytes(seed)
        table = Path(folder, "words")
        table.write_text("\n".join(dictionary()), encoding="utf-8")
        artifacts = Path(tempfile.gettempdir(), "lrdsl-fuzz-")
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            f"-dict={table}",
            f"-artifact_prefix={artifacts}",
            "-timeout=200",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, str(corpus)], once)
        atheris.Fuzz()


def dictionary() -> Iterator[str]:
    """The words of the language, for the fuzzer to put together."""
    for word in words():
        if word.isascii() and word.isprintable():
            escaped = word.replace("\\", "\\\\").replace('"', '\\"')
            yield f'"{escaped}"'


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

"""Runs the fuzzer on one target for some seconds; what it finds is kept in the hostile corpus."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lrdsl"]):
    from tests.fuzz.targets import PROGRAM, TARGETS, scheduler, spelled, words

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "tests" / "hostile" / "found"
SUFFIXES = {"text": ".lrs", "state": ".json"}
# A text this long can say anything; what only size brings out is in tests/hostile/corpus.py.
LONGEST = 2048


def main(target: str, seconds: int) -> None:
    """Fuzzes one target.

    Args:
        target: ``text`` or ``state``.
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
            "-timeout=20",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, str(corpus)], once)
        atheris.Fuzz()


def seeds(target: str) -> Iterator[bytes]:
    """What the fuzzer starts from."""
    if target == "state":
        yield b"{}"
        for name, value in scheduler().state_dict().items():
            yield f'{{"{name}": {value!r}}}'.replace("'", '"').encode()
        yield f'{{"source": "{PROGRAM}", "context": "{{}}", "step": 3}}'.encode()
        return
    for path in sorted((ROOT / "examples").rglob("*.lrs")):
        yield path.read_bytes()
    for line in (ROOT / "lrdsl" / "prelude.lrs").read_text("utf-8").splitlines():
        if line.startswith("## Example: "):
            yield line.removeprefix("## Example: ").encode()
    for first in range(0, 256, 16):
        yield b"\0" + bytes(range(first, first + 16))
    for path in FOUND.glob("*.lrs"):
        yield path.read_bytes()


def dictionary() -> Iterator[str]:
    """The words of the language, for the fuzzer to put together."""
    for word in words():
        if word.isascii() and word.isprintable():
            escaped = word.replace("\\", "\\\\").replace('"', '\\"')
            yield f'"{escaped}"'


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

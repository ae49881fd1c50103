"""Whatever a text says, what comes of it is a schedule or a diagnostic, and soon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import lrdsl
from lrdsl import limits
from tests.hostile.corpus import CASES, outcome

FOUND = sorted((Path(__file__).parent / "found").glob("*.lrs"))
# What hangs is stopped; how long each text takes is measured by `tests/benchmarks/hostile.py`.
pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("case", CASES)
def test_what_comes_of_a_text(case: str) -> None:
    assert outcome(CASES[case].text()).startswith(CASES[case].outcome)


def test_what_the_fuzzer_found_is_answered() -> None:
    for path in FOUND:
        text = path.read_bytes().decode("utf-8", errors="surrogatepass")
        assert outcome(text)[:3] in {"ok", "LRS"}, path.name


FILES = {
    "byte order mark": (b"\xef\xbb\xbfconst(5)\n", "ok"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbfconst(5)\n", "LRS103"),
    "UTF-16": ("const(5)".encode("utf-16"), "LRS103"),
    "invalid UTF-8": (b"const(5) \xff", "LRS103"),
    "invalid UTF-8 in a comment": (b"const(5) # \xff", "ok"),
    "a surrogate in UTF-8": (b"const(5) \xed\xa0\x80", "LRS103"),
    "overlong UTF-8": (b"const(5) \xc0\xaf", "LRS103"),
    "NUL": (b"const(5)\0", "LRS103"),
    "CRLF": (b"warmup(5)  # up\r\n>> const\r\n", "ok"),
    "lone CR": (b"warmup(5)  # up\r>> const\r", "LRS103"),
    "nothing": (b"", "LRS111"),
    "a picture": (bytes(range(256)) * 20, "LRS103"),
}


@pytest.mark.parametrize("case", FILES)
def test_what_comes_of_a_file(case: str, tmp_path: Path) -> None:
    data, expected = FILES[case]
    path = tmp_path / "case.lrs"
    path.write_bytes(data)
    if expected == "ok":
        assert lrdsl.load(path).resolve(total=10)(3) >= 0
        return
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.load(path)
    assert expected in {d.code for d in caught.value.diagnostics}


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("this system has no file without an end")
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.load(endless)
    assert caught.value.diagnostics[0].code == "LRS105"


def test_errors_are_counted_up_to_a_limit() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(" >> ".join(f"f{i}(1)" for i in range(limits.ERRORS + 1)))
    slugs = [d.slug for d in caught.value.diagnostics]
    assert slugs == ["unknown-name"] * limits.ERRORS + ["too-many-errors"]
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(" >> ".join(f"f{i}(1)" for i in range(limits.ERRORS)))
    assert [d.slug for d in caught.value.diagnostics] == ["unknown-name"] * limits.ERRORS


# A text at each limit is taken, and one more is not.
AT_LIMITS: dict[str, tuple[Callable[[int], str], int, str]] = {
    "DEPTH": (lambda n: "(" * n + "const" + ")" * n, limits.DEPTH, "LRS106"),
    "WORD": (lambda n: f"let {'a' * n} = 1 const", limits.WORD, "LRS105"),
    "ITEMS": (lambda n: f"multistep([{', '.join(['1'] * n)}])", limits.ITEMS, "LRS112"),
    "DIGITS": (lambda n: f"const(value = 0.{'1' * (n - 2)})", limits.DIGITS, "LRS104"),
    "PARTS": (
        lambda n: "let a = const(1) " + " >> ".join(["a"] * n), limits.PARTS, "LRS408"
    ),
    "TARGETS": (lambda n: "".join(f"lr[{i}]: const " for i in range(n)), limits.TARGETS, "LRS408"),
    "CYCLES": (
        lambda n: f"repeat(const(100), {n}, stretch = 1.0001)", limits.CYCLES, "LRS409"
    ),
    "CHARACTERS": (lambda n: f"const{' ' * (n - 5)}", limits.CHARACTERS, "LRS105"),
}  # fmt: skip


@pytest.mark.parametrize("name", AT_LIMITS)
def test_a_limit_is_where_it_is_said_to_be(name: str) -> None:
    make, limit, code = AT_LIMITS[name]
    assert outcome(make(limit)) == "ok"
    assert outcome(make(limit + 1)).startswith(code)


def test_the_limit_of_tokens() -> None:
    fitting = "let a = 1 " * (limits.TOKENS // 4 - 1) + "const "
    assert outcome(fitting).startswith("LRS208")
    assert outcome(fitting + "const " * 4).startswith("LRS105")


@pytest.mark.parametrize("depth", [limits.DEPTH // 2, limits.DEPTH])
def test_what_is_as_deep_as_it_may_be_has_values(depth: int) -> None:
    """No step of the way to a value runs out of Python's stack, nor does comparing or printing."""
    texts = [
        "const(5, " + "2 - (" * (depth // 2 - 2) + "1" + ")" * (depth // 2 - 2) + ")",
        "let a0 = const(9)\n"
        + "".join(f"let a{i} = max(over(10, a{i - 1}), 0.1)\n" for i in range(1, depth // 2))
        + f"a{depth // 2 - 1}",
        "let a0 = base\n"
        + "".join(f"let a{i} = a{i - 1} * 0.99\n" for i in range(1, depth))
        + f"warmup(5) >> const(5, a{depth - 1}) >> const(5) >> linear(5, prev, next) >> const",
        "shape s(length: steps) = " + "sin(" * (depth - 20) + "u" + ")" * (depth - 20) + "\ns(9)",
    ]
    for text in texts:
        program = lrdsl.parse(text)
        schedule = program.resolve()
        assert schedule.values(12)[3] == schedule(3)
        assert lrdsl.parse(str(program)) == program
        assert [part.start for part in schedule.parts]

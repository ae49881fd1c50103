"""Texts that mean harm, and what each of them must be told.

A case is a name, what makes the text, and the outcome: ``ok``, or a code and a piece of a message.
``make bench`` measures the same cases.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import lrdsl
from tests.texts import chain, layers, nested

M = 10**6
RUN: dict[str, float] = {"total": 1000, "steps_per_epoch": 10}


class Case(NamedTuple):
    """A text, made when it is asked for, and what comes of it."""

    text: Callable[[], str]
    outcome: str


def outcome(text: str) -> str:
    """What comes of a text, on the whole way to values."""
    try:
        schedules = lrdsl.parse(text).resolve_all(total=1000, steps_per_epoch=10)
        for schedule in schedules.values():
            schedule.values(10)
            with suppress(lrdsl.LrsError):  # a curve in `base` is not looked at until it is used
                schedule(5)
    except lrdsl.LrsError as error:
        first = error.diagnostics[0]
        assert str(error)
        return f"{first.code} {first.message}"
    return "ok"


_MULTIPLY = {
    "macro": lambda: layers(
        "def a0(x) = x >> x", "def a{i}(x) = a{j}(x) >> a{j}(x)", "a39(const(1))"
    ),
    "macro in itself": lambda: "def a(x) = x >> x\n" + nested("a(", "const(1)", ")", 40),
    "let": lambda: layers("let a0 = const(1)", "let a{i} = a{j} >> a{j}", "a39"),
    "let of sums": lambda: layers("let a0 = const(1)", "let a{i} = a{j} + a{j}", "a39"),
    "repeat": lambda: layers(
        "let a0 = const(1)", "let a{i} = repeat(a{j}, 2) >> repeat(a{j}, 2)", "a39"
    ),
    "points": lambda: layers(
        "def a0(x) = [x, x]", "def a{i}(x) = a{j}(x)", "points([0, 1], a39(1))"
    ),
    "guards": lambda: layers(
        "def a0(x) where x > 0 = x", "def a{i}(x) where a{j}(x) > 0, a{j}(x) < 2 = a{j}(x)",
        "const(1, a39(1))",
    ),
    "defaults": lambda: layers(
        "def a0(x = 1) = x", "def a{i}(x = a{j}() + a{j}()) = x", "const(1, a39())"
    ),
    "formula": lambda: "def f(x) = x * x + x\nshape s(length: steps) = "
    + nested("f(", "u", ")", 30) + "\ns(5)",
    "let of rates": lambda: layers("let a0 = base", "let a{i} = a{j} + a{j}", "const(value = a39)"),
    "defaults of a call": lambda: (
        f"def f({', '.join(f'a{i} = 1' for i in range(3000))}) = 1\n" + chain("const(f())", 3000)
    ),
    "exact lengths": lambda: layers(
        "let a0 = 1ep", "let a{i} = a{j} * 0.123456789012345678", "const(a7999)", 8000
    ),
    "stretched cycles in each other": lambda: nested(
        "repeat(", "const(9k)", ", 900, stretch = 1.001)", 4
    ),
    "one list many times": lambda: (
        f"let a = multistep([{', '.join(map(str, range(9000)))}], length = 1)\n" + chain("a", 9000)
    ),
    "one list of points many times": lambda: (
        f"let a = points([{', '.join(map(str, range(9999)))}], [{', '.join(['1'] * 9999)}])\n"
        + chain("a", 30)
    ),
    "many targets of many parts": lambda: (
        f"let a = {chain('cosine(1)', 10)}\nlet b = {chain('a', 10)}\nlet c = {chain('b', 10)}\n"
        + "".join(f"lr[{i}]: c\n" for i in range(900))
    ),
    "many guards": lambda: (
        f"shape s(length: steps, a = 1) where {', '.join(['a > 0'] * 5000)} = a\n"
        + chain("s(3)", 3000)
    ),
    "many guards in base": lambda: (
        f"shape s(length: steps, a = base) where {', '.join(['a > 0'] * 5000)} = a\n"
        + chain("s(3)", 3000)
    ),
    "one formula many times": lambda: (
        f"shape s(length: steps) = {' + '.join(['sin(u + sin(u))'] * 90)} + 100\n"
        + chain("s(1)", 4500)
    ),
}  # fmt: skip

_SIZES = {
    "parentheses": (lambda: nested("(", "const(1)", ")", M), "LRS106 this is nested more than 100"),
    "open parentheses": (lambda: "(" * M, "LRS106 this is nested more than 100"),
    "closed parentheses": (lambda: ")" * M, "LRS105 the text has 1,000,000 words"),
    "list": (lambda: f"multistep([{'1,' * M}])", "LRS112 there are more than 10,000 items"),
    "lists": (lambda: "[" * M, "LRS106 this is nested more than 100"),
    "arguments": (lambda: f"max({'1,' * M})", "LRS112 there are more than 10,000 items"),
    "parameters": (
        lambda: f"def f({','.join(f'a{i}' for i in range(10**5))}) = 1",
        "LRS112 there are more than 10,000 items",
    ),
    "calls": (lambda: nested("f(", "1", ")", 10**5), "LRS106 this is nested more than 100"),
    "selectors": (lambda: "a[)" * 10**6, "LRS106 this is nested more than 100"),
    "pluses": (lambda: "const(value = " + "1+" * M + "1)", "LRS105 the text has 2,000,006 words"),
    "some pluses": (lambda: "const(value = " + "1+" * 20_000 + "1)", "LRS106 this is nested more"),
    "minuses": (lambda: "const(value = " + "-" * 40_000 + "1)", "LRS106 this is nested more than"),
    "powers": (lambda: "const(value = " + "2^" * 20_000 + "1)", "LRS106 this is nested more than"),
    "comparisons": (lambda: "1<" * 20_000, "LRS106 this is nested more than 100 deep"),
    "parts": (lambda: chain("const(1)", 10**5), "LRS105 the text has 499,999 words"),
    "parts that fit": (lambda: chain("cosine(1)", 5_000), "ok"),
    "more parts than fit": (
        lambda: chain("const", 5_001), "LRS408 this expands to 5,001 parts; the limit is 5,000"
    ),
    "statements": (lambda: "let a = 1\n" * 3 * 10**5, "LRS105 the text has 1,200,000 words"),
    "some statements": (lambda: "let a = 1\n" * 12_000, "LRS208 `a` is defined already, on line 1"),
    "definitions": (
        lambda: "".join(f"let a{i} = 1\n" for i in range(12_000)) + "const", "ok"
    ),
    "definitions from the end": (
        lambda: "const(5, a0)\n" + "".join(f"let a{i} = a{i + 1}\n" for i in range(9000)),
        "LRS106 the definitions of this text lie too deep inside each other",
    ),
    "params": (lambda: "".join(f"param a{i} = {i}\n" for i in range(12_000)) + "const", "ok"),
    "schedules": (lambda: "const " * 900, "LRS109 one program has one schedule"),
    "more schedules": (lambda: "const " * 40_000, "LRS109 one program has one schedule"),
    "targets that fit": (lambda: "".join(f"lr[{i}]: const\n" for i in range(1000)), "ok"),
    "targets": (
        lambda: "".join(f"lr[{i}]: const\n" for i in range(8_000)),
        "LRS408 the program drives more than 1,000 things",
    ),
    "scalars that fit": (
        lambda: "".join(f"scalar s{i}: linear(1000000000, -{i}, 1)\n" for i in range(1000)),
        "ok",
    ),
    "scalars": (
        lambda: "".join(f"scalar s{i}: const\n" for i in range(8_000)),
        "LRS408 the program drives more than 1,000 things",
    ),
    "words for scalars": (lambda: "scalar " * 40_000, "LRS109 `scalar` does not belong"),
    "brackets of scalars": (lambda: "scalar a[" * 40_000, "LRS106 this is nested more"),
    "a scalar without numbers": (
        lambda: "scalar s: " + " >> ".join(["warmup(1)"] * 2_000),
        "LRS512 `scalar s` has no `base`",
    ),
    "a scalar in cycles of cycles": (
        lambda: "scalar s: "
        + nested("repeat(", "linear(0.3%, -1, 1) >> const(0.1%, -2)", ", 7)", 6),
        "ok",
    ),
    "characters": (lambda: "#" * (4 * M + 1), "LRS105 the text has more than 4,000,000 characters"),
    "comment": (lambda: "#" * 4 * M, "LRS111 there is no schedule here"),
    "comments": (lambda: "#\n" * 2 * M, "LRS111 there is no schedule here"),
    "documentation": (
        lambda: "## x\n" * 10**5 + "def a() = 1 " * 5_000 + "const", "LRS208 `a` is defined already"
    ),
    "lines": (lambda: "\n" * 4 * M, "LRS111 there is no schedule here"),
    "spaces": (lambda: " " * 4 * M, "LRS111 there is no schedule here"),
    "name": (lambda: "a" * M, "LRS105 this word has 1,000,000 characters; the limit is 200"),
    "digits": (lambda: f"const({'9' * M})", "LRS104 this number has 1,000,000 characters; the"),
    "some digits": (lambda: f"const({'9' * 41})", "LRS104 `99999999999999999999…` cannot be read"),
    "quoted name": (lambda: f'lr["{"a" * M}"]: const', "LRS105 this word has 1,000,002 characters"),
    "quotes": (lambda: '"' * 40_001, "LRS105 this word has 40,000 characters; the limit is 200"),
    "quotes apart": (lambda: '" ' * M, "LRS105 the text has 500,000 words"),
    "half quotes": (lambda: '"\n' * 40_000, "LRS103 `\"` means nothing here"),
    "commas": (lambda: "," * 40_000, "LRS101 `,` does not belong here"),
    "unknown names": (
        lambda: " >> ".join(f"cosin{i}(1)" for i in range(9_000)), "LRS201 there is no `cosin0`"
    ),
    "unknown names among many": (
        lambda: "".join(f"let abc{i} = 1\n" for i in range(6_000))
        + " >> ".join(f"abd{i}(1)" for i in range(4_000)),
        "LRS201 there is no `abd0`",
    ),
    "values with colons": (
        lambda: "".join(f"abc{i}: 20\n" for i in range(12_000)), "LRS408 the program drives more"
    ),
    "arrows": (
        lambda: "".join(f"abc{i} <- 20\n" for i in range(8_000)), "LRS101 `<-` does not belong"
    ),
    "comments of another language": (
        lambda: "cosine(20) -- say it again\n" * 1_800, "LRS101 `--` does not belong here"
    ),
    "broken statements": (lambda: "let a = )\n" * 12_000, "LRS101 `)` does not belong here"),
    "broken lines": (lambda: "a b c )\n" * 10_000, "LRS101 `)` does not belong here"),
    "units": (
        lambda: layers("let a0 = 1u0", "let a{i} = a{j} + 1u{i}", "const(a4999)", 5000),
        "LRS408 the definitions of this text multiply beyond all bounds",
    ),
    "parts of large formulas": (lambda: "let a = cosine_waves(7)\n" + chain("a", 4_500), "ok"),
    "parts of different lengths": (
        lambda: " >> ".join(f"warmup({i})" for i in range(1, 5_000)), "ok"
    ),
    "items of a run": (
        lambda: f"run {', '.join(f'1u{i} = 2u{i + 1}' for i in range(12_000))} const(5)", "ok"
    ),
    "items of a run in circles": (
        lambda: f"run {', '.join(f'1u{i} = 2u{i + 1}, 1u0 = 1u{i + 1}' for i in range(6_000))}"
        " const(5)",
        "LRS314 the length of `u0` in `u1` is `1u0 = 2u1` already",
    ),
    "runs": (lambda: "run total = 5 " * 12_000 + "const", "LRS314 `total` is stated already"),
    "words that may start a run": (
        lambda: "let run = 5 const(run)\n" + "# run\n" * 10**5 + ("run" + " " * 99) * 10_000,
        "LRS109 `run` does not belong here",
    ),
    "sizes of a table": (
        lambda: "run 1st = ramp(1tok, 9999tok, by = 1tok, over = 1Mtok) "
        + chain("const(5tok)", 999),
        "ok",
    ),
    "milestones of a table": (
        lambda: f"run 1st = stairs([{', '.join(map(str, range(1, 10_000)))}],"
        f" [{', '.join(f'{i}tok' for i in range(1, 10_001))}]) warmup(4ktok) >> const",
        "ok",
    ),
    "digits of a table": (
        lambda: f"run 1st = stairs([{', '.join(map(str, range(10, 20_000, 10)))}],"
        f" [{', '.join(f'{10**15 + i}tok / {10**14 + 31 + 2 * i}' for i in range(2_000))}]) "
        + chain("const(400tok)", 3_000),
        "LRS104 what this table adds up to has more than 1,000 digits when it is exact",
    ),
    "cycles in tokens": (
        lambda: "run 1st = stairs([10], [1tok, 2tok]) repeat(cosine(10tok), 1000000000)",
        "LRS408 laying this out takes more than",
    ),
    "cuts in tokens": (
        lambda: "run 1st = stairs([10], [1tok, 2tok]) "
        + nested("until(20tok, ", "cosine(10tok)", ") >> const(1tok)", 45),
        "ok",
    ),
    "cuts": (lambda: chain("until(5, cosine(10))", 2_400), "ok"),
    "cuts of what reaches the end": (
        lambda: " >> ".join([nested("until(0.1%, ", "cosine", ")", 20)] * 200), "ok"
    ),
    "cuts in each other": (lambda: nested("until(5, ", "cosine(10)", ")", 90), "ok"),
    "more cuts in each other": (
        lambda: nested("until(5, ", "cosine(10)", ")", 10**5), "LRS106 this is nested more than"
    ),
    "entered late in each other": (lambda: nested("skip(1, ", "cosine(1k)", ")", 90), "ok"),
    "held in each other": (
        lambda: nested("every(1.0000001ep, skip(0.03ep, until(20.007ep, ", "cosine(9k)", ")))", 30),
        "ok",
    ),
    "events in a row": (
        lambda: " >> ".join(f'until(signal("s{i}"), const)' for i in range(4_900)), "ok"
    ),
    "one event in a row": (lambda: chain('until(signal("a"), const)', 4_900), "ok"),
    "events in each other": (
        lambda: "".join(f'until(signal("s{i}"), ' for i in range(90)) + "const" + ")" * 90, "ok"
    ),
    "own numbers": (
        lambda: " >> ".join(f'const(1) * own("a{i}")' for i in range(2_000)), "ok"
    ),
    "captures": (
        lambda: "".join(f'lr["a{i}.{{i}}"]: const * i\n' for i in range(990)),
        "LRS408 `lr[\"a500.{i}\"]:` stands for too many schedules",
    ),
    "stars before a capture": (lambda: f'lr["{"*" * 190}{{i}}"]: const * i', "ok"),
    "sides": (
        lambda: f"max({', '.join(['const'] * 4_000)}) >> max({', '.join(['const'] * 999)})",
        "LRS106 definitions nest this more than 100 deep",
    ),
    "sides that ask what came before": (
        lambda: f"max({', '.join(['const(5)'] * 4_000)}) >> max({', '.join(['const(5)'] * 4_000)})",
        "LRS106 definitions nest this more than 100 deep",
    ),
}  # fmt: skip

_NUMBERS = {
    "1e308": ("const(1e308)", "LRS308 `length` of `const` is more steps than can be counted"),
    "1e308 epochs": ("const(1e308ep) >> const", "LRS308 this length is more than 1.79769e308"),
    "1e308 of 1e308": ("const(1e308ep * 1e308)", "LRS308 this length is more than 1.79769e308"),
    "a long way": ("repeat(const(9e15), 1e300) >> const", "LRS308 the schedule exceeds 2^53 steps"),
    "10^400": ("const(value = 10^400)", "LRS309 `10^400` has no value"),
    "9^9^9": ("const(value = 9 ^ 9 ^ 9 ^ 9)", "LRS309 `9 ^ 9 ^ 9` has no value"),
    "1e999999999": ("const(1e999999999)", "LRS104 `1e999999999` cannot be read"),
    "1e400": ("const(value = 1e309)", "LRS104 `1e309` cannot be read"),
    "too large a product": ("const(value = 1e200 * 1e200)", "LRS309 `1e200 * 1e200` is too large"),
    "cycles": ("repeat(const(1), 1e15)", "ok"),
    "stretched cycles": (
        "repeat(const(1), 1e15, stretch = 1.0000001)", "LRS409 these are 1,000,000,000,000,000"
    ),
    "shrinking cycles": ("repeat(const(10), 1e9, stretch = 0.5)", "LRS409 these are 1,000,000,000"),
    "cycles to the end": (
        "over(9e15, repeat(const(1k), stretch = 1.0000001))", "LRS409 `repeat` has more than 10,000"
    ),
    "cycles of many digits": ("repeat(cosine, 9999, stretch = 1.000000000000001)", "LRS406"),
    "hardly any stretch": ("repeat(const(10), 9999, stretch = 1e-300)", "ok"),
    "a late cut": ("until(9e15, repeat(cosine(2.5ep), 1e14))", "ok"),
    "a cut beyond numbers": ("until(1e308, cosine(10))", "LRS308 `length` of `until` is more"),
    "entered too late": ("skip(8e15, repeat(cosine(2.5ep), 1e15))", "LRS308 the schedule exceeds"),
    "held for long": ("every(9e15, cosine(9e15))", "ok"),
    "held in endless cycles": (
        "repeat(every(1.23456789ep / 1000000007 + 1, cosine(12.3000001ep)), 1e9)", "ok"
    ),
    "held for nothing": ("every(0, cosine(10))", "LRS406 a stretch of `every` lasts at least one"),
    "a cut before 0": ("until(-5, cosine(10))", "LRS305 `length` of `until` is -5"),
    "below nothing": ("until(below(-1e308), const)", "ok"),
    "below too much": ("until(below(1e308 * 10), const)", "LRS309 `1e308 * 10` is too large"),
    "endless patience": ("until(stalled(1e300), const)", "ok"),
    "a ramp of tiny rises": (
        "run 1st = ramp(1e-300tok, 1tok, by = 1e-300tok, over = 1tok) warmup(1tok) >> const",
        "LRS408 a table has at most 10,000 sizes",
    ),
    "a table far out": (
        "run 1st = stairs([1e15], [1e300tok, 2e-300tok]) warmup(1e308tok)", "ok"
    ),
    "capture times": ('lr["{i}"]: repeat(cosine(1), i * 1e15)', "ok"),
    "decay": ("repeat(const(10, 1), 5, decay = 1e300) >> const", "LRS312 the rate"),
    "endless decay": ("repeat(const(10, 1), decay = 1e300)", "LRS312 the rate"),
}  # fmt: skip

_CHARACTERS = {
    "NUL": ("const(1)\0", "LRS103 U+0000 means nothing here"),
    "NUL in a name": ('lr["a\0"]: const', "LRS103 U+0000 means nothing here"),
    "NUL in a comment": ("const(1) # \0", "ok"),
    "byte order mark": ("\ufeffconst(1)", "ok"),
    "byte order mark later": ("const(1)\ufeff", "LRS103 U+FEFF (zero width no-break space)"),
    "CRLF": ("warmup(5) # one\r\n>> const\r\n", "ok"),
    "lone CR": ("warmup(5)\r>> const", "LRS103 U+000D means nothing here"),
    "lone CR in a comment": ("warmup(5) # one\r>> const", "LRS103 U+000D means nothing here"),
    "lone surrogate": ("const(\ud800)", "LRS103 U+D800 means nothing here"),
    "lone surrogate in a name": ('lr["\udfff"]: const', "LRS103 U+DFFF means nothing here"),
    "lone surrogate in a signal": ('until(signal("\ud800"), const)', "LRS103 U+D800 means nothing"),
    "lone surrogate in a capture": ('lr["{\ud800}"]: const', "LRS103 U+D800 means nothing here"),
    "lone surrogate in an own": ('const * own("\ud800")', "LRS103 U+D800 means nothing here"),
    "NUL in a signal": ('until(signal("\0"), const)', "LRS103 U+0000 means nothing here"),
    "a signal without a name": ('until(signal(""), const)', "LRS301 the name of a signal has a"),
    "lone surrogate in a comment": ("const # \ud800", "ok"),
    "invalid UTF-8": ("const \ufffd", "LRS103 U+FFFD (replacement character) means nothing"),
    "bidi control": ("const(\u202e1)", "LRS103 U+202E (right-to-left override) means nothing"),
    "bidi control in a name": ('lr["a\u2066"]: const', "LRS103 U+2066 (left-to-right isolate)"),
    "non-breaking space": ("const(\u00a01)", "LRS103 U+00A0 (no-break space) means nothing here"),
    "zero-width space": ("co\u200bnst", "LRS103 U+200B (zero width space) means nothing here"),
    "Cyrillic letter": ("\u0441osine(5)", "LRS103 U+0441 (cyrillic small letter es) means nothing"),
    "Greek letter": ("c\u03bfsine(5)", "LRS103 U+03BF (greek small letter omicron) means nothing"),
    "full-width letter": ("\uff43osine(5)", "LRS103 U+FF43 (fullwidth latin small letter c)"),
    "Arabic digits": ("const(\u0665)", "LRS103 U+0665 (arabic-indic digit five) means nothing"),
    "escape": ("const(5) \x1b[31m", "LRS103 U+001B means nothing here"),
}

_CODE = {
    "Python": ("__import__('os').system('true')", "LRS103 `'` means nothing here"),
    "a call of Python's": ('eval("1")', "LRS201 there is no `eval`"),
    "open": ("open(1)", "LRS201 there is no `open`"),
    "dunder": ("const(value = __builtins__)", "LRS201 there is no `__builtins__`"),
    "attribute": ("const(1).__class__", "LRS103 `.` means nothing here"),
    "a shape called exec": ("shape exec(length: steps) = 1 exec(5)", "ok"),
    "a parameter called lambda": ("shape s(length: steps, lambda) = lambda s(5, 1)", "ok"),
    "format": ("const(value = {0.__class__})", "LRS103 `{` means nothing here"),
}


def _cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for name, make in _MULTIPLY.items():
        found[f"multiply: {name}"] = Case(make, _OUTCOMES.get(name, "LRS408"))
    for name, (make, outcome) in _SIZES.items():
        found[f"size: {name}"] = Case(make, outcome)
    for kind, table in (("number", _NUMBERS), ("character", _CHARACTERS), ("code", _CODE)):
        for name, (text, outcome) in table.items():
            found[f"{kind}: {name}"] = Case(partial(str, text), outcome)
    return found


# What comes of multiplying where it is not too many parts.
_OUTCOMES = {
    "points": "ok",
    "exact lengths": "LRS104 this length has more than 1,000 digits when it is exact",
}
CASES = _cases()

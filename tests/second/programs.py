"""Random programs for two readings of the language: what tests/strategies.py does not draw.

Each text is drawn with its run. Many are refused; what counts is that both readings say so.
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple


class Drawn(NamedTuple):
    kind: str
    text: str
    run: dict[str, Any]
    base: float


LENGTHS = ["1", "2", "3", "7", "0.5ep", "1.25ep", "0.3ep", "2.5ep", "1ep / 3", "5ep / 7", "3tok",
           "0.15ep", "4.5%", "10%", "1ep + 2", "2 * 0.7ep", "12", "0", "0.04ep"]  # fmt: skip
VALUES = ["0.3", "1", "0.5", "base", "base / 4", "prev", "next", "prev / 2", "next / 3",
          "min(prev, next)", "(prev + next) / 2", "0.2 + 0 * next"]  # fmt: skip
PLAIN = ["0.3", "1", "0.5", "0.25", "2 ^ -2", "1 / 3"]
EASES = ["straight", "half_cosine", "square", "sqrt", "one_minus_sqrt", "quarter_sine"]
ENDED = ["linear", "cosine", "cooldown", "poly", "cosine_power", "kdecay_cosine", "rex",
         "cosine_restarts", "tanh_decay"]  # fmt: skip
MILESTONES = ["[2, 5]", "[0.5ep, 1.3ep]", "[3]", "[10%, 25%]", "[1ep / 3, 8, 8]", "[]"]


class Writer:
    """Draws texts. ``tight``: lengths are few steps, so that rounding decides a lot."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def length(self) -> str:
        return str(self.random.choice(LENGTHS))

    def value(self) -> str:
        return str(self.random.choice(VALUES))

    def whole(self) -> str:
        return str(self.one("2", "5", "1ep", "1.5ep", "12", "2.5ep", "3ep"))

    def part(self, length: str | None = None) -> str:
        """A shape of the library with a length."""
        n = self.length() if length is None else length
        a, b = self.value(), self.value()
        plain = self.random.choice(PLAIN)
        gamma = self.one("0.9", "0.5")
        every = self.one("1", "3", "0.7ep", "1ep / 3", "2.5ep")
        return str(
            self.one(
                f"const({n})",
                f"const({n}, {a})",
                f"warmup({n})",
                f"warmup({n}, {a}, {b}, {self.random.choice(EASES)})",
                f"{self.random.choice(ENDED)}({n})",
                f"{self.random.choice(ENDED)}({n}, {a}, {b})",
                f"{self.random.choice(ENDED)}({n}, end = {b})",
                f"geometric({n}, {plain}, {self.random.choice(PLAIN)})",
                f"cosine_waves({n}, {a}, {b}, {self.one('1', '0.5', '2.5')})",
                f"exponential({gamma}, every = {every}, length = {n}, start = {a})",
                f"inverse_time(0.5, every = {every}, length = {n})",
                f"power_law({every}, -0.3, length = {n}, start = {a})",
                f"step({every}, 0.5, offset = {self.one('0', '1', '0.25ep')}, length = {n})",
                f"multistep({self.random.choice(MILESTONES)}, 0.5, length = {n})",
                f"stairs({self.one('[3, 1ep]', '[0.15ep, 20%]')}, [{a}, {b}, 0.1], length = {n})",
                f"points([0, {self.one('3', '1.25ep', '0.3ep')}], [{a}, {b}])",
                f"onecycle({n}, {a}, {self.one('0.3', '0.29')})",
                f"slanted_triangular({n}, {plain}, cut = {self.one('0.29', '0.1', '0.5')})",
                f"noam({self.one('3', '0.7ep')}, length = {n})",
                f"linear_cosine({n}, {a})",
                f"tri_stage({self.length()}, {self.length()}, {self.whole()})",
            )
        )

    def rest(self) -> str:
        return str(
            self.one(
                "const",
                "linear",
                "cosine(rest, prev, next)",
                "exponential(0.9)",
                "repeat(linear(2.5ep, 1, 0))",
                f"repeat({self.part('1.3ep')} >> linear(0.4ep, 0.5, prev))",
                "repeat(cosine, 3)",
                "repeat(warmup(1) >> linear, 2, stretch = 1.5)",
                "max(const, 0.1)",
                "max(linear, exponential(0.8, start = prev))",
                "wsds(1.2ep, 0.7ep)",
                "triangular(0.7ep, 0.1, 1)",
                "triangular2(1.5ep, 0.1, 1, down = 0.4ep)",
                "exp_range(0.7ep, 0.1, 1, 0.9)",
                "restarts(1.3ep, 2)",
                "restarts(1.3ep, 1, 1, 0.1, decay = 0.5)",
                "every(1.3ep, linear)",
                "skip(0.6ep, linear)",
                "skip(1.3ep, warmup(0.5ep, 0.1) >> const >> linear(0.7ep))",
            )
        )

    def sequence(self, depth: int, most: int = 3, *, rest: bool = False) -> str:
        parts = [self.block(depth) for _ in range(self.random.randint(1, most))]
        if rest:
            parts.insert(self.random.randint(0, len(parts)), self.rest())
        if len(parts) > 2 and self.random.random() < 0.3:
            parts = [f"({parts[0]} >> {parts[1]})", *parts[2:]]
        return " >> ".join(parts)

    def block(self, depth: int) -> str:
        """A part, or a schedule made of others."""
        if depth == 0 or self.random.random() < 0.4:
            return self.part()
        inner = self.sequence(depth - 1)
        plain = self.plain(depth - 1)
        n, p = self.length(), self.random.choice(PLAIN)
        return str(
            self.one(
                f"max({inner}, {p})",
                f"max({inner}, {self.sequence(depth - 1)})",
                f"min({self.value()}, {inner})",
                f"({inner}) * {p}",
                f"({inner}) * ({plain})",
                f"({inner}) + ({self.sequence(depth - 1, 2)})",
                f"max(({inner}) - {p}, 0)",
                f"over({self.one('60%', '4.3ep', '17', '2.5ep')}, {inner})",
                f"over({self.one('60%', '4.3ep', '6.6ep')}, {self.sequence(0, 2, rest=True)})",
                f"repeat({inner}, {self.random.randint(1, 4)})",
                f"repeat({inner}, {self.random.randint(1, 3)}, stretch = {self.one('2', '1.5')})",
                f"repeat({inner}, {self.random.randint(2, 3)}, decay = {self.one('0.5', '0')})",
                f"until({n}, {inner})",
                f"until({self.whole()}, {self.sequence(0, 2, rest=True)})",
                f"skip({n}, {inner} >> {self.part('3ep')})",
                f"every({self.whole()}, {inner})",
                f"until({n}, every({self.whole()}, skip(0.3ep, {inner} >> {self.part('2ep')})))",
            )
        )

    def plain(self, depth: int) -> str:
        """A factor: its values are plain numbers."""
        n, a, b = self.length(), self.random.choice(PLAIN), self.random.choice(PLAIN)
        part = self.one(f"linear({n}, {a}, {b})", f"const({n}, {a})", f"cosine({n}, {a}, {b})")
        if depth and self.random.random() < 0.5:
            return f"{part} >> {self.plain(depth - 1)}"
        return str(part)


def nested(writer: Writer) -> str:
    return writer.sequence(3)


def rests(writer: Writer) -> str:
    return writer.sequence(2, rest=True)


def circles(writer: Writer) -> str:
    """Parts that refer to each other, some of them of no step, in blocks."""
    parts = []
    for _ in range(writer.random.randint(2, 5)):
        n = writer.one("1", "2", "0.5ep", "0.04ep", "0", "1.25ep")
        a = writer.one("prev", "next", "prev / 2", "next / 3", "0.5", "base", "min(prev, next)")
        b = writer.one("prev", "next", "prev / 2", "0.5", "next / 3")
        part = writer.one(
            f"const({n}, {a})",
            f"linear({n}, {a}, {b})",
            f"exponential(0.5, length = {n}, start = {a})",
            f"warmup({n}, {a}, {b})",
            f"max(const({n}, {a}), const({writer.length()}, {b}))",
            f"until(0.3ep, linear({n}, {a}, {b}))",
            f"skip(0.2ep, const(0.3ep, {b}) >> linear({n}, {a}, {b}))",
            f"repeat(linear({n}, {a}, {b}) >> const(1, {a}), 2)",
            f"every(2, linear({n}, {a}, {b}))",
            f"over(1.25ep, const({n}, {a}))",
            f"points([0, 3], [{a}, {b}])",
        )
        parts.append(part)
    if writer.random.random() < 0.4:
        parts.insert(
            writer.random.randint(0, len(parts)), writer.one("const", "linear(end = prev)")
        )
    return " >> ".join(parts)


def defined(writer: Writer) -> str:
    """Shapes and definitions of one's own, and their defaults."""
    n, a, plain = writer.length(), writer.value(), writer.random.choice(PLAIN)
    definition, call = writer.one(
        ("shape root(length: steps = rest, *, start = prev) = start * sqrt(v)", "root({n})"),
        ("shape bend(top, end = top / 4, *, start = prev) = blend(start, end, u ^ top)",
         "bend({p}, length = {n})"),
        ("shape late(delay = 3st, ease = straight, levels = [0, 1], length: steps = rest) =\n"
         "  if(t < delay, pick(levels, 0), last(levels) * ease(u))",
         "late({m}, half_cosine, [{a}, {b}], {n})"),
        ("shape bumps(at: [steps], heights: [number], flip: truth = false, start = prev) =\n"
         "  start * pick(heights, passed(at, t)) * if(flip, v, u)",
         "bumps([2, 0.5ep], [0.1, 0.3, {p}], 1 < 2, {a}, length = {n})"),
        ("shape tail(start = prev, end = start / 2, length: steps = rest) where start >= 0 =\n"
         "  start * v + end * u", "tail({a}, length = {n})"),
        ("shape saw(every: steps = 2, start = prev) =\n  start * (1 - remainder(t, every) / every)",
         "saw({m}, length = {n})"),
        ("shape last_of(times: [steps], length: steps = last(times) + 2) =\n"
         "  interpolate(t, times, times) / (1 + last(times))", "last_of([0, {m}])"),
        ("def tent(n, top = {p},) = linear(n, 0, top) >> linear(n, top, 0)", "tent({n})"),
        ("def both(a, b, count = 2) = repeat(a >> b, count)", "both(warmup({n}), const({m}))"),
        ("def pair(a: schedule, n: steps = 1.25ep) = over(n, a) >> max(a, {p})",
         "pair(linear({m}, {a}, {b}))"),
        ("def pick_one(restart = true, n = {n}) = if(restart, repeat(cosine(n), 2), cosine(n))",
         "pick_one({t})"),
        ("let x = {a}\nparam k = {p}\nlet n = {n}", "linear(n, x, k) >> const(2 * n, x)"),
        ("let part = linear({n}, prev, next / 2)\nlet two = part >> part", "two >> part"),
        ("def cubic(u) = u ^ 3", "cooldown({n}, ease = cubic) >> warmup({m}, ease = cubic)"),
        ("shape half(length: steps = rest) = prev / 2", "half({n}) >> half({m})"),
        ("def warm(warmup: steps, peak = base) where peak >= 0 = warmup(warmup, end = peak)",
         "warm({n}, {b})"),
    )  # fmt: skip
    names = {
        "n": n, "a": a, "b": writer.value(), "p": plain, "t": writer.one("true", "false"),
        "m": writer.one("1", "2", "0.3ep", "1.25ep"),
    }  # fmt: skip
    for name, text in names.items():
        definition = definition.replace("{" + name + "}", text)
        call = call.replace("{" + name + "}", text)
    around = writer.one(
        "{}", "{}", "repeat({}, 2)", "max({}, 0.1)", "until(0.7ep, {})", "({}) * 0.5"
    )
    body = around.replace("{}", call)
    before = writer.one("", f"{writer.part()} >> ")
    after = writer.one("", f" >> {writer.part()}", " >> const")
    return f"{definition}\n{before}{body}{after}"


def runs(writer: Writer) -> str:
    """What the text states of its run, with units that lead to each other."""
    stated = writer.one(
        "run total = 40ep, 1ep = 7st",
        "run total = 9ep, 1ep = 1000sample, 1st = 96sample",
        "run 1seq = 2.5tok, 1st = 4tok run total = 120tok",
        "let n = 3st  run 1ep = n * 2, total = 30",
        "run total = 60, 2ep = 7st, 3sample = 1ep",
        "run 1st = 4seq, 1ep = 13seq",
    )
    units = [unit for unit in ("ep", "sample", "tok", "seq") if unit in stated] + ["st"]
    parts = []
    for _ in range(writer.random.randint(1, 4)):
        unit = writer.random.choice(units)
        count = writer.one("1", "2", "7", "1_0") if unit == "st" else writer.one("1", "0.7", "5.5")
        parts.append(writer.part(f"{count}{unit}"))
    if writer.random.random() < 0.5:
        parts.insert(writer.random.randint(0, len(parts)), writer.rest())
    text = f"{stated}\n{' >> '.join(parts)}"
    for unit in ("ep", "tok"):
        if unit not in units:
            text = text.replace(f"3{unit}", "3").replace(f"0.7{unit}", "2")
    return text


def targets(writer: Writer) -> str:
    """Several schedules, laid out by themselves."""
    lines = [f"lr: {writer.sequence(1, rest=writer.random.random() < 0.3)}"]
    if writer.random.random() < 0.7:
        lines.append(f'lr["head"]: {writer.one("base / 10", "0.1", writer.sequence(1))}')
    if writer.random.random() < 0.5:
        lines.append(f"momentum: linear({writer.length()}, 0.85, 0.95) >> const")
    if writer.random.random() < 0.5:
        lines.append(f"weight_decay[0]: {writer.sequence(1, 2)}")
    if writer.random.random() < 0.5:
        lines.append(f"scalar kl: warmup({writer.length()}, end = 0.5) >> {writer.plain(1)}")
    if writer.random.random() < 0.4:
        lines.append(f"temperature: linear({writer.length()}, -3, {writer.value()})")
    return "\n".join(lines)


KINDS = {
    "nested": nested,
    "rest": rests,
    "circles": circles,
    "defined": defined,
    "runs": runs,
    "targets": targets,
}


def drawn(random: Random, kind: str) -> Drawn:
    """A program of a kind, with its run and a base."""
    text = KINDS[kind](Writer(random))
    run: dict[str, Any] = {}
    if kind != "runs" or random.random() < 0.3:
        run["steps_per_epoch"] = random.choice([10, 3, 7, 4])
    if kind != "runs":
        run["per_step"] = {"tok": 2}
    if random.random() < 0.85:
        run["total"] = random.choice([100, 37, 60, 250])
    return Drawn(kind, text, run, random.choice([1, 1, 0.4, 3]))

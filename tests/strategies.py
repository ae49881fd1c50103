"""hypothesis strategies: programs that make sense, texts that may not, and arithmetic.

``programs`` draws texts that fit `RUN`: their lengths are known, they never fall below 0, and
they multiply no rate by a rate. Whatever is drawn parses and resolves.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

# Enough examples for a property: a program takes some milliseconds.
SOME = settings(max_examples=50)
MANY = settings(max_examples=200)

# The run that every program of `programs` fits.
RUN: dict[str, Any] = {"total": 400, "steps_per_epoch": 10, "per_step": {"tok": 2}}

# The parameters of the shapes of the library, what each takes, and how many go by position.
SHAPES: dict[str, tuple[dict[str, str], int]] = {
    "const": ({"length": "length", "value": "rate"}, 2),
    "warmup": ({"length": "length", "start": "rate", "end": "rate", "ease": "ease"}, 4),
    "linear": ({"length": "length", "start": "rate", "end": "rate"}, 3),
    "cosine": ({"length": "length", "start": "rate", "end": "rate"}, 3),
    "poly": ({"length": "length", "start": "rate", "end": "rate", "power": "power"}, 4),
    "exponential": ({"gamma": "gamma", "length": "length", "start": "rate"}, 1),
    "step": ({"every": "every", "gamma": "gamma", "length": "length", "start": "rate"}, 2),
    "multistep": (
        {"milestones": "points", "gamma": "gamma", "length": "length", "start": "rate"},
        2,
    ),
    "inverse_sqrt": ({"timescale": "every", "length": "length", "start": "rate"}, 1),
}
_NEEDED = {"length", "gamma", "every", "milestones"}

whole_lengths = st.sampled_from(["1", "2", "3", "7", "12", "20", "1_0", "5st", "1ep", "2ep"])
lengths = whole_lengths | st.sampled_from(
    ["0", "0%", "1%", "2.5%", "0.3%", "0.15ep", "1.25ep", "3tok", "2ep - 5", "1ep / 3", "2 * 3ep"]
)
rates = st.sampled_from(
    ["0.3", ".5", "1e-3", "0", "1", "base", "base / 10", "prev", "next", "(0.1 + 0.2)", "2 ^ -3",
     "min(base, 0.2)", "prev * 0.5"]
)  # fmt: skip
# Without `base` in any guise: what a rate may be multiplied with.
plain_rates = st.sampled_from(["0.3", ".5", "1", "0", "1 / 3", "2 ^ -2"])
_VALUES = {
    "length": lengths,
    "rate": rates,
    "power": st.sampled_from(["1", "2", "0.5", "1 + 1"]),
    "gamma": st.sampled_from(["0.9", "0.5", "1", "1 / 2"]),
    "every": st.sampled_from(["1", "3", "1ep", "2.5ep"]),
    "points": st.sampled_from(["[]", "[3]", "[3, 5,]", "[1ep, 2ep]", "[4, 4, 9]"]),
    "ease": st.sampled_from(["straight", "half_cosine", "sqrt"]),
}


@st.composite
def calls(draw: st.DrawFn, *, plain: bool = False, whole: bool = False) -> str:
    """A shape with its arguments, by position and by name in every mixture.

    Args:
        draw: hypothesis's.
        plain: whether every rate is a plain number, so that the values have no unit.
        whole: whether its length is at least one step, as it is where ``plain``.
    """
    shape = draw(st.sampled_from(sorted(SHAPES)))
    kinds, by_position = SHAPES[shape]
    needed = _NEEDED | {"start", "end", "value"} if plain else _NEEDED
    chosen = {name for name in kinds if name in needed or draw(st.booleans())}
    values = {name: draw(_values(kinds[name], plain, whole)) for name in kinds if name in chosen}
    names = list(kinds)
    most = next((i for i, name in enumerate(names) if name not in chosen), len(names))
    first = draw(st.integers(0, min(most, by_position)))
    named = draw(st.permutations([name for name in names[first:] if name in chosen]))
    arguments = [values[name] for name in names[:first]]
    arguments += [f"{name} = {values[name]}" for name in named]
    return f"{shape}({', '.join(arguments)}{draw(st.sampled_from(['', ',']))})"


def _values(kind: str, plain: bool, whole: bool) -> st.SearchStrategy[str]:
    if kind == "rate" and plain:
        return plain_rates
    return whole_lengths if kind == "length" and (whole or plain) else _VALUES[kind]


_arrows = st.sampled_from([" >> ", ">>", "\n  >> ", " >>\n"])


@st.composite
def sequences(draw: st.DrawFn, parts: st.SearchStrategy[str], most: int = 4) -> str:
    """Parts one after another, some of them in parentheses."""
    found = draw(st.lists(parts, min_size=1, max_size=most))
    text = found[0]
    for part in found[1:]:
        grouped = f"({part})" if draw(st.booleans()) else part
        text += draw(_arrows) + grouped
    return text


@st.composite
def combined(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """A schedule made of another one by an operator or a combinator."""
    body = draw(inner)
    plain = draw(calls(plain=True))
    number = draw(st.sampled_from(["0.5", "2", "1e-2", "1 / 4"]))
    length = draw(st.sampled_from(["100%", "30ep", "3_000"]))
    share = draw(st.sampled_from(["10%", "0.2%", "33.3%"]))
    return draw(
        st.sampled_from(
            [
                f"max({body}, {number})",
                f"min({number}, {body}, {plain})",
                f"({body}) * {number}",
                f"{number} * ({body})",
                f"({body}) * {plain}",
                f"({body}) / 2",
                f"({body}) + {plain}",
                f"max(({body}) - {number}, 0)",
                f"over({length}, warmup({share}) >> const >> linear({share}))",
                f"over({length}, repeat(cosine, 3, stretch = 2))",
                f"until({length}, {body})",
                f"until({share}, cosine({length}))",
                f"skip(2.3ep, cosine(3ep) >> {body})",
                f"every({draw(st.sampled_from(['1ep', '7', '2.5ep', '1ep / 7']))}, {body})",
                f"until({share}, skip(2.3ep, {body} >> cosine(3ep)))",
                f"every(1.25ep, skip(2.3ep, until(30ep, {body}) >> cosine(3ep)))",
            ]
        )
    )


@st.composite
def repetitions(draw: st.DrawFn) -> str:
    """A repetition of some whole steps, that ends."""
    body = draw(sequences(calls(whole=True), most=2))
    times = draw(st.integers(1, 4))
    stretch = draw(st.sampled_from(["", ", stretch = 2", ", stretch = 1.5", ", stretch = 1"]))
    decay = draw(st.sampled_from(["", ", decay = 0.5", ", decay = 0", ", decay = 1"]))
    return f"repeat({body}, {times}{stretch}{decay})"


schedules = st.recursive(
    sequences(calls()),
    lambda inner: sequences(combined(inner) | repetitions() | calls(), most=3),
    max_leaves=3,
)


# Runs in which a step changes its size, so that lengths in tokens depend on their place.
TABLES = (
    "run 1st = stairs([50, 120], [1tok, 2tok, 3tok])",
    "run 1st = stairs([10tok, 27.5tok], [1.5tok, 2tok, 0.7tok])",
    "run 1st = ramp(1tok, 5tok, by = 1tok, over = 60tok)",
)


@st.composite
def eventful(draw: st.DrawFn) -> str:
    """A schedule in which signals `a` and `b` may end parts."""
    first, second = draw(st.permutations(["a", "b"]))
    body, after = draw(sequences(calls(), most=2)), draw(sequences(calls(), most=2))
    cut = draw(st.sampled_from(["7", "1.25ep", "3tok", "100%"]))
    whole = f'until(signal("{first}"), {body}) >> {after}'
    return draw(
        st.sampled_from(
            [
                whole,
                f'{after} >> {whole} >> until(signal("{second}"), const) >> {after}',
                f'until(signal("{second}"), {whole}) >> const({cut})',
                f"until({cut}, {whole}) >> {after}",
                f"over(30ep, {whole} >> cosine) >> {after}",
                f"max({whole}, {draw(calls())}) * 0.5",
                f"repeat({after} >> const(2), 3) >> {whole} >> every(2.5ep, {body})",
                f"skip(0.3%, {body} >> const(30)) >> {whole}",
            ]
        )
    )


TENT = "def tent(n, top = 1 / 4,) = linear(n, 0, top) >> linear(n, top, 0)"
ROOT = "shape root(length: steps = rest, *, start = prev) where start >= 0 = start * sqrt(v)"


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A text that parses, and resolves for `RUN`."""
    lines = []
    body = draw(schedules)
    if draw(st.booleans()):
        lines.append(f"let peak = {draw(plain_rates)}  # a rate")
        body = re.sub(r"\b0\.3\b(?!%)", "peak", body)
    if draw(st.booleans()):
        lines.append(f"param warm = {draw(whole_lengths)}")
        body = f"warmup(warm) >> {body}"
    if draw(st.booleans()):
        lines.append(f"## Up and down.\n{TENT}")
        body = f"{body} >> tent({draw(whole_lengths)})"
    if draw(st.booleans()):
        lines.append(ROOT)
        body = f"{body} >> root({draw(whole_lengths)})"
    ending = draw(st.sampled_from(["", " >> const", " >> cosine", " >> exponential(0.999)"]))
    # Only a program in which nothing else is `rest` may end with one.
    target = draw(st.sampled_from(["", "lr: "]))
    return "\n".join([*lines, f"{target}{body}{ending if fixed(body) else ''}"])


def fixed(body: str) -> bool:
    """Whether a schedule is so short that its run has steps left over."""
    long = ("over", "repeat", "until", "skip", "every(")
    return len(body) < 80 and not any(word in body for word in long)


_WORDS = """
5 0.3 .5 1e-5 10k 5ep 10% 2Btok 1e400 5. 1__0 [ ] ( ) , = : >> > >= == + - * / ^ # " ' \ufeff
let param def shape where scalar run lr lr: lr[0]: x y f f( t u base prev next rest pi \u2192
"a" "{i}" ["{i}"]: ["a",optional]: 1st 1ep total tok signal("a") until( skip( every( own( below(
warmup( cosine( const const( step( multistep( repeat( over( max( if( interpolate(
length start end= ease= times= stretch=
"""
TOKENS = (*_WORDS.split(), "\n", "\r\n", "\u00a0", "\x00")

# Texts of words that the language has, in any order.
soups = st.lists(st.sampled_from(TOKENS), max_size=25).flatmap(
    lambda words: st.sampled_from(["", " "]).map(lambda between: between.join(words))
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A program with a stretch of it lost, doubled or replaced."""
    text = draw(programs())
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 12)))
    between = draw(st.sampled_from(["", text[start:end] * 2]) | st.sampled_from(TOKENS))
    return text[:start] + between + text[end:]


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 4) -> str:
    """An expression of a, b, c and d in which every operation has its own parentheses."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from("abcd"))
    left = draw(arithmetic(depth=depth - 1))
    if draw(st.integers(0, 5)) == 0:
        return f"(-{left})"
    operator = draw(st.sampled_from("+-*/^"))
    return f"({left} {operator} {draw(arithmetic(depth=depth - 1))})"

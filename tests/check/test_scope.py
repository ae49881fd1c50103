"""Names: who sees which, when they are worked out, and where what is wrong with them is shown."""

from __future__ import annotations

import math

import pytest

import lrdsl
from lrdsl.check import library


def value(text: str, step: int = 0, base: float = 1.0) -> float:
    return lrdsl.parse(text).resolve()(step, base=base)


def errors(text: str) -> list[tuple[str, str]]:
    """The code of each error, and the text it points at."""
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    return [(d.code, d.span.text) for d in caught.value.diagnostics]


SEEN = {
    "argument-before-let": ("let x = 1\ndef f(x) = x\nconst(value = f(2))", 2.0),
    "argument-before-function": ("def f(cos) = cos\nconst(value = f(2))", 2.0),
    "argument-before-library": ("def f(straight) = straight\nconst(value = f(2))", 2.0),
    "let-before-function": ("let floor = 2\nconst(value = floor)", 2.0),
    "def-before-function": ("def cos(x) = x + 1\nconst(value = cos(1))", 2.0),
    "def-before-library": ("def half_cosine(x) = 2 * x\nconst(value = half_cosine(1))", 2.0),
    "shape-before-library": ("shape const(value) = value + 1\nconst(1, length = 5)", 2.0),
    "parameter-named-length": ("def f(length) = length\nconst(value = f(2))", 2.0),
    "let-inside-def": ("let x = 1\ndef f(y) = x + y\nconst(value = f(1))", 2.0),
    "def-inside-def": ("def g(y) = 2 * y\ndef f(y) = g(y)\nconst(value = f(1))", 2.0),
    "function-handed-on": ("def f(g, x) = g(x)\nconst(value = f(sqrt, 4))", 2.0),
    "def-handed-on": ("def g(x) = 2 * x\ndef f(g, x) = g(x)\nconst(value = f(g, 1))", 2.0),
    "schedule-handed-on": ("def f(a, b) = a >> b\nf(const(1, 2), const(1, 3))", 2.0),
    "list-handed-on": ("def f(m) = multistep(m, 0.5, start = 4)\nf([0, 9])", 2.0),
    "word-handed-on": ("def f(x) = const(5, x)\nf(base)", 2.0),
    "number-handed-to-a-function": (
        "shape f(length: steps, g: function, x) = g(x)\nf(5, sqrt, 4)", 2.0
    ),
    "list-handed-to-a-function": (
        "shape f(length: steps, g: function, xs: [number]) = g(xs, 1)\nf(5, pick, [1, 2])", 2.0
    ),
    "words-in-a-formula": (
        "shape f(length: steps) = base + prev - next / 2\nf(5) >> const(value = 4)", 2.0
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SEEN)
def test_which_name_is_meant(case: str) -> None:
    text, wanted = SEEN[case]
    assert value(text, base=2.0) == wanted


def test_a_definition_does_not_see_the_arguments_of_its_caller() -> None:
    text = "def inner() = x\ndef outer(x) = inner()\nconst(value = outer(1))"
    assert errors(text) == [("LRS201", "x")]


@pytest.mark.parametrize(
    "formula",
    [
        "= x + g(x)",
        "= sqrt(x) + g(x)",
        "= interpolate(u, [0, x], [1, 2]) + g(x)",
        "where g(x) > 0 = x",
    ],
)
def test_an_argument_is_a_number_whatever_the_formula_does_with_it(formula: str) -> None:
    text = f"shape f(length: steps, g: function, x) {formula}\nf(5, sqrt, [1, 2])"
    assert errors(text) == [("LRS301", "[1, 2]")]


def test_a_formula_that_fits_a_number_is_not_taken_for_a_list() -> None:
    text = (
        "def h(x) = sqrt(x)\nshape f(length: steps, g: function, x) = g(x)\n"
        "f(2, h, 4) >> f(2, h, [9])"
    )
    assert errors(text) == [("LRS301", "[9]")]


def test_the_library_does_not_see_the_names_of_a_program() -> None:
    """A cosine is a cosine, whatever a program calls by the names that it is made of."""
    text = "def sin(x) = 0\nlet pi2 = 1\nwarmup(2, 0, 1, half_cosine) >> cosine(2, 1, 0)"
    assert lrdsl.parse(text).resolve().values(5).tolist() == pytest.approx([0, 0.5, 1, 0.5, 0])


@pytest.mark.parametrize("name", library.names())
def test_every_shape_of_the_library_shows_an_example_that_runs(name: str) -> None:
    definition = library.find(name)
    assert definition is not None
    shown = library.notes(definition).example
    if shown is None:
        pytest.fail(f"{name} shows no example")
    assert name in shown
    schedule = lrdsl.parse(shown).resolve(total=100)
    assert schedule.length <= 105
    assert max(schedule.values(110)) > 0


UNUSED = {
    "let": ("let x = y\nconst", [("LRS201", "y")]),
    "param": ("param x = y\nconst", [("LRS201", "y")]),
    "def": ("def f(x) = x + y\nconst", [("LRS201", "y")]),
    "default": ("def f(x = y) = x\nconst", [("LRS201", "y")]),
    "shape": ("shape f(length: steps) = u * y\nconst", [("LRS201", "y")]),
    "guard": ("shape f(length: steps) where y > 0 = u\nconst", [("LRS201", "y")]),
    "arguments": ("def f(x) = cosine(x, 1, 2, 3)\nconst", [("LRS203", "3")]),
    "kinds": ("def f(x) = 5ep ^ 2\nconst", [("LRS302", "5ep ^ 2")]),
    "recursion": ("def f(x) = f(x)\nconst", [("LRS209", "f(x)")]),
}


@pytest.mark.parametrize("case", UNUSED)
def test_what_is_not_used_is_checked_too(case: str) -> None:
    text, wanted = UNUSED[case]
    assert errors(text) == wanted


PLACES = {
    "in-the-library": ("const(3) >> poly(10, 1, 0, -1)", [("LRS303", "-1")]),
    "in-the-library-by-default": ("step(0)", [("LRS303", "0")]),
    "in-a-let": ("let n = 0.5\nconst(n)", [("LRS304", "n")]),
    "in-a-def": ("def f(n) = const(n)\nf(0.5)", [("LRS304", "0.5")]),
    "in-a-shape": ("shape f(k, length: steps) where k > 1 = k\nf(1, 5)", [("LRS303", "1")]),
    "once-for-many-uses": ("let x = y\nconst(5, x) >> const(5, x)", [("LRS201", "y")]),
    "each-of-many": ("const(5, x) >> const(5, y)", [("LRS201", "x"), ("LRS201", "y")]),
}


@pytest.mark.parametrize("case", PLACES)
def test_where_an_error_is_shown(case: str) -> None:
    text, wanted = PLACES[case]
    assert errors(text) == wanted


CIRCLES = {
    "itself": "def f(x) = f(x)\nconst(value = f(1))",
    "two": "def f(x) = g(x)\ndef g(x) = f(x)\nconst(value = f(1))",
    "three": "def f(x) = g(x)\ndef g(x) = h(x)\ndef h(x) = f(x)\nconst(value = f(1))",
    "let": "let x = x\nconst(value = x)",
    "lets": "let x = y\nlet y = x\nconst(value = x)",
    "through-a-default": "def f(x = f()) = x\nconst(value = f())",
    "through-an-argument": "def f(g) = g(g)\nconst(value = f(f))",
    "shape": "shape f(length: steps) = f(5)\nf(5)",
    "schedule": "def f() = const(1) >> f()\nf()",
}


@pytest.mark.parametrize("case", CIRCLES)
def test_definitions_end(case: str) -> None:
    assert {code for code, _ in errors(CIRCLES[case])} == {"LRS209"}


def test_a_name_may_be_used_within_its_own_arguments() -> None:
    """What looks like recursion and is none: the arguments are worked out first."""
    assert value("def twice(x) = 2 * x\nconst(value = twice(twice(twice(1))))") == 8.0


@pytest.mark.parametrize(
    ("written", "meant"),
    [("cosin", "cosine"), ("Cosine", "cosine"), ("warm_up", "warmup"), ("multi_step", "multistep")],
)
def test_the_nearest_name_is_proposed(written: str, meant: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(f"{written}(5)")
    assert f"`{meant}`" in caught.value.diagnostics[0].help


def test_names_of_the_program_are_proposed() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse("let peak_rate = 1\nconst(value = peak_rat)")
    assert "`peak_rate`" in caught.value.diagnostics[0].help


FINE = {
    "a whole number and a name": ("let x = 1\ncosine(9,x,0)", 9),
    "nothing and a name": ("let x = 1\ncosine(9, 0,x)", 9),
    "as many steps as can be counted": ("const(9007199254740992)", 2**53),
    "one cycle": ("repeat(const(5), 1)", 5),
    "cycles of nothing": ("repeat(const(5), 2, decay = 0)", 10),
    "many cycles of one length": ("repeat(const(5), 20_000, stretch = 1)", 100_000),
    "as many different cycles as are allowed": (
        "repeat(const(9), 10_000, stretch = 1.0000001)",
        90_045,
    ),
    "a default that is another parameter": (
        "shape s(length: steps, a = 1, b = a) = b\nconst(5)",
        5,
    ),
    "a name and a whole number": ("let n = 9\ncosine(n,1,0)", 9),
    "a whole number and a named one": ("cosine(9,end = 0)", 9),
    "two whole numbers": ("cosine(9, 1,0)", 9),
    "a parameter with the name of a shape": ("def f(warmup) = warmup(warmup)\nf(5) >> const(2)", 7),
    "the last of one length": ("const(last([5st]))", 5),
    "a let before a schedule in brackets": ("let b = 5 let a = b (const(a))", 5),
    "a let on the line above brackets": ("let n = 5\nlet a = exp\n(const(n))", 5),
    "an ease of t": ("def e(t) = t ^ 2\nwarmup(5, ease = e)", 5),
    "a parameter with the name of a shape in a formula": (
        "shape s(step, length: steps = 5) = step * u\ns(2)", 5
    ),
    "two guards that hold": ("def f(a, n) where a > 0, n > a = const(n)\nf(1, 5)", 5),
    "a guard about a list": ("def f(n: [steps]) where 2 > 1 = multistep(n, length = 5)\nf([3])", 5),
    "a let in a param": ("let a = 2\nparam n = a * 3\nconst(n)", 6),
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_what_looks_wrong_and_is_not(case: str) -> None:
    text, length = FINE[case]
    assert lrdsl.parse(text).resolve().length == length


def test_one_shape_with_two_functions_is_two_formulas() -> None:
    text = "warmup(4, 0, 1, ease = square) >> warmup(4, 0, 1, ease = quarter_sine)"
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t) for t in (1, 2, 3)] == [1 / 16, 1 / 4, 9 / 16]
    wanted = [math.sin(math.pi * t / 8) for t in (1, 2, 3)]
    assert [schedule(4 + t) for t in (1, 2, 3)] == pytest.approx(wanted, rel=1e-15)

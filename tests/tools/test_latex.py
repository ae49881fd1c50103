from __future__ import annotations

import pytest

from lrdsl.check import library
from lrdsl.formula.functions import ARITHMETIC, COMPARISONS, FUNCTIONS
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
from tools.pages.latex import latex, symbol
from tools.pages.shapes import is_formula


def typeset(text: str) -> str:
    module, errors = parse_module(Source("test", text))
    assert errors == []
    (statement,) = module.statements
    return latex(statement)  # type: ignore[arg-type]


OPERATORS = {
    "a + b": "a + b",
    "a - b": "a - b",
    "a * b": "a b",
    "a / b": r"\frac{a}{b}",
    "a ^ b": "a^{b}",
    "-a": "-a",
    "a < b": "a < b",
    "a <= b": r"a \le b",
    "a > b": "a > b",
    "a >= b": r"a \ge b",
    "a == b": "a = b",
    "a != b": r"a \ne b",
}


@pytest.mark.parametrize("text", OPERATORS)
def test_operators(text: str) -> None:
    assert typeset(text) == OPERATORS[text]


def test_every_operator_has_its_case() -> None:
    written = {text.split()[1] for text in OPERATORS if " " in text}
    assert written == {*ARITHMETIC, *COMPARISONS}


FUNCTION_CASES = {
    "if(a < b, a, b)": r"\begin{cases} a & \text{if } a < b \\ b & \text{otherwise} \end{cases}",
    "cos(x)": r"\cos(x)",
    "sin(x)": r"\sin(x)",
    "tanh(x)": r"\tanh(x)",
    "exp(x)": r"\exp(x)",
    "log(x)": r"\ln(x)",
    "sqrt(x)": r"\sqrt{x}",
    "floor(x)": r"\lfloor x \rfloor",
    "ceil(x)": r"\lceil x \rceil",
    "abs(x)": "|x|",
    "min(a, b)": r"\min(a, b)",
    "max(a, b, 1)": r"\max(a, b, 1)",
    "passed(milestones, t)": r"\mathrm{passed}(\mathrm{milestones}, t)",
    "interpolate(t, xs, ys)": r"\mathrm{interpolate}(t, \mathrm{xs}, \mathrm{ys})",
    "ascending([1, x])": r"\mathrm{ascending}([1, x])",
}


@pytest.mark.parametrize("text", FUNCTION_CASES)
def test_functions(text: str) -> None:
    assert typeset(text) == FUNCTION_CASES[text]


def test_a_function_without_a_sign_of_its_own_is_a_name() -> None:
    cased = {text.partition("(")[0] for text in FUNCTION_CASES}
    for name in set(FUNCTIONS) - cased:
        assert typeset(f"{name}(x)") == f"\\mathrm{{{name}}}(x)"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # Brackets where they are needed, and nowhere else.
        ("(a + b) * c", "(a + b)\\,c"),
        ("a * (b - c)", r"a \cdot (b - c)"),
        ("a + b * c", "a + b c"),
        ("a - (b - c)", "a - (b - c)"),
        ("a - (b + c)", "a - (b + c)"),
        ("(a - b) - c", "a - b - c"),
        ("a + (b + c)", "a + b + c"),
        ("-(a + b)", "-(a + b)"),
        ("-(a * b)", "-a b"),
        ("a * -b", r"a \cdot (-b)"),
        ("a - -b", "a - (-b)"),
        ("(a + b) / (a - b)", r"\frac{a + b}{a - b}"),
        ("a / b * c", r"\frac{a}{b}\,c"),
        ("a / b / c", r"\frac{a}{b c}"),
        ("a / (b / c)", r"\frac{a}{\frac{b}{c}}"),
        ("a / b / (c + 1)", r"\frac{a}{b \cdot (c + 1)}"),
        ("(a / b) ^ 2", r"\left(\frac{a}{b}\right)^{2}"),
        ("(a + b) ^ (c - 1)", "(a + b)^{c - 1}"),
        ("(a ^ b) ^ c", "(a^{b})^{c}"),
        ("a ^ b ^ c", "a^{b^{c}}"),
        ("a ^ -0.5", "a^{-0.5}"),
        ("(-a) ^ 2", "(-a)^{2}"),
        ("sqrt(x) ^ 3", r"\left(\sqrt{x}\right)^{3}"),
        ("sin(pi * v / 2) ^ 2", r"\sin^{2}\left(\frac{\pi v}{2}\right)"),
        ("exp(x) ^ 2", r"(\exp(x))^{2}"),
        ("abs(a / b)", r"\left|\frac{a}{b}\right|"),
        # What would run together is kept apart.
        ("2 * 3", r"2 \cdot 3"),
        ("a * 2", r"a \cdot 2"),
        ("2 * a", r"2\,a"),
        ("pi * u", r"\pi u"),
        ("gamma * pi", r"\gamma \pi"),
        ("start * (1 - share)", r"\mathrm{start} \cdot (1 - \mathrm{share})"),
        ("start * end", r"\mathrm{start} \cdot \mathrm{end}"),
        ("2 * start * t", r"2\,\mathrm{start} \cdot t"),
        ("start * sin(u)", r"\mathrm{start}\,\sin(u)"),
        ("start * u ^ 2", r"\mathrm{start}\,u^{2}"),
        # Nested conditions are rows of one brace; elsewhere a brace stands in brackets.
        (
            "if(a < 1, 1, if(a < 2, 2, 3))",
            r"\begin{cases} 1 & \text{if } a < 1 \\ 2 & \text{if } a < 2 \\ 3 & \text{otherwise} "
            r"\end{cases}",
        ),
        (
            "if(a < 1, 1, 2) * b",
            r"\left(\begin{cases} 1 & \text{if } a < 1 \\ 2 & \text{otherwise} \end{cases}\right)"
            r"\,b",
        ),
        # Numbers.
        ("1e4", "10^{4}"),
        ("2.5e-3", r"2.5 \cdot 10^{-3}"),
        ("2e3 ^ 2", r"(2 \cdot 10^{3})^{2}"),
        ("10k", r"10\,000"),
        ("5ep", r"5\,\mathrm{ep}"),
        ("10%", r"10\%"),
    ],
)
def test_brackets_and_spaces(text: str, wanted: str) -> None:
    assert typeset(text) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("u", "u"),
        ("gamma", r"\gamma"),
        ("length", r"\mathrm{length}"),
        ("d_model", r"d_{\mathrm{model}}"),
        ("pct_start", r"\mathrm{pct\_start}"),
    ],
)
def test_names(name: str, wanted: str) -> None:
    assert symbol(name) == wanted


def test_a_schedule_is_no_formula() -> None:
    with pytest.raises(ValueError, match=">> has no place in a formula"):
        typeset("const(1) >> const(2)")


@pytest.mark.parametrize("name", library.names())
def test_formulas_of_the_library_are_balanced(name: str) -> None:
    definition = library.find(name)
    assert definition
    assert definition.body
    if is_formula(definition):
        text = latex(definition.body)
        assert text.count("{") == text.count("}")
        assert text.count(r"\left") == text.count(r"\right")
        # GitHub refuses it.
        assert "operatorname" not in text

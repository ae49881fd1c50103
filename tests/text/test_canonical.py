"""Canonical text: what ``str(program)`` prints."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lrdsl
from tests import strategies

EXPRESSIONS = {
    "1+2*3": "1 + 2 * 3",
    "(1+2)*3": "(1 + 2) * 3",
    "(1*2)+3": "1 * 2 + 3",
    "((1+2))+3": "1 + 2 + 3",
    "1+(2+3)": "1 + (2 + 3)",
    "1-(2-3)": "1 - (2 - 3)",
    "(1-2)-3": "1 - 2 - 3",
    "1/(2*3)": "1 / (2 * 3)",
    "(1/2)*3": "1 / 2 * 3",
    "2^(3^2)": "2 ^ 3 ^ 2",
    "2^3^2": "2 ^ 3 ^ 2",
    "(2^3)^2": "(2 ^ 3) ^ 2",
    "-(2^2)": "-2 ^ 2",
    "(-2)^2": "(-2) ^ 2",
    "2^(-3)": "2 ^ -3",
    "2^(-(3^2))": "2 ^ -3 ^ 2",
    "2^(1+1)": "2 ^ (1 + 1)",
    "-(1+2)": "-(1 + 2)",
    "-(1*2)": "-(1 * 2)",
    "(-1)*2": "-1 * 2",
    "2*(-1)": "2 * -1",
    "1-(-1)": "1 - -1",
    "- -1": "--1",
    "if((1<2),(3),4)": "if(1 < 2, 3, 4)",
    "if((1+2)<(3*4),1,2)": "if(1 + 2 < 3 * 4, 1, 2)",
    "max(1,2 ,  3,)": "max(1, 2, 3)",
    "abs((1_0.50e1))": "abs(1_0.50e1)",
}
PROGRAMS = {
    "warmup(5)>>cosine( 20, .3 )": "warmup(5) >> cosine(20, .3)",
    "(const(1)>>const(2))>>const(3)": "const(1) >> const(2) >> const(3)",
    "const(1)>>(const(2)>>const(3))": "const(1) >> const(2) >> const(3)",
    "(const(1)>>const(2))*2": "(const(1) >> const(2)) * 2",
    "const(1)>>(const(2)*2)": "const(1) >> const(2) * 2",
    "max((const(1)>>const(2)),0.1)": "max(const(1) >> const(2), 0.1)",
    "cosine(length=5,end=(0.1))": "cosine(length = 5, end = 0.1)",
    "multistep([1,2 ,3,],.5)": "multistep([1, 2, 3], .5)",
    "lr:const": "lr: const",
    "scalar  kl :const(1,1)": "scalar kl: const(1, 1)",
    "let x=1 param y=2ep const(y,x)": "let x = 1\nparam y = 2ep\nconst(y, x)",
    "def f(a,*,b=(1),)=a*b const(f(1))": "def f(a, *, b = 1) = a * b\nconst(f(1))",
    "shape g(length:steps=rest,m:[steps]=[1])where(1)<2,3>2=1 g": (
        "shape g(length: steps = rest, m: [steps] = [1]) where 1 < 2, 3 > 2 = 1\ng"
    ),
    "# a comment\nconst # another\n": "const",
    "## A text.\ndef f()=const\nf": "def f() = const\nf",
}


@pytest.mark.parametrize("written", EXPRESSIONS)
def test_expressions(written: str) -> None:
    program = lrdsl.parse(f"const(value = abs({written}))")
    assert str(program) == f"const(value = abs({EXPRESSIONS[written]}))"


@pytest.mark.parametrize("written", PROGRAMS)
def test_programs(written: str) -> None:
    assert str(lrdsl.parse(written)) == PROGRAMS[written]


@pytest.mark.parametrize("text", [*PROGRAMS, *(f"const(value = abs({e}))" for e in EXPRESSIONS)])
def test_canonical_text_is_a_fixpoint(text: str) -> None:
    program = lrdsl.parse(text)
    again = lrdsl.parse(str(program))
    assert again == program
    assert str(again) == str(program)


@strategies.SOME
@given(strategies.programs())
def test_canonical_text_of_any_program_is_a_fixpoint(text: str) -> None:
    program = lrdsl.parse(text)
    again = lrdsl.parse(str(program))
    assert again == program
    assert str(again) == str(program)


@strategies.SOME
@given(strategies.programs(), st.sampled_from([0.0, 0.1, 3.0]))
def test_canonical_text_has_the_same_values(text: str, base: float) -> None:
    program = lrdsl.parse(text)
    schedule = program.resolve(**strategies.RUN)
    again = lrdsl.parse(str(program)).resolve(**strategies.RUN)
    assert again.length == schedule.length
    assert again.values(450, base=base).tolist() == schedule.values(450, base=base).tolist()


def grouping(text: str) -> list[tuple[int, int]]:
    """The pairs of parentheses that group, those of calls left out."""
    found, stack = [], []
    for i, character in enumerate(text):
        if character == "(":
            stack.append(i)
        elif character == ")":
            start = stack.pop()
            if not text[start - 1].isalnum():
                found.append((start, i))
    return found


def canonical_body(expression: str) -> str:
    """The canonical text of an expression of a, b, c and d."""
    definition, _ = str(lrdsl.parse(f"def f(a, b, c, d) = {expression}\nconst")).splitlines()
    return definition.partition(") = ")[2]


@strategies.SOME
@given(strategies.arithmetic())
def test_no_parentheses_could_be_left_out(expression: str) -> None:
    """Without any one pair the text means something else."""
    text = canonical_body(f"abs({expression})")
    for start, end in grouping(text):
        without = text[:start] + text[start + 1 : end] + text[end + 1 :]
        assert canonical_body(without) != text


def real_abs(x: float | complex) -> float:
    """Refuses what Python answers with a complex number, and lrdsl not at all."""
    if isinstance(x, complex):
        raise ArithmeticError
    return abs(x)


@strategies.SOME
@given(strategies.arithmetic())
def test_operators_bind_as_in_python(expression: str) -> None:
    """Python gives the canonical text the value that lrdsl gives the explicit one."""
    text = canonical_body(f"abs({expression})").replace("^", "**")
    names = {"__builtins__": {}, "abs": real_abs, "a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    try:
        wanted = eval(text, names)
    except ArithmeticError:
        wanted = math.inf
    assume(math.isfinite(wanted))
    explicit = f"def f(a, b, c, d) = abs({expression})\nconst(value = f(1, 2, 3, 4))"
    assert math.isclose(lrdsl.parse(explicit).resolve()(0), wanted, rel_tol=1e-9)

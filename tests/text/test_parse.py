"""What text is: comments, documentation, folding, commas, and what is said of broken text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.text.nodes import Definition
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
from tests import strategies


def definitions(text: str) -> dict[str, Definition]:
    module, errors = parse_module(Source("test", text))
    assert errors == []
    return {s.name: s for s in module.statements if isinstance(s, Definition)}


DOCUMENTED = {
    "one-line": ("## Text.\ndef f() = 1", "Text."),
    "two-lines": ("## One.\n##  Two.\ndef f() = 1", "One.\n Two."),
    "no-space": ("##Text.\ndef f() = 1", "Text."),
    "indented": ("  ## Text.\n  def f() = 1", "Text."),
    "after-another": ("## Not this.\ndef g() = 2\n## Text.\ndef f() = 1", "Text."),
    "after-a-comment": ("# Not this.\n## Text.\ndef f() = 1", "Text."),
    "blank-between": ("## Not this.\n\ndef f() = 1", ""),
    "comment-between": ("## Not this.\n# Nor this.\ndef f() = 1", ""),
    "windows": ("## Text.\r\ndef f() = 1", "Text."),
    "none": ("def f() = 1", ""),
    "not-alone": ("## Not this.\nlet a = 1 def f() = 1", ""),
    "behind": ("def f() = 1 ## Not this.", ""),
}


@pytest.mark.parametrize("case", DOCUMENTED)
def test_documentation(case: str) -> None:
    text, wanted = DOCUMENTED[case]
    assert definitions(text)["f"].doc == wanted


def test_documentation_of_a_shape() -> None:
    text = "## A ramp.\nshape f(length: steps) = u\nf(5)"
    assert definitions(text)["f"].doc == "A ramp."


COMMAS = {
    "call": ("cosine(20, 0.3,)", "cosine(20, 0.3)"),
    "named": ("cosine(20, end = 0.1,)", "cosine(20, end = 0.1)"),
    "list": ("multistep([1, 2,])", "multistep([1, 2])"),
    "parameters": ("def f(a, b = 1,) = a\nconst(f(1))", "def f(a, b = 1) = a\nconst(f(1))"),
    "empty-call": ("const()", "const()"),
    "empty-list": ("multistep([])", "multistep([])"),
}


@pytest.mark.parametrize("case", COMMAS)
def test_trailing_commas(case: str) -> None:
    text, wanted = COMMAS[case]
    assert str(lrdsl.parse(text)) == wanted


@pytest.mark.parametrize("text", ["cosine(,)", "cosine(20,,)", "multistep([,])", "max(1,,2)"])
def test_a_comma_follows_a_value(text: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS10"):
        lrdsl.parse(text)


SPACES = ["\n", "\r\n", "\t", "   ", "\n\n", " # a comment: let def >> \n", "\f"]


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_space_between_tokens_means_nothing(space: str) -> None:
    words = ["let", "x", "=", "0.3", "warmup(", "5", ")", ">>", "cosine(", "20", ",", "x", ")"]
    wanted = "let x = 0.3\nwarmup(5) >> cosine(20, x)"
    assert str(lrdsl.parse(space.join(words))) == wanted


def folded(text: str) -> str:
    """The text on one line, as YAML folds it, its comments removed."""
    return " ".join(re.sub(r"#.*", "", text).split("\n"))


@strategies.SOME
@given(strategies.programs())
def test_a_program_may_be_folded_into_one_line(text: str) -> None:
    assert lrdsl.parse(folded(text)) == lrdsl.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "let x = 1\nlet y = x\n(const(5, y) >> const(5))",
        "param x = 1\nlr: const(5, x)",
        "def f(a) = a\nshape g(length: steps) where f(1) > 0 = f(u)\nlr:\n  g(5)",
        "let x = rest\n\n\nconst(x)\n",
    ],
    ids=["parentheses", "target", "guards", "blank-lines"],
)
def test_statements_need_no_separator(text: str) -> None:
    assert lrdsl.parse(folded(text)) == lrdsl.parse(text)


def test_the_target_lr_is_the_bare_program() -> None:
    text = "warmup(5) >> cosine(20, 0.3, 0.01)"
    bare = lrdsl.parse(text).resolve()
    named = lrdsl.parse(f"lr: {text}").resolve()
    assert named.length == bare.length
    assert named.values(30).tolist() == bare.values(30).tolist()


@pytest.mark.parametrize("word", ["letter", "defer", "shapeless", "parameter", "wherever", "lr"])
def test_a_name_may_start_with_a_keyword(word: str) -> None:
    assert lrdsl.parse(f"let {word} = 0.25\nconst(value = {word})").resolve()(0) == 0.25


@pytest.mark.parametrize("name", ["class", "lambda", "None", "True", "curve", "make", "__import__"])
def test_a_name_of_python_is_a_name_like_any_other(name: str) -> None:
    text = f"shape f({name}, length: steps = rest) = {name} * u\nf(0.5, 2)"
    schedule = lrdsl.parse(text).resolve()
    assert schedule.values(3).tolist() == [schedule(t) for t in range(3)] == [0.0, 0.25, 0.5]


def attempt(text: str) -> None:
    """Does with a text what a user does, and lets anything but a refusal through."""
    try:
        program = lrdsl.parse(text)
        schedule = program.resolve(**strategies.RUN)
        schedule(0), schedule(5), schedule(10**9)
        assert lrdsl.parse(str(program)) == program
    except lrdsl.LrsError as error:
        assert error.diagnostics
        assert all(d.code in str(error) for d in error.diagnostics)


@strategies.MANY
@given(strategies.soups)
def test_words_in_any_order_give_a_program_or_a_refusal(text: str) -> None:
    attempt(text)


@strategies.MANY
@given(strategies.damaged())
def test_a_damaged_program_gives_a_program_or_a_refusal(text: str) -> None:
    attempt(text)


@strategies.MANY
@given(st.text() | st.text('()>=+-*/^,:[]%"#let0.19eprs \n'))
def test_any_text_gives_a_program_or_a_refusal(text: str) -> None:
    attempt(text)

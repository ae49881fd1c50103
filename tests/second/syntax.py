"""Reads a text into statements, by docs/reference/language.md and grammar/lrs.lark.

An expression is a tuple: its kind, then its parts. Nothing here knows a shape or a function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

Tree = tuple[Any, ...]

TOKEN = re.compile(
    r"""(?P<blank>(?:\s|\#[^\n]*)+)
    |(?P<number>\.?[0-9][\w.]*(?:(?<=[eE])[+-][0-9]\w*)?%?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<text>"[^"\n]*")
    |(?P<sign>>>|[=!<>]=|[-+*/^=,:()\[\]<>])""",
    re.VERBOSE,
)
RUN = re.compile(r"(?:\s|#[^\n]*\n)+(?:[0-9.][\w.]*%?|[A-Za-z_]\w*)\s*=(?!=)")
TARGET = re.compile(r'[ \t]*(?:\[(?:"[^"\n]*"|[^\]"\n])*\][ \t]*)?:')
SCALAR = re.compile(r"[ \t\r\n\f]+[A-Za-z_]\w*[ \t]*:")
NUMBER = re.compile(r"([0-9_]*\.?[0-9_]*)(?:[eE]([+-]?[0-9]+))?([kMB]?)(%|[A-Za-z_]\w*)?")
POWERS = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9}


class Refused(Exception):
    """The page refuses this text, or this text for this run."""


class Left(Exception):
    """This reading leaves that part of the language out."""


@dataclass
class Word:
    """One token. Its kind is ``number``, ``name``, ``callee``, ``target``, ``text`` or a sign."""

    kind: str
    text: str


class Parameter(NamedTuple):
    name: str
    kind: str | None
    default: Tree | None
    keyword: bool


class Definition(NamedTuple):
    name: str
    shape: bool
    parameters: tuple[Parameter, ...]
    guards: tuple[Tree, ...]
    body: Tree


class Target(NamedTuple):
    name: str
    selector: str | None
    scalar: bool
    body: Tree


class Statements(NamedTuple):
    lets: dict[str, Tree]
    params: dict[str, Tree]
    definitions: dict[str, Definition]
    run: list[tuple[Word, Tree]]
    targets: list[Target]


def words(text: str) -> list[Word]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Refused(f"no word of the language at {text[at : at + 10]!r}")
        kind, token, at = match.lastgroup or "", match.group(), match.end()
        if kind == "blank":
            continue
        if kind == "sign":
            kind = token
        elif kind == "name":
            kind = _kind_of_name(token, text, at)
        found.append(Word(kind, token))
    return [*found, Word("end", "")]


def _kind_of_name(name: str, text: str, at: int) -> str:
    if name in ("let", "param", "def", "shape", "where"):
        return name
    if name == "run" and RUN.match(text, at):
        return "run"
    if name == "scalar" and SCALAR.match(text, at):
        return "scalar"
    if TARGET.match(text, at):
        return "target"
    return "callee" if text[at : at + 1] == "(" else "name"


def literal(text: str) -> Tree:
    """A literal: its number, exactly, and its unit, which is "" for a plain number."""
    match = NUMBER.fullmatch(text)
    if match is None or not any(c.isdigit() for c in match.group(1)):
        raise Refused(f"no number: {text}")
    digits, exponent, power, unit = match.groups()
    value = Fraction(digits.replace("_", "")) * POWERS[power]
    return ("number", value * Fraction(10) ** int(exponent or 0), unit or "")


class Parser:
    """Recursive descent, one method for each row of the page's table of operators."""

    def __init__(self, text: str) -> None:
        self.words = words(text)
        self.at = 0

    @property
    def kind(self) -> str:
        return self.words[self.at].kind

    def take(self, *kinds: str) -> str:
        word = self.words[self.at]
        if word.kind not in kinds:
            raise Refused(f"{word.text!r} where {kinds} was expected")
        self.at += 1
        return word.text

    def taken(self, *kinds: str) -> str | None:
        return self.take(*kinds) if self.kind in kinds else None

    def statements(self) -> Statements:
        program = Statements({}, {}, {}, [], [])
        while self.kind != "end":
            self.statement(program)
        return program

    def statement(self, program: Statements) -> None:
        if self.kind in ("let", "param"):
            names = program.lets if self.take("let", "param") == "let" else program.params
            name = self.take("name")
            self.take("=")
            names[name] = self.expression()
        elif self.kind in ("def", "shape"):
            definition = self.definition()
            program.definitions[definition.name] = definition
        elif self.taken("run"):
            self.run_items(program)
        else:
            program.targets.append(self.target())

    def run_items(self, program: Statements) -> None:
        while True:
            word = self.words[self.at]
            self.take("name", "number")
            self.take("=")
            program.run.append((word, self.expression()))
            if not self.taken(","):
                return

    def target(self) -> Target:
        scalar = bool(self.taken("scalar"))
        if self.kind != "target":
            return Target("lr", None, False, self.expression())
        name, selector = self.take("target"), None
        if self.taken("["):
            selector = self.take("text", "number")
            if self.taken(","):
                self.take("name")
            self.take("]")
        self.take(":")
        return Target(name, selector, scalar, self.expression())

    def definition(self) -> Definition:
        shape = self.take("def", "shape") == "shape"
        name = self.take("callee")
        parameters = self.parameters()
        guards = []
        if self.taken("where"):
            guards.append(self.expression())
            while self.taken(","):
                guards.append(self.expression())
        self.take("=")
        return Definition(name, shape, tuple(parameters), tuple(guards), self.expression())

    def parameters(self) -> list[Parameter]:
        found: list[Parameter] = []
        keyword = False
        self.take("(")
        while self.kind != ")":
            if self.taken("*"):
                keyword = True
            else:
                found.append(self.parameter(keyword))
            if not self.taken(","):
                break
        self.take(")")
        return found

    def parameter(self, keyword: bool) -> Parameter:
        name, kind = self.take("name", "target"), None
        if self.taken(":"):
            if self.taken("["):
                kind = f"[{self.take('name')}]"
                self.take("]")
            else:
                kind = self.take("name")
        default = self.expression() if self.taken("=") else None
        return Parameter(name, kind, default, keyword)

    def expression(self) -> Tree:
        parts = [self.comparison()]
        while self.taken(">>"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else ("sequence", *parts)

    def comparison(self) -> Tree:
        tree = self.sum()
        while self.kind in ("<", ">", "<=", ">=", "==", "!="):
            if tree[0] == "binary" and tree[1] in ("<", ">", "<=", ">=", "==", "!="):
                raise Refused("a comparison does not chain")
            tree = ("binary", self.take(self.kind), tree, self.sum())
        return tree

    def sum(self) -> Tree:
        tree = self.product()
        while self.kind in ("+", "-"):
            tree = ("binary", self.take("+", "-"), tree, self.product())
        return tree

    def product(self) -> Tree:
        tree = self.unary()
        while self.kind in ("*", "/"):
            tree = ("binary", self.take("*", "/"), tree, self.unary())
        return tree

    def unary(self) -> Tree:
        if self.taken("-"):
            return ("negative", self.unary())
        tree = self.atom()
        return ("binary", "^", tree, self.unary()) if self.taken("^") else tree

    def atom(self) -> Tree:
        if self.kind == "number":
            return literal(self.take("number"))
        if self.kind == "name":
            return ("name", self.take("name"))
        if self.kind == "text":
            return ("text", self.take("text"))
        if self.kind == "callee":
            return ("call", self.take("callee"), self.arguments())
        if self.taken("["):
            items = []
            while self.kind != "]":
                items.append(self.expression())
                if not self.taken(","):
                    break
            self.take("]")
            return ("items", *items)
        self.take("(")
        tree = self.expression()
        self.take(")")
        # A comparison in parentheses may stand in another one; a group is otherwise its content.
        return ("group", tree) if tree[0] == "binary" else tree

    def arguments(self) -> tuple[tuple[str | None, Tree], ...]:
        found: list[tuple[str | None, Tree]] = []
        self.take("(")
        while self.kind != ")":
            name = None
            if self.kind == "name" and self.words[self.at + 1].kind == "=":
                name = self.take("name")
                self.take("=")
            found.append((name, self.expression()))
            if not self.taken(","):
                break
        self.take(")")
        return tuple(found)


def read(text: str) -> Statements:
    return Parser(text).statements()

"""Interpolations that a config resolves itself: they come to what OmegaConf makes of them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

import lrdsl
from lrdsl.configs import config_file, interpolations
from lrdsl.configs.config_file import Node, Scalar
from lrdsl.configs.lookup import paths
from lrdsl.text.source import Source


def resolved(text: str) -> list[Node]:
    roots = config_file.read(Source("a.yaml", text))
    interpolations.resolve(roots)
    return roots


def scalars(text: str) -> dict[str, str]:
    return {path: scalar.text for path, scalar in paths(resolved(text))}


def plain(value: Any, path: str = "") -> dict[str, Any]:
    """The values of nested mappings and lists by their keys."""
    if not isinstance(value, dict | list):
        return {path: value}
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[str, Any] = {}
    for key, inner in pairs:
        found |= plain(inner, f"{path}.{key}".lstrip("."))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "a: 5\nb: ${a}\n",
        "a: 5\nb: ${a}ep and ${a}\n",
        "train: {epochs: 90, warm: 5}\ns: warmup(${train.warm}ep) >> cosine(${train.epochs}ep)\n",
        "o: {n: 9, s: 'cosine(${.n}ep)', in: {s: '${..n}', t: {u: 'x${...n}'}}}\n",
        "a: [1, 2, {b: 7}]\nx: ${a.1}\ny: ${a[2].b}\nz: ${a[0]}st\n",
        "l: [1, '${.0}', '${l[0]}']\n",
        "a: ${b}\nb: ${c}\nc: x${d}\nd: 0.5\n",
        "which: big\nbig: 10\nsmall: 1\nn: ${${which}}\nm: is ${${which}}\n",
        "sizes: {big: {n: 4}}\nwhich: big\nn: ${sizes.${which}.n}\n",
        "p: {peak: 0.4, warm: 5ep}\nparams: ${p}\nq: ${params.peak}\n",
        "a: &x {n: 3}\nb: {<<: *x, s: '${b.n}'}\n",
        "a: 2.5e-3\nb: ${a}\nc: ${a}\nd: ${ a }\n",
        "a: 0.5\nb: '${a} ${a}${a}'\n",
        "a: {b-c: 3, d e: 4}\nx: ${a.b-c}\n",
    ],
)
def test_what_a_config_resolves_is_what_omegaconf_makes_of_it(text: str) -> None:
    wanted = plain(OmegaConf.to_container(OmegaConf.create(text), resolve=True))
    found = {path: yaml.safe_load(value) for path, value in scalars(text).items()}
    assert not any("${" in str(value) for value in found.values())
    for path, value in found.items():
        assert wanted[path] == value or float(wanted[path]) == float(value)
    # What a text is made of is put in as it is spelled.
    assert found.keys() <= wanted.keys()


@pytest.mark.parametrize(
    "spelling",
    ["5.", "-5.", "+5", "-5", "+0.5", "+5.0e-1", ".5", "-.5", "5.e-3", "1_000", "1_0.5", "1.50",
     "0", "0.0", "-0.0", "1.0e-5", "1.0e+20", "100000000000000000000", "100000000000000000000.0",
     "'5.'"],
)  # fmt: skip
def test_a_number_inside_a_text_is_spelled_as_omegaconf_does(spelling: str) -> None:
    text = f"p: {spelling}\ns: linear(10, ${{p}})\n"
    found = scalars(text)["s"]
    assert found == OmegaConf.create(text).s
    if not spelling.startswith("'"):
        assert repr(lrdsl.parse(found))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("b: ${a}\n", "b"),
        ("b: ${a.b}\na: 5\n", "b"),
        ("a: ${b}\nb: ${a}\n", "a"),
        ("a: x${a}\n", "a"),
        ("a: ???\nb: ${a}\n", "b"),
        ("a: ???\nb: x${a}\n", "b"),
        ("o: {x: '${....a}'}\na: 5\n", "o.x"),
    ],
)
def test_what_omegaconf_cannot_resolve_is_left(text: str, path: str) -> None:
    assert scalars(text)[path] == plain(yaml.safe_load(text))[path]
    with pytest.raises(OmegaConfBaseException):
        OmegaConf.to_container(OmegaConf.create(text), resolve=True, throw_on_missing=True)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("b: ${oc.env:USER}\n", "b"),
        ("n: 1\nb: ${n}${oc.env:USER}\n", "b"),
        ("n: 1\nb: \\${n}\n", "b"),
        ("b: x${c}\nc: {d: 1}\n", "b"),
        ("n: true\nb: x${n}\n", "b"),
        ("n: 0x10\nb: x${n}\n", "b"),
        ("n: 'a}b'\nb: ${${n}}\n", "b"),
        # One table with two around it: OmegaConf makes two tables of it.
        ("u: {k: 1, t: &t {x: '${..k}'}}\nv: {k: 2, t: *t}\n", "u.t.x"),
        # A table that another one merges: in OmegaConf each has values of its own.
        ("u: &u {n: 7, s: 'linear(${.n})'}\ntwo: {<<: *u, n: 9}\n", "u.s"),
        ("u: &u {n: 7, s: '${.n}'}\ntwo: {<<: [*u], n: 9}\n", "u.s"),
        ("u: &u {n: 7, t: {s: '${..n}'}}\ntwo: {<<: *u, n: 9}\n", "u.t.s"),
        ("u: &u {n: 7, s: '${.n}'}\nv: &v {<<: *u}\ntwo: {<<: *v, n: 9}\n", "u.s"),
        ("k: 1\nu: &u {s: '${..k}'}\nv: {k: 2, two: {<<: *u}}\n", "u.s"),
    ],
)
def test_what_only_omegaconf_can_tell_is_left(text: str, path: str) -> None:
    assert scalars(text)[path] == plain(yaml.safe_load(text))[path]


def test_each_character_knows_its_place() -> None:
    text = "n: 90\nm: 5\ns: a${m}b${n}c\n"
    (root,) = resolved(text)
    assert isinstance(root, config_file.Table)
    scalar = root.items[2][1]
    assert isinstance(scalar, Scalar)
    told = scalar.embedded()
    assert told.text == "a5b90c"
    pieces = [text[i:j] for i, j in zip(told.starts, told.stops, strict=False)]
    assert pieces == ["a", "${m}", "b", "${n}", "${n}", "c"]
    assert told.starts[-1] == len(text) - 1
    # A value that is all of one is at the place of the other.
    (root,) = resolved("n: 90\ns: ${n}\n")
    assert isinstance(root, config_file.Table)
    assert root.items[1][1] is root.items[0][1]


def test_texts_that_grow_are_left() -> None:
    lines = ["a0: xxxxxxxxxx", *(f"a{i + 1}: " + f"${{a{i}}}" * 10 for i in range(12))]
    found = scalars("\n".join(lines))
    assert sum(map(len, found.values())) < 2e7
    assert "${" in found["a12"]
    chain = "\n".join(["a0: 1", *(f"a{i + 1}: ${{a{i}}}" for i in range(5000))])
    assert scalars(chain)["a1"] == "1"

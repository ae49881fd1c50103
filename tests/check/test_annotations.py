"""What parameters take: what their annotations say, and otherwise their defaults."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.check.kinds import ANNOTATIONS

# A parameter, and what it takes, in a shape and in a def.
KINDS = {
    "x": ("number", "any"),
    "x = 1": ("number", "any"),
    "x = base / 10": ("number", "any"),
    "x = prev": ("number", "any"),
    "x = pi": ("number", "any"),
    "x = one": ("number", "any"),
    "x = sqrt(2)": ("number", "any"),
    "x = -1": ("number", "any"),
    "x = true": ("truth", "truth"),
    "x = false": ("truth", "truth"),
    "x = 1 < 2": ("truth", "truth"),
    "x = half_cosine": ("function", "function"),
    "x = sqrt": ("function", "function"),
    "x = own": ("function", "function"),
    "x = [1, 2]": ("[number]", "[number]"),
    "x = [-1, base]": ("[number]", "[number]"),
    "x = []": ("[number]", "[number]"),
    "x = [5ep, 9]": ("[steps]", "[steps]"),
    "x = [9, 2 * 5ep]": ("[steps]", "[steps]"),
    "x = 5ep": ("steps", "steps"),
    "x = 10%": ("steps", "steps"),
    "x = 5ep + 10": ("steps", "steps"),
    "x = -(5st)": ("steps", "steps"),
    "x = rest": ("steps", "any"),
    "x: function": ("function", "function"),
    "x: truth = 1 < 2": ("truth", "truth"),
    "x: [number]": ("[number]", "[number]"),
    "x: [steps]": ("[steps]", "[steps]"),
    "x: number = 1": ("number", "number"),
    # A parameter is no function, whatever else is called so.
    "sqrt, x = sqrt": ("number", "any"),
}
# A value of each kind, and what else takes it.
VALUES = {
    "number": ("2", {"steps"}),
    "[number]": ("[1, 2]", {"[steps]"}),
    "steps": ("5st", set()),
    "[steps]": ("[5st]", set()),
    "truth": ("1 < 2", set()),
    "function": ("sqrt", set()),
    "schedule": ("const(5)", set()),
}


def takes(definition: str, value: str) -> bool:
    """Whether `f` takes a value for its parameter `x`."""
    given = "f(1, x = {})" if "(sqrt" in definition else "f(x = {})"
    text = f"let one = 1\ndef own(x) = x\n{definition}\nlet found = {given}\nconst(5)"
    try:
        lrdsl.parse(text.format(value))
    except lrdsl.LrsError as error:
        (found,) = error.diagnostics
        assert found.code in {"LRS301", "LRS304"}, found
        return False
    return True


def wanted(kind: str, given: str) -> bool:
    return kind in {"any", given} or kind in VALUES[given][1]


@pytest.mark.parametrize("parameter", KINDS)
@pytest.mark.parametrize("given", VALUES)
def test_what_a_parameter_takes(parameter: str, given: str) -> None:
    value, _ = VALUES[given]
    in_a_shape, in_a_def = KINDS[parameter]
    assert takes(f"shape f({parameter}, length: steps = 5) = t", value) == wanted(in_a_shape, given)
    assert takes(f"def f({parameter}) = 1", value) == wanted(in_a_def, given)


def test_every_annotation_has_a_value_here() -> None:
    assert set(VALUES) == set(ANNOTATIONS)


FORMULAS = {
    "a number": ("x: number", "x", "3", 3.0),
    "steps": ("x: steps", "x", "2ep", 20.0),
    "a list of numbers": ("x: [number]", "pick(x, 1)", "[1, 4]", 4.0),
    "a list of steps": ("x: [steps]", "last(x)", "[1, 2ep]", 20.0),
    "a condition": ("x: truth", "if(x, 1, 2)", "2 < 1", 2.0),
    "a function": ("x: function", "x(9)", "sqrt", 3.0),
    "by its default": ("x = [1ep, 2ep]", "last(x)", "[3, 4]", 4.0),
    "its default": ("x = [1ep, 2ep]", "last(x)", "", 20.0),
}


@pytest.mark.parametrize("case", FORMULAS)
def test_what_a_parameter_is_in_a_formula(case: str) -> None:
    parameter, formula, value, found = FORMULAS[case]
    given = f", x = {value}" if value else ""
    text = f"shape f({parameter}, *, length: steps = rest) = {formula}\nf(length = 5{given})"
    assert lrdsl.parse(text).resolve(steps_per_epoch=10)(0) == found


def test_what_proposes_an_annotation_is_mended_by_it() -> None:
    text = "shape f(length: steps, g, xs) = g(pick(xs, 0))\nf(5, sqrt, [9])"
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("LRS210", "g")
    assert found.help == "to take a function, write `g: function`"
    mended = text.replace("g,", "g: function,", 1)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(mended)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("LRS301", "[9]")
    assert found.help == "for a list, write `xs: [number]` in the definition"
    assert lrdsl.parse(mended.replace("xs)", "xs: [number])", 1)).resolve()(0) == 3.0


def test_a_shape_that_is_wrong_in_itself_is_reported_once() -> None:
    text = "shape f(length: steps, g) = g(u)\nf(5, sqrt) >> f(5, 1) >> f(5)"
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    assert [d.code for d in caught.value.diagnostics] == ["LRS210"]


@pytest.mark.parametrize("length", ["length", "length = 9", "length: steps"])
def test_the_length_of_a_shape_is_a_length(length: str) -> None:
    text = f"shape f({length}) = length * 2\nf(2ep)"
    schedule = lrdsl.parse(text).resolve(steps_per_epoch=10)
    assert (schedule.length, schedule(0)) == (20, 40.0)


@pytest.mark.parametrize(
    ("length", "code"),
    [("length: number", "LRS301"), ("length: [steps]", "LRS301"), ("length: step", "LRS211")],
)
def test_the_length_of_a_shape_is_nothing_else(length: str, code: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(f"shape f({length}) = u\nf(5)")
    assert [d.code for d in caught.value.diagnostics] == [code]

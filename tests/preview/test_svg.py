from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrdsl.preview import Unit, View, svg, window
from lrdsl.preview.panel import COLORS
from lrdsl.preview.svg import INK, TOLERANCE
from lrdsl.preview.trace import Point, simplified
from tests.preview.conftest import MakeCurve

D2L = "warmup(5) >> cosine(15, 0.3, 0.01) >> const"
AGAIN = "warmup(5) >> cosine(15, 0.1 + 0.2, 0.01) >> const"
GITHUB_DARK = "#0d1117"


def texts(picture: str) -> list[str]:
    return [
        element.text or ""
        for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    ]


def lines(picture: str) -> list[list[Point]]:
    """The corners of the curves."""
    found = []
    for path in re.findall(r'stroke-width="2" stroke-linejoin="round".* d="M(.*)"', picture):
        numbers = [float(word) for word in path.split()]
        found.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return found


def test_a_picture_says_what_it_is_and_names_axes_and_parts(curve: MakeCurve) -> None:
    shown = [curve(D2L)]
    picture = svg(shown, window(shown))
    root = ElementTree.fromstring(picture)
    assert (root.tag, root.get("role")) == ("{http://www.w3.org/2000/svg}svg", "img")
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == D2L
    assert {"rate", "step", "warmup", "cosine", "const", "0", "5", "20", "0.3"} <= {*texts(picture)}
    # No style sheet: in a notebook it would be that of the whole page. No background.
    assert "<style" not in picture
    assert "<rect" not in picture
    assert len(picture) < 1500


def contrast(a: str, b: str) -> float:
    """The contrast of two colors, as WCAG 2 has it."""

    def luminance(color: str) -> float:
        parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        red, green, blue = (
            x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", GITHUB_DARK])
def test_every_color_is_readable_on_light_and_on_dark(page: str) -> None:
    # No color can have more than 4.36 on both; WCAG asks for 3 of a line.
    assert contrast(INK, page) > 4.3
    assert min(contrast(color, page) for color in COLORS) > 3.5


@pytest.mark.parametrize(
    ("text", "run", "jumps"),
    [
        ("const(10, 0.3) >> const(10, 0.1) >> const(10, 0.2)", {}, 2),
        ("multistep([30ep, 60ep], 0.1, length = 90ep, start = 0.1)", {"steps_per_epoch": 1251}, 2),
        ("repeat(cosine(10ep, 0.1, 0.01), 4)", {"steps_per_epoch": 1251}, 3),
        ("step(7919, 0.5, length = 100_000, start = 1)", {}, 12),
    ],
)
def test_jumps_are_upright(curve: MakeCurve, text: str, run: dict[str, int], jumps: int) -> None:
    shown = [curve(text, **run)]
    (line,) = lines(svg(shown, window(shown)))
    steps = [(b[0] - a[0], abs(b[1] - a[1])) for a, b in itertools.pairwise(line)]
    upright = [rise for run_, rise in steps if run_ == 0]
    assert len(upright) >= jumps - 3  # the lowest stairs are lower than a tenth of a pixel
    assert all(rise < 25 * run_ for run_, rise in steps if run_ > 0)


corners = st.lists(st.tuples(st.integers(0, 600), st.floats(0, 200)), min_size=2, max_size=60).map(
    lambda found: [(float(x), y) for x, y in sorted(found, key=lambda corner: corner[0])]
)


@given(corners, st.sampled_from([0.1, TOLERANCE, 5.0]))
def test_no_corner_is_further_than_the_tolerance(line: list[Point], tolerance: float) -> None:
    kept = simplified(line, tolerance)
    assert [kept[0], kept[-1]] == [line[0], line[-1]]
    assert set(kept) <= set(line)
    for corner in line:
        distances = [distance(corner, a, b) for a, b in itertools.pairwise(kept)]
        assert min(distances) <= tolerance + 1e-9
    upright = {(a, b) for a, b in itertools.pairwise(line) if a[0] == b[0]}
    assert upright <= set(itertools.pairwise(kept))


def distance(point: Point, a: Point, b: Point) -> float:
    """How far a point is from a stretch."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length if length else 0.0
    along = min(max(along, 0.0), 1.0)
    return float(((point[0] - a[0] - along * dx) ** 2 + (point[1] - a[1] - along * dy) ** 2) ** 0.5)


def test_few_corners_are_enough(curve: MakeCurve) -> None:
    shown = [curve("warmup(500) >> cosine(149500, 0.3)")]
    (line,) = lines(svg(shown, window(shown)))
    assert len(line) < 30


def test_several_curves_have_a_legend_and_their_boundaries_their_color(curve: MakeCurve) -> None:
    shown = [curve(D2L), curve("warmup(5) >> linear(9)", base=0.2), curve(AGAIN, label="again")]
    picture = svg(shown, window(shown))
    assert {
        f"{D2L}: warmup, cosine from 5, const from 20",
        "warmup(5) >> linear(9) (base 0.2): warmup, linear from 5",
        f"again: the same curve as {D2L}",
    } <= {*texts(picture)}
    assert len(lines(picture)) == 2
    assert f'<path stroke="{COLORS[1]}" stroke-dasharray="3 3"' in picture


def test_a_single_curve_says_what_base_it_was_drawn_for(curve: MakeCurve) -> None:
    shown = [curve("linear(20)", base=0.2)]
    assert "for a base of 0.2" in texts(svg(shown, window(shown)))
    absolute = [curve("linear(20, 0.3)")]
    assert not any("base" in text for text in texts(svg(absolute, window(absolute))))


def test_a_unit_has_the_steps_beside_it(curve: MakeCurve) -> None:
    shown = [curve("warmup(5ep) >> linear(85ep, 0.3)", steps_per_epoch=1251)]
    found = texts(svg(shown, window(shown, unit=Unit("ep", 1251))))
    assert {"5ep", "6,255", "90ep", "112,590", "step"} <= {*found}
    found = texts(svg(shown, window(shown, unit=Unit("ep", 1251, is_assumed=True))))
    assert {"5ep", "90ep"} <= {*found}
    assert not {"6,255", "step"} & {*found}


@pytest.mark.parametrize("label", ["a < b & c", "</svg><script>", "学习率", "a\nb\x00", "z" * 500])
def test_labels_are_made_fit(curve: MakeCurve, label: str) -> None:
    shown = [curve(D2L, label=label), curve("const(20, 0.1)")]
    root = ElementTree.fromstring(svg(shown, window(shown)))
    assert not list(root.iter("script"))


@pytest.mark.parametrize("text", ["const(value = 0)", "const(1, 0.1)", "cosine(3, 1e-300)"])
def test_flat_and_tiny_curves(curve: MakeCurve, text: str) -> None:
    for steps in (range(1), range(2), range(5, 6)):
        picture = svg([curve(text)], View(steps))
        assert ElementTree.fromstring(picture) is not None
        assert "nan" not in picture

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from xml.etree import ElementTree

import matplotlib
import matplotlib.image
import pytest

from lrdsl.preview import FORMATS, Curve, View, write
from lrdsl.preview.export import JSON_POINTS, write_csv
from lrdsl.preview.figure import DPI, SIZE, draw
from tests.preview.conftest import MakeCurve

D2L = "warmup(5) >> cosine(15, 0.3, 0.01) >> const"


def test_png_is_a_picture_of_the_right_size(curve: MakeCurve, tmp_path: Path) -> None:
    write(tmp_path / "a.png", [curve(D2L)], View(range(22)))
    pixels = matplotlib.image.imread(tmp_path / "a.png")
    assert pixels.shape[:2] == (SIZE[1] * DPI, SIZE[0] * DPI)
    assert (pixels[0, 0, :3] == 1).all()
    colored = (pixels[..., :3].max(axis=2) - pixels[..., :3].min(axis=2)) > 0.3
    # The curve crosses nearly the whole plot, from top to bottom.
    assert colored.any(axis=0).mean() > 0.85
    assert colored.any(axis=1).mean() > 0.75


def test_svg_is_xml_and_the_same_every_time(curve: MakeCurve, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    write(path, [curve(D2L)], View(range(22)))
    first = path.read_bytes()
    assert ElementTree.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"
    assert b"dc:date" not in first
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 20, "svg.hashsalt": "x"}):
        write(path, [curve(D2L)], View(range(22)))
    assert path.read_bytes() == first


def test_figure_names_axes_and_parts(curve: MakeCurve) -> None:
    (axes,) = draw([curve(D2L)], View(range(22))).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "rate")
    assert [text.get_text() for text in axes.texts] == ["warmup", "cosine", "const"]
    _, *edges = axes.lines
    assert [list(edge.get_xdata()) for edge in edges] == [[5 / 21] * 2, [20 / 21] * 2]  # type: ignore[arg-type]
    assert axes.get_xlim() == (0, 1)


def test_figure_has_a_legend_for_several_curves_only(curve: MakeCurve) -> None:
    labels = ["_first", "$x$ > 学", "z" * 500] + [f"run{k}" for k in range(30)]
    assert not draw([curve(D2L)], View(range(22))).legends
    curves = [curve(f"const(20, {k + 1})", label=label) for k, label in enumerate(labels)]
    (legend,) = draw(curves, View(range(22))).legends
    shown = [text.get_text() for text in legend.get_texts()]
    assert shown[:2] == labels[:2]
    assert shown[3:] == labels[3:]
    assert len(shown[2]) < 120


def test_odd_labels_raise_no_warnings(curve: MakeCurve, tmp_path: Path) -> None:
    labels = ["_first", "$x^{", "学习率", "a\nb", "z" * 500]
    for name in ("a.png", "a.svg"):
        write(tmp_path / name, [curve(D2L, label=label) for label in labels], View(range(22)))


@pytest.mark.parametrize("text", ["const(value = 0)", "const(1, 0.1)", "cosine(3, 1e-300)"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_flat_and_tiny_curves(curve: MakeCurve, tmp_path: Path, text: str, suffix: str) -> None:
    write(tmp_path / f"a{suffix}", [curve(text)], View(range(1)))
    assert (tmp_path / f"a{suffix}").stat().st_size > 10


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_csv_reads_back_exactly(curve: MakeCurve, tmp_path: Path) -> None:
    shown = curve("warmup(300) >> cosine(2700, 1 / 3, 1e-7)")
    write(tmp_path / "a.csv", [shown], View(range(3001)))
    head, *body = rows(tmp_path / "a.csv")
    assert head == ["step", "lr"]
    assert [(int(step), float(rate)) for step, rate in body] == [
        (step, shown(step)) for step in range(3001)
    ]


def test_csv_of_several_curves(curve: MakeCurve, tmp_path: Path) -> None:
    curves = [curve("cosine(5, 1)", label='a, "b"'), curve("linear(5, 1)", label="c")]
    write(tmp_path / "a.csv", curves, View(range(6)))
    head, *body = rows(tmp_path / "a.csv")
    assert head == ["step", 'a, "b"', "c"]
    assert [[float(cell) for cell in row] for row in body] == [
        [t, curves[0](t), curves[1](t)] for t in range(6)
    ]


class Stub:
    """A schedule that fails at one step and never gives a whole curve at once."""

    length = 10.0

    def __init__(self, fails_at: int) -> None:
        self.fails_at = fails_at

    def __call__(self, t: int, *, base: float = 1.0, factors: None = None) -> float:
        if t == self.fails_at:
            raise RuntimeError("no rate here")
        return base / (t + 1)

    def values(self, n: int, *, base: float = 1.0) -> NoReturn:
        raise AssertionError("the whole curve at once")

    def parts_at(self, base: float) -> tuple[()]:
        return ()


def stub(fails_at: int = -1) -> Curve:
    schedule: Any = Stub(fails_at)
    return Curve("stub", schedule, 1.0)


def test_csv_is_streamed() -> None:
    class Watched(io.BytesIO):
        written_at_once = 0

        def write(self, data: Any) -> int:
            self.written_at_once = max(self.written_at_once, len(data))
            return super().write(data)

    stream = Watched()
    write_csv(stream, [stub()], View(range(20_000)))
    assert len(stream.getvalue()) > 20 * stream.written_at_once > 0


def strict(text: str) -> Any:
    def refuse(name: str) -> NoReturn:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_reads_back_exactly(curve: MakeCurve, tmp_path: Path) -> None:
    shown = curve("warmup(5ep) >> cosine(15ep, 1 / 3, 0.01) >> const", "x", 0.5, steps_per_epoch=2)
    write(tmp_path / "a.json", [shown], View(range(44)))
    found = strict((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert found["version"] == 1
    (only,) = found["curves"]
    assert (only["label"], only["base"]) == ("x", 0.5)
    assert only["steps"] == list(range(44))
    assert only["values"] == [shown(step) for step in range(44)]
    assert only["parts"][1:] == [
        {
            "name": "cosine",
            "first": 10,
            "length": 30,
            "start": 1 / 3,
            "end": 0.01,
            "source_length": "15ep",
        },
        {
            "name": "const",
            "first": 40,
            "length": None,
            "start": 0.01,
            "end": None,
            "source_length": None,
        },
    ]


def test_json_of_a_long_run_is_a_sample(curve: MakeCurve, tmp_path: Path) -> None:
    shown = [curve("const(5%, 1) >> const(rest, 0.5)", total=10**8), curve("const")]
    write(tmp_path / "a.json", shown, View(range(10**8)))
    first, second = strict((tmp_path / "a.json").read_text(encoding="utf-8"))["curves"]
    assert len(first["steps"]) == len(first["values"]) == len(second["steps"]) == JSON_POINTS
    at = first["steps"].index(5_000_000)
    assert first["steps"][at - 1] == 4_999_999
    assert first["values"][at - 1 : at + 1] == [1.0, 0.5]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_failed_write_leaves_everything_as_it_was(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text("before", encoding="utf-8")
    # One more step than a CSV writer buffers.
    curves, n = [stub(fails_at=5000)], 5001
    if suffix in (".png", ".svg"):
        curves, n = [stub(fails_at=0)], 10**6
    with pytest.raises(RuntimeError, match="no rate here"):
        write(path, curves, View(range(n)))
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_json_refuses_what_it_cannot_say(tmp_path: Path) -> None:
    schedule: Any = Stub(-1)
    with pytest.raises(ValueError, match="JSON"):
        write(tmp_path / "a.json", [Curve("x", schedule, float("inf"))], View(range(3)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.jpg", "a", "png", "a.csv.gz"])
def test_unknown_suffixes_name_the_known_ones(curve: MakeCurve, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.csv or \.json"):
        write(tmp_path / name, [curve(D2L)], View(range(22)))


def test_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one curve"):
        write(tmp_path / "a.csv", [], View(range(10)))


def test_capital_suffixes_links_and_text_paths(curve: MakeCurve, tmp_path: Path) -> None:
    target, link = tmp_path / "real.CSV", tmp_path / "link.csv"
    target.write_text("before", encoding="utf-8")
    link.symlink_to(target)
    write(str(link), [curve(D2L)], View(range(3)))
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("step,lr\n0,0.0\n")


def test_a_missing_folder_is_the_systems_error(curve: MakeCurve, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "none" / "a.csv", [curve(D2L)], View(range(3)))


def test_a_format_is_one_entry(
    curve: MakeCurve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_count(stream: BinaryIO, curves: Any, view: View) -> None:
        stream.write(b"%d" % len(view.steps))

    monkeypatch.setitem(FORMATS, ".count", write_count)
    write(tmp_path / "a.count", [curve(D2L)], View(range(22)))
    assert (tmp_path / "a.count").read_bytes() == b"22"


HEAVY = ("numpy", "matplotlib", "plotext", "torch")


def loaded(code: str) -> set[str]:
    code += "\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_nothing_heavy() -> None:
    modules = sorted(
        f"lrdsl.preview.{path.stem}"
        for path in Path(sys.modules["lrdsl.preview"].__path__[0]).glob("*.py")
        if path.stem != "__init__"
    )
    assert len(modules) >= 6
    assert loaded(f"import {', '.join(modules)}").isdisjoint(HEAVY)


def test_pictures_are_drawn_without_pyplot(tmp_path: Path) -> None:
    code = f"""
import lrdsl
from lrdsl.preview import Curve, View, write
write({str(tmp_path / "a.png")!r}, [Curve("x", lrdsl.parse({D2L!r}).resolve())], View(range(22)))
"""
    found = loaded(code)
    assert "matplotlib.figure" in found
    assert "matplotlib.pyplot" not in found

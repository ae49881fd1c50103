"""The page of ``lrdsl serve`` in a real browser: seen, pointed at, and used by keys alone."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.preview.units import Unit
from lrdsl.wording import number, short_count
from tests.serve.conftest import Serve, Site
from tools import browser
from tools.browser import Tab

pytestmark = pytest.mark.skipif(
    browser.path() is None,
    reason="no Chromium here: install one, or say where it is by LRDSL_CHROMIUM",
)
BUTTON = (
    '(name) => [...document.querySelectorAll("button")].find((one) => one.textContent === name)'
)
DRAWN = 'document.querySelector(".plot path.line")'
TWO = "param peak = 0.4\nparam decay = 20\nwarmup(5) >> cosine(decay, peak)\n"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser.opened(tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


class Shown:
    """A page that is open, and what can be asked of it."""

    def __init__(self, tab: Tab, site: Site) -> None:
        self.tab = tab
        self.site = site

    def text(self, selector: str) -> str:
        return str(self.tab.run(f"document.querySelector({json.dumps(selector)}).textContent"))

    def texts(self, selector: str) -> list[str]:
        return list(
            self.tab.run(
                f"[...document.querySelectorAll({json.dumps(selector)})].map((x) => x.textContent)"
            )
        )

    def said(self) -> str:
        """What a screen reader says of the chart."""
        script = 'document.querySelector(".plot").getAttribute("aria-valuetext")'
        return str(self.tab.run(script))

    def click(self, name: str) -> None:
        """Clicks on the button of a name."""
        self.tab.run(f"({BUTTON})({json.dumps(name)}).click()")

    def box(self, selector: str) -> dict[str, float]:
        script = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()"
        return dict(self.tab.run(script))

    def line(self, which: str = "") -> str:
        return str(
            self.tab.run(f'document.querySelector(".plot path.line{which}").getAttribute("d")')
        )


@pytest.fixture
def shown(chromium: Tab, serve: Serve, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Opens the page for some files, and finds at its end that nothing went wrong in it."""
    tab = chromium
    sites: list[Site] = []

    def show(*files: Path, width: int = 1280, dark: bool = False, **known: Any) -> Shown:
        site = serve(*files, **known)
        sites.append(site)
        tab.problems.clear()
        tab.requests.clear()
        tab.size(width, 900, dark=dark)
        tab.open(f"http://127.0.0.1:{site.port}/")
        tab.wait(DRAWN)
        return Shown(tab, site)

    yield show
    assert tab.problems == []
    own = tuple(f"http://127.0.0.1:{site.port}/" for site in sites)
    assert [url for url in tab.requests if not url.startswith((*own, "data:"))] == []
    tab.open("about:blank")
    tab.wait('location.href === "about:blank"')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.lrs"
    path.write_text(TWO, encoding="utf-8")
    return path


def test_what_is_shown(shown: Any, file: Path) -> None:
    page = shown(file)
    assert page.text("#cards h2") == "one.lrs"
    assert page.text(".badge") == "no problems"
    rows = [row.split("|") for row in page.tab.run(
        '[...document.querySelectorAll(".parts tbody tr")]'
        '.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("|"))'
    )]  # fmt: skip
    assert rows == [
        ["warmup", "step 0", "5 steps", "0 → 0.4"],
        ["cosine", "step 5", "20 steps", "0.4 → 0"],
    ]
    assert "".join(page.texts(".text-line")) == TWO
    assert page.texts(".plot text.part") == ["warmup", "cosine"]
    assert page.tab.run("document.title") == "one.lrs · lrdsl"


def test_it_follows_the_file(shown: Any, file: Path) -> None:
    page = shown(file)
    times = []
    for k in range(5):
        start = time.perf_counter()
        file.write_text(TWO.replace("0.4", f"0.{k + 5}"), encoding="utf-8")
        page.tab.wait(f'document.querySelector(".listing").textContent.includes("0.{k + 5}")')
        times.append(time.perf_counter() - start)
    # Printed, and deciding nothing: what a machine has to do besides is not known here.
    print(f"\nsaved to shown: {', '.join(f'{1000 * t:.0f}' for t in times)} ms")  # noqa: T201


def test_a_text_with_errors_keeps_its_curve_faded(shown: Any, file: Path) -> None:
    page = shown(file)
    before = page.line()
    file.write_text(TWO.replace("cosine", "cosin"), encoding="utf-8")
    page.tab.wait('document.querySelector(".findings .error")')
    assert page.text(".findings .error").startswith("Error in line 3: ")
    assert page.text(".code .error") == "cosin"
    assert page.line(".dimmed") == before
    assert page.text(".badge") == "1 error"
    assert page.text(".chart-note") == "Faded: the last curve without errors."
    file.unlink()
    page.tab.wait('!document.querySelector(".card .message").hidden')
    assert page.text(".card .message").startswith(f"There is no {file} any more")
    assert page.line(".dimmed") == before
    file.write_text(TWO, encoding="utf-8")
    page.tab.wait('document.querySelector(".badge.fine")')
    assert page.line(":not(.dimmed)") == before


def test_the_pointer_reads_values(shown: Any, file: Path) -> None:
    page = shown(file)
    box = page.box(".plot")
    schedule = lrdsl.parse(TWO).resolve()
    for share in (0.2, 0.5, 0.9):
        page.tab.mouse("mouseMoved", box["x"] + share * box["width"], box["y"] + 150)
        said = page.tab.run('document.querySelector(".plot").getAttribute("aria-valuetext")')
        step, value, part = said.removeprefix("step ").replace(": ", ", ").split(", ")
        assert value == number(schedule(int(step)))
        assert part == ("warmup" if int(step) < 5 else "cosine")
        assert page.text(".tip p") == f"step {step}"
        assert page.text(".tip .value") == value


def test_keys_read_and_zoom(shown: Any, file: Path) -> None:
    page = shown(file)
    page.tab.run('document.querySelector(".plot").focus()')
    page.tab.key("Home")
    assert page.said() == "step 0: 0, warmup"
    for _ in range(5):
        page.tab.key("ArrowRight")
    assert page.said() == "step 5: 0.4, cosine"
    page.tab.key("End")
    assert page.said() == "step 25: 0, cosine"
    whole = page.line()
    page.tab.key("+")
    assert page.line() != whole
    page.tab.key("0")
    assert page.line() == whole


def test_zoom_by_the_mouse(shown: Any, file: Path) -> None:
    file.write_text("repeat(cosine(100, 0.4, 0.1), 1000)\n", encoding="utf-8")
    page = shown(file)
    tab, box = page.tab, page.box(".plot")
    whole = page.line()
    middle = box["y"] + 150
    tab.mouse("mousePressed", box["x"] + 300, middle, button="left", clickCount=1)
    tab.mouse("mouseMoved", box["x"] + 305, middle, button="left", buttons=1)
    tab.mouse("mouseMoved", box["x"] + 309, middle, button="left", buttons=1)
    tab.mouse("mouseReleased", box["x"] + 309, middle, button="left", clickCount=1)
    assert page.line() != whole
    # What a thousand points of all cannot show is asked for: every cycle of 100 steps.
    tab.wait('document.querySelector(".plot path.line").getAttribute("d").length > 8000')
    tab.mouse("mousePressed", box["x"] + 300, middle, button="left", clickCount=1)
    tab.mouse("mouseReleased", box["x"] + 300, middle, button="left", clickCount=1)
    tab.mouse("mousePressed", box["x"] + 300, middle, button="left", clickCount=2)
    tab.mouse("mouseReleased", box["x"] + 300, middle, button="left", clickCount=2)
    assert page.line() == whole
    tab.mouse("mouseWheel", box["x"] + 300, middle, deltaX=0, deltaY=-120)
    tab.wait(f'document.querySelector(".plot path.line").getAttribute("d") !== {json.dumps(whole)}')
    page.click("Show all")
    assert page.line() == whole


def test_a_logarithmic_axis(shown: Any, file: Path) -> None:
    file.write_text("exponential(0.5, length = 20, start = 1)\n", encoding="utf-8")
    page = shown(file)
    button = f'({BUTTON})("Log axis")'
    # Six decades: it is chosen by itself, and a straight line.
    assert page.tab.run(f'{button}.getAttribute("aria-pressed")') == "true"
    numbers = [float(word) for word in page.line().removeprefix("M").split()]
    heights = numbers[1::2]
    slopes = [b - a for a, b in pairwise(heights)]
    assert max(slopes) - min(slopes) <= 0.2 + 1e-9
    page.tab.run(f"{button}.click()")
    assert page.tab.run(f'{button}.getAttribute("aria-pressed")') == "false"
    assert "1e-4" not in page.texts(".plot .label")


def test_sliders(shown: Any, file: Path) -> None:
    page = shown(file)
    before, said = page.line(), file.read_text("utf-8")
    assert page.texts(".param label") == ["peak", "decay"]
    page.tab.run('document.querySelectorAll("input[type=range]")[1].focus()')
    page.tab.key("ArrowRight")
    page.tab.wait('document.querySelector("path.ghost")')
    assert page.line(":not(.ghost)") != before
    assert "".join(page.texts(".text-line")) == TWO.replace("20", "21")
    assert page.tab.run('document.querySelectorAll(".param .value")[1].value') == "21"
    page.tab.run('document.querySelector(".param .value").select()')
    page.tab.type("0.8")
    page.tab.wait('document.querySelector(".listing").textContent.includes("0.8")')
    assert "".join(page.texts(".text-line")) == TWO.replace("20", "21").replace("0.4", "0.8")
    # Saving the file keeps what is tried.
    file.write_text(f"{TWO}# more\n", encoding="utf-8")
    page.tab.wait('document.querySelector(".listing").textContent.includes("more")')
    page.tab.wait('document.querySelector(".listing").textContent.includes("0.8")')
    page.click("Reset values")
    page.tab.wait('!document.querySelector("path.ghost")')
    assert page.line() == before
    assert file.read_text("utf-8") == f"{said}# more\n"


def test_copying_the_text(shown: Any, file: Path) -> None:
    page = shown(file)
    origin = f"http://127.0.0.1:{page.site.port}"
    grants = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    page.tab.send("Browser.grantPermissions", origin=origin, permissions=grants)
    page.tab.send("Page.bringToFront")
    page.click("Copy text")
    page.tab.wait(f'({BUTTON})("Copied")')
    assert page.tab.run("navigator.clipboard.readText()") == TWO


def test_files_and_targets_over_each_other(shown: Any, file: Path) -> None:
    other = file.with_name("other.lrs")
    other.write_text("lr: linear(30, 0.1, 0)\nmomentum: linear(30, 0.85, 0.95)\n", encoding="utf-8")
    page = shown(file, other)
    assert page.texts(".chart-title") == ["Learning rate", "Momentum"]
    assert page.texts(".chart:first-child .key") == ["one.lrs", "other.lrs lr"]
    assert len(page.texts(".chart:first-child path.line")) == 2 + 2  # and the samples of the legend
    page.tab.run('document.querySelector(".key").click()')
    assert page.tab.run('document.querySelector(".key").getAttribute("aria-pressed")') == "false"
    assert len(page.texts(".chart:first-child .plot path.line")) == 1


def test_curves_of_different_units_have_axes_of_their_own(shown: Any, file: Path) -> None:
    other = file.with_name("other.lrs")
    other.write_text("linear(30ep, 0.1, 0)\n", encoding="utf-8")
    page = shown(file, other)
    assert page.texts(".chart-title") == ["Learning rate, over steps", "Learning rate, over epochs"]


def test_nothing_in_a_file_becomes_part_of_the_page(shown: Any, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=window.bad=1>.lrs"
    path.write_text(
        "# </script><script>window.bad = 1</script> \N{ROCKET}\n"
        "## <b onclick=x>\nparam p = 0.1\nconst(5, p) >> <img src=x onerror=window.bad=1>\n",
        encoding="utf-8",
    )
    path.write_text(
        path.read_text("utf-8").replace(">> <img src=x onerror=window.bad=1>", ""), encoding="utf-8"
    )
    page = shown(path)
    assert page.tab.run("window.bad") is None
    assert page.tab.run('document.querySelectorAll("img, b").length') == 0
    assert page.texts(".text-line")[0] == "# </script><script>window.bad = 1</script> \N{ROCKET}\n"


def test_a_server_that_has_stopped(shown: Any, file: Path) -> None:
    page = shown(file)
    page.site.server.shutdown()
    page.site.server.server_close()
    page.tab.wait('!document.querySelector("#lost").hidden')
    assert page.text("#status") == "Not connected"
    page.tab.open("about:blank")
    page.tab.wait('location.href === "about:blank"')
    page.tab.problems.clear()  # that nobody answered is what this is about


@pytest.mark.parametrize("width", [320, 400, 1080, 1600])
def test_it_fits(shown: Any, file: Path, width: int) -> None:
    long = file.with_name(f"{'a_long_name_' * 8}.lrs")
    long.write_text(
        f"# {'word ' * 80}\nparam {'p' * 60} = 3e-4\nconst(5ep, {'p' * 60})\n", encoding="utf-8"
    )
    page = shown(file, long, width=width)
    assert page.tab.run("document.documentElement.scrollWidth") <= width


def test_everything_has_a_name(shown: Any, file: Path) -> None:
    page = shown(file)
    page.tab.send("Accessibility.enable")
    tree = page.tab.send("Accessibility.getFullAXTree")["nodes"]
    page.tab.send("Accessibility.disable")
    named = {"button", "slider", "textbox", "heading", "region"}
    controls = [n for n in tree if not n["ignored"] and n["role"]["value"] in named]
    roles = {node["role"]["value"] for node in controls}
    assert roles == named
    assert [node for node in controls if not node["name"]["value"]] == []


CONTRAST = Path(__file__).with_name("contrast.js").read_text("utf-8")


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_can_be_read(shown: Any, file: Path, dark: bool) -> None:
    file.write_text(
        "## The peak.\nparam peak = 0.4  # a comment\n"
        'lr["a"]: warmup(5, 0, peak, ease = sine) >> const(5ep)\n',
        encoding="utf-8",
    )
    other = file.with_name("other.lrs")
    other.write_text("warmup(5) >> cosine(20)\n", encoding="utf-8")
    page = shown(file, other, dark=dark)
    assert page.tab.run(CONTRAST) == []
    other.write_text("warmup(5) >> cosin(20)\n", encoding="utf-8")
    page.tab.wait('document.querySelector(".findings .error")')
    page.tab.run('document.querySelector(".parts.dimmed")?.remove()')  # which is faded on purpose
    assert page.tab.run(CONTRAST) == []


def test_numbers_are_written_as_everywhere(shown: Any, file: Path) -> None:
    page = shown(file)
    draw = random.Random(7)
    values = [0.3, 1e-3, 3e-5, 0.1 + 0.2, 1e20, 123456.7, 1e6, 999999.5, 5e-324, 0.0009999999]
    values += [draw.uniform(-1, 1) * 10 ** draw.randint(-12, 12) for _ in range(400)]
    amounts = [0, 9, 10_000, 125_000, 35_190, 2_000_000_000, 1_234_567, 999, 12_340_000]
    amounts += [draw.randrange(10**9) * 10 ** draw.randint(0, 3) for _ in range(200)]
    units = [("ep", 1251.0), ("ep", 7.0), ("tok", 1 / 4_194_304), ("%", 1000.0), ("ep", 390.625)]
    steps = [
        (name, size, draw.randrange(10**k))
        for name, size in units
        for k in range(1, 8)
        for _ in range(20)
    ]
    asked = json.dumps([values, amounts, steps])
    found = page.tab.run(f"""import("/numbers.js").then((numbers) => {{
      const [values, amounts, steps] = {asked};
      return [
        values.map((value) => numbers.number(value)),
        amounts.map((amount) => numbers.shortCount(amount)),
        steps.map(([name, size, step]) => numbers.stepLabel(step, {{ name, steps: size }})),
      ];
    }})""")
    assert found[0] == [number(value) for value in values]
    assert found[1] == [short_count(amount) for amount in amounts]
    assert found[2] == [Unit(name, size).label(step) for name, size, step in steps]


def test_the_axis_of_values(shown: Any, file: Path) -> None:
    page = shown(file)
    draw = random.Random(3)
    ranges = [
        [draw.uniform(-1, 1) * 10 ** draw.randint(-9, 9) for _ in range(4)] for _ in range(200)
    ]
    ranges += [[0.0], [0.3], [-0.3, -0.3], [], [0.0, 1e-300], [0.9, 0.95]]
    found = page.tab.run(f"""import("/numbers.js").then((numbers) => {{
      return {json.dumps(ranges)}.map((values) => {{
        const axis = numbers.valueAxis(values, false, 300);
        const labels = axis.ticks.map(([, label]) => label);
        return [axis.ticks.map(([value]) => value), labels, values.map(axis.height)];
      }});
    }})""")
    for values, (ticks, labels, heights) in zip(ranges, found, strict=True):
        assert all(-1e-9 <= height <= 1 + 1e-9 for height in heights), values
        assert 1 <= len(ticks) <= 16 and len(set(labels)) == len(labels), (values, labels)
        assert all(
            math.isclose(float(label), tick, rel_tol=1e-5, abs_tol=1e-300)
            for label, tick in zip(labels, ticks, strict=True)
        ), (values, labels)

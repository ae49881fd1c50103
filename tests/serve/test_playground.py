"""The playground: its answers, and the page that was built, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lrdsl.page.playground import answer
from tools import browser
from tools.browser import Tab
from tools.pages import recipes
from tools.playground import SITE
from tools.playground.__main__ import _recipes, served

TEXT = "param peak = 0.4\nwarmup(5ep) >> cosine(85ep, peak)\n"
FIELDS = {"total": "", "steps_per_epoch": "10", "tokens_per_step": "", "base": ""}


def asked(want: str, text: str = TEXT, fields: dict[str, str] = FIELDS, **more: Any) -> Any:
    question = json.dumps({"want": want, "text": text, "fields": fields, **more})
    return json.loads(answer(question), parse_constant=pytest.fail)


def test_a_view_for_the_fields() -> None:
    found = asked("view", points=5)
    assert (found["steps"], found["wrong"]) == ([0, 900], {})
    assert found["curves"][0]["points"][0] == [0, 0.0]
    assert asked("view", first=10, last=12)["steps"] == [10, 12]
    tokens = asked("view", "cosine(1Btok, base)", {"tokens_per_step": "4M", "base": "0.3"})
    assert (tokens["steps"], tokens["curves"][0]["base"]) == ([0, 250], 0.3)
    total = asked("view", "cosine", {"total": " 90 "})
    assert total["steps"] == [0, 90]


def test_fields_that_are_no_numbers() -> None:
    found = asked("view", fields={"steps_per_epoch": "ten", "base": "1e", "total": "90eb"})
    assert found["wrong"] == {
        "steps_per_epoch": "'ten' is not a number", "base": "'1e' is not a number",
    }  # fmt: skip
    assert found["needs"] == ["--steps-per-epoch", "--per-step eb=…"]
    assert asked("view", fields={"steps_per_epoch": "1,251"})["unit"]["steps"] == 1251


def test_completions_of_what_is_written() -> None:
    found = asked("completions", "warmup(5) >> cos", offset=16)
    assert found[0]["label"] == "cosine" and found[0]["start"] == 13
    assert all(one["label"].startswith("cos") for one in found)


@pytest.mark.parametrize(
    "text", [TEXT, "warmup(5) >> cosine(20, 0.3)", 'lr["*"]: const(5, 0.1) # """ \\ \\n\n']
)
def test_the_python_is_what_trains(text: str) -> None:
    is_long = text == TEXT
    code = asked("python", text, {"steps_per_epoch": "10", "total": "900"} if is_long else {})
    weight = torch.nn.Parameter(torch.zeros(1))
    names: dict[str, Any] = {"optimizer": torch.optim.SGD([{"params": [weight], "name": "a"}], 1.0)}
    code = re.sub(r"\nscheduler\.step\(\)\n", "", code)
    exec(code, names)
    (found,) = names["scheduler"].get_last_lr()
    assert names["schedule"].strip() == text.strip()
    assert ("total='900', steps_per_epoch=10" in code) == is_long
    assert found == {TEXT: 0.0}.get(text, 0.1 if "const" in text else 0.0)


def test_every_recipe_is_there_with_its_run() -> None:
    found = _recipes()
    paths = sorted(recipes.FOLDER.glob("*.lrs"))
    assert len(found) == len(paths) + 1
    for recipe, path in zip(found[1:], paths, strict=True):
        fields = {name: value for name, value in recipe.items() if name not in ("title", "text")}
        view = asked("view", recipe["text"], fields, points=2)
        own = recipes.read(path).schedule()
        parts = [(part["name"], part["start_step"]) for part in view["parts"]["lr"]]
        assert parts == [(part.name, part.start_step) for part in own.parts]
        assert [one for one in view["diagnostics"] if one["severity"] == "error"] == []


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tab, str]]:
    if browser.path() is None:
        pytest.skip("no Chromium here: install one, or say where it is by LRDSL_CHROMIUM")
    if not SITE.exists():
        pytest.skip("the playground is not built here: `make playground` builds it")
    with served(SITE) as address, browser.opened(tmp_path_factory.mktemp("chromium")) as tab:
        tab.size(1280, 900)
        tab.open(address)
        tab.wait('document.querySelector(".plot path.line")', 200)
        yield tab, address
        assert tab.problems == []
        assert [url for url in tab.requests if not url.startswith((address, "data:"))] == []


SHOWN = 'document.documentElement.dataset.shown === document.querySelector("#text").value'


def write(tab: Tab, text: str) -> None:
    """Types a text in place of the one that is there."""
    tab.run('document.querySelector("#text").focus(); document.querySelector("#text").select()')
    tab.send("Input.insertText", text=text)
    tab.wait(SHOWN)


def test_typing_in_the_browser(playground: tuple[Tab, str]) -> None:
    tab, _ = playground
    write(tab, "warmup(5) >> linear(20, 0.3)")
    names = '[...document.querySelectorAll(".parts tbody th")].map((x) => x.textContent)'
    assert tab.run(names) == ["warmup", "linear"]
    write(tab, "warmup(5) >> cosin(20, 0.3)")
    tab.wait('document.querySelector("#colored .error")')
    assert tab.run('document.querySelector("#colored .error").textContent') == "cosin"
    assert tab.run('Boolean(document.querySelector("path.dimmed"))')
    tab.run('document.querySelector(".findings button").click()')
    tab.wait('document.querySelector("#text").value === "warmup(5) >> cosine(20, 0.3)"')
    tab.wait(SHOWN)
    assert not tab.run('Boolean(document.querySelector("path.dimmed"))')
    took = []
    for character in " >> const":
        tab.type(character)
        tab.wait(SHOWN)
        took.append(float(str(tab.run("document.documentElement.dataset.took"))))
    print(f"\na keystroke: {', '.join(f'{one:.0f}' for one in took)} ms")  # noqa: T201


def test_completions_in_the_browser(playground: tuple[Tab, str]) -> None:
    tab, _ = playground
    write(tab, "warmup(5) >> ")
    tab.type("cosi")
    tab.wait('!document.querySelector("#offers").hidden')
    tab.key("Enter")
    tab.wait('document.querySelector("#text").value === "warmup(5) >> cosine"')


def test_sliders_in_the_browser_write_the_text(playground: tuple[Tab, str]) -> None:
    tab, _ = playground
    write(tab, "param a = 5\nparam peak = 0.3 # \N{ROCKET}\nwarmup(a) >> cosine(20, peak)\n")
    tab.run('document.querySelectorAll("#cards input[type=range]")[0].focus()')
    for _ in range(6):
        tab.key("ArrowRight")
    tab.run('document.querySelectorAll("#cards input[type=range]")[1].focus()')
    tab.key("Home")
    tab.wait(SHOWN)
    text = "param a = 11\nparam peak = 0.03 # \N{ROCKET}\nwarmup(a) >> cosine(20, peak)\n"
    assert tab.run('document.querySelector("#text").value') == text


def test_a_link_holds_text_and_run(playground: tuple[Tab, str]) -> None:
    tab, address = playground
    write(tab, "cosine(10ep, 0.3)  # \N{ROCKET} & + #")
    tab.run('document.querySelector("#steps_per_epoch").value = "7"')
    tab.run('document.querySelector("#link").click()')
    link = str(tab.run("location.href"))
    assert link.startswith(f"{address}#text=")
    write(tab, "const")
    tab.wait('location.hash.startsWith("#text=const&")')
    tab.run(f"location.href = {json.dumps(link)}")
    tab.wait('document.querySelector("#text").value === "cosine(10ep, 0.3)  # \N{ROCKET} & + #"')
    assert tab.run('document.querySelector("#steps_per_epoch").value') == "7"
    tab.wait(SHOWN)
    assert "70 steps" in str(tab.run('document.querySelector(".parts tbody").textContent'))


def test_it_fits(playground: tuple[Tab, str]) -> None:
    tab, _ = playground
    for width in (320, 400, 1600):
        tab.size(width, 900)
        assert int(str(tab.run("document.documentElement.scrollWidth"))) <= width


def test_what_is_built_is_beside_the_page(playground: tuple[Tab, str]) -> None:
    names = {path.name for path in Path(SITE).iterdir()}
    assert {"index.html", "pyodide.asm.wasm", "wheels.json"} <= names
    assert not any("pydantic" in name or "numpy" in name for name in names)

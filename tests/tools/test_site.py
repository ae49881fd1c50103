"""The site: what changes on the way to it, and what its checks find. The build itself is slow."""

from __future__ import annotations

import ast
import json
import os
import re
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from pkgutil import resolve_name

import pytest

import lrdsl
from tests.blocks import PAGES, ROOT
from tools.site import (
    SiteError,
    api,
    checks,
    finishing,
    formulas,
    lists,
    markdown,
    packages,
    staging,
)

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def staged() -> dict[str, str]:
    return staging.pages()


def written(text: str) -> str:
    """A page for the site, where every path in a link is put in angles."""
    return markdown.rewritten(text, lambda path: f"<{path}>")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("```math\na < b\n```\n", '<div class="formula" data-search-exclude>a &lt; b</div>\n'),
        ("so $u = t / n$ is", "so `u = t / n`{ .formula } is"),
        ("so $`u_1 = t`$ is", "so `u_1 = t`{ .formula } is"),
        ("it costs $5, or $6", "it costs $5, or $6"),
        ("`$x$` and ``a`$y$`` ", "`$x$` and ``a`$y$`` "),
        ("```console\n$ a $b$ [c](d.md)\n```\n", "```console\n$ a $b$ [c](d.md)\n```\n"),
        ("```lrs total=9\nconst\n```", "```lrs\nconst\n```"),
        ("[a](b.md#c) [d](#e) [f](https://g.org/h)", "[a](<b.md>#c) [d](#e) [f](https://g.org/h)"),
        ("`[a](b.md)`", "`[a](b.md)`"),
        ("![a](images/b.svg)", "![a](<images/b.svg>)"),
        ('<img src="b.svg">', '<img src="<b.svg>">'),
        ("[a]: b.md", "[a]: <b.md>"),
        ("<!-- run: total=5 -->\n```lrs\nconst\n```", "```lrs\nconst\n```"),
        ("| `a \\| b` |", "| `a | b` |"),
        ("`a \\| b`", "`a \\| b`"),
        ("<details>\n\na\n\n</details>", "<details markdown>\n\na\n\n</details>"),
        ("````text\n```math\nx\n```\n````", "````text\n```math\nx\n```\n````"),
    ],
)
def test_what_changes_in_a_page(text: str, wanted: str) -> None:
    assert written(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("* a\n  b\n* c", "* a\n    b\n* c"),
        ("1. a\n\n   b\n2. c", "1. a\n\n    b\n2. c"),
        ("10. a\n    - b\n      c\n11. d", "10. a\n    - b\n        c\n11. d"),
        ("1. a\n   - b\n   - c\n\nd\n  e", "1. a\n    - b\n    - c\n\nd\n  e"),
        (
            "* a\n\n  ```sh\n  b\n   * c\n\n  ```\n* d",
            "* a\n\n    ```sh\n    b\n     * c\n\n    ```\n* d",
        ),
        ("```\n* a\n  b\n```", "```\n* a\n  b\n```"),
        ("a\n* b", "a\n\n* b"),
        ("* a\nb\n* c", "* a\nb\n\n* c"),
    ],
)
def test_what_a_list_holds_is_indented_for_the_site(text: str, wanted: str) -> None:
    assert lists.indented(text) == wanted


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("README.md", "[a](docs/reference/language.md#time)", "[a](reference/language.md#time)"),
        ("docs/how-to/a.md", "[a](../../README.md)", "[a](../index.md)"),
        ("docs/how-to/a.md", "![a](../images/resnet50.svg)", "![a](../images/resnet50.svg)"),
        (
            "docs/a.md",
            "[a](../lrdsl/diagnostics/pages/LRS201-unknown-name.md)",
            "[a](reference/codes/LRS201-unknown-name.md)",
        ),
        ("docs/a.md", "[a](../examples/wsd.lrs)", "[a](source/examples/wsd.lrs.md)"),
    ],
)
def test_where_a_link_leads_on_the_site(name: str, text: str, wanted: str) -> None:
    assert staging.page_text(name, text) == wanted


def test_a_link_to_no_file_stops_the_build() -> None:
    with pytest.raises(SiteError, match=r"^docs/a\.md links to nowhere\.md, which is not there$"):
        staging.page_text("docs/a.md", "[a](nowhere.md)")


def test_every_page_of_the_docs_is_in_the_navigation(staged: dict[str, str]) -> None:
    listed = re.findall(r'"([^"]+\.md)"', json.dumps(staging.navigation(staged)))
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert {*pages, "index.md", "changelog.md", staging.API, staging.CODES} <= set(listed)
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(staged)


def test_every_link_of_a_page_leads_to_a_page_or_a_file(staged: dict[str, str]) -> None:
    files = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*") if path.suffix != ".md"}
    dead = [
        (page, link)
        for page, text in staged.items()
        for link in markdown.links(text)
        if os.path.normpath(PurePosixPath(page).parent / link) not in {*staged, *files}
    ]
    assert dead == []
    assert staged["source/examples/recipes/bert.lrs.md"].startswith("# examples/recipes/bert.lrs\n")
    assert "(bert.lrs.md)" in staged["source/examples/recipes/index.md"]


def test_a_binary_file_that_a_page_links_to_has_a_page(staged: dict[str, str]) -> None:
    name = "examples/logs/tensorboard/good.tfevents"
    size = f"{(ROOT / name).stat().st_size:,}"
    assert staged[f"source/{name}.md"] == f"# {name}\n\nA binary file of {size} bytes.\n"


def test_every_code_has_its_row(staged: dict[str, str]) -> None:
    rows = re.findall(
        r"^\| \[(LRS\d+)\]\((.+?)\) \| `([\w-]+)` \| .+\. \|$", staged[staging.CODES], re.M
    )
    names = {path.stem for path in (ROOT / "lrdsl" / "diagnostics" / "pages").glob("*.md")}
    assert {f"{code}-{slug}" for code, _, slug in rows} == names
    assert {f"reference/{page}" for _, page, _ in rows} <= set(staged)


def test_the_reference_has_every_public_name_once() -> None:
    listed = [name for names in api.GROUPS.values() for name in names]
    assert sorted([*listed, "__version__"]) == lrdsl.__all__
    elsewhere = [name for names in api.ELSEWHERE.values() for name in names]
    for owner, members in api.INTERNAL.items():
        thing = resolve_name(f"lrdsl.{owner}")
        assert [m for m in members if not hasattr(thing, m)] == []
    assert re.findall(r"^::: lrdsl\.([\w.]+)$", api.page(), re.M) == [*listed, *elsewhere]


def test_the_page_on_python_names_the_modules_besides_lrdsl() -> None:
    page = (DOCS / "reference" / "python.md").read_text("utf-8")
    functions = [name for name in sorted(api.public() - {*lrdsl.__all__}) if is_function(name)]
    assert functions == ["arrays.register", "diagnostics.fix.apply"]
    assert [name for name in functions if f"`lrdsl.{name}(" not in page] == []


def is_function(name: str) -> bool:
    """True if a public name outside `lrdsl` itself is that of a function, as opposed to a class."""
    module, _, name = name.rpartition(".")
    # Not imported: the trainers that some modules are for need not be installed.
    spec = find_spec(f"lrdsl.{module}")
    assert spec is not None and spec.origin is not None
    statements = ast.parse(Path(spec.origin).read_text("utf-8")).body
    return any(isinstance(one, ast.FunctionDef) and one.name == name for one in statements)


def taught(text: str) -> set[str]:
    """The names below the modules of lrdsl that a text imports or spells out."""
    found = {name for _, name in re.findall(r"(`)lrdsl\.((?:[a-z_]+\.)+\w+)", text)}
    for module, names in re.findall(r"from lrdsl\.([\w.]+) import ([\w, ]+)", text):
        found |= {f"{module}.{name.strip()}" for name in names.split(",")}
    return found


def test_no_page_teaches_an_internal_name() -> None:
    homes = {f"{home.removeprefix('lrdsl.')}.{name}" for name, home in lrdsl._HOMES.items()}
    known = homes | api.public() | {f"{name}.{m}" for name in lrdsl.__all__ for m in members(name)}
    pages = [*PAGES, ROOT / "CHANGELOG.md", *(ROOT / "examples").rglob("*.py")]
    assert taught("from lrdsl.a.b import c, d\n`lrdsl.e.f(g)`") == {"a.b.c", "a.b.d", "e.f"}
    internal = {page.name: taught(page.read_text("utf-8")) - known for page in pages}
    assert {page: names for page, names in internal.items() if names} == {}


def members(name: str) -> list[str]:
    return dir(getattr(lrdsl, name))


HEAD = '<link rel="stylesheet" href="a.css"><link rel="canonical" href="https://x.org/">'
NAMES = "".join(f'<h2 id="lrdsl.{name}"></h2>' for name in sorted(api.public()))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site without a fault."""
    reference = (tmp_path / staging.API).with_suffix(".html")
    reference.parent.mkdir(parents=True)
    reference.write_text(NAMES, "utf-8")
    (tmp_path / "a.css").write_text("p { background: url(data:image/png;base64,AA) }", "utf-8")
    (tmp_path / "b.html").write_text(f'{HEAD}<p id="c">x<br>y</p>', "utf-8")
    return tmp_path


def found(site: Path, text: str) -> list[str]:
    """The faults of a site with one more page."""
    (site / "index.html").write_text(HEAD + text, "utf-8")
    return checks.faults(site)


GOOD = (
    '<a href="b.html#c">b</a> <a href="https://x.org/d">d</a> <a href="#">top</a> costs $5 or $6',
    "<pre><code>$`x`$ :func:`y` ``z`` https://x.org/</code></pre> after <code>\\mathrm{x}</code>",
    '<img src="data:image/png;base64,AA"><script>let a = "``";</script>',
)
BAD = {
    '<a href="c.html">c</a>': "index.html: c.html is not there",
    '<a href="b.html#d">d</a>': "index.html: b.html#d: b.html has no d",
    '<a href="#e">e</a>': "index.html: #e: index.html has no e",
    '<img src="e.svg">': "index.html: e.svg is not there",
    '<script src="https://x.org/a.js"></script>': "https://x.org/a.js is loaded from elsewhere",
    '<link rel="preconnect" href="//x.org">': "//x.org is loaded from elsewhere",
    '<img src="b.html" srcset="https://x.org/a 2x">': "https://x.org/a is loaded from elsewhere",
    '<div class="formula">x</div>': "1 formulas are not set",
    '<p><span class="katex-error">x</span></p>': "1 formulas are not set",
    "<p>so $`x`$ is": "a formula is left in the text: 'so $`x`$ is'",
    "<p>so $u_1 = 5$ is": "a formula is left in the text: 'so $u_1 = 5$ is'",
    "<p>see :func:<code>x</code>": "a role of Sphinx is left in the text: 'see :func:'",
    "<p>see [a](b.md)": "Markdown is left in the text: 'see [a](b.md)'",
    "<p>see ``x`` there": "reStructuredText is left in the text",
    "<p>::: lrdsl.compile": "a line for mkdocstrings is left in the text",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_good_page_has_no_faults(site: Path, text: str) -> None:
    assert found(site, text) == []


@pytest.mark.parametrize(("text", "wanted"), BAD.items())
def test_a_fault_is_found(site: Path, text: str, wanted: str) -> None:
    (fault, *_) = found(site, text)
    assert wanted in fault


@pytest.mark.parametrize("link", ["https://x.org/f.woff2", "f.woff2"])
def test_a_font_that_is_not_on_the_site_is_found(site: Path, link: str) -> None:
    (site / "a.css").write_text(f'@font-face {{ src: url("{link}") }}', "utf-8")
    (fault,) = found(site, "")
    assert fault.startswith(f"a.css: {link} is ")


def test_names_that_are_missing_or_internal_are_found(site: Path) -> None:
    reference = (site / staging.API).with_suffix(".html")
    ids = ["Schedule.__call__", "Program._drives", "Program.module", "Kernel", "arrays.find"]
    ids += ["arrays.module.ArrayModule.take", "ScheduleLR.join"]
    more = "".join(f'<h3 id="lrdsl.{name}"></h3>' for name in ids)
    reference.write_text(NAMES.replace('"lrdsl.load"', '"lrdsl"') + more, "utf-8")
    assert [fault.partition(": ")[2] for fault in checks.faults(site)] == [
        "lrdsl.load is not there",
        "lrdsl.Kernel is internal",
        "lrdsl.Program._drives is internal",
        "lrdsl.Program.module is internal",
        "lrdsl.ScheduleLR.join is internal",
        "lrdsl.arrays.find is internal",
    ]


def test_names_in_the_reference_become_links_and_the_shim_local(site: Path) -> None:
    reference = (site / staging.API).with_suffix(".html")
    loaded = '<script src="https://unpkg.com/iframe-worker/shim"></script>'
    reference.write_text(
        f"{loaded}{NAMES}<p><code>lrdsl.load</code> <code>Program</code> <code>x</code>", "utf-8"
    )
    finishing.finish(site)
    assert reference.read_text("utf-8") == (
        f'<script src="../{packages.SHIM.as_posix()}"></script>{NAMES}'
        '<p><a href="#lrdsl.load"><code>lrdsl.load</code></a>'
        ' <a href="#lrdsl.Program"><code>Program</code></a> <code>x</code>'
    )


def test_formulas_are_found_where_a_page_has_them() -> None:
    text = '<div class="formula" data-search-exclude>a &lt; b</div><code class="formula">c</code>'
    assert [m["tex"] for m in formulas.FORMULA.finditer(text)] == ["a &lt; b", "c"]


def test_the_site_is_built_with_the_versions_of_the_tests() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text("utf-8").splitlines()
        found = (line.partition(";")[0].strip().partition("==") for line in lines)
        return {package: version for package, _, version in found if version}

    site, tests = pins("constraints-docs.txt"), pins("constraints.txt")
    both = set(site) & set(tests)
    assert len(both) > 10
    assert {name: site[name] for name in both} == {name: tests[name] for name in both}

"""The wheel: what is in it, that it works on its own, and that the sdist builds the same one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.metadata import Metadata

import lrdsl
from hatch_build import with_address
from tests.packaging.tree import ROOT, tracked

SAVED = "lrdsl/text/lrs.parser"
ADDED = {"lrdsl/grammar/lrs.lark", SAVED}
INFO = f"lrdsl-{lrdsl.__version__}.dist-info/"


def run(*arguments: str, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs this Python, which finds the packages of a folder first."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=200,
    )


def good(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    """What a run that ends well prints."""
    done = run(*arguments, cwd=cwd, path=path)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    good("-m", "build", "--no-isolation", "--outdir", str(folder), str(checkout), cwd=folder)
    return folder


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel is installed into."""
    folder = tmp_path_factory.mktemp("site")
    (wheel,) = built.glob("*.whl")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    good("-m", "pip", "install", *options, "--target", str(folder), str(wheel), cwd=folder)
    return folder


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_wheel_holds_the_package_the_grammar_and_a_saved_parser(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"lrdsl-{lrdsl.__version__}-py3-none-any.whl"
    found = contents(wheel)
    package = {name for name in tracked() if name.startswith("lrdsl/")}
    assert {name for name in found if not name.startswith(INFO)} == package | ADDED
    assert {"lrdsl/py.typed", "lrdsl/prelude.lrs", "lrdsl/prelude.json"} <= package
    for name in package:
        assert found[name] == (ROOT / name).read_bytes()
    assert found["lrdsl/grammar/lrs.lark"] == (ROOT / "grammar" / "lrs.lark").read_bytes()


def test_what_the_wheel_says_about_itself(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    found = contents(wheel)
    assert found[f"{INFO}entry_points.txt"].split() == [
        b"[console_scripts]", b"lrdsl", b"=", b"lrdsl.__main__:run",
        b"[pygments.lexers]", b"lrs", b"=", b"lrdsl.highlight:LrsLexer",
    ]  # fmt: skip
    metadata = Parser().parsestr(found[f"{INFO}METADATA"].decode())
    assert metadata["Version"] == lrdsl.__version__
    assert metadata["License-Expression"] == "MIT"
    required = metadata.get_all("Requires-Dist", [])
    always = sorted(line.partition("<")[0] for line in required if "extra ==" not in line)
    assert always == ["click", "lark", "pydantic"]
    assert {
        "torch",
        "preview",
        "configs",
        "logs",
        "lsp",
        "demo",
        "docs",
        "test",
        "fuzz",
        "mutation",
        "peers",
        "trainers",
    } == set(metadata.get_all("Provides-Extra", []))
    assert found[f"{INFO}licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


ADDRESS = "https://example.org/owner/lrdsl"
# The metadata of a wheel of the current folder, and an sdist of it; what they are called.
DESCRIBED = "import hatchling.build as b, sys; b.prepare_metadata_for_build_wheel(sys.argv[1])"
PACKED = "import hatchling.build as b, sys; b.build_sdist(sys.argv[1])"


def described(tree: Path, folder: Path) -> Metadata:
    """What a wheel of a tree says about itself, all of it valid."""
    folder.mkdir()
    good("-c", DESCRIBED, str(folder), cwd=tree)
    return Metadata.from_email((folder / INFO / "METADATA").read_bytes(), validate=True)


def test_a_wheel_that_knows_no_address_names_none(checkout: Path, tmp_path: Path) -> None:
    found = described(checkout, tmp_path / "metadata")
    assert (found.project_urls, found.home_page, found.dynamic) == (None, None, None)
    assert found.description == (ROOT / "README.md").read_text("utf-8")
    assert found.description_content_type == "text/markdown"
    assert found.license_expression == "MIT" and found.license_files == ["LICENSE"]
    assert {"Typing :: Typed", "Intended Audience :: Developers"} <= set(found.classifiers or ())


def test_a_wheel_that_knows_the_address_links_to_it(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRDSL_ADDRESS", f"{ADDRESS}/")
    found = described(checkout, tmp_path / "metadata")
    tag = f"v{lrdsl.__version__}"
    assert found.project_urls == {
        "Source": ADDRESS,
        "Documentation": f"{ADDRESS}/blob/{tag}/README.md#documentation",
        "Changelog": f"{ADDRESS}/blob/{tag}/CHANGELOG.md",
        "Issues": f"{ADDRESS}/issues",
    }
    readme = (ROOT / "README.md").read_text("utf-8")
    # Other words than the hook's: taken away, the address leaves the README.
    page = found.description or ""
    assert "![The curve: up to 0.4" in page and f"]({ADDRESS}/raw/{tag}/docs/images/" in page
    assert re.sub(rf"{ADDRESS}/(raw|blob)/{tag}/", "", page) == readme
    count = len(re.findall(r"\]\((?!http)[\w.]", readme))
    assert count > 30 and page.count(f"]({ADDRESS}/") == count
    for target in re.findall(rf"\]\({ADDRESS}/(?:raw|blob)/{tag}/([^)#]+)", page):
        assert (ROOT / target).exists(), target


def test_a_wheel_of_an_sdist_links_to_where_the_sdist_does(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRDSL_ADDRESS", ADDRESS)
    direct = described(checkout, tmp_path / "direct")
    good("-c", PACKED, str(tmp_path), cwd=checkout)
    # Who installs from it says nothing.
    monkeypatch.delenv("LRDSL_ADDRESS")
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = tmp_path / sdist.name.removesuffix(".tar.gz")
    indirect = described(tree, tmp_path / "indirect")
    assert indirect.as_rfc822().as_bytes() == direct.as_rfc822().as_bytes()


def test_something_else_is_no_address(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRDSL_ADDRESS", "owner/lrdsl")
    done = run("-c", DESCRIBED, str(tmp_path), cwd=checkout)
    assert done.returncode == 1
    assert "LRDSL_ADDRESS must start with https://, and is 'owner/lrdsl'" in done.stderr


def test_links_in_code_stay() -> None:
    text = "[a](b.md#c) [`d`](e/f.png) `[g](h.md)` [i](#j) [k](https://l.org)\n"
    fenced = "```text\n[m](n.md)\n```\n"
    shown = "[a](X/blob/v1/b.md#c) [`d`](X/raw/v1/e/f.png) `[g](h.md)` [i](#j) [k](https://l.org)\n"
    assert with_address(text + fenced + text, "X", "v1") == shown + fenced + shown


def test_an_sdist_has_what_it_takes_to_build_and_to_test(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert set(tracked()) - names == set()
    assert names - set(tracked()) == {"PKG-INFO"}


def lines(wheel: dict[str, bytes]) -> list[str]:
    """The lines of the record of a wheel, but for that of the saved parser."""
    found = wheel[f"{INFO}RECORD"].decode().splitlines()
    return [line for line in found if not line.startswith(f"{SAVED},")]


def test_a_wheel_of_the_checkout_is_the_one_of_the_sdist(checkout: Path, built: Path) -> None:
    folder = built / "direct"
    command = ["-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(checkout)]
    good(*command, cwd=checkout)
    (direct,), (indirect,) = folder.glob("*.whl"), built.glob("*.whl")
    first, second = contents(direct), contents(indirect)
    assert set(first) == set(second)
    # Lark numbers the states of a parser differently each time. What it was made of is the same.
    for found in (first, second):
        found[SAVED] = found[SAVED].partition(b"\n")[0]
    unlike = {name for name in first if first[name] != second[name]}
    assert unlike == {f"{INFO}RECORD"}
    assert lines(first) == lines(second)


def test_an_installed_package_works_from_anywhere(site: Path, tmp_path: Path) -> None:
    program = (
        "import lrdsl; print(lrdsl.__file__)\n"
        "print(lrdsl.parse('warmup(5) >> cosine(20, 0.3)').resolve()(5))\n"
        "from lrdsl.check import library; print(*library.names())\n"
        "from lrdsl.diagnostics import catalogue; print(len(catalogue.CODES))"
    )
    place, value, names, codes = good("-c", program, cwd=tmp_path, path=site).splitlines()
    assert Path(place).is_relative_to(site)
    assert (value, int(codes)) == ("0.3", len(list(site.glob("lrdsl/diagnostics/pages/*.md"))))
    assert {"straight", "const", "warmup", "repeat"} <= set(names.split())
    (tmp_path / "fine.lrs").write_text("warmup(5) >> const\n", encoding="utf-8")
    assert good("-m", "lrdsl", "check", "fine.lrs", cwd=tmp_path, path=site) == ""
    assert "cosine(" in good("-m", "lrdsl", "shapes", cwd=tmp_path, path=site)
    assert "step(" in good("-m", "lrdsl", "shapes", "StepLR", cwd=tmp_path, path=site)
    assert good("-m", "lrdsl", "explain", "LRS201", cwd=tmp_path, path=site).startswith("# LRS201")
    assert run("-m", "lrdsl", "check", "-e", "cosin", cwd=tmp_path, path=site).returncode == 1


def test_the_installed_command_works(site: Path, tmp_path: Path) -> None:
    (script,) = (site / "bin").iterdir()
    assert script.name == "lrdsl"
    version = good(str(script), "--version", cwd=tmp_path, path=site)
    assert version == f"lrdsl, version {lrdsl.__version__}\n"


# What Sphinx, MkDocs and rich ask Pygments.
FOUND = """
from pygments import lexers
for lexer in (lexers.get_lexer_by_name("lrs"), lexers.get_lexer_for_filename("resnet50.lrs")):
    print(type(lexer).__module__, *(piece for _, piece in lexer.get_tokens("warmup(5)")))
"""


def test_pygments_finds_the_lexer(site: Path, tmp_path: Path) -> None:
    wanted = "lrdsl.highlight warmup ( 5 ) \n\n"
    assert good("-c", FOUND, cwd=tmp_path, path=site) == 2 * wanted


# Says whether the parser is built from the grammar to parse a program.
BUILT = """
import lark, lrdsl
from lrdsl.text import grammar
build, calls = grammar.build, []
grammar.build = lambda *a: calls.append(a) or build(*a)
lrdsl.parse("warmup(5) >> const")
print(bool(calls))
"""


def test_the_saved_parser_is_used_while_it_is_there_and_fresh(site: Path, tmp_path: Path) -> None:
    assert good("-c", BUILT, cwd=tmp_path, path=site) == "False\n"
    other = tmp_path / "other"
    shutil.copytree(site / "lrdsl", other / "lrdsl")
    grammar = other / "lrdsl" / "grammar" / "lrs.lark"
    grammar.write_text(f"{grammar.read_text('utf-8')}\n// changed\n", encoding="utf-8")
    assert good("-c", BUILT, cwd=tmp_path, path=other) == "True\n"
    shutil.copy(ROOT / "grammar" / "lrs.lark", grammar)
    assert good("-c", BUILT, cwd=tmp_path, path=other) == "False\n"
    newer = f"import lark; lark.__version__ = '1.3.99'\n{BUILT}"
    assert good("-c", newer, cwd=tmp_path, path=other) == "True\n"
    (other / "lrdsl" / "text" / "lrs.parser").unlink()
    assert good("-c", BUILT, cwd=tmp_path, path=other) == "True\n"


def test_an_editable_install_points_at_the_checkout(checkout: Path, tmp_path: Path) -> None:
    own = tmp_path / "checkout"
    shutil.copytree(checkout, own)
    program = "import sys, hatchling.build as b; b.build_editable(sys.argv[1])"
    good("-c", program, str(tmp_path), cwd=own)
    (wheel,) = tmp_path.glob("*.whl")
    (pth,) = [name for name in contents(wheel) if not name.startswith(INFO)]
    assert pth.endswith(".pth")
    assert contents(wheel)[pth].decode().strip() == str(own)
    assert (own / "lrdsl" / "text" / "lrs.parser").exists()
    assert good("-c", BUILT, cwd=tmp_path, path=own) == "False\n"


def test_a_checkout_works_from_a_zip(tmp_path: Path) -> None:
    """Where the grammar lies beside the package."""
    archive = tmp_path / "checkout.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for folder in ("lrdsl", "grammar"):
            for path in (ROOT / folder).rglob("*.*"):
                if path.suffix not in {".pyc", ".parser"}:
                    written.write(path, path.relative_to(ROOT))
    program = "import lrdsl; print(lrdsl.__file__, lrdsl.parse('warmup(5) >> const').resolve()(5))"
    place, value = good("-c", program, cwd=tmp_path, path=archive).split()
    assert (Path(place).parents[1], value) == (archive, "1.0")


@pytest.mark.parametrize("saved", [True, False], ids=["saved-parser", "grammar-alone"])
def test_the_package_works_from_a_zip(built: Path, tmp_path: Path, saved: bool) -> None:
    """Lark, click and what they need are installed; nothing of lrdsl is unpacked."""
    (wheel,) = built.glob("*.whl")
    archive = tmp_path / "lrdsl.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for name, data in contents(wheel).items():
            if saved or name != SAVED:
                written.writestr(name, data)
    (tmp_path / "fine.lrs").write_text("warmup( 5 )>>cosine(20, 0.3)\n", encoding="utf-8")

    def lrdsl(*arguments: str, code: int = 0) -> str:
        done = run("-m", "lrdsl", *arguments, cwd=tmp_path, path=archive)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    program = "import lrdsl; print(lrdsl.__file__, lrdsl.parse('warmup(5) >> const').resolve()(5))"
    place, value = good("-c", program, cwd=tmp_path, path=archive).split()
    assert (Path(place).parents[1], value) == (archive, "1.0")
    assert good("-c", BUILT, cwd=tmp_path, path=archive) == f"{not saved}\n"
    assert lrdsl("check", "fine.lrs") == ""
    assert "error[LRS201 unknown-name]" in lrdsl("check", "-e", "cosin(5)", code=1)
    assert "error[LRS101 unexpected-token]" in lrdsl("check", "-e", "const(5))", code=1)
    assert lrdsl("explain", "LRS201").startswith("# LRS201")
    assert "cosine(" in lrdsl("shapes", "cosine")
    lrdsl("fmt", "fine.lrs")
    formatted = (tmp_path / "fine.lrs").read_text("utf-8")
    assert formatted == "warmup(5) >> cosine(20, 0.3)\n"

"""README and docs: every block is run, every link leads somewhere, every list is complete."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import lrdsl
from lrdsl.check.state import LOCAL_WORDS, WORDS
from lrdsl.cli import main
from lrdsl.formula.functions import COMPARISONS, FUNCTIONS
from lrdsl.schedule.faults import EVERY
from lrdsl.schedule.views import faults_of
from lrdsl.text.format import formatted
from lrdsl.text.numbers import SUFFIXES
from tests.blocks import BLOCK, PAGES, ROOT, Block, blocks, each
from tests.serve.started import check_works
from tools.pages.recipes import run

LANGUAGE = ROOT / "docs" / "reference" / "language.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the examples and the files of the docs, which is the current one."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for path in (ROOT / "examples").glob("*.lrs"):
        shutil.copy(path, tmp_path)
    for block in [*blocks("yaml"), *blocks("lrs")]:
        path = tmp_path / block.mark.removeprefix("file: ")
        if block.mark.startswith("file: ") and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@each("python")
def test_a_python_block_says_whether_it_runs(block: Block) -> None:
    marks = r"run|loop|trainers|trainer: .+|tools|file: .+|hydra: .+|lightning: .+|skip: .+"
    assert re.fullmatch(marks, block.mark)


@each("python", marked="run")
def test_a_python_block_runs(block: Block, folder: Path) -> None:
    exec(compile(block.text, block.place, "exec"), {"__name__": "__main__"})


@each("text", marked="prints")
def test_what_a_command_prints_where_all_is_well(block: Block, folder: Path) -> None:
    command, _, wanted = block.text.partition("\n")
    done = CliRunner().invoke(main, shlex.split(command)[2:], prog_name="lrdsl")
    assert command.startswith("$ lrdsl ")
    assert (done.output, done.exit_code) == (wanted, 0)


@each("text", marked="error")
def test_what_a_command_prints(block: Block, folder: Path) -> None:
    command, _, wanted = block.text.partition("\n")
    prompt, program, *arguments = shlex.split(command)
    assert (prompt, program) == ("$", "lrdsl")
    done = CliRunner().invoke(main, arguments, prog_name="lrdsl")
    assert wanted
    assert done.output.startswith(wanted)
    assert done.exit_code == 1


@each("lrs")
def test_a_schedule_parses_and_resolves_for_the_run_that_is_named(block: Block) -> None:
    program = lrdsl.parse(block.text, name=block.place)
    mark, _, words = block.mark.partition(":")
    assert mark in {"", "run", "file"}
    if mark == "run":
        assert faults_of(program.resolve(**run(words))) == []


@each("lrs")
def test_a_schedule_is_laid_out_as_fmt_does(block: Block) -> None:
    assert formatted(lrdsl.parse(block.text).module) == block.text


@each("console")
def test_the_commands_of_a_console_block_work(block: Block, folder: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for line in block.text.splitlines():
        program, *rest = shlex.split(line, comments=True)
        if program == "make":
            assert set(rest) <= set(targets)
        elif program == "lrdsl" and rest[0] == "serve":
            check_works(*rest[1:], cwd=folder)
        elif program == "lrdsl":
            done = CliRunner().invoke(main, rest, prog_name="lrdsl")
            assert (done.exit_code, done.exception) == (0, None), done.output
        else:
            # What Hydra and Lightning are told is run by the tests of configs and of trainers.
            elsewhere = program == "python" and block.mark in {"hydra", "lightning"}
            assert (
                program in {"cd", "eval", "mkdir", "pip", "python3", "source", "ssh"} or elsewhere
            )


def test_the_demo_and_the_tests_have_their_targets() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {"demo", "test"} <= set(re.findall(r"^make (\w+)$", readme, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    found = re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text("utf-8")))
    relative = [link for link in found if "://" not in link]
    assert [link for link in relative if not leads(page, link)] == []


def leads(page: Path, link: str) -> bool:
    """Whether a relative link leads to a file, and to a heading in it where it names one."""
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if anchor else []
    slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    return not anchor or anchor in slugs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_long_block_is_on_a_page_once(page: Path) -> None:
    """A second one is what is left of two versions of a page."""
    texts = [match["text"] for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    assert [text for text in set(texts) if text.count("\n") > 3 and texts.count(text) > 1] == []


def test_a_link_that_leads_nowhere_is_noticed() -> None:
    assert leads(LANGUAGE, "../explanation/architecture.md#where-a-new-thing-goes")
    assert not leads(LANGUAGE, "nowhere.md")
    assert not leads(LANGUAGE, "../explanation/architecture.md#nowhere")


def code(page: Path) -> set[str]:
    """Everything that a page sets as code in its text."""
    text = BLOCK.sub("", page.read_text("utf-8"))
    return set(re.findall(r"`([^`\n]+)`", text))


def test_every_word_is_described() -> None:
    described = code(LANGUAGE)
    assert {*WORDS, *LOCAL_WORDS} - {found.partition(" ")[0] for found in described} == set()
    assert {"base", "prev", "next", "rest"} <= code(ROOT / "README.md")


def test_every_unit_and_suffix_is_described() -> None:
    found = " ".join(code(LANGUAGE))
    for written in (
        "500st",
        "5ep",
        "10%",
        "2Btok",
        *(f"{n}{s}" for n, s in zip((10, 2, 3), SUFFIXES, strict=True)),
    ):
        assert written in found


def test_every_operator_is_described() -> None:
    grammar = (ROOT / "grammar" / "lrs.lark").read_text("utf-8")
    signs = re.findall(r'^(?:THEN|PLUS|MINUS|STAR|SLASH|CARET): "(.+)"$', grammar, re.MULTILINE)
    assert len(signs) == 6
    assert {*signs, *COMPARISONS} - code(LANGUAGE) == set()


def test_every_statement_is_described() -> None:
    grammar = (ROOT / "grammar" / "lrs.lark").read_text("utf-8")
    words = re.findall(r"^[A-Z]+(?:\.\d)?: /([a-z]+)\\b/$", grammar, re.MULTILINE)
    described = " ".join(code(LANGUAGE))
    assert sorted(words) == ["def", "let", "param", "shape", "where"]
    assert [word for word in [*words, "lr:"] if word not in described] == []


def test_every_function_is_described() -> None:
    described = code(LANGUAGE)
    signatures = {found.partition("(")[0] for found in described if "(" in found}
    assert set(FUNCTIONS) - signatures == set()


def test_the_limits_are_the_codes() -> None:
    _, _, refused = LANGUAGE.read_text("utf-8").partition("\n## What is refused\n")
    flat = " ".join(refused.split())
    assert f"up to {EVERY:,} steps at every step" in flat


def test_every_limit_is_in_the_table() -> None:
    from lrdsl import limits

    _, _, text = LANGUAGE.read_text("utf-8").partition("\n## Limits\n")
    listed = re.findall(r"^\| ([0-9,^]+) \| .+ \| `LRS\d+` \|$", text, re.MULTILINE)
    # What a part counts for is said in words.
    own = {name: value for name, value in vars(limits).items() if name.isupper()}
    assert own.pop("OPERATIONS_A_PART")
    shown = ["2^53" if value == 2**53 else f"{value:,}" for value in own.values()]
    assert sorted(listed) == sorted(shown)


def test_every_code_that_a_page_names_exists() -> None:
    from lrdsl.diagnostics import catalogue

    named = {c for page in PAGES for c in re.findall(r"LRS\d+", page.read_text("utf-8"))}
    assert named
    assert named <= set(catalogue.CODES.values())

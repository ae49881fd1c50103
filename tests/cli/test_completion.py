"""What click offers to the shell, asked as the shell asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

import lrdsl
from lrdsl.check import library
from lrdsl.cli import COMMANDS, main
from lrdsl.cli.formats import FORMATS
from lrdsl.diagnostics import catalogue


def offered(*words: str) -> list[str]:
    """The words that are offered for the last one; an empty one where it is left to the shell."""
    *before, incomplete = words
    items = ShellComplete(main, {}, "lrdsl", "_LRDSL_COMPLETE").get_completions(before, incomplete)
    return ["" if item.type == "file" else item.value for item in items]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with schedules, configs, folders, and files of other kinds."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.lrs", "A.yaml", "b.toml", "notes.txt", ".hidden.lrs", "configs/run.json",
                 "configs/deep/x.lrs", "configs/deep/y.lrs", "empty/notes.txt"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_the_docs_have_a_line_for_each_shell() -> None:
    page = (Path(lrdsl.__file__).parents[1] / "docs" / "how-to" / "checking.md").read_text("utf-8")
    for shell in ("bash", "zsh", "fish"):
        assert f"_LRDSL_COMPLETE={shell}_source lrdsl" in page


def test_commands_and_options() -> None:
    assert offered("") == list(COMMANDS)
    assert offered("ex") == ["explain", "export"]
    assert offered("check", "--steps") == ["--steps-per-epoch", "--steps-per-epoch-from"]
    assert offered("check", "--format", "") == list(FORMATS)


def test_schedules_and_folders(folder: Path) -> None:
    assert offered("fmt", "") == ["a.lrs", "configs/", "empty/"]
    assert offered("fmt", "a.lrs", "a") == ["a.lrs"]


def test_what_reads_configs_offers_them_too(folder: Path) -> None:
    assert offered("check", "") == ["A.yaml", "a.lrs", "b.toml", "configs/", "empty/"]
    for command in ("preview", "diff", "explain"):
        assert offered(command, "") == offered("check", "")
    assert offered("check", "--strict", "b") == ["b.toml"]
    assert offered("check", "nothing") == []
    assert offered("check", "nowhere/") == []


def test_a_lone_folder_is_opened(folder: Path) -> None:
    assert offered("check", "conf") == ["configs/deep/", "configs/run.json"]
    assert offered("fmt", "conf") == ["configs/deep/x.lrs", "configs/deep/y.lrs"]
    assert offered("fmt", "./conf") == ["./configs/deep/x.lrs", "./configs/deep/y.lrs"]
    assert offered("fmt", f"{folder}/configs/deep/x") == [f"{folder}/configs/deep/x.lrs"]
    assert offered("fmt", "em") == ["empty/"]


def test_hidden_files_only_where_they_are_asked_for(folder: Path) -> None:
    assert offered("fmt", ".h") == [".hidden.lrs"]


def test_what_the_shell_has_to_quote_is_left_to_it(folder: Path) -> None:
    assert offered("fmt", "~/") == [""]
    (folder / "two words.lrs").touch()
    assert offered("fmt", "") == [""]
    assert offered("fmt", "a") == ["a.lrs"]


@pytest.mark.parametrize(
    "words", [("check", "--stdin-filename"), ("preview", "-o"), ("preview", "--metric")]
)
def test_other_files_are_left_to_the_shell(folder: Path, words: tuple[str, ...]) -> None:
    assert offered(*words, "n") == [""]


def test_codes_and_their_names(folder: Path) -> None:
    assert offered("explain", "LRS2") == [
        code for code in catalogue.CODES.values() if code.startswith("LRS2")
    ]
    assert offered("explain", "unknown-n") == ["unknown-name"]
    assert offered("explain", "a") == [*(x for x in catalogue.CODES if x[0] == "a"), "a.lrs"]


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_lints_by_name_or_code(option: str) -> None:
    lints = catalogue.lints()
    assert offered("check", option, "") == list(lints)
    assert offered("check", option, "LRS6") == list(lints.values())
    assert offered("check", option, "jump,useless") == ["jump,useless-ignore"]


def test_shapes_and_then_the_names_of_other_systems() -> None:
    assert offered("shapes", "") == list(library.names())
    assert offered("shapes", "cos")[0] == "cosine"
    assert offered("shapes", "CosineAnn") == ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]
    assert "get_wsd_schedule" in offered("shapes", "get_")

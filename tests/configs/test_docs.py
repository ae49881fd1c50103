"""The configs of the docs: each is short, and is read by what it is written for."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from omegaconf import OmegaConf

import lrdsl
from lrdsl.cli import main
from lrdsl.configs.settings import NAMES, load
from tests.blocks import ROOT, Block, blocks, each

# Who runs a block: `file` is used by a command of its page, `axolotl` and `lightning` by
# tests/trainers, `action` and `pre-commit` by tests/packaging.
MARKS = {
    "action", "axolotl", "check", "file", "hydra", "lightning", "omegaconf", "pre-commit", "yaml",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@each("yaml")
def test_a_config_is_short_and_says_who_reads_it(block: Block) -> None:
    assert len(block.text.splitlines()) <= 3
    assert block.mark.partition(":")[0] in MARKS


@each("yaml", marked="check:")
def test_a_config_is_checked(block: Block, folder: Path) -> None:
    Path("a.yaml").write_text(block.text, "utf-8")
    options = shlex.split(block.mark.removeprefix("check:"))
    done = CliRunner().invoke(main, ["check", "a.yaml", *options, "--strict"])
    assert (done.stdout, done.exit_code) == ("", 0)
    # A schedule was found there: one that is wrong is not passed over.
    Path("a.yaml").write_text(block.text.replace("cosine", "cosin"), "utf-8")
    done = CliRunner().invoke(main, ["check", "a.yaml", *options])
    assert "LRS201" in done.stdout


@each("yaml", marked="yaml")
def test_a_config_with_tags(block: Block) -> None:
    lrdsl.register("yaml")
    found = yaml.safe_load(block.text)
    assert found
    assert all(isinstance(value, lrdsl.Program) for value in found.values())


@each("yaml", marked="omegaconf")
def test_a_config_with_the_resolver(block: Block, folder: Path) -> None:
    lrdsl.register("omegaconf")
    found = OmegaConf.to_container(OmegaConf.create(block.text), resolve=True)
    assert isinstance(found, dict)
    assert [lrdsl.parse(text).source for text in found.values()] == list(found.values())
    (folder / "a.yaml").write_text(block.text, "utf-8")
    assert CliRunner().invoke(main, ["check", "a.yaml"]).exit_code == 0


def test_the_settings_of_a_project(tmp_path: Path) -> None:
    (block,) = [found for found in blocks("toml") if "[tool.lrdsl]" in found.text]
    (tmp_path / "pyproject.toml").write_text(block.text, "utf-8")
    settings = load(tmp_path, (), None, None)
    assert settings.keys == ("optimizer.schedule", "**.lr_schedule")
    assert (settings.run_from.total, settings.run_from.unit) == ("trainer.max_epochs", "ep")
    assert settings.run_from.steps_per_epoch == "data.steps_per_epoch"
    assert [line.split(" =")[0] for line in block.text.splitlines()[1:]] == list(NAMES)

"""Packages from npm: installed whole, once, at the versions of their list."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.blocks import ROOT
from tools import npm

LISTS = [
    path.parent
    for folder in ("editors", "tools")
    for path in sorted((ROOT / folder).glob("*/package-lock.json"))
]


def test_there_are_lists() -> None:
    assert {path.name for path in LISTS} >= {"editors", "site", "vscode"}


@pytest.mark.parametrize("folder", LISTS, ids=lambda path: path.name)
def test_every_package_is_pinned(folder: Path) -> None:
    package = json.loads((folder / "package.json").read_text("utf-8"))
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = package.get("dependencies", {}) | package.get("devDependencies", {})
    assert wanted
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in entry for name, entry in locked.items() if name)
    assert all("resolved" not in entry for entry in locked.values())


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """A list of no package."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "none"}', "utf-8")
    lock = {"name": "none", "lockfileVersion": 3, "requires": True, "packages": {"": {}}}
    (folder / "package-lock.json").write_text(json.dumps(lock), "utf-8")
    return folder


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_it_is_installed_again_when_the_list_changes(lists: Path, tmp_path: Path) -> None:
    folder = tmp_path / "build" / "npm"
    assert npm.install(lists, folder) == folder / "node_modules"
    (folder / "kept").touch()
    npm.install(lists, folder)
    assert (folder / "kept").exists()
    (lists / "package-lock.json").write_text(
        (lists / "package-lock.json").read_text("utf-8") + "\n", "utf-8"
    )
    npm.install(lists, folder)
    assert not (folder / "kept").exists()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["npm"]


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_a_list_that_fails_leaves_nothing(lists: Path, tmp_path: Path) -> None:
    (lists / "package-lock.json").write_text("{", "utf-8")
    with pytest.raises(npm.NpmError, match="npm has installed nothing"):
        npm.install(lists, tmp_path / "build" / "npm")
    assert [*(tmp_path / "build").iterdir()] == []


def test_without_npm_it_says_what_to_install(
    lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(npm.NpmError, match=r"needs Node\.js with npm"):
        npm.install(lists, tmp_path / "npm")

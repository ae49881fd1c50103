"""The extension for VS Code: its parts agree with each other and with lrdsl."""

from __future__ import annotations

import json
import re
from typing import Any

import lrdsl
from tests.blocks import ROOT
from tools.editors import VSCODE, textmate

PACKAGE: dict[str, Any] = json.loads((VSCODE / "package.json").read_text("utf-8"))
CONTRIBUTED: dict[str, Any] = PACKAGE["contributes"]
SOURCES = {path.name: path.read_text("utf-8") for path in (VSCODE / "src").glob("*.ts")}


def test_it_has_the_version_and_the_license_of_lrdsl() -> None:
    locked = json.loads((VSCODE / "package-lock.json").read_text("utf-8"))
    assert {PACKAGE["version"], locked["version"]} == {lrdsl.__version__}
    assert (VSCODE / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


def test_the_files_that_it_names_are_there() -> None:
    language = CONTRIBUTED["languages"][0]
    named = [
        PACKAGE["icon"],
        language["configuration"],
        *language["icon"].values(),
        *(grammar["path"] for grammar in CONTRIBUTED["grammars"]),
    ]
    assert [name for name in named if not (VSCODE / name).is_file()] == []


def test_the_grammars_are_those_that_are_derived() -> None:
    made = (textmate.language(), textmate.in_yaml(), textmate.in_flow_yaml())
    assert {grammar["scopeName"] for grammar in CONTRIBUTED["grammars"]} == {
        json.loads(text)["scopeName"] for text in made
    }


def test_the_colors_of_the_server_are_those_of_the_grammar() -> None:
    (scopes,) = {
        json.dumps(entry["scopes"]) for entry in CONTRIBUTED["semanticTokenScopes"]
    }  # the same for each language
    named = {scope for found in json.loads(scopes).values() for scope in found}
    assert named == {*textmate.SCOPES.values()} - {textmate.SCOPES["punctuation"]}


def test_every_command_and_setting_is_in_the_sources() -> None:
    commands = {command["command"] for command in CONTRIBUTED["commands"]}
    registered = re.findall(r'registerCommand\("([\w.]+)"', SOURCES["extension.ts"])
    assert commands == {*registered}
    listed = re.search(r"of (\[.+\])", SOURCES["run.ts"])
    assert listed is not None
    settings = {name.removeprefix("lrdsl.") for name in CONTRIBUTED["configuration"]["properties"]}
    assert settings - {"path"} == {*json.loads(listed[1])}
    read_me = (VSCODE / "README.md").read_text("utf-8")
    assert {*re.findall(r"^\| `lrdsl\.(\w+)`", read_me, re.MULTILINE)} == settings


def test_the_page_of_the_panel_loads_nothing_from_elsewhere() -> None:
    policy = "".join(
        re.findall(r'^\s+[`"](default-src.+|base-uri.+)[`"]', SOURCES["panel.ts"], re.M)
    )
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy

"""Schedules in configs: the same answers, at the places of the config."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import lrdsl
from lrdsl.cli import main

YAML = """\
# \U0001f680 a run
trainer:
  max_epochs: 90
lr: !lrs warmup(5ep) >> cosine(rest, 0.4, 4e-4)
quoted: !lrs "warmup(5ep) >> cosin(20ep) # x"
folded: !lrs >
  warmup(5ep)
  >> cosine(85ep, 0.4)
"""
TOML = 'total = 1000\nschedule = "warmup(5%) >> cosine(rest, 0.4)"\n'
JSON = '{"total": 1000, "schedule": "warmup(5%) >> cosin(rest)"}'


def test_each_schedule_is_answered_at_its_place() -> None:
    config = lrdsl.analyze_config(YAML, name="a.yaml", total_from="trainer.max_epochs=ep")
    assert len(config.schedules) == 3
    for word in ("cosine(rest", "warmup(5ep)\n"):
        analysis = config.at(YAML.index(word) + 1)
        assert analysis is not None
        hover = analysis.hover(YAML.index(word) + 1)
        assert hover is not None
        assert YAML[hover.start : hover.end] == word.partition("(")[0]
    assert config.at(YAML.index("max_epochs")) is None


def test_the_run_is_that_of_the_config() -> None:
    config = lrdsl.analyze_config(
        YAML, name="a.yaml", total_from="trainer.max_epochs=ep", steps_per_epoch=10
    )
    first, _, third = config.schedules
    assert (first.run, third.run) == ({"total": "90ep", "steps_per_epoch": 10},) * 2
    assert [one.resolved and one.resolved["lr"].length for one in (first, third)] == [900, 900]


def test_errors_are_where_the_config_has_them() -> None:
    config = lrdsl.analyze_config(YAML, name="a.yaml")
    (found,) = config.diagnostics
    analysis = config.schedules[1]
    place = analysis.location(found.span)
    assert YAML[place.start : place.end] == "cosin"
    assert analysis.diagnostics == config.diagnostics


def test_an_edit_is_made_where_the_config_spells_the_text_as_it_is() -> None:
    analysis = lrdsl.analyze_config(YAML, name="a.yaml").schedules[1]
    (edit,) = analysis.changes(analysis.diagnostics[0])[0].replacements
    assert YAML[: edit.start] + edit.text + YAML[edit.end :] == YAML.replace("cosin(2", "cosine(2")


def test_no_edit_is_made_in_a_text_with_escapes() -> None:
    text = 'lr: !lrs "warmup(5)\\t>> cosin(20)"\n'
    (analysis,) = lrdsl.analyze_config(text, name="a.yaml").schedules
    (found,) = analysis.diagnostics
    place = analysis.location(found.span)
    assert text[place.start : place.end] == text.partition("!lrs ")[2].rstrip()
    assert found.fixes
    assert analysis.changes(found) == ()
    assert analysis.tokens == ()


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.json", JSON)])
def test_other_formats(name: str, text: str) -> None:
    config = lrdsl.analyze_config(text, name=name, keys=["schedule"], total_from="total=st")
    (analysis,) = config.schedules
    assert analysis.run == {"total": "1000"}
    assert [d.code for d in config.diagnostics] == ([] if name == "a.toml" else ["LRS201"])
    assert analysis.completions(text.index("cos") + 3)[0].label == "cosine"


@pytest.mark.parametrize("text", ["lr: !lrs [1", "lr: !lrs {a: 1}", "", "\tx: 1", "lr: !lrs 5ep"])
def test_a_broken_config_has_the_findings_of_check(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    config = lrdsl.analyze_config(text, name=str(path))
    done = CliRunner().invoke(main, ["check", str(path), "--format", "json"])
    assert [d.to_json() for d in config.diagnostics] == json.loads(done.stdout)["diagnostics"]


def test_keys_come_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.lrdsl]\nkey = "schedule"\ntotal-from = "total=st"\n', "utf-8"
    )
    config = lrdsl.analyze_config(TOML, name=str(tmp_path / "a.toml"))
    assert [one.run for one in config.schedules] == [{"total": "1000"}]


def test_a_schedule_that_is_not_known_is_said() -> None:
    config = lrdsl.analyze_config("lr: !lrs ${other}\n", name="a.yaml")
    assert not config.schedules
    assert len(config.notes) == 1

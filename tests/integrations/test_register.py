"""What is told to PyYAML, OmegaConf and jsonargparse, which are asked themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonargparse
import pytest
import yaml
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError

import lrdsl
from lrdsl.integrations.register import LIBRARIES

TEXT = "warmup(5) >> cosine(20, 0.3)  # mine"
WRONG = "warmup(5) >> cosin(20)"
CARETS = "1 | warmup(5) >> cosin(20)\n  |              ^^^^^\n"


@pytest.fixture(autouse=True)
def registered() -> None:
    # Twice: doing it again changes nothing.
    lrdsl.register(*LIBRARIES)
    lrdsl.register("yaml", "omegaconf", "jsonargparse")


def test_what_it_knows_nothing_of() -> None:
    with pytest.raises(
        ValueError, match="register takes jsonargparse, omegaconf, torch, yaml, not 'toml'"
    ):
        lrdsl.register("toml")


@pytest.mark.parametrize("name", ["SafeLoader", "FullLoader", "CSafeLoader", "CFullLoader"])
def test_the_tag_of_yaml(name: str) -> None:
    loader = getattr(yaml, name)
    found = yaml.load(f"a: !lrs '{TEXT}'\nb: !lrs |\n  warmup(5)  # a\n  >> const\n", loader)
    assert {key: program.source for key, program in found.items()} == {
        "a": TEXT,
        "b": "warmup(5)  # a\n>> const\n",
    }
    with pytest.raises(lrdsl.LrsError) as caught:
        yaml.load(f"a: !lrs {WRONG}\n", loader)
    assert CARETS in str(caught.value)


def test_a_path_behind_the_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is relative to the file, or for a text to the current folder."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.lrs").write_text(TEXT)
    config = tmp_path / "conf" / "a.yaml"
    config.write_text("a: !lrs a.lrs\n")
    with config.open(encoding="utf-8") as stream:
        assert yaml.safe_load(stream)["a"].source == TEXT
    monkeypatch.chdir(tmp_path / "conf")
    assert yaml.safe_load("a: !lrs a.lrs\n")["a"] == lrdsl.parse(TEXT)


def test_the_resolver_of_omegaconf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.lrs").write_text(TEXT)
    config = OmegaConf.create(
        {
            "text": "${lrs:'warmup(5) >> cosine(20, ${peak})'}",
            "path": "${lrs:a.lrs}",
            "other": "${lrs:${path}}",
            "wrong": f"${{lrs:'{WRONG}'}}",
            "missing": "${lrs:b.lrs}",
            "peak": 0.3,
        }
    )
    assert config.text == "warmup(5) >> cosine(20, 0.3)"
    assert config.path == config.other == TEXT
    with pytest.raises(InterpolationResolutionError) as caught:
        _ = config.wrong
    assert CARETS in str(caught.value)
    with pytest.raises(InterpolationResolutionError, match=r"No such file or directory: 'b.lrs'"):
        _ = config.missing


class Model:
    def __init__(self, schedule: lrdsl.Program, other: lrdsl.Program | None = None) -> None:
        self.schedule, self.other = schedule, other


def parser() -> jsonargparse.ArgumentParser:
    made = jsonargparse.ArgumentParser(exit_on_error=False)
    made.add_argument("--config", action="config")
    made.add_class_arguments(Model, "model")
    return made


def model(*arguments: str) -> Any:
    found = parser()
    return found.instantiate(found.parse_args(list(arguments))).model


def test_an_argument() -> None:
    found = model("--model.schedule", TEXT)
    assert isinstance(found.schedule, lrdsl.Program)
    assert (found.schedule.source, found.other) == (TEXT, None)
    assert model("--model.schedule", TEXT, "--model.other", "const").other == lrdsl.parse("const")


def test_an_argument_that_is_wrong() -> None:
    with pytest.raises(jsonargparse.ArgumentError) as caught:
        model("--model.schedule", WRONG)
    flat = [line.strip() for line in str(caught.value).splitlines()]
    for line in CARETS.splitlines():
        assert line.strip() in flat
    with pytest.raises(jsonargparse.ArgumentError, match=r"to hold a rate, write `const\(value"):
        model("--model.schedule", "0.1")
    with pytest.raises(jsonargparse.ArgumentError, match=r"to hold a rate, write 'const\(value"):
        parser().parse_object({"model": {"schedule": 0.1}})


def test_a_path_in_a_config_is_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "s.lrs").write_text(TEXT)
    config = tmp_path / "config.yaml"
    config.write_text("model:\n  schedule: s.lrs\n")
    assert model("--config", str(config)).schedule.source == TEXT
    with pytest.raises(jsonargparse.ArgumentError, match=r"s\.lrs"):
        model("--model.schedule", "s.lrs")


def test_a_config_that_is_saved_holds_the_text(tmp_path: Path) -> None:
    (tmp_path / "s.lrs").write_text(TEXT)
    found = parser()
    given = found.parse_args(["--model.schedule", str(tmp_path / "s.lrs")])
    saved = tmp_path / "saved.yaml"
    saved.write_text(found.dump(given))
    assert yaml.safe_load(saved.read_text())["model"]["schedule"] == TEXT
    assert model("--config", str(saved)).schedule == lrdsl.parse(TEXT)

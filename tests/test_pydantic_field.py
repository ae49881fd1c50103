"""A program as a field of a model, under the pydantic that is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import lrdsl
from lrdsl import Program

TEXT = "param peak = 0.4  # swept\nwarmup(5) >> cosine(20, peak)"
WRONG = "warmup(0.1) >> cosin(20)"


class Experiment(BaseModel):
    name: str = "a"
    schedule: Program


def refusal(value: Any, **options: Any) -> dict[str, Any]:
    """The one error that a value of the field ends with."""
    with pytest.raises(ValidationError) as caught:
        Experiment.model_validate({"schedule": value}, **options)
    (error,) = caught.value.errors()
    assert error["loc"] == ("schedule",)
    # What pydantic itself turns into JSON.
    assert json.loads(caught.value.json())[0]["msg"] == error["msg"]
    return dict(error)


def test_a_text() -> None:
    model = Experiment.model_validate({"schedule": TEXT})
    assert model.schedule == lrdsl.parse(TEXT)
    assert model.schedule.source == TEXT
    assert Experiment.model_validate_json(json.dumps({"schedule": TEXT})) == model


def test_a_program() -> None:
    program = lrdsl.parse(TEXT)
    assert Experiment(schedule=program).schedule is program


@pytest.mark.parametrize("base", ["folder", "file", "path"])
def test_a_path_is_relative_to_the_base(tmp_path: Path, base: str) -> None:
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "a.lrs").write_text(TEXT, encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.touch()
    given = {"folder": str(tmp_path), "file": str(config), "path": config}[base]
    for value in ("schedules/a.lrs", Path("schedules/a.lrs")):
        model = Experiment.model_validate({"schedule": value}, context={"base": given})
        assert model.schedule == lrdsl.parse(TEXT)
        assert model.schedule.name == str(tmp_path / "schedules" / "a.lrs")


def test_without_a_base_it_is_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.lrs").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for context in (None, {}, {"base": None}, {"other": 1}, "no mapping"):
        model = Experiment.model_validate({"schedule": "a.lrs"}, context=context)
        assert model.schedule.name == "a.lrs"


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.lrs"
    path.write_text(TEXT, encoding="utf-8")
    model = Experiment.model_validate({"schedule": str(path)}, context={"base": "/nowhere"})
    assert model.schedule.name == str(path)


def test_the_message_is_the_full_diagnostic() -> None:
    error = refusal(WRONG)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(WRONG)
    assert error["msg"] == str(caught.value)
    assert error["msg"].startswith("error[LRS304 fractional-length]: ")
    assert error["type"] == "lrs"
    assert error["ctx"]["diagnostics"] == [d.to_json() for d in caught.value.diagnostics]
    assert len(error["ctx"]["diagnostics"]) == 2


def test_braces_in_a_text_are_no_template() -> None:
    text = "const(value = {text})"
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    assert refusal(text)["msg"] == str(caught.value)


def test_an_error_in_a_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.lrs").write_text(WRONG, encoding="utf-8")
    error = refusal("a.lrs", context={"base": tmp_path})
    assert f" --> {tmp_path / 'a.lrs'}:1:8\n" in error["msg"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refusal("a.lrs", context={"base": tmp_path})
    wanted = f"cannot read {tmp_path / 'a.lrs'}: No such file or directory"
    assert (error["msg"], error["type"]) == (wanted, "lrs_file")


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (0.3, "; to hold a rate, write 'const(value = 0.3)'"),
        (3, "; to hold a rate, write 'const(value = 3)'"),
        (True, ""),
        (None, ""),
        (["const"], ""),
    ],
)
def test_what_is_no_text(value: Any, hint: str) -> None:
    error = refusal(value)
    wanted = f"a schedule is a text or the path of a .lrs file, not {value!r}{hint}"
    assert (error["msg"], error["type"]) == (wanted, "lrs_type")


def test_a_comment_may_end_with_a_path() -> None:
    text = "const(5)  # was old.lrs"
    assert Experiment.model_validate({"schedule": text}).schedule.source == text


@pytest.mark.parametrize("text", ["cons(5) # old.lrs", "const >> a.lrs", "const\n.lrs"])
def test_a_text_that_ends_like_a_path_is_a_text(text: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    assert refusal(text)["msg"] == str(caught.value)


def test_json_round_trip() -> None:
    model = Experiment.model_validate({"schedule": TEXT})
    dumped = model.model_dump_json()
    assert json.loads(dumped) == {"name": "a", "schedule": TEXT}
    assert Experiment.model_validate_json(dumped) == model
    assert model.model_dump(mode="json")["schedule"] == TEXT
    assert model.model_dump()["schedule"] is model.schedule
    assert model.model_copy(deep=True) == model


def test_optional_defaults_and_lists() -> None:
    many = TypeAdapter(list[Program | None])
    text = "const(value = 0.1)"
    assert many.validate_python([None, text]) == [None, lrdsl.parse(text)]
    assert many.dump_json([None, lrdsl.parse(text)]) == b'[null,"const(value = 0.1)"]'


def test_the_json_schema() -> None:
    properties = Experiment.model_json_schema()["properties"]
    schema = properties["schedule"]
    assert (schema["type"], schema["format"]) == ("string", "lrs")
    assert "learning-rate schedule" in schema["description"]
    texts = [example for example in schema["examples"] if not example.endswith(".lrs")]
    assert texts
    for text in texts:
        assert Experiment.model_validate({"schedule": text}).schedule.source == text
    assert Experiment.model_json_schema(mode="serialization")["properties"] == properties


def test_a_field_may_describe_itself_otherwise() -> None:
    from pydantic import Field

    class Own(BaseModel):
        schedule: Program = Field(default=lrdsl.parse("const"), description="of the decoder")

    schema = Own.model_json_schema()["properties"]["schedule"]
    assert schema["description"] == "of the decoder"
    assert schema["default"] == "const"
    assert Own().schedule == lrdsl.parse("const")

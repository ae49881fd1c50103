"""``lrdsl export --to json``: the schema holds, and a reader in JavaScript follows the schedule."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import lrdsl
from lrdsl import Resolved
from tests.exporting import programs
from tests.exporting.programs import (
    examples,
    library_texts,
    random_texts,
    recipe_programs,
    resolved,
)
from tests.library import PARTS

ROOT = Path(lrdsl.__file__).parents[1]
READER = ROOT / "examples" / "follow_schedule.js"
BASE = 0.7
# Steps after the end, and the most that are compared of one schedule: evenly chosen, all of most.
AFTER, MOST = 5, 3_000
FOLLOWED = f"""
const {{ value }} = require({json.dumps(str(READER))});
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const {{ document, every, count }} of asked) {{
  const found = document.targets.map((target) =>
    Array.from({{ length: count }}, (_, n) => value(target, n * every, {{ base: {BASE} }})));
  console.log(JSON.stringify(found));
}}
"""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    path = ROOT / "docs" / "reference" / "export.schema.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(found)
    return found


def followed(asked: list[dict[str, Any]]) -> list[list[list[float]]]:
    """The values that the reader finds, for each document and each of its targets."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the reader in JavaScript is run by node, which is not installed")
    done = subprocess.run(
        [node, "-e", FOLLOWED], input=json.dumps(asked), capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_followed(many: list[Resolved]) -> None:
    asked = []
    for one in many:
        ends = [s.length for s in one.values() if s.length < math.inf]
        steps = int(max(ends, default=500)) + AFTER
        every = -(-steps // MOST)
        document = json.loads(lrdsl.export(one, "json"))
        asked.append({"document": document, "every": every, "count": -(-steps // every)})
    for one, request, curves in zip(many, asked, followed(asked), strict=True):
        for schedule, found in zip(one.values(), curves, strict=True):
            count = request["every"] * (request["count"] - 1) + 1
            wanted = schedule.values(count, base=BASE)[:: request["every"]]
            assert abs(found - wanted).max() <= 4 * math.ulp(wanted.max()), one.program


def test_the_library_and_the_recipes_are_followed(schema: dict[str, Any]) -> None:
    calls = [resolved(text, total=programs.TOTAL) for n in PARTS for text in library_texts(n)]
    assert_followed([*examples().values(), *recipe_programs().values(), *calls])


def test_random_programs_are_followed() -> None:
    assert_followed([resolved(text) for text in random_texts()])


def test_the_schema_holds_and_refuses_something_else(schema: dict[str, Any]) -> None:
    validator = Draft202012Validator(schema)
    several = resolved('lr: warmup(5) >> cosine(20) momentum: linear(9, 0.9, 0.8) lr["a"]: const')
    for one in [*examples().values(), several, *map(resolved, random_texts()[:50])]:
        validator.validate(json.loads(lrdsl.export(one, "json")))
    document = json.loads(lrdsl.export(several, "json"))
    assert [target["target"] for target in document["targets"]] == ["lr", "momentum", 'lr["a"]']
    assert [target["needs_base"] for target in document["targets"]] == [True, False, True]
    document["targets"][0]["parts"][0]["formula"] = ["round", "t"]
    assert not validator.is_valid(document)


def test_the_reader_is_short_and_prints_the_values_of_steps(tmp_path: Path) -> None:
    assert len(READER.read_text("utf-8").splitlines()) <= 60
    node = shutil.which("node")
    if node is None:
        pytest.skip("the reader in JavaScript is run by node, which is not installed")
    path = tmp_path / "lr.json"
    path.write_text(lrdsl.export("warmup(5, end = 0.3) >> linear(20)", "json"), "utf-8")
    done = subprocess.run(
        [node, READER, path, "0", "5", "15"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "0 0\n5 0.3\n15 0.15\n"

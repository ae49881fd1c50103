"""Schedules in configs and folders, as ``lrdsl check`` finds them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write
from tests.cli.process import bare_site, without_extras
from tests.cli.test_check import heads
from tests.packaging.extras import install

FINE = "warmup(5) >> cosine(20, 0.3, 0.01) >> const"
KEY = ("--key", "**.schedule")


def shown(output: str) -> list[str]:
    """What the carets of each diagnostic stand under."""
    pairs = re.findall(r"^\d+ \| (.*)\n *\| ( *)(\^+)$", output, re.MULTILINE)
    return [line[len(indent) : len(indent) + len(carets)] for line, indent, carets in pairs]


def said(output: str) -> list[str]:
    """What the warnings say."""
    return re.findall(r"^warning\[LRS\d+ ([\w-]+\]: .*)$", output, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "text", "line", "under"),
    [
        ("a.yaml", "o:\n  schedule: warmup(5) >> cosin(20)\n", 2, "cosin"),
        ("a.yaml", "schedule: |\n  # one\n  warmup(5)\n    >> cosin(20)\n", 4, "cosin"),
        ("a.yaml", "schedule: >-\n  warmup(5)\n\n  >> cosin(20)\n", 4, "cosin"),
        ("a.yaml", "schedule: warmup(5)\n    >> cosin(20)\n", 2, "cosin"),
        ("a.yaml", "schedule: 'warmup(5)\n   >> cosin(20)'\n", 2, "cosin"),
        (
            "a.yaml",
            'schedule: "warmup(5)\\n\\x3e> cosin(20)"\n',
            1,
            '"warmup(5)\\n\\x3e> cosin(20)"',
        ),
        (
            "a.yaml",
            'schedule: "warm\\x75p(5) >> cos\\x69n(20)"\n',
            1,
            '"warm\\x75p(5) >> cos\\x69n(20)"',
        ),
        ("a.yaml", "ä: 🙂\nschedule: warmup(5) >> cosin(20)\n", 2, "cosin"),
        ("a.yaml", "x: !lrs warmup(5) >> cosin(20)\n", 1, "cosin"),
        ("a.yml", "- schedule: cosin(20)\r\n- schedule: const\r\n", 1, "cosin"),
        ("a.toml", '[o]\nschedule = """\nwarmup(5)\n  >> cosin(20)"""\n', 4, "cosin"),
        ("a.toml", "o.schedule = 'warmup(5) >> cosin(20)'\n", 1, "cosin"),
        (
            "a.json",
            '{"o": [{"schedule":\t"\\u0077armup(5) >> cosin(20)"}]}',
            1,
            '"\\u0077armup(5) >> cosin(20)"',
        ),
        ("a.yaml", "schedule: 0.1\n", 1, "0.1"),
        ("a.json", '{"schedule": 0.1}', 1, "0.1"),
        ("a.toml", "schedule = 0.1", 1, "0.1"),
    ],
)
def test_the_caret_points_into_the_config(
    run: Run, write: Write, name: str, text: str, line: int, under: str
) -> None:
    done = run("check", write(name, text), *KEY)
    (head,) = heads(done.stdout)
    column = text.splitlines()[line - 1].index(under) + 1
    assert head.split()[1] == f"{name}:{line}:{column}"
    assert shown(done.stdout) == [under]
    assert done.stdout.endswith("\n1 error in 1 file\n")
    assert (done.stderr, done.exit_code) == ("", 1)


@pytest.mark.parametrize("style", ["|\n  {}", ">\n  {}", "'{}'", '"{}"', "{}"])
def test_the_end_of_a_text(run: Run, write: Write, style: str) -> None:
    text = "k: 1\nschedule: " + style.format("const(5,") + "\nother: 2\n"
    done = run("check", write("a.yaml", text), *KEY)
    line = 3 if "\n" in style else 2
    column = text.splitlines()[line - 1].index(",") + 2
    assert heads(done.stdout) == [f"LRS102 a.yaml:{line}:{column}"]


def test_a_line_that_a_message_names_is_one_of_the_config(run: Run, write: Write) -> None:
    text = "k: 1\nschedule: |\n  let a = 1\n  let a = 2\n  const(value = a)\n"
    done = run("check", write("a.yaml", text), *KEY)
    assert "`a` is defined already, on line 3\n --> a.yaml:4:7\n" in done.stdout


def test_silent_where_all_is_well(run: Run, write: Write) -> None:
    write("warm.lrs", FINE)
    text = f'a: {{schedule: "{FINE}"}}\nb: {{schedule: warm.lrs}}\nc: !lrs const\n'
    done = run("check", write("a.yaml", text), *KEY)
    assert (done.output, done.exit_code) == ("", 0)


def test_folders_are_walked_in_order(run: Run, write: Write, tmp_path: Path) -> None:
    for folder in ("b/inner", "a", ".hidden"):
        (tmp_path / "configs" / folder).mkdir(parents=True)
    for name in (
        "b/inner/z.lrs", "b/y.lrs", "a/x.lrs", ".hidden/no.lrs", "c.lrs", ".no.lrs", "no.txt",
    ):  # fmt: skip
        write(f"configs/{name}", "cosin(5)")
    write("configs/b/a.yaml", "schedule: cosin(5)\n")
    done = run("check", "configs", *KEY)
    places = [head.split()[1] for head in heads(done.stdout)]
    assert places == [
        "configs/a/x.lrs:1:1",
        "configs/b/a.yaml:1:11",
        "configs/b/inner/z.lrs:1:1",
        "configs/b/y.lrs:1:1",
        "configs/c.lrs:1:1",
    ]
    assert run("check", "configs/", "c.lrs").stderr.count("cannot read c.lrs") == 1
    assert heads(run("check", ".", *KEY).stdout) == heads(done.stdout)


NOTHING = "note: no schedule was found under `**.schedule`; --key names the keys that have them\n"


def test_what_holds_no_schedule_need_not_be_well_formed(run: Run, write: Write) -> None:
    write("template.yaml", "{{ jinja }}: [\n")
    assert run("check", ".", *KEY).output == NOTHING
    write("template.yaml", "{{ jinja }}: [\nschedule: 1")
    assert heads(run("check", ".", *KEY).stdout) == ["LRS701 template.yaml:2:12"]


def test_a_file_that_a_config_names(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "conf" / "s").mkdir(parents=True)
    write("conf/s/warm.lrs", "cosin(5)")
    write("conf/a.yaml", "x: s/warm.lrs\ny: {schedule: s/warm.lrs}\n")
    write("conf/b.toml", "x = 's/warm.lrs'\n")
    done = run("check", "conf", *KEY)
    assert heads(done.stdout) == ["LRS201 conf/s/warm.lrs:1:1"]
    done = run("check", write("conf/c.json", '{"x": "s/cold.lrs"}'))
    assert heads(done.stdout) == ["LRS704 conf/c.json:1:7"]
    assert "help: the path is relative to the folder of this file, `conf`, or to" in done.stdout
    # Hydra's paths are relative to where it was started.
    (tmp_path / "s").mkdir()
    write("s/cold.lrs", "const")
    assert run("check", "conf/c.json").output == ""


@pytest.mark.parametrize(
    "text",
    [
        f"{{lr: 1, schedule: {FINE}}}",
        f"schedules: {{a.b: {{schedule: {FINE}}}}}",
        f"many: [{{schedule: {FINE}}}]",
        "schedule: [const, cosine(20, 0.3), cosin]",
        "schedule: [const, cosine(20, (0.3), max(a, b)), cosin]",
    ],
)
def test_a_flow_map_that_split_a_text(run: Run, write: Write, text: str) -> None:
    done = run("check", write("a.yaml", text), *KEY, "--key", "schedule.*")
    # What is left over behind the comma is no schedule, and what comes after it is one.
    others = [f"LRS201 a.yaml:1:{text.index('cosin]') + 1}"] if "cosin]" in text else []
    assert heads(done.stdout) == [f"LRS702 a.yaml:1:{text.index('20,') + 3}", *others]
    assert shown(done.stdout)[0] == ","


@pytest.mark.parametrize(
    "text",
    [
        f'{{schedule: "{FINE}"}}',
        "{schedule: warmup(5) >> const, lr: 1}",
        "[{schedule: const}, 3]",
    ],
)
def test_a_flow_map_that_split_nothing(run: Run, write: Write, text: str) -> None:
    done = run("check", write("a.yaml", text), *KEY)
    assert (done.output, done.exit_code) == ("", 0)


@pytest.mark.parametrize(
    ("text", "place", "under"),
    [
        # The text is over too early.
        ("schedule: warmup(5) >> # five\n", "1:24", "# five"),
        ("schedule: cosine(20, # length\n", "1:22", "# length"),
        ("schedule: warmup(5)\n  >> cosine(20, # a\nx: 1\n", "2:17", "# a"),
        # YAML takes the line below for a block of its own.
        ("schedule: warmup(5)  # five\n  >> cosine(20)\n", "1:22", "# five"),
        # Folded into one line, all that follows is a comment.
        ("schedule: >\n  warmup(5)  # five\n  >> cosine(20)\n", "2:14", "# five"),
        ('schedule: "warmup(5)  # five\n  >> cosine(20)"\n', "1:23", "# five"),
        ("schedule: warmup(5)#five\n  >> cosine(20)\n", "1:20", "#five"),
    ],
)
def test_a_comment_that_cut_a_text(
    run: Run, write: Write, text: str, place: str, under: str
) -> None:
    done = run("check", write("a.yaml", text), *KEY)
    assert heads(done.stdout) == [f"LRS703 a.yaml:{place}"]
    assert shown(done.stdout) == [under]


@pytest.mark.parametrize(
    "text",
    [
        "schedule: warmup(5) >> const  # five\n",
        "schedule: |\n  warmup(5)  # five\n  >> const  # a\n",
        "schedule: >\n  warmup(5)\n  >> const  # the end\n\nx: 1\n",
        'schedule: "warmup(5) # five\\n>> const"  # a >> b\n',
        "schedule: >\n  lr['#']: const\n",
    ],
)
def test_a_comment_that_cut_nothing(run: Run, write: Write, text: str) -> None:
    text = text.replace("['#']", '["#"]') + ("lines: 1\n" if "['#']" in text else "")
    done = run("check", write("a.yaml", text), *KEY)
    assert (done.output, done.exit_code) == ("", 0)


def test_a_comment_that_looks_like_a_schedule_gets_a_note(run: Run, write: Write) -> None:
    done = run("check", write("a.yaml", "schedule: warmup(5) # five >> cosine(20)\n"), *KEY)
    note = "note: a.yaml:1:21 is a comment of YAML; if its `>>` belongs to the schedule, quote the"
    assert done.stderr == f"{note} whole\n"
    assert (done.stdout, done.exit_code) == ("", 0)


def test_other_errors_of_a_text_before_a_comment_stay(run: Run, write: Write) -> None:
    done = run("check", write("a.yaml", "schedule: cosin(5) + 1e  # a comment\n"), *KEY)
    assert heads(done.stdout) == ["LRS201 a.yaml:1:11", "LRS306 a.yaml:1:22"]


def test_a_value_that_starts_with_angles(run: Run, write: Write) -> None:
    done = run("check", write("a.yaml", "schedule:\n  >> cosine(20)\n"), *KEY)
    assert heads(done.stdout) == ["LRS701 a.yaml:2:3"]
    assert "help: write `|` after the key and the text below it, or end a line" in done.stdout


@pytest.mark.parametrize("text", ["${model.schedule}", "'cosine(${n}ep)'", "${dir}/a.lrs"])
def test_an_interpolation_is_not_checked(run: Run, write: Write, text: str) -> None:
    done = run("check", write("a.yaml", f"schedule: {text}\n"), *KEY)
    assert done.stderr == (
        "note: a.yaml:1:11 holds an interpolation, so the schedule there is not known and not "
        "checked\n"
    )
    assert (done.stdout, done.exit_code) == ("", 0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("s: ${lrs:'warmup(5) >> cosin(20)'}", "LRS201 a.yaml:1:24"),
        ("s: \"${lrs:'cosin(20)'}\"", "LRS201 a.yaml:1:12"),
        ("s: ${lrs:cosin}", "LRS201 a.yaml:1:10"),
        ("s: ${lrs:warm.lrs}", "LRS201 warm.lrs:1:1"),
        ("s: ${lrs:cold.lrs}", "LRS704 a.yaml:1:4"),
        ("s: ${lrs:'cosin(20)", ""),
        ("s: ${lrs:${x}}", ""),
    ],
)
def test_the_resolver_of_omegaconf(run: Run, write: Write, text: str, wanted: str) -> None:
    write("warm.lrs", "cosin(20)")
    done = run("check", write("a.yaml", text))
    assert heads(done.stdout) == ([wanted] if wanted else [])


CALL = "_target_: lrdsl.compile\n_partial_: true\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("source: cosin(20)\n", "LRS201 a.yaml:3:9"),
        ("source: warm.lrs\n", "LRS201 warm.lrs:1:1"),
        ("source: param a = 1  linear(a * 1st)\nparams: {b: 2}\n", "LRS212 a.yaml:4:13"),
        ("source: linear(5)\ntotal: 0\n", "LRS310 a.yaml:4:8"),
        ("source: warmup(60) >> const >> linear(1ep)\ntotal: 5ep\nsteps_per_epoch: 10\n", "LRS404"),
        ("source: warmup(60) >> const >> linear(1ep)\ntotal: ${n}\nsteps_per_epoch: 10\n", ""),
        ("source: ???\n", ""),
        ("source: null\n", "LRS706 a.yaml:3:9"),
        ("source: ${x}\n", ""),
    ],
)
def test_a_call_of_hydra(run: Run, write: Write, text: str, wanted: str) -> None:
    write("warm.lrs", "cosin(20)")
    done = run("check", write("a.yaml", CALL + text))
    assert [head[: len(wanted)] for head in heads(done.stdout)] == ([wanted] if wanted else [])
    other = f"{CALL}{text}".replace("lrdsl.compile", "other.compile")
    assert run("check", write("a.yaml", other)).stdout == (
        done.stdout if "warm.lrs" in text else ""
    )


def test_settings_of_the_project(run: Run, write: Write, tmp_path: Path) -> None:
    write("pyproject.toml", '[tool.lrdsl]\nkey = ["a", "b.*"]\n')
    write("x.yaml", "a: cosin(1)\nb: {c: cosin(2)}\nd: cosin(3)\n")
    done = run("check", "x.yaml")
    assert heads(done.stdout) == ["LRS201 x.yaml:1:4", "LRS201 x.yaml:2:8"]
    done = run("check", "x.yaml", "--key", "d")
    assert heads(done.stdout) == ["LRS201 x.yaml:3:4"]
    write("pyproject.toml", '[tool.lrdsl]\nkey = "d"\n')
    assert heads(run("check", ".").stdout) == ["LRS201 x.yaml:3:4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.lrdsl\n", "is not TOML: "),
        ("[tool]\nlrdsl = 3\n", ": tool.lrdsl is a table"),
        ("[tool.lrdsl]\nkey = 3\n", ": key of [tool.lrdsl] is a text or a list of texts, not 3"),
        ("[tool.lrdsl]\nkey = [3]\n", ": key of [tool.lrdsl] is a text or a list of texts, "),
        ("[tool.lrdsl]\ntotal-from = 3\n", ": total-from of [tool.lrdsl] is a text, not 3"),
        ("[tool.lrdsl]\nkeys = 'a'\n", ": [tool.lrdsl] has no `keys`; did you mean `key`?"),
        ("[tool.lrdsl]\ntotl-from = 'a'\n", "no `totl-from`; did you mean `total-from`?"),
        (
            "[tool.lrdsl]\nx = 1\n",
            "no `x`; it has key, total-from, steps-per-epoch-from and runs\n",
        ),
    ],
)
def test_settings_that_make_no_sense(run: Run, write: Write, text: str, problem: str) -> None:
    write("pyproject.toml", text)
    write("a.yaml", "a: 1")
    done = run("check", "a.yaml")
    assert problem in done.stderr
    assert (done.stdout, done.exit_code) == ("", 2)
    # Who checks no config is not told about it.
    assert run("check", "-e", "const").exit_code == 0


def test_standard_input_that_is_a_config(run: Run, write: Write) -> None:
    write("pyproject.toml", "[tool.lrdsl]\nkey = 'schedule'\n")
    text = "schedule: cosin(5)\n"
    done = run("check", "-", "--stdin-filename", "conf/a.yaml", input=text)
    assert heads(done.stdout) == ["LRS201 conf/a.yaml:1:11"]
    assert heads(run("check", "-", "--stdin-filename", "a.lrs", input="cosin").stdout) == [
        "LRS201 a.lrs:1:1"
    ]


def test_formats_for_machines_point_into_the_config(run: Run, write: Write) -> None:
    write("a.yaml", "schedule: |\n  const(5)\n  >> cosin(5)\n")
    done = run("check", "a.yaml", *KEY, "--format", "json")
    (found,) = json.loads(done.stdout)["diagnostics"]
    places = {key: found[key] for key in ("name", "line", "column", "end_line", "end_column")}
    assert places == {"name": "a.yaml", "line": 3, "column": 6, "end_line": 3, "end_column": 11}
    done = run("check", "a.yaml", *KEY, "--format", "github")
    assert "file=a.yaml,line=3,endLine=3,col=6,endColumn=11" in done.stdout


def test_a_config_that_cannot_be_read(run: Run, write: Write) -> None:
    done = run("check", "nowhere.yaml", write("a.yaml", "x: !lrs cosin\n"))
    assert done.stderr == "lrdsl: cannot read nowhere.yaml: No such file or directory\n"
    assert heads(done.stdout) == ["LRS201 a.yaml:1:9"]
    assert done.exit_code == 2


def test_without_the_extra(tmp_path: Path) -> None:
    site = bare_site(tmp_path / "site", "click", "lark")
    path = tmp_path / "a.yaml"
    path.write_text("a: !lrs const\n")
    done = without_extras(site, "check", str(path), cwd=tmp_path)
    wanted = f"lrdsl: this needs yaml: {install('configs')}\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", wanted, 2)
    path.write_text("a: 1\n")
    assert without_extras(site, "check", str(tmp_path), cwd=tmp_path).stderr == (
        NOTHING.replace(" under `**.schedule`", "")
    )
    (tmp_path / "b.lrs").write_text("const")
    done = without_extras(site, "check", str(tmp_path), cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


JUMP = "linear(5, 1, 0.5) >> linear(5, 0.2)"
IGNORE = "# lrs: ignore[jump]"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", f"schedule: {JUMP}  {IGNORE}\n"),
        ("a.yaml", f'schedule: "{JUMP}"  {IGNORE}\n'),
        ("a.yaml", f'a: {{schedule: "{JUMP}"}}  {IGNORE}\n'),
        ("a.yaml", f"schedule: |\n  {JUMP}  {IGNORE}\n"),
        (
            "a.yaml",
            f"schedule: {JUMP.replace(' >>', chr(10) + '  >>')}\n    + 0  {IGNORE}\n",
        ),
        ("a.yaml", f"schedule: '{JUMP}  {IGNORE}'\n"),
        ("a.toml", f'schedule = "{JUMP}"  {IGNORE}\n'),
        ("a.toml", f"schedule = '''\n{JUMP} {IGNORE}\n'''\n"),
        ("a.json", f'{{"schedule": "{JUMP}  {IGNORE}"}}\n'),
    ],
)
def test_a_comment_that_ignores(run: Run, write: Write, name: str, text: str) -> None:
    assert run("check", write(name, text), *KEY).output == ""
    without = text.replace(IGNORE, "")
    assert [
        line.split("]")[0] for line in said(run("check", write(name, without), *KEY).stdout)
    ] == ["jump"]


def test_a_comment_of_a_config_that_ignores_nothing(run: Run, write: Write) -> None:
    text = "k: 1\nschedule: const  # lrs: ignore[unused-name]\nother: const  # lrs: ignore[jump]\n"
    done = run("check", write("a.yaml", text), *KEY)
    assert "useless-ignore" in done.stdout
    assert shown(done.stdout) == ["unused-name"]

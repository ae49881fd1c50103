from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.diagnostics import catalogue
from tests.cli.conftest import Run, Write


def test_the_list_has_every_code_in_order(run: Run) -> None:
    done = run("explain")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines == [[code, slug] for slug, code in catalogue.CODES.items()]
    assert [code for code, _ in lines] == sorted(code for code, _ in lines)
    assert len(lines) > 40
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.parametrize("slug", list(catalogue.CODES))
def test_each_is_explained_by_code_and_by_name(run: Run, slug: catalogue.Slug) -> None:
    code = catalogue.CODES[slug]
    done = run("explain", code)
    assert done.stdout.startswith(f"# {code} {slug}\n\n")
    assert done.stdout.endswith("```\n")
    assert (done.stderr, done.exit_code) == ("", 0)
    assert run("explain", slug).stdout == run("explain", code.lower()).stdout == done.stdout


def test_the_way_from_an_error_to_its_page(run: Run) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse("cosin(20)")
    last = str(caught.value).splitlines()[-1]
    assert last.startswith("more: lrdsl explain ")
    assert run(*last.split()[2:]).exit_code == 0


@pytest.mark.parametrize("code", ["LRS000", "000", "", "LRS"])
def test_an_unknown_code_is_misuse(run: Run, code: str) -> None:
    done = run("explain", code)
    wanted = f"lrdsl: there is no code {code}; `lrdsl explain` lists them all\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", wanted, 2)


def test_the_number_of_a_code_is_enough(run: Run) -> None:
    assert run("explain", "602").stdout == run("explain", "LRS602").stdout


def test_a_shape_is_explained_elsewhere(run: Run) -> None:
    done = run("explain", "cosine")
    wanted = "lrdsl: there is no code cosine; for the shape, `lrdsl shapes cosine`\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", wanted, 2)


ROOT = Path(lrdsl.__file__).parents[1]
RESNET = str(ROOT / "examples" / "resnet50.lrs")
TOLD = """\
lr: warms up from 0 to 0.4 over 6,255 steps (5 epochs),
    then follows half a cosine from 0.4 to 4e-4 over 106,335 steps (85 epochs),
    then holds 4e-4 forever.
"""


def test_a_schedule_in_words(run: Run) -> None:
    done = run("explain", RESNET, "--steps-per-epoch", "1251")
    assert (done.stdout, done.stderr, done.exit_code) == (TOLD, "", 0)


def test_a_schedule_from_standard_input_or_the_command_line(run: Run) -> None:
    wanted = "lr: holds 0.1 forever.\n"
    assert run("explain", "-", input="const(value = 0.1)").stdout == wanted
    assert run("explain", "-e", "const(value = 0.1)").stdout == wanted


def test_every_target_and_every_file(run: Run, write: Write) -> None:
    name = write("two.lrs", "lr: const\nmomentum: const(value = 0.9)\n")
    done = run("explain", name, RESNET, "--steps-per-epoch", "1251")
    assert done.stdout == (
        f"two.lrs:\nlr: holds `base` forever.\nmomentum: holds 0.9 forever.\n{RESNET}:\n{TOLD}"
    )


def test_the_bases_are_told_by_target(run: Run) -> None:
    text = "lr: const  momentum: const"
    done = run("explain", "-e", text, "--base", "momentum=0.8")
    assert done.stdout == "lr: holds `base` forever.\nmomentum: holds 0.8 forever.\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "warmup(5ep) >> cosine(85ep, 0.4, 0.0004) >> const",
            "lr: warms up from 0 to 0.4 over 5 epochs,\n"
            "    then follows half a cosine from 0.4 to 4e-4 over 85 epochs,\n"
            "    then holds 4e-4 forever.\n",
        ),
        (
            "multistep([30ep, 60ep], length = 90ep)",
            "lr: drops at milestones from `base` to 0.01 × `base` over 90 epochs, with"
            " milestones = 30 epochs and 60 epochs and gamma = 0.1,\n"
            "    and stays at 0.01 × `base` from 90 epochs on.\n",
        ),
        (
            "restarts(1ep, 2, times = 3)",
            "lr: repeats 3 times, in cycles of 1 epoch, 2 epochs and 4 epochs: [follows half a"
            " cosine from `base` to 0 over 1 epoch],\n    and stays at 0 from 7 epochs on.\n",
        ),
        (
            "wsd(2%, 20%)",
            "lr: warms up from 0 to `base` over 2% of the run,\n"
            "    then holds `base` for 78% of the run,\n"
            "    then cools down from `base` to 0 over 20% of the run,\n"
            "    and stays at 0 from 100% of the run on.\n",
        ),
        (
            "warmup(2Btok) >> linear(8Btok)",
            "lr: warms up from 0 to `base` over 2Btok,\n"
            "    then goes in a straight line from `base` to 0 over 8Btok,\n"
            "    and stays at 0 from 10Btok on.\n",
        ),
    ],
)
def test_without_a_run_it_counts_in_the_unit_of_the_text(run: Run, text: str, wanted: str) -> None:
    assert run("explain", "-e", text).output == wanted


def test_a_schedule_that_needs_a_run_says_so(run: Run) -> None:
    done = run("explain", "-e", "warmup(500) >> cosine(85ep)")
    assert done.stdout.startswith("error[LRS307 unresolved-unit]")
    assert done.exit_code == 1


def test_a_code_and_a_schedule(run: Run) -> None:
    done = run("explain", "LRS201", "-e", "const(value = 0.1)")
    assert done.stdout.startswith("# LRS201")
    assert done.stdout.endswith("lr: holds 0.1 forever.\n")


@pytest.mark.parametrize("name", ["none.lrs", "some/folder", "x.yaml"])
def test_what_looks_like_a_file_is_no_code(run: Run, name: str) -> None:
    done = run("explain", name)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert done.stderr == f"lrdsl: cannot read {name}: No such file or directory\n"

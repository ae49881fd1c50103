"""`lrdsl import`: what it prints, says and writes, and its status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import lrdsl
from lrdsl.cli.importing import VERDICTS
from tests.cli.conftest import Run, Write

SCHEMA = Path(lrdsl.__file__).parents[1] / "docs" / "reference" / "import.schema.json"

ARGUMENTS = "learning_rate: 2e-5\nlr_scheduler_type: cosine\nwarmup_steps: 10\nmax_steps: 100\n"
# A power below 0 makes a decay that grows without end, for which there is no shape.
UNSAID = """
from transformers import get_polynomial_decay_schedule_with_warmup
s = get_polynomial_decay_schedule_with_warmup(optimizer, 10, 100, power=-0.5)
"""


def test_the_text_and_the_proof(run: Run, write: Write) -> None:
    done = run("import", write("train.yaml", ARGUMENTS))
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        "# from train.yaml:2, transformers: cosine\n"
        "# the optimizer's learning rate is 2e-5\n"
        "run total = 100\n"
        "warmup(10) >> cosine\n"
    )
    assert done.stderr.startswith(
        "train.yaml:2, transformers: cosine: proven: 100 steps equal,"
        " largest difference 0 of the peak, by "
    )
    assert "; after the run, from step 101 on, the original has" in done.stderr


def test_the_text_needs_no_more_said_of_the_run(run: Run, write: Write) -> None:
    text = run("import", write("train.yaml", ARGUMENTS)).stdout
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t, base=2e-5) for t in (0, 5, 10, 55, 100)] == pytest.approx(
        [0, 1e-5, 2e-5, 1e-5, 0], abs=1e-17
    )


def test_names_of_a_script_become_params(run: Run, write: Write) -> None:
    script = (
        "import transformers\n"
        "s = transformers.get_linear_schedule_with_warmup(\n"
        "    optimizer, args.warmup, len(loader) * args.epochs)\n"
    )
    done = run("import", write("train.py", script))
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        "# from train.py:2, transformers: linear\n"
        "# the source has no value for `epochs`, `n_warmup`: those below are examples\n"
        "# pass `steps_per_epoch`, the updates of an epoch\n"
        "param epochs = 30\n"
        "param n_warmup = 10\n"
        "run total = 1ep * epochs\n"
        "warmup(n_warmup) >> linear\n"
    )
    assert "3,000, 629 and 22,590 steps equal" in done.stderr


def test_nothing_found_says_what_was_looked_for(run: Run, write: Write) -> None:
    done = run("import", write("train.yaml", "model: resnet50\n"))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("no schedule was found in 1 file; looked for:\n")
    assert "  transformers: lr_scheduler_type, " in done.stderr


def test_what_cannot_be_said_is_refused(run: Run, write: Write) -> None:
    done = run("import", write("train.py", UNSAID))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "train.py:3, transformers: polynomial: refused: the translation cannot be laid out:"
        " `poly` needs `power > 0`, and `power` is -0.5\n"
    )


def test_an_option_that_is_not_known_is_refused(run: Run, write: Write) -> None:
    source = write("train.yaml", f"{ARGUMENTS}lr_scheduler_kwargs: {{cycles: 2}}\n")
    done = run("import", source)
    assert done.exit_code == 1
    assert "refused: 1 field not understood: `lr_scheduler_kwargs.cycles`" in done.stderr


def test_a_missing_file_is_misuse(run: Run, write: Write) -> None:
    done = run("import", write("train.yaml", ARGUMENTS), "other.yaml")
    assert done.exit_code == 2
    assert "lrdsl: cannot read other.yaml: there is no such file" in done.stderr
    assert "proven" in done.stderr


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("transformers", "--as takes a name and a version, as in torchtitan==0.3.0"),
        ("transformer==5", "--as knows no `transformer`"),
    ],
)
def test_what_as_does_not_take(run: Run, write: Write, version: str, said: str) -> None:
    done = run("import", write("train.yaml", ARGUMENTS), "--as", version)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_version_that_was_not_compared_proves_nothing(run: Run, write: Write) -> None:
    source = write("train.yaml", ARGUMENTS)
    done = run("import", source, "--as", "transformers==4.46.3")
    assert done.exit_code == 1
    assert "cosine: not proven: 100 steps equal" in done.stderr
    assert "(formula, not run)" in done.stderr
    trusted = run("import", source, "--as", "transformers==4.46.3", "--trust-formula")
    assert trusted.exit_code == 0


def test_a_folder_ends_in_a_table(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "configs" / "deep").mkdir(parents=True)
    write("configs/a.yaml", ARGUMENTS)
    write("configs/deep/b.py", UNSAID)
    write("configs/c.json", "{}")
    done = run("import", "configs")
    assert done.exit_code == 1
    assert done.stderr.endswith("  1 proven\n  1 refused\n  1 without a schedule: configs/c.json\n")
    lines = done.stderr.splitlines()
    assert ": refused: " in lines[-4]  # below what is proven
    assert run("import", "configs", "--allow-refused").exit_code == 0


def test_of_many_files_without_a_schedule_some_are_named(
    run: Run, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "configs").mkdir()
    write("configs/a.yaml", ARGUMENTS)
    for i in range(12):
        write(f"configs/n{i:02}.json", "{}")
    assert run("import", "configs").stderr.endswith(
        "   1 proven\n  12 without a schedule: configs/n00.json, configs/n01.json,"
        " configs/n02.json, configs/n03.json, configs/n04.json, configs/n05.json,"
        " configs/n06.json, configs/n07.json, configs/n08.json, configs/n09.json and 2 more\n"
    )


def test_what_is_written_has_no_finding(run: Run, write: Write) -> None:
    """A warm-up in updates beside epochs has a unit of its own."""
    source = (
        "train_cfg = dict(by_epoch=True, max_epochs=24)\n"
        "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02))\n"
        "param_scheduler = [\n"
        "    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),\n"
        "    dict(type='MultiStepLR', begin=0, end=24, by_epoch=True, milestones=[16, 23]),\n]\n"
    )
    done = run("import", write("seg.py", source))
    assert "warmup(499st, 0.001, 1)" in done.output
    checked = run("check", write("seg.lrs", done.stdout), "--steps-per-epoch", "100")
    assert checked.output == ""


def test_an_empty_folder_has_no_schedule(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    write("other.txt", "")
    done = run("import", "configs")
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert done.stderr.startswith("no schedule was found in 0 files; looked for:\n")


def test_files_are_written_and_none_replaced(run: Run, write: Write, tmp_path: Path) -> None:
    twice = "from transformers import *\n" + 2 * "get_constant_schedule(optimizer)\n"
    one, two = write("train.yaml", ARGUMENTS), write("two.py", twice)
    done = run("import", one, two, write("train.json", "{}"), "--write", "out")
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "train.lrs", "two-2.lrs", "two.lrs",
    ]  # fmt: skip
    assert run("check", "out").exit_code == 0
    (tmp_path / "out" / "train.lrs").write_text("const\n")
    again = run("import", "train.yaml", "--write", "out")
    assert again.exit_code == 2
    assert "exists, and has another text" in again.stderr
    assert (tmp_path / "out" / "train.lrs").read_text() == "const\n"


def test_a_folder_keeps_its_folders(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "configs" / "deep").mkdir(parents=True)
    write("configs/train.yaml", ARGUMENTS)
    write("configs/deep/train.yaml", ARGUMENTS)
    assert run("import", "configs", "--write", "out").exit_code == 0
    out = tmp_path / "out"
    found = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.lrs"))
    assert found == ["deep/train.lrs", "train.lrs"]


def test_json(run: Run, write: Write) -> None:
    done = run("import", write("train.yaml", ARGUMENTS), "--format", "json")
    document = json.loads(done.stdout)
    assert (document["version"], document["lrdsl"]) == (1, lrdsl.__version__)
    (one,) = document["schedules"]
    assert one["status"] == "proven"
    assert one["text"].endswith("warmup(10) >> cosine\n")
    assert one["proof"]["steps"] == [100]
    assert one["proof"]["after"]["step"] == 101
    assert one["refused"] is None
    broken = ARGUMENTS.replace("cosine", "linear") + "lr_scheduler_kwargs: {cycles: 2}\n"
    write("broken.yaml", broken)
    found = [document]
    for name, options in (("broken.yaml", ()), (write("train.py", UNSAID), ("--approximate",))):
        found.append(json.loads(run("import", name, "--format", "json", *options).stdout))
    assert [one["schedules"][0]["status"] for one in found] == ["proven", "refused", "approximated"]
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["schedule"]["properties"]["status"]["enum"] == [*VERDICTS]
    for one in found:
        Draft202012Validator(schema).validate(one)


def test_points_where_nothing_else_will_do(run: Run, write: Write) -> None:
    done = run("import", write("train.py", UNSAID), "--approximate")
    assert done.exit_code == 1
    assert ": approximated: 64 points, largest error " in done.stderr
    text = done.stdout
    assert "# 64 points in place of the original" in text
    schedule = lrdsl.parse(text).resolve(total=100)
    # The end of the warm-up, and half way through what follows: 1 / sqrt(1 / 2).
    assert [schedule(t) for t in (0, 10, 55)] == pytest.approx([0, 1, 2**0.5], abs=1e-2)


@pytest.mark.parametrize("name", ["../outside.yaml", "train.yaml"])
def test_files_refer_to_others_inside_and_not_to_themselves(
    run: Run, write: Write, tmp_path: Path, name: str
) -> None:
    (tmp_path / "in").mkdir()
    write("outside.yaml", ARGUMENTS)
    write("in/train.yaml", f"_BASE_: {name}\n{ARGUMENTS}")
    done = run("import", "in")
    assert done.exit_code == 1
    wrong = "made of each other" if name == "train.yaml" else "which is outside of `in`"
    assert wrong in done.stderr


def test_progress_is_for_terminals(run: Run, write: Write) -> None:
    done = run("import", write("a.yaml", ARGUMENTS), write("b.yaml", ARGUMENTS))
    assert "Comparing" not in done.stderr


def test_of_a_file_that_is_not_there_nothing_else_is_said(run: Run) -> None:
    done = run("import", "other.yaml")
    assert done.exit_code == 2
    assert done.stderr == "lrdsl: cannot read other.yaml: there is no such file\n"


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        # The source gives the run: the option is overruled.
        (ARGUMENTS, ("--total", "500"), "; --total is not used, as the source has 100 updates"),
        (ARGUMENTS, ("--total", "100"), None),
        (ARGUMENTS.replace("max_steps: 100", "num_train_epochs: 3"), ("--total", "500"), None),
        (ARGUMENTS.replace("max_steps: 100", "num_train_epochs: 3"),
         ("--steps-per-epoch", "50"), None),
        # Nothing depends on it.
        (ARGUMENTS, ("--steps-per-epoch", "500"),
         "lrdsl: --steps-per-epoch has no effect: no schedule depends on it"),
        ("lr_scheduler_type: constant\nlearning_rate: 1\nmax_steps: 9\n",
         ("--steps-per-epoch", "500"),
         "lrdsl: --steps-per-epoch has no effect: no schedule depends on it"),
        (ARGUMENTS, ("--as", "torchtitan==0.3.0"),
         "lrdsl: --as has no effect: no schedule of torchtitan was found"),
        (ARGUMENTS, ("--as", "transformers==5.23.0"), None),
    ],
)  # fmt: skip
def test_options_without_an_effect_are_named(
    run: Run, write: Write, source: str, options: tuple[str, ...], said: str | None
) -> None:
    done = run("import", write("train.yaml", source), *options)
    assert done.exit_code == 0, done.output
    if said is None:
        assert "no effect" not in done.stderr
        assert "not used" not in done.stderr
    else:
        assert said in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("get_linear_schedule_with_warmup(optimizer, 10, args.steps)", "`steps` updates"),
        ("get_linear_schedule_with_warmup(optimizer, 10, 200)", "200 updates"),
    ],
)
def test_the_run_of_a_script_is_its_own(run: Run, write: Write, call: str, said: str) -> None:
    script = f"from transformers import *\ns = {call}\n"
    done = run("import", write("train.py", script), "--total", "500")
    assert done.exit_code == 0, done.output
    assert f"; --total is not used, as the source has {said}\n" in done.stderr


def test_the_total_may_be_in_epochs(run: Run, write: Write) -> None:
    source = write("train.yaml", ARGUMENTS.replace("max_steps: 100", "num_train_epochs: 3"))
    updates = run("import", source, "--total", "3750")
    epochs = run("import", source, "--total", "3ep", "--steps-per-epoch", "1250")
    assert (epochs.stdout, epochs.stderr, epochs.exit_code) == (updates.stdout, updates.stderr, 0)
    unknown = run("import", source, "--total", "3ep")
    assert unknown.exit_code == 2
    assert "updates, or add --steps-per-epoch" in " ".join(unknown.stderr.split())
    none = run("import", source, "--total", "0")
    assert (none.stdout, none.exit_code) == ("", 2)
    assert none.stderr.startswith("error[LRS310 bad-run]: `total` cannot be '0'")


def test_an_option_that_one_of_several_schedules_takes_has_an_effect(
    run: Run, write: Write
) -> None:
    epochs = ARGUMENTS.replace("max_steps: 100", "num_train_epochs: 3")
    one, two = write("a.yaml", ARGUMENTS), write("b.yaml", epochs)
    done = run("import", one, two, "--steps-per-epoch", "50")
    assert done.exit_code == 0, done.output
    assert "no effect" not in done.stderr


def test_json_says_what_was_not_used(run: Run, write: Write) -> None:
    done = run("import", write("train.yaml", ARGUMENTS), "--total", "500", "--format", "json")
    (one,) = json.loads(done.stdout)["schedules"]
    assert one["unused"] == {"total": "100"}


@pytest.mark.parametrize(
    ("source", "version", "said"),
    [
        ("from torch.optim.lr_scheduler import StepLR\nStepLR(opt, 30)\n", "torch==1.0",
         "refused: torch 1.0 is not installed, and nothing else says what its schedulers do"),
        ("from transformers import *\nget_constant_schedule(opt)\n", "transformers==4.0",
         "not proven: 1,000 steps equal, largest difference 0 of the peak (formula, not run)"),
    ],
)  # fmt: skip
def test_as_counts_for_calls(run: Run, write: Write, source: str, version: str, said: str) -> None:
    done = run("import", write("train.py", source), "--as", version)
    assert done.exit_code == 1
    assert said in done.stderr

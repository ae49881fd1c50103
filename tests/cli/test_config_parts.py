"""Configs of several files, as the commands read them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

import lrdsl
from tests.cli.conftest import Run
from tests.cli.test_check import heads
from tests.cli.test_config_files import said, shown

Put = Callable[..., None]
CALL = "_target_: lrdsl.compile\n_partial_: true\n"
FROM = ("--total-from", "trainer.epochs=ep", "--steps-per-epoch-from", "data.steps")
SHORT = "source: warmup(5ep) >> cosine(85ep, 0.4, 0.01)\n"
TOO_SHORT = (
    "short-schedule]: the schedule is 90 epochs, the run is 100: a rate of 0.01 is held for"
    " 10 epochs"
)


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Writes files, by their names, below the current folder."""
    monkeypatch.chdir(tmp_path)

    def made(files: dict[str, str]) -> None:
        for name, text in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, "utf-8")

    return made


RUN_IN_GROUPS = {
    "conf/config.yaml": "defaults: [trainer: long, data: small, _self_]\n"
    f"scheduler:\n  {CALL.replace(chr(10), chr(10) + '  ')}{SHORT}",
    "conf/trainer/long.yaml": "epochs: 100\n",
    "conf/data/small.yaml": "steps: 10\n",
}
SCHEDULE_IN_GROUP = {
    "conf/config.yaml": "defaults: [scheduler: cosine, _self_]\ntrainer: {epochs: 100}\n"
    "data: {steps: 10}\n",
    "conf/scheduler/cosine.yaml": f"{CALL}{SHORT}",
}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (RUN_IN_GROUPS, "conf/config.yaml:5:26"),
        (SCHEDULE_IN_GROUP, "conf/scheduler/cosine.yaml:3:24"),
    ],
)
@pytest.mark.parametrize("what", ["conf/config.yaml", "conf", "conf/config.yaml:scheduler.source"])
def test_a_schedule_is_checked_for_the_run_of_all_files(
    run: Run, put: Put, files: dict[str, str], place: str, what: str
) -> None:
    put(files)
    done = run("check", what, *FROM)
    assert said(done.stdout) == [TOO_SHORT]
    assert f" --> {place}\n" in done.stdout
    assert shown(done.stdout) == ["cosine(85ep, 0.4, 0.01)"]
    file = place.partition(":")[0]
    note = f"note: {file} was checked for the run of conf/config.yaml\n"
    assert done.stderr == (note if "scheduler/" in place else "")
    put({name: text.replace("100", "90") for name, text in files.items()})
    assert run("check", what, *FROM).output == ""


def hydras(folder: str, *overrides: str) -> lrdsl.Schedule:
    """The schedule that Hydra would pass, laid out for the run that it composes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with initialize_config_dir(str(Path(folder).resolve()), version_base="1.3"):
            config = compose("config", overrides=[*overrides])
    total, steps = f"{config.trainer.epochs}ep", config.data.steps
    return lrdsl.parse(config.scheduler.source).resolve(total=total, steps_per_epoch=steps)


@pytest.mark.parametrize("files", [RUN_IN_GROUPS, SCHEDULE_IN_GROUP])
def test_other_commands_read_them_too(run: Run, put: Put, files: dict[str, str]) -> None:
    put(
        {
            name: text.replace("(5ep", "(5%").replace("(85ep", "(rest")
            for name, text in files.items()
        }
    )
    wanted = hydras("conf")
    assert wanted.length == 1000
    options = ("conf/config.yaml", *FROM)
    assert run("preview", *options, "-o", "a.csv").exit_code == 0
    rows = [line.split(",") for line in Path("a.csv").read_text().splitlines()[1:]]
    assert [float(rate) for _, rate in rows] == [wanted(step) for step in range(1000)]
    assert "from step 1,000 on" in run("explain", *options).stdout


def test_interpolations_across_files(run: Run, put: Put) -> None:
    put(
        {
            "conf/config.yaml": "defaults: [scheduler: cosine, trainer: long]\nwarm: 5\n",
            "conf/trainer/long.yaml": "epochs: ${scheduler.params.n}\n",
            "conf/scheduler/cosine.yaml": "source: warmup(${warm}ep) >> cosin(${.params.n}ep)\n"
            f"params: {{n: 1}}\ntotal: ${{trainer.epochs}}ep\n{CALL}",
        }
    )
    done = run("check", "conf/config.yaml", *FROM[:2])
    assert heads(done.stdout) == ["LRS201 conf/scheduler/cosine.yaml:1:30"]
    text = "schedule: linear(${trainer.epochs}ep, 0.4, 0.1)\nparams: {n: 9}\n"
    put({"conf/scheduler/cosine.yaml": text})
    options = ("--key", "scheduler.schedule", "--total", "8ep", "--steps-per-epoch", "10")
    done = run("check", "conf/config.yaml", *options)
    assert said(done.stdout)[0].startswith("unreached-end]: the schedule is 9 epochs, the run is 8")
    assert " --> conf/scheduler/cosine.yaml:1:11\n" in done.stdout


def test_an_error_of_the_run_stands_where_the_run_does(run: Run, put: Put) -> None:
    put(RUN_IN_GROUPS | {"conf/trainer/long.yaml": "# @package _global_\ntrainer: {epochs: 0}\n"})
    assert heads(run("check", "conf/config.yaml", *FROM).stdout) == [
        "LRS310 conf/trainer/long.yaml:2:19"
    ]


def test_a_config_that_is_not_one_of_several_is_read_as_before(run: Run, put: Put) -> None:
    put({"a.yaml": "defaults: {lr: 0.1}\nschedule: const\n", "b.yaml": "schedule: cosin\n"})
    assert run("check", "a.yaml", "--key", "schedule").output == ""


def test_what_a_config_covers_is_not_reported_again(run: Run, put: Put) -> None:
    text = f"{CALL}source: warmup(5%) >> cosin(85ep, 0.4)\n"
    put(SCHEDULE_IN_GROUP | {"conf/scheduler/cosine.yaml": text})
    for what in (["conf"], ["conf/config.yaml", "conf/scheduler/cosine.yaml"]):
        done = run("check", *what, *FROM)
        assert heads(done.stdout) == ["LRS201 conf/scheduler/cosine.yaml:3:23"]
        assert done.stderr == (
            "note: conf/scheduler/cosine.yaml was checked for the run of conf/config.yaml\n"
        )


def test_a_schedule_that_a_config_replaces_is_checked_alone(run: Run, put: Put) -> None:
    put(
        SCHEDULE_IN_GROUP
        | {
            "conf/scheduler/cosine.yaml": f"{CALL}source: cosin(85ep, 0.4)\n",
            "conf/config.yaml": "defaults: [scheduler: cosine, _self_]\nscheduler:\n"
            "  source: const\n",
        }
    )
    assert heads(run("check", "conf").stdout) == ["LRS201 conf/scheduler/cosine.yaml:3:9"]
    assert run("check", "conf/config.yaml").output == ""


# A main config that chooses between schedulers, trainers and experiments.
TEMPLATE = {
    "conf/train.yaml": "defaults:\n  - _self_\n  - trainer: long\n  - scheduler: cosine\n"
    "  - experiment: null\n  - override hydra/job_logging: none\ndata: {steps: 10}\n",
    "conf/trainer/long.yaml": "epochs: 90\n",
    "conf/trainer/debug.yaml": "defaults: [long, _self_]\nepochs: 3\n",
    "conf/scheduler/cosine.yaml": f"{CALL}{SHORT}total: ${{trainer.epochs}}ep\n",
    "conf/scheduler/linear.yaml": f"{CALL}source: linear(88ep, 0.4, 0.1)\n"
    "total: ${trainer.epochs}ep\nsteps_per_epoch: ${data.steps}\n",
    "conf/experiment/short.yaml": "# @package _global_\ndefaults:\n"
    "  - override /trainer: debug\n  - override /scheduler: linear\n"
    "scheduler:\n  source: linear(2ep, 0.4, 0.1)\n",
}


def test_an_option_is_checked_as_if_it_were_chosen(run: Run, put: Put) -> None:
    put(TEMPLATE)
    done = run("check", "conf", "--key", "**.source", *FROM)
    short, long = "conf/experiment/short.yaml", "conf/scheduler/linear.yaml"
    assert said(done.stdout) == [
        "short-schedule]: the schedule is 2 epochs, the run is 3: a rate of 0.1 is held for"
        " 1 epoch",
        "short-schedule]: the schedule is 88 epochs, the run is 90: a rate of 0.1 is held for"
        " 2 epochs",
    ]
    assert [line for line in done.stdout.splitlines() if line.startswith(" --> ")] == [
        f" --> {short}:6:11",
        f" --> {long}:3:9",
    ]
    assert done.stderr == (
        f"note: {short} was checked for the run of conf/train.yaml with experiment=short\n"
        f"note: {long} was checked for the run of conf/train.yaml with scheduler=linear\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with initialize_config_dir(str(Path("conf").resolve()), version_base="1.3"):
            found = compose("train", ["experiment=short"])
    assert (found.trainer.epochs, found.scheduler.source) == (3, "linear(2ep, 0.4, 0.1)")
    # Alone, nothing says what its run is.
    done = run("check", long)
    assert "`total` is `${trainer.epochs}ep`; give --total" in done.stderr


def test_an_option_that_only_chooses_another_schedule(run: Run, put: Put) -> None:
    """The schedule stands in a third file."""
    chosen = "# @package _global_\ndefaults:\n  - override /trainer: debug\n"
    long = "conf/scheduler/linear.yaml"
    put({**TEMPLATE, "conf/experiment/debug.yaml": chosen})
    put({"conf/experiment/short.yaml": f"{chosen}  - override /scheduler: linear\n"})
    done = run("check", "conf", *FROM)
    assert done.stderr == (
        "note: conf/scheduler/cosine.yaml was checked for the run of conf/train.yaml with"
        " experiment=debug\n"
        f"note: {long} was checked for the run of conf/train.yaml with experiment=short\n"
        f"note: {long} was checked for the run of conf/train.yaml with scheduler=linear\n"
    )
    assert "the schedule is 88 epochs, the run is 3: " in done.stdout
    assert "the schedule is 88 epochs, the run is 90: " in done.stdout


@pytest.mark.parametrize("files", [RUN_IN_GROUPS, SCHEDULE_IN_GROUP])
def test_an_experiment_that_changes_only_the_run(run: Run, put: Put, files: dict[str, str]) -> None:
    """The default schedule is checked for it; an option that is no whole run is left alone."""
    file = "conf/scheduler/cosine.yaml" if files is SCHEDULE_IN_GROUP else "conf/config.yaml"
    experiment = "conf/experiment/short.yaml"
    put({name: text.replace("100", "90") for name, text in files.items()})
    main = Path("conf/config.yaml")
    main.write_text(main.read_text("utf-8").replace(", _self_", ", _self_, experiment: null"))
    put({"conf/experiment/same.yaml": "# @package _global_\nseed: 3\n"})
    put({"conf/trainer/debug.yaml": "epochs: 1\n"})
    assert run("check", "conf", *FROM).output == ""
    put({experiment: "# @package _global_\ntrainer: {epochs: 100}\n"})
    done = run("check", "conf", *FROM)
    assert said(done.stdout) == [TOO_SHORT]
    assert done.stderr == (
        f"note: {file} was checked for the run of conf/config.yaml with experiment=short\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with initialize_config_dir(str(Path("conf").resolve()), version_base="1.3"):
            assert compose("config", ["experiment=short"]).trainer.epochs == 100
    assert run("check", "conf/config.yaml", *FROM).output == ""


@pytest.mark.parametrize("choice", ["'???'", "null"])
def test_an_option_of_a_config_without_a_schedule(run: Run, put: Put, choice: str) -> None:
    text = TEMPLATE["conf/train.yaml"].replace("scheduler: cosine", f"scheduler: {choice}")
    put({**TEMPLATE, "conf/train.yaml": text, "conf/experiment/short.yaml": ""})
    done = run("check", "conf", *FROM)
    assert done.stderr == (
        "note: conf/scheduler/linear.yaml was checked for the run of conf/train.yaml with"
        " scheduler=linear\n"
    )
    done = run("check", "conf/train.yaml", *FROM)
    assert ("no schedule was found" in done.stderr) == (choice == "null")
    assert run("check", "conf/train.yaml", "--skip-unrelated").output == ""


@pytest.mark.parametrize("header", ["# @package _global_\n", "defaults: [/data: none]\n"])
def test_an_option_that_replaces_the_argument_of_a_call(run: Run, put: Put, header: str) -> None:
    keys = "scheduler: {source: cosin}\n" if "@" in header else "source: cosin\n"
    name = "conf/experiment/a.yaml" if "@" in header else "conf/scheduler/a.yaml"
    put({**TEMPLATE, name: header + keys, "conf/data/none.yaml": ""})
    put({"conf/experiment/short.yaml": "", "conf/scheduler/linear.yaml": ""})
    done = run("check", "conf")
    wanted = [f"LRS201 {name}:2:{(header + keys).splitlines()[1].index('cosin') + 1}"]
    # A scheduler that is chosen instead has no `_target_`, so it is no call.
    assert heads(done.stdout) == (wanted if "@" in header else [])


def test_what_is_wrong_only_with_an_option(run: Run, put: Put) -> None:
    put(
        TEMPLATE
        | {
            "conf/experiment/short.yaml": "# @package _global_\ndefaults: [override /x: y]\n"
            "scheduler: {totl: 5}\na.lrs: a.lrs\n",
            "conf/scheduler/linear.yaml": f"{CALL}source: linear(3)\nsource: const\n",
        }
    )
    done = run("check", "conf", *FROM)
    assert heads(done.stdout) == [
        "LRS705 conf/experiment/short.yaml:3:13",
        "LRS704 conf/experiment/short.yaml:4:8",
        "LRS707 conf/scheduler/linear.yaml:4:1",
    ]
    note = "conf/experiment/short.yaml:2:25 overrides `x`, which none of the defaults here chooses"
    assert done.stderr.count(note) == 1


def test_two_configs_with_one_schedule(run: Run, put: Put) -> None:
    config = SCHEDULE_IN_GROUP["conf/config.yaml"]
    put(SCHEDULE_IN_GROUP | {"conf/other.yaml": config.replace("100", "95")})
    done = run("check", "conf", *FROM)
    assert [line[-9:] for line in said(done.stdout)] == ["10 epochs", " 5 epochs"]
    files = ("conf/config.yaml", "conf/other.yaml")
    note = "note: conf/scheduler/cosine.yaml was checked for the run of {}\n"
    assert done.stderr == "".join(map(note.format, files))
    put({"conf/other.yaml": config})
    assert said(run("check", "conf", *FROM).stdout) == [TOO_SHORT]


def test_a_file_twice_in_one_config(run: Run, put: Put) -> None:
    put(
        {
            "conf/config.yaml": "defaults: [scheduler@g: cosine, scheduler@d: cosine, _self_]\n"
            "g: {total: 90ep}\nd: {total: 100ep}\n",
            "conf/scheduler/cosine.yaml": f"{CALL}{SHORT}",
        }
    )
    done = run("check", "conf/config.yaml")
    assert said(done.stdout) == [TOO_SHORT]
    done = run("diff", "conf/config.yaml", "conf/config.yaml")
    assert "\n  conf/config.yaml:g.source\n  conf/config.yaml:d.source\n" in done.stderr


@pytest.mark.parametrize(
    ("files", "note"),
    [
        (
            {"config.yaml": "defaults: [trainer: x]\n"},
            "config.yaml:1:21 brings a config that is not known here: `trainer: x` is no file"
            " `trainer/x.yaml`, and may come from a package or from Python",
        ),
        (
            {"config.yaml": "defaults: [trainer: lang]\n", "trainer/long.yaml": "a: 1\n"},
            "did you mean `long`?",
        ),
        ({"config.yaml": "defaults: [trainer: '???']\n"}, "is left open (`???`)"),
        ({"config.yaml": "defaults: [trainer: '${x}']\n"}, "is chosen by an interpolation"),
        ({"config.yaml": "defaults: [../other]\n"}, "is outside of `"),
        ({"config.yaml": "defaults: [override trainer: x]\n"}, "overrides `trainer`, which none"),
        ({"config.yaml": "defaults: [x]\n", "x.yaml": "- 1\n"}, "cannot be read: it is no mapping"),
        ({"config.yaml": "defaults: [x]\n", "x.yaml": "a: 1\n---\nb: 1\n"}, "several documents"),
        ({"config.yaml": 'defaults: ["a\\0b"]\n'}, "is outside of `"),
        ({"config.yaml": f"defaults: [{'x' * 5000}]\n"}, "is no file `xxx"),
        ({"config.yaml": "defaults: [x]\n", "x.yaml/y": ""}, "cannot be read: Is a directory"),
        ({"config.yaml": '_BASE_: "a\\0b.yaml"\n'}, "which is outside of `"),
        ({"config.yaml": "_base_: x.py\n"}, "names `x.py`, which is not YAML, TOML or JSON"),
        ({"config.yaml": "_base_: 'mmdet::x.yaml'\n"}, "which is no file here"),
        ({"config.yaml": "_BASE_: https://a.b/x.yaml\n"}, "which is no file here"),
        ({"config.yaml": "_BASE_: ../x.yaml\n"}, "which is outside of `"),
        ({"config.yaml": "_BASE_: /x.yaml\n"}, "which is outside of `"),
    ],
)
def test_what_is_not_followed_is_noted(
    run: Run, put: Put, files: dict[str, str], note: str
) -> None:
    put({**files, "config.yaml": files["config.yaml"] + "schedule: linear(9, 0.4, 0.1)\n"})
    for what in ("config.yaml", "."):
        done = run("check", what, "--key", "schedule")
        assert (done.stdout, done.exit_code) == ("", 0)
        assert note in done.stderr
        assert done.stderr.count("\n") == 1
    put(files)
    assert run("check", ".", "--key", "schedule").stderr == (
        "note: no schedule was found under `schedule`; --key names the keys that have them\n"
    )


@pytest.mark.parametrize(
    ("files", "head", "message"),
    [
        (
            {"a.yaml": "_BASE_: b.yaml\n"},
            "LRS708 a.yaml:1:9",
            "there is no config to read at `b.yaml`: No such file or directory",
        ),
        (
            {"a.yaml": "_BASE_: b.yaml\n", "b.yaml": "_BASE_: a.yaml\n"},
            "LRS708 b.yaml:1:9",
            "these files are made of each other: a.yaml > b.yaml > a.yaml",
        ),
        ({"a.yaml": "_BASE_: a.yaml\n"}, "LRS708 a.yaml:1:9", "each other: a.yaml > a.yaml"),
        ({"a.yaml": "_BASE_: [b.yaml, 3]\n"}, "LRS708 a.yaml:1:9", "names a file, or a list"),
        ({"a.yaml": "_BASE_: {b: 1}\n"}, "LRS708 a.yaml:1:9", "names a file, or a list"),
        (
            {"a.yaml": "_BASE_: b.yaml\nc: {d: 1}\n", "b.yaml": "c: 5\n"},
            "LRS708 a.yaml:2:4",
            "`c` is a mapping here and a single value in b.yaml:1: they cannot be merged",
        ),
        (
            {"a.yaml": "_base_: [b.yaml, c.yaml]\n", "b.yaml": "d: 1\n", "c.yaml": "d: 2\n"},
            "LRS708 a.yaml:1:18",
            "an earlier file of `_base_` has the key `d` too",
        ),
        ({"a.yaml": "_BASE_: b.yaml\n", "b.yaml": "a: [\n"}, "LRS701 b.yaml:2:1", ""),
        (
            {"a.yaml": "defaults: [b]\n", "b.yaml": "defaults: [c]\n", "c.yaml": "defaults: [b]\n"},
            "LRS708 c.yaml:1:12",
            "`b` has this config among its own defaults",
        ),
        ({"a.yaml": "defaults: [{a: b, c: d}]\n"}, "LRS708 a.yaml:1:12", "names one config"),
        ({"a.yaml": "defaults: [a: 3]\n"}, "LRS708 a.yaml:1:15", "is chosen by a name"),
        (
            {"a.yaml": "defaults: [b, _self_]\nc: [1]\n", "b.yaml": "c: {d: 1}\n"},
            "LRS708 a.yaml:2:4",
            "`c` is a list here and a mapping in b.yaml:1: they cannot be merged",
        ),
        (
            {"a.yaml": "defaults: [b: x, b: y]\n", "b/x.yaml": "", "b/y.yaml": ""},
            "LRS708 a.yaml:1:15",
            "`b` is chosen in a.yaml:1 too",
        ),
        (
            {"a.yaml": "defaults: [b: x, b: x]\n", "b/x.yaml": ""},
            "LRS708 a.yaml:1:15",
            "`b` is chosen twice, and Hydra refuses that",
        ),
        ({"a.yaml": "defaults: ['@b']\n"}, "LRS708 a.yaml:1:12", "names one config"),
        ({"a.yaml": "defaults: [[b]]\n"}, "LRS708 a.yaml:1:12", "names one config"),
        (
            {"a.yaml": "a: &a {b: *a}\ndefaults: [c, _self_]\n", "c.yaml": "a: &a {b: *a}\n"},
            "LRS708 a.yaml:1:1",
            "the configs are nested too deeply to be merged",
        ),
    ],
)
def test_what_is_wrong_with_a_reference(
    run: Run, put: Put, files: dict[str, str], head: str, message: str
) -> None:
    put({**files, "a.yaml": files["a.yaml"] + "schedule: linear(9, 0.4, 0.1)\n"})
    done = run("check", "a.yaml", "--key", "schedule")
    assert heads(done.stdout) == [head]
    assert message in done.stdout
    assert done.exit_code == 1
    assert head in heads(run("check", ".", "--key", "schedule").stdout)


def test_tables_that_merge_each_other_many_times(run: Run, put: Put) -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], y: *a{i - 1}}}" for i in range(1, 60)]
    text = "\n".join(lines)
    put({"a.yaml": f"defaults: [b, _self_]\nschedule: cosin\n{text}\n", "b.yaml": text})
    assert heads(run("check", "a.yaml", "--key", "schedule").stdout) == ["LRS201 a.yaml:2:11"]


def test_files_that_double_at_every_level(run: Run, put: Put) -> None:
    names = [f"f{i}" for i in range(40)]
    put({f"{a}.yaml": f"defaults: [{b}, {b}]\n" for a, b in pairwise(names)})
    put({"f39.yaml": "schedule: cosin\n"})
    done = run("check", "f0.yaml", "--key", "schedule")
    assert "a config is made of at most 1,000 others" in done.stderr
    put({f"{a}.yaml": f"_BASE_: {b}.yaml\n" for a, b in pairwise(names)})
    assert heads(run("check", "f0.yaml", "--key", "schedule").stdout) == ["LRS201 f39.yaml:1:11"]

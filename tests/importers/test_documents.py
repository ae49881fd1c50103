"""Sources as importers see them: scripts as syntax, commands and configs by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrdsl.importers import documents
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.refusal import Refused
from lrdsl.importers.trial import Trial


def _read(folder: Path, name: str, text: str) -> documents.Document:
    (folder / name).write_text(text, encoding="utf-8")
    return documents.read(str(folder / name), folder, Trial())


def _script(folder: Path, text: str) -> documents.Document:
    return _read(folder, "train.py", text)


@pytest.mark.parametrize(
    ("imports", "called"),
    [
        ("import torch", "torch.optim.lr_scheduler.StepLR"),
        ("from torch.optim import lr_scheduler", "lr_scheduler.StepLR"),
        ("from torch.optim import lr_scheduler as s", "s.StepLR"),
        ("from torch.optim.lr_scheduler import StepLR", "StepLR"),
        ("import torch.optim as o", "o.lr_scheduler.StepLR"),
    ],
)
def test_a_call_has_the_name_of_its_module(tmp_path: Path, imports: str, called: str) -> None:
    (call,) = _script(tmp_path, f"{imports}\ns = {called}(optimizer, 30)\n").calls
    assert call.name == "torch.optim.lr_scheduler.StepLR"
    assert (call.function, call.line) == ("StepLR", 2)


def test_arguments_by_place_and_by_name(tmp_path: Path) -> None:
    (call,) = _script(tmp_path, "f(optimizer, 30, gamma=0.5)").calls
    fields = call.bound("optimizer", "step_size", "gamma")
    assert (fields.whole("step_size"), fields.number("gamma")) == (30, 0.5)
    with pytest.raises(Refused, match=r"^`f` is called with 2 arguments$"):
        call.bound("optimizer")


def test_numbers_are_computed(tmp_path: Path) -> None:
    text = "n = 3\nw = int(0.1 * 25) + n\nf(w, -n, 2 ** n, 7 // 2, round(2.6), math.ceil(7 / 2))"
    (call,) = _script(tmp_path, text).calls
    assert call.arguments == (5, -3, 8, 3, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "if x:\n    n = 1\nelse:\n    n = 2\nf(n)",
        "n = 1\nn += 1\nf(n)",
        "n = 1\nfor n in range(3):\n    pass\nf(n)",
        "n = 1\ndef g(n):\n    f(n)",
        "f(n)",
        "n = input()\nn = 3\nf(n)",
        "n = 1\nn, m = g()\nf(n)",
        "n = 1\n(m, [*n]) = 1, 2\nf(n)",
        "n = 1\nfor i, n in g():\n    pass\nf(n)",
        "n = 1\nif (n := 2) > 1:\n    f(n)",
        "n = 1\nwith g() as n:\n    f(n)",
        "n = 1\nfrom config import n\nf(n)",
        "n = 1\nimport a.b as n\nf(n)",
        "n = 1\ndef g():\n    global n\n    n = 2\nf(n)",
        "n = 1\ntry:\n    pass\nexcept OSError as n:\n    pass\nf(n)",
        "n = 1\nmatch kind:\n    case 2:\n        n = 2\nf(n)",
        "n = 1\nmatch kind:\n    case [n, *_]:\n        f(n)",
        "n = 1\nmatch kind:\n    case {'a': 1, **n}:\n        f(n)",
    ],
)
def test_a_name_that_may_have_two_values_has_none(tmp_path: Path, text: str) -> None:
    calls = [call for call in _script(tmp_path, text).calls if call.name == "f"]
    (value,) = calls[0].arguments
    assert value == Unknown("n")


@pytest.mark.parametrize(
    "text",
    [
        "s = {'a': 1}\ns['a'] = 2",
        "s = dict(a=1)\ns.update(a=2)",
        "s = [1]\ns.append(2)",
        "s = [dict(a=1)]\ns[0]['a'] = 2",
        "s = [1, 2]\ndel s[0]",
        "s = 1\ns += 1",
    ],
)
def test_a_name_whose_value_is_changed_in_place_has_none(tmp_path: Path, text: str) -> None:
    assert _script(tmp_path, text).fields["s"] == Unknown("s")


def test_unknown_names_are_computed_with_as_well(tmp_path: Path) -> None:
    (call,) = _script(tmp_path, "f(args.epochs - 5, len(train_loader) * 90, 2 * args.k / 3)").calls
    assert [f"{value}" for value in call.arguments] == ["epochs - 5", "90ep", "2 * k / 3"]


def test_names_of_a_tuple_have_their_values(tmp_path: Path) -> None:
    (call,) = _script(tmp_path, "a, (b, c) = 1, (2, [3])\nf(a, b, c)").calls
    assert call.arguments == (1, 2, [3])


def test_a_call_may_stand_in_a_case(tmp_path: Path) -> None:
    text = "match kind:\n    case 1:\n        f(1)\n    case _:\n        f(2)\n"
    assert [call.arguments for call in _script(tmp_path, text).calls] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("text", "is_epoch"),
    [
        ("len(train_loader)", True),
        ("len(loaders['train'])", True),
        ("len(data.train_dataloader())", True),
        ("len(train_loader.dataset)", False),
        ("len(val_loader)", False),
        ("len(data)", False),
        ("len(train_loader) // 4", False),
        ("math.ceil(len(train_loader) / k)", False),
    ],
)
def test_the_length_of_a_loader_is_an_epoch(text: str, is_epoch: bool, tmp_path: Path) -> None:
    (call,) = (c for c in _script(tmp_path, f"f({text})").calls if c.name == "f")
    (value,) = call.arguments
    assert (str(value), value == Unknown(text)) == ("1ep" if is_epoch else text, not is_epoch)


def test_arguments_in_a_list_or_a_table_that_is_known(tmp_path: Path) -> None:
    (call,) = _script(tmp_path, "a = [30, 0.5]\nb = {'x': 1}\nf(o, *a, **b, y=2)").calls
    assert call.arguments[1:] == (30, 0.5)
    assert call.bound("optimizer", "n", "gamma").plain().keys() == {
        "optimizer", "n", "gamma", "x", "y",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", ["*a", "o, *a[1:]", "**a", "x=1, **a.b"])
def test_arguments_that_are_not_known_are_refused(arguments: str, tmp_path: Path) -> None:
    (call,) = _script(tmp_path, f"f({arguments})").calls
    said = arguments.rpartition(" ")[2]
    with pytest.raises(Refused, match=r"is called with .*, which the source does not tell$") as e:
        call.bound("optimizer", "n")
    assert f"`{said}`" in e.value.reason


def test_calls_inside_of_calls_come_first(tmp_path: Path) -> None:
    text = "s = Sequential(o, [Linear(o), Cosine(o)], milestones=[5])"
    calls = _script(tmp_path, text).calls
    assert [call.name for call in calls] == ["Linear", "Cosine", "Sequential"]
    assert calls[2].arguments[1] == [calls[0], calls[1]]


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    _script(tmp_path, f"open({str(mark)!r}, 'w')\n__import__('os').mkdir({str(mark)!r})")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print 'two'", r"this is not Python, in line 1"),
        ("x = " + "(" * 5000, r"this is not Python, in line 1|this is not Python"),
        ("a" + ".b" * 20_000, r"this is nested too deeply|this is not Python"),
    ],
)
def test_what_is_no_script_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        _script(tmp_path, text)


def test_options_of_a_command(tmp_path: Path) -> None:
    text = (
        "LR=6e-5\n"
        "STEPS=${STEPS:-500}\n"
        "python train.py \\\n"
        "  --lr $LR --min-lr=6e-6 \\\n"
        "  --train-iters ${STEPS} --bf16 \\\n"
        "  --split 949,50,1\n"
    )
    fields = _read(tmp_path, "run.sh", text).fields
    assert fields.number("lr") == 6e-5
    assert fields.number("min_lr") == 6e-6
    assert fields["bf16"] is True
    assert fields["split"] == "949,50,1"
    assert (fields.line_of("lr"), fields.line_of("min_lr")) == (4, 4)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "run:\n  lr: 1e-3\n  steps: 1_000\n  on: true\n"),
        ("a.json", '{"run": {\n"lr": 1e-3, "steps": 1000,\n"on": true}}'),
        ("a.toml", "[run]\nlr = 1e-3\nsteps = 1_000\non = true\n"),
    ],
)
def test_configs_are_one_kind_of_table(tmp_path: Path, name: str, text: str) -> None:
    run = _read(tmp_path, name, text).fields.table("run")
    assert (run.number("lr"), run.whole("steps"), run.truth("on", default=False)) == (
        1e-3,
        1000,
        True,
    )
    assert run.path("lr") == "run.lr"
    assert run.line_of("lr") == 2
    run.close()


def test_a_merge_key_gives_way(tmp_path: Path) -> None:
    text = "a: &a {lr: 1, steps: 2}\nb:\n  <<: *a\n  lr: 3\n"
    table = _read(tmp_path, "a.yaml", text).fields.table("b")
    assert (table.number("lr"), table.number("steps")) == (3, 2)


def test_a_config_that_is_made_of_another(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("SOLVER: {BASE_LR: 0.02, STEPS: [1, 2]}\n")
    fields = _read(tmp_path, "own.yaml", "_BASE_: base.yaml\nSOLVER: {STEPS: [3]}\n").fields
    solver = fields.table("SOLVER")
    assert (solver.number("BASE_LR"), solver.numbers("STEPS")) == (0.02, [3])
    (tmp_path / "more.json").write_text('{"SOLVER": {"BASE_LR": 0.05, "GAMMA": 0.5}}')
    text = "_BASE_: [base.yaml, more.json]\nSOLVER: {STEPS: [3]}\n"
    solver = _read(tmp_path, "own.yaml", text).fields.table("SOLVER")
    assert (solver.number("BASE_LR"), solver.number("GAMMA")) == (0.05, 0.5)


def test_a_config_that_is_made_of_several(tmp_path: Path) -> None:
    """As fvcore merges them: the later of a list wins, and the config itself over all."""
    (tmp_path / "a.yaml").write_text("SOLVER: {BASE_LR: 0.02, GAMMA: 0.3, STEPS: [1, 2]}\n")
    (tmp_path / "b.yaml").write_text("SOLVER: {BASE_LR: 0.04}\n")
    text = "_BASE_: [a.yaml, b.yaml]\nSOLVER: {STEPS: [3]}\n"
    solver = _read(tmp_path, "own.yaml", text).fields.table("SOLVER")
    assert solver.plain() == {"BASE_LR": 0.04, "GAMMA": 0.3, "STEPS": [3]}


@pytest.mark.parametrize("named", ["{a: b.yaml}", "[3]", "3"])
def test_a_config_that_is_made_of_no_file_is_refused(named: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^`_BASE_` names a file, or a list of files, in line 1$"):
        _read(tmp_path, "own.yaml", f"_BASE_: {named}\nSOLVER: {{STEPS: [3]}}\n")


def test_documents_that_share_a_key_are_tables_of_their_own(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.yaml", "lr: 1\nn: 2\n---\nlr: 3\n")
    tables = [table.plain() for table in document.tables() if "lr" in table]
    assert tables == [{"lr": 1, "n": 2}, {"lr": 3}]
    assert _read(tmp_path, "b.yaml", "lr: 1\n---\nn: 3\n").fields.plain() == {"lr": 1, "n": 3}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("a.yaml", "n: 010", 8),
        ("a.yaml", "n: 0x1F", 31),
        ("a.yaml", "n: 0b11", 3),
        ("a.toml", "n = 0x1F", 31),
        ("a.toml", "n = 0o17", 15),
        ("a.yaml", "n: 0", 0),
        ("a.yaml", "n: 00.5", 0.5),
    ],
)
def test_numbers_in_another_base(name: str, text: str, value: float, tmp_path: Path) -> None:
    """As PyYAML and tomllib read them."""
    assert _read(tmp_path, name, text).fields["n"] == value


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda f: f.number("text"), "`text` is `cosine`, which is no number"),
        (lambda f: f.whole("share"), "`share` is 0.5, which is no whole number"),
        (lambda f: f.text("share"), "`share` is `0.5`, which is no name"),
        (
            lambda f: f.truth("text", default=True),
            "`text` is `cosine`, which is neither true nor false",
        ),
        (lambda f: f.number("none"), "`none` is missing"),
        (lambda f: f.text("none"), "`none` is missing"),
        (lambda f: f.number("flag"), "`flag` is `True`, which is no number"),
        (lambda f: f.numbers("call"), "`call` is `range(…)`, which is no list"),
        (lambda f: f.numbers("text"), "`text` is `cosine`, which is no list"),
        (lambda f: f.numbers("mixed"), "`mixed` is `a`, which is no number"),
        (lambda f: f.table("share"), "`share` is `0.5`, which is no table"),
        (
            lambda f: f.close(),
            "6 fields not understood: `text`, `share`, `none`, `flag`, `mixed` and `call`",
        ),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused(read: Any, reason: str) -> None:
    values: dict[str, Any] = {
        "text": "cosine",
        "share": 0.5,
        "none": None,
        "flag": True,
        "mixed": [1, "a"],
    }
    values["call"] = documents.Call("range", (3,), Fields({}, Trial()), 1)
    with pytest.raises(Refused) as raised:
        read(Fields(values, Trial()))
    assert raised.value.reason == reason


def test_a_field_is_what_it_says_whoever_quotes_it() -> None:
    fields = Fields({"lr": "1e-5", "steps": "1_000", "flag": "False", "n": "3.0"}, Trial())
    assert (fields.number("lr"), fields.whole("steps"), fields.whole("n")) == (1e-5, 1000, 3)
    assert fields.truth("flag", default=True) is False


@pytest.mark.parametrize("text", ["${trainer.max_steps}", "$MAX_STEPS", "{{ max_steps }}"])
def test_what_is_put_in_later_is_a_param(text: str) -> None:
    trial = Trial()
    assert f"{Fields({'n': text}, trial).whole('n')}" == "max_steps"
    assert trial.params == {"max_steps": 1_000}


def test_names_that_end_alike_are_params_of_their_own() -> None:
    trial = Trial()
    names = ["a.warmup.n", "a.train.n", "b.train.n", "a.warmup.n", "n", "a.train.n"]
    words = ["n", "train_n", "b_train_n", "n", "n_2", "train_n"]
    assert [f"{trial.param(name)}" for name in names] == words


def test_a_param_is_named_for_the_whole_of_its_expression() -> None:
    assert f"{Trial().param('math.ceil(len(loader) / args.k)')}" == "ceil_len_loader_k"


def test_a_source_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^schedules are imported from files that end in \.yaml, "):
        _read(tmp_path, "a.txt", "lr: 1")

"""``lrdsl.ScheduleLR`` as a class, which configs and registries call."""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path
from typing import Any

import pytest
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

import lrdsl
from tests.frameworks.torch.driving import optimizer, rates

TEXT = "warmup(5%) >> cosine"
CLOCK = "run clock = tok, 1st = 1Mtok, total = 100Mtok  warmup(5%) >> cosine"
# A text, arguments, and how to call `step` once.
WAYS: list[tuple[str, dict[str, Any]]] = [
    (TEXT, {"total": 40}),
    (TEXT, {"total": "2ep", "steps_per_epoch": 20, "start_step": 3}),
    ("param peak = 0.1  warmup(5) >> const(value = peak)", {"params": {"peak": 0.3}}),
    (TEXT, {"total": 40, "calls_per_update": 2}),
    (CLOCK, {}),
]


def curve(scheduler: lrdsl.ScheduleLR, steps: int = 25) -> list[Any]:
    driven: Any = scheduler.optimizer
    found = []
    for _ in range(steps):
        found.append((scheduler.last_epoch, *rates(driven)))
        driven.step()
        for _ in range(getattr(scheduler, "calls_per_update", 1)):
            scheduler.step()
    return found


def test_it_is_a_class_of_torchs_schedulers() -> None:
    assert issubclass(lrdsl.ScheduleLR, LambdaLR)
    assert issubclass(lrdsl.ScheduleLR, LRScheduler)
    assert [*inspect.signature(lrdsl.ScheduleLR).parameters][:2] == ["optimizer", "source"]


@pytest.mark.parametrize(("text", "options"), WAYS)
def test_it_is_what_compile_returns(text: str, options: dict[str, Any]) -> None:
    compiled = lrdsl.compile(text, optimizer(0.1), **options)
    made = lrdsl.ScheduleLR(optimizer(0.1), text, **options)
    assert type(made) is type(compiled)
    assert isinstance(made, lrdsl.ScheduleLR)
    assert made.state_dict() == compiled.state_dict()
    assert curve(made) == curve(compiled)


@pytest.mark.parametrize(("text", "options"), WAYS)
@pytest.mark.parametrize("again", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_copies_go_on(text: str, options: dict[str, Any], again: Any) -> None:
    made = lrdsl.ScheduleLR(optimizer(0.1), text, **options)
    curve(made, 7)
    other = again(made)
    assert type(other) is type(made)
    assert curve(other) == curve(made)


@pytest.mark.parametrize(("text", "options"), WAYS)
def test_a_state_goes_on_in_what_compile_returns(text: str, options: dict[str, Any]) -> None:
    made = lrdsl.ScheduleLR(optimizer(0.1), text, **options)
    curve(made, 8)
    other = lrdsl.compile(text, optimizer(0.1), **options)
    other.load_state_dict(made.state_dict())
    assert curve(other) == curve(made)


def test_it_takes_what_compile_takes_for_one_optimizer() -> None:
    of_compile = inspect.signature(lrdsl.compile).parameters
    own = inspect.signature(lrdsl.ScheduleLR).parameters
    assert {*own} == {*of_compile} - {"scheduler"}
    for name, parameter in own.items():
        assert parameter.default == of_compile[name].default
        assert parameter.kind == of_compile[name].kind


def test_a_program_and_a_file_are_sources(tmp_path: Path) -> None:
    path = tmp_path / "a.lrs"
    path.write_text(TEXT, "utf-8")
    wanted = curve(lrdsl.ScheduleLR(optimizer(0.1), TEXT, total=40))
    for source in (lrdsl.parse(TEXT), path, str(path)):
        assert curve(lrdsl.ScheduleLR(optimizer(0.1), source, total=40)) == wanted


def test_captures_are_bound_to_the_groups() -> None:
    text = 'lr["layers.{i}"]: base * 0.5 ^ i'
    driven = optimizer(0.1, 0.1)
    for i, group in enumerate(driven.param_groups):
        group["name"] = f"layers.{i}"
    lrdsl.ScheduleLR(driven, text)
    assert rates(driven) == [0.1, 0.05]


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "said"),
    [
        (["const"], {"totl": 5}, TypeError, r"^ScheduleLR\(\) got an unexpected keyword .*'totl'"),
        ([0.1], {}, TypeError, "to hold a rate, write"),
        (["const"], {"on_change": "keep"}, ValueError, "^on_change is one of error, new, old"),
        (["const"], {"lint": "loud"}, ValueError, "^lint is one of"),
        (["warmup(5%)"], {}, lrdsl.LrsError, "LRS307"),
        (["warmup(5) >> cosin"], {}, lrdsl.LrsError, "did you mean `cosine`"),
        ([], {}, TypeError, "source"),
    ],
)
def test_what_is_wrong_changes_nothing(
    arguments: list[Any], options: dict[str, Any], kind: type[Exception], said: str
) -> None:
    driven = optimizer(0.1)
    with pytest.raises(kind, match=said):
        lrdsl.ScheduleLR(driven, *arguments, **options)
    assert rates(driven) == [0.1]
    assert "initial_lr" not in driven.param_groups[0]


@pytest.mark.parametrize("lint", ["warn", "error"])
def test_lints_are_those_of_compile(lint: Any) -> None:
    text = "warmup(50) >> cosine(20)"
    if lint == "error":
        with pytest.raises(lrdsl.LrsError, match="long-warmup"):
            lrdsl.ScheduleLR(optimizer(0.1), text, lint=lint)
    else:
        with pytest.warns(lrdsl.LrsWarning, match="long-warmup"):
            lrdsl.ScheduleLR(optimizer(0.1), text, lint=lint)


@pytest.mark.parametrize("many", [list, tuple, iter, dict.fromkeys, lambda x: (o for o in x), set])
def test_several_optimizers_are_for_compile(many: Any) -> None:
    optimizers = [optimizer(0.1), optimizer(0.2)]
    with pytest.raises(TypeError, match=r"for several, call lrdsl\.compile with a list of them"):
        lrdsl.ScheduleLR(many(optimizers), "const")


@pytest.mark.parametrize(
    "many", [iter, lambda x: (o for o in x), set, lambda x: dict(enumerate(x)).values()]
)
def test_what_holds_optimizers_and_is_no_list_says_so(many: Any) -> None:
    optimizers = [optimizer(0.1), optimizer(0.2)]
    with pytest.raises(TypeError, match=r"is not an Optimizer; .* as in `\[\*optimizers\]`"):
        lrdsl.compile("const", many(optimizers))
    assert lrdsl.compile("const", [*many(optimizers)]).last_epoch == 0


class Derived(lrdsl.ScheduleLR):
    """A user's class."""


def test_a_class_derived_from_it() -> None:
    made = Derived(optimizer(0.1), TEXT, total=40)
    assert type(made) is Derived
    assert curve(made) == curve(lrdsl.compile(TEXT, optimizer(0.1), total=40))
    with pytest.raises(TypeError, match=r"this program needs a ClockLR, and Derived is none"):
        Derived(optimizer(0.1), CLOCK)

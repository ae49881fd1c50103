"""The program: parsed, compared, kept, and resolved."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import lrdsl
from lrdsl import LrsError, Program
from tests import strategies

TEXT = "# a comment\nlet peak=0.3\n\nwarmup(5)>>cosine( 20,peak )"
CANONICAL = "let peak = 0.3\nwarmup(5) >> cosine(20, peak)"


def test_its_text() -> None:
    program = lrdsl.parse(TEXT, name="a.lrs")
    assert (program.name, program.source) == ("a.lrs", TEXT)
    assert str(program) == CANONICAL
    assert repr(program) == f"Program({CANONICAL!r})"


def test_equal_means_the_same_canonical_text() -> None:
    program = lrdsl.parse(TEXT, name="a.lrs")
    same = lrdsl.parse(CANONICAL, name="b.lrs")
    assert program == same
    assert hash(program) == hash(same)
    assert program != lrdsl.parse(CANONICAL.replace("20", "21"))
    assert program != CANONICAL


@strategies.SOME
@given(strategies.programs())
def test_copies_are_equal(text: str) -> None:
    program = lrdsl.parse(text, name="a.lrs")
    for again in (pickle.loads(pickle.dumps(program)), copy.deepcopy(program), copy.copy(program)):
        assert (again, hash(again)) == (program, hash(program))
        assert (again.name, again.source) == ("a.lrs", text)


@pytest.mark.parametrize("attribute", ["source", "name", "anything"])
def test_it_is_immutable(attribute: str) -> None:
    program = lrdsl.parse(TEXT)
    with pytest.raises(AttributeError):
        setattr(program, attribute, "other")


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.lrs"
    path.write_text(TEXT, encoding="utf-8")
    program = lrdsl.load(path)
    assert (program.source, program.name) == (TEXT, str(path))
    assert lrdsl.load(str(path)) == program


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfconst(5, 0.1)", b"const(5,\r\n 0.1)\r\n", b"const(5,\t0.1)\x0c\n"],
    ids=["byte-order-mark", "windows", "form-feed"],
)
def test_files_from_elsewhere(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.lrs"
    path.write_bytes(data)
    assert str(lrdsl.load(path)) == "const(5, 0.1)"


@pytest.mark.parametrize("data", [b"\xff\xfec\x00", b"const \x80", b"\x00"], ids=repr)
def test_a_file_that_is_no_text(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.lrs"
    path.write_bytes(data)
    with pytest.raises(LrsError, match="LRS103"):
        lrdsl.load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lrdsl.load(tmp_path / "a.lrs")


def test_every_error_of_a_text_is_carried() -> None:
    with pytest.raises(LrsError) as caught:
        lrdsl.parse("let a = b\nlet c = )\nlet d = cosin(5) >> warmup()\nd", name="a.lrs")
    found = caught.value
    assert [(d.code, d.name, d.line) for d in found.diagnostics] == [
        ("LRS201", "a.lrs", 1),
        ("LRS101", "a.lrs", 2),
        ("LRS201", "a.lrs", 3),
        ("LRS202", "a.lrs", 3),
    ]
    assert isinstance(found, ValueError)
    again = pickle.loads(pickle.dumps(found))
    assert (str(again), again.diagnostics) == (str(found), found.diagnostics)


def test_one_program_fits_many_runs() -> None:
    program = lrdsl.parse("param peak = 0.4\nwarmup(1ep, 0, peak) >> cosine")
    short = program.resolve(total="2ep", steps_per_epoch=10)
    long = program.resolve(total="2ep", steps_per_epoch=100, params={"peak": 0.8})
    assert (short.length, short(10)) == (20, 0.4)
    assert (long.length, long(100)) == (200, 0.8)
    assert program.resolve_all(total="2ep", steps_per_epoch=10).program is program
    assert program.resolve(total="2ep", steps_per_epoch=10) is short


def test_a_param_may_make_a_program_wrong() -> None:
    program = lrdsl.parse("param power = 2\npoly(10, 1, power = power)")
    with pytest.raises(LrsError) as caught:
        program.resolve(params={"power": -1})
    assert [d.code for d in caught.value.diagnostics] == ["LRS303"]
    assert program.resolve()(5) == 0.25


def test_many_threads_parse_at_a_time() -> None:
    """There is one parser, and it is told where it is: no two texts may meet in it."""
    texts = [f"let x{i} = {i}\n" + f"const({i}, x{i})" * 1 for i in range(1, 200)]
    with ThreadPoolExecutor(8) as pool:
        programs = list(pool.map(lrdsl.parse, texts))
    assert [program.source for program in programs] == texts
    assert [program.resolve()(0) for program in programs] == [float(i) for i in range(1, 200)]


def test_many_threads_use_one_schedule() -> None:
    schedule = lrdsl.parse("warmup(5) >> cosine(20)").resolve()
    rates = [i / 100 for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda base: schedule(5, base=base), rates))
    assert found == rates


def test_the_package_says_what_it_has() -> None:
    assert sorted(lrdsl.__all__) == lrdsl.__all__ == dir(lrdsl)
    assert lrdsl.Program is Program
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lrdsl.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_text_and_a_run_seen_before_are_not_worked_out_again() -> None:
    program = lrdsl.parse("warmup(7) >> const")
    assert lrdsl.parse("warmup(7) >> const") is program
    assert lrdsl.parse("warmup(7) >> const", name="b.lrs").name == "b.lrs"
    assert program.resolve(total=10) is program.resolve(total=10)
    assert program.resolve(total=10) is not program.resolve(total=11)
    long = f"const # {'x' * 3000}"
    assert lrdsl.parse(long) is not lrdsl.parse(long)


def test_many_runs_are_not_all_kept() -> None:
    program = lrdsl.parse("cosine")
    schedules = [program.resolve(total=n) for n in range(1, 100)]
    assert [schedule.length for schedule in schedules] == list(range(1, 100))
    assert len(program._resolved) < 20


def test_what_the_caller_changes_later_changes_nothing() -> None:
    program = lrdsl.parse("param peak = 0.3\nconst(5, peak)")
    params = {"peak": 0.4}
    resolved = program.resolve_all(params=params)
    params["peak"] = 0.5
    assert resolved.arguments == {"params": {"peak": 0.4}}
    assert not hasattr(resolved, "clear")


def test_the_values_of_its_params() -> None:
    text = "param peak = 0.3 param n = 2ep param m = n * 2 param half = base / 2 const(m, half)"
    program = lrdsl.parse(text)
    as_written = {"peak": 0.3, "n": "2ep", "m": "4ep", "half": "base / 2"}
    assert program.resolve_all(steps_per_epoch=5).params == as_written
    run: dict[str, Any] = {"steps_per_epoch": 5, "params": {"peak": 0.5, "n": "3ep"}}
    given = {"peak": 0.5, "n": "3ep", "m": "6ep", "half": "base / 2"}
    assert program.resolve_all(**run).params == given


MANY = 'momentum: linear(10, 0.5, 0.9)\ncosine(20)\nlr["head"]: const'


def test_a_program_of_several_targets() -> None:
    program = lrdsl.parse(MANY)
    assert program.targets == ("momentum", "lr", 'lr["head"]')
    found = program.resolve_all()
    assert list(found) == list(program.targets)
    assert [one.target.label for one in found.driven] == list(program.targets)
    assert [one.schedule for one in found.driven] == list(found.values())
    assert program.resolve() == found["lr"]
    assert program.resolve(target='lr["head"]') == found['lr["head"]'] != found["lr"]
    again = pickle.loads(pickle.dumps(found))
    assert (again, hash(again), list(again)) == (found, hash(found), list(found))
    with pytest.raises(ValueError, match=r"target is one of momentum, lr, .*, not beta1"):
        program.resolve(target="beta1")


def test_which_target_is_resolved_where_none_is_named() -> None:
    assert lrdsl.parse("momentum: linear(10, 0.5, 0.9)").resolve()(10) == 0.9
    program = lrdsl.parse("momentum: const(value = 0.5)  weight_decay: const")
    with pytest.raises(ValueError, match=r"^target is one of momentum, weight_decay, not lr$"):
        program.resolve()

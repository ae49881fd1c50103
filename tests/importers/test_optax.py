"""optax: what its schedules become, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.sources import PUBLIC, check_lengths, found, imported, stored, words


def call(folder: Path, arguments: str) -> str:
    """The program of a call."""
    outcome = imported(folder, "train.py", f"import optax\nrate = optax.{arguments}\n")
    assert outcome, outcome.refused or str(outcome.proof)
    return words(outcome)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("constant_schedule(0.1)", "const(value = 0.1)"),
        ("linear_schedule(0.1, 0.0, 100)", "linear(100, 0.1)"),
        ("linear_schedule(0.1, 0.01, 100, 9)", "const(9, 0.1) >> linear(100, 0.1, 0.01)"),
        # A line of no steps stays at its start.
        ("linear_schedule(0.1, 0.01, 0)", "const(value = 0.1)"),
        ("polynomial_schedule(0.1, 0, 2.0, 100)", "poly(100, 0.1, power = 2)"),
        ("exponential_decay(0.1, 100, 0.5)", "exponential(0.5, every = 100, start = 0.1)"),
        ("exponential_decay(0.1, 100, 0.5, 9, True, 0.01)",
         "max(const(9, 0.1) >> step(100, 0.5, start = 0.1), 0.01)"),
        ("exponential_decay(0.1, 100, 2.0, end_value=0.3)",
         "exponential(2, every = 100, length = 159, start = 0.1) >> const(value = 0.3)"),
        ("cosine_decay_schedule(0.1, 100)", "cosine(100, 0.1)"),
        # Its lowest rate is a share.
        ("cosine_decay_schedule(0.1, 100, 0.2, 2.0)",
         "cosine_power(100, 0.1, 0.1 * 0.2, exponent = 2)"),
        ("warmup_constant_schedule(0.0, 0.1, 10)", "warmup(10) >> const(value = 0.1)"),
        ("warmup_constant_schedule(0.01, 0.1, 0)", "const(value = 0.01)"),
        # The length of the decay includes the warm-up.
        ("warmup_cosine_decay_schedule(0.0, 0.1, 10, 100)", "warmup(10) >> cosine(90, 0.1)"),
        ("warmup_cosine_decay_schedule(0.01, 0.1, 10, 100, 0.001, 2.0)",
         "warmup(10, 0.01) >> cosine_power(90, 0.1, 0.001, exponent = 2)"),
        ("warmup_cosine_decay_schedule(0.0, 0.1, 0, 100)", "cosine(100, 0.1)"),
        ("warmup_exponential_decay_schedule(0.0, 0.1, 10, 50, 0.5)",
         "warmup(10, 0, 0.1) >> exponential(0.5, every = 50, start = 0.1)"),
        # What it multiplies by at each boundary adds up.
        ("piecewise_constant_schedule(0.1, {30: 0.5, 60: 0.5})",
         "multistep([30, 60], 0.5, start = 0.1)"),
        ("piecewise_constant_schedule(1.0, {60: 0.5, 30: 0.25})",
         "stairs([30, 60], [1, 0.25, 0.125])"),
        ("piecewise_interpolate_schedule('linear', 1.0, {30: 0.5, 60: 0.5})",
         "linear(30, 1, 0.5) >> linear(30, 0.5, 0.25)"),
        ("piecewise_interpolate_schedule('cosine', 1.0, {30: 0.5})", "cosine(30, 1, 0.5)"),
        ("linear_onecycle_schedule(100, 0.5)",
         "linear(30, 0.02, 0.5) >> linear(55, 0.5, 0.02) >> linear(15, 0.02, 2e-6)"),
        ("cosine_onecycle_schedule(100, 0.5)", "cosine(30, 0.02, 0.5) >> cosine(70, 0.5, 2e-6)"),
        ("join_schedules([optax.linear_schedule(0.0, 0.1, 10),"
         " optax.cosine_decay_schedule(0.1, 90)], [10])", "linear(10, 0, 0.1) >> cosine(90, 0.1)"),
        # One is cut off, and another one is held.
        ("join_schedules([optax.linear_schedule(0.0, 0.1, 10), optax.constant_schedule(0.2),"
         " optax.linear_schedule(0.1, 0.0, 10), optax.cosine_decay_schedule(0.1, 90)],"
         " [8, 20, 35])",
         "until(8, linear(10, 0, 0.1)) >> const(12, 0.2) >> linear(10, 0.1) >> const(5)"
         " >> cosine(90, 0.1)"),
        ("sgdr_schedule([dict(init_value=0.0, peak_value=0.5, warmup_steps=5, decay_steps=20),"
         " dict(init_value=0.0, peak_value=0.25, warmup_steps=5, decay_steps=30)])",
         "warmup(5) >> cosine(15, 0.5) >> warmup(5) >> cosine(25, 0.25)"),
        ("warmup_cosine_decay_schedule(0.0, args.lr, warmup_steps, num_steps)",
         "param lr = 0.5 param num_steps = 1000 param warmup_steps = 10"
         " warmup(warmup_steps) >> cosine(num_steps - warmup_steps, lr)"),
    ],
)  # fmt: skip
def test_calls(arguments: str, text: str, tmp_path: Path) -> None:
    assert call(tmp_path, arguments) == text


def test_parts_that_have_names_are_found_once(tmp_path: Path) -> None:
    text = (
        "from optax import schedules\n"
        "up = schedules.linear_schedule(0.0, 0.1, 10)\n"
        "down = schedules.cosine_decay_schedule(0.1, 90)\n"
        "rate = schedules.join_schedules(schedules=[up, down], boundaries=[10])\n"
    )
    assert words(imported(tmp_path, "train.py", text)) == "linear(10, 0, 0.1) >> cosine(90, 0.1)"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("cosine_decay_schedule(0.1)", "`decay_steps` is missing"),
        ("cosine_decay_schedule(0.1, 0)", "its cosine lasts 0 updates"),
        ("warmup_cosine_decay_schedule(0.0, 0.1, 100, 100)", "its cosine lasts 0 updates"),
        ("cosine_decay_schedule(0.1, 100, end=0.1)", "1 field not understood: `end`"),
        ("exponential_decay(0.1, 100, 1.5)",
         "its rate grows without bound, and lrdsl's rates do not"),
        ("piecewise_constant_schedule(0.1, {int(total / 2): 0.1})",
         "the boundary `floor(total / 2)` is no whole number that the source tells"),
        ("piecewise_constant_schedule(0.1, boundaries)",
         "`boundaries_and_scales` is `boundaries`, which is no table"),
        ("piecewise_interpolate_schedule('cubic', 1.0, {30: 0.5})",
         "optax interpolates no `cubic`"),
        ("join_schedules([warm, optax.constant_schedule(0.1)], [10])",
         "`schedules` has one that is no call of optax"),
        ("join_schedules([optax.constant_schedule(0.1)], [10])",
         "1 boundaries do not part 1 schedules"),
        ("sgdr_schedule(cycles)", "`cosine_kwargs` is no list of tables that the source tells"),
        ("linear_onecycle_schedule(0, 0.5)", "`transition_steps` is 0"),
    ],
)  # fmt: skip
def test_refused(arguments: str, reason: str, tmp_path: Path) -> None:
    outcome = imported(tmp_path, "train.py", f"import optax\nrate = optax.{arguments}\n")
    assert outcome.refused == reason


def test_nothing_found(tmp_path: Path) -> None:
    assert not found(tmp_path, "train.py", "import optax\no = optax.adam(0.1)\n")
    mine = "from mine import cosine_decay_schedule\nr = cosine_decay_schedule(0.1, 100)\n"
    assert not found(tmp_path, "train.py", mine)


@pytest.mark.parametrize("index", [13, 25, 62, 72, 99, 125, 128])
def test_a_text_that_is_wrong_by_one_is_noticed(index: int, tmp_path: Path) -> None:
    entry = stored("optax")[index]
    check_lengths(tmp_path, entry, 2e-6 * max(entry["values"]))


# Facts of files of public repositories, rebuilt.


def test_algorithmic_efficiency() -> None:
    # mlcommons/algorithmic-efficiency: target_setting_runs/cosine_warmup.py
    path = PUBLIC / "optax" / "cosine_warmup.py"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome
    assert words(outcome) == (
        "param num_steps = 1000 param warmup_steps = 10 param learning_rate = 0.5"
        " linear(warmup_steps, 0, learning_rate)"
        " >> cosine(num_steps - warmup_steps, learning_rate)"
    )


def test_warmup_cosine_by_epochs() -> None:
    # A common form: a warm-up of one epoch of fifty.
    path = PUBLIC / "optax" / "epochs.py"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome
    assert words(outcome) == "warmup(1ep) >> cosine(50ep - 1ep, 0.001)"

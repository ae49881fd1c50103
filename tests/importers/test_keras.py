"""Keras: what its schedules become, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.importers.sources import PUBLIC, check_lengths, found, imported, stored, words


def call(folder: Path, arguments: str) -> str:
    """The program of a call."""
    text = f"from keras.optimizers import schedules\nrate = schedules.{arguments}\n"
    outcome = imported(folder, "train.py", text)
    assert outcome, outcome.refused or str(outcome.proof)
    return words(outcome)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("ExponentialDecay(0.1, 100, 0.96)", "exponential(0.96, every = 100, start = 0.1)"),
        ("ExponentialDecay(0.1, 100, 0.96, staircase=True, name='rate')",
         "step(100, 0.96, start = 0.1)"),
        ("InverseTimeDecay(0.1, 1.0, 0.5)", "inverse_time(0.5, every = 1, start = 0.1)"),
        ("InverseTimeDecay(0.1, 10, 0.5, True)",
         "shape inverse_time_stairs(rate, every: steps, start) ="
         " start / (1 + rate * floor(t / every)) inverse_time_stairs(0.5, 10, 0.1)"),
        # The old value is kept at a boundary.
        ("PiecewiseConstantDecay([100, 110], [1.0, 0.5, 0.1])",
         "stairs([101, 111], [1, 0.5, 0.1])"),
        # Its end is not 0 by default.
        ("PolynomialDecay(0.1, 100)", "linear(100, 0.1, 0.0001)"),
        ("PolynomialDecay(0.1, 100, 0, 2.0, False)", "poly(100, 0.1, power = 2)"),
        ("CosineDecay(0.1, 100)", "cosine(100, 0.1)"),
        # The lowest rate is a share, and the warm-up comes before the decay's steps.
        ("CosineDecay(0.0, 100, 0.1, warmup_target=0.5, warmup_steps=10)",
         "warmup(10) >> cosine(100, 0.5, 0.5 * 0.1)"),
        ("CosineDecay(0.02, 100, warmup_target=0.5, warmup_steps=10)",
         "warmup(10, 0.02) >> cosine(100, 0.5)"),
        # Without a target there is no warm-up.
        ("CosineDecay(0.02, 100, warmup_steps=10)", "cosine(100, 0.02)"),
        ("CosineDecayRestarts(0.1, 100)", "restarts(100, 2, 0.1)"),
        ("CosineDecayRestarts(0.1, 100, 1.5, alpha=0.1)", "restarts(100, 1.5, 0.1, 0.1 * 0.1)"),
        # With both, the lowest value stays while the peaks decay.
        ("CosineDecayRestarts(0.1, 100, 2.0, 0.9, 0.2)",
         "restarts(100, 2, 0.1 * (1 - 0.2), decay = 0.9) + 0.1 * 0.2"),
        ("CosineDecay(args.lr, decay_steps=epochs * len(train_loader))",
         "param epochs = 30 param lr = 0.5 cosine(epochs * 1ep, lr)"),
    ],
)  # fmt: skip
def test_calls(arguments: str, text: str, tmp_path: Path) -> None:
    assert call(tmp_path, arguments) == text


def test_an_optimizer_that_has_one(tmp_path: Path) -> None:
    schedule = {
        "module": "keras.optimizers.schedules",
        "class_name": "CosineDecayRestarts",
        "config": {"initial_learning_rate": 1.0, "first_decay_steps": 10, "t_mul": 2.0,
                   "m_mul": 1.0, "alpha": 0.0, "name": "SGDRDecay"},
        "registered_name": None,
    }  # fmt: skip
    adam = {"class_name": "Adam", "config": {"learning_rate": schedule, "beta_1": 0.9}}
    for table in (schedule, adam):
        outcome = imported(tmp_path, "model.json", json.dumps(table))
        assert outcome and words(outcome) == "restarts(10, 2, 1)"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        # Measured: CosineDecay(0, 10, warmup_target=0.1, warmup_steps=4) is 0 for ever.
        ("CosineDecay(0, 10, warmup_target=0.1, warmup_steps=4)",
         "`initial_learning_rate` is 0, and Keras computes in whole numbers then: write 0.0"),
        ("PolynomialDecay(0.1, 100, cycle=True)",
         "with `cycle` each decay is stretched to begin at the first update"),
        ("ExponentialDecay(0.1, 0, 0.5)", "`decay_steps` is 0"),
        ("ExponentialDecay(0.1, 10)", "`decay_rate` is missing"),
        ("ExponentialDecay(0.1, 10, 0.5, decay=3)", "1 field not understood: `decay`"),
        ("CosineDecay(0.1, 10.5)", "`decay_steps` is 10.5, which is no whole number"),
        ("PiecewiseConstantDecay([10], [0.1])", "1 boundaries do not part 1 values"),
        ("CosineDecay(0.1, 1, 2, 'a', 3, 4, 5)", "`CosineDecay` is called with 7 arguments"),
    ],
)  # fmt: skip
def test_refused(arguments: str, reason: str, tmp_path: Path) -> None:
    text = f"from keras.optimizers import schedules\nrate = schedules.{arguments}\n"
    assert imported(tmp_path, "train.py", text).refused == reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("model.json", '{"class_name": "Dense", "config": {"units": 3}}'),
        ("model.json", '{"class_name": "CosineDecay"}'),
        ("train.py", "import paddle\ns = paddle.optimizer.lr.PolynomialDecay(0.1, 10)\n"),
    ],
)
def test_nothing_found(name: str, text: str, tmp_path: Path) -> None:
    assert not found(tmp_path, name, text)


@pytest.mark.parametrize("index", [2, 12, 20, 32, 42, 44])
def test_a_text_that_is_wrong_by_one_is_noticed(index: int, tmp_path: Path) -> None:
    entry = stored("keras")[index]
    check_lengths(tmp_path, entry, 2e-6 * max(entry["values"]))


# Facts of files of public repositories, rebuilt.


def test_warm_cosine_of_the_docs() -> None:
    # keras-team/keras: the docstring of CosineDecay, with its rate as a float
    path = PUBLIC / "keras" / "warm_cosine.py"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome and words(outcome) == "warmup(1000) >> cosine(1000, 0.1)"


def test_piecewise_of_the_docs() -> None:
    # keras-team/keras: the docstring of PiecewiseConstantDecay
    path = PUBLIC / "keras" / "piecewise.py"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome and words(outcome) == "stairs([100001, 110001], [1, 0.5, 0.1])"

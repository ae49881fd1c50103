"""RL Zoo: what its hyperparameters become, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importers.sources import PUBLIC, check_lengths, found, imported, stored, words

# Ten rollouts of 48 steps, each with two epochs of two batches.
SIZES = "  n_timesteps: 480\n  n_envs: 3\n  n_steps: 16\n  batch_size: 24\n  n_epochs: 2\n"


def ppo(folder: Path, fields: str, sizes: str = SIZES) -> str:
    """The program of hyperparameters of PPO."""
    outcome = imported(folder, "ppo.yml", f"CartPole-v1:\n{sizes}{fields}")
    assert outcome, outcome.refused or str(outcome.proof)
    return words(outcome)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        # The rate is read after a rollout, so it is less than the whole from the first update on.
        ("  learning_rate: lin_1e-3\n", "every(4, skip(4, linear(40, base)))"),
        # Whatever the word is.
        ("  learning_rate: const_1e-3\n", "every(4, skip(4, linear(40, base)))"),
        ("  clip_range: lin_0.2\n",
         "lr: const scalar clip_range: every(4, skip(4, linear(40, 0.2)))"),
        ("  learning_rate: lin_1e-3\n  clip_range_vf: lin_0.2\n  clip_range: 0.1\n",
         "lr: every(4, skip(4, linear(40, base)))"
         " scalar clip_range_vf: every(4, skip(4, linear(40, 0.2)))"),
    ],
)  # fmt: skip
def test_fields(fields: str, text: str, tmp_path: Path) -> None:
    assert ppo(tmp_path, fields) == f"run total = 40 {text}"


def test_sizes_at_their_defaults(tmp_path: Path) -> None:
    # Two rollouts of 2,048, each with ten epochs of 32 batches; 104 of 4,200 steps are left.
    text = ppo(tmp_path, "  learning_rate: lin_3e-4\n", "  n_timesteps: 4200\n")
    assert text == (
        "run total = 640 every(320, skip(320, linear(640, base, base * 0.024761904761904763)))"
    )
    outcome = imported(tmp_path, "a2c.yml", "e:\n  learning_rate: lin_7e-4\n  n_timesteps: 100\n")
    assert words(outcome) == "run total = 20 every(1, skip(1, linear(20, base)))"


def test_the_last_rollout_is_spoken_of(tmp_path: Path) -> None:
    fields = "  learning_rate: x_1e-3\n"
    sizes = SIZES.replace("480", "500")
    outcome = imported(tmp_path, "ppo.yml", f"CartPole-v1:\n{sizes}{fields}")
    assert outcome.proof is not None
    assert outcome.proof.after is not None
    # 11 rollouts of 48 are 528 of 500 steps.
    after = outcome.proof.after
    step, there, here = after.step, after.left, after.right
    assert (step, there, here) == pytest.approx((40, -0.056e-3, 0.04e-3))
    said = " ".join(outcome.text.replace("\n#", "").split())
    assert "one more rollout, which goes beyond `n_timesteps`: what falls is below 0" in said
    assert "reads no other word than `lin` in `x_0.001`" in said


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("sac.yml", "  learning_rate: lin_1e-3\n",
         "only for PPO and A2C is it known when the rates are read, and the file is named for"
         " neither: `sac`"),
        ("ppo.yml", "  learning_rate: lin_1e-3\n  target_kl: 0.01\n",
         "with `target_kl` the updates of a rollout depend on the training"),
        ("ppo.yml", "  learning_rate: lin_1e-3\n  n_timesteps: 95\n",
         "its run of 95 steps has no two rollouts of 48"),
        ("ppo.yml", "  learning_rate: lin_1e-3\n  n_timesteps: null\n",
         "`CartPole-v1.n_timesteps` is missing"),
        ("ppo.yml", "  learning_rate: fast\n  clip_range: lin_0.2\n",
         "`CartPole-v1.learning_rate` is `fast`, which is no number"),
    ],
)  # fmt: skip
def test_refused(name: str, fields: str, reason: str, tmp_path: Path) -> None:
    kept = SIZES if "n_timesteps" not in fields else SIZES.replace("  n_timesteps: 480\n", "")
    outcome = imported(tmp_path, name, f"CartPole-v1:\n{kept}{fields}")
    assert outcome.refused == reason


def test_nothing_found(tmp_path: Path) -> None:
    assert not found(tmp_path, "ppo.yml", f"CartPole-v1:\n{SIZES}  learning_rate: 1e-3\n")


@pytest.mark.parametrize("index", [0, 1, 9, 11])
def test_a_text_that_is_wrong_by_one_is_noticed(index: int, tmp_path: Path) -> None:
    entry = stored("rl_zoo3")[index]
    check_lengths(tmp_path, entry, 1e-12 * entry["base"])


# Facts of files of public repositories, rebuilt.


def test_cartpole() -> None:
    # DLR-RM/rl-baselines3-zoo: hyperparams/ppo.yml, CartPole-v1
    path = PUBLIC / "rl_zoo3" / "cartpole" / "ppo.yml"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome
    # 390 rollouts of 256 steps, each with 20 updates.
    assert words(outcome) == (
        "run total = 7800 lr: every(20, skip(20, linear(7800, base, base * 0.0016)))"
        " scalar clip_range: every(20, skip(20, linear(7800, 0.2, 0.2 * 0.0016)))"
    )


def test_car_racing() -> None:
    # DLR-RM/rl-baselines3-zoo: hyperparams/ppo.yml, CarRacing-v0
    path = PUBLIC / "rl_zoo3" / "carracing" / "ppo.yml"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome
    # 976 rollouts of 4,096 steps, each with 10 epochs of 32 batches.
    assert words(outcome) == (
        "run total = 312320 every(320, skip(320, linear(312320, base, base * 0.000576)))"
    )

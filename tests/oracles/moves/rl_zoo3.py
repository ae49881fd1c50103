"""RL Zoo: hyperparameters with schedules, trained with stable-baselines3 itself.

The schedule is that of rl_zoo3 2.9.2 (``exp_manager.py``, ``_preprocess_schedules``, and
``utils.py``, ``SimpleLinearSchedule``): whatever is before the ``_`` is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw


def _rates(algorithm: str, settings: dict[str, Any]) -> Callable[[int], list[float]]:
    """Trains, and notes the rate of each update."""

    def rates(updates: int) -> list[float]:
        import gymnasium
        import numpy
        import stable_baselines3
        import torch
        from stable_baselines3.common.env_util import make_vec_env

        torch.set_num_threads(1)

        class Nothing(gymnasium.Env):  # type: ignore[misc]
            """An environment in which nothing happens."""

            observation_space = gymnasium.spaces.Box(-1, 1, (1,))
            action_space = gymnasium.spaces.Discrete(2)

            def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
                return numpy.zeros(1, numpy.float32), {}

            def step(self, action: Any) -> Any:
                return numpy.zeros(1, numpy.float32), 0.0, False, False, {}

        own = {k: v for k, v in settings.items() if k not in {"n_envs", "n_timesteps"}}
        first = float(own.pop("learning_rate").split("_")[1])
        model = getattr(stable_baselines3, algorithm.upper())(
            "MlpPolicy",
            make_vec_env(Nothing, n_envs=settings.get("n_envs", 1)),
            learning_rate=lambda left: left * first,
            device="cpu",
            **own,
        )
        found: list[float] = []
        model.policy.optimizer.register_step_pre_hook(
            lambda optimizer, *_: found.append(optimizer.param_groups[0]["lr"])
        )
        model.learn(int(settings["n_timesteps"]))
        return found[:updates]

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    for algorithm, settings, updates in _settings(draw):
        lines = "".join(f"  {name}: {value}\n" for name, value in settings.items())
        base = float(settings["learning_rate"].split("_")[1])
        yield Move(
            {f"{algorithm}.yml": f"CartPole-v1:\n  policy: MlpPolicy\n{lines}"},
            _rates(algorithm, settings),
            updates,
            base=base,
        )


def _settings(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Settings, and the updates of the rollouts that end within the run."""
    for word in ("lin", "const", ""):
        own = {"learning_rate": f"{word}_{draw.rate(1e-5, 1e-2)}", "n_timesteps": 480}
        # 10 rollouts of 48, with 2 epochs of 2 batches: 24 and 24.
        own |= {"n_envs": 3, "n_steps": 16, "batch_size": 24, "n_epochs": 2}
        yield "ppo", own, 40
        yield "ppo", own | {"n_timesteps": 500.0}, 40
        # A batch that does not divide a rollout.
        yield "ppo", own | {"n_timesteps": 100, "batch_size": 20}, 12
    own = {"learning_rate": "lin_2.5e-4", "n_timesteps": 4_200}
    yield "ppo", own, 640
    yield "a2c", {"learning_rate": "lin_7e-4", "n_timesteps": 100}, 20
    yield "a2c", {"learning_rate": "lin_7e-4", "n_timesteps": 103, "n_steps": 8, "n_envs": 2}, 6


MOVES = Moves("stable-baselines3", _drawn)

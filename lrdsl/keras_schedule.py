"""The class of what ``lrdsl.keras`` returns.

Import it before you load a saved model: Keras loads only classes that have been imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import keras

from lrdsl.program import parse
from lrdsl.resolve.resolved import Resolved
from lrdsl.schedule.schedule import Schedule

_BACKENDS = ("torch", "jax", "numpy")


@keras.saving.register_keras_serializable("lrdsl")
class KerasSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule for one base rate, as Keras calls, saves and loads it.

    Args:
        schedule: the schedule.
        base: the value of ``base`` in the program.
        steps: the number of steps in the table of rates; None for none.
    """

    def __init__(self, schedule: Schedule, base: float = 1.0, steps: int | None = None) -> None:
        super().__init__()
        backend = keras.backend.backend()
        if backend not in _BACKENDS:
            known = ", ".join(_BACKENDS)
            raise ValueError(f"schedules follow these backends of Keras: {known}; not {backend}")
        self.schedule, self.base, self.steps = schedule, base, steps
        self._rate = schedule.bind(base, steps=steps)

    def __call__(self, step: Any) -> Any:
        """Returns the rate of an update.

        Args:
            step: the number of updates so far, a number or a tensor of the backend.
        """
        return self._rate(keras.ops.convert_to_tensor(step))

    def get_config(self) -> dict[str, Any]:
        """Returns what the schedule was made from, as ``lrdsl.Resolved.as_dict``, and the base.

        Raises:
            ValueError: the schedule was copied or pickled, and does not know its text.
        """
        origin = self.schedule.origin
        if origin is None or not isinstance(origin.resolved, Resolved):
            raise ValueError(
                "this schedule cannot be saved, as it was copied or pickled: pass the one that"
                " Program.resolve returned"
            )
        kept = json.loads(json.dumps(origin.resolved.as_dict(), default=str))
        return {**kept, "target": origin.target, "base": float(self.base), "steps": self.steps}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> KerasSchedule:
        """Returns the schedule of a configuration that ``get_config`` returned.

        Args:
            config: the configuration.
        """
        program = parse(config["text"])
        if "groups" in config:
            program = program.for_groups(config["groups"])
        resolved = program.resolve_all(**config["run"]).after(config.get("events", {}))
        return cls(resolved[config["target"]], config["base"], config["steps"])

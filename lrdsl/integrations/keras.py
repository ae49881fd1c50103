"""A schedule as a learning rate of Keras, which is imported when one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrdsl.keras_schedule import KerasSchedule
    from lrdsl.schedule.schedule import Schedule


def keras(schedule: Schedule, base: float = 1.0, *, steps: int | None = None) -> KerasSchedule:
    """Returns a schedule as a Keras ``LearningRateSchedule``, for the optimizers of Keras 3.

    Keras asks it for the rate of each update. A model that has it can be saved to a ``.keras``
    file, which then holds the text of the program and the arguments of its run. To load the file in
    another process, import ``lrdsl.keras_schedule`` first: Keras loads only classes that have been
    imported.

    Args:
        schedule: what ``lrdsl.Program.resolve`` returned.
        base: the value of ``base`` in the program, as there is no optimizer to ask.
        steps: if given, the rates come from a table of as many steps, as those of
            ``Schedule.bind``.

    Raises:
        ImportError: Keras is not installed.
        ValueError: the backend of Keras is neither torch nor jax nor numpy; or the schedule follows
            metrics, events, or other numbers of a parameter group.
        LrsError: a rate is invalid.
    """
    from lrdsl.keras_schedule import KerasSchedule

    return KerasSchedule(schedule, base, steps)

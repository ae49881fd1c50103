"""What an OLMo-core scheduler depends on that stands elsewhere in its source."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields

_CLASS, _GROWS = "_CLASS_", "BatchSizeSchedulerCallback"


def arguments(call: Call) -> Iterator[object]:
    """The arguments of a call, those in lists one by one.

    Args:
        call: the call.
    """
    for value in (*call.arguments, *call.fields.plain().values()):
        yield from value if isinstance(value, list) else [value]


class Around:
    """What a scheduler depends on that stands elsewhere in its source.

    Args:
        lr: the optimizer's rate.
        batch: the tokens of an update.
        length: the length of the run.
        unit: what that is counted in: ``steps``, ``epochs`` or ``tokens``.
        grows: True if the batch grows in the run.
    """

    def __init__(
        self, lr: object, batch: object, length: object, unit: object, *, grows: bool
    ) -> None:
        self.values = {"lr": lr, "batch": batch, "length": length, "unit": unit}
        self.values["grows"] = grows

    @classmethod
    def of_tables(cls, tables: list[Fields]) -> Around:
        """Of a config: the only ``max_duration``, ``global_batch_size`` and ``optim``."""

        def only(key: str) -> object:
            found = [table.plain()[key] for table in tables if key in table]
            return found[0] if len(found) == 1 else None

        optim, duration = only("optim"), only("max_duration")
        length, unit = (
            (duration.plain().get("value"), duration.plain().get("unit"))
            if isinstance(duration, Fields)
            else (None, None)
        )
        lr = optim.plain().get("lr") if isinstance(optim, Fields) else None
        grows = any(str(table.plain().get(_CLASS)).endswith(_GROWS) for table in tables)
        return cls(lr, only("global_batch_size"), length, unit, grows=grows)

    @classmethod
    def of_calls(cls, calls: tuple[Call, ...], scheduler: Call) -> Around:
        """Of a script: the optimizer beside the scheduler, and the only length of a run."""
        lr: object = None
        for call in calls:
            values = call.fields.plain()
            if values.get("scheduler") is scheduler and isinstance(values.get("optim"), Call):
                lr = values["optim"].fields.plain().get("lr")
        lengths = [c.fields.plain()["max_duration"] for c in calls if "max_duration" in c.fields]
        batches = {str(b): b for c in calls for b in [c.fields.plain().get("global_batch_size")]
                   if b is not None}  # fmt: skip
        batch = next(iter(batches.values())) if len(batches) == 1 else None
        duration = lengths[0] if len(lengths) == 1 else None
        length = unit = None
        if isinstance(duration, Call) and ".Duration." in f".{duration.name}":
            length, unit = next(iter(arguments(duration)), None), duration.function
        grows = any(call.function == _GROWS for call in calls)
        return cls(lr, batch, length, unit, grows=grows)

    def fields(self, scheduler: Fields, *, is_call: bool) -> Fields:
        """All of it in one table.

        Args:
            scheduler: the scheduler's own.
            is_call: True if a field that is missing has its default; what was saved as None is
                missing in a ``config.json``.
        """
        values = {key: value for key, value in self.values.items() if value is not None}
        run = Fields({"is_call": is_call, **values}, scheduler.trial)
        return Fields({"scheduler": scheduler, "run": run}, scheduler.trial, name=scheduler.name)

"""The arguments of a run as JSON, for states that are saved."""

from __future__ import annotations

import json

from lrdsl.resolve.run import described
from lrdsl.resolve.run_arguments import RunArguments


def to_json(arguments: RunArguments) -> str:
    """The arguments of a run as one line of JSON, the same however they were given.

    Args:
        arguments: what was said.

    Raises:
        LrsError: it makes no sense.

    >>> to_json({"total": 100, "steps_per_epoch": 10, "per_step": {"tok": "4M"}})
    '{"per_step": {"tok": 4000000.0}, "steps_per_epoch": 10.0, "total": "100"}'
    """
    if not arguments:
        return "{}"
    description = described(arguments)
    fields = {
        "total": description.total,
        "per_step": description.per_step,
        "params": description.params,
        **description.steps_per,
    }
    return json.dumps({k: v for k, v in fields.items() if v not in (None, {})}, sort_keys=True)

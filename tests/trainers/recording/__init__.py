"""The runs whose logs are stored in ``examples/logs/``: good ones, and each mistake.

``make logs`` makes all of them again.
"""

from __future__ import annotations

from importlib import import_module

from tests.trainers.recording.recorded import Recorded

MODULES = ("loops", "stores", "by_transformers", "by_lightning", "by_accelerate", "by_keras")


def recorded() -> list[Recorded]:
    """Every run, in the order in which ``runs.json`` lists them."""
    modules = [import_module(f"tests.trainers.recording.{name}") for name in MODULES]
    return [run for module in modules for run in module.RUNS]

"""The table of real runs in ``docs/reference/departures.md``: what an audit names in each log.

The logs and what was named are those of ``examples/logs/runs.json``, which the tests audit.
"""

from __future__ import annotations

import json
from typing import Any

from lrdsl.auditing.reasons import REASONS
from lrdsl.wording import listed
from tools.pages.recipes import ROOT

_MANIFEST = ROOT / "examples" / "logs" / "runs.json"
_LINK = "../../examples/logs"
# What the runs of a folder were made with: the first package of each, and what they log to.
_MADE_WITH = {
    "loop": ("torch", "CSV"),
    "tensorboard": ("torch", "TensorBoard"),
    "mlflow": ("torch", "MLflow"),
    "accelerate": ("Accelerate", "2 processes"),
    "keras": ("Keras", ""),
    "lightning": ("Lightning", ""),
    "transformers": ("transformers", ""),
    "": ("transformers", ""),
}


def table() -> str:
    """A row for each run: the mistakes in their order, and then the good runs."""
    runs = json.loads(_MANIFEST.read_text("utf-8"))
    order = ("", *REASONS)
    made = sorted((r for r in runs if r["mistake"]), key=lambda run: order.index(run["mistake"]))
    good = [run for run in runs if not run["mistake"]]
    head = ["| mistake | run | made with | the audit names |", "|---|---|---|---|"]
    return "\n".join([*head, *map(_row, made), *map(_row, good)]) + "\n"


def _row(run: dict[str, Any]) -> str:
    mistake = f"`{run['mistake']}`" if run["mistake"] else "none"
    named = listed([f"`{name}`" for name in run["named"]]) if run["named"] else "nothing"
    return f"| {mistake} | [{run['did']}]({_LINK}/{run['log']}) | {_made_with(run)} | {named} |"


def _made_with(run: dict[str, Any]) -> str:
    """The system, with the version of its package."""
    folder, _, _ = run["log"].rpartition("/")
    system, how = _MADE_WITH[folder]
    version = next(iter(run["made_by"].values()))
    return ", ".join(filter(None, (f"{system} {version}", how)))

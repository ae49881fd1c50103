"""Schedules of other systems: found in their sources, said in lrdsl, and proven equal.

Each importer is `IMPORTER` in the file of its name here. Nothing of this is imported before a
schedule is to be imported.
"""

from __future__ import annotations

# In the order in which they look at a source: of two that know the same words, the first wins.
IMPORTERS = (
    "axolotl",
    "transformers",
    "timm",
    "keras",
    "optax",
    "rl_zoo3",
    "mmengine",
    "mmcv",
    "detectron2",
    "torchtitan",
    "composer",
    "olmo_core",
    "olmo",
    "torch",
    "deepspeed",
    "megatron",
    "nemo",
    "fairseq",
)

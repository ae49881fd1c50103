"""Logs that hold learning rates: the formats that are read, each in a file of its own.

Each module has a ``READER``. They are asked in this order, and the first one that recognizes a log
reads it: the formats of one system come before those that any program may write.
"""

from __future__ import annotations

READERS = (
    "transformers",
    "lightning",
    "keras",
    "detectron2",
    "mmengine",
    "wandb_offline",
    "wandb_export",
    "mlflow_database",
    "mlflow_files",
    "transformers_output",
    "megatron",
    "torchtune",
    "tensorboard",
    "table",
)

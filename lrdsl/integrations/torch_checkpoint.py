"""Checkpoints of torch that hold a program, loaded with ``weights_only``."""

from __future__ import annotations

from lrdsl.program import Program


def register() -> None:
    """Lets torch make programs of such a checkpoint: it parses their text, and runs nothing."""
    import torch

    torch.serialization.add_safe_globals([Program])

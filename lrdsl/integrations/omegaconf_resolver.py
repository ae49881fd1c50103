"""OmegaConf, and so Hydra: the resolver ``${lrs:...}``."""

from __future__ import annotations

from lrdsl import pydantic_field
from lrdsl.program import load, parse


def register() -> None:
    """Registers the resolver."""
    from omegaconf import OmegaConf

    OmegaConf.register_new_resolver("lrs", checked, replace=True)


def checked(argument: str) -> str:
    """The text of a schedule that has no errors.

    Args:
        argument: the text, or the path of a ``.lrs`` file.

    Raises:
        LrsError: the text has errors.
        OSError: the file cannot be read.
    """
    return (load(argument) if pydantic_field.is_path(argument) else parse(argument)).source

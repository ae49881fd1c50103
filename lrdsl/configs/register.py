"""``lrdsl.register``: libraries that read configs are told what a schedule is."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from lrdsl import files

# What is told to a library is a module `with_NAME.py` of this folder with `register()`.
_PREFIX = "with_"


@cache
def libraries() -> tuple[str, ...]:
    """The names of the libraries."""
    stems = files.stems(files.of_package("configs"), ".py")
    return tuple(stem.removeprefix(_PREFIX) for stem in stems if stem.startswith(_PREFIX))


def register(*names: str) -> None:
    """Tells libraries that read configs what a schedule is. Doing it again changes nothing.

    * ``jsonargparse``, and so LightningCLI: ``lrdsl.Program`` is a type of arguments, given as a
      text, or as the path of a ``.lrs`` file relative to the config.
    * ``omegaconf``, and so Hydra: the resolver ``${lrs:...}`` checks a text, or reads a ``.lrs``
      file; its value is the text.
    * ``yaml``, which is PyYAML: the tag ``!lrs`` makes a value a ``Program``, of a text, or of the
      path of a ``.lrs`` file relative to the config.

    Args:
        names: the libraries.

    Raises:
        ValueError: there is nothing to tell a library of that name.
        ImportError: the library is not installed.
    """
    for name in names:
        if name not in libraries():
            raise ValueError(f"register takes {', '.join(libraries())}, not {name!r}")
        import_module(f"lrdsl.configs.{_PREFIX}{name}").register()

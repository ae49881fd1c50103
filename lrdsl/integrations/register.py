"""``lrdsl.register``: makes libraries that read and write configs understand schedules."""

from __future__ import annotations

from importlib import import_module

# The modules of this folder whose `register()` tells a library what a schedule is.
LIBRARIES = {
    "jsonargparse": "jsonargparse_type",
    "omegaconf": "omegaconf_resolver",
    "torch": "torch_checkpoint",
    "yaml": "yaml_tag",
}


def register(*names: str) -> None:
    """Tells libraries what a schedule is. Doing it again changes nothing.

    * ``jsonargparse``, and so LightningCLI: ``lrdsl.Program`` is a type of arguments, given as a
      text, or as the path of a ``.lrs`` file relative to the config.
    * ``omegaconf``, and so Hydra: the resolver ``${lrs:...}`` checks a text, or reads a ``.lrs``
      file; its value is the text.
    * ``torch``: a checkpoint that holds a ``Program``, such as Lightning's with hyperparameters, is
      loaded with ``weights_only``.
    * ``yaml``, which is PyYAML: the tag ``!lrs`` makes a value a ``Program``, of a text, or of the
      path of a ``.lrs`` file relative to the config; a ``Program`` is dumped under this tag.

    Args:
        names: the libraries.

    Raises:
        ValueError: there is nothing to tell a library of that name.
        ImportError: the library is not installed.
    """
    for name in names:
        if name not in LIBRARIES:
            raise ValueError(f"register takes {', '.join(LIBRARIES)}, not {name!r}")
        import_module(f"lrdsl.integrations.{LIBRARIES[name]}").register()

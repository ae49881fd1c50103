"""``lrdsl.register``: adds support for schedules to libraries that read and write configs."""

from __future__ import annotations

from importlib import import_module

# The modules of this folder whose `register()` adds support for schedules to a library.
LIBRARIES = {
    "jsonargparse": "jsonargparse_type",
    "omegaconf": "omegaconf_resolver",
    "torch": "torch_checkpoint",
    "yaml": "yaml_tag",
}


def register(*names: str) -> None:
    """Adds support for schedules to config libraries; repeated calls have no further effect.

    * ``"jsonargparse"``, and so LightningCLI: arguments of type ``lrdsl.Program``, written as a
      text or as the path of a ``.lrs`` file, relative to the config.
    * ``"omegaconf"``, and so Hydra: the resolver ``${lrs:...}``, which checks a text or reads a
      ``.lrs`` file, and returns the text.
    * ``"torch"``: ``torch.load(..., weights_only=True)`` for checkpoints that contain a
      ``Program``, such as Lightning's hyperparameters.
    * ``"yaml"``, for PyYAML: the tag ``!lrs``, which reads a text or the path of a ``.lrs`` file,
      relative to the config, as a ``Program``; dumping a ``Program`` writes the tag.

    Args:
        names: the libraries.

    Raises:
        ValueError: a library is not in this list.
        ImportError: a library is not installed.

    Examples:
        >>> import lrdsl, yaml
        >>> lrdsl.register("yaml")
        >>> yaml.safe_load("schedule: !lrs warmup(5) >> cosine(20)")
        {'schedule': Program('warmup(5) >> cosine(20)')}
    """
    for name in names:
        if name not in LIBRARIES:
            raise ValueError(f"register takes {', '.join(LIBRARIES)}, not {name!r}")
        import_module(f"lrdsl.integrations.{LIBRARIES[name]}").register()

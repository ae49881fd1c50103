"""The process of the command line: ``lrdsl`` and ``python -m lrdsl``."""

from __future__ import annotations

import gc


def run() -> None:
    """Runs the command line in a process of its own."""
    # Importing makes no garbage, and looking for some takes a tenth of a short process.
    gc.set_threshold(100_000)
    from lrdsl.cli import main

    main(prog_name="lrdsl")


if __name__ == "__main__":
    run()

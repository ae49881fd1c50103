"""``python -m lrdsl`` is the command line."""

from __future__ import annotations

from lrdsl.cli import main

main(prog_name="lrdsl")

"""How what is missing is to be installed, as messages say it."""

from __future__ import annotations


def install(extra: str) -> str:
    return f"run `pip install '.[{extra}]'` in a checkout of lrdsl"

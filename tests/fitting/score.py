"""Measures ``lrdsl.fit`` on curves drawn from recipes: ``python -m tests.fitting.score``.

Prints what went wrong, and at the end the share of texts that were found, the share of curves
outside the library that were refused, and the slowest fit.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import lrdsl
from lrdsl.fitting.fit import Fit
from tests.fitting.recipes import Recipe, recipes

# How far a text may be from the curve at any step, as a share of the peak.
CLOSE = 1e-9


def is_right(recipe: Recipe, found: Fit) -> bool:
    """True if a fit has the curve at every step, or refuses one outside the library."""
    if not recipe.text:
        return not found
    if found.program is None:
        return False
    rates = recipe.rates()
    curve = found.program.resolve(total=recipe.total).bind()
    gaps = np.abs(curve(np.arange(recipe.total)) - rates)
    return bool(np.max(gaps) <= CLOSE * np.max(rates))


def main(step: int = 1) -> None:
    """Measures every so many of the curves."""
    counts = {True: [0, 0], False: [0, 0]}
    slowest = 0.0
    for i, recipe in enumerate(recipes()):
        if i % step:
            continue
        start = time.process_time()
        found = lrdsl.fit(recipe.log())
        took = time.process_time() - start
        slowest = max(slowest, took)
        right = is_right(recipe, found)
        counts[bool(recipe.text)][0] += right
        counts[bool(recipe.text)][1] += 1
        if not right:
            wanted = recipe.text or f"nothing: {recipe.kind}"
            say(f"{i}: {recipe.total} updates: {wanted}\n    {found.texts} {took:.1f} s")
    (inside, texts), (refused, outside) = counts[True], counts[False]
    say(f"{inside} of {texts} texts found ({inside / max(texts, 1):.1%})")
    say(f"{refused} of {outside} curves outside the library refused")
    say(f"slowest fit: {slowest:.1f} s of CPU")


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

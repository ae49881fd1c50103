"""Why some changes to the code are noticed by no test: reasons, each with patterns of changes.

A pattern is searched for in ``path function: before => after``, as ``docs/mutation.md`` has them.
"""

from __future__ import annotations

REASONS: dict[str, tuple[str, ...]] = {
    "What `zip` asserts holds: both sides are made of the same things": (
        r"strict=(True|False|None)",
    ),
    "Runs when it is imported, before mutmut changes it": (r"functions\.py (_one|_fold|_numpy):",),
}

"""What mutation testing found: prints the share that is noticed, and lists what is not.

    python -m tools.mutation

Reads what ``mutmut run`` left in the checkout. A change is noticed where mypy refuses it or a test
fails; the others are written to ``build/mutation.diff``, each as the change that it is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SURVIVORS = ROOT / "build" / "mutation.diff"
NOTICED = {"killed", "timeout", "segfault", "caught by type check"}
UNTRIED = "not checked"


def mutmut(*arguments: str) -> str:
    """What a command of mutmut prints."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def statuses(listing: str) -> dict[str, str]:
    """The status of every change that was tried, by its name.

    Args:
        listing: what ``mutmut results --all true`` prints: ``name: status`` on each line.
    """
    pairs = (line.strip().partition(": ") for line in listing.splitlines() if line.strip())
    return {name: status for name, _, status in pairs if status != UNTRIED}


def summary(tried: dict[str, str]) -> str:
    """How many of the changes were noticed, as in ``97.3% of 7,165 changes are noticed``."""
    noticed = sum(status in NOTICED for status in tried.values())
    return f"{noticed / max(1, len(tried)):.1%} of {len(tried):,} changes are noticed"


def main() -> None:
    """Prints the share, and writes the rest to the build folder."""
    tried = statuses(mutmut("results", "--all", "true"))
    survivors = [name for name, status in tried.items() if status not in NOTICED]
    SURVIVORS.parent.mkdir(exist_ok=True)
    SURVIVORS.write_text("\n".join(mutmut("show", name) for name in survivors), encoding="utf-8")
    sys.stdout.write(f"{summary(tried)}; {SURVIVORS.relative_to(ROOT)} has the rest\n")


if __name__ == "__main__":
    main()

"""``python -m tools.site`` builds the site."""

from __future__ import annotations

import subprocess
import sys

from tools.site import BUILD, ROOT, SITE, checks, finishing, formulas, packages, staging


def main() -> int:
    """Builds the site, prints what is wrong with it, and returns the exit status."""
    config = staging.write(BUILD)
    packages.install(BUILD)
    zensical = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", str(config)]
    if status := subprocess.run(zensical, cwd=ROOT).returncode:
        return status
    try:
        count = formulas.typeset(BUILD)
    except formulas.FormulaError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    finishing.finish(SITE)
    found = checks.faults(SITE)
    for fault in found:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201
    if found:
        return 1
    pages = len(list(SITE.rglob("*.html")))
    print(f"{SITE / 'index.html'}: {pages} pages, {count} formulas")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

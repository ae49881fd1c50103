"""``python -m tools.site`` builds the site."""

from __future__ import annotations

import subprocess
import sys

from tools.npm import NpmError
from tools.site import BUILD, ROOT, SITE, SiteError, checks, finishing, formulas, packages, staging


def build() -> str:
    """Builds the site, and says what came of it.

    Raises:
        SiteError: something is wrong with it.
    """
    config = staging.write(BUILD)
    try:
        packages.install(BUILD)
    except NpmError as error:
        raise SiteError(f"the formulas come from npm: {error}") from None
    zensical = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", str(config)]
    if subprocess.run(zensical, cwd=ROOT).returncode:
        raise SiteError("Zensical has built no site; what it found is above")
    count = formulas.typeset(BUILD)
    finishing.finish(SITE)
    if faults := checks.faults(SITE):
        raise SiteError("\n".join(faults))
    pages = len(list(SITE.rglob("*.html")))
    return f"{SITE / 'index.html'}: {pages} pages, {count} formulas"


def main() -> int:
    """Builds the site, and returns the exit status."""
    try:
        print(build())  # noqa: T201
    except SiteError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

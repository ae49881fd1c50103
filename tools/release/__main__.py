"""``python -m tools.release TAG`` builds a release and installs it on every Python at hand."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tools.release import FOLDER, ReleaseError, building, say, trying

PARTS = ("site", "extension", "torch")


def main(arguments: Sequence[str] | None = None) -> int:
    """Builds and tries a release, and returns the exit status.

    Args:
        arguments: those of the command line if there are no others.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("tag", metavar="TAG", help="the tag, such as v0.1.0")
    parser.add_argument("--address", default="", help="the address of the repository, as https://…")
    parser.add_argument(
        "--without", action="append", default=[], choices=PARTS, metavar="PART",
        help=f"leave out one of {', '.join(PARTS)}; may be given again",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        return _release(options.tag, options.address, set(options.without))
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1


def _release(tag: str, address: str, without: set[str]) -> int:
    """Builds and tries a release; the exit status.

    Raises:
        ReleaseError: it cannot be built.
    """
    if shutil.which("npm") is None and not without >= {"site", "extension"}:
        raise ReleaseError(
            "the site and the extension need npm: install Node.js, or leave them out with "
            "`--without site --without extension`"
        )
    pythons = trying.pythons()
    version = building.clone(tag)
    if not address:
        say("No --address: the packages name no place, and the links in their page are relative.")
    wheel, sdist = building.distributions(address)
    files = [sdist, wheel]
    if "site" not in without:
        files.append(building.site(version))
    if "extension" not in without:
        files.append(building.extension(version))
    building.sums(files)
    torch = "torch" not in without
    # Most of it is waiting, for downloads and for the disk.
    with ThreadPoolExecutor() as pool:
        rows = [
            *pool.map(lambda each: trying.row(each, wheel, sdist, version, torch=torch), pythons)
        ]
    say(f"\n{trying.table(rows)}\n")
    say("".join(f"{path}: {path.stat().st_size / 1024:,.0f} kB\n" for path in files).rstrip())
    if without:
        say(f"Left out: {', '.join(part for part in PARTS if part in without)}.")
    failed = any(trying.FAILED in row for row in rows)
    say(f"{FOLDER / building.SUMS} has the sums." if not failed else "Something has failed.")
    return int(failed or not rows)


if __name__ == "__main__":
    sys.exit(main())

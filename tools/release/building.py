"""The files of a release, built in a clone at its tag."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from packaging.metadata import Metadata

from tools.release import FOLDER, ROOT, SOURCE, ReleaseError, good, say

SUMS = "SHA256SUMS"
_BUILD_PLAYGROUND = "from tools.playground.__main__ import build; build()"


def clone(tag: str, repository: Path = ROOT, source: Path = SOURCE) -> str:
    """Clones a repository at the tag of a release, and returns the version.

    Args:
        tag: the tag, such as ``v0.1.0``.
        repository: what to clone.
        source: the folder for the clone, which is replaced with everything beside it.

    Raises:
        ReleaseError: there is no such tag, or what it has is not ready.
    """
    if tag not in good("git", "tag", cwd=repository).splitlines():
        raise ReleaseError(f"there is no tag {tag}: make it with `git tag {tag}`")
    shutil.rmtree(source.parent, ignore_errors=True)
    source.parent.mkdir(parents=True)
    good("git", "clone", "--quiet", "--branch", tag, repository, source, cwd=repository)
    return ready(source, tag)


def ready(source: Path, tag: str) -> str:
    """The version of a tree that is ready to be released.

    Args:
        source: the tree.
        tag: the tag that it has.

    Raises:
        ReleaseError: the version, the changelog and the citation do not fit the tag.
    """
    version = _found(r'^__version__ = "(.+)"$', source / "lrdsl" / "__init__.py")
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag}, and the version in lrdsl/__init__.py is {version}")
    title = _found(r"^## (.+)$", source / "CHANGELOG.md")
    dated = re.fullmatch(rf"{re.escape(version)} \((\d{{4}}-\d\d-\d\d)\)", title)
    if not dated:
        raise ReleaseError(
            f"CHANGELOG.md starts with `## {title}`: write the version and the day of the release, "
            f"as in `## {version} (2026-01-31)`"
        )
    cited = _found(r"^date-released: (\S+)$", source / "CITATION.cff")
    if cited != dated[1]:
        raise ReleaseError(
            f"CITATION.cff has {f'`date-released: {cited}`' if cited else 'no date'}: "
            f"write `date-released: {dated[1]}`, the day in CHANGELOG.md"
        )
    return version


def _found(pattern: str, path: Path) -> str:
    """The first thing that a file says of a kind; nothing if it says none."""
    match = re.search(pattern, path.read_text("utf-8"), re.MULTILINE)
    return match[1] if match else ""


def distributions(address: str, source: Path = SOURCE, folder: Path = FOLDER) -> tuple[Path, Path]:
    """Builds the sdist, and the wheel from it; returns the wheel and the sdist.

    Args:
        address: the address of the repository, or nothing.
        source: the clone.
        folder: where to put them.

    Raises:
        ReleaseError: the build fails, or what it says about itself is wrong.
    """
    variables = {"LRDSL_ADDRESS": address} if address else {}
    good(
        sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source,
        cwd=source, **variables,
    )  # fmt: skip
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        of_wheel = packed.read(name)
    with tarfile.open(sdist) as archive:
        member = archive.extractfile(f"{sdist.name.removesuffix('.tar.gz')}/PKG-INFO")
        of_sdist = member.read() if member else b""
    if of_wheel != of_sdist:
        raise ReleaseError("the wheel and the sdist say different things about themselves")
    for label, link in sorted((Metadata.from_email(of_wheel).project_urls or {}).items()):
        say(f"{label}: {link}")
    return wheel, sdist


def site(version: str) -> Path:
    """Builds the site with the playground, and returns it as an archive.

    Args:
        version: the version, for the name.

    Raises:
        ReleaseError: the build fails.
    """
    good(sys.executable, "-c", _BUILD_PLAYGROUND, cwd=SOURCE)
    good("make", "docs", f"PYTHON={sys.executable}", cwd=SOURCE)
    made = SOURCE / "build" / "site"
    return Path(shutil.make_archive(str(FOLDER / f"lrdsl-{version}-site"), "zip", made))


def extension(version: str) -> Path:
    """Builds the extension for VS Code, and returns its file.

    Args:
        version: the version, for the name.

    Raises:
        ReleaseError: the build fails.
    """
    good("make", "vscode", f"PYTHON={sys.executable}", cwd=SOURCE)
    made = SOURCE / "build" / "vscode" / "lrdsl.vsix"
    return Path(shutil.copy(made, FOLDER / f"lrdsl-{version}.vsix"))


def sums(files: list[Path], folder: Path = FOLDER) -> Path:
    """Writes the SHA-256 sums of files as ``sha256sum --check`` reads them; returns where."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    return folder / SUMS

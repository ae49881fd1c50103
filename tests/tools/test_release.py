"""The steps of a release, on small repositories; `make release` builds and installs it all."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tools.release import ReleaseError, __main__, building, trying

DAY = "2026-01-31"
FILES = {
    "lrdsl/__init__.py": '"""A package."""\n\n__version__ = "1.2.3"\n',
    "CHANGELOG.md": f"# Changelog\n\nIn short.\n\n## 1.2.3 ({DAY})\n\n## 1.2.2 (2025-01-31)\n",
    "CITATION.cff": f"version: 1.2.3\ndate-released: {DAY}\n",
}


def git(folder: Path, *arguments: str) -> None:
    who = {f"GIT_{who}_{what}": "tests@example.org"
           for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a release that is ready, and a tag of it."""
    folder = tmp_path / "repository"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "All of it")
    git(folder, "tag", "v1.2.3")
    return folder


def test_a_clone_is_of_the_tag_and_not_of_the_files_around(repository: Path) -> None:
    (repository / "CHANGELOG.md").write_text("## 1.2.3 (unreleased)\n", encoding="utf-8")
    source = repository / "build" / "release" / "source"
    old = source.parent / "lrdsl-1.2.2.whl"
    source.mkdir(parents=True)
    old.touch()
    assert building.clone("v1.2.3", repository, source) == "1.2.3"
    assert (source / "CHANGELOG.md").read_text("utf-8") == FILES["CHANGELOG.md"]
    # What an earlier release has left would be taken for this one's.
    assert not old.exists()


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", "main", "v*", "-v", ""])
def test_there_is_no_release_without_its_tag(repository: Path, tag: str) -> None:
    with pytest.raises(ReleaseError, match="there is no tag"):
        building.clone(tag, repository, repository / "build" / "release" / "source")
    assert not (repository / "build").exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "wanted"),
    [
        ("lrdsl/__init__.py", "1.2.3", "1.2.4", "the version in lrdsl/__init__.py is 1.2.4"),
        ("CHANGELOG.md", DAY, "unreleased", r"as in `## 1.2.3 \(2026-01-31\)`"),
        ("CHANGELOG.md", "1.2.3", "1.2.4", r"CHANGELOG.md starts with `## 1.2.4"),
        ("CHANGELOG.md", "1.2.3", "1.213", r"CHANGELOG.md starts with `## 1.213"),
        ("CITATION.cff", "-31", "-30", "`date-released: 2026-01-30`: write `date-released: 2026"),
        ("CITATION.cff", f"date-released: {DAY}", "", "no date: write `date-released: 2026-01-31`"),
    ],
)
def test_a_release_that_is_not_ready_says_what_to_write(
    repository: Path, name: str, old: str, new: str, wanted: str
) -> None:
    assert building.ready(repository, "v1.2.3") == "1.2.3"
    text = (repository / name).read_text("utf-8")
    (repository / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ReleaseError, match=wanted):
        building.ready(repository, "v1.2.3")


def test_sums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    files = [tmp_path / "a.whl", tmp_path / "b.zip"]
    for path in files:
        path.write_text(path.name, encoding="utf-8")
    sums = building.sums(files, tmp_path)
    command = ["sha256sum", "--check", "--strict", sums.name]
    assert subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL).returncode == 0
    files[1].write_text("other", encoding="utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True)
    assert done.returncode == 1


def test_a_python_is_found_once_if_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {
        "python3.98": f'exec {sys.executable} "$@"',
        "python3.99": "echo none of these; exit 127",
        "python3.97": "echo 2 7 18",
        "python3.96-config": f'exec {sys.executable} "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    found = [python for python in trying.pythons() if python.path.parent == tmp_path]
    assert [(python.path.name, python.version) for python in found] == [
        ("python3.98", sys.version_info[:3])
    ]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> trying.Environment:
    """An environment of this Python, without lrdsl."""
    python = trying.Python(Path(sys.executable), sys.version_info[:3])
    return trying.Environment(python, tmp_path_factory.mktemp("environment"))


def test_an_environment_is_clean(environment: trying.Environment) -> None:
    with pytest.raises(ReleaseError, match="No module named 'lrdsl'"):
        environment.use(trying.USED, "1.2.3")


def test_a_failure_is_a_word_in_the_table_and_printed_above(
    environment: trying.Environment, capfd: pytest.CaptureFixture[str]
) -> None:
    for what, program, wanted in (("a", "", "ok"), ("b", "raise SystemExit('bad')", "failed")):
        attempt = partial(environment.use, program)
        assert trying.outcome(environment, what, attempt) == wanted
    name = f"Python {environment.python}"
    assert capfd.readouterr().out == f"{name}, a: ok\n{name}, b: failed\nbad\n"
    table = trying.table([["3.11.7", "ok", trying.FAILED, "ok", "left out"]])
    assert table == (
        "| Python | wheel | sdist  | preview, configs | torch    |\n"
        "| ------ | ----- | ------ | ---------------- | -------- |\n"
        "| 3.11.7 | ok    | failed | ok               | left out |"
    )


def test_without_npm_it_says_what_to_leave_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for arguments in ([], ["--without", "site"]):
        assert __main__.main(["v1.2.3", *arguments]) == 1
        assert "`--without site --without extension`" in capsys.readouterr().err

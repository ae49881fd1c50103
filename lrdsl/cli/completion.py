"""Shell completion: files, shapes, codes and lints.

Click asks for it (``shell_complete=``) when the shell does, and at no other time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrdsl import files as disk
from lrdsl.diagnostics import catalogue

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

# A shell inserts what it is offered as it is, and would read these as its own.
_SPECIAL = frozenset(" \t\n\"'`$&|;<>()[]{}*?!#~\\")


def _items(words: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    start = incomplete.lower()
    return [CompletionItem(word) for word in words if word.lower().startswith(start)]


def _of_shell(incomplete: str) -> list[CompletionItem[str]]:
    """Leaves it to the shell, which completes any file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def _files(incomplete: str, *suffixes: str) -> list[CompletionItem[str]]:
    """Folders, and the files in them that end so.

    Where one folder is all there is, what it holds is offered too, so that the shell goes on inside
    it instead of ending the word.
    """
    found = _entries(incomplete, suffixes)
    while (
        len(found) == 1 and found[0].endswith(os.sep) and (inside := _entries(found[0], suffixes))
    ):
        found = inside
    if any(_SPECIAL & set(path) for path in (incomplete, *found)):
        return _of_shell(incomplete)
    from click.shell_completion import CompletionItem

    return [CompletionItem(path) for path in found]


def _entries(start: str, suffixes: tuple[str, ...]) -> list[str]:
    """The paths that start so: folders, with a separator at the end, and files with a suffix."""
    folder, prefix = os.path.split(start)
    before = start.removesuffix(prefix)
    found: list[str] = []
    try:
        entries = sorted(os.scandir(folder or os.curdir), key=lambda entry: entry.name)
    except OSError:
        return []
    for entry in entries:
        is_hidden = entry.name.startswith(".") and not prefix.startswith(".")
        if is_hidden or not entry.name.startswith(prefix):
            continue
        if entry.is_dir():
            found.append(f"{before}{entry.name}{os.sep}")
        elif entry.name.lower().endswith(suffixes):
            found.append(f"{before}{entry.name}")
    return found


def schedules(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Schedules and folders."""
    return _files(incomplete, disk.SUFFIX)


def schedules_and_configs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Schedules, configs and folders."""
    return _files(incomplete, disk.SUFFIX, *disk.CONFIGS)


def codes_and_schedules(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Codes, where one was started, or else their names; and schedules and configs."""
    if incomplete[:1].isupper():
        codes = _items(catalogue.CODES.values(), incomplete)
    else:
        codes = _items(catalogue.CODES, incomplete) if incomplete else []
    return codes + [
        item for item in schedules_and_configs(ctx, param, incomplete) if item.type == "plain"
    ] or (_of_shell(incomplete))


def lints(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Names of lints, or their codes where one was started; after a comma, the next one."""
    named = catalogue.lints()
    before, comma, start = incomplete.rpartition(",")
    words = named.values() if start[:1].isupper() else named
    return _items((f"{before}{comma}{word}" for word in words), incomplete)


def shapes(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Names of the library; where none starts so, those of other systems."""
    from lrdsl.check import library

    if ours := _items(library.names(), incomplete):
        return ours
    notes = library.all_notes().values()
    theirs = {name for told in notes for other in told.elsewhere for name in other.names}
    return _items(sorted(theirs), incomplete)


def any_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """The completions of the shell."""
    return _of_shell(incomplete)

"""Signatures as a reader of the reference needs them; griffe, which reads the sources, loads this.

The arguments of a run stand as ``**run`` in the sources, and at run time in full; names of types
that are only short for others are internal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import griffe

from lrdsl.resolve.run_arguments import documented
from tools.site import api

_RUN = "resolve.run_arguments.RunArguments"
# What has an attribute for each argument, in a type of its own that validates it.
_DESCRIBE_A_RUN = {"lrdsl.context.RunContext"}


class Readable(griffe.Extension):  # type: ignore[misc]  # griffe is installed for the site only
    """Writes out the arguments of a run, and the types that have a short name in the sources."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Changes the signatures of a package once it is read.

        Args:
            pkg: the package.
        """
        run = pkg[_RUN].attributes
        for thing in _public(pkg):
            if thing.docstring:
                thing.docstring.value = documented(thing.docstring.value)
            if thing.is_function:
                _write_out(thing, run.values())
                for parameter in thing.parameters:
                    _spell_out(parameter.annotation, pkg)
                _spell_out(thing.returns, pkg)
            elif thing.is_attribute:
                if thing.parent.path in _DESCRIBE_A_RUN and thing.name in run:
                    thing.annotation = run[thing.name].annotation
                _spell_out(thing.annotation, pkg)


def _public(package: griffe.Module) -> Iterator[griffe.Object]:
    """The public classes and functions, and what is in the classes."""
    for name in sorted(api.public()):
        thing = package[name]
        thing = thing.final_target if thing.is_alias else thing
        yield thing
        if thing.is_class:
            yield from (member for member in thing.members.values() if not member.is_alias)


def _write_out(function: griffe.Function, arguments: Any) -> None:
    """Puts the arguments of a run in the place of ``**run``."""
    kept = list(function.parameters)
    if not kept or str(kept[-1].annotation) != "Unpack[RunArguments]":
        return
    kind = griffe.ParameterKind.keyword_only
    written = [
        griffe.Parameter(each.name, annotation=each.annotation, kind=kind, default="None")
        for each in arguments
    ]
    kept.pop()
    first = next((i for i, each in enumerate(kept) if each.kind is kind), len(kept))
    function.parameters = griffe.Parameters(*kept[:first], *written, *kept[first:])


def _spell_out(annotation: Any, package: griffe.Module) -> None:
    """Replaces the names that the package gives to types by the types."""
    if not isinstance(annotation, griffe.Expr):
        return
    for name in annotation.iterate(flat=True):
        path = getattr(name, "canonical_path", "")
        if path.startswith(f"{package.path}."):
            named = package.modules_collection[path]
            if named.is_attribute and named.value is not None:
                _spell_out(named.value, package)
                name.name = str(named.value)

"""Configs that are made of several files: put together as Hydra, detectron2 and mmengine do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from lrdsl import files
from lrdsl.configs import bases, hydra_defaults
from lrdsl.configs.config_file import Node, Table
from lrdsl.configs.referred import Findings, Loaded
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.record import record
from lrdsl.text.source import Source, Span


@record
class Composition:
    """A config with the files that it is made of.

    Attributes:
        roots: its documents, with the values of all files.
        parts: the other files, by the names that they are reported under.
        groups: the folders of the groups of which it chooses an option, by the name of the choice.
        notes: what is not known of it.
        faults: what is wrong with the references.
    """

    roots: Sequence[Node]
    parts: Mapping[str, Loaded]
    groups: Mapping[str, str]
    notes: tuple[str, ...]
    faults: tuple[Diagnostic, ...]


def composed(
    source: Source, roots: Sequence[Node], choices: Mapping[str, str] = MappingProxyType({})
) -> Composition | None:
    """A config with the files that it refers to; None where it refers to none.

    Args:
        source: the config.
        roots: its documents.
        choices: options of groups to take instead of what it chooses, as on the command line.
    """
    made = [compose for root in roots if (compose := _rules(source, root))]
    if not made:
        return None
    findings = Findings(files.root_of(source.name), choices)
    if len(roots) > 1:
        findings.note(
            Span(source, 0, 0), "has several documents: what they refer to is not followed"
        )
        return Composition(roots, {}, {}, (*findings.notes,), ())
    (root,) = roots
    assert isinstance(root, Table)
    try:
        whole = made[0](Loaded(Path(source.name), source, root), findings)
    except RecursionError:
        help = "use fewer levels"
        findings.fault(Span(source, 0, 0), "the configs are nested too deeply to be merged", help)
        whole = root
    notes, faults = (*findings.notes,), (*findings.faults,)
    return Composition([whole], findings.parts, findings.groups, notes, faults)


def _rules(source: Source, root: Node) -> Callable[[Loaded, Findings], Table] | None:
    """What puts a config together; None where it is one file."""
    if not isinstance(root, Table) or root.is_list:
        return None
    if hydra_defaults.applies(root) and source.name.lower().endswith((".yaml", ".yml")):
        return hydra_defaults.composed
    return bases.composed if any(key in bases.KEYS for key, _ in root.items) else None

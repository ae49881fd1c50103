"""YAML with positions, by PyYAML's composer, which is what Hydra and most others read it with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lrdsl.configs import scalars
from lrdsl.configs.config_file import Node, Scalar, Table, broken, first_line
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    import yaml

_CORE = "tag:yaml.org,2002:"
_KINDS = {"str": "text", "int": "number", "float": "number"}
_COMMENT = re.compile(r"(?:^|[ \t])(#[^\r\n]*)")


def read(source: Source) -> list[Node]:
    """The documents of a YAML file.

    Args:
        source: the file.

    Raises:
        LrsError: it is not well formed.
    """
    import yaml

    try:
        roots = list(yaml.compose_all(source.text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = mark.index if mark else 0
        raise _explained(source, offset, error) from None
    except yaml.YAMLError as error:
        raise broken(source, getattr(error, "position", 0), str(error).split("\n")[0], "") from None
    known: dict[int, Table] = {}
    return [_node(source, root, known) for root in roots if root is not None]


def _node(source: Source, node: yaml.Node, known: dict[int, Table]) -> Node:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return _scalar(source, node)
    table = known.get(id(node))
    if table is None:
        is_flow = isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
        is_mapping = isinstance(node, yaml.MappingNode)
        # An alias may lead from inside a table to the table itself: it is known before it is full.
        span = first_line(source, node.start_mark.index, node.end_mark.index)
        repeated: list[tuple[str, Span, Span]] = []
        table = known[id(node)] = Table([], is_flow, not is_mapping, span, repeated, _own_tag(node))
        if isinstance(node, yaml.MappingNode):
            seen: dict[tuple[str, str], yaml.Node] = {}
            for key, value in node.value:
                name = _key(key)
                table.items.append((name, _node(source, value, known)))
                if isinstance(key, yaml.ScalarNode) and name is not None:
                    first = seen.setdefault((key.tag, name), key)
                    if first is not key:
                        repeated.append((name, _place(source, first), _place(source, key)))
        else:
            for i, value in enumerate(node.value):
                table.items.append((str(i), _node(source, value, known)))
    return table


def _key(node: yaml.Node) -> str | None:
    # A key that is itself a table cannot be named.
    text = node.value if isinstance(node.value, str) else ""
    return None if node.tag == f"{_CORE}merge" else text


def _own_tag(node: yaml.Node) -> str:
    """The tag of a value, unless it is one of YAML's."""
    return "" if node.tag.startswith(_CORE) else str(node.tag)


def _place(source: Source, node: yaml.Node) -> Span:
    return Span(source, node.start_mark.index, node.end_mark.index)


def _scalar(source: Source, node: yaml.ScalarNode) -> Scalar:
    start, end = node.start_mark.index, node.end_mark.index
    style, value, tag = node.style or "", node.value, node.tag
    own = _own_tag(node)
    kind = "text" if own else _KINDS.get(tag.removeprefix(_CORE), "other")

    def trace() -> scalars.Traced:
        return scalars.yaml(source.text, first, end, style, value)

    # A tag, or an anchor, stands between the mark and what it belongs to.
    first = _after_properties(source.text, start, end)
    return Scalar(source, first, end, kind, value, style, own, trace)


_PROPERTY = re.compile(r"[!&]\S*\s*(?:#[^\r\n]*\s*)*")


def _after_properties(text: str, start: int, end: int) -> int:
    while (match := _PROPERTY.match(text, start, end)) is not None:
        start = match.end()
    return start


def _explained(source: Source, offset: int, error: yaml.MarkedYAMLError) -> LrsError:
    """What is wrong with a file, in the words of somebody who wrote a schedule into it."""
    text = source.text
    first = text.rfind("\n", 0, offset) + 1
    line = text[first:].split("\n", 1)[0]
    if line.lstrip().startswith(">>"):
        above = text[:first].rstrip()
        start = above.rfind("\n") + 1
        comment = _COMMENT.search(above, start)
        if comment is not None and above[start : comment.start(1)].strip():
            return LrsError([cut(Span(source, comment.start(1), comment.end(1)))])
        help = "write `|` after the key and the text below it, or end a line with `>>`"
        return broken(source, first + line.index(">"), "a value cannot start with `>>`", help)
    problem = error.problem or error.context or "it cannot be read"
    return broken(source, offset, problem, _help(error))


def _help(error: yaml.MarkedYAMLError) -> str:
    if "flow" in (error.context or ""):
        return "if this is a schedule, quote it: in braces and brackets `,` `[` and `{` end a text"
    if "'\\t'" in (error.problem or ""):
        return "indent with blanks: YAML does not take tabs"
    if "mapping values" in (error.problem or ""):
        return "if this is a schedule, write `|` after the key and the text below it"
    return ""


def cut(comment: Span) -> Diagnostic:
    """The diagnostic of a text that a comment of YAML ended too early.

    Args:
        comment: the comment.
    """
    message = "a YAML comment cuts this schedule off: what follows ` #` is not part of it"
    help = "write `|` after the key and the text below it, where comments are part of the text"
    return Diagnostic("cut-by-comment", message, help, comment)

"""The tree of a config is what the format's own parser reads, for documents of any kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lrdsl.configs import config_file
from lrdsl.configs.config_file import Node, Table
from lrdsl.configs.tables import loads
from lrdsl.text.source import Source

# TOML has no raw control characters, and no file holds half a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
NUMBERS = st.one_of(
    st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)
TREES = st.recursive(
    st.one_of(TEXTS, NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXTS, TREES, max_size=5)
MANY = settings(max_examples=150, deadline=None)


def strings(value: Any) -> list[str]:
    """The strings of a document in their order, keys of mappings before their values."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in [str(key), *strings(inner)]]
    if isinstance(value, list):
        return [found for inner in value for found in strings(inner)]
    return [value] if isinstance(value, str) else []


def found(node: Node) -> list[str]:
    """The same, of a tree; each string is also read with its places."""
    if isinstance(node, Table):
        keys = [[] if node.is_list else [key] for key, _ in node.items if key is not None]
        pairs = zip(keys, node.items, strict=True)
        return [text for key, (_, inner) in pairs for text in [*key, *found(inner)]]
    if node.kind != "text":
        return []
    embedded = node.embedded()
    assert len(embedded.starts) == len(embedded.text) + 1
    return [embedded.text]


def toml(value: Any) -> str:
    """A value of TOML; JSON's strings are strings of TOML's too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def toml_document(value: dict[str, Any], _: int | None) -> str:
    return "".join(f"{toml(k)} = {toml(v)}\n" for k, v in value.items())


def yaml_document(value: dict[str, Any], indent: int | None) -> str:
    style = {None: None, 1: "|", 2: '"'}[indent]
    text: str = yaml.safe_dump(
        value, default_style=style, width=20, allow_unicode=True, sort_keys=False
    )
    return text


WRITERS: dict[str, tuple[Callable[[Any, int | None], str], Callable[[str], Any]]] = {
    "a.json": (lambda value, indent: json.dumps(value, indent=indent), json.loads),
    "a.toml": (toml_document, loads),
    "a.yaml": (yaml_document, yaml.safe_load),
}


@pytest.mark.parametrize("name", WRITERS)
@MANY
@given(document=DOCUMENTS, indent=st.sampled_from([None, 1, 2]))
def test_a_tree(name: str, document: dict[str, Any], indent: int | None) -> None:
    write, read = WRITERS[name]
    text = write(document, indent)
    (root,) = config_file.read(Source(name, text))
    assert found(root) == strings(read(text))

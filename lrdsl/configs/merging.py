"""Tables of configs put over each other, as the programs that make a config of several do it."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.configs import interpolations
from lrdsl.configs.config_file import Node, Scalar, Table, place_of
from lrdsl.configs.lookup import merged
from lrdsl.configs.marks import MISSING
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import replace
from lrdsl.wording import visible

# Of mmengine: a table that has it takes the place of the other.
_DELETE = "_delete_"


def flattened(table: Table, without: Sequence[str] = ()) -> Table:
    """A copy of a table, in which the tables that ``<<`` merges are written out.

    Every value is a new one: a file that is used twice has its values in two places.

    Args:
        table: the outermost table of a file.
        without: keys of it to leave out.
    """
    copied = _Copying().table(table)
    copied.items[:] = [(key, value) for key, value in copied.items if key not in without]
    return copied


class _Copying:
    """Copies tables that aliases of YAML may lead to twice, and ``<<`` round in circles."""

    def __init__(self) -> None:
        self._copies: dict[int, Table] = {}
        self._items: dict[int, dict[str | None, Node]] = {}

    def table(self, table: Table) -> Table:
        known = self._copies.get(id(table))
        if known is not None:
            return known
        copy = self._copies[id(table)] = replace(table, items=[])
        copy.items[:] = [(key, self._node(value)) for key, value in self._own(table).items()]
        return copy

    def _own(self, table: Table) -> dict[str | None, Node]:
        """The items of a table before what it merges, which is in front of them."""
        if id(table) in self._items:
            return self._items[id(table)]
        self._items[id(table)] = {}
        own: dict[str | None, Node] = {k: v for k, v in table.items if k is not None}
        found: dict[str | None, Node] = {}
        for inner in merged(table):
            if isinstance(inner, Table):
                found = self._own(inner) | found
        self._items[id(table)] = found = found | own
        return found

    def _node(self, node: Node) -> Node:
        return replace(node) if isinstance(node, Scalar) else self.table(node)


class Merging:
    """The rules of a program by which a table goes over another.

    It is told of the values that both have; what one of them lacks is taken from the other.
    """

    def __init__(self) -> None:
        # Aliases lead to the same pair of tables again. All of them are kept, and so are their ids.
        self._known: dict[tuple[int, int], tuple[Table, Table, Table]] = {}

    def over(self, below: Table, above: Table) -> Table:
        """The table that two make.

        Args:
            below: what is changed.
            above: what changes it.

        Raises:
            LrsError: two values cannot be merged.
        """
        known = self._known.get((id(below), id(above)))
        if known is not None:
            return known[-1]
        items = dict(below.items)
        for key, new in above.items:
            items[key] = self._value(key or "", items[key], new) if key in items else new
        repeated = (*below.repeated, *above.repeated)
        is_flow = below.is_flow or above.is_flow
        made = replace(above, items=[*items.items()], repeated=repeated, is_flow=is_flow)
        self._known[id(below), id(above)] = below, above, made
        return made

    def _value(self, key: str, old: Node, new: Node) -> Node:
        """What a value comes to that both tables have.

        Args:
            key: its key.
            old: that of the table below.
            new: that of the table above.
        """
        raise NotImplementedError


class OmegaConf(Merging):
    """OmegaConf 2.3, ``OmegaConf.merge``: ``???`` replaces nothing, and lists replace lists.

    What goes over an interpolation goes over what that names.

    Attributes:
        root: the table that interpolations start from.
    """

    def __init__(self, root: Table) -> None:
        super().__init__()
        self.root = root

    def _value(self, key: str, old: Node, new: Node) -> Node:
        if isinstance(new, Scalar):
            return old if new.text == MISSING else new
        if isinstance(old, Scalar):
            named = interpolations.named(self.root, old.text)
            if named is None or not (_is_mapping(named) and _is_mapping(new)):
                return new
            old = named
        if isinstance(old, Scalar) or old.is_list != new.is_list:
            raise _clash(key, old, new)
        return new if new.is_list else self.over(old, new)


class Fvcore(Merging):
    """Fvcore 0.1.5, ``CfgNode.load_yaml_with_base``, which is detectron2's."""

    def _value(self, key: str, old: Node, new: Node) -> Node:
        if not _is_mapping(new):
            return new
        if not _is_mapping(old):
            raise _clash(key, old, new)
        assert isinstance(old, Table) and isinstance(new, Table)
        return self.over(old, new)


class Mmengine(Fvcore):
    """Mmengine 0.10.7, ``Config._merge_a_into_b``, and mmcv 1.x: a table may replace another."""

    def _value(self, key: str, old: Node, new: Node) -> Node:
        if isinstance(new, Table):
            said = [value for name, value in new.items if name == _DELETE]
            if said:
                kept = [(name, value) for name, value in new.items if name != _DELETE]
                new = replace(new, items=kept)
            if any(isinstance(one, Scalar) and one.text.lower() == "true" for one in said):
                return new
        return super()._value(key, old, new)


def _is_mapping(node: Node) -> bool:
    return isinstance(node, Table) and not node.is_list


def _clash(key: str, old: Node, new: Node) -> LrsError:
    """What is raised where a table would have to merge with something else."""
    span, there = place_of(new), place_of(old)
    assert span is not None
    what = _noun(new)
    where = f"{visible(there.source.name)}:{there.place[0]}" if there else "another file"
    message = f"`{key}` is {what} here and {_noun(old)} in {where}: they cannot be merged"
    help = "give one of them another name"
    return LrsError([Diagnostic("bad-reference", message, help, span)])


def _noun(node: Node) -> str:
    if isinstance(node, Scalar):
        return "a single value"
    return "a list" if node.is_list else "a mapping"


def nested(package: str, table: Table) -> Table:
    """A table under keys.

    Args:
        package: the keys, between dots; empty for none.
        table: the table.
    """
    for word in reversed(package.split(".") if package else []):
        table = Table([(word, table)])
    return table

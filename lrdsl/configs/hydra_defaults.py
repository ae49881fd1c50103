"""The ``defaults`` of a config of Hydra's: which configs it is made of, and in which order.

Read in Hydra 1.3, ``_internal/defaults_list.py``, ``core/default_element.py`` and
``_internal/config_repository.py``; for what differs between versions, ``version_base="1.2"`` on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrdsl import files
from lrdsl.configs.config_file import Node, Scalar, Table, place_of
from lrdsl.configs.marks import MISSING
from lrdsl.configs.merging import OmegaConf, flattened, nested
from lrdsl.configs.references import HYDRA
from lrdsl.configs.referred import Findings, Loaded, Unfollowed
from lrdsl.configs.runs import INTERPOLATION
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import record, replace
from lrdsl.text.source import Span
from lrdsl.wording import closest, visible

_SELF, _GLOBAL, _HERE, _GROUP = "_self_", "_global_", "_here_", "_group_"
# Hydra's own group, which says how Hydra works and nothing about training.
_HYDRA = "hydra"
_HEADER = re.compile(r"\s*#\s*@(\S+)\s+(\S+)\s*")
# As much of a file as Hydra looks for a header in.
_HEAD = 512
_NULLS = frozenset({"", "null", "~"})
# The choice of another group, in the place of a choice.
_CHOSEN = re.compile(r"\$\{\s*(\w+)\s*\}")


@record
class _Default:
    """An item of a defaults list.

    Attributes:
        span: where it stands.
        group: the group that it chooses from, as it is written; empty for the path of a config.
        names: the choices, of which there may be several, or the path; each with its place.
        package: the keys that it says its values belong under; None if it says nothing.
        is_optional: True if the config need not be there.
        is_override: True if it changes a choice that is made elsewhere.
        folder: the group of the config that the item is in.
        parent: the keys of that config.
    """

    span: Span
    group: str
    names: tuple[tuple[str, Span], ...]
    package: str | None = None
    is_optional: bool = False
    is_override: bool = False
    folder: str = ""
    parent: str = ""

    @property
    def name(self) -> str:
        """Its only choice, or its path."""
        return self.names[0][0]

    def each(self) -> list[_Default]:
        """The item, once for each of its choices."""
        return [replace(self, names=(pair,), span=pair[1]) for pair in self.names]

    @property
    def is_made(self) -> bool:
        """True if its choice is made of others."""
        return any(INTERPOLATION in name for name, _ in self.names)

    @property
    def is_self(self) -> bool:
        """True if it stands for the config that it is in."""
        return not self.group and self.name == _SELF

    @property
    def _path(self) -> str:
        return f"{self.group}/{self.name}" if self.group else self.name

    @property
    def config(self) -> str:
        """The path of the config, from the folder of Hydra's configs."""
        return self._from_folder(self._path)

    @property
    def own_group(self) -> str:
        """The group of the config, from the same folder."""
        if self.group:
            return self._from_folder(self.group)
        return self.config.rpartition("/")[0]

    def _from_folder(self, path: str) -> str:
        is_relative = self.folder and not path.startswith("/")
        return f"{self.folder}/{path}" if is_relative else path.removeprefix("/")

    def keys(self, header: str | None) -> str:
        """The keys that the values of the config belong under.

        Args:
            header: what the config says of that itself.
        """
        own = self.own_group.replace("/", ".")
        package = header if self.package is None else self.package
        if package is None:
            path = self.group or self.name.rpartition("/")[0]
            package = path.removeprefix("/").replace("/", ".")
        elif _GROUP in package:
            package = f"{_GLOBAL}.{package.replace(_GROUP, own)}"
        whole = ".".join(filter(None, (self.parent, "" if package == _HERE else package)))
        _, found, after = whole.rpartition(_GLOBAL)
        return after.removeprefix(".") if found else whole

    @property
    def key(self) -> str:
        """The choice, as overrides name it."""
        group, keys = self.own_group, self.keys(None)
        same = keys == group.replace("/", ".")
        return group if same else f"{group}@{keys or _GLOBAL}"


def applies(table: Table) -> bool:
    """True if a config has what can be a defaults list.

    Args:
        table: the outermost table of the config.
    """
    return _list_of(table) is not None


def _list_of(table: Table) -> Table | None:
    for key, value in table.items:
        if key == HYDRA and isinstance(value, Table) and value.is_list:
            items = [item for _, item in value.items]
            if items and all(isinstance(i, Table) or i.kind == "text" for i in items):
                return value
    return None


def composed(main: Loaded, findings: Findings) -> Table:
    """A config as Hydra composes it.

    Args:
        main: the config.
        findings: takes what cannot be followed.
    """
    return _Composing(main, findings).composed()


# Configs, in the order in which they are merged, with the keys that they belong under.
_Parts = list[tuple[Loaded, str]]


class _Composing:
    """A config that is composed.

    Args:
        main: the config.
        findings: takes what cannot be followed.
    """

    def __init__(self, main: Loaded, findings: Findings) -> None:
        self._main, self._findings = main, findings
        self._folder = main.path.parent
        # What is chosen for others, and what is chosen at last, by the name of the choice.
        start = _start(main)
        self._overrides: dict[str, _Default] = {
            key: _Default(start, "", ((name, start),)) for key, name in findings.choices.items()
        }
        self._choices: dict[str, _Default] = {}
        self._used: set[str] = set()
        self._leaves: set[tuple[str, str]] = set()
        self._is_whole = True

    def composed(self) -> Table:
        main = _Default(_start(self._main), "", ((self._main.path.stem, _start(self._main)),))
        parts = self._expanded(main, self._main, ())
        self._check_overrides()
        whole = Table([], span=self._main.table.span)
        for loaded, keys in parts:
            try:
                whole = OmegaConf(whole).over(
                    whole, nested(keys, flattened(loaded.table, (HYDRA,)))
                )
            except LrsError as error:
                self._findings.faults |= dict.fromkeys(error.diagnostics)
        return whole

    def _expanded(self, default: _Default, loaded: Loaded, above: tuple[str, ...]) -> _Parts:
        """A config, between those that its own defaults list brings."""
        keys, own = default.keys(_package(loaded.source.text)), default.own_group
        defaults = [replace(d, folder=own, parent=keys) for d in self._defaults(loaded)]
        if not any(one.is_self for one in defaults):
            defaults.append(_Default(_start(loaded), "", ((_SELF, _start(loaded)),)))
        for one in defaults:
            if one.is_override:
                self._overrides.setdefault(one.key, one)
        above = (*above, default.config)
        found: dict[int, _Parts] = {}
        # Hydra goes from the last to the first, which decides whose override comes first, and
        # leaves those for the end that name the choices of others.
        places = [*reversed(range(len(defaults)))]
        places.sort(key=lambda i: defaults[i].is_made)
        for i in places:
            one = defaults[i]
            if one.is_self:
                found[i] = [(loaded, keys)]
            elif not one.is_override:
                found[i] = self._followed(one, above)
        return [part for i in sorted(found) for part in found[i]]

    def _followed(self, default: _Default, above: tuple[str, ...]) -> _Parts:
        """What an item of a defaults list brings."""
        if default.group:
            default = self._chosen(default)
        found: list[_Parts] = []
        for one in reversed(default.each()):
            if one.name and not self._is_hydras(one):
                loaded = self._loaded(one, above)
                if loaded is not None and one.group and len(default.names) == 1:
                    self._check_twice(one, loaded)
                found.append(self._expanded(one, loaded, above) if loaded is not None else [])
        return [part for parts in reversed(found) for part in parts]

    def _check_twice(self, default: _Default, loaded: Loaded) -> None:
        """Refuses a choice that is made twice, of a config without defaults, as Hydra does."""
        choice = default.key, default.name
        if _list_of(loaded.table) is None and choice in self._leaves:
            message = f"`{default.key}` is chosen twice, and Hydra refuses that"
            self._findings.fault(default.span, message, "take one of the two out")
        self._leaves.add(choice)

    def _chosen(self, default: _Default) -> _Default:
        """An item with what overrides say, and choices of others in the place of their names."""
        if override := self._overrides.get(default.key):
            default = replace(default, names=override.names, span=override.span)
        self._used.add(default.key)
        self._findings.groups[default.key] = files.plain(self._folder / default.own_group)
        if len(default.names) != 1:
            return default
        first = self._choices.setdefault(default.key, default)
        if first.name != default.name:
            there = f"{visible(first.span.source.name)}:{first.span.place[0]}"
            message = f"`{default.key}` is chosen in {there} too"
            help = f"choose once, or write `override {default.group}: {default.name}`"
            self._findings.fault(default.span, message, help)

        def said(match: re.Match[str]) -> str:
            of = self._choices.get(match[1])
            return of.name if of is not None and of.name else match[0]

        return replace(default, names=((_CHOSEN.sub(said, default.name), default.span),))

    def _is_hydras(self, default: _Default) -> bool:
        """True for what tells Hydra how to work, unless the config has it beside it."""
        is_own = default.own_group == _HYDRA or default.own_group.startswith(f"{_HYDRA}/")
        return is_own and not files.is_there(self._file(default))

    def _file(self, default: _Default) -> Path:
        name = default.config
        return self._folder / (name if name.endswith(".yaml") else f"{name}.yaml")

    def _loaded(self, default: _Default, above: tuple[str, ...]) -> Loaded | None:
        """The config of an item; None where it is not followed, which is then noted."""
        if default.config in above:
            message = f"`{default.config}` has this config among its own defaults"
            self._findings.fault(default.span, message, "take one of the two out")
            return None
        path = self._file(default)
        why = self._not_followed(default, path)
        loaded = None
        if not why and not (default.is_optional and not files.is_there(path)):
            try:
                loaded = self._findings.load(path)
            except Unfollowed as error:
                why = f"cannot be read: {error}"
        if why:
            self._is_whole = False
            what = f"{default.group}: {default.name}" if default.group else default.name
            text = f"brings a config that is not known here: `{what}` {why}"
            self._findings.note(default.span, text)
        return loaded

    def _not_followed(self, default: _Default, path: Path) -> str:
        """Why an item is not followed; empty if it is."""
        if INTERPOLATION in default.config or INTERPOLATION in (default.package or ""):
            return "is chosen by an interpolation"
        if default.config.rpartition("/")[-1] == MISSING:
            return f"is left open (`{MISSING}`) until the program is called"
        if not files.is_inside(str(path), self._findings.root):
            return f"is outside of `{visible(self._findings.root)}`"
        if files.is_there(path) or default.is_optional:
            return ""
        others = [file.stem for file in sorted(path.parent.glob("*.yaml")) if file.is_file()]
        near = closest(path.stem, others)
        hint = f"; did you mean `{near}`?" if near else ""
        where = visible(files.plain(path))
        return f"is no file `{where}`, and may come from a package or from Python{hint}"

    def _check_overrides(self) -> None:
        """Notes the overrides of choices that nothing makes."""
        for key, override in self._overrides.items():
            if key in self._used or key.startswith(f"{_HYDRA}/") or not self._is_whole:
                continue
            text = f"overrides `{key}`, which none of the defaults here chooses"
            self._findings.note(override.span, f"{text}: this may be a part of another config")

    def _defaults(self, loaded: Loaded) -> Iterator[_Default]:
        """The items of the defaults list of a config."""
        listed = _list_of(loaded.table)
        for _, item in listed.items if listed is not None else ():
            if isinstance(item, Scalar) and item.text.partition("@")[0]:
                path, package = _divided(item.text)
                yield _Default(item.span, "", ((path, item.span),), package)
                continue
            inner = [] if isinstance(item, Scalar) or item.is_list else item.items
            span, pairs = place_of(item), [(key, value) for key, value in inner if key]
            if len(pairs) == 1:
                yield from self._of_group(*pairs[0])
            elif span is not None:
                message = "an item of `defaults` names one config"
                self._findings.fault(span, message, "write it as in `- optimizer: adam`")

    def _of_group(self, key: str, value: Node) -> Iterator[_Default]:
        """The item of a group and its choices."""
        *words, named = key.split(" ")
        group, package = _divided(named)
        options = [value] if isinstance(value, Scalar) else [inner for _, inner in value.items]
        span = place_of(value)
        if span is None:
            return
        names: list[tuple[str, Span]] = []
        for option in options:
            if isinstance(option, Table) or option.kind == "number":
                self._findings.fault(span, f"`{group}` is chosen by a name", "write the name")
                return
            is_null = option.kind == "other" and option.text.lower() in _NULLS
            names.append(("" if is_null else option.text, option.span))
        yield _Default(span, group, tuple(names), package, "optional" in words, "override" in words)


def _divided(named: str) -> tuple[str, str | None]:
    """A group, or a path, and the package that stands after it."""
    name, _, package = named.partition("@")
    return name, package.partition(":")[0] if "@" in named else None


def _start(loaded: Loaded) -> Span:
    return Span(loaded.source, 0, 0)


def is_global(text: str) -> bool:
    """True if a config says that its values are those of the whole run, as experiments do.

    Args:
        text: the text of the config.
    """
    return _package(text) == _GLOBAL


def _package(text: str) -> str | None:
    """The keys that a config says its values belong under, in a comment above them."""
    for line in text[:_HEAD].splitlines():
        match = _HEADER.fullmatch(line)
        if match is None and line.strip():
            return None
        if match is not None and match[1] == "package":
            package = match[2]
            is_whole = package.startswith((_GLOBAL, _GROUP))
            return package if is_whole else f"{_GLOBAL}.{package}"
    return None

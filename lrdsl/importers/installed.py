"""The schedules of installed packages, run without what the rest of a package needs.

The packages of large trainers take half a minute to import, and some of them the libraries of a
GPU. Their schedules are plain Python: their definitions are compiled from the installed file as it
is, with all that they use of it.
"""
# Tests run where few of the packages are; `make oracles` runs all of this.

from __future__ import annotations

import ast
import logging
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import plain

if TYPE_CHECKING:
    from lrdsl.comparison import Row

# Takes what packages log of settings that they take in another way.
QUIET = logging.Logger("lrdsl")
QUIET.disabled = True
# What a file may import: it is there with torch, and quick.
_LIGHT = {*sys.stdlib_module_names, "numpy", "torch"}


def definitions(
    package: str, file: str, names: Iterable[str], given: Mapping[str, Any] | None = None
) -> dict[str, Any]:  # pragma: no cover
    """Runs definitions of a file of an installed package, with those that they use.

    Args:
        package: the name of its distribution.
        file: the file, as the package has it.
        names: the functions, classes and constants.
        given: what stands for names that the file imports from other packages.

    Returns:
        What they define, by name.

    Raises:
        ImportError: this version of the package has no such file or names, or they need more.
    """
    given = dict(given or {})
    try:
        path = Path(str(distribution(package).locate_file(file)))
        module = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError) as error:
        raise ImportError(f"{package} has no {file} that can be read") from error
    wanted, left = set[str](), [*names]
    while left:
        if (name := left.pop()) in wanted or name in given:
            continue
        nodes = [node for node in module.body if name in _defined(node)]
        if name in names and not nodes:
            raise ImportError(f"{file} of {package} has no {name}")
        wanted.update([name] if nodes else [])
        left += (n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name))
    module.body = [node for node in module.body if wanted.intersection(_defined(node))]
    found = {"__name__": __name__, **given}  # a dataclass looks for its module
    # As if the file began with `from __future__ import annotations`: they are not evaluated.
    code = compile(module, str(path), "exec", flags=annotations.compiler_flag, dont_inherit=True)
    try:
        exec(code, found)
    except NameError as error:
        raise ImportError(f"{file} of {package} needs more than it did: {error}") from error
    return found


def _defined(node: ast.stmt) -> set[str]:
    """The names that a statement of a module defines; those of a heavy import are left out."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign):
        return {node.target.id} if isinstance(node.target, ast.Name) else set()
    if isinstance(node, ast.ImportFrom):
        is_light = not node.level and _is_light(node.module or "")
        return {alias.asname or alias.name for alias in node.names} if is_light else set()
    if isinstance(node, ast.Import) and all(_is_light(alias.name) for alias in node.names):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return set()


def _is_light(module: str) -> bool:
    return module.partition(".")[0] in _LIGHT


def settings(fields: Fields, leave: Collection[str] = ()) -> dict[str, Any]:  # pragma: no cover
    """The fields of a schedule as its package takes them.

    Args:
        fields: the fields.
        leave: those to leave out, with the tables and those that are None.
    """
    return {
        name: _argument(fields, name, value)
        for name, value in fields.plain().items()
        if name not in leave and value is not None and not isinstance(value, Fields)
    }


def _argument(fields: Fields, name: str, value: Any) -> Any:  # pragma: no cover
    if isinstance(value, list | tuple):
        items = Fields({str(i): item for i, item in enumerate(value)}, fields.trial)
        return [*settings(items).values()]
    if not isinstance(value, str | Unknown):
        return plain(value)
    if str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    try:  # a text that is a number is one, and a name has a value in each trial
        return plain(fields.number(name))
    except Refused:
        return value


def optimizer(rate: float, kind: str = "SGD") -> Any:  # pragma: no cover
    """An optimizer of one group whose updates change nothing, which saves half of the time.

    Args:
        rate: the rate of the group.
        kind: the class.
    """
    return optimizer_of([rate], kind)


def optimizer_of(rates: Sequence[float], kind: str = "SGD") -> Any:
    """One with several groups, likewise.

    Args:
        rates: the rate of each.
        kind: the class.
    """
    import torch

    groups = [{"params": [torch.zeros(1)], "lr": rate} for rate in rates]
    made = getattr(torch.optim, kind)
    return type(kind, (made,), {"step": _idle})(groups, lr=rates[0])


def _idle(self: Any, closure: object = None) -> None:
    """The ``step`` of an optimizer that only counts."""


_idle.hooked = True  # type: ignore[attr-defined]  # as torch marks a step that has its hooks


def stepped(
    owner: Any, step: Callable[[], object], steps: int, targets: Sequence[str] = ("lr",)
) -> list[Row]:  # pragma: no cover
    """The numbers that updates use whose scheduler is stepped after each.

    Args:
        owner: the optimizer.
        step: steps the scheduler.
        steps: how many updates.
        targets: the numbers: ``lr``, ``beta1``, ``weight_decay``.

    Returns:
        A row for each update; fewer if the scheduler raises on the way.
    """
    found: list[Row] = []
    group = owner.param_groups[0]
    for _ in range(steps):
        found.append([*_read(group, targets)])
        owner.step()
        try:
            step()
        except (ArithmeticError, AssertionError, ValueError):
            break  # an end of the original; how far it came is compared
    return found


def _read(group: dict[str, Any], targets: Sequence[str]) -> Iterator[float]:  # pragma: no cover
    for target in targets:
        if target in {"beta1", "beta2"}:
            yield float(group["betas"][target == "beta2"])
        else:
            yield float(group[target])

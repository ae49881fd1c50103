"""The frame of exported files: the docstring, the imports, the constants and the definitions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from lrdsl import __version__
from lrdsl.exporting.order import Order
from lrdsl.record import record
from lrdsl.resolve.fingerprint import fingerprint
from lrdsl.wording import listed, number

_WIDTH = 88


@record
class Module:
    """A Python file, laid out as formatters do it.

    Attributes:
        docstring: what stands between its quotes.
        imports: one line each, in order.
        constants: one text each.
        definitions: one text each, in order.
    """

    docstring: str
    imports: Sequence[str]
    constants: Sequence[str]
    definitions: Sequence[str]

    @property
    def text(self) -> str:
        """The file."""
        head = [f'"""{self.docstring}"""']
        head += ["\n".join(group) for group in (self.imports, self.constants) if group]
        return (
            "\n\n\n".join(["\n\n".join(head), *[d.rstrip("\n") for d in self.definitions]]) + "\n"
        )


def docstring(order: Order) -> str:
    """What a file says of the schedules in it.

    Args:
        order: what is asked.
    """
    resolved, bases = order.resolved, order.bases
    text = textwrap.dedent(resolved.program.source.expandtabs(4)).strip("\n")
    lines = [f"    {line.rstrip()}" if line.strip() else "" for line in text.splitlines()]
    run = [f"{name} = {_shown(value)}" for name, value in resolved.arguments.items()]
    run += [f"base = {number(base, 17)}" for base in bases.values()]
    about = _escaped(f"For a run with {listed(run)}.") + "\n" if run else ""
    body = "\n".join(map(_escaped, lines))
    return (
        f"A schedule written in lrdsl {__version__}, exported by ``lrdsl export``.\n\n{body}\n\n"
        f"{about}Fingerprint: {fingerprint(resolved)}\n"
    )


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {_shown(item)}' for name, item in value.items())}}}"
    return number(value, 17) if isinstance(value, float | int) else str(value)


def _escaped(line: str) -> str:
    """A line as it stands in a string with three quotes, without characters that hide."""
    line = line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def constants(lists: Mapping[str, str]) -> list[str]:
    """Lists as constants: in one line, or in as many as they need."""
    return [_constant(name, text) for name, text in lists.items()]


def _constant(name: str, text: str) -> str:
    line = f"{name} = {text}"
    if len(line) <= _WIDTH:
        return line
    rows = _filled(text.strip("()").rstrip(",").split(", "))
    return "\n".join([f"{name} = (", *rows, ")  # fmt: skip"])


def _filled(items: Iterable[str]) -> list[str]:
    return textwrap.wrap(
        ", ".join(items) + ",", _WIDTH, initial_indent="    ", subsequent_indent="    "
    )

"""The fields of another system's settings: read by name, each with its line, none overlooked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Real, Whole, written
from lrdsl.record import record
from lrdsl.wording import listed, plural, shortened

if TYPE_CHECKING:
    from lrdsl.importers.trial import Trial

# What stands for a value that is put in before the run: `${trainer.max_steps}`, `$MAX_STEPS`.
_LATER = re.compile(r"(?:\$\{?|%\(|\{\{)\s*(?P<name>[A-Za-z_][\w.]*)\s*(?:\}|\)s|\}\})?")


@record
class Unknown:
    """A value that a source does not tell.

    Attributes:
        text: the expression that stands there.
    """

    text: str

    def __str__(self) -> str:
        return self.text


class Fields(Mapping[str, Any]):
    """A table of settings, as its system names them.

    What was read is remembered: an importer ends with `close`, which refuses what it did not read.

    Args:
        values: plain values by name; tables in it are `Fields` too.
        trial: the values for what is not known.
        lines: the line of each name in its file.
        name: the names that lead to this table, between dots.

    Attributes:
        name: the names that lead to this table, between dots.
        trial: the values for what is not known.
        line: the first line of the table; 0 if it has none.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        trial: Trial,
        lines: Mapping[str, int] | None = None,
        name: str = "",
    ) -> None:
        self._values = dict(values)
        self._read: set[str] = set()
        self.lines = dict(lines or {})
        self.trial = trial
        self.name = name
        self.line = min(self.lines.values(), default=0)

    def __getitem__(self, key: str) -> Any:
        value = self._values[key]
        self._read.add(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def plain(self) -> dict[str, Any]:
        """The values by name, without reading them."""
        return dict(self._values)

    def path(self, key: str) -> str:
        """The name of a field in messages, with the names that lead to it."""
        return f"{self.name}.{key}" if self.name else key

    def line_of(self, key: str) -> int:
        """The line that a field is on; that of the table if it has none of its own."""
        return self.lines.get(key, self.line)

    def given(self, *keys: str) -> Any:
        """The first of these fields that there is and that is not None; None if there is none."""
        for key in keys:
            if key in self._values and (value := self[key]) is not None:
                return value
        return None

    def refuse_code(self) -> None:
        """Refuses a table of which a field is what code makes of it.

        Raises:
            Refused: there is such a field.
        """
        for name, value in self.plain().items():
            if isinstance(value, Unknown):
                raise Refused(f"`{name}` is made or changed by code, which is not run")

    def number(self, key: str, default: float | None = None) -> Number:
        """A field that is a number.

        Args:
            key: the field.
            default: what its system takes without it.

        Raises:
            Refused: it is missing without a default, or no number.
        """
        value = self.given(key)
        if value is None:
            if default is None:
                raise Refused(f"`{self.path(key)}` is missing")
            return written(default)
        return self._number(key, value)

    def _number(self, key: str, value: object) -> Number:
        if isinstance(value, Unknown):
            return self.trial.param(value.text)
        if isinstance(value, str) and (later := _LATER.fullmatch(value)):
            return self.trial.param(later["name"])
        # YAML 1.1 reads 1e-5 as a text; every trainer that reads it makes it a number again.
        number = _as_number(value)
        if number is None:
            raise Refused(f"`{self.path(key)}` is {_shown(value)}, which is no number")
        return number

    def whole(self, key: str, default: int | None = None) -> Whole:
        """A field that is a whole number.

        Args:
            key: the field.
            default: what its system takes without it.

        Raises:
            Refused: it is missing without a default, or no whole number.
        """
        number = self.number(key, default)
        if isinstance(number, Real) and number.is_known and number.is_integer():
            return Whole(int(number))
        if isinstance(number, Real):
            raise Refused(f"`{self.path(key)}` is {number}, which is no whole number")
        return number

    def text(self, key: str, default: str | None = None) -> str:
        """A field that is a text.

        Args:
            key: the field.
            default: what its system takes without it.

        Raises:
            Refused: it is missing without a default, or no text.
        """
        value = self.given(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise Refused(f"`{self.path(key)}` is missing")
        if not isinstance(value, str):
            raise Refused(f"`{self.path(key)}` is {_shown(value)}, which is no name")
        return value

    def truth(self, key: str, *, default: bool) -> bool:
        """A field that is true or false.

        Args:
            key: the field.
            default: what its system takes without it.

        Raises:
            Refused: it is neither.
        """
        value = self.given(key)
        if value is None:
            return default
        words = {"true": True, "false": False}
        found = words.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise Refused(f"`{self.path(key)}` is {_shown(value)}, which is neither true nor false")
        return found

    def numbers(self, key: str, default: list[float] | None = None) -> list[Number]:
        """A field that is a list of numbers.

        Args:
            key: the field.
            default: what its system takes without it.

        Raises:
            Refused: it is missing without a default, or something else is in it.
        """
        value = self.given(key)
        if value is None and default is not None:
            return [written(number) for number in default]
        if not isinstance(value, list | tuple):
            raise Refused(f"`{self.path(key)}` is {_shown(value)}, which is no list")
        return [self._number(key, item) for item in value]

    def table(self, key: str) -> Fields:
        """A field that is a table; an empty one if it is missing or None.

        Args:
            key: the field.

        Raises:
            Refused: it is something else.
        """
        value = self.given(key)
        if value is None:
            return Fields({}, self.trial, name=self.path(key))
        if not isinstance(value, Fields):
            raise Refused(f"`{self.path(key)}` is {_shown(value)}, which is no table")
        return value

    def ignore(self, *keys: str) -> None:
        """Marks fields that have no part in the schedule, such as a scheduler's ``verbose``.

        Args:
            keys: the fields.
        """
        self._read.update(keys)

    def close(self) -> None:
        """Refuses the fields that were not read: what they do, this importer does not know.

        Raises:
            Refused: there are some.
        """
        if left := [key for key in self._values if key not in self._read]:
            names = listed(f"`{self.path(key)}`" for key in left)
            raise Refused(f"{plural(len(left), 'field')} not understood: {names}")


def _as_number(value: object) -> Number | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Whole | Real):
        return value
    if isinstance(value, int | float):
        return written(value)
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return written(kind(value.replace("_", "")))
            except ValueError:
                continue
    return None


def _shown(value: object) -> str:
    return "a table" if isinstance(value, Fields) else f"`{shortened(str(value))}`"

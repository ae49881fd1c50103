"""What a program has to be told about the run: plain data, checked by ``lrdsl.context``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lrdsl.check.values import Length, Value
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational


@record
class Run:
    """The run a program is resolved for.

    Attributes:
        total: length of the run, or None where it is not known.
        units: steps in one of each unit that is known: ``st``, and ``ep`` or the caller's own.
        params: values that override ``param`` statements.
    """

    total: Length | None = None
    units: Mapping[str, Rational] = MappingProxyType({"st": 1})
    params: Mapping[str, Value] = MappingProxyType({})

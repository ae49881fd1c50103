"""What a program has to be told about the run: plain data, checked by ``lrdsl.context``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from lrdsl.check.values import Length, Value


@dataclass(frozen=True, slots=True)
class Run:
    """The run a program is resolved for.

    Attributes:
        total: length of the run, or None where it is not known.
        units: steps in one of each unit that is known: ``st``, and ``ep`` or the caller's own.
        params: values that override ``param`` statements.
    """

    total: Length | None = None
    units: Mapping[str, Fraction] = field(default_factory=lambda: {"st": Fraction(1)})
    params: Mapping[str, Value] = field(default_factory=dict)

"""How exactly a log holds its numbers.

A reader knows it of its system: float64 where numbers are written as Python writes them, float32 in
TensorBoard and Keras, 7 digits in Megatron's lines. In a table of unknown origin it is inferred
from the texts, by the rules of `lrdsl.logs.texts.Texts`.
"""

from __future__ import annotations

import math

from lrdsl.record import record
from lrdsl.wording import plural


@record
class Precision:
    """How exactly a log holds its numbers.

    Attributes:
        kind: ``float64`` or ``float32`` for numbers that are held as such, ``digits`` for decimals
            that were rounded to significant digits, ``decimals`` for those that were rounded to
            places after the point.
        places: how many digits or places; 0 for the floats.
    """

    kind: str
    places: int = 0

    def __str__(self) -> str:
        if self.kind == "digits":
            return plural(self.places, "significant digit")
        if self.kind == "decimals":
            return plural(self.places, "decimal")
        return self.kind

    def unit(self, value: float) -> float:
        """The distance between the numbers that can be told apart at a value.

        It is 0 for ``float64``: what computes a rate in another order of operations is off by more
        than that, so a comparison has a tolerance of its own.
        """
        if self.kind == "float64":
            return 0.0
        if self.kind == "decimals":
            return float(10.0**-self.places)
        size = abs(value)
        if self.kind == "float32":
            # The spacing of normal numbers of 24 bits, and that of the subnormal ones.
            exponent = math.frexp(size)[1] if size else -125
            return math.ldexp(1.0, max(exponent, -125) - 24)
        return float(10.0 ** (math.floor(math.log10(size)) + 1 - self.places)) if size else 0.0


FLOAT64, FLOAT32 = Precision("float64"), Precision("float32")

"""Schedules as a `LearningRateSchedule` of Keras, for whatever backend it has."""

from __future__ import annotations

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.exporting.array_functions import ArrayFunctions
from lrdsl.exporting.curves import Curve
from lrdsl.exporting.functions import indented
from lrdsl.exporting.module import Module, constants, docstring
from lrdsl.exporting.optax import add_all
from lrdsl.exporting.order import Order
from lrdsl.exporting.torch import only_rate

_HEAD = '''\
@saving.register_keras_serializable()
class LearningRate(optimizers.schedules.LearningRateSchedule):
    """The learning rate at each update, counted from 0; it is saved with its optimizer."""
'''
_INIT = """\
def __init__(self, base: float) -> None:
    super().__init__()
    self.base = base

"""
_CALL = ("def __call__(self, step: Any) -> Any:", '    step = ops.cast(step, "int32")')
_CONFIG = """
def get_config(self) -> dict[str, Any]:
    return {%s}
"""


class _KerasFunctions(ArrayFunctions):
    """Functions of ``keras.ops``, and the method that calls them.

    Attributes:
        method: the lines of the method.
    """

    method: list[str]

    def add(self, name: str, curve: Curve, about: str = "", *, takes_base: bool = False) -> str:
        """Adds the function of a curve; the one with a docstring is the method."""
        before, self.syntax.base = self.syntax.base, "self.base" if about else "base"
        if about:
            self.method = [*_CALL, *indented(self.body(curve))]
        else:
            name = super().add(name, curve, takes_base=takes_base)
        self.syntax.base = before
        return name


def written(order: Order) -> str:
    """The module: the class, and the functions of parts that are combined.

    Args:
        order: what is asked.

    Raises:
        LrsError: a schedule has no closed form, or the program drives more than one rate.
    """
    driven = only_rate(order, "Keras")
    functions = _KerasFunctions("ops", "Any", can_select=False)
    add_all(order, functions, "step")
    if "interpolate" in functions.syntax.used:
        message = "a line through so many points cannot be exported for Keras"
        help = "`keras.ops` has no interpolation; `--to csv` writes the values"
        raise LrsError([Diagnostic("not-exportable", message, help, driven.target.span)])
    has_base = "lr" not in order.bases and not driven.schedule.is_absolute
    start = _INIT.splitlines() if has_base else []
    config = _CONFIG % ('"base": self.base' if has_base else "")
    body = indented([*start, *functions.method, *config.splitlines()])
    used = functions.syntax.used
    imports = [*(["import math"] if "math" in used else []), "from typing import Any", ""]
    return Module(
        docstring(order),
        [*imports, "from keras import ops, optimizers, saving"],
        constants(functions.constants),
        [*functions.texts, "\n".join([_HEAD, *body])],
    ).text

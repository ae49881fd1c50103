"""Schedules as a `LearningRateSchedule` of Keras, for whatever backend it has."""

from __future__ import annotations

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.exporting.array_functions import ArrayFunctions
from lrdsl.exporting.functions import indented
from lrdsl.exporting.module import Module, constants, docstring
from lrdsl.exporting.optax import add_all
from lrdsl.exporting.order import Order
from lrdsl.exporting.torch import only_rate

_HEAD = '''\
@keras.saving.register_keras_serializable()
class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of an optimizer, which can be saved with it."""
'''
_INIT = """\
def __init__(self, base: float) -> None:
    super().__init__()
    self.base = base

"""
_METHODS = """\
def __call__(self, step: Any) -> Any:
    return learning_rate(step{base})

def get_config(self) -> dict[str, Any]:
    return {{{config}}}
"""


class _KerasFunctions(ArrayFunctions):
    """Functions of ``keras.ops``."""

    first_parameter = "step: Any"
    first_lines = ('step = ops.cast(step, "int32")',)


def written(order: Order) -> str:
    """The module: the rate as a function, and the class that calls it.

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
    methods = _METHODS.format(
        base=", self.base" if has_base else "", config='"base": self.base' if has_base else ""
    )
    body = indented(((_INIT if has_base else "") + methods).splitlines())
    used = functions.syntax.used
    imports = [*(["import math"] if "math" in used else []), "from typing import Any", ""]
    return Module(
        docstring(order),
        [*imports, "import keras", "from keras import ops"],
        constants(functions.constants),
        [*functions.texts, "\n".join([_HEAD, *body])],
    ).text

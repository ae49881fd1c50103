"""Schedules as torch's own `LambdaLR`."""

from __future__ import annotations

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.exporting.functions import Functions
from lrdsl.exporting.lowering import lowered
from lrdsl.exporting.module import Module, constants, docstring
from lrdsl.exporting.order import Order
from lrdsl.exporting.python import about, helpers, imports
from lrdsl.resolve.resolved import Driven

# The names of the module's own.
_TAKEN = frozenset({"scheduler", "LambdaLR", "Optimizer"})
_FACTOR = "Return the factor of the optimizer's own rate at update ``step``."
_SCHEDULER = '''\
def scheduler(optimizer: Optimizer) -> LambdaLR:
    """Return the scheduler of an optimizer; call its ``step()`` after every update."""
'''
_SHARED = """\
    return LambdaLR(optimizer, factor)
"""
_RATES = """\
    for group in optimizer.param_groups:
        group["initial_lr"] = 1.0  # which LambdaLR multiplies with
    return LambdaLR(optimizer, learning_rate)
"""
_EACH = """
    def factor(rate: float) -> Callable[[int], float]:
        return lambda step: learning_rate(step, rate) / rate

    rates = [group.get("initial_lr", group["lr"]) for group in optimizer.param_groups]
    return LambdaLR(optimizer, [factor(rate) for rate in rates])
"""


def written(order: Order) -> str:
    """The module: the rate as a function, and ``scheduler``, which makes the `LambdaLR`.

    A schedule that is a multiple of ``base`` is written as the factor that torch multiplies with,
    and one without ``base`` as the rate itself, which torch then multiplies with 1.

    Args:
        order: what is asked.

    Raises:
        LrsError: a schedule has no closed form, or the program drives more than one rate.
    """
    driven = only_rate(order, "`LambdaLR`")
    schedule, base = driven.schedule, order.bases.get("lr")
    takes_base = base is None and not schedule.is_absolute
    if takes_base and schedule.is_proportional:
        functions = Functions(_TAKEN)
        functions.add("factor", lowered(schedule, 1.0), _FACTOR)
        body, lines = _SHARED, imports(functions)
    else:
        functions = Functions({*_TAKEN, "factor"})
        chain = lowered(schedule, base)
        functions.add("learning_rate", chain, about(driven.target), takes_base=takes_base)
        body = _EACH if takes_base else _RATES
        lines = imports(functions, *["Callable"] * takes_base)
    torch = ["from torch.optim import Optimizer", "from torch.optim.lr_scheduler import LambdaLR"]
    return Module(
        docstring(order),
        [*lines, *([""] if lines else []), *torch],
        constants(functions.constants),
        [*helpers(functions), *functions.texts, _SCHEDULER + body],
    ).text


def only_rate(order: Order, scheduler: str) -> Driven:
    """The rate of all groups, which is all that the schedulers of some frameworks drive.

    Args:
        order: what is asked.
        scheduler: what messages call the scheduler.

    Raises:
        LrsError: the program drives something else.
    """
    for driven in order.resolved.driven:
        if driven.target.key != "lr" or driven.target.selector is not None:
            message = f"`{driven.target.label}` cannot be exported for {scheduler}"
            help = "`--to python` writes a function for each target"
            raise LrsError([Diagnostic("not-exportable", message, help, driven.target.span)])
    return order.resolved.driven[0]

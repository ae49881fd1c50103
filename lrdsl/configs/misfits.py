"""What stands in the place of a schedule and is none, as diagnostics."""

from __future__ import annotations

from lrdsl.configs.calls import example
from lrdsl.configs.config_file import Scalar, Table, place_of
from lrdsl.configs.find import Misfit, is_truth
from lrdsl.configs.marks import LOAD, TAG
from lrdsl.diagnostics.diagnostic import Diagnostic


def misplaced(misfit: Misfit) -> Diagnostic:
    """What is wrong with what stands in the place of a schedule.

    Args:
        misfit: what stands there.
    """
    node, span = misfit.node, place_of(misfit.node)
    assert span is not None  # a table without one holds a value that has one
    noun = "a truth value" if isinstance(node, Scalar) and is_truth(node) else "nothing"
    if isinstance(node, Table):
        noun = "a list" if node.is_list else "a mapping"
    without = "" if noun == "nothing" else " without one"
    call = misfit.call
    is_marked = isinstance(node, Table) and node.tag == TAG
    called = call.name if call is not None else ""
    asks = f"`{call.argument}` of `{called}` is" if call is not None else "the key names"
    message = f"{asks} a schedule, and this is {noun}{without}"
    what = "path" if called == LOAD else "schedule"
    help = f"write the {what} as a text: `{example(called)}`"
    if call is None and not is_marked:
        help = f"name the key inside it that has the schedule, or {help}"
    if is_marked:
        message = f"the tag `{TAG}` marks a schedule, and this is {noun}"
    severity = "error" if call is not None or is_marked else "warning"
    return Diagnostic("not-a-schedule", message, help, span, severity=severity)

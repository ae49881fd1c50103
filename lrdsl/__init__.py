"""lrdsl: a small language for learning-rate schedules.

``compile`` turns a program into a torch scheduler. ``parse`` and ``load`` return a ``Program``,
which needs neither an optimizer nor torch; ``Program.resolve`` turns it into a ``Schedule``, a pure
function of the step. Errors raise ``LrsError``, which lists every ``Diagnostic``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrdsl.analysis.analysis import Analysis
    from lrdsl.analysis.analyze import ConfigAnalysis, analyze, analyze_config
    from lrdsl.auditing.answer import Audit
    from lrdsl.auditing.audit import audit
    from lrdsl.check.params import Param
    from lrdsl.comparison import Comparison
    from lrdsl.context import RunContext
    from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
    from lrdsl.diagnostics.warn import LrsWarning
    from lrdsl.equivalent import equivalent
    from lrdsl.exporting.export import export
    from lrdsl.fitting.fit import Fit, fit
    from lrdsl.frameworks.torch.compile import compile
    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.frameworks.torch.log import log
    from lrdsl.importers.torch_live import from_torch
    from lrdsl.integrations.keras import keras
    from lrdsl.integrations.lightning import lightning
    from lrdsl.integrations.register import register
    from lrdsl.program import Program, load, parse
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.schedule.parts import Part
    from lrdsl.schedule.schedule import Schedule

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Audit",
    "Comparison",
    "ConfigAnalysis",
    "Diagnostic",
    "Fit",
    "LrsError",
    "LrsWarning",
    "Param",
    "Part",
    "Program",
    "Resolved",
    "RunContext",
    "Schedule",
    "ScheduleLR",
    "__version__",
    "analyze",
    "analyze_config",
    "audit",
    "compile",
    "equivalent",
    "export",
    "fit",
    "from_torch",
    "keras",
    "lightning",
    "load",
    "log",
    "parse",
    "register",
]

# Where each name lives: importing lrdsl imports none of them, and only `compile` and
# `from_torch` ask for torch.
_HOMES = {
    "Analysis": "lrdsl.analysis.analysis",
    "Audit": "lrdsl.auditing.answer",
    "Comparison": "lrdsl.comparison",
    "ConfigAnalysis": "lrdsl.analysis.analyze",
    "Diagnostic": "lrdsl.diagnostics.diagnostic",
    "Fit": "lrdsl.fitting.fit",
    "LrsError": "lrdsl.diagnostics.diagnostic",
    "LrsWarning": "lrdsl.diagnostics.warn",
    "Param": "lrdsl.check.params",
    "Part": "lrdsl.schedule.parts",
    "Program": "lrdsl.program",
    "Resolved": "lrdsl.resolve.resolved",
    "RunContext": "lrdsl.context",
    "Schedule": "lrdsl.schedule.schedule",
    "ScheduleLR": "lrdsl.frameworks.torch.lambda_lr",
    "analyze": "lrdsl.analysis.analyze",
    "analyze_config": "lrdsl.analysis.analyze",
    "audit": "lrdsl.auditing.audit",
    "compile": "lrdsl.frameworks.torch.compile",
    "equivalent": "lrdsl.equivalent",
    "export": "lrdsl.exporting.export",
    "fit": "lrdsl.fitting.fit",
    "from_torch": "lrdsl.importers.torch_live",
    "keras": "lrdsl.integrations.keras",
    "lightning": "lrdsl.integrations.lightning",
    "load": "lrdsl.program",
    "log": "lrdsl.frameworks.torch.log",
    "parse": "lrdsl.program",
    "register": "lrdsl.integrations.register",
}


# If a type checker saw this, it would accept misspelled names.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'lrdsl' has no attribute {name!r}")

        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__

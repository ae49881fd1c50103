"""The reference of the Python names, from their docstrings."""

from __future__ import annotations

import json

GROUPS = {
    "Programs": ("parse", "load", "Program", "Param", "RunContext"),
    "Schedules": ("Resolved", "Schedule", "Part"),
    "Analyzing": ("analyze", "Analysis", "analyze_config", "ConfigAnalysis"),
    "Comparing": ("equivalent", "Comparison"),
    "Moving in": ("from_torch", "fit", "Fit"),
    "Moving out": ("export",),
    "Training": ("compile", "ScheduleLR", "log", "lightning", "keras"),
    "After the run": ("audit", "Audit"),
    "Configs": ("register",),
    "Errors and warnings": ("LrsError", "Diagnostic", "LrsWarning"),
}
"""Every public name but ``__version__``, in the order of the page."""

ELSEWHERE = {
    "Parts of an analysis": (
        "analysis.completion.Completion",
        "analysis.hover.Hover",
        "analysis.names.Binding",
        "analysis.names.Occurrence",
        "analysis.outline.Symbol",
        "analysis.picture.Picture",
        "analysis.places.Change",
        "analysis.places.Hint",
        "analysis.places.Location",
        "analysis.places.Places",
        "analysis.places.Replacement",
        "analysis.signature.Signature",
        "analysis.tokens.Token",
    ),
    "Differences": ("comparison.Departure",),
    "Trainers": (
        "transformers.ScheduleMixin",
        "axolotl.Plugin",
        "lightning_callback.ScheduleCallback",
        "keras_schedule.KerasSchedule",
    ),
    "Fixes": ("diagnostics.fix.apply", "diagnostics.fix.Fix", "diagnostics.fix.Edit"),
    "Array libraries": ("arrays.register", "arrays.module.ArrayModule"),
}
"""The public names that are not in ``lrdsl`` itself."""

INTERNAL = {
    "Program": ("expanded", "module"),
    "Resolved": ("driven", "findings"),
    "ScheduleLR": (
        "awaits", "base_lrs", "bound", "driven", "follow", "get_lr", "is_from_class",
        "is_under_way", "join", "lr_lambdas", "numbers", "owner",
    ),
}  # fmt: skip
"""Members of public classes that only modules of lrdsl use."""


def page() -> str:
    """The page, with a line for mkdocstrings in place of each name."""
    lines = [
        "# Python API",
        "",
        "Import these names from `lrdsl` itself, unless their heading shows another module;",
        "`lrdsl.__version__` is the version. Modules and names that are not on this page are",
        "internal and change without notice.",
        "",
    ]
    for group, names in (GROUPS | ELSEWHERE).items():
        lines += [f"## {group}", ""]
        for name in names:
            hidden = json.dumps(
                ["!^_(?!_call__$)", *(f"!^{member}$" for member in INTERNAL.get(name, ()))]
            )
            lines += [f"::: lrdsl.{name}", "    options:", f"      filters: {hidden}"]
            lines += ["      show_root_full_path: true"] if "." in name else []
            lines += [""]
    return "\n".join(lines)


def public() -> set[str]:
    """Every name on the page, without ``lrdsl.`` before it."""
    return {name for names in (GROUPS | ELSEWHERE).values() for name in names}

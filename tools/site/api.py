"""The reference of the Python names, from their docstrings."""

from __future__ import annotations

import json

GROUPS = {
    "Programs": ("parse", "load", "Program", "RunContext"),
    "Schedules": ("Resolved", "Schedule", "Part"),
    "Training": ("compile", "lightning"),
    "Configs": ("register",),
    "Errors and warnings": ("LrsError", "Diagnostic", "LrsWarning"),
}
"""Every public name but ``__version__``, in the order of the page."""

INTERNAL = {
    "Program": ("expanded", "module", "params_of"),
    "Resolved": ("driven", "findings"),
}
"""What modules of lrdsl use of each other, though its name is that of something public."""


def page() -> str:
    """The page, with a line for mkdocstrings in place of each name."""
    lines = [
        "# Python API",
        "",
        "Import every name from `lrdsl` itself; `lrdsl.__version__` is the version. Modules and",
        "names that are not on this page are internal and change without notice.",
        "",
    ]
    for group, names in GROUPS.items():
        lines += [f"## {group}", ""]
        for name in names:
            hidden = json.dumps(
                ["!^_(?!_call__$)", *(f"!^{member}$" for member in INTERNAL.get(name, ()))]
            )
            lines += [f"::: lrdsl.{name}", "    options:", f"      filters: {hidden}", ""]
    return "\n".join(lines)

"""The texts of docs/explanation/demands.md, each with its run, and optimizers for them."""

from __future__ import annotations

import re
from typing import Any

import torch

from lrdsl.resolve.run_arguments import RunArguments
from tests.blocks import BLOCK, ROOT
from tools.pages.recipes import run

PAGE = (ROOT / "docs" / "explanation" / "demands.md").read_text("utf-8")
SECTIONS = {
    int(number): section
    for number, section in re.findall(
        r"^## (\d+)\. [^\n]+\n(.*?)(?=^## \d+\. |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
}
TEXTS: dict[int, list[tuple[str, RunArguments]]] = {
    number: [
        (match["text"], run(match["mark"].partition(":")[2]))
        for match in BLOCK.finditer(section)
        if match["language"] == "lrs"
    ]
    for number, section in SECTIONS.items()
}


def group(name: str = "group", **numbers: Any) -> dict[str, Any]:
    """A parameter group whose parameter has a gradient."""
    parameter = torch.nn.Parameter(torch.ones(2, 2))
    parameter.grad = torch.ones(2, 2)
    return {"params": [parameter], "name": name, **numbers}

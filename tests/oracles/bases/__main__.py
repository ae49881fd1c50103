"""Asks fvcore and mmengine what they make of configs: ``python -m tests.oracles.bases``.

What differs from ``tests/configs/bases.json`` is listed; with ``LRDSL_UPDATE_GOLDENS=1`` it is
stored instead.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.oracles.bases.cases import CASES, REFUSED, STORE, put


def asked(name: str) -> Any:
    """What the package makes of the files of a case."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(put(CASES[name], Path(folder)))
        try:
            if name.startswith("fvcore"):
                from fvcore.common.config import CfgNode

                return CfgNode.load_yaml_with_base(path)
            from mmengine.config import Config

            return Config.fromfile(path).to_dict()
        except (AssertionError, KeyError, TypeError):
            return REFUSED


def main() -> int:
    """Compares what is stored, or stores it."""
    now = {name: asked(name) for name in CASES}
    if os.environ.get("LRDSL_UPDATE_GOLDENS") == "1":
        STORE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        return 0
    old = json.loads(STORE.read_text(encoding="utf-8"))
    differing = [name for name in now if old.get(name) != now[name]]
    print("\n".join(differing) or f"{len(now)} configs give what is stored")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

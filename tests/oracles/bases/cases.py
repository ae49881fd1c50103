"""Configs that change others, by ``_BASE_`` of fvcore and ``_base_`` of mmengine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

STORE = Path(__file__).parents[2] / "configs" / "bases.json"
# What is stored for files that the package refuses to put together.
REFUSED = "refused"

# Files by their names; the first of them is the config.
CASES: dict[str, Mapping[str, str]] = {
    "fvcore one": {
        "a.yaml": "_BASE_: b.yaml\nx: {y: 1, l: [3]}\nw: 5\n",
        "b.yaml": "x: {y: 0, z: {k: 1}, l: [1, 2]}\nv: 1\nw: {k: 2}\n",
    },
    "fvcore list": {
        "a.yaml": "x: {y: 1}\n_BASE_: [b.yaml, s/c.yaml]\n",
        "b.yaml": "x: {y: 0, z: 0, q: 0}\n",
        "s/c.yaml": "x: {z: 2}\nn: 1\n",
    },
    "fvcore chain": {
        "s/a.yaml": "_BASE_: ../b.yaml\nx: {y: 1}\n",
        "b.yaml": "_BASE_: s/c.yaml\nx: {z: 2, y: 2}\n",
        "s/c.yaml": "x: {q: 3, y: 3}\n_BASE_X: 1\n",
    },
    "fvcore null": {
        "a.yaml": "_BASE_: b.yaml\nx: null\ny: '???'\nz: []\n",
        "b.yaml": "x: {y: 0}\ny: 1\nz: {a: 1}\n",
    },
    "fvcore table over a value": {"a.yaml": "_BASE_: b.yaml\nx: {y: 1}\n", "b.yaml": "x: 5\n"},
    "fvcore table over null": {"a.yaml": "_BASE_: b.yaml\nx: {y: 1}\n", "b.yaml": "x:\n"},
    "fvcore merge keys": {
        "a.yaml": "_BASE_: b.yaml\nu: &u {n: 1, m: 2}\nx: {<<: *u, n: 3}\n",
        "b.yaml": "x: {m: 0, k: 0}\nd: &d {e: 1}\nf: *d\n",
    },
    "mmengine one": {
        "a.yaml": "_base_: b.yaml\nx: {y: 1, l: [3]}\nw: 5\n",
        "b.yaml": "x: {y: 0, z: {k: 1}, l: [1, 2]}\nv: 1\nw: {k: 2}\n",
    },
    "mmengine list": {
        "a.json": '{"_base_": ["./b.yaml", "s/c.yml"], "x": {"y": 1}}',
        "b.yaml": "x: {y: 0, z: 0}\n",
        "s/c.yml": "_base_: ../d.json\nn: 1\n",
        "d.json": '{"m": {"k": 2}}',
    },
    "mmengine values of the base": {
        "a.yaml": "_base_: [b.yaml, c.yaml]\nx: {y: {{_base_.x.y}}, l: [{{ _base_.n }}, 3]}\n"
        "t: {{_base_.x}}\np: {{_base_.m.k}}\n",
        "b.yaml": "x: {y: 1, z: {k: 1}}\nn: 5\n",
        "c.yaml": "m: {k: {q: 2}}\n",
    },
    "mmengine a value that the base lacks": {
        "a.yaml": "_base_: b.yaml\nx: {{_base_.y}}\n",
        "b.yaml": "x: 5\n",
    },
    "mmengine delete": {
        "a.yaml": "_base_: b.yaml\nx: {_delete_: true, y: 1}\n"
        "q: {r: {_delete_: true, s: 1}, t: 2}\nk: {_delete_: false, y: 1}\n",
        "b.yaml": "x: {z: 0}\nq: {r: {u: 1}, v: 1}\nk: {z: 0}\n",
    },
    "mmengine delete over a value": {
        "a.yaml": "_base_: b.yaml\nx: {_delete_: true, y: 1}\n",
        "b.yaml": "x: 5\n",
    },
    "mmengine same keys": {
        "a.yaml": "_base_: [b.yaml, c.yaml]\n",
        "b.yaml": "x: {y: 0}\n",
        "c.yaml": "x: {z: 0}\n",
    },
    "mmengine table over a value": {"a.yaml": "_base_: b.yaml\nx: {y: 1}\n", "b.yaml": "x: 5\n"},
}


def put(files: Mapping[str, str], folder: Path) -> Path:
    """Writes the files of a case.

    Args:
        files: their texts by their names.
        folder: where.

    Returns:
        The path of the config.
    """
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / next(iter(files))

"""Configs of several files: they come to what Hydra makes of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from lrdsl.configs import config_file
from lrdsl.configs.composing import Composition, composed
from lrdsl.configs.config_file import Node, Scalar
from lrdsl.text.source import unmarked

Files = Mapping[str, str]


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def composition(path: Path) -> Composition:
    source = unmarked(str(path), path.read_text("utf-8"))
    found = composed(source, config_file.read(source))
    assert found is not None
    return found


def plain(node: Node) -> Any:
    """A value as PyYAML, with OmegaConf's floats, would have read it where it was written."""
    if isinstance(node, Scalar):
        return node.text if node.kind == "text" else yaml.safe_load(node.text)
    if node.is_list:
        return [plain(value) for _, value in node.items]
    assert all(key is not None for key, _ in node.items)
    return {key: plain(value) for key, value in node.items}


def hydras(folder: Path, name: str = "config", *overrides: str, version: str = "1.3") -> Any:
    """What Hydra itself makes of a config."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with initialize_config_dir(str(folder), version_base=version):
            config = compose(name, overrides=[*overrides])
    return OmegaConf.to_container(config, resolve=False)


ADAM = "lr: 0.1\nname: adam\n"
SGD = "lr: 0.3\nname: sgd\nnesterov: {a: 1, b: 2}\n"
TWO = {"optimizer/adam.yaml": ADAM, "optimizer/sgd.yaml": SGD}

# The files of configs, config.yaml the main one.
CONFIGS: dict[str, Files] = {
    "group": {"config.yaml": "defaults: [optimizer: adam]\nepochs: 9\n", **TWO},
    "own values last": {
        "config.yaml": "defaults:\n  - optimizer: sgd\n  - _self_\n"
        "optimizer: {lr: 1, nesterov: {b: 3, c: 4}}\n",
        **TWO,
    },
    "own values first": {
        "config.yaml": "defaults:\n  - _self_\n  - optimizer: sgd\noptimizer: {lr: 1, x: 5}\n",
        **TWO,
    },
    "own values without _self_": {
        "config.yaml": "defaults:\n  - optimizer: sgd\noptimizer: {lr: 1, x: 5}\n",
        **TWO,
    },
    "base": {
        "config.yaml": "defaults: [base, _self_]\nb: {d: 2}\n",
        "base.yaml": "a: 1\nb: {c: 1, d: 1}\n",
    },
    "base in a folder": {
        "config.yaml": "defaults: [x/base, /x/y/other]\n",
        "x/base.yaml": "a: 1\n",
        "x/y/other.yaml": "a: 2\n",
    },
    "suffix": {"config.yaml": "defaults: [base.yaml]\n", "base.yaml": "a: 1\n"},
    "package header": {
        "config.yaml": "defaults: [optimizer: adam, data: big]\n",
        "optimizer/adam.yaml": "# @package _global_\nlr: 1\n",
        "data/big.yaml": "# @package trainer.data\n\nn: 1\n",
    },
    "header below a comment": {
        "config.yaml": "defaults: [a: x, b: x, c: x]\n",
        "a/x.yaml": "# said first\n# @package _global_\nn: 1\n",
        "b/x.yaml": "\n\n  #@package other\nm: 1\n",
        "c/x.yaml": "# @other thing\n# @package y\nm: 1\n",
    },
    "header of a nested package": {
        "config.yaml": "defaults: [a: x]\n",
        "a/x.yaml": "# @package _global_.p.q\ndefaults: [b: y, _self_]\nn: 1\n",
        "a/b/y.yaml": "m: 1\n",
    },
    "package in the list": {
        "config.yaml": "defaults:\n  - optimizer@train.first: adam\n  - optimizer@second: sgd\n"
        "  - optimizer@_global_: sgd\n  - base@_here_: x\n  - base@z: x\n",
        "base/x.yaml": "q: 1\n",
        **TWO,
    },
    "package of a path": {
        "config.yaml": "defaults: [base@one, base@two.three, x/y@_global_, x/y]\n",
        "base.yaml": "a: 1\n",
        "x/y.yaml": "b: 1\n",
    },
    "_group_ in a package": {
        "config.yaml": "defaults: [db/sql@_group_.first: a, db/sql@_group_.second: a]\n",
        "db/sql/a.yaml": "n: 1\n",
    },
    "nested defaults": {
        "config.yaml": "defaults: [model: big, _self_]\nmodel: {n: 3}\n",
        "model/big.yaml": "defaults: [small, head: linear, /optimizer: adam, "
        "/optimizer@_global_.opt: sgd, _self_]\nn: 2\nm: 2\n",
        "model/small.yaml": "n: 1\nm: 1\nk: 1\n",
        "model/head/linear.yaml": "w: 1\n",
        **TWO,
    },
    "override": {
        "config.yaml": "defaults: [model: big, optimizer: adam, override model/head: conv]\n",
        "model/big.yaml": "defaults: [head: linear]\nn: 2\n",
        "model/head/linear.yaml": "w: 1\n",
        "model/head/conv.yaml": "k: 3\n",
        **TWO,
    },
    "override from a group": {
        "config.yaml": "defaults: [_self_, optimizer: adam, experiment: one]\nepochs: 1\n",
        "experiment/one.yaml": "# @package _global_\ndefaults:\n  - override /optimizer: sgd\n"
        "epochs: 5\noptimizer: {lr: 7}\n",
        **TWO,
    },
    "whose override is the last": {
        "config.yaml": "defaults: [optimizer: adam, a: x, b: x]\n",
        "a/x.yaml": "# @package _global_\ndefaults: [override /optimizer: adam]\nq: 1\n",
        "b/x.yaml": "# @package _global_\ndefaults: [override /optimizer: sgd]\nq: 1\n",
        **TWO,
    },
    "override with a package": {
        "config.yaml": "defaults: [optimizer@a: adam, optimizer@b: adam, "
        "override optimizer@b: sgd]\n",
        **TWO,
    },
    "override to nothing": {
        "config.yaml": "defaults: [optimizer: adam, override optimizer: null]\nn: 1\n",
        **TWO,
    },
    "null and optional": {
        "config.yaml": "defaults: [experiment: null, optional local: x, optional optimizer: sgd, "
        "_self_]\nn: 1\n",
        **TWO,
    },
    "several choices": {
        "config.yaml": "defaults:\n  - parts: [b, a]\n  - _self_\nparts: {z: 1}\n",
        "parts/a.yaml": "n: 1\na: 1\n",
        "parts/b.yaml": "n: 2\nb: 1\n",
    },
    "several choices that are overridden": {
        "config.yaml": "defaults:\n  - parts: [b, a]\n  - override parts: [a, c]\n",
        "parts/a.yaml": "n: 1\na: 1\n",
        "parts/b.yaml": "n: 2\nb: 1\n",
        "parts/c.yaml": "defaults: [d]\nn: 3\n",
        "parts/d.yaml": "d: 3\n",
    },
    "choices of others": {
        "config.yaml": "defaults:\n  - optimizer: sgd\n  - data: ${optimizer}_data\n"
        "  - both: x_${optimizer}\n  - override optimizer: adam\n",
        "data/adam_data.yaml": "n: 1\n",
        "both/x_adam.yaml": "n: 2\n",
        **TWO,
    },
    "what replaces nothing": {
        "config.yaml": "defaults: [base, _self_]\na: ???\nb: null\nc: [3]\nd: {}\ne: {f: 1}\n"
        "g: 3\nh: ???\n",
        "base.yaml": "a: {x: 1}\nb: {x: 1}\nc: [1, 2]\nd: {x: 1}\ne: 4\ng: {x: 1}\n",
    },
    "anchors and merges": {
        "config.yaml": "defaults: [base, _self_]\nu: &u {n: 1, m: {k: 1}}\nv: {<<: *u, n: 2}\n"
        "w: {<<: [*u, {n: 9, o: 1}], p: 1}\n",
        "base.yaml": "u: {m: {j: 0}, z: 1}\nv: {m: {j: 0}}\nq: &q {a: 1}\nr: *q\n",
    },
    "an alias that is changed": {
        "config.yaml": "defaults: [base, _self_]\nr: {a: 2}\n",
        "base.yaml": "q: &q {a: 1, b: 1}\nr: *q\ns: {<<: *q}\n",
    },
    "empty files": {
        "config.yaml": "defaults: [base, other: x]\nn: 1\n",
        "base.yaml": "",
        "other/x.yaml": "# nothing\n",
    },
    "hydra's own": {
        "config.yaml": "defaults: [optimizer: adam, override hydra/job_logging: none, "
        "override hydra/help: mine]\nhydra: {run: {dir: .}}\n",
        "hydra/help/mine.yaml": "app_name: x\n",
        **TWO,
    },
    "what goes over an interpolation": {
        "config.yaml": "defaults: [base, _self_]\na: {x: 2}\nb: {x: 2}\nc: {x: 2}\nd: 5\n",
        "base.yaml": "a: ${o.p}\nb: ${o.q}\nc: ${o.p.y}\nd: ${o}\no: {p: {x: 1, y: 1}}\n",
    },
    "no choices": {"config.yaml": "defaults: [parts: [], _self_]\na: 1\n", "parts/a.yaml": ""},
    "a name and its list": {
        "config.yaml": "defaults: [parts: [a, b], parts: a]\n",
        "parts/a.yaml": "n: 1\n",
        "parts/b.yaml": "n: 2\n",
    },
    "interpolations": {
        "config.yaml": "defaults: [scheduler: cosine, _self_]\nepochs: 90\n"
        "scheduler: {total: '${epochs}ep'}\n",
        "scheduler/cosine.yaml": "source: cosine(${..epochs}ep)\nn: ${.total}\n",
    },
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_what_hydra_composes(tmp_path: Path, name: str) -> None:
    write(tmp_path, CONFIGS[name])
    found = composition(tmp_path / "config.yaml")
    assert (found.notes, found.faults) == ((), ())
    (root,) = found.roots
    made, wanted = plain(root), hydras(tmp_path)
    # What tells Hydra how to work is not among what `compose` returns.
    made.pop("hydra", None)
    assert made == wanted

"""Programs in checkpoints, YAML and JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

import lrdsl

TEXTS = [
    "warmup(5) >> cosine(20, .3)",
    "# a comment\nwarmup(5)\n  >> const  # ends in old.lrs\n",
    'lr["a\\u00e9*"]: const  momentum: const(5)',
    "const(5,\t.1)",
]
LOAD = """
import sys, torch, lrdsl
if sys.argv[2:]:
    lrdsl.register(*sys.argv[2:])
    lrdsl.register(*sys.argv[2:])
found = torch.load(sys.argv[1], weights_only=True)["hyper_parameters"]["schedule"]
print(type(found).__name__, found.name, repr(found.source))
"""


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dumper", [yaml.SafeDumper, yaml.Dumper, yaml.CSafeDumper])
def test_yaml_reads_what_it_wrote(text: str, dumper: type[yaml.Dumper]) -> None:
    lrdsl.register("yaml")
    program = lrdsl.parse(text)
    written = yaml.dump({"a": [program, 1]}, Dumper=dumper)
    assert "!lrs" in written
    (found, _) = yaml.safe_load(written)["a"]
    assert (found, type(found)) == (program, lrdsl.Program)
    assert found.source == text


@pytest.mark.parametrize("text", TEXTS)
def test_plain_data_holds_the_text(text: str) -> None:
    program = lrdsl.parse(text)
    assert lrdsl.parse(json.loads(json.dumps(program, default=str))) == program
    assert OmegaConf.create({"s": program.source}).s == text
    with pytest.raises(TypeError):
        json.dumps(program)


def test_a_checkpoint_of_weights_only(tmp_path: Path) -> None:
    """In a process of its own: what is registered is so for good."""
    import torch

    path = tmp_path / "last.ckpt"
    program = lrdsl.parse(TEXTS[0], name="a.lrs")
    torch.save({"hyper_parameters": {"schedule": program}, "w": torch.zeros(2)}, path)

    def loaded(*registered: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", LOAD, str(path), *registered]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    done = loaded("torch")
    assert done.stdout == f"Program a.lrs {TEXTS[0]!r}\n", done.stderr
    done = loaded()
    assert "lrdsl.program.Program" in done.stderr
    assert done.returncode == 1

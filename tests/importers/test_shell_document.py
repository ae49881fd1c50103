"""Shell scripts as importers see them: the options of their commands, variables filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrdsl.importers.documents import read
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.trial import Trial


def options(text: str, folder: Path) -> Fields:
    (folder / "train.sh").write_text(text, encoding="utf-8")
    return read(str(folder / "train.sh"), folder, Trial()).fields


@pytest.mark.parametrize(
    "text, expected",
    [
        ("python a.py --lr 1e-4 --min-lr=1e-5", {"lr": "1e-4", "min_lr": "1e-5"}),
        ("run --lr 1e-4 \\\n    --fp16 \\\n    --steps 9",
         {"lr": "1e-4", "fp16": True, "steps": "9"}),
        ("A=(\n    --lr 6.0e-5 # the peak\n    # --lr 3\n)\nrun ${A[@]}", {"lr": "6.0e-5"}),
        ('O=" \\\n    --lr 6e-5 \\\n    --x 3 \\\n"\nrun $O --y 4',
         {"lr": "6e-5", "x": "3", "y": "4"}),
        ("O=\"$O --lr 1\"\nO+=' --x 2'\nrun $O", {"lr": "1", "x": "2"}),
        ("LR=3e-4\nrun --lr ${LR}", {"lr": "3e-4"}),
        ("export LR=3e-4 N=2\nrun --lr $LR --n $N", {"lr": "3e-4", "n": "2"}),
        ("run --lr ${LR:-1e-3}", {"lr": "1e-3"}),
        ("LR=${LR:-\"1e-3\"}\nrun --lr $LR --x ${X:-'2'}", {"lr": "1e-3", "x": "2"}),
        ("LR=${LR:-1e-3}\nrun --lr $LR", {"lr": "1e-3"}),
        ("run --lr $LR --x ${X}", {"lr": "$LR", "x": "${X}"}),
        ("A=4\nB=$((A*3 + $A))\nrun --n $B --m $((B / 3))", {"n": "16", "m": "5"}),
        ("run --n $((A * 2))", {"n": "$(($A * 2))"}),
        ("run --ramp 16 16 5859375 --p -1 --q -.5 -v",
         {"ramp": "16 16 5859375", "p": "-1", "q": "-.5"}),
        ("run --lr 1e-4 2>&1 | tee log.txt", {"lr": "1e-4"}),
        ("run --lr 1e-4 && echo --done; run --x 1", {"lr": "1e-4", "done": True, "x": "1"}),
        ("run --betas '(0.9, 0.98)' --d $(date +%F) --e \"a b\"",
         {"betas": "(0.9, 0.98)", "d": "$(date +%F)", "e": "a b"}),
        ("# run --lr 3\nrun --lr 4#5", {"lr": "4#5"}),
        ("", {}),
    ],
)  # fmt: skip
def test_options(text: str, expected: dict[str, Any], tmp_path: Path) -> None:
    assert options(text, tmp_path).plain() == expected


def test_options_know_their_lines(tmp_path: Path) -> None:
    text = 'A="\n  --lr 1 \\\n  --x 2\n"\nB=(\n  --y 3\n)\nrun $A \\\n  --z 4\n'
    assert options(text, tmp_path).lines == {"lr": 2, "x": 3, "y": 6, "z": 9}


@pytest.mark.parametrize(
    "text",
    [
        "if [ $SIZE = s ]; then\n  LR=1e-4\nelse\n  LR=2e-4\nfi\nrun --lr $LR",
        "if [ $SIZE = s ]; then\n  O='--lr 1e-4'\nelse\n  O='--lr 2e-4'\nfi\nrun $O",
    ],
)
def test_one_of_two_values_is_not_known(text: str, tmp_path: Path) -> None:
    """Which of them counts takes a run to know."""
    fields = options(text, tmp_path)
    assert fields.plain()["lr"] in {"$LR", Unknown("lr")}
    number = fields.number("lr")
    assert (str(number), number.is_known) == ("lr", False)


def _commands(text: str, folder: Path) -> list[dict[str, Any]]:
    tables = options(text, folder).plain().values()
    assert all(isinstance(table, Fields) for table in tables)
    return [table.plain() for table in tables]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("run --lr 1 --warmup 2\nrun --lr 1 --x 3",
         [{"lr": "1", "warmup": "2"}, {"lr": "1", "x": "3"}]),
        ("A=(\n --lr 1\n)\nB=(--x 3)\nrun ${A[@]} --y 2\nrun \"${A[@]}\" ${B[*]}",
         [{"lr": "1", "y": "2"}, {"lr": "1", "x": "3"}]),
        ("O='--lr 1'\nrun $O --y 2; run ${O}", [{"lr": "1", "y": "2"}, {"lr": "1"}]),
        ("A=(--lr 1)\nB=(${A[@]} --x 2)\nrun ${B[@]}\nrun ${A[@]}",
         [{"lr": "1", "x": "2"}, {"lr": "1"}]),
        ("O=\"--lr 1\"\nO=\"$O --x 2\"\nrun $O && run $O --y 3",
         [{"lr": "1", "x": "2"}, {"lr": "1", "x": "2", "y": "3"}]),
        ("A=(--lr 1)\nfit A\nrun --x 1\nrun --x 2", [{"lr": "1", "x": "1"}, {"lr": "1", "x": "2"}]),
    ],
)  # fmt: skip
def test_commands_that_share_an_option_are_apart(
    text: str, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    """One command's warm-up is not another one's."""
    assert _commands(text, tmp_path) == expected

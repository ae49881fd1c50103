"""Train a small convolutional network on handwritten digits under a schedule file.

The rate comes from ``d2l_cosine.lrs`` beside this file. That file counts in steps, and a step is
whatever the training loop says it is: here one epoch, as in the chapter of "Dive into Deep
Learning" the schedule is taken from, so `scheduler.step()` is called once per epoch. (Most loops
call it after every batch; their files are written for that, with lengths such as ``2%``.)

The data are scikit-learn's 1797 digits of 8 x 8 pixels, which need no download. Prints one line
per epoch and writes ``demo.png``: the rate above, the test accuracy below.

    python examples/train_digits.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from tqdm import tqdm

import lrdsl

SCHEDULE = Path(__file__).with_name("d2l_cosine.lrs")
CHART = Path("demo.png")
SEED = 0
EPOCHS = 30
BATCH = 64
REQUIRED_ACCURACY = 0.95


class Digits(NamedTuple):
    """Images of shape (n, 1, 8, 8) with values from 0 to 1, and labels of shape (n,)."""

    images: Tensor
    labels: Tensor


class Epoch(NamedTuple):
    """One line of the table: the rate an epoch was trained with, and what came of it."""

    rate: float
    loss: float
    accuracy: float


def load_split() -> tuple[Digits, Digits]:
    """Load the digits.

    Returns:
        The training set and the test set (a fifth), with every digit equally frequent in both.
    """
    images, labels = load_digits(return_X_y=True)
    pixels = (images / 16).astype("float32").reshape(-1, 1, 8, 8)
    parts = train_test_split(pixels, labels, test_size=0.2, stratify=labels, random_state=SEED)
    train_x, test_x, train_y, test_y = map(torch.from_numpy, parts)
    return Digits(train_x, train_y), Digits(test_x, test_y)


def build_model() -> nn.Sequential:
    """Build the network: two convolutions, then a linear layer over what is left of the image."""
    return nn.Sequential(
        *convolution(1, 32),
        *convolution(32, 64),
        nn.Flatten(),
        nn.Linear(64 * 2 * 2, 10),
    )


def convolution(channels_in: int, channels_out: int) -> list[nn.Module]:
    """Build a 3 x 3 convolution and what follows it; each halves the image's sides."""
    return [
        nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]


def train_epoch(
    model: nn.Module, optimizer: torch.optim.Optimizer, train: Digits, progress: tqdm[None]
) -> float:
    """Train on every image once, in random order.

    Returns:
        The mean loss of the batches.
    """
    model.train()
    batches = torch.randperm(len(train.labels)).split(BATCH)
    total = 0.0
    for batch in batches:
        loss = nn.functional.cross_entropy(model(train.images[batch]), train.labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        progress.update()
    return total / len(batches)


@torch.no_grad()
def accuracy(model: nn.Module, test: Digits) -> float:
    """Return the share of the images, from 0 to 1, whose digit the network names."""
    model.eval()
    named = model(test.images).argmax(dim=1)
    return int((named == test.labels).sum()) / len(test.labels)


def run() -> list[Epoch]:
    """Train for all epochs, printing a line for each.

    Returns:
        The epochs, in order.
    """
    torch.manual_seed(SEED)
    train, test = load_split()
    model = build_model()
    # The file's rates are absolute, so the optimizer's own rate plays no part here.
    optimizer = torch.optim.SGD(model.parameters())
    scheduler = lrdsl.compile(SCHEDULE, optimizer)

    history = []
    updates = EPOCHS * -(-len(train.labels) // BATCH)
    print("epoch    rate    loss  accuracy")
    # `disable=None` hides the bar where there is no terminal to redraw it on.
    with tqdm(total=updates, unit="batch", leave=False, disable=None) as progress:
        for number in range(EPOCHS):
            rate = float(scheduler.get_last_lr()[0])
            loss = train_epoch(model, optimizer, train, progress)
            scheduler.step()  # once per epoch: that is the unit of this schedule
            epoch = Epoch(rate, loss, accuracy(model, test))
            history.append(epoch)
            tqdm.write(f"{number:5d}  {rate:.4f}  {loss:.4f}  {epoch.accuracy:8.2%}")
    return history


def draw(history: list[Epoch], parts: Sequence[lrdsl.Part], path: Path) -> None:
    """Draw the rate above the test accuracy.

    Args:
        history: The epochs, in order.
        parts: The parts of the schedule, laid out in steps, which here are epochs.
        path: Where to write the PNG.
    """
    figure = Figure(figsize=(7.2, 5.4), dpi=160, layout="constrained")
    panels = upper, lower = figure.subplots(2, 1, sharex=True)
    for axes in panels:
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    epochs = range(len(history))

    figure.suptitle(f"Digits under {SCHEDULE.name}", fontweight="bold")
    rates = [epoch.rate for epoch in history]
    # The dots say that a value belongs to a whole epoch; nothing happens between two of them.
    dots: dict[str, Any] = {"marker": "o", "markersize": 4, "clip_on": False, "zorder": 3}
    upper.plot(epochs, rates, color="tab:blue", **dots)
    upper.fill_between(epochs, rates, color="tab:blue", alpha=0.12, linewidth=0)
    upper.set(ylabel="learning rate", ylim=(0, None))

    accuracies = [epoch.accuracy for epoch in history]
    lower.plot(epochs, accuracies, color="tab:orange", **dots)
    lower.set(ylabel="test accuracy", xlabel="epoch", ylim=(0, 1.05), xlim=(0, len(history) - 1))
    lower.yaxis.set_major_formatter(PercentFormatter(1))
    lower.annotate(
        f"{accuracies[-1]:.1%}",
        (epochs[-1], accuracies[-1]),
        xytext=(0, -10),
        textcoords="offset points",
        ha="right",
        va="top",
        fontweight="bold",
        color="tab:orange",
    )

    mark_parts(panels, parts)
    figure.savefig(path)


def mark_parts(panels: tuple[Axes, Axes], parts: Sequence[lrdsl.Part]) -> None:
    """Draw a line in both panels where a part starts, and name the part above the first."""
    for part in parts:
        for axes in panels:
            axes.axvline(part.start_step, color="0.45", linestyle=":", linewidth=1.2)
        panels[0].annotate(
            part.name,
            (part.start_step, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, 4),
            textcoords="offset points",
            color="0.35",
        )


def main() -> int:
    """Train, draw, and say whether the network has learned enough."""
    started = time.perf_counter()
    history = run()
    seconds = time.perf_counter() - started
    draw(history, lrdsl.load(SCHEDULE).resolve().parts, CHART)
    final = history[-1].accuracy
    print(f"{final:.2%} of the test digits named, after {seconds:.0f} s; see {CHART}")
    if final <= REQUIRED_ACCURACY:
        print(f"expected more than {REQUIRED_ACCURACY:.0%}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Train a small network on handwritten digits, under a schedule file and at a constant rate.

The rate comes from ``d2l_cosine.lrs`` beside this file. That file counts in steps, and a step is
whatever the training loop says it is: here one epoch, as in the chapter of "Dive into Deep
Learning" the schedule is taken from, so `scheduler.step()` is called once per epoch. (Most loops
call it after every batch; their files are written for that, with lengths such as ``2%``.)

The second network differs in the rate alone: it has the highest rate of the schedule all the time,
and the same seed, so the same first weights and the same batches in the same order. The two are
compared over the last 5 epochs, in which the schedule has come to its lowest rate. At a constant
rate single epochs may be as good, but the next one may not be: the accuracy does not settle. Lower
constant rates, such as 0.1 and 0.03, settle no better in so few epochs; other seeds show the same.

The data are scikit-learn's 1797 digits of 8 x 8 pixels, which need no download; half of them
test. Each batch is shifted by up to a pixel, so that no digit is seen twice in the same place.
Prints one line per epoch and writes ``demo.png``: the rates above, the test accuracies below.

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
EPOCHS = 25
BATCH = 16
REQUIRED_ACCURACY = 0.85
COMPARED = 5  # the last epochs, in which the two are compared


class Digits(NamedTuple):
    """Images of shape (n, 1, 8, 8) with values from 0 to 1, and labels of shape (n,)."""

    images: Tensor
    labels: Tensor


class Epoch(NamedTuple):
    """The rate that an epoch was trained with, and the accuracy after it."""

    rate: float
    accuracy: float


def load_split() -> tuple[Digits, Digits]:
    """Load the digits.

    Returns:
        The training set and the test set, with every digit equally frequent in both.
    """
    images, labels = load_digits(return_X_y=True)
    pixels = (images / 16).astype("float32").reshape(-1, 1, 8, 8)
    parts = train_test_split(pixels, labels, test_size=0.5, stratify=labels, random_state=SEED)
    train_x, test_x, train_y, test_y = map(torch.from_numpy, parts)
    return Digits(train_x, train_y), Digits(test_x, test_y)


def build_model() -> nn.Sequential:
    """Build the network: one hidden layer of 64 units."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def shifted(images: Tensor) -> Tensor:
    """Move images by up to a pixel each way; what leaves one side comes back on the other."""
    across, down = torch.randint(-1, 2, (2,)).tolist()
    return images.roll((across, down), dims=(2, 3))


def train_epoch(
    model: nn.Module, optimizer: torch.optim.Optimizer, train: Digits, progress: tqdm[None]
) -> None:
    """Train on every image once, in random order."""
    model.train()
    for batch in torch.randperm(len(train.labels)).split(BATCH):
        loss = nn.functional.cross_entropy(model(shifted(train.images[batch])), train.labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        progress.update()


@torch.no_grad()
def accuracy(model: nn.Module, test: Digits) -> float:
    """Return the share of the images, from 0 to 1, whose digit the network names."""
    model.eval()
    named = model(test.images).argmax(dim=1)
    return int((named == test.labels).sum()) / len(test.labels)


def train_network(
    schedule: str | Path, train: Digits, test: Digits, progress: tqdm[None], seed: int = SEED
) -> list[Epoch]:
    """Train a new network for all epochs.

    Args:
        schedule: A schedule, or the path of one.
        train: The digits to train on.
        test: The digits to measure the accuracy on.
        progress: What counts the batches.
        seed: What the first weights and the order of the digits follow from.

    Returns:
        The epochs, in order.
    """
    torch.manual_seed(seed)
    model = build_model()
    # The rates of the schedules are absolute, so the optimizer's own rate plays no part here.
    optimizer = torch.optim.SGD(model.parameters())
    scheduler = lrdsl.compile(schedule, optimizer, steps_per_epoch=1)
    history = []
    for _ in range(EPOCHS):
        rate = float(scheduler.get_last_lr()[0])
        train_epoch(model, optimizer, train, progress)
        scheduler.step()  # once per epoch: that is the unit of this schedule
        history.append(Epoch(rate, accuracy(model, test)))
    return history


def run(peak: float) -> tuple[list[Epoch], list[Epoch]]:
    """Train both networks.

    Args:
        peak: The constant rate of the second.

    Returns:
        The epochs of each, in order.
    """
    train, test = load_split()
    updates = 2 * EPOCHS * -(-len(train.labels) // BATCH)
    # `disable=None` hides the bar where there is no terminal to redraw it on.
    with tqdm(total=updates, unit="batch", leave=False, disable=None) as progress:
        scheduled = train_network(SCHEDULE, train, test, progress)
        constant = train_network(f"const(value = {peak})", train, test, progress)
    return scheduled, constant


def show(scheduled: list[Epoch], constant: list[Epoch]) -> bool:
    """Print the epochs of both networks, and compare the last of them.

    Returns:
        Whether the network under the schedule is the better one, and has learned enough.
    """
    print("       schedule          constant")
    print("epoch    rate  accuracy    rate  accuracy")
    for number, epochs in enumerate(zip(scheduled, constant, strict=True)):
        cells = (f"{epoch.rate:.4f}  {epoch.accuracy:8.2%}" for epoch in epochs)
        print(f"{number:5d}", *cells, sep="  ")
    means = []
    print(f"test digits named in the last {COMPARED} epochs:")
    for name, history in (("schedule", scheduled), ("constant", constant)):
        last = [epoch.accuracy for epoch in history[-COMPARED:]]
        means.append(sum(last) / len(last))
        print(f"  {name}  {means[-1]:.2%} on average, {min(last):.2%} at worst")
    return means[0] > max(means[1], REQUIRED_ACCURACY)


def draw(
    scheduled: list[Epoch], constant: list[Epoch], parts: Sequence[lrdsl.Part], path: Path
) -> None:
    """Draw the rates above the test accuracies.

    Args:
        scheduled: The epochs of the network under the schedule, in order.
        constant: Those of the network with a constant rate.
        parts: The parts of the schedule, laid out in steps, which here are epochs.
        path: Where to write the PNG.
    """
    figure = Figure(figsize=(7.2, 5.4), dpi=160, layout="constrained")
    panels = upper, lower = figure.subplots(2, 1, sharex=True)
    for axes in panels:
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)

    figure.suptitle("The same network with a schedule and without", fontweight="bold")
    # The dots say that a value belongs to a whole epoch; nothing happens between two of them.
    dots: dict[str, Any] = {"marker": "o", "markersize": 4, "clip_on": False}
    lines = (
        (f"constant {constant[0].rate}", constant, {"color": "0.6", "zorder": 2}),
        (SCHEDULE.name, scheduled, {"color": "tab:blue", "zorder": 3}),
    )
    for label, history, style in lines:
        upper.plot([epoch.rate for epoch in history], label=label, **dots, **style)
        lower.plot([epoch.accuracy for epoch in history], **dots, **style)
    upper.set(ylabel="learning rate", ylim=(0, None))
    upper.legend(frameon=False, loc="center right")
    # What the first epochs are like is no news: the axis is for the differences of the later ones.
    lowest = min(epoch.accuracy for epoch in (scheduled + constant)[-COMPARED:])
    floor = min(0.7, lowest - 0.05)
    lower.set(ylabel="test accuracy", xlabel="epoch", ylim=(floor, 1), xlim=(0, EPOCHS - 1))
    lower.yaxis.set_major_formatter(PercentFormatter(1))
    for line in lower.lines:
        line.set_clip_on(True)

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
    """Train, draw, and say whether the schedule was worth it."""
    started = time.perf_counter()
    torch.set_num_threads(1)  # a network as small as this one only waits for a second thread
    schedule = lrdsl.load(SCHEDULE).resolve(steps_per_epoch=1)
    scheduled, constant = run(peak=float(schedule.values(EPOCHS).max()))
    seconds = time.perf_counter() - started
    draw(scheduled, constant, schedule.parts, CHART)
    is_better = show(scheduled, constant)
    print(f"{2 * EPOCHS} epochs in {seconds:.0f} s; see {CHART}")
    if not is_better:
        wanted = f"above {REQUIRED_ACCURACY:.0%} and above the constant rate"
        print(f"expected the average under the schedule to be {wanted}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

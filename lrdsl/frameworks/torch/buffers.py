"""Numbers that tensors hold: views of one buffer per device and type, written once a step.

The tensors stay the objects that the groups were built with; only their memory moves, once, into
the buffer. So whoever holds one sees its values, and a compiled step or a captured CUDA graph goes
on reading where the schedule writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import torch
from torch import Tensor

from lrdsl.frameworks.torch.bases import followed
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, like
from lrdsl.frameworks.torch.separate import memory, separate
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.plan import Plan

# Whose each tensor is that has a place, by where its memory is.
_OWNERS: WeakValueDictionary[object, Buffers] = WeakValueDictionary()


@record
class Place:
    """Where the number of a group is kept.

    Attributes:
        buffer: the buffer, of one dimension.
        index: the place in it.
        tensor: the tensor that the group holds, which has its memory there.
    """

    buffer: Tensor
    index: int
    tensor: Tensor


class Buffers:
    """The buffers of an optimizer's driven numbers, kept for as long as the optimizer exists.

    A number that has a place in one never leaves it: tensors that have replaced it, as after
    ``load_state_dict``, give way to its own.
    """

    def __init__(self) -> None:
        self._groups: list[Group] = []
        # For each group, by the key and the place of a number in its value.
        self._places: list[dict[tuple[str, int | None], Place]] = []

    def settle(self, plan: Plan, defaults: Group | None) -> Tensors | None:
        """Gives every driven number its place, and returns how to write them.

        Args:
            plan: a plan for the present groups, whose jobs leave the tensors to what is returned.
            defaults: the defaults of the optimizer, if it has any.

        Returns:
            What writes the numbers; None if no tensor holds any.
        """
        self._follow(plan.bases.groups)
        for i, slot in plan.driven():
            group, held = self._groups[i], slot.read(self._groups[i])
            if (place := self._of(i, slot)) is not None:
                _put_back(place.tensor, slot, group)
            elif isinstance(held, Tensor) and memory(held) in _OWNERS:
                # A group that joins has the tensor of another one, here or in another optimizer.
                slot.replace(group, like(held, held))
        separate(plan.driven(), plan.bases, defaults)
        self._add(plan.driven())
        numbers: list[_Number] = []
        for k, job in enumerate(plan.jobs):
            places = [self._of(i, job.slot) for i in job.indices]
            pairs = list(zip(job.groups, places, strict=True))
            job.keep([group for group, place in pairs if place is None])
            numbers += [
                _Number(group, job.slot, place, k) for group, place in pairs if place is not None
            ]
        return Tensors(numbers) if numbers else None

    def _of(self, index: int, slot: Hyperparameter) -> Place | None:
        """The place of a number of a group."""
        return self._places[index].get((slot.key, slot.place))

    def _follow(self, groups: Sequence[Group]) -> None:
        """Finds the present groups among those before."""
        found = followed(self._groups, len(self._groups), groups)
        self._places = [{} if i is None else self._places[i] for i in found]
        self._groups = list(groups)

    def _add(self, driven: Iterable[tuple[int, Hyperparameter]]) -> None:
        """Makes room for the tensors that have no place yet."""
        kinds: dict[object, list[tuple[int, Hyperparameter, Tensor]]] = {}
        for i, slot in driven:
            held = slot.read(self._groups[i])
            # Of a tensor of another class, such as a DTensor, the memory is not ours to arrange.
            if type(held) is Tensor and self._of(i, slot) is None:
                # A view stays in the memory that the caller shares with it.
                kind = id(held) if held._is_view() else (held.device, held.dtype)
                kinds.setdefault(kind, []).append((i, slot, held))
        for members in kinds.values():
            buffer = _gathered([held for *_, held in members])
            for index, (i, slot, held) in enumerate(members):
                self._places[i][slot.key, slot.place] = Place(buffer, index, held)
                _OWNERS[memory(held)] = self


def _gathered(tensors: Sequence[Tensor]) -> Tensor:
    """The buffer of some tensors; a single one is its own, and does not move."""
    flat = [one.detach().view(1) for one in tensors]
    if len(tensors) == 1:
        return flat[0]
    buffer = torch.cat(flat)
    for tensor, view in zip(tensors, buffer.unbind(), strict=True):
        tensor.data = view.view(tensor.shape)
    return buffer


def _put_back(tensor: Tensor, slot: Hyperparameter, group: Group) -> None:
    """Puts a tensor in the place of what has replaced it in a group, and takes over its value."""
    held = slot.read(group)
    if held is tensor:
        return
    if isinstance(held, Tensor):
        tensor.copy_(held.detach().reshape(tensor.shape), non_blocking=True)
    else:
        tensor.fill_(held)
    slot.replace(group, tensor)


@record
class _Number:
    """A driven number: its group, its slot and place, and the job that gives its value."""

    group: Group
    slot: Hyperparameter
    place: Place
    job: int


class Tensors:
    """Writes the values of a plan to the buffers.

    Args:
        numbers: the numbers that have a place in one.
    """

    def __init__(self, numbers: list[_Number]) -> None:
        self._numbers = numbers
        self._fills: list[tuple[Tensor, int]] = []
        self._writers: list[_Writer] = []
        for buffer, places, jobs in _by_buffer(numbers):
            if len(places) == len(buffer) and len({*jobs}) == 1:
                self._fills.append((buffer, jobs[0]))
            else:
                self._writers.append(_Writer(buffer, places, jobs))
        self._look_up()

    def write(self, values: Sequence[float]) -> None:
        """Writes the values of a step, without waiting for a device.

        Args:
            values: the values of all jobs.
        """
        for group, key, held in self._held:
            if group.get(key) is not held:
                self._put_back()
                break
        for buffer, job in self._fills:
            buffer.fill_(values[job])
        for writer in self._writers:
            writer.write(values)

    def _look_up(self) -> None:
        """Notes what the groups hold, to know it again."""
        held = {(id(n.group), n.slot.key): (n.group, n.slot.key) for n in self._numbers}
        self._held = [(group, key, group[key]) for group, key in held.values()]

    def _put_back(self) -> None:
        """Puts the tensors back that something else has replaced."""
        for number in self._numbers:
            if number.slot.read(number.group) is not number.place.tensor:
                number.slot.replace(number.group, number.place.tensor)
        self._look_up()


class _Writer:
    """Writes the values of several jobs to one buffer, or some of its numbers.

    Args:
        buffer: the buffer.
        places: the place of each number, in order.
        jobs: the job that gives each its value.
    """

    def __init__(self, buffer: Tensor, places: list[int], jobs: list[int]) -> None:
        self._buffer = buffer
        order = {job: i for i, job in enumerate(dict.fromkeys(jobs))}
        self._jobs = list(order)
        self._order = torch.tensor([order[job] for job in jobs], device=buffer.device)
        self._places: Tensor | None = None
        if len(places) < len(buffer):  # nothing drives the others now
            self._places = torch.tensor(places, device=buffer.device)

    def write(self, values: Sequence[float]) -> None:
        """Writes the values of a step.

        Args:
            values: the values of all jobs.
        """
        buffer = self._buffer
        # In new pinned memory every time: the device may not have read the last values yet.
        new = torch.tensor(
            [values[job] for job in self._jobs],
            dtype=buffer.dtype,
            device="cpu",
            pin_memory=buffer.is_cuda,
        ).to(buffer.device, non_blocking=True)
        if self._places is None:
            torch.index_select(new, 0, self._order, out=buffer)
        else:
            buffer.index_copy_(0, self._places, new[self._order])


def _by_buffer(numbers: Iterable[_Number]) -> Iterator[tuple[Tensor, list[int], list[int]]]:
    """Each buffer, the places of its driven numbers in order, and their jobs."""
    buffers: dict[int, list[_Number]] = {}
    for number in numbers:
        buffers.setdefault(id(number.place.buffer), []).append(number)
    for found in buffers.values():
        found.sort(key=lambda number: number.place.index)
        places = [number.place.index for number in found]
        yield found[0].place.buffer, places, [number.job for number in found]

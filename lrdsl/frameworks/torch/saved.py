"""What a scheduler keeps: its state for checkpoints, and its copies and pickles."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from math import isclose
from typing import TYPE_CHECKING, Any

from lrdsl.diagnostics.warn import level, warn
from lrdsl.frameworks.torch import resume, state
from lrdsl.frameworks.torch.assign import names_of
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.course import Course
from lrdsl.frameworks.torch.hyperparameters import SINGLE, like
from lrdsl.frameworks.torch.other_base import other_base
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.planned import PlannedLR

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.course import PlaceOf
    from lrdsl.frameworks.torch.state import State

# Attributes that are made again when a scheduler is unpickled or copied.
_MADE = ("_attached", "_plan", "_watch", "_attend", "_awaited", "_released")


class SavedLR(PlannedLR):
    """A scheduler that can be saved, and goes on from what was saved.

    Attributes:
        on_change: what to do with the state of another schedule: ``"error"``, ``"new"``, ``"old"``.
    """

    on_change: str
    _allow_missing: bool
    _owner = ""  # the name of its optimizer, if that is one of several
    _built: Sequence[float | None] = ()  # the rates that the groups were built with
    _released: Sequence[resume.Released] = ()  # when a state was loaded
    _loaded_at = -1  # the step of that state
    # Where an update is on the clock of the program; None if it follows steps.
    _place_of: PlaceOf | None = None

    @abstractmethod
    def _place(self, step: int) -> None:
        """Goes to a step that a caller names, with the events that there are."""

    @abstractmethod
    def _look(self, *, is_fresh: bool) -> None:
        """Watches how the optimizer is stepped, its groups, and what is loaded into it."""

    def state_dict(self) -> State:
        """Returns the step, the program, its run and the bases, as plain ints and strings."""
        bases = self._plan.bases
        groups = names_of(bases) if self.schedules.program.captured else []
        measured, happened = self._course.meters.state(), self._course.events.state()
        return state.save(
            self.schedules,
            self._at,
            measured,
            happened,
            bases.table(),
            groups,
            self.at,
            bases.owner,
        )

    def load_state_dict(self, state_dict: State) -> None:
        """Goes to the step of a saved state, and writes its values to every group.

        The bases come from the state. The state of another schedule is accepted if the two agree on
        every update so far; otherwise ``on_change`` decides. The state of one of torch's schedulers
        requires ``on_change="new"``.

        Args:
            state_dict: the return value of `state_dict`.

        Raises:
            ValueError: it is not a state of a scheduler, or belongs to a different schedule.
                Nothing changes.

        Warns:
            LrsWarning: the optimizer was built with another rate (``LRS805``).
            UserWarning: the two agree so far, and a value jumps at the next update.
        """
        self._go_on(*self._read(state_dict))

    def _read(
        self, state_dict: State, owner: str | None = None
    ) -> tuple[resume.Taken, Course, Plan]:
        """Finds how to go on from a saved state; nothing changes yet."""
        groups = self.optimizer.param_groups
        bases = self._plan.bases.following(groups, own_first=self._is_settled)
        taken = resume.taken(state_dict, self.schedules, bases, self.on_change, owner)
        missing = self._allow_missing or taken.schedules is self.schedules
        course = Course(taken.schedules, self._place_of, taken.meters, taken.events).fitted(
            taken.bases
        )
        plan = course.plan(groups, taken.bases, missing=missing)
        self._try(plan, taken)
        return taken, course, plan

    def _go_on(self, taken: resume.Taken, course: Course, plan: Plan) -> None:
        """Goes on from a saved state."""
        self._course = course
        self._is_settled = self._is_settled or taken.is_settled
        self._adopt(plan)
        self._released = taken.released
        self._let_go(are_driven=False)
        self._arrive(taken)
        self._loaded_at = self.last_epoch
        if taken.jump:
            warnings.warn(taken.jump, UserWarning, stacklevel=level())
        if taken.is_settled and self._built:
            found = other_base(self._built, self._plan.bases, self.schedules)
            self._built = ()  # said once
            if found is not None:
                warn(found, again=True)

    def _let_go(self, *, are_driven: bool) -> None:
        """Gives back their bases to numbers that a loaded state's program drove, and this does not.

        Args:
            are_driven: True for those only that have what they were driven to, as they have in the
                optimizer's state of the same checkpoint. Others were set on purpose.
        """
        groups = self.optimizer.param_groups
        for one in self._released:
            if one.index >= len(groups):
                continue
            held = one.slot.read(groups[one.index])
            is_set = one.driven is not None and not isclose(held, one.driven, rel_tol=SINGLE)
            if not (are_driven and is_set):
                # Other groups may have the same tensor.
                one.slot.replace(groups[one.index], like(held, one.base))

    def follow(self) -> None:
        """Reacts to a state that was loaded into the optimizer.

        Before the first step the loaded rates are kept, because their step is not known yet. At the
        step of a state that was loaded, the optimizer's state is taken for that of its checkpoint.
        """
        self._join()
        if self._released and self._at == self._loaded_at:
            self._let_go(are_driven=True)
        if self.is_under_way:
            self._write(self._at)
        elif self._overwrites is not None:
            self._overwrites.note(self._plan)

    def _try(self, plan: Plan, taken: resume.Taken) -> None:
        """Makes sure that a plan has values where a state is."""
        plan.evaluate(taken.step)

    def _arrive(self, taken: resume.Taken) -> None:
        """Goes to where a state is."""
        self._place(taken.step)

    def __getstate__(self) -> dict[str, object]:
        state = {name: value for name, value in self.__dict__.items() if name not in _MADE}
        bases = self._plan.bases
        known = bases.numbers, bases.places, bool(self._plan.values)
        return {**state, "_known": known}

    def __setstate__(self, state: dict[str, object]) -> None:
        known: Any = state["_known"]
        self.__dict__.update({name: value for name, value in state.items() if name != "_known"})
        self._attached = Attached.to(self.optimizer)
        numbers, places, has_written = known
        plan = self._adopt(self._planned(Bases([], numbers, places, self._owner)))
        if has_written:
            plan.values = plan.evaluate(self._at)
        self._look(is_fresh=False)  # an earlier update is possible; nothing here records one

"""The description of a run as a pydantic model, for configs and for states that are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lrdsl.resolve import run
from lrdsl.resolve.run_arguments import RunArguments, documents_run

if TYPE_CHECKING:
    from typing_extensions import Unpack

_Length = Annotated[str, BeforeValidator(run.total)]
_Literal = Annotated[str, BeforeValidator(run.literal)]
_Amount = Annotated[
    float, BeforeValidator(run.amount), Field(json_schema_extra={"exclusiveMinimum": 0})
]
_Unit = Annotated[str, BeforeValidator(run.unit)]


@documents_run
class RunContext(BaseModel):
    """A description of the run that a program is resolved for, as a field of your own models.

    Pass it on with ``program.resolve(**context.model_dump())``. It accepts what
    ``Program.resolve`` accepts; plain arguments need neither this class nor pydantic.

    Attributes:
        **run: the arguments of a run.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    total: _Length | None = None
    steps_per_epoch: _Amount | None = None
    per_step: dict[_Unit, _Amount] = Field(default_factory=dict)
    params: dict[str, _Literal] = Field(default_factory=dict)

    if TYPE_CHECKING:
        # It takes what a function of a run takes: a type checker would ask for the fields' types.
        def __init__(self, **run: Unpack[RunArguments]) -> None: ...


def from_json(text: str) -> RunArguments:
    """The arguments in a line of JSON that ``lrdsl.resolve.run_json.to_json`` wrote.

    Args:
        text: the line.

    Raises:
        ValueError: it is no such line.
    """
    if text == "{}":
        return {}
    return cast("RunArguments", RunContext.model_validate_json(text).model_dump())

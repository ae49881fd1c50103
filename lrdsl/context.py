"""The description of a run as a pydantic model, for configs and for states that are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lrdsl.resolve import run_rules as rules
from lrdsl.resolve.run_arguments import RunArguments, documents_run

if TYPE_CHECKING:
    from typing_extensions import Unpack

_Length = Annotated[str, BeforeValidator(rules.total)]
_Literal = Annotated[str, BeforeValidator(rules.literal)]
_Amount = Annotated[
    float, BeforeValidator(rules.amount), Field(json_schema_extra={"exclusiveMinimum": 0})
]
_Unit = Annotated[str, BeforeValidator(rules.unit)]


@documents_run
class RunContext(BaseModel):
    """The arguments of a run as a pydantic model, for a field of your own config models.

    It validates the arguments that ``Program.resolve`` takes. Pass them on with
    ``program.resolve(**context.model_dump())``. If you pass plain arguments, you need neither this
    class nor pydantic.

    Attributes:
        **run: the arguments of the run.

    Examples:
        >>> import lrdsl
        >>> context = lrdsl.RunContext(total="90ep", steps_per_epoch=1251)
        >>> lrdsl.parse("warmup(5ep) >> cosine").resolve(**context.model_dump()).length
        112590
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    total: _Length | None = None
    steps_per_epoch: _Amount | None = None
    per_step: dict[_Unit, _Amount] = Field(default_factory=dict)
    params: dict[str, _Literal] = Field(default_factory=dict)

    if TYPE_CHECKING:
        # It takes what `Program.resolve` takes; a type checker would ask for the fields' types.
        def __init__(self, **run: Unpack[RunArguments]) -> None: ...


def from_json(text: str) -> RunArguments:
    """Reads the arguments of a run from JSON that ``lrdsl.resolve.run_json.to_json`` wrote.

    Args:
        text: one line of JSON.

    Raises:
        ValueError: the line is not such JSON.
    """
    if text == "{}":
        return {}
    return cast("RunArguments", RunContext.model_validate_json(text).model_dump())

"""Text to checked statements: a text parsed and checked once, with all of its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lrdsl.check.check import check
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record
from lrdsl.text.nodes import Definition
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from lrdsl.check.run_statement import Stated
    from lrdsl.check.targets import Drive
    from lrdsl.check.values import Value
    from lrdsl.text.nodes import Module


@record
class Reading:
    """A text that was parsed and checked.

    Attributes:
        module: the syntax tree of what parsed.
        drives: the checked statements, or None if there are none to speak of.
        stated: what the text says of its run, or None if it says nothing.
        errors: what is wrong with it, in its own words; `explained` finds better ones.
        groups: the names of parameter groups that it was checked for; None if they are not known.
    """

    module: Module
    drives: tuple[Drive, ...] | None
    stated: Stated | None
    errors: tuple[Diagnostic, ...]
    groups: tuple[str, ...] | None = None

    def for_groups(self, names: tuple[str, ...]) -> Reading:
        """The text, which has no errors, checked for parameter groups.

        Args:
            names: their names, one for each set of numbers that selectors capture.

        Raises:
            LrsError: an expression is wrong for a captured number.
        """
        with too_deep(self.module.source):
            return self._again(None, names)

    def with_params(self, params: Mapping[str, Value]) -> Reading:
        """The text, which has no errors, checked with other values for ``param`` statements.

        Args:
            params: the values, by name.

        Raises:
            LrsError: a name is unknown, or a value does not fit.
        """
        if not params:
            return self
        from lrdsl.check.params import unknown_param

        known = param_names(self.module)
        unknown = [(name, value) for name, value in params.items() if name not in known]
        if unknown:
            raise LrsError([unknown_param(name, value, known) for name, value in unknown])
        return self._again(params, self.groups)

    def _again(self, params: Mapping[str, Value] | None, groups: tuple[str, ...] | None) -> Reading:
        drives, stated, errors = check(self.module, params, groups)
        if drives is None or errors:
            raise LrsError(errors)
        return Reading(self.module, drives, stated, (), groups)


def read(source: Source) -> Reading:
    """Parses and checks a text.

    Args:
        source: the text.

    Raises:
        LrsError: its definitions lie too deep inside each other.
    """
    module, errors = parse_module(source)
    with too_deep(source):
        drives, stated, more = check(module)
    return Reading(module, drives, stated, (*errors, *more))


def param_names(module: Module) -> list[str]:
    """The names of the ``param`` statements of a text.

    Args:
        module: its syntax tree.
    """
    definitions = [s for s in module.statements if isinstance(s, Definition)]
    return [one.name for one in definitions if one.keyword == "param"]


def explained(reading: Reading) -> list[Diagnostic]:
    """The errors of a text, with those that another reading of it explains better.

    Args:
        reading: the text, which has errors.
    """
    from lrdsl.text.comments_elsewhere import without_comments
    from lrdsl.text.revealed import with_revealed

    def again(text: Source) -> list[Diagnostic]:
        return [*read(text).errors]

    source = reading.module.source
    return with_revealed(source, without_comments(source, [*reading.errors], again), again)


@contextmanager
def too_deep(source: Source) -> Iterator[None]:
    """Turns a recursion that Python cannot follow into a diagnostic."""
    try:
        yield
    except RecursionError:
        message = "the definitions of this text lie too deep inside each other"
        help = "use fewer levels of `def` and `let`"
        span = Span(source, 0, len(source.line(1)))
        raise LrsError([Diagnostic("too-deep", message, help, span)]) from None

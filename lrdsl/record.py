"""Immutable records: frozen, slotted dataclasses at a hundredth of the cost of defining one.

``dataclasses`` compiles half a dozen methods from text for every class, about 0.5 ms each time. The
forty records between a text and a schedule would take longer to define than ``lrdsl check`` may
take to start; these share their methods. To a type checker they are dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Callable[[Any], Any]:
        """Says nothing at run time."""
        return lambda function: function


_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def record(cls: type[_T]) -> type[_T]:
    """Makes a class of annotated fields an immutable record, compared and hashed by its fields.

    Fields come in the order of their annotations, those of a base record first. A method of the
    class's own is kept.
    """
    return _record(cls, {"__eq__": _equal, "__hash__": _hash})


@dataclass_transform(frozen_default=True, eq_default=False)
def entity(cls: type[_T]) -> type[_T]:
    """Makes a class of annotated fields an immutable record that is equal to itself only."""
    return _record(cls, {})


def _record(cls: type[_T], methods: dict[str, Any]) -> type[_T]:
    own = tuple(cls.__annotations__)
    inherited: tuple[str, ...] = getattr(cls, "__match_args__", ())
    fields = inherited + own
    defaults = {name: cls.__dict__[name] for name in own if name in cls.__dict__}
    dropped = {*own, "__dict__", "__weakref__"}
    namespace: dict[str, Any] = {
        "__init__": _init, "__repr__": _repr, "__reduce__": _reduce,
        "__setattr__": _refuse, "__delattr__": _refuse,
        **methods,
        **{name: value for name, value in cls.__dict__.items() if name not in dropped},
        "__slots__": own, "__match_args__": fields,
        "_defaults": {**getattr(cls, "_defaults", {}), **defaults},
        "_values": staticmethod(_getter(fields)),
    }  # fmt: skip
    metaclass: Any = type(cls)
    made: type[_T] = metaclass(cls.__name__, cls.__bases__, namespace)
    return made


def _getter(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A function from a record to the tuple of its fields."""
    if len(fields) > 1:
        return attrgetter(*fields)
    if not fields:
        return lambda self: ()
    one = attrgetter(*fields)
    return lambda self: (one(self),)


def replace(record: _T, **changes: Any) -> _T:
    """A copy of a record with some fields changed."""
    fields: tuple[str, ...] = type(record).__match_args__  # type: ignore[attr-defined]
    return type(record)(**{**{name: getattr(record, name) for name in fields}, **changes})


def _init(self: Any, *args: Any, **named: Any) -> None:
    """Gives a class an ``__init__`` for its fields, three times as fast, when it is first called.

    It is made of the fields' names, as those of named tuples and dataclasses are; most classes are
    never called in a short process.
    """
    cls = type(self)
    fields, defaults = cls.__match_args__, cls._defaults
    parameters, lines = [], []
    for name in fields:
        parameters.append(f"{name}=_defaults[{name!r}]" if name in defaults else name)
        lines.append(f"    _set(self, {name!r}, {name})")
    namespace: dict[str, Any] = {"_set": object.__setattr__, "_defaults": defaults}
    exec("\n".join([f"def __init__(self, {', '.join(parameters)}):", *lines]), namespace)
    cls.__init__ = namespace["__init__"]
    cls.__init__(self, *args, **named)


def _equal(self: Any, other: Any) -> Any:
    if self.__class__ is not other.__class__:
        return NotImplemented
    return self._values(self) == self._values(other)


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _repr(self: Any) -> str:
    pairs = zip(self.__match_args__, self._values(self), strict=True)
    return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"


def _reduce(self: Any) -> tuple[type[Any], tuple[Any, ...]]:
    return type(self), self._values(self)


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise AttributeError(f"{type(self).__name__} is immutable")

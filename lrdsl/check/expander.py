"""Expressions to values: names looked up, definitions expanded, functions applied.

The expander walks the text and holds what is known meanwhile. What operators, functions,
combinators and shapes make of values are pure functions beside it, which give a value or say why
there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrdsl import limits
from lrdsl.check import library, specialize
from lrdsl.check.arguments import bind, is_mode, means_nothing, thousands, without_outside
from lrdsl.check.combinators import METERED, NATIVES, Application
from lrdsl.check.conversions import as_kind, as_number, as_truth, overridden, read_number
from lrdsl.check.function_calls import call_function
from lrdsl.check.interfaces import Interfaces, is_function
from lrdsl.check.operators import apply_operator
from lrdsl.check.problems import Problem, Refusal, together
from lrdsl.check.signatures import Interface
from lrdsl.check.state import WORDS, Scope, State
from lrdsl.check.tree import Event
from lrdsl.check.values import (
    REST_AMOUNTS,
    EventValue,
    FunctionValue,
    Length,
    LengthValue,
    ListValue,
    NumberValue,
    TextValue,
    TruthValue,
    Unknown,
    Value,
    used_at,
)
from lrdsl.diagnostics.fix import fix
from lrdsl.formula.formula import Const, Formula, Var
from lrdsl.formula.functions import CONSTANTS, FUNCTIONS, Function
from lrdsl.record import replace
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Expression,
    Items,
    Module,
    Name,
    Number,
    Operation,
    Text,
    walk,
)
from lrdsl.text.source import Span


class Expander:
    """Gives expressions their values, and notes what is wrong with them.

    Args:
        module: the text.
        overrides: values for its ``param`` statements, by name.
    """

    def __init__(self, module: Module, overrides: Mapping[str, Value]) -> None:
        self.state = State(module)
        self.overrides = overrides
        # What `let` and `param` came to, and the formulas of shapes; None if they are broken.
        self.values: dict[str, Value] = {}
        self._templates: dict[specialize.Key, specialize.Template | None] = {}
        self.interface = Interfaces(self.state).of
        # The calls of `plateau` so far; which expansion of a statement they are in, if in any.
        self.plateaus, self.expansion = 0, ""
        # Whether there are events, and those that a metric decides, each with its number.
        self.has_events = False
        self._events: dict[tuple[Span, Event], int] = {}

    def evaluate(self, node: Expression, scope: Scope) -> Value:
        """The value of an expression. What is wrong with it is reported, and then it is unknown."""
        state, span = self.state, node.span
        state.work += 1
        if state.work > limits.WORK:
            state.spend(0, span)
        # Where a user has to look, which is not in the library.
        place = span if scope.source is state.module.source else state.call or span
        found: Value | Refusal
        match node:
            case Name():
                found = scope.local.get(node.id) or self._name(node, scope)
            case Number():
                found = read_number(node, place)
            case Call():
                found = self._call(node, scope)
            case Text():
                found = TextValue(node.text, span)
            case Items():
                items = [self.evaluate(item, scope) for item in node.items]
                found = thousands(node) or ListValue(tuple(items), span)
            case Operation():
                operands: list[Value] = []
                for operand in node.operands:
                    operands.append(self.evaluate(operand, scope))
                found = apply_operator(node, operands, place, state.through)
                if isinstance(found, LengthValue):
                    state.spend(len(found.length.amounts), span)
        return self._settled(found, span) if isinstance(found, Refusal) else found

    def _settled(self, found: Value | Refusal, span: Span) -> Value:
        """A value, or the unknown after what refuses it was reported."""
        if isinstance(found, Refusal):
            self._report(found)
            return Unknown(span)
        return found

    def _report(self, refusal: Refusal) -> None:
        for problem in refusal.problems:
            self.state.report(problem)

    def _name(self, node: Name, scope: Scope) -> Value:
        """The value of a name by itself that is not a parameter."""
        word, span = node.id, node.span
        if word in CONSTANTS:
            constant = CONSTANTS[word]
            kind = TruthValue if isinstance(constant, bool) else NumberValue
            return kind(Const(constant), span)
        if word == "rest":
            return LengthValue(Length(REST_AMOUNTS, self.state.place(span)), span)
        if word in WORDS:
            return NumberValue(Var(word), span)
        definition = self.state.find(word, scope)
        if definition is None:
            if word in FUNCTIONS:
                return FunctionValue(word, FUNCTIONS[word], span)
            self._unknown(word, span, scope)
            return Unknown(span)
        if definition.keyword in {"let", "param"}:
            return self._let(definition, span)
        if is_function(definition):
            return FunctionValue(word, definition, span)
        return self._expand(definition, (), span, scope)

    def _let(self, definition: Definition, span: Span) -> Value:
        """The value of a ``let`` or ``param``, worked out once; it is placed where it is used."""
        name = definition.name
        known = self.values.get(name)
        if known is None:
            with self.state.expanding(definition, span) as ends:
                if not ends or definition.body is None:
                    return Unknown(span)
                known = self.evaluate(definition.body, Scope(definition.span.source))
                if definition.keyword == "param" and name in self.overrides:
                    found = overridden(name, known, self.overrides[name])
                    known = self._settled(found, self.overrides[name].span)
            self.values[name] = known
        return used_at(known, span)

    def _call(self, node: Call, scope: Scope) -> Value:
        """The value of a call. Its arguments are looked at whatever it calls."""
        local = scope.local.get(node.id)
        called: Definition | Function | None
        if isinstance(local, FunctionValue):
            called = local.function
        else:
            # A parameter that is no function does not hide one: `warmup(warmup)`.
            called = self.state.find(node.id, scope)
            if called is None and local is None:
                called = FUNCTIONS.get(node.id)
            if isinstance(local, Unknown):
                called = None
        match called:
            case Definition(keyword="def" | "shape"):
                return self._expand(called, node.arguments, node.span, scope)
            case Function():
                name = local.name if isinstance(local, FunctionValue) else node.id
                values = [self.evaluate(argument.value, scope) for argument in node.arguments]
                place, through = self.state.place(node.span), self.state.through
                made = call_function(name, called, node, values, place, through)
                return self._settled(made, node.span)
        if called is None and local is None and node.id == "own":
            from lrdsl.check.own import own_number

            return self._settled(own_number(self, node, scope), node.span)
        for argument in without_outside(node.arguments):
            self.evaluate(argument.value, scope)
        if called is None and local is None and node.id not in WORDS:
            self._unknown(node.id, node.callee, scope)
        elif not isinstance(local, Unknown):
            message = f"`{node.id}` is a value, and a value cannot be called"
            define = "" if node.id in WORDS else ", or define it with `def`"
            help = f"write `{node.id}` alone{define}"
            alone = fix(node.span, node.id, f"write `{node.id}` alone")
            self.state.report(Problem("not-callable", node.callee, message, help, (alone,)))
        return Unknown(node.span)

    def _unknown(self, name: str, span: Span, scope: Scope) -> None:
        """Reports a name that nothing defines."""
        from lrdsl.check.unknown_names import unknown_name

        self.state.report(unknown_name(self.state, self.interface, name, span, scope))

    def _expand(
        self, definition: Definition, arguments: Sequence[Argument], span: Span, scope: Scope
    ) -> Value:
        """A ``def`` or ``shape`` with its arguments."""
        interface = self.interface(definition)
        values = [
            Unknown(a.span) if means_nothing(interface, a) else self.evaluate(a.value, scope)
            for a in arguments
        ]
        if definition.body is None:
            return Unknown(span)
        bound, problems = bind(interface, arguments, span)
        if problems or any(is_mode(interface, *p) for p in zip(arguments, values, strict=True)):
            from lrdsl.check.arrangement import loose

            return self._settled(loose(interface, arguments, values, bound, problems, span), span)
        with self.state.expanding(definition, span) as ends:
            if not ends:
                return Unknown(span)
            by_argument = dict(zip(map(id, arguments), values, strict=True))
            given = {name: by_argument[id(argument)] for name, argument in bound.items()}
            local = self._with_defaults(interface, given)
            if definition.keyword == "shape":
                return self._part(interface, local, bound, span)
            return self._macro(interface, local, bound, span)

    def _with_defaults(self, interface: Interface, given: Mapping[str, Value]) -> dict[str, Value]:
        """The arguments, the defaults filled in; a default may refer to parameters before it."""
        local: dict[str, Value] = {}
        scope = Scope(interface.definition.span.source, local)
        for parameter in interface.parameters:
            name = parameter.name
            if name in given:
                local[name] = given[name]
            elif parameter.default is not None:
                local[name] = self.evaluate(parameter.default, scope)
        return local

    def _macro(
        self,
        interface: Interface,
        local: dict[str, Value],
        bound: Mapping[str, Argument],
        span: Span,
    ) -> Value:
        """The value of a ``def``: its body, with arguments in place of parameters."""
        definition, state = interface.definition, self.state
        native = library.is_native(definition)
        refusals: list[Refusal] = []
        for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
            # Combinators say in their own words what they take, but for lengths.
            name = parameter.name
            is_event = isinstance(local[name], EventValue)
            if kind == "any" or (native and (kind in {"function", "schedule"} or is_event)):
                continue
            found = as_kind(local[name], kind, f"`{name}` of `{definition.name}`")
            if isinstance(found, Refusal):
                refusals.append(found)
            else:
                local[name] = found
        if not (good := not refusals):
            self._refused(interface, local, bound, together(refusals), span)
        scope = Scope(definition.span.source, local)
        for node in interface.guards(bound) if good else ():
            good = self._holds(interface, node, scope, bound, span) and good
        if not good or definition.body is None:
            return Unknown(span)
        if not native:
            return used_at(self.evaluate(definition.body, scope), span)
        meter = f"{self.plateaus + 1}{self.expansion}"
        call = Application(definition, local, state.place(span), state.through, meter)
        made = NATIVES[definition.name](call)
        self.plateaus += definition.name in METERED
        if isinstance(made, Refusal):
            return self._refused(interface, local, bound, made, span)
        self.has_events = self.has_events or isinstance(made, EventValue)
        if isinstance(made, EventValue) and not made.event.key:
            # Of what a metric decides, each call that is written is one event.
            number = self._events.setdefault((span, made.event), len(self._events) + 1)
            key = f"{made.event.kind}@{number}"
            return EventValue(replace(made.event, key=key), made.span)
        return made

    def _refused(
        self,
        interface: Interface,
        local: Mapping[str, Value],
        bound: Mapping[str, Argument],
        refusal: Refusal,
        span: Span,
    ) -> Unknown:
        """Reports the arguments of a call, as one mistake where one explains all that is wrong."""
        if refusal.problems and span.source is self.state.module.source:
            from lrdsl.check.arrangement import arranged

            refusal = arranged(interface, local, bound, refusal, span)
        self._report(refusal)
        return Unknown(span)

    def _holds(
        self,
        interface: Interface,
        node: Expression,
        scope: Scope,
        bound: Mapping[str, Argument],
        span: Span,
    ) -> bool:
        """True if a guard of a ``def`` holds, which is decided before any run."""
        definition, local = interface.definition, scope.local
        # What a guard calculates with is a number, and said to be one in the call's own words.
        names = specialize.compared(node, interface)
        numbers = [as_number(local[name], f"`{name}` of `{definition.name}`") for name in names]
        if refusals := [number for number in numbers if isinstance(number, Refusal)]:
            self._report(together(refusals))
            return False
        condition = as_truth(self.evaluate(node, scope), f"the guard of `{definition.name}`")
        if isinstance(condition, Refusal):
            self._report(condition)
            return False
        if isinstance(condition, Const) and condition.value:
            return True
        names = [name.id for name in walk(node) if isinstance(name, Name) and name.id in local]
        guard = specialize.guard(definition, node, condition, names)
        guard = specialize.blamed(guard, condition, bound, span)
        self.state.report(specialize.unmet(guard, local))
        return False

    def _part(
        self,
        interface: Interface,
        local: Mapping[str, Value],
        bound: Mapping[str, Argument],
        span: Span,
    ) -> Value:
        """A shape with its arguments, as a schedule of one part."""
        definition, state = interface.definition, self.state
        given = specialize.sort(interface, local)
        if isinstance(given, Refusal):
            return self._refused(interface, local, bound, given, span)
        template = self._template(interface, local, given)
        if template is None:
            return Unknown(span)
        size = specialize.size_of(template, given)
        state.spend(size, span)
        place = state.place(span)
        made = specialize.part(definition, template, given, bound, size, span, place, state.through)
        return self._settled(made, span)

    def _template(
        self, interface: Interface, local: Mapping[str, Value], given: specialize.Given
    ) -> specialize.Template | None:
        """The shape's formula in terms of its parameters, made once for each set of functions."""
        key = specialize.key_of(interface.definition, given.functions)
        found = specialize.from_library(key)
        if found is None and key not in self._templates:
            before = self.state.reported
            found = self._templates[key] = self.formula(interface, local)
            if found and self.state.reported == before:
                specialize.keep(key, found, interface.definition, given)
        return found or self._templates[key]

    def formula(
        self, interface: Interface, local: Mapping[str, Value]
    ) -> specialize.Template | None:
        """The shape's formula and its guards; None if they are broken, which is reported.

        Args:
            interface: the parameters of the shape.
            local: its arguments, of which only the functions matter.
        """
        definition = interface.definition
        assert definition.body is not None
        source = definition.span.source
        variables = specialize.variables_of(interface, local)
        scope = Scope(source, variables)
        conditions: list[Formula] = []
        for node in definition.guards:
            condition = as_truth(self.evaluate(node, scope), f"the guard of `{definition.name}`")
            if isinstance(condition, Refusal):
                self._report(condition)
            else:
                conditions.append(condition)
        clock = {word: NumberValue(Var(word), definition.span) for word in ("t", "u", "v")}
        scope = Scope(source, {**clock, **variables})
        if source is self.state.module.source:

            def is_shape(name: str) -> bool:
                found = None if name in scope.local else self.state.find(name, scope)
                return bool(found and found is not definition and found.keyword == "shape")

            if specialize.has_schedules(definition.body, is_shape):
                self._report(specialize.of_schedules(definition))
                return None
        value = self.evaluate(definition.body, scope)
        made = specialize.template(definition, value, conditions)
        if isinstance(made, Refusal):
            self._report(made)
            return None
        return made

"""Guesses for definitions, targets and quoted values that do not parse."""

from __future__ import annotations

import re

from lark import Token

from lrdsl.text.hint import (
    HYPERPARAMETERS,
    OPTIMIZERS,
    OUTSIDE,
    OWN_CURVE,
    Hint,
    first_of,
    open_brackets,
    place_of,
)
from lrdsl.wording import SEQUENCE, on_one_line

# Words of other languages before what they define.
_KEYWORDS = frozenset(["var", "const", "set", "val", "final", "local", "int", "float", "auto"])
_MODIFIERS = _KEYWORDS | {"mut"}
# What people call the rate, or its schedule, on the left of a `=`.
RATES = frozenset([
    "lr", "learning_rate", "lr_schedule", "lr_scheduler", "schedule", "scheduler", "sched",
    "lr_scheduler_type", "lr_decay_style", "lr_policy", "learning_rate_schedule",
])  # fmt: skip
# What a formula of another system counts its steps with.
_CLOCK = r"(?:t|step|epoch|iter|iteration|it|i|x|global_step|current_step)"


# The items of a `run` that begin with a name.
_ITEMS = frozenset(["total", "clock"])


def of_definition(text: str, before: list[Token], token: Token) -> Hint | None:
    """Guesses what a definition, a target or a value in quotes was meant to be.

    Args:
        text: the part of a source that was parsed.
        before: the tokens before the one that does not belong.
        token: that one.
    """
    return first_of(
        (_stated, _named, _defined, _in_parentheses, _quoted, _selected), text, before, token
    )


def after_last_item(before: list[Token]) -> Hint | None:
    """A comma after the last item of a ``run``, where no other item follows.

    Args:
        before: all tokens that were understood; the last one may begin the schedule.
    """
    types = [found.type for found in before]
    if "RUN" not in types or open_brackets(before):
        return None
    comma = before[-2:-1] if types[-1] == "NAME" and before[-1] not in _ITEMS else before[-1:]
    if not comma or comma[0].type != "COMMA":
        return None
    help = "after the last item of a `run` there is no comma: delete it"
    return Hint(help, *place_of(comma[0]), "", "delete it", safe=True)


def _stated(text: str, before: list[Token], token: Token) -> Hint | None:
    """A comma after the last item of a ``run``, and none between two of them."""
    types = [found.type for found in before]
    if "RUN" not in types or open_brackets(before):
        return None
    if token.type != "EQUAL" or types[-1] == "COMMA":
        return after_last_item(before)
    item = types[len(types) - types[::-1].index("RUN") :]
    starts = {"LET", "PARAM", "DEF", "SHAPE", "TARGET"}
    if len(item) < 4 or item[-1] not in {"NAME", "NUMBER"} or not starts.isdisjoint(item):
        return None
    name = before[-1]
    if name in RATES or name in HYPERPARAMETERS:
        return None
    help = f"write a comma before `{name}`: the items of a `run` are divided by commas"
    _, end = place_of(before[-2])
    message = f"`{name}` does not belong here"
    return Hint(
        help, end, end, ",", "write a comma", safe=True, message=message, span=place_of(name)
    )


def _named(text: str, before: list[Token], token: Token) -> Hint | None:
    """``name:`` for an argument, and for a definition."""
    if token.type != "TARGET":
        return None
    _, end = place_of(token)
    colon = re.match(r"[ \t]*:[ \t]*=?[ \t]*", text[end:])
    if colon is None:  # it has a selector
        return None
    stop = end + colon.end()
    if before and before[-1].type in {"LET", "PARAM"}:
        if typed := re.match(r"[A-Za-z_][\w\[\]]*[ \t]*=(?!=)[ \t]*", text[stop:]):
            stop += typed.end()
        rest = on_one_line(text[stop:].partition("\n")[0]) or "…"
        help = f"write `{before[-1]} {token} = {rest}`"
        return Hint(help, end, stop, " = ", _short(help), safe=True)
    if open_brackets(before):
        help = f"name an argument with `=`: `{token} = …`"
        return Hint(help, end, stop, " = ", f"write `{token} = …`", safe=True)
    return None


def _short(help: str) -> str:
    """The title for a definition that may be long."""
    return help if len(help) <= 60 else help.partition(" = ")[0] + " = …`"


def _defined(text: str, before: list[Token], token: Token) -> Hint | None:
    """A definition without its `=`, without its keyword, or with another one."""
    start, end = place_of(token)
    opened = open_brackets(before)
    last = before[-1] if before else None
    keyword = before[-2] if len(before) > 1 and before[-2].type in {"LET", "PARAM"} else None
    same_line = last is not None and "\n" not in text[place_of(last)[1] : start]
    if keyword is not None and last is not None and last.type == "NAME" and same_line:
        rest = on_one_line(text[start:].partition("\n")[0])
        if token == "==":
            rest = on_one_line(text[end:].partition("\n")[0])
            help = f"write `{keyword} {last} = {rest}`"
            return Hint(help, start, end, "=", _short(help), safe=True)
        if text[start : start + 2] == "<-":
            help = f"write `{keyword} {last} = {on_one_line(rest[2:])}`"
            return Hint(help, start, start + 2, "=", _short(help), safe=True)
        if token.type == "NAME" and re.match(r"[ \t]*=(?!=)", text[end:]):
            help = f"a definition has one name: write `{keyword} {token} = …`"
            written = help.partition(": ")[2]
            return Hint(help, place_of(last)[0], start, "", written, safe=last in _MODIFIERS)
        if token.type in {"NUMBER", "CALLEE", "NAME", "LPAR", "LSQB"}:
            help = f"write `{keyword} {last} = {rest}`"
            return Hint(help, start, start, "= ", _short(help), safe=True)
    if found := _function(text, before, token):
        return found
    if last is not None and last.type == "DEF" and token.type == "NAME":
        help = "a `def` takes arguments, as in `def f(n)`; a `let` names a value"
        return Hint(help, *place_of(last), "let", "write `let`")
    if token.type == "EQUAL" and not opened and (found := _assigned(before, token)):
        return found
    if token.type == "EQUAL" and last is not None and last.type == "NAME" and not opened:
        first, after = place_of(last)
        if len(before) > 1 and before[-2] == "scalar" and same_line:
            help = f"write `scalar {last}: …`"
            return Hint(help, after, end, ":", help, safe=True)
        if len(before) > 1 and before[-2] in _KEYWORDS and before[-2].type == "NAME" and same_line:
            help = f"to name a value, write `let {last} = …`"
            return Hint(help, *place_of(before[-2]), "let", f"write `let {last} = …`", safe=True)
        return assignment(text, first, after, start, end)
    return None


def assignment(text: str, first: int, after: int, sign: int, end: int) -> Hint:
    """What ``name = …`` and ``name <- …`` are here: a target, or a definition.

    Args:
        text: a text.
        first: where the name starts in it.
        after: where the name ends.
        sign: where the sign starts.
        end: where the sign ends.
    """
    name = text[first:after]
    driven = name in RATES or name in HYPERPARAMETERS
    said = text[end:].partition("\n")[0]
    if name in OPTIMIZERS:
        return Hint(OUTSIDE[name], message=f"a program has no `{name}`", span=(first, after))
    if driven and re.search(rf"\blambda\b|(?<![\w.]){_CLOCK}\b(?!\s*[(=])", said):
        message = "a rate is no formula of the step, but a schedule of parts"
        return Hint(OWN_CURVE, message=message, span=(first, after))
    # What the rest of the text refers to is a value, whatever its name.
    if driven and not re.search(rf"\b{name}\b(?![ \t]*[:=\[]|[ \t]*<-)", text[end:]):
        return _driven(text, first, after, end)
    help, title = f"to name a value, write `let {name} = …`", f"write `let {name} = …`"
    if text[sign:end] == "=":
        return Hint(help, first, first, "let ", title, safe=True)
    return Hint(help, first, end, f"let {name} =", title, safe=True)


def _assigned(before: list[Token], token: Token) -> Hint | None:
    """``lr := …`` and ``lr[0] = …`` for a target, and ``n := 20`` for a definition."""
    types = [found.type for found in before]
    start, end = place_of(token)
    if types[-2:] == ["TARGET", "COLON"]:
        name = before[-2]
        if name in HYPERPARAMETERS:
            return Hint(f"write `{name}: …`", start, end, "", f"write `{name}:`", safe=True)
        first, _ = place_of(name)
        help = f"to name a value, write `let {name} = …`"
        return Hint(help, first, end, f"let {name} =", f"write `let {name} = …`")
    if types[-4:] in (["NAME", "LSQB", "NUMBER", "RSQB"], ["NAME", "LSQB", "STRING", "RSQB"]):
        shown = "".join(before[-4:])
        return Hint(f"write `{shown}: …`", start, end, ":", f"write `{shown}:`", safe=True)
    return None


def _driven(text: str, start: int, after: int, end: int) -> Hint:
    """``lr = …``, ``momentum = …`` and ``schedule = …``; a plain number is held."""
    written = text[start:after]
    name = written if written in HYPERPARAMETERS else "lr"
    if number := re.match(r"[ \t]*([0-9.]+(?:e-?[0-9]+)?)[ \t]*(?:#[^\n]*)?(?=\n|\Z)", text[end:]):
        held = f"{name}: const(value = {number[1]})"
        return Hint(f"write `{held}`", start, end + number.end(1), held, safe=True)
    end += text[end : end + 1] == ">"
    help, title = f"write `{name}: …`", f"write `{name}:`"
    if written == name:
        return Hint(help, after, end, ":", title, safe=True)
    return Hint(help, start, end, f"{name}:", title)


def _function(text: str, before: list[Token], token: Token) -> Hint | None:
    """A function that is not defined with `def`, or whose `=` is a colon."""
    start, end = place_of(token)
    last = before[-1] if before else None
    if last is None or open_brackets(before):
        return None
    if token.type == "CALLEE" and last.type == "LET":
        help = f"a function is defined with `def`: write `def {token}(…) = …`"
        return Hint(help, *place_of(last), "def", "write `def`", safe=True)
    if token.type == "EQUAL" and last.type in {"RPAR", "NUMBER"} and text.startswith(">", end):
        return Hint(SEQUENCE, start, end + 1, ">>", "write `>>`", safe=True)
    if last.type != "RPAR":
        return None
    line = text[:start].rpartition("\n")[2]
    head = re.match(r"\s*(def\s+)?(\w+)\([^()]*\)\s*\Z", line)
    if head is None:
        return None
    if token.type == "COLON" and head[1]:
        end += len(re.match(r"(?:\s*return\b)?", text[end:])[0])  # type: ignore[index]
        return Hint(
            "a `def` has a `=` before its formula", start, end, " =", "write `=`", safe=True
        )
    if token.type == "EQUAL" and not head[1]:
        place = start - len(line) + head.start(2)
        used = re.search(rf"\b{head[2]}\(", text[end:])
        if not used and re.search(rf"\({_CLOCK}\)\s*\Z", head[0]):
            message = "a rate is no formula of the step, but a schedule of parts"
            return Hint(OWN_CURVE, message=message, span=(place, start))
        help = f"a function is defined with `def`: write `def {head[2]}(…) = …`"
        return Hint(help, place, place, "def ", "write `def`", safe=True)
    return None


def _quoted(text: str, before: list[Token], token: Token) -> Hint | None:
    """A name in quotes where no selector may have one."""
    if token.type != "STRING" or len(token) < 3:
        return None
    if len(before) > 1 and before[-1].type == "LSQB" and before[-2].type in {"TARGET", "NAME"}:
        stop = place_of(token)[1]
        if assigned := re.match(r"[ \t]*\][ \t]*=(?!=)", text[stop:]):
            shown = f"{before[-2]}[{token}]:"
            place = stop + assigned.end()
            return Hint(f"write `{shown} …`", place - 1, place, ":", f"write `{shown}`", safe=True)
        return Hint(f"a selector is one name in double quotes: `{before[-2]}[{token}]:`")
    if [found.type for found in before[-4:]] == ["TARGET", "LSQB", "STRING", "COMMA"]:
        return Hint(f"a selector is one name in double quotes: `{before[-4]}[{before[-2]}]:`")
    return None


def _in_parentheses(text: str, before: list[Token], token: Token) -> Hint | None:
    """A group selected as if by a call: ``lr("head"): …``."""
    types = [found.type for found in before[-4:]]
    if token.type != "COLON" or types != ["CALLEE", "LPAR", "STRING", "RPAR"]:
        return None
    name, opening, quoted, closing = before[-4:]
    shown = f"{name}[{quoted}]"
    first, stop = place_of(opening)[0], place_of(closing)[1]
    help = f"a group is selected in brackets: `{shown}:`"
    return Hint(help, first, stop, f"[{quoted}]", f"write `{shown}`")


def _selected(text: str, before: list[Token], token: Token) -> Hint | None:
    """The name of a group without its quotes."""
    if not (len(before) > 1 and before[-1].type == "LSQB" and before[-2].type == "TARGET"):
        return None
    start, _ = place_of(token)
    name = text[start:].partition("]")[0].strip(" \t'")
    if not re.fullmatch(r"[A-Za-z_*?][\w.*?-]*", name):
        return None
    end = start + text[start:].index("]")
    return Hint(
        f'expected a name in double quotes: `{before[-2]}["{name}"]`', start, end, f'"{name}"',
        f'write `"{name}"`', safe=True,
    )  # fmt: skip

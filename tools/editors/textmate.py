"""The TextMate grammars of the extension for VS Code, made from the terminals of ``lrs.lark``.

A TextMate grammar sees one line at a time, and one rule at a place. So the terminals keep the order
in which Lark tries them, and what depends on brackets is a rule that lasts from one to the other.
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias

from lrdsl.analysis.tokens import KINDS, TokenKind
from lrdsl.check.state import WORDS
from lrdsl.text import grammar
from tools.editors import VSCODE

SCOPES: dict[TokenKind, str] = {
    "comment": "comment.line.number-sign.lrs",
    "documentation": "comment.line.documentation.lrs",
    "keyword": "keyword.other.lrs",
    "operator": "keyword.operator.lrs",
    "punctuation": "punctuation.lrs",
    "number": "constant.numeric.lrs",
    "string": "string.quoted.double.lrs",
    "target": "entity.name.tag.lrs",
    "function": "entity.name.function.lrs",
    "variable": "variable.other.lrs",
    "word": "constant.language.lrs",
    "kind": "entity.name.type.lrs",
}
"""The scope of each kind of piece. Blanks and errors have none."""

LANGUAGE = VSCODE / "syntaxes" / "lrs.tmLanguage.json"
IN_YAML = VSCODE / "syntaxes" / "lrs-in-yaml.tmLanguage.json"
IN_FLOW_YAML = VSCODE / "syntaxes" / "lrs-in-flow-yaml.tmLanguage.json"

Rule: TypeAlias = "dict[str, object]"

# Terminals that look past the end of their line, as the grammar has them, and what is said instead.
_ON_ONE_LINE = {
    "RUN": (
        r"run(?=(?:\s|#[^\n]*\n)+(?:[0-9.][\w.]*%?|[A-Za-z_]\w*)\s*=(?!=))",
        r"run(?=[ \t\r\f]+(?:[0-9.][\w.]*%?|[A-Za-z_]\w*)\s*=(?!=)|[ \t\r\f]*(?:#[^\n]*)?$)",
    ),
    "SCALAR": (
        r'scalar(?=[ \t\r\n\f]+[A-Za-z_]\w*[ \t]*(?:\[(?:"[^"\n]*"|[^\]"\n]*)\][ \t]*)?:)',
        r'scalar(?=[ \t\r\f]+[A-Za-z_]\w*[ \t]*(?:\[(?:"[^"\n]*"|[^\]"\n]*)\][ \t]*)?:'
        r"|[ \t\r\f]*(?:#[^\n]*)?$)",
    ),
}
# In double quotes of YAML a string has backslashes, also in brackets, where only rules of this
# grammar are seen. In a `.lrs` file this is an error of its own.
_ESCAPED = r'(?:\\(?="[^"\n]*\\"))?'
# The grammar means ASCII by a letter and a blank; the editors' expressions would mean all of them.
_WORD, _BLANK = "A-Za-z0-9_", r" \t\r\n\f\x0b"


def _terminals() -> dict[str, str]:
    """The expression of each terminal but blanks, in the order in which Lark tries them."""
    found = sorted(
        grammar.build(grammar.grammar_text()).terminals,
        key=lambda one: (
            -one.priority, -one.pattern.max_width, -len(one.pattern.value), one.name,
        ),
    )  # fmt: skip
    patterns = {one.name: _escaped(one.pattern.to_regexp()) for one in found}
    del patterns["BLANK"]
    for name, (known, instead) in _ON_ONE_LINE.items():
        assert patterns[name] == known, f"{name} has changed: so must its expression for one line"
        patterns[name] = instead
    return {name: _ascii(pattern) for name, pattern in patterns.items()}


def _escaped(pattern: str) -> str:
    """An expression without the blanks that Lark has put in place of their escapes."""
    for blank, escape in (("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"), ("\f", r"\f")):
        pattern = pattern.replace(blank, escape)
    return pattern


def _ascii(pattern: str) -> str:
    """An expression that says which letters and blanks it means."""
    in_class = False
    pieces: list[str] = []
    for piece in re.findall(r"\\.|[\[\]]|[^\\\[\]]+", pattern, re.DOTALL):
        if piece in "[]":
            in_class = piece == "["
        for escape, letters in ((r"\w", _WORD), (r"\s", _BLANK)):
            if piece == escape:
                piece = letters if in_class else f"[{letters}]"
        pieces.append(f"(?![{_WORD}])" if piece == r"\b" else piece)
    return "".join(pieces)


def language() -> str:
    """The grammar of ``.lrs`` files."""
    terminals = _terminals()
    outside = [_rule(name, pattern) for name, pattern in _split(terminals).items()]
    brackets = _brackets("#inside")
    inside = [
        {"include": "#kind"}
        if name == "COLON"
        else _rule(name, pattern, "variable" if name == "TARGET" else None)
        for name, pattern in _split(terminals).items()
    ]
    kind = _kind(terminals)
    return _json(
        {
            "name": "lrdsl",
            "scopeName": "source.lrs",
            "fileTypes": ["lrs"],
            "patterns": [{"include": "#comment"}, {"include": "#brackets"}, *outside],
            "repository": {
                "comment": {
                    "patterns": [
                        _match("##[^\n]*", "documentation"),
                        _match("#[^\n]*", "comment"),
                    ]
                },
                "brackets": brackets,
                "inside": {
                    "patterns": [{"include": "#comment"}, {"include": "#brackets"}, *inside]
                },
                # In brackets a colon is followed by the kind of a parameter: `xs: [steps]`.
                "kind": {
                    "begin": terminals["COLON"],
                    "beginCaptures": {"0": {"name": SCOPES["punctuation"]}},
                    "end": f"({kind})|(?=[^{_BLANK}#\\[])",
                    "endCaptures": {"1": {"name": SCOPES["kind"]}},
                    "patterns": [{"include": "#comment"}, {"include": "#kinds"}],
                },
                "kinds": _brackets("#in_kinds", begin=terminals["LSQB"]),
                "in_kinds": {"patterns": [_match(kind, "kind"), {"include": "#inside"}]},
            },
        }
    )


def _split(terminals: dict[str, str]) -> dict[str, str]:
    """The terminals, with the words that name nothing before the names, and without brackets."""
    found: dict[str, str] = {}
    for name, pattern in terminals.items():
        if name == "NAME":
            found["WORD"] = f"(?:{'|'.join(WORDS)})(?![{_WORD}])"
        if name not in ("LPAR", "LSQB"):
            found[name] = _ESCAPED + pattern if name == "STRING" else pattern
    return found


def _kind(terminals: dict[str, str]) -> str:
    """A name that is no word of another terminal."""
    earlier = [*terminals][: [*terminals].index("NAME")]
    names = [name for name in earlier if KINDS[name] in ("keyword", "target", "function")]
    return f"(?!{'|'.join(terminals[name] for name in names)}){terminals['NAME']}"


def _brackets(inside: str, begin: str = r"[(\[]") -> Rule:
    """From a bracket to any that closes: how deep it is counts, not which it is."""
    scope = {"0": {"name": SCOPES["punctuation"]}}
    return {
        "begin": begin,
        "beginCaptures": scope,
        "end": r"[)\]]",
        "endCaptures": scope,
        "patterns": [{"include": inside}],
    }


def _rule(name: str, pattern: str, kind: TokenKind | None = None) -> Rule:
    return _match(pattern, kind or ("word" if name == "WORD" else KINDS[name]))


def _match(pattern: str, kind: TokenKind) -> Rule:
    return {"match": pattern, "name": SCOPES[kind]}


_TAG: Rule = {"name": "storage.type.tag.lrs.yaml"}
_QUOTE: Rule = {"name": "string.quoted.lrs.yaml punctuation.definition.string.yaml"}
_EMBEDDED = "meta.embedded.block.lrs"
# What VS Code calls lists and mappings in brackets, and what it did before version 1.96.
_FLOW = ("meta.flow", "meta.flow-mapping", "meta.flow-sequence")
_NOT_IN = ("comment", "string", "meta.scalar", _EMBEDDED, *_FLOW)
# A line starts where YAML's own rules have left it: they take the indentation of what is around it.
_LINE = r"(?:^|\G)([ \t]*)"
# In front of the tag: a key, dashes. What follows a bracket or a quotation mark is another rule's.
_KEY = r"""(?:[^#"'{\[\n]|(?<!\s)#|"[^"\n]*"(?=[ \t]*:)|'[^'\n]*'(?=[ \t]*:))*?"""
_PLACES = (
    # A key after a dash is deeper by both.
    (rf"{_LINE}(-)([ \t]+)((?![\s#-]|!lrs){_KEY})", r"\1 \3"),
    (rf"{_LINE}()()((?![\s#]){_KEY})", r"\1"),
)
"""What is in front of a tag, in four groups, and the indentation that the text goes beyond."""


def in_yaml() -> str:
    """The injection into YAML: schedules after the tag ``!lrs``, in every style of a scalar."""
    blocks = [_block(*place) for place in _PLACES]
    plain = [_plain(*place) for place in _PLACES]
    return _json(
        {
            "scopeName": "injection.lrs.yaml",
            "injectionSelector": "L:source.yaml" + "".join(f" -{one}" for one in _NOT_IN),
            "patterns": [*blocks, *_quoted(), *plain],
        }
    )


_BEFORE: Rule = {
    "2": {"name": "punctuation.definition.block.sequence.item.yaml"},
    "4": {"patterns": [{"include": "source.yaml"}]},
    "5": _TAG,
}


def _block(before: str, indentation: str) -> Rule:
    """A text after `|` or `>`."""
    return {
        "begin": before + r"(!lrs)[ \t]+([|>][-+0-9]*)[ \t]*(#.*)?$",
        "beginCaptures": _BEFORE
        | {
            "6": {"name": "keyword.control.flow.block-scalar.yaml"},
            "7": {"name": "comment.line.number-sign.yaml"},
        },
        "while": _deeper(indentation),
        "contentName": _EMBEDDED,
        "patterns": [{"include": "source.lrs"}],
    }


def _plain(before: str, indentation: str) -> Rule:
    """A text without marks, or one that starts on the next line."""
    return {
        "begin": before + r"(!lrs)(?:[ \t]+(?=[^\s\"'|>#])|[ \t]*$)",
        "beginCaptures": _BEFORE,
        "while": _deeper(indentation),
        "contentName": _EMBEDDED,
        "patterns": [_COMMENT, *_quotes(), {"include": "source.lrs"}],
    }


def _deeper(indentation: str) -> str:
    return rf"(?:^|\G)(?:{indentation}[ \t]+(?=\S)|[ \t]*$)"


def in_flow_yaml() -> str:
    """The injection into YAML's lists and mappings in brackets, whose values end at a comma."""
    return _json(
        {
            "scopeName": "injection.lrs.flow.yaml",
            "injectionSelector": ", ".join(
                f"L:source.yaml {one} -comment -string" for one in _FLOW
            ),
            "patterns": [
                *_quoted(),
                {
                    "match": r"(!lrs)[ \t]+([^\s\"',{}\[\]#](?:[^,{}\[\]#]|(?<!\s)#)*)",
                    "captures": {
                        "1": _TAG,
                        "2": {"name": _EMBEDDED, "patterns": [{"include": "source.lrs"}]},
                    },
                },
            ],
        }
    )


_COMMENT: Rule = {
    "match": r"(?:(?<=\s)|^)#.*$",
    "name": "comment.line.number-sign.yaml",
}


def _quoted() -> list[Rule]:
    """The tag with a text in quotation marks after it."""
    return [
        one
        | {
            "begin": rf"(!lrs)[ \t]+({one['begin']})",
            "beginCaptures": {"1": _TAG, "2": _QUOTE},
        }
        for one in _quotes()
    ]


def _quotes() -> list[Rule]:
    """A text in quotation marks; in double ones, a backslash says what is not written as it is."""
    escaped: list[Rule] = [{"match": r'\\[^"]', "name": "constant.character.escape.yaml"}]
    return [
        {
            "begin": mark,
            "beginCaptures": {"0": _QUOTE},
            "end": end,
            "endCaptures": {"0": _QUOTE},
            "contentName": _EMBEDDED,
            "patterns": [*extra, {"include": "source.lrs"}],
        }
        for mark, end, extra in (('"', '"', escaped), ("'", "'(?!')", []))
    ]


def _json(content: Rule) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

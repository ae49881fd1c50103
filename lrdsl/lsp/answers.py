"""What the server answers about a place, or about a whole document."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types
from pygls.uris import from_fs_path

from lrdsl import files
from lrdsl.analysis.completion import Completion
from lrdsl.analysis.places import Location
from lrdsl.lsp.documents import LIBRARY, Document
from lrdsl.lsp.positions import Positions

# After these a space asks for what comes next; after anything else it only ends a word.
_OPEN = tuple("(,=>+-*/^:<[")
_COMPLETIONS = {
    "argument": types.CompletionItemKind.Property,
    "function": types.CompletionItemKind.Function,
    "group": types.CompletionItemKind.Value,
    "keyword": types.CompletionItemKind.Keyword,
    "shape": types.CompletionItemKind.Function,
    "target": types.CompletionItemKind.Field,
    "unit": types.CompletionItemKind.Unit,
    "value": types.CompletionItemKind.Variable,
    "word": types.CompletionItemKind.Constant,
}
_SYMBOLS = {
    "let": types.SymbolKind.Constant,
    "param": types.SymbolKind.Variable,
    "def": types.SymbolKind.Function,
    "shape": types.SymbolKind.Function,
    "target": types.SymbolKind.Property,
    "run": types.SymbolKind.Event,
}


def hover(document: Document, position: types.Position) -> types.Hover | None:
    """What is known of what stands at a place."""
    offset, one = document.asked(position)
    found = one.hover(offset) if one is not None else None
    if found is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, found.markdown)
    return types.Hover(content, document.positions.range(found.start, found.end))


def completion(
    document: Document, position: types.Position, trigger: str | None
) -> types.CompletionList:
    """What may be written at a place, the likeliest first.

    Args:
        document: the document.
        position: the place.
        trigger: the character that asked for it; None if a person did.
    """
    offset, one = document.asked(position)
    before = document.whole[:offset].rstrip(" ")
    if one is None or (trigger == " " and not before.endswith(_OPEN)):
        return types.CompletionList(False, [])
    found = enumerate(one.completions(offset))
    return types.CompletionList(False, [_item(document, k, each, offset) for k, each in found])


def _item(document: Document, number: int, found: Completion, offset: int) -> types.CompletionItem:
    documentation = found.documentation
    return types.CompletionItem(
        found.label,
        kind=_COMPLETIONS[found.kind],
        detail=found.detail or None,
        documentation=(
            types.MarkupContent(types.MarkupKind.Markdown, documentation) if documentation else None
        ),
        sort_text=f"{number:04}",
        text_edit=types.TextEdit(document.positions.range(found.start, offset), found.label),
    )


def signature(document: Document, position: types.Position) -> types.SignatureHelp | None:
    """The signature of the call that a place is in."""
    offset, one = document.asked(position)
    found = one.signature(offset) if one is not None else None
    if found is None:
        return None
    places: list[types.ParameterInformation] = []
    after = found.label.index("(") + 1
    for parameter in found.parameters:
        start = found.label.index(parameter, after)
        after = start + len(parameter)
        places.append(types.ParameterInformation((start, after)))
    about = types.MarkupContent(types.MarkupKind.Markdown, found.about)
    shown = types.SignatureInformation(found.label, about, places, found.active)
    return types.SignatureHelp([shown], 0, found.active)


def definition(document: Document, position: types.Position) -> types.Location | None:
    """Where the name at a place is defined; that may be in the library."""
    offset, one = document.asked(position)
    found = one.definition(offset) if one is not None else None
    if found is None:
        return None
    if not found.is_library:
        return _location(document, found)
    if document.is_library or not LIBRARY.is_file():  # it may lie in an archive
        return None
    uri = from_fs_path(str(LIBRARY))
    positions = Positions(files.of_package(LIBRARY.name))
    return types.Location(uri or "", positions.range(found.start, found.end))


def renamable(document: Document, position: types.Position) -> types.Range | None:
    """The name at a place, if it can have another one."""
    offset, one = document.asked(position)
    found = one.renamable(offset) if one is not None else None
    return document.positions.range(found.start, found.end) if found is not None else None


def references(
    document: Document, position: types.Position, *, with_definition: bool
) -> list[types.Location]:
    """Every place that has the name at a place."""
    offset, one = document.asked(position)
    if one is None:
        return []
    found = [*one.references(offset)]
    if not with_definition:
        found = [place for place in found if place != one.definition(offset)]
    return [_location(document, place) for place in found]


def _location(document: Document, found: Location) -> types.Location:
    return types.Location(document.uri, document.positions.range(found.start, found.end))


def symbols(document: Document) -> list[types.DocumentSymbol]:
    """The statements that have a name."""
    return [
        types.DocumentSymbol(
            symbol.name,
            _SYMBOLS[symbol.keyword],
            document.positions.range(symbol.start, symbol.end),
            document.positions.range(symbol.name_start, symbol.name_end),
            detail=symbol.keyword,
        )
        for one in document.reading.schedules
        for symbol in one.symbols
    ]


def hints(document: Document, asked: types.Range) -> Iterator[types.InlayHint]:
    """A remark after each part in a range; none unless the client has set that."""
    if not document.settings.inlay_hints:
        return
    first, last = map(document.positions.offset, (asked.start, asked.end))
    for one in document.reading.schedules:
        for hint in one.hints:
            if first <= hint.offset <= last:
                place = document.positions.position(hint.offset)
                yield types.InlayHint(place, hint.label, padding_left=True)

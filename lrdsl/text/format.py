"""The only layout of a text, as `lrdsl fmt` writes it. There are no options.

A statement stands on one line, or is broken before each `>>`; numbers and parentheses stay as they
were written, comments beside what they stood beside, and up to one blank line where there was one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrdsl.text.format_tokens import (
    Bracket,
    Comment,
    Item,
    Piece,
    comments,
    flattened,
    nested,
    on_one_line,
    pieces,
    split,
    tidy,
)
from lrdsl.text.line_breaking import STEP, WIDTH, Writer, lay
from lrdsl.text.nodes import Module

_DEFINES = ("DEF", "SHAPE")


def formatted(module: Module) -> str:
    r"""The text of a module as it is to be laid out.

    Args:
        module: a whole text that parsed.

    >>> from lrdsl.text.parse import parse_module
    >>> from lrdsl.text.source import Source
    >>> module, _ = parse_module(Source("a.lrs", "let x=.5 warmup(5)>>cosine( 20,x ,) # c"))
    >>> formatted(module)
    'let x = .5\nwarmup(5) >> cosine(20, x)  # c\n'
    """
    text = module.source.text
    run = pieces(text)
    starts = [statement.span.start for statement in module.written]
    left = _attach(comments(text), run, starts, text)
    statements = _statements(run, starts)
    # Comments between statements, and the statements, in the order of the text.
    blocks: list[tuple[int, int, list[str]]] = [
        (comment.start, comment.start + len(comment.text), [comment.text]) for comment in left
    ]
    for own in statements:
        blocks.append((own[0].start, _end(text, own[-1]), _lines(tidy(own))))
    return "".join(_joined(text, sorted(blocks, key=lambda block: block[0])))


def _statements(run: Sequence[Piece], starts: Sequence[int]) -> list[list[Piece]]:
    """The pieces of each statement."""
    found: list[list[Piece]] = []
    pending = list(starts)
    for piece in run:
        if pending and piece.start >= pending[0]:
            pending.pop(0)
            found.append([])
        found[-1].append(piece)
    return found


def _attach(
    found: Sequence[Comment], run: Sequence[Piece], starts: Sequence[int], text: str
) -> list[Comment]:
    """Gives comments to the pieces beside which they stand.

    Returns:
        Those that stand between statements.
    """
    left: list[Comment] = []
    first = set(starts)
    i = 0
    for comment in found:
        while i < len(run) and run[i].start < comment.start:
            i += 1
        if not comment.alone and i:
            run[i - 1].after.append(comment.text)
        elif i == len(run) or run[i].start in first:
            left.append(comment)
        else:
            run[i].before.append(comment.text)
    return left


def _end(text: str, last: Piece) -> int:
    """The end of the last line of a statement, its comment included."""
    if not last.after:
        return last.end
    end = text.find("\n", last.end)
    return len(text) if end < 0 else end


def _joined(text: str, blocks: Sequence[tuple[int, int, list[str]]]) -> Iterator[str]:
    """Lines with their ends, and the blank lines between them."""
    before: int | None = None
    for start, end, lines in blocks:
        if before is not None and text.count("\n", before, start) > 1:
            yield "\n"
        yield from (line + "\n" for line in lines)
        before = end


def _lines(run: list[Piece]) -> list[str]:
    """The lines of one statement."""
    items = nested(run)
    writer = Writer()
    if run[0].kind in _DEFINES:
        _define(writer, items)
    elif run[0].kind == "RUN":
        _describe(writer, items)
    else:
        lay(writer, items, STEP)
    writer.end_line(0)
    return writer.lines


def _define(writer: Writer, items: list[Item]) -> None:
    """Writes a definition: on one line, or its head and then its body."""
    noted = any(piece.before or piece.after for piece in list(flattened(items))[:-1])
    if not noted and len(on_one_line(items)) <= WIDTH:
        writer.write(items, STEP)
        return
    head, *body = split(items, "EQUAL")
    head, *guards = split(head, "WHERE")
    equal = body[0][:1]
    together = on_one_line([*head, *(item for guard in guards for item in guard)])
    is_broken = _head(writer, head, noted)
    for guard in guards:
        if not is_broken and len(together) + 2 > WIDTH:
            writer.end_line(STEP)
        _guard(writer, guard)
    writer.write(equal, STEP)
    writer.end_line(STEP)
    lay(writer, body[0][1:], 2 * STEP)


def _describe(writer: Writer, items: list[Item]) -> None:
    """Writes a ``run``: on one line, or each of its items on a line of its own."""
    noted = any(piece.before or piece.after for piece in list(flattened(items))[:-1])
    if not noted and len(on_one_line(items)) <= WIDTH:
        writer.write(items, STEP)
        return
    word, *first = items
    writer.write([word], STEP)
    for i, item in enumerate(split(first, "COMMA")):
        comma, own = (item[:1], item[1:]) if i else ([], item)
        writer.write(comma, STEP)
        writer.end_line(STEP)
        lay(writer, own, 2 * STEP, after=1)


def _head(writer: Writer, head: list[Item], noted: bool) -> bool:
    """Writes a name and its parameters: on one line, or these on one or more of their own.

    Returns:
        True if they are on lines of their own.
    """
    *name, parameters = head
    assert isinstance(parameters, Bracket)
    fits = len(on_one_line(head)) + 2 <= WIDTH
    if noted or fits or STEP + len(on_one_line(parameters.body)) > WIDTH:
        lay(writer, head, STEP, after=2)
        return not fits
    writer.write([*name, parameters.open], STEP)
    writer.end_line(STEP)
    writer.write(parameters.body, STEP)
    writer.end_line(0)
    writer.write([parameters.close], STEP)
    return True


def _guard(writer: Writer, guard: list[Item]) -> None:
    """Writes conditions, as many on a line as fit."""
    for i, condition in enumerate(split(guard, "COMMA")):
        comma, own = (condition[:1], condition[1:]) if i else ([], condition)
        writer.write(comma, 2 * STEP)
        if i and len(on_one_line(own)) + 2 > writer.room(next(flattened(own))):
            writer.end_line(2 * STEP)
        writer.write(own, STEP)

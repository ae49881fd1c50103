"""rich highlights schedules, as it asks Pygments for the lexer of their name."""

from __future__ import annotations

from rich.syntax import Syntax


def test_rich_highlights_a_schedule() -> None:
    shown = Syntax("warmup(5) >> const  # climb", "lrs", background_color="default")
    text = shown.highlight(shown.code)
    assert text.plain == "warmup(5) >> const  # climb\n"
    styles = {text.plain[span.start : span.end]: str(span.style) for span in text.spans}
    # A text without a lexer has one style throughout.
    assert len({styles[piece] for piece in ("warmup", "5", ">>", "# climb")}) == 4

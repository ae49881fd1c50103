"""Letters of other alphabets that look like those of the language.

Loaded only to report one. The list holds the letters of Greek and Cyrillic that most typefaces draw
like a Latin one (a part of Unicode's confusables, UTS 39); letters that are Latin ones in another
style, such as full-width ones, Unicode itself says how to fold (NFKC).
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = {
    "\u0430": "a", "\u0441": "c", "\u0501": "d", "\u0435": "e", "\u04bb": "h", "\u0456": "i",
    "\u0458": "j", "\u04cf": "l", "\u043e": "o", "\u0440": "p", "\u051b": "q", "\u0455": "s",
    "\u051d": "w", "\u0445": "x", "\u0443": "y", "\u0410": "A", "\u0412": "B", "\u0421": "C",
    "\u0415": "E", "\u041d": "H", "\u0406": "I", "\u0408": "J", "\u041a": "K", "\u041c": "M",
    "\u041e": "O", "\u0420": "P", "\u0405": "S", "\u0422": "T", "\u0425": "X", "\u0423": "Y",
}  # fmt: skip
_GREEK = {
    "\u03b1": "a", "\u03b9": "i", "\u03ba": "k", "\u03bf": "o", "\u03c1": "p", "\u03c5": "u",
    "\u03bd": "v", "\u03c9": "w", "\u0391": "A", "\u0392": "B", "\u0395": "E", "\u0396": "Z",
    "\u0397": "H", "\u0399": "I", "\u039a": "K", "\u039c": "M", "\u039d": "N", "\u039f": "O",
    "\u03a1": "P", "\u03a4": "T", "\u03a5": "Y", "\u03a7": "X",
}  # fmt: skip
_LATIN = {"\u0131": "i", "\u0251": "a", "\u0261": "g"}
_TABLE = str.maketrans(_CYRILLIC | _GREEK | _LATIN)


def latin(word: str) -> str | None:
    r"""The word that a word with letters of other alphabets looks like; None if there is none.

    >>> latin("\u0441osine")
    'cosine'
    """
    found = unicodedata.normalize("NFKC", word).translate(_TABLE)
    return found if found != word and found.isascii() and found.isidentifier() else None

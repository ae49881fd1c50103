"""Why some changes to the code are noticed by no test: reasons, each with patterns of changes.

A pattern is searched for in ``path function: before => after``, as ``docs/mutation.md`` has them.
"""

from __future__ import annotations

REASONS: dict[str, tuple[str, ...]] = {
    "`strict=` says what holds already: both sides are made of the same things": (r"strict=",),
    "Runs when the module is imported, before mutmut changes it": (
        r"functions\.py _(one|fold|numpy):",
    ),
    "What is reported already: the text is refused, whatever is made of the rest": (
        r"=> .*unknown",
        r"[=!]= '(XXunknownXX|UNKNOWN)'",
        r"if '(unknown|XXunknownXX|UNKNOWN)' in kinds|=> if 'unknown' not in kinds",
        r"(good|broken) = (True|False) =>",
        r"good and|=> good or",
        r"if None in (found|items|formulas|numbers)",
        r"_counted: return False",
    ),
    "Only the cost changes: what is kept, and what is looked at though it need not be": (
        r"kernel\.py (Kernel\.(__init__|at|degrees|_code)|_shared|_operations|_is_whole):",
        r"check_bases:",
        r"_without_torn: .*len\(kept\)",
        r"close_matches",
        r"spend\(",
        r"_operations: .*arguments",
        r"_times: .* and False",
    ),
    "Numbers that only have to differ from each other": (r"(_count|meters|reported) (\+=|=) ",),
    "Nobody sees it: words of an error that is caught, a name that is not shown": (
        r"functions\.py (_pick|_interpolate|_pow)\b",
        r"natives\.py _plateau: .*'plateau'",
        r"times\(-1, None\)",
    ),
    "The same to Python: a default that is what was passed, None for False": (
        r"(only|named) = False => (only|named) = None",
        r"surrogatepass",
        r"ConstantLR\(",
        r"zip\(places, arguments\)",
        r"order = \(",
        r"keywords\.get",
    ),
    "Comes to the same number: a rate of 0 times anything, infinity less anything": (
        r"_scaled: .*2\.0",
        r"Meter\.better: .*1\.0",
        r"Plan\.go: value = -1\.0",
    ),
    "Nothing reaches it: no text, no state and no documentation of the library is so": (
        r"operators\.py _reason: return ''",
        r"operators\.py _refuse: help = ''",
        r"_length: .*>= _EXACT",
        r"change\.py _label",
        r"library\.py (_systems|elsewhere)",
        r"counted\.py .*calls <",
        r"sequential_lr\.py _steps: if every",
    ),
}

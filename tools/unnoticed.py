"""Why some changes to the code are noticed by no test: reasons, each with patterns of changes.

A pattern is searched for in ``path function: before => after``, as ``docs/mutation.md`` has them.
"""

from __future__ import annotations

REASONS: dict[str, tuple[str, ...]] = {
    "`strict=` says what holds already: both sides are made of the same things": (r"strict=",),
    "Runs when the module is imported, before mutmut changes it": (
        r"functions\.py _(one|fold|numpy|interpolate_array|pick_array):",
    ),
    "What is reported already: the text is refused, whatever is made of the rest": (
        r"=> .*unknown",
        r"[=!]= '(XXunknownXX|UNKNOWN)'",
        r"(good|broken) = (True|False) =>",
        r"good and|=> good or",
        r"if None in (found|items|formulas|numbers)",
        r"_counted: return False",
        r"_plateau: if None in",
        r"(no-value|''\)) => ",
    ),
    "What is kept, and what is looked at though it need not be: only the cost changes": (
        r"kernel\.py (Kernel\.(__init__|at|degrees|_code|__code)|_shared|_operations|_is_whole):",
        r"check_bases:",
        r"_without_torn: .*len\(kept\)",
        r"close_matches",
        r"_first: key = ",
        r"spend\(",
        r"_(KEPT|SEARCHED|MANY_NAMES|A_PART)",
        r"dict\.fromkeys",
    ),
    "Numbers that only have to differ from each other": (
        r"(_count|meters|reported|_work) ?[-+]?= ?\d?",
        r"size = 1$",
    ),
    "Nobody sees it: words of an error that is caught, a name that is not shown": (
        r"functions\.py (_pick|_interpolate|_pow)\b",
        r"natives\.py _plateau: .*'plateau'",
        r"'plateau'",
    ),
    "The same to Python: a default that is what was passed, None for False": (
        r"(only|named) = False => (only|named) = None",
        r"surrogatepass",
        r"ConstantLR\(",
        r"zip\(places, arguments\)",
        r"_brief|_shown: if len",
        r"calls (<=? ?[12])",
        r"calls < 1",
    ),
    "A bound at which both sides give the same": (
        r"(<|<=|>|>=|==|!=) [\w.]+[):]* ?.*=> .*(<|<=|>|>=|==|!=) [\w.]+",
    ),
}

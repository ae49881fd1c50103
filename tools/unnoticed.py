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
        r"\{'function', '(XXunknownXX|UNKNOWN)'\}",
        r"(good|broken) = (True|False) =>",
        r"(coerce|natives|calls)\.py .*if None in (found|items|formulas|numbers)",
        r"self\.reported -= 1",
        r"_counted: return False",
        r"_bounds: rest = 0",
        r"_aim: return Aim\(target\.name, selector, span\)",
        r"_wanted: .*place < len\(names\) else 'XXXX'",
        r"_wanted: .*known\.get",
    ),
    "The same to Python: a default that is what was passed, None for False, a list of floats": (
        r"(only|named) = False => (only|named) = None",
        r"(broken|wrong) = False => (broken|wrong) = None",
        r"surrogatepass",
        r"ConstantLR\(",
        r"'def' if known else '(XXletXX|LET)'",
        r"=> .*warn\(\w+, (None, )?stacklevel",
        r"np\.asarray\((xs|ys|values)",
    ),
    "mutmut calls what it changes through a function of its own, and so do warnings": (
        r"stacklevel=",
    ),
    "Only another version of Python comes to it": (r"type_params|TYPE_PARAMS|\*\*empty",),
    "Only the cost changes: what is kept, and what is looked at though it need not be": (
        r"Kernel\.(at|degrees|_code): (found = |if len)",
        r"kernel\.py (_shared|_operations):",
        r"_module: .*uses\.count",
        r"_is_whole: .*=> .*value in range",
        r"_expression: .*=> .*'XX\^XX' and _is_whole",
        r"check_bases:",
        r"_in_doubt: .*=> (return True|.*<= float|.*'INF')",
        r"_without_torn: .*len\(kept\)",
        r"close_matches",
        r"spend: if self\._work >",
        r"Layout\.__init__: self\._work",
        r"_formula: if \{'u', 'v'\} & ",
        r"_identity: ",
        r"build: if len\(optimizer\.param_groups\) > 1",
        r"_operations: .*49 \*",
        r"Plan\.bind: .*_only",
        r"Plan\.(go|evaluate): .*=> if not (1\.0 <=|0\.0 <) value",
        r"assign: if len\(ordered\)",
        r"ScheduleLR\.(step|_write): if groups is not plan\.groups",
    ),
    "Numbers and keys that only have to differ from each other": (
        r"(self\._count|meters|reported) [-+]?= ",
        r"parameter_uses: key = ",
    ),
    "Nobody sees it: words of an error that is caught, a name that is not shown": (
        r"functions\.py (_pick|_interpolate|_pow)\b",
        r"natives\.py _plateau: .*nstant\(checker, arguments",
        r"times\(-1, None\)",
        r"_guarded: .*shapes\.uses",
    ),
    "Comes to the same number: a rate of 0 times anything, infinity less anything": (
        r"_scaled: .*2\.0",
        r"Meter\.better: .*1\.0",
        r"Plan\.go: value = -1\.0 => value = -2\.0",
        r"Apply\.of: size, depth",
        r"Layout\._constant: return Leaf",
        r"_interpolate_array: .*np\.searchsorted|_interpolate_array: ip\(",
    ),
    "Nothing reaches it: no text, no state and no documentation of the library is so": (
        r"operators\.py _reason: return ''",
        r"operators\.py _refuse: help = ''",
        r"_length: .*>= _EXACT",
        r"change\.py _label: .*'XXXX'",
        r"library\.py (_systems|elsewhere|example)",
        r"counted\.py .*calls <",
        r"_bare: if amount < 1:",
    ),
}

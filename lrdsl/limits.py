"""The limits of the language, all in one place.

Text is untrusted. Each limit has a diagnostic that names it, and together they keep the work that
any text can cause in proportion to its size; ``docs/reference/language.md`` lists them under
"Limits".
"""

from __future__ import annotations

# Characters of a text; of one word, number or name of a group.
CHARACTERS = 4_000_000
WORD = 200
# Words, numbers and signs of a text.
TOKENS = 50_000
# Expressions inside each other: brackets, operations, and what definitions make of them.
DEPTH = 100
# Items of a list, arguments of a call, parameters of a definition.
ITEMS = 10_000
# Digits of a number, and the size of its exponent.
DIGITS = 40
EXPONENT = 308
# Digits of a length that is worked out exactly, on either side of its fraction.
EXACT_DIGITS = 1_000
# Steps of a length: beyond it a step number is no longer exact as a float.
STEPS = 2**53
# Parts of a program and operations of a formula, once its definitions are written out. A part
# whose formulas and lists are longer than this many operations counts for several.
PARTS = 5_000
FORMULA = 10_000
OPERATIONS_A_PART = 256
# Schedules of one program: what it drives, by hyperparameter and groups.
TARGETS = 1_000
# Schedules that its selectors with captures stand for, one for each set of numbers.
EXPANSIONS = 1_000
# Cycles of one `repeat` that are of different lengths.
CYCLES = 10_000
# Expressions evaluated while definitions are written out, and parts laid out for a run.
WORK = 40_000
# Errors that are reported of one text.
ERRORS = 100

"""The thresholds of lints. The page of each lint explains its number."""

from __future__ import annotations

# Two values that differ by less than this share of the larger one are the same to a reader.
NEAR = 0.01

# high-rate: the largest published rates are about 40 (linear probes, LARS); nothing trains at this.
ABSURD_RATE = 100.0
# high-rate: so many times the optimizer's own rate. A peak of 0.4 over the default of 1e-3 is less.
FAR_ABOVE_BASE = 500.0
# high-rate: a peak of exactly 1 over a rate so much lower was meant as a factor.
FACTOR_OF_ONE = 100.0
# low-rate: the largest share of `base` that a schedule of all groups can hardly mean as its peak.
FAR_BELOW_BASE = 0.01
# low-rate: a plain number so far below the optimizer's rate was meant as the end of a decay.
END_FOR_START = 1e-3
# low-rate: the rate of torch's optimizers that are built without one.
DEFAULT_RATE = 1e-3

# early-changes, short-cycles: what is over in the first hundredth of a run, or comes a hundred
# times, was counted in a wrong unit.
EARLY = 0.01
# early-changes, repeated-warmup: below this share of its peak a rate trains nothing.
VANISHED = 1e-4

# sum-of-rates: how far a sum may rise above its higher side, as over a small floor.
SUM = 1.1

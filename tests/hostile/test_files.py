"""Whatever a log or a config holds, there is an answer: damaged ones, and what fuzzing found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import config, log, seeds

FOUND = Path(__file__).parent / "found"
pytestmark = pytest.mark.timeout(200)


@st.composite
def damaged(draw: st.DrawFn, target: str) -> bytes:
    """The beginning of a file, some of its bytes replaced by others, or by bytes of its own."""
    data = draw(st.sampled_from([*seeds(target)]))
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted(draw(st.tuples(*[st.integers(1, len(data))] * 2)))
        first, last = sorted(draw(st.tuples(*[st.integers(1, len(data))] * 2)))
        other = draw(st.one_of(st.binary(max_size=4), st.just(data[first:last])))
        data = data[:start] + other + data[end:]
    return data


@given(damaged("log"))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_log_is_audited_or_refused(data: bytes) -> None:
    log(data)


@given(damaged("config"))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_config_is_analyzed(data: bytes) -> None:
    config(data)


@pytest.mark.parametrize("target", [log, config])
def test_what_the_fuzzer_found_is_answered(target: Callable[[bytes], None]) -> None:
    for path in sorted(FOUND.glob(f"*.{target.__name__}")):
        target(path.read_bytes())

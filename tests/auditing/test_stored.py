"""Audits of the stored logs of real runs: good ones, and each mistake by the package it is of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

from lrdsl.auditing.reasons import REASONS
from tests.auditing.stored import LOGS, MANIFEST, Stored, stored

STORED = stored()
FILES = [path for path in sorted(LOGS.rglob("*")) if path.is_file()]
# What would tell where, when and by whom a log was made.
TELLING = {
    "a path": rb"(?<![\w.])/(home|root|tmp|Users|var|work|mnt|data|usr|opt)\b|[A-Z]:\\",
    "an address": rb"\w@\w|\b\d+\.\d+\.\d+\.\d+\b|localhost",
    "a time": rb"\b1[6-9]\d{8}(\d{3})?\b|\b20[2-9]\d-\d\d-\d\d",
    "a name": rb"(?i)user_?name|host_?name|user_id",
}


@pytest.mark.parametrize("one", STORED, ids=repr)
def test_a_mistake_is_named_and_a_good_run_is_not_accused(one: Stored, tmp_path: Path) -> None:
    assert one.wrong(one.audit(tmp_path)) == ""


def test_every_reason_was_made_by_a_real_run() -> None:
    assert {one.mistake for one in STORED} - {""} == set(REASONS)


def test_every_system_has_a_good_run() -> None:
    folders = {Path(one.log).parent for one in STORED}
    assert {Path(one.log).parent for one in STORED if not one.mistake} == folders
    assert len(folders) > 6


def test_the_list_is_of_what_is_there() -> None:
    listed = {LOGS / one.log for one in STORED}
    beside = {LOGS / "README.md", LOGS / "sft.lrs", MANIFEST}
    assert listed | beside == set(FILES)


def test_the_logs_are_small() -> None:
    sizes = [path.stat().st_size for path in FILES]
    assert max(sizes) < 20_000
    assert sum(sizes) < 300_000


@pytest.mark.parametrize("what", TELLING)
def test_nothing_tells_where_a_log_was_made(what: str) -> None:
    found = {path.name: re.findall(TELLING[what], path.read_bytes()) for path in FILES}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_a_log_that_tells_would_be_noticed() -> None:
    telling = b'{"dir": "/home/ada/x", "host": "ada@box", "time": 1785000000.5, "user_id": 1}'
    assert all(re.search(pattern, telling) for pattern in TELLING.values())


def test_event_files_hold_no_time() -> None:
    files = [path for path in FILES if path.suffix == ".tfevents"]
    assert files
    for path in files:
        events = list(LegacyEventFileLoader(str(path)).Load())
        assert len(events) > 100
        assert {event.wall_time for event in events} == {0}
        assert not any(event.HasField("source_metadata") for event in events)

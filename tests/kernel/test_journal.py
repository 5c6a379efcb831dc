"""The journal: answers in order, refuses what does not belong, stores on time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eigen.errors import EigenError
from eigen.kernel.journal import Journal
from eigen.qfs.store import JournalEntry

if TYPE_CHECKING:
    from collections.abc import Sequence


class Store:
    def __init__(self) -> None:
        self.entries: list[JournalEntry] = []
        self.appends = 0

    def append(self, entries: Sequence[JournalEntry]) -> None:
        self.entries.extend(entries)
        self.appends += 1


def no_answer(key: str) -> Any:
    raise AssertionError("a recorded evaluation must not be performed again")


def test_recorded_answers_come_back_without_performing() -> None:
    store = Store()
    first = Journal([], store.append, clock=lambda: 0.0, immediate=True)
    keys: list[str] = []
    for number in range(3):
        assert first.ask({"n": number}, lambda key, n=number: keys.append(key) or [n, 0.1]) == [number, 0.1]
    second = Journal(store.entries, store.append, clock=lambda: 0.0)
    assert second.replaying
    for number in range(3):
        assert second.ask({"n": number}, no_answer) == [number, 0.1]
    assert not second.replaying
    assert second.position == 3
    assert len(set(keys)) == 3


def test_equal_requests_have_their_own_keys() -> None:
    journal = Journal([], lambda entries: None, clock=lambda: 0.0)
    keys: list[str] = []
    for _ in range(2):
        journal.ask({"n": 1}, keys.append)
    assert keys[0] != keys[1]


def test_another_request_is_a_mismatch() -> None:
    store = Store()
    Journal([], store.append, clock=lambda: 0.0, immediate=True).ask({"shots": 10}, lambda key: 1)
    again = Journal(store.entries, store.append, clock=lambda: 0.0)
    with pytest.raises(EigenError) as caught:
        again.ask({"shots": 11}, no_answer)
    assert caught.value.code == "EIGEN_RUN_JOURNAL_MISMATCH"


def test_gaps_are_a_mismatch() -> None:
    with pytest.raises(EigenError) as caught:
        Journal([JournalEntry(1, "k", 0)], lambda entries: None, clock=lambda: 0.0)
    assert caught.value.code == "EIGEN_RUN_JOURNAL_MISMATCH"


def test_entries_are_stored_about_once_a_second_and_the_first_ones_sooner() -> None:
    store, now = Store(), [0.0]
    journal = Journal([], store.append, clock=lambda: now[0])
    early = 0
    for number in range(1000):
        now[0] = number * 0.05
        journal.ask(number, lambda key: None)
        early = store.appends if now[0] < 0.25 else early
    assert early >= 1
    assert 46 <= store.appends <= 54
    journal.flush()
    assert [entry.index for entry in store.entries] == list(range(1000))


def test_metered_devices_store_each_entry_at_once() -> None:
    store = Store()
    journal = Journal([], store.append, clock=lambda: 0.0, immediate=True)
    for number in range(5):
        journal.ask(number, lambda key: None)
        assert len(store.entries) == number + 1


def test_a_failed_evaluation_is_not_recorded() -> None:
    store = Store()
    journal = Journal([], store.append, clock=lambda: 0.0, immediate=True)

    def fail(key: str) -> Any:
        raise EigenError("EIGEN_DEVICE_FAILED", "no")

    with pytest.raises(EigenError):
        journal.ask(1, fail)
    journal.flush()
    assert store.entries == []
    assert journal.position == 0

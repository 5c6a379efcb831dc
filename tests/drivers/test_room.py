"""Memory that simulations share: what fits runs beside others, what does not waits."""

from __future__ import annotations

import threading

import pytest

from eigen import _core
from eigen.drivers import native, room
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.room import Room
from eigen.types import SampleWork

WAIT = 30.0


class Tenant:
    """Holds some room in a thread until it is told to leave."""

    def __init__(self, shared: Room, size: int) -> None:
        self.inside, self._leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._stay, args=(shared, size))
        self._thread.start()

    def _stay(self, shared: Room, size: int) -> None:
        with shared.hold(size):
            self.inside.set()
            self._leave.wait(WAIT)

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(WAIT)


@pytest.fixture(autouse=True)
def _everything_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SMALL_BYTES", 10)


def test_what_does_not_fit_waits_and_what_fits_does_not() -> None:
    shared = Room(100)
    first, second = Tenant(shared, 70), Tenant(shared, 40)
    assert first.inside.wait(WAIT) or second.inside.wait(WAIT)
    small = Tenant(shared, 20)
    assert small.inside.wait(WAIT)
    assert first.inside.is_set() != second.inside.is_set()
    inside, outside = (first, second) if first.inside.is_set() else (second, first)
    inside.leave()
    assert outside.inside.wait(WAIT)
    outside.leave()
    small.leave()


def test_what_is_larger_than_all_of_it_runs_alone() -> None:
    shared = Room(100)
    giant = Tenant(shared, 1000)
    assert giant.inside.wait(WAIT)
    other = Tenant(shared, 11)
    with shared.hold(9):  # too little to count
        assert not other.inside.is_set()
    giant.leave()
    assert other.inside.wait(WAIT)
    other.leave()


def test_the_native_device_takes_room_for_its_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "memory_limit_bytes", lambda: 4096)
    driver = NativeDriver()
    driver.initialize({})
    circuit = _core.CircuitBuilder(5, 5).build().measure_all()
    held = Tenant(driver._room, 4000)
    assert held.inside.wait(WAIT)
    done = threading.Event()

    def work() -> None:
        driver.execute_circuit(STATEVECTOR, SampleWork(circuit, (), 1, 1))
        done.set()

    running = threading.Thread(target=work)
    running.start()
    assert not done.wait(0.1)
    held.leave()
    assert done.wait(WAIT)
    running.join(WAIT)

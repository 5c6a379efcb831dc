"""Probes of modes: a device that is wrong in one place is not used, and the error names the probe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eigen.drivers.gaussian import GAUSSIAN, GaussianDriver
from eigen.drivers.in_process import InProcessDriver
from eigen.drivers.options import refuse_unknown
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import ModeOperation, Modes
from eigen.types import ModesWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.types import Work


class Wrong(GaussianDriver):
    """Does other operations than it was asked for, or answers otherwise."""

    def __init__(
        self,
        change: Callable[[ModeOperation], ModeOperation] = lambda operation: operation,
        answer: Callable[[float], float] = lambda value: value,
        known: bool = False,
    ) -> None:
        super().__init__()
        self._change, self._answer, self._known = change, answer, known

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        assert isinstance(work, ModesWork)
        operations = [self._change(operation) for operation in work.modes.operations]
        modes = Modes(work.modes.num_modes, operations, work.modes.observables)
        options = {} if self._known else work.options
        found = super().execute_circuit(device_id, replace(work, modes=modes, options=options))
        return replace(found, series=tuple(map(self._answer, found.series or ())))


def other(**factors: float) -> Callable[[ModeOperation], ModeOperation]:
    """Parameters times a factor."""

    def change(operation: ModeOperation) -> ModeOperation:
        params: dict[str, Any] = {name: factors.get(name, 1.0) * value for name, value in operation.params.items()}
        return ModeOperation(operation.name, operation.modes, params)

    return change


def swapped(operation: ModeOperation) -> ModeOperation:
    return ModeOperation(operation.name, tuple(reversed(operation.modes)), operation.params)


def mirrored(operation: ModeOperation) -> ModeOperation:
    return ModeOperation(operation.name, tuple((mode + 1) % 2 for mode in operation.modes), operation.params)


@pytest.mark.parametrize(
    ("driver", "name"),
    [
        (Wrong(swapped), "mode_order"),
        (Wrong(other(phi=-1.0)), "mode_order"),
        (Wrong(other(theta=2.0)), "mode_order"),
        (Wrong(other(theta=-1.0)), "mode_order"),
        (Wrong(other(), lambda value: value / 2), "mode_order"),
        (Wrong(lambda operation: operation if operation.name != "SQUEEZE" else mirrored(operation)), "squeezing"),
        (Wrong(lambda operation: operation if operation.name != "SQUEEZE" else other(r=-1.0)(operation)), "squeezing"),
        (
            Wrong(lambda operation: operation if operation.name != "SQUEEZE" else other(phi=-1.0)(operation)),
            "squeezing",
        ),
        (Wrong(known=True), "option_refusal"),
    ],
)
def test_a_device_that_is_wrong_in_one_place_is_not_used(driver: Wrong, name: str) -> None:
    with pytest.raises(EigenError) as caught:
        probe(driver, GAUSSIAN)
    assert caught.value.code == "EIGEN_DRIVER_REJECTED"
    assert caught.value.details["probe"] == name


def test_one_that_is_right_passes() -> None:
    probe(GaussianDriver(), GAUSSIAN)


COUNTER = replace(GAUSSIAN, gates=("FOCK", "BEAMSPLITTER", "PHOTONS"), properties={"observables": []})


class Counter(InProcessDriver):
    """Draws photons, and nothing else: the modes of a beamsplitter are exchanged."""

    name = "counter"
    version = "1"

    def __init__(self, *, backwards: bool) -> None:
        super().__init__()
        self.devices = (COUNTER,)
        self._backwards = backwards

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        assert isinstance(work, ModesWork)
        refuse_unknown(work.options, (), where=device_id)
        held = [0.0] * work.modes.num_modes
        row: list[float] = []
        for item in work.modes.operations:
            if item.name == "FOCK":
                held[item.modes[0]] = float(str(item.params["n"]))
            elif item.name == "BEAMSPLITTER":
                first, second = item.modes
                held[first], held[second] = held[second], held[first]
            else:
                row = [held[mode] for mode in (sorted(item.modes) if self._backwards else item.modes)]
        return WorkResult(samples=tuple(row) * (work.shots or 0))


def test_one_that_only_counts_photons_is_asked_for_those() -> None:
    probe(Counter(backwards=False), COUNTER)
    with pytest.raises(EigenError) as caught:
        probe(Counter(backwards=True), COUNTER)
    assert caught.value.details["probe"] == "photon_order"


def test_one_that_can_be_asked_nothing_is_not_used() -> None:
    with pytest.raises(EigenError, match="unproved"):
        probe(GaussianDriver(), replace(GAUSSIAN, gates=("KERR",)))

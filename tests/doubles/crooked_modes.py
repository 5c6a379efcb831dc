"""Devices of modes with one fault each, one for every check of modes of the conformance kit."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any

from doubles.fock_driver import FockDriver
from eigen._core import Affine
from eigen.drivers.gaussian import GaussianDriver
from eigen.drivers.in_process import InProcessDriver
from eigen.errors import EigenError
from eigen.ir.modes import ModeOperation, Modes
from eigen.types import ModesWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.types import Device, Json, Work

    Before = Callable[[ModesWork], ModesWork]
    After = Callable[[ModesWork, WorkResult], WorkResult]


class CrookedModes(InProcessDriver):
    """The native Gaussian device, or one with photons, with a fault before the work and one after it."""

    name = "crooked"
    version = "1"

    def __init__(
        self,
        *,
        before: Before = lambda work: work,
        after: After = lambda _work, result: result,
        device: Callable[[Device], Device] = lambda device: device,
        photons: bool = False,
    ) -> None:
        super().__init__()
        self._engine = FockDriver() if photons else GaussianDriver()
        self._before, self._after = before, after
        self.devices = (device(self._engine.devices[0]),)

    def initialize(self, config: Mapping[str, Json]) -> None:
        for name in config:
            raise EigenError("EIGEN_DEVICE_OPTION", f"`crooked` has no setting `{name}`")

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.known(device_id)
        if not isinstance(work, ModesWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` runs no circuits")
        return self._after(work, self._engine.execute_circuit(device_id, self._before(work)))


def _operations(change: Callable[[ModeOperation], ModeOperation]) -> Before:
    def before(work: ModesWork) -> ModesWork:
        changed = [change(item) for item in work.modes.operations]
        return replace(work, modes=Modes(work.modes.num_modes, changed, work.modes.observables))

    return before


def _other(name: str, word: str, change: Callable[[Any], Any]) -> Before:
    """Another value of a parameter of one operation."""
    return _operations(
        lambda item: (
            ModeOperation(item.name, item.modes, {**item.params, word: change(item.params[word])})
            if item.name == name
            else item
        )
    )


def _next_mode(work: ModesWork) -> ModesWork:
    number = work.modes.num_modes
    return _operations(
        lambda item: ModeOperation(item.name, tuple((mode + 1) % number for mode in item.modes), item.params)
    )(work)


def _stray_light(work: ModesWork) -> ModesWork:
    if work.modes.num_modes != 4:
        return work
    light = ModeOperation("DISPLACE", (0,), {"r": 0.01})
    return replace(work, modes=Modes(4, [light, *work.modes.operations], work.modes.observables))


def _times(**factors: float) -> After:
    """Values of some kinds of observables times a factor."""

    def after(work: ModesWork, result: WorkResult) -> WorkResult:
        if result.series is None:
            return result
        kinds = [one.kind for one in work.modes.observables]
        found = [value * factors.get(kind, 1.0) for kind, value in zip(kinds, result.series, strict=True)]
        return replace(result, series=tuple(found))

    return after


def _samples(change: Callable[[ModesWork, tuple[float, ...]], tuple[float, ...]]) -> After:
    return lambda work, result: (
        result if result.samples is None else replace(result, samples=change(work, result.samples))
    )


def _deaf(item: ModeOperation) -> ModeOperation:
    """Without the outcomes that it waits for."""
    params = {name: value.constant if isinstance(value, Affine) else value for name, value in item.params.items()}
    return ModeOperation(item.name, item.modes, params)


def _dark_when_wide(work: ModesWork) -> ModesWork:
    if work.modes.num_modes < 128:
        return work
    return replace(work, modes=Modes(work.modes.num_modes, [], work.modes.observables))


def _apart(work: ModesWork, found: tuple[float, ...]) -> tuple[float, ...]:
    """The second of two measurements is that of the shot before."""
    if [len(item.modes) for item in work.modes.operations if item.name == "PHOTONS"] != [1, 1]:
        return found
    seconds = [*found[-1:], *found[1:-1:2]]
    return tuple(value for row in zip(found[::2], seconds, strict=True) for value in row)


def _clicks(item: ModeOperation) -> ModeOperation:
    return ModeOperation("PHOTONS", item.modes) if item.name == "THRESHOLD" else item


def _without_loss(device: Device) -> Device:
    return replace(device, gates=tuple(name for name in device.gates if name != "LOSS"))


def _turned_round(value: Any) -> Any:
    return value * -1.0


CROOKED_MODES: Mapping[str, Callable[[], CrookedModes]] = {
    "modes_metadata": lambda: CrookedModes(after=lambda _work, result: replace(result, metadata={"engine": "c"})),
    "modes_order": lambda: CrookedModes(before=_next_mode),
    "modes_idle": lambda: CrookedModes(before=_stray_light),
    "modes_vacuum": lambda: CrookedModes(after=_times(variance=0.5)),
    "modes_displacement": lambda: CrookedModes(after=_times(quadrature=sqrt(0.5))),
    "modes_squeezing": lambda: CrookedModes(before=_other("SQUEEZE", "phi", _turned_round)),
    "modes_rotation": lambda: CrookedModes(before=_other("ROTATE", "phi", _turned_round)),
    "modes_beamsplitter": lambda: CrookedModes(before=_other("BEAMSPLITTER", "phi", _turned_round)),
    "modes_two_mode_squeezing": lambda: CrookedModes(before=_other("TWO_MODE_SQUEEZE", "r", _turned_round)),
    "modes_loss": lambda: CrookedModes(before=_other("LOSS", "transmissivity", sqrt)),
    "modes_thermal": lambda: CrookedModes(before=_other("THERMAL", "n", lambda value: value * 1.1)),
    "modes_patterns": lambda: CrookedModes(
        before=_other("BEAMSPLITTER", "theta", lambda value: value + 0.02), photons=True
    ),
    "modes_nonlinear": lambda: CrookedModes(before=_other("KERR", "kappa", _turned_round), photons=True),
    "modes_parameters": lambda: CrookedModes(before=lambda work: replace(work, values=work.values[::-1])),
    "modes_nonsense": lambda: CrookedModes(
        before=lambda work: replace(work, values=tuple(min(1.0, max(0.0, value)) for value in work.values))
    ),
    "modes_homodyne": lambda: CrookedModes(before=_other("HOMODYNE", "phi", _turned_round)),
    "modes_heterodyne": lambda: CrookedModes(after=_samples(lambda _w, found: tuple(2 * value for value in found))),
    "modes_photon_counts": lambda: CrookedModes(
        after=_samples(lambda _w, found: tuple(min(1.0, value) for value in found)), photons=True
    ),
    "modes_one_by_one": lambda: CrookedModes(after=_samples(_apart), photons=True),
    "modes_thresholds": lambda: CrookedModes(before=_operations(_clicks), photons=True),
    "modes_feed_forward": lambda: CrookedModes(before=_operations(_deaf)),
    "modes_seeds": lambda: CrookedModes(before=lambda work: replace(work, seed=work.seed % (1 << 32))),
    "modes_shots": lambda: CrookedModes(
        after=_samples(lambda work, found: found[: -len(work.modes.columns)] if work.shots == 999 else found)
    ),
    "modes_refusals": lambda: CrookedModes(device=_without_loss),
    "modes_options": lambda: CrookedModes(before=lambda work: replace(work, options={})),
    "modes_cutoff": lambda: CrookedModes(
        after=lambda _w, result: replace(result, metadata={**result.metadata, "norm": 1.0}), photons=True
    ),
    "modes_width": lambda: CrookedModes(before=_dark_when_wide),
}
"""The fault by the check that must find it."""

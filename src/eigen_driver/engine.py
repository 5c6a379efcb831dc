"""`Engine`: the class to write. `Device`: how it describes what it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Evolve, Expectation, Gradient, Probability, RunModes, Sample
from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver.asks import Answer, Ask, Counts, Estimate, Samples, Series


@dataclass(frozen=True)
class Device:
    """A device. `gates` are names of Eigen OS's gate table; nothing else comes in circuits but MEASURE (in the
    basis X, Y or Z), BARRIER, DELAY and GPHASE, and with the feature `dynamic` RESET and control flow.

    Features: `dynamic` (measurements, resets and conditions in the middle), `expectation`, `exact`, `gradient`,
    `evolution`, `noise` (the option `noise_model`, as `eigen_driver.noise` reads it), `seed` (the same seed gives the
    same counts), `metered` (it costs money), and beside that one
    `deduplicates` (work of one key is run once, also when this process has ended in between). A device of the feature
    `modes` runs photonic programs and no circuits: `num_qubits` are its modes, `gates` its operations on them, as in
    `eigen_driver.modes`, and the property `observables` lists those that it knows.
    """

    id: str
    name: str
    num_qubits: int
    gates: tuple[str, ...]
    features: frozenset[str] = frozenset()
    coupling: tuple[tuple[int, int], ...] = ()
    backend_type: str = "simulator"
    max_shots: int = 10_000_000
    status: str = "ONLINE"
    queue_depth: int = 0
    estimated_wait_sec: float = 0.0
    properties: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Engine:
    """One engine with its devices. Subclass it, and implement what the devices' features promise.

    Work comes one piece at a time, in one thread, unless `parallel` says more.
    """

    name = ""
    version = ""
    options: frozenset[str] = frozenset()
    """The options of work that it knows, those that are in the property `options` of a device where it has one; others
    are refused by name before it is asked."""
    parallel = 1

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load what is needed, before the first device is told. `threads` 0 means all. Refuse unknown settings."""
        for name in config:
            raise RefusedError("EIGEN_CONFIG_INVALID", f"driver `{self.name}` has no setting `{name}`", where=name)

    def devices(self) -> Sequence[Device]:
        """What there is."""
        raise NotImplementedError

    def calibrate(self, device_id: str) -> Mapping[str, Any]:
        """Measure a device and return what changed; by default there is nothing to measure."""
        return {}

    def run(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """Answer each; usually they are one circuit at several values."""
        return [self._one(device, ask) for ask in asks]

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts."""
        raise self._cannot(device, "sample")

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """An exact expectation value."""
        raise self._cannot(device, "give exact expectation values")

    def gradient(self, device: Device, ask: Gradient) -> Estimate:
        """An exact expectation value and its gradient."""
        raise self._cannot(device, "differentiate")

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """An exact probability."""
        raise self._cannot(device, "give exact probabilities")

    def evolve(self, device: Device, ask: Evolve) -> Series:
        """A time evolution."""
        raise self._cannot(device, "evolve in time")

    def run_modes(self, device: Device, ask: RunModes) -> Samples | Series:
        """What a photonic program measures, or the values of its observables."""
        raise self._cannot(device, "run photonic programs")

    def _one(self, device: Device, ask: Ask) -> Answer:
        if isinstance(ask, Sample):
            return self.sample(device, ask)
        if isinstance(ask, Expectation):
            return self.expectation(device, ask)
        if isinstance(ask, Gradient):
            return self.gradient(device, ask)
        if isinstance(ask, Probability):
            return self.probability(device, ask)
        if isinstance(ask, RunModes):
            return self.run_modes(device, ask)
        return self.evolve(device, ask)

    def _cannot(self, device: Device, what: str) -> RefusedError:
        return RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` does not {what}")

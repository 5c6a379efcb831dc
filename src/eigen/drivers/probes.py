"""Probe circuits: small, asymmetric, and run before a driver is used. They catch a reversed bit order, swapped
registers, lost idle qubits, wrong shot counts, ignored seeds and options, and claims that do not hold.

A probe that the device's gates or width cannot express is left out; a device that can express none of the
bit-order probes is refused, since nothing would be proved. On metered devices only these one-shot probes run, and where
a device rehearses, on the simulator of its rehearsals, which charges nothing. Of a
device with a calibration, which makes errors, the outcome that should be certain must be the most frequent one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, sin
from typing import TYPE_CHECKING

from eigen import _core
from eigen.drivers.mode_probes import probe_modes
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.ir import Circuit
    from eigen.types import Device, Work, WorkResult

TOLERANCE = 1e-6
TOLERANCE_F32 = 1e-4
"""Of derivatives by a device that says it computes in single precision."""
NOISY_SHOTS = 201
REHEARSAL = "rehearsal"
"""The property and the option of devices that charge, and whose driver runs their circuits on a simulator too."""
NO_SUCH_OPTION = "no_such_option"


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to a device: `run` returns a complaint, or None when the answer is right.

    It is asked when the device has every feature of `needs`; `counts_only` marks the bit-order probes.
    """

    name: str
    run: Callable[[Prober], str | None]
    needs: frozenset[str] = frozenset()
    counts_only: bool = True


class UnreachableError(Exception):
    """The device cannot express this probe."""


@dataclass(frozen=True, slots=True)
class Prober:
    """A driver and the device that is asked."""

    driver: QDriver
    device: Device
    shots: int

    def circuit(self, build: Callable[[_core.CircuitBuilder], None], width: int) -> Circuit:
        """A circuit of `width` qubits in the device's gates; raises `UnreachableError`."""
        if width > self.device.num_qubits:
            raise UnreachableError
        builder = _core.CircuitBuilder()
        build(builder)
        circuit = builder.build()
        if not self.device.gates:
            return circuit
        try:
            return _core.decompose(circuit, list(self.device.gates))
        except _core.CoreError as error:
            raise UnreachableError from error

    def run(self, work: Work) -> WorkResult:
        """The result of one piece of work; of a device that rehearses, of its rehearsal."""
        if self.device.properties.get(REHEARSAL) is True:
            work = replace(work, options={**work.options, REHEARSAL: True})
        return self.driver.execute_circuit(self.device.id, work)

    def counts(
        self, circuit: Circuit, *, values: Sequence[float] = (), shots: int = 0, seed: int = 7
    ) -> dict[str, int]:
        """The counts of a circuit."""
        result = self.run(SampleWork(circuit, tuple(values), shots or self.shots, seed))
        return {} if result.counts is None else result.counts.to_dict()

    def expect(self, circuit: Circuit, outcome: str, *, values: Sequence[float] = ()) -> str | None:
        """A complaint unless every shot gives `outcome`."""
        counts = self.counts(circuit, values=values)
        if self.is_noisy and max(counts, key=lambda bits: counts[bits], default="") == outcome:
            return None
        return (
            None if counts == {outcome: self.shots} else f"expected {{`{outcome}`: {self.shots}}}, got {_show(counts)}"
        )

    @property
    def is_noisy(self) -> bool:
        """Whether the device says that it makes errors."""
        return "calibration" in self.device.properties


def probe(driver: QDriver, device: Device) -> None:
    """Ask every probe that applies; raises EIGEN_DRIVER_REJECTED naming the first that fails."""
    if "modes" in device.features:
        failed = probe_modes(driver, device)
        if failed is not None:
            raise _rejected(driver, device, *failed)
        return
    metered = "metered" in device.features and device.properties.get(REHEARSAL) is not True
    shots = NOISY_SHOTS if "calibration" in device.properties else 7
    prober = Prober(driver, device, shots=1 if metered else shots)
    asked = 0
    for question in PROBES:
        if not question.needs <= device.features or (metered and not question.counts_only):
            continue
        try:
            complaint = question.run(prober)
        except UnreachableError:
            continue
        except EigenError as error:
            complaint = f"raised {error.code}: {error.message}"
        except Exception as error:  # a driver may raise anything; a probe turns it into a verdict
            complaint = f"raised {type(error).__name__}: {error}"
        if complaint:
            raise _rejected(driver, device, question.name, complaint)
        asked += question.counts_only
    if not asked:
        raise _rejected(driver, device, "bit_order", "its gates cannot set a single bit, so its bit order is unproved")


def _rejected(driver: QDriver, device: Device, name: str, complaint: str) -> EigenError:
    message = f"driver `{driver.name}` failed probe `{name}` on device `{device.id}`: {complaint}"
    return EigenError("EIGEN_DRIVER_REJECTED", message, details={"probe": name, "device_id": device.id})


def _show(counts: Mapping[str, int]) -> str:
    shown = ", ".join(f"`{bits}`: {count}" for bits, count in sorted(counts.items())[:4])
    return f"{{{shown}{', …' if len(counts) > 4 else ''}}}"


def _bit_order(prober: Prober) -> str | None:
    width = min(3, prober.device.num_qubits)

    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(width)
        builder.add_clbits(width)
        builder.gate("X", [0])
        builder.measure(range(width), range(width))

    return prober.expect(prober.circuit(build, width), "1".rjust(width, "0"))


def _unequal_registers(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(1, "a")
        builder.add_qubits(2, "b")
        builder.add_clbits(2, "u")
        builder.add_clbits(1, "v")
        builder.gate("X", [1])
        builder.measure([0, 1, 2], [0, 1, 2])

    return prober.expect(prober.circuit(build, 3), "010")


def _permuted_clbits(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(3)
        builder.add_clbits(3)
        builder.gate("X", [0])
        builder.gate("X", [2])
        builder.measure([0, 1, 2], [1, 0, 2])

    return prober.expect(prober.circuit(build, 3), "110")


def _idle_qubits(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(5)
        builder.add_clbits(3)
        builder.gate("X", [3])
        builder.measure([3, 1], [0, 2])

    return prober.expect(prober.circuit(build, 5), "001")


def _control_and_target(prober: Prober) -> str | None:
    first, second = prober.device.coupling[0] if prober.device.coupling else (0, 1)
    width = max(first, second) + 1

    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(width)
        builder.add_clbits(2)
        builder.gate("CX", [first, second])
        builder.gate("X", [first])
        builder.gate("CX", [first, second])
        builder.gate("X", [first])
        builder.measure([first, second], [0, 1])

    return prober.expect(prober.circuit(build, width), "10")


def _parameter_order(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(2)
        builder.add_clbits(2)
        builder.gate("RX", [1], ["z"])
        builder.gate("RX", [0], ["a"])
        builder.measure([0, 1], [0, 1])

    circuit = prober.circuit(build, 2)
    named = {"z": pi, "a": 0.0}
    return prober.expect(circuit, "10", values=[named[name] for name in circuit.parameters])


def _shot_count(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(1)
        builder.add_clbits(1)
        builder.gate("X", [0])
        builder.measure([0], [0])

    circuit = prober.circuit(build, 1)
    for shots in (1, 13):
        counts = prober.counts(circuit, shots=shots)
        if (sum(counts.values()) != shots) if prober.is_noisy else (counts != {"1": shots}):
            return f"{shots} shots gave {_show(counts)}"
    return None


def _mid_circuit(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(2)
        builder.add_clbits(4)
        builder.gate("X", [0])
        builder.measure([0], [0])
        builder.gate("X", [1], condition=_core.Condition.bit(0))
        builder.reset([0])
        builder.measure([0, 1], [1, 2])
        builder.gate("X", [1], condition=~_core.Condition.bit(0))
        builder.measure([1], [3])

    return prober.expect(prober.circuit(build, 2), "1101")


def _seed(prober: Prober) -> str | None:
    width = min(8, prober.device.num_qubits)

    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(width)
        builder.add_clbits(width)
        for qubit in range(width):
            builder.gate("H", [qubit])
        builder.measure(range(width), range(width))

    circuit = prober.circuit(build, width)
    first, again, other = (prober.counts(circuit, shots=256, seed=seed) for seed in (11, 11, 12))
    if first != again:
        return "the same seed gave other counts"
    # Two honest samples of 256 shots on 8 fair bits agree with a probability far below 1e-30.
    return "another seed gave the same counts" if width == 8 and first == other else None


def _rotated(prober: Prober) -> tuple[Circuit, tuple[float, ...]]:
    if prober.device.properties.get("clifford_only") is True:
        raise UnreachableError

    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(3)
        builder.gate("RX", [0], ["t"])
        builder.gate("X", [2])

    return prober.circuit(build, 3), (0.3,)


def _exact_expectation(prober: Prober) -> str | None:
    observable = _core.Observable.from_terms(3, [("Y0", 1.0), ("Z2", 0.5), ("Z0 Z1", 2.0)])
    try:
        circuit, values = _rotated(prober)
        expected = -sin(0.3) - 0.5 + 2.0 * cos(0.3)
    except UnreachableError:
        circuit, values = _flipped(prober)
        expected = -0.5 + 2.0
    value = prober.run(ExpectationWork(circuit, values, observable, None, 1)).value
    if value is None or not abs(value - expected) < TOLERANCE:
        return f"the exact expectation is {expected}, got `{value}`"
    return None


def _flipped(prober: Prober) -> tuple[Circuit, tuple[float, ...]]:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(3)
        builder.gate("X", [2])

    return prober.circuit(build, 3), ()


def _gradient(prober: Prober) -> str | None:
    circuit, values = _rotated(prober)
    result = prober.run(GradientWork(circuit, values, _core.Observable.from_terms(3, [("Z0", 1.0)])))
    most = TOLERANCE_F32 if prober.device.properties.get("precision") == "f32" else TOLERANCE
    if result.gradient is None or len(result.gradient) != 1 or not abs(result.gradient[0] + sin(0.3)) < most:
        return f"the gradient is {-sin(0.3)}, got `{result.gradient}`"
    return None


def _option_refusal(prober: Prober) -> str | None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(1)
        builder.add_clbits(1)
        builder.measure([0], [0])

    try:
        prober.run(SampleWork(prober.circuit(build, 1), (), 1, 1, {NO_SUCH_OPTION: True}))
    except EigenError as error:
        if error.code == "EIGEN_DEVICE_OPTION" and NO_SUCH_OPTION in error.message:
            return None
        raise
    return f"the option `{NO_SUCH_OPTION}` was ignored"


PROBES: tuple[Probe, ...] = (
    Probe("bit_order", _bit_order),
    Probe("unequal_registers", _unequal_registers),
    Probe("permuted_clbits", _permuted_clbits),
    Probe("idle_qubits", _idle_qubits),
    Probe("control_and_target", _control_and_target),
    Probe("parameter_order", _parameter_order),
    Probe("mid_circuit", _mid_circuit, frozenset({"dynamic"})),
    Probe("shot_count", _shot_count, counts_only=False),
    Probe("option_refusal", _option_refusal, counts_only=False),
    Probe("seed", _seed, frozenset({"seed"}), counts_only=False),
    Probe("exact_expectation", _exact_expectation, frozenset({"expectation", "exact"}), counts_only=False),
    Probe("gradient", _gradient, frozenset({"gradient"}), counts_only=False),
)

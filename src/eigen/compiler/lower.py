"""`lower`: a logical circuit in one device's terms: its gates, its couplings, its measurement basis. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.compiler.device_rules import check_device, check_width
from eigen.compiler.rewrite import NOT_GATES
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir import Circuit, Observable
    from eigen.types import Device, Json

MAX_ROUNDS = 10  # of simplification at level 3
LEVELS = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A circuit that its device can run as it stands; parameters and classical bits are those of the logical one.

    Logical qubit `k` ends on device qubit `qubit_map[k]`: observables and outcomes after the circuit must be
    moved there. `report` says what was done.
    """

    circuit: Circuit
    qubit_map: tuple[int, ...]
    report: dict[str, Json] = field(default_factory=dict[str, Any])

    def observable(self, observable: Observable) -> Observable:
        """An observable of the logical qubits, on the device qubits where they end."""
        if self.is_identity and observable.num_qubits == self.circuit.num_qubits:
            return observable
        terms = [
            (" ".join(self._moved(factor) for factor in label.split()), weight) for label, weight in observable.terms
        ]
        return _core.Observable.from_terms(self.circuit.num_qubits, terms)

    def _moved(self, factor: str) -> str:
        return f"{factor[0]}{self.qubit_map[int(factor[1:])]}"

    @property
    def is_identity(self) -> bool:
        """Whether every qubit stayed where it was."""
        return self.qubit_map == tuple(range(len(self.qubit_map)))


def lower(circuit: Circuit, device: Device, *, level: int = 1) -> Lowered:
    """Lower a circuit for a device; raises EIGEN_COMPILER_UNSUPPORTED naming what the device cannot do.

    Levels: 0 changes nothing that the device does not force; 1 simplifies the logical circuit once; 2 also runs the
    passes of `optimise` in the device's gates; 3 repeats both until the circuit stops shrinking (at most 10 rounds).
    """
    if level not in LEVELS:
        raise EigenError("EIGEN_USAGE", f"the optimisation level is 0, 1, 2 or 3, not `{level}`")
    try:
        return _lower(circuit, device, level)
    except _core.CoreError as error:
        raise _unsupported(error, device) from None


def _lower(circuit: Circuit, device: Device, level: int) -> Lowered:
    check_width(circuit, device)
    lowered = _simplified(circuit, level) if level else circuit
    qubit_map = tuple(range(circuit.num_qubits))
    swaps = 0
    basis = _basis(device)
    if basis:
        from eigen.compiler.measure_basis import measure_in_z

        lowered = _core.decompose(measure_in_z(lowered), basis)
    if device.coupling:
        from eigen.compiler.coupling import Coupling
        from eigen.compiler.direction import fix_directions
        from eigen.compiler.swap_routing import insert_swaps

        coupling = Coupling(device)
        routed = insert_swaps(lowered, coupling, num_qubits=device.num_qubits)
        qubit_map, swaps = routed.final, routed.swaps
        lowered = fix_directions(_core.decompose(routed.circuit, basis), coupling)
        lowered = _core.decompose(lowered, basis)
    steps: list[_core.PassStep] = []
    if basis and level >= 2:
        lowered, steps = _optimised_on_device(lowered, device, basis, level)
    check_device(lowered, device)
    return Lowered(lowered, qubit_map, _report(circuit, lowered, device, level=level, swaps=swaps, steps=steps))


def _basis(device: Device) -> list[str]:
    """The gates to decompose to; a coupled device takes no gate on more than two qubits. Empty: every gate."""
    if not device.coupling:
        return list(device.gates)
    arity = {row.name: row.num_qubits for row in _core.gate_table()}
    # A gate of any width (MCX, UNITARY, PAULI_ROT) is never needed: pairs and single qubits suffice.
    return [name for name in device.gates or arity if (arity[name] or 3) <= 2 or name == "GPHASE"]


def _simplified(circuit: Circuit, level: int) -> Circuit:
    for _ in range(MAX_ROUNDS if level == 3 else 1):
        smaller = _core.simplify(circuit, min(level, 2))
        if len(smaller) >= len(circuit):
            return circuit
        circuit = smaller
    return circuit


def _optimised_on_device(
    circuit: Circuit, device: Device, basis: list[str], level: int
) -> tuple[Circuit, list[_core.PassStep]]:
    """The circuit after every pass, in the device's gates; kept only if it is the smaller one."""
    smaller, steps = _core.optimise(circuit, level, basis)
    if device.coupling:
        from eigen.compiler.coupling import Coupling
        from eigen.compiler.direction import fix_directions

        smaller = _core.decompose(fix_directions(smaller, Coupling(device)), basis)
        smaller = _core.decompose(_core.simplify(smaller, 2), basis)
    if _cost(smaller) >= _cost(circuit):
        return circuit, []
    return smaller, steps


def _cost(circuit: Circuit) -> tuple[int, int]:
    """Gates on several qubits, and operations in all."""
    return _pairs(circuit.instructions()), len(circuit)


def _pairs(instructions: Sequence[_core.Instruction]) -> int:
    several = sum(len(item.qubits) > 1 and item.name not in NOT_GATES for item in instructions)
    return several + sum(_pairs(block) for item in instructions for block in item.blocks)


def _report(
    circuit: Circuit, lowered: Circuit, device: Device, *, level: int, swaps: int, steps: Sequence[_core.PassStep]
) -> dict[str, Json]:
    return {
        "device_id": device.id,
        "device_digest": device.digest,
        "optimization_level": level,
        "before": _size(circuit),
        "after": _size(lowered),
        "swaps_inserted": swaps,
        "passes": [
            {"pass": step.name, "gates": step.gates, "two_qubit_gates": step.two_qubit_gates, "depth": step.depth}
            for step in steps
        ],
    }


def _size(circuit: Circuit) -> dict[str, Json]:
    return {
        "digest": circuit.digest,
        "qubits": circuit.num_qubits,
        "operations": len(circuit),
        "depth": circuit.depth,
        "gates": circuit.count_ops(),
    }


def _unsupported(error: _core.CoreError, device: Device) -> EigenError:
    message = f"the circuit cannot be expressed on `{device.id}`: {error.message}"
    return EigenError("EIGEN_COMPILER_UNSUPPORTED", message, hint=error.hint or "")

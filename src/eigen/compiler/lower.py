"""`lower`: a logical circuit in one device's terms: its gates, its couplings, its measurement basis. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.compiler.device_rules import check_device, check_width
from eigen.errors import EigenError
from eigen.ir.targets.target import Target
from eigen.jobspec.spec import CompilerOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir import Circuit, Observable
    from eigen.ir.targets import Compilation, Proposer
    from eigen.types import Device, Json

MAX_ROUNDS = 10  # of simplification at level 3
LEVELS = (0, 1, 2, 3)
VERIFY = {None: "cheap", False: "no", True: "thorough"}


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


def lower(
    circuit: Circuit,
    device: Device,
    *,
    level: int = 1,
    options: CompilerOptions | None = None,
    proposers: Sequence[Proposer] = (),
) -> Lowered:
    """Lower a circuit for a device; raises EIGEN_COMPILER_UNSUPPORTED naming what the device cannot do.

    Levels: 0 changes nothing that the device does not force; 1 looks at neighbours; 2 runs every pass, also in the
    device's gates; 3 repeats them while the circuit shrinks. Of the `options` all others count here. What
    came out is compared with the circuit as far as that is cheap, or proven where `verify` asks for it. `proposers` may
    offer what was found before.
    """
    if level not in LEVELS:
        raise EigenError("EIGEN_USAGE", f"the optimisation level is 0, 1, 2 or 3, not `{level}`")
    options = options or CompilerOptions()
    check_width(circuit, device)
    target = Target.of_device(device, options.basis)
    plain = options.layout is None and not (options.verify or options.schedule or options.decouple or options.tolerance)
    if target.is_free and plain:
        try:
            lowered = _simplified(circuit, level) if level else circuit
        except _core.CoreError as error:
            raise EigenError.from_core(error) from None
        return Lowered(lowered, tuple(range(circuit.num_qubits)), _report(circuit, lowered, device, level))
    from eigen.ir.targets import compile_for
    from eigen.ir.targets.compilation import TOLERANCE

    compiled = compile_for(
        circuit,
        target,
        level=level,
        layout=_layout(circuit, options.layout),
        verify=VERIFY[options.verify],
        schedule=options.schedule,
        decouple=options.decouple,
        tolerance=TOLERANCE if options.tolerance is None else options.tolerance,
        proposers=proposers,
    )
    check_device(compiled.circuit, device)
    if options.verify:
        _demand_proof(compiled, device)
    report = _report(circuit, compiled.circuit, device, level) | compiled.to_json()
    return Lowered(compiled.circuit, compiled.final, report)


def _layout(circuit: Circuit, layout: Sequence[int] | None) -> Sequence[int] | None:
    """The places of a circuit's qubits: of a longer layout, which is that of a wider circuit, the first ones."""
    return None if layout is None else layout[: circuit.num_qubits]


def _demand_proof(compiled: Compilation, device: Device) -> None:
    certificate = compiled.certificate
    if certificate is None or certificate.is_equivalent is None:
        why = "" if certificate is None else "; ".join(certificate.details)
        message = f"the circuit lowered to `{device.id}` could not be verified: {why}"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message, hint="leave out `verify`, or run a smaller circuit")


def _simplified(circuit: Circuit, level: int) -> Circuit:
    for _ in range(MAX_ROUNDS if level == 3 else 1):
        smaller = _core.simplify(circuit, min(level, 2))
        if len(smaller) >= len(circuit):
            return circuit
        circuit = smaller
    return circuit


def _report(circuit: Circuit, lowered: Circuit, device: Device, level: int) -> dict[str, Json]:
    return {
        "device_id": device.id,
        "device_digest": device.digest,
        "optimization_level": level,
        "before": _size(circuit),
        "after": _size(lowered),
        "swaps_inserted": 0,
        "passes": [],
    }


def _size(circuit: Circuit) -> dict[str, Json]:
    return {
        "digest": circuit.digest,
        "qubits": circuit.num_qubits,
        "operations": len(circuit),
        "depth": circuit.depth,
        "gates": circuit.count_ops(),
    }

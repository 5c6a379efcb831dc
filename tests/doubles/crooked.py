"""Devices with one fault each, one for every check of the conformance kit: the check must find it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import replace
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

from doubles.misbehaving import _big_endian_registers, _on_bits, _qubit_order, _sorted_values, _unconditional
from eigen import _core
from eigen.drivers.driver import WorkState
from eigen.drivers.engines import STATEVECTOR
from eigen.drivers.in_process import InProcessDriver
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.ir.rewriting import copy_operation, empty_like, rewritten
from eigen.types import (
    DeviceStatus,
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.types import Device, Json, Work

    Before = Callable[[Any], Any]
    After = Callable[[Any, WorkResult], WorkResult]


class Crooked(InProcessDriver):
    """A native engine, described by `device`, with one fault before the work and one after it."""

    name = "crooked"
    version = "1"

    def __init__(
        self,
        *,
        before: Before = lambda work: work,
        after: After = lambda _work, result: result,
        device: Callable[[Device], Device] = lambda device: device,
        engine: str = STATEVECTOR,
    ) -> None:
        super().__init__()
        self._engine = NativeDriver()
        self._engine.initialize({})
        self._before, self._after, self._id = before, after, engine
        self.devices = (device(self._engine.known(engine)),)

    def initialize(self, config: Mapping[str, Json]) -> None:
        for name in config:
            raise EigenError("EIGEN_DEVICE_OPTION", f"`crooked` has no setting `{name}`")

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.known(device_id)
        if isinstance(work, SampleWork) and work.shots > self.devices[0].max_shots:
            raise EigenError("EIGEN_DEVICE_OPTION", f"`{work.shots}` shots are too many")
        return self._after(work, self._engine.execute_circuit(self._id, self._before(work)))


class Careless(Crooked):
    """Takes any setting."""

    def initialize(self, config: Mapping[str, Json]) -> None:
        pass


class Offline(Crooked):
    def get_device_status(self, device_id: str) -> DeviceStatus:
        return DeviceStatus.OFFLINE


class Endless(Crooked):
    """Gives up loops in silence."""

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        try:
            return super().execute_circuit(device_id, work)
        except EigenError as error:
            if error.code != "EIGEN_SIM_LOOP_BOUND":
                raise
            return WorkResult(counts=_core.Counts.from_dict({"0": work.shots}, 1))


class Permissive(Crooked):
    """Turns what it cannot do into something else, in silence."""

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        try:
            return super().execute_circuit(device_id, work)
        except EigenError:
            return super().execute_circuit(device_id, replace(work, options={}))


class Forgetful(Crooked):
    """Runs a key again."""

    def submit(self, device_id: str, key: str, work: Work) -> str:
        return super().submit(device_id, secrets.token_hex(8), work)


class Familiar(Crooked):
    """Knows every key."""

    def adopt(self, key: str) -> str | None:
        return "w0"


class Confused(Crooked):
    """Gives the result of what was submitted last."""

    last = ""

    def submit(self, device_id: str, key: str, work: Work) -> str:
        self.last = super().submit(device_id, key, work)
        return self.last

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        return super().result(self.last, timeout_sec)


class Anywhere(Crooked):
    """Runs work for devices that it does not have."""

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        return super().execute_circuit(self.devices[0].id, work)


class Slow(Crooked):
    """Takes a while over the work that is stopped or waited for."""

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        if isinstance(work, SampleWork) and work.shots in (101, 102):
            time.sleep(0.3)
        return super().execute_circuit(device_id, work)


class Impatient(Slow):
    """Drops work that was waited for in vain."""

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        try:
            return super().result(handle, timeout_sec)
        except EigenError:
            self.cancel(handle)
            raise


class Unstoppable(Slow):
    """Says that it cancels, and does not."""

    def cancel(self, handle: str) -> bool:
        return super().poll(handle) is not WorkState.DONE


# Faults of circuits


def on_circuit(rewrite: Callable[[_core.CircuitBuilder, _core.Instruction], bool]) -> Before:
    return lambda work: (
        work if isinstance(work, EvolutionWork) else replace(work, circuit=rewritten(work.circuit, rewrite))
    )


def on_bound(rewrite: Callable[[_core.CircuitBuilder, _core.Instruction], bool]) -> Before:
    """Of circuits whose values stand in them."""

    def before(work: Work) -> Work:
        if isinstance(work, EvolutionWork | GradientWork):
            return work
        return replace(work, circuit=rewritten(work.circuit.bind(list(work.values)), rewrite), values=())

    return before


def other_gate(name: str) -> Before:
    """The gate inverted; one that is its own inverse, left out."""
    row = next(row for row in _core.gate_table() if row.name == name)

    def rewrite(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
        if item.name != name:
            return False
        if row.hermitian:
            return True
        if name == "ISWAP":
            builder.gate("ISWAP", item.qubits, inverse=True)
        else:
            builder.gate(name, item.qubits, item.params, inverse=True, matrix=item.matrix, pauli=item.pauli or None)
        return True

    return on_circuit(rewrite)


def _only_first(kind: Callable[[_core.Instruction], bool]) -> Before:
    """Leaves out the first operation of a kind."""

    def before(work: Any) -> Any:
        left = [True]

        def rewrite(_builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
            if left[0] and kind(item):
                left[0] = False
                return True
            return False

        return replace(work, circuit=rewritten(work.circuit, rewrite))

    return before


def _first_write(work: Any) -> Any:
    seen: set[int] = set()

    def rewrite(_builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
        if item.name != "MEASURE":
            return False
        again = set(item.clbits) <= seen
        seen.update(item.clbits)
        return again

    return replace(work, circuit=rewritten(work.circuit, rewrite))


def _in_z(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if item.name != "MEASURE":
        return False
    builder.measure(item.qubits, item.clbits)
    return True


def _plain_controls(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if not item.ctrl_state:
        return False
    builder.gate(item.name, item.qubits, item.params, num_controls=item.num_controls)
    return True


def _loose_phase(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if item.name != "S":
        return False
    builder.gate("P", item.qubits, [pi / 2 + 0.02])
    return True


def _unscaled(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if not any(isinstance(angle, _core.Affine) for angle in item.params):
        return False
    angles = [
        _core.Affine(a.constant, dict.fromkeys(a.terms, 1.0)) if isinstance(a, _core.Affine) else a for a in item.params
    ]
    builder.gate(item.name, item.qubits, angles)
    return True


def _turned(change: Callable[[float], float | None]) -> Callable[[_core.CircuitBuilder, _core.Instruction], bool]:
    """Angles changed, or their gates left out."""

    def rewrite(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
        if item.name not in {"RX", "RY", "RZ", "CRX"}:
            return False
        angle = change(float(item.params[0]))  # type: ignore[arg-type]
        if angle is not None:
            builder.gate(item.name, item.qubits, [angle])
        return True

    return rewrite


def _measured_at_the_end(work: Any) -> Any:
    builder = empty_like(work.circuit)
    items = work.circuit.instructions()
    for item in [one for one in items if one.name != "MEASURE"] + [one for one in items if one.name == "MEASURE"]:
        copy_operation(builder, item, item.qubits)
    return replace(work, circuit=builder.build())


def _no_collapse(work: Any) -> Any:
    seen: set[int] = set()

    def rewrite(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
        if item.name == "MEASURE":
            for qubit in item.qubits:
                if qubit in seen:
                    builder.reset([qubit])
                    builder.gate("H", [qubit])
                seen.add(qubit)
        return False

    return replace(work, circuit=rewritten(work.circuit, rewrite))


def _no_resets(_builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    return item.name == "RESET"


def _unconditional_end(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
    if item.condition is None or item.name not in {"MEASURE", "RESET"}:
        return False
    copy = builder.measure if item.name == "MEASURE" else builder.reset
    copy(*((item.qubits, item.clbits) if item.name == "MEASURE" else (item.qubits,)))  # type: ignore[arg-type]
    return True


def _blocks(change: Callable[[_core.CircuitBuilder, _core.Instruction, Callable[[Any], None]], None]) -> Before:
    def before(work: Any) -> Any:
        builder = empty_like(work.circuit)

        def walk(items: Sequence[_core.Instruction]) -> None:
            for item in items:
                if item.blocks:
                    change(builder, item, walk)
                else:
                    copy_operation(builder, item, item.qubits)

        walk(work.circuit.instructions())
        return replace(work, circuit=builder.build())

    return before


def _always_then(builder: _core.CircuitBuilder, item: _core.Instruction, walk: Callable[[Any], None]) -> None:
    walk(item.blocks[0])


def _once(builder: _core.CircuitBuilder, item: _core.Instruction, walk: Callable[[Any], None]) -> None:
    walk(item.blocks[0])


# Faults of values and options


def _kept_first() -> Before:
    first: dict[str, tuple[float, ...]] = {}

    def before(work: Any) -> Any:
        return replace(work, values=first.setdefault(work.circuit.digest, work.values))

    return before


def _padded(work: Any) -> Any:
    wanted = len(work.circuit.parameters)
    return replace(work, values=(tuple(work.values) + (0.0,) * wanted)[:wanted])


def _value(change: Callable[[Any, WorkResult], float], kind: type) -> After:
    return lambda work, result: replace(result, value=change(work, result)) if isinstance(work, kind) else result


def _biased(work: Any, result: WorkResult) -> WorkResult:
    if not isinstance(work, ExpectationWork) or work.shots is None or result.value is None:
        return result
    return replace(result, value=result.value + 20 * (result.standard_error or 0.1))


def _slopes(factor: float, place: int | None = None) -> After:
    def after(_work: Any, result: WorkResult) -> WorkResult:
        if result.gradient is None:
            return result
        slopes = [slope * (factor if place in (None, at) else 1.0) for at, slope in enumerate(result.gradient)]
        return replace(result, gradient=tuple(slopes))

    return after


def _cut_observable(work: Any) -> Any:
    if isinstance(work, ExpectationWork) and work.observable.num_qubits > work.circuit.num_qubits:
        return replace(work, observable=_core.Observable.pauli("Z"))
    return work


def _unmeasured(work: Any) -> Any:
    return replace(work, circuit=work.circuit.without_measurements()) if isinstance(work, ExpectationWork) else work


def _evolution(change: Callable[[dict[str, Any]], None]) -> Before:
    def before(work: Any) -> Any:
        if not isinstance(work, EvolutionWork):
            return work
        document = json.loads(work.evolution.to_aqo())
        change(document)
        return replace(work, evolution=_core.Evolution.from_aqo(json.dumps(document).encode()))

    return before


def _other_start(document: dict[str, Any]) -> None:
    bits = document.get("initial", {}).get("bits")
    if bits:
        document["initial"] = {"bits": bits[::-1]}


def _standing_drive(document: dict[str, Any]) -> None:
    document["hamiltonian"] = [
        [name, 1.3 if isinstance(weight, dict) and "product" in weight else weight]
        for name, weight in document["hamiltonian"]
    ]


def _no_decay(document: dict[str, Any]) -> None:
    document.pop("collapse", None)


def _other_noise(old: str, new: str) -> Before:
    def before(work: Any) -> Any:
        model = work.options.get("noise_model")
        return replace(work, options={"noise_model": model.replace(old, new)}) if isinstance(model, str) else work

    return before


def _seeded(seed: Callable[[Any], int]) -> Before:
    return lambda work: work if isinstance(work, GradientWork) else replace(work, seed=seed(work))


def _more_shots(work: Any) -> Any:
    return replace(work, shots=1 << (work.shots - 1).bit_length()) if isinstance(work, SampleWork) else work


def _clamped(work: Any) -> Any:
    return replace(work, shots=max(1, work.shots)) if isinstance(work, SampleWork) else work


def _with_counts(make: Callable[[Any, dict[str, int]], dict[str, int]]) -> After:
    def after(work: Any, result: WorkResult) -> WorkResult:
        if result.counts is None:
            return result
        changed = make(work, result.counts.to_dict())
        return replace(result, counts=_core.Counts.from_dict(changed, len(next(iter(changed)))))

    return after


def _inverted_when_wide(work: Any, counts: dict[str, int]) -> dict[str, int]:
    if work.circuit.num_qubits <= 5:
        return counts
    return {bits.translate(str.maketrans("01", "10")): count for bits, count in counts.items()}


def _ones_for_nothing(work: Any, counts: dict[str, int]) -> dict[str, int]:
    measures = work.circuit.has_measurements
    return counts if measures else {bits[:-1] + "1": count for bits, count in counts.items()}


def _narrow(work: Any) -> Any:
    if isinstance(work, SampleWork) and work.circuit.num_qubits > 8:
        raise EigenError("EIGEN_SIM_MEMORY", "too wide after all")
    return work


def described(**fields: Any) -> Callable[[Device], Device]:
    return lambda device: replace(device, **fields)


def _without(*features: str) -> Callable[[Device], Device]:
    return lambda device: replace(device, features=device.features - set(features))


without = _without
CHIP = described(gates=("RZ", "SX", "X", "CX"), features=frozenset({"seed", "deduplicates"}))
TWO_QUBIT = _only_first(lambda item: len(item.qubits) == 2 and item.name != "MEASURE")

CROOKED: dict[str, Callable[[], Crooked]] = {
    "description": lambda: Crooked(device=described(coupling=((0, 99),))),
    "features": lambda: Crooked(device=lambda device: replace(device, features=device.features | {"teleport"})),
    "status": Offline,
    "settings": Careless,
    "probes": lambda: Crooked(after=_on_bits(lambda _c, bits: bits[::-1])),
    "metadata": lambda: Crooked(after=lambda _work, result: replace(result, metadata={"engine": "crooked"})),
    "one_answer": lambda: Crooked(after=lambda _work, result: replace(result, value=0.5)),
    "bit_order": lambda: Crooked(after=_on_bits(lambda _c, bits: bits[::-1])),
    "registers": lambda: Crooked(after=_on_bits(_big_endian_registers)),
    "wiring": lambda: Crooked(before=on_circuit(_qubit_order)),
    "idle": lambda: Crooked(after=_on_bits(lambda _c, bits: bits[1:] + bits[:1])),
    "overwritten": lambda: Crooked(before=_first_write),
    "many_bits": lambda: Crooked(after=_on_bits(lambda _c, bits: bits[-64:].rjust(len(bits), "0"))),
    "bases": lambda: Crooked(before=on_circuit(_in_z)),
    "nothing_measured": lambda: Crooked(after=_with_counts(_ones_for_nothing)),
    "native_gates": lambda: Crooked(before=other_gate("FSIM")),
    "lowered_gates": lambda: Crooked(device=CHIP, before=other_gate("SX")),
    "modifiers": lambda: Crooked(before=on_circuit(_plain_controls)),
    "identities": lambda: Crooked(before=on_circuit(_loose_phase)),
    "parameter_order": lambda: Crooked(before=_sorted_values),
    "affine_angles": lambda: Crooked(before=on_circuit(_unscaled)),
    "rebinding": lambda: Crooked(before=_kept_first()),
    "value_count": lambda: Crooked(before=_padded),
    "tiny_angles": lambda: Crooked(before=on_bound(_turned(lambda angle: angle if abs(angle) > 1e-8 else None))),
    "huge_angles": lambda: Crooked(before=on_bound(_turned(lambda angle: float(np.float32(angle))))),
    "full_turn": lambda: Crooked(before=on_bound(_turned(lambda angle: angle % (2 * pi)))),
    "expectation": lambda: Crooked(after=_value(lambda _work, result: -(result.value or 0.0), ExpectationWork)),
    "estimate": lambda: Crooked(after=_biased),
    "probability": lambda: Crooked(
        before=lambda work: replace(work, bits=work.bits[::-1]) if isinstance(work, ProbabilityWork) else work
    ),
    "gradient": lambda: Crooked(after=_slopes(0.5)),
    "shared_gradient": lambda: Crooked(after=_slopes(1.5, 0)),
    "wide_observable": lambda: Crooked(before=_cut_observable),
    "no_final_state": lambda: Crooked(before=_unmeasured),
    "evolution": lambda: Crooked(before=_evolution(_other_start)),
    "driven_evolution": lambda: Crooked(before=_evolution(_standing_drive)),
    "damped_evolution": lambda: Crooked(before=_evolution(_no_decay)),
    "evolution_counts": lambda: Crooked(after=_with_counts(lambda _w, counts: {k[::-1]: v for k, v in counts.items()})),
    "measured_twice": lambda: Crooked(before=_measured_at_the_end),
    "collapse": lambda: Crooked(before=_no_collapse),
    "reset": lambda: Crooked(before=on_circuit(_no_resets)),
    "feed_forward": lambda: Crooked(before=on_circuit(_unconditional)),
    "branches": lambda: Crooked(before=_blocks(_always_then)),
    "conditions": lambda: Crooked(before=on_circuit(_unconditional_end)),
    "loops": lambda: Crooked(before=_blocks(_once)),
    "loop_bound": Endless,
    "pauli_channels": lambda: Crooked(before=_other_noise("phase_flip(0.3)", "phase_flip(0.2)")),
    "damping_channels": lambda: Crooked(before=_other_noise("amplitude_damping", "phase_damping")),
    "readout_errors": lambda: Crooked(before=_other_noise("0.1, 0.3", "0.3, 0.1")),
    "wrong_models": Permissive,
    "same_seed": lambda: Crooked(before=_seeded(lambda _work: secrets.randbits(63))),
    "other_seeds": lambda: Crooked(before=_seeded(lambda _work: 1)),
    "fairness": lambda: Crooked(
        before=on_circuit(lambda b, item: item.name == "H" and not b.gate("RY", item.qubits, [1.5]))
    ),
    "spread": lambda: Crooked(before=_seeded(lambda work: 4 if getattr(work, "shots", 0) == 1 else work.seed)),
    **{
        f"family_{name}": lambda: Crooked(before=TWO_QUBIT)
        for name in ("ghz", "graph", "hidden_string", "clifford", "fourier", "qaoa", "ansatz", "trotter", "volume")
    },
    "family_grover": lambda: Crooked(before=_only_first(lambda item: item.name == "CCZ")),
    "shot_counts": lambda: Crooked(before=_more_shots),
    "impossible_shots": lambda: Crooked(before=_clamped),
    "too_many_qubits": lambda: Crooked(device=described(num_qubits=5), after=_with_counts(_inverted_when_wide)),
    "full_width": lambda: Crooked(before=_narrow),
    "options": lambda: Crooked(before=lambda work: replace(work, options={})),
    "foreign_gates": lambda: Crooked(device=CHIP),
    "keys": Forgetful,
    "unknown_handles": Familiar,
    "mixed_work": Confused,
    "unknown_device": Anywhere,
    "time_out": Impatient,
    "cancel": Unstoppable,
}
"""The fault by the check that must find it."""

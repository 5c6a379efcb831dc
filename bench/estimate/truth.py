"""What a noisy device would give: the compiled circuit on the qubits that it uses, with the calibration's noise."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir import NoiseModel
from eigen.ir.rewriting import copy_operation

if TYPE_CHECKING:
    from eigen.ir import Circuit


@dataclass(frozen=True, slots=True)
class Truth:
    """Of the exact outcomes with noise `q` and without `p`: the Hellinger fidelity, which of one right outcome is its
    probability, and the linear one, (sum p q - 1/D) / (sum p^2 - 1/D) of D outcomes: the share of shots that are as
    they would be, if the others are spread evenly."""

    hellinger: float
    linear: float


def truth(circuit: Circuit, document: dict[str, Any]) -> Truth:
    """What the compiled circuit gives on the device of this calibration."""
    small, places = on_used_qubits(circuit)
    model = NoiseModel.from_json(json.dumps(_restricted(document, places)).encode())
    bare, measured = small.without_measurements(), _measured(small)
    noisy = _core.Plan(bare, engine="density", options={"noise": model}).probabilities((), qubits=measured)
    ideal = _core.Plan(bare).probabilities((), qubits=measured)
    pairs = [(max(float(p), 0.0), max(float(q), 0.0)) for p, q in zip(ideal, noisy, strict=True)]
    even = 1.0 / len(pairs)
    linear = (math.fsum(p * q for p, q in pairs) - even) / (math.fsum(p * p for p, _ in pairs) - even)
    return Truth(math.fsum(math.sqrt(p * q) for p, q in pairs) ** 2, linear)


def on_used_qubits(circuit: Circuit) -> tuple[Circuit, list[int]]:
    """The circuit without the qubits that nothing acts on, and the device's qubit of each that is left."""
    operations = circuit.instructions()
    used = sorted({qubit for each in operations if each.name != "BARRIER" for qubit in each.qubits})
    index = {qubit: place for place, qubit in enumerate(used)}
    builder = _core.CircuitBuilder(len(used), circuit.num_clbits)
    for each in operations:
        qubits = [index[qubit] for qubit in each.qubits if qubit in index]
        if qubits:
            copy_operation(builder, each, qubits)
    return builder.build(), used


def _measured(circuit: Circuit) -> list[int]:
    """The measured qubits, in the order of their bits."""
    bits = {
        bit: qubit
        for each in circuit.instructions()
        if each.name == "MEASURE"
        for bit, qubit in zip(each.clbits, each.qubits, strict=True)
    }
    return [bits[bit] for bit in sorted(bits)]


def _restricted(document: dict[str, Any], places: list[int]) -> dict[str, Any]:
    index = {qubit: place for place, qubit in enumerate(places)}
    gates = [
        {**gate, "qubits": [index[qubit] for qubit in gate["qubits"]]}
        for gate in document["gates"]
        if all(qubit in index for qubit in gate["qubits"])
    ]
    return {**document, "qubits": [document["qubits"][qubit] for qubit in places], "gates": gates}

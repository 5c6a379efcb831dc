"""Whether a compiled circuit does what it was compiled from, qubits followed from where they start to where they end.

The logical circuit is undone behind the compiled one. A product state must then come back, in amplitudes up to
`WIDEST` busy qubits; where all gates are Clifford gates, halves of Bell pairs must, at any width. Wider circuits with
other gates are not checked, and it is told.
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

from bench.sim.circuit import Circuit, without_pauli_rotations
from bench.sim.native import native
from eigen import _core

if TYPE_CHECKING:
    from pathlib import Path

    from bench.sim.circuit import Circuit as Neutral

WIDEST = 20
MOST_WORK = 1 << 32
TOLERANCE = 1e-7


def agreement(circuit: Neutral, compiled: Path) -> dict[str, Any]:
    """`ok` (None: not checked), how it was found out, and the error."""
    _, gates, initial, final = json.loads(compiled.read_text())
    busy = sorted({*initial, *final, *(qubit for _, qubits, _ in gates for qubit in qubits)})
    place = {qubit: k for k, qubit in enumerate(busy)}
    body = _core.CircuitBuilder(len(busy))
    for name, qubits, params in gates:
        body.gate(name, [place[qubit] for qubit in qubits], params)
    logical = native(Circuit(circuit.num_qubits, tuple(without_pauli_rotations(circuit))))
    starts, ends = [place[qubit] for qubit in initial], [place[qubit] for qubit in final]
    if len(busy) <= WIDEST and (len(gates) + len(logical)) << len(busy) <= MOST_WORK:
        return _by_state(logical, body.build(), starts, ends)
    if _core.not_clifford(logical) is None and _core.not_clifford(body.build()) is None:
        return _by_tableau(logical, body.build(), starts, ends)
    return {"ok": None, "why": f"{len(busy)} busy qubits and gates that are no Clifford gates"}


def _by_state(logical: _core.Circuit, compiled: _core.Circuit, starts: list[int], ends: list[int]) -> dict[str, Any]:
    random = Random("agreement")
    turns = [(random.uniform(0.3, 2.8), random.uniform(-3, 3)) for _ in starts]
    builder = _core.CircuitBuilder(compiled.num_qubits)
    for qubit, (theta, phi) in zip(starts, turns, strict=True):
        builder.gate("RY", [qubit], [theta])
        builder.gate("RZ", [qubit], [phi])
    builder.append(compiled, range(compiled.num_qubits))
    builder.append(logical.inverse(), ends)
    for qubit, (theta, phi) in zip(ends, turns, strict=True):
        builder.gate("RZ", [qubit], [-phi])
        builder.gate("RY", [qubit], [-theta])
    lost = 1.0 - abs(_core.Plan(builder.build()).state([])[0]) ** 2
    return {"ok": bool(lost <= TOLERANCE), "method": "state", "lost": float(lost)}


def _by_tableau(logical: _core.Circuit, compiled: _core.Circuit, starts: list[int], ends: list[int]) -> dict[str, Any]:
    busy, count = compiled.num_qubits, len(starts)
    builder = _core.CircuitBuilder(busy + count)
    for k, qubit in enumerate(starts):
        builder.gate("H", [busy + k])
        builder.gate("CX", [busy + k, qubit])
    builder.append(compiled, range(busy))
    builder.append(logical.inverse(), ends)
    wanted = [
        _core.Observable.pauli(two, [q, busy + k], busy + count) for k, q in enumerate(ends) for two in ("XX", "ZZ")
    ]
    wanted += [_core.Observable.pauli("Z", [q], busy + count) for q in range(busy) if q not in set(ends)]
    values = _core.Plan(builder.build(), engine="stabilizer").expectation([], wanted)
    return {"ok": bool(min(values) > 0.5), "method": "tableau"}

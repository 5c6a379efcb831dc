"""What a driver reads is what the compiler wrote: operation by operation, and condition by condition."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from eigen.ir import CircuitBuilder, Observable, load
from eigen.ir.circuit import Affine
from eigen_driver import Circuit, RefusedError
from eigen_driver import Observable as Theirs
from strategies import circuits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir import Circuit as Ours
    from eigen.ir import Instruction
    from eigen_driver import Operation

DYNAMIC = """OPENQASM 3.0;
include "stdgates.inc";
input float w;
qubit[3] q;
bit[3] c;
h q[0];
rx(2*w+0.5) q[1];
c[0] = measure q[0];
if (c[0] == 1) { x q[1]; } else { reset q[2]; }
while (!c[1]) { h q[0]; c[1] = measure q[0]; }
if (c[0] && !c[2]) { x q[0]; }
barrier q;
c = measure q;
"""


class _Values(dict[str, float]):
    """A value for any name, the same each time."""

    def __missing__(self, name: str) -> float:
        return sum(name.encode()) / 64


VALUES = _Values()


def read(circuit: Ours) -> Circuit:
    return Circuit.from_aqo(circuit.digest, circuit.to_aqo())


def same(theirs: Sequence[Operation], ours: Sequence[Instruction], num_clbits: int) -> None:
    assert len(theirs) == len(ours)
    for left, right in zip(theirs, ours, strict=True):
        assert left.name == right.name
        assert left.qubits == tuple(right.qubits)
        assert left.clbits == tuple(right.clbits)
        if left.name == "MEASURE":
            assert left.basis == right.basis
        assert (left.controls, left.inverse, left.power) == (right.num_controls, right.inverse, right.power)
        for theirs_value, ours_value in zip(_in_order(left), right.params, strict=True):
            assert theirs_value == (_at(ours_value) if isinstance(ours_value, Affine) else ours_value)
        assert (left.condition is None) == (right.condition is None)
        if left.condition is not None and right.condition is not None:
            for bits in product((0, 1), repeat=num_clbits):
                assert left.condition.holds(bits) == _holds(right.condition, bits)
        assert len(left.blocks) == len(right.blocks)
        for block, other in zip(left.blocks, right.blocks, strict=True):
            same(block, other, num_clbits)


def _in_order(operation: Operation) -> list[float]:
    """Angles in the order of the gate table."""
    from eigen._core import gate_table

    names = {row.name: row.param_names for row in gate_table()}.get(operation.name, tuple(operation.params))
    return list(operation.angles(VALUES, *names))


def _at(angle: Affine) -> float:
    total = angle.constant
    for name, factor in sorted(angle.terms.items()):
        total += factor * VALUES[name]
    return total


def _holds(condition: Any, bits: Sequence[int]) -> bool:
    return bool(condition.holds(list(map(bool, bits))))


@given(circuits())
def test_random_circuits(circuit: Ours) -> None:
    found = read(circuit)
    assert (found.num_qubits, found.num_clbits) == (circuit.num_qubits, circuit.num_clbits)
    assert found.parameters == tuple(circuit.parameters)
    assert found.is_dynamic or not circuit.is_dynamic
    same(found.operations, circuit.instructions(), circuit.num_clbits)


def test_control_flow() -> None:
    circuit = load(DYNAMIC.encode(), format="qasm3")
    found = read(circuit)
    assert found.parameters == ("w",)
    assert found.is_dynamic
    assert found.measures
    same(found.operations, circuit.instructions(), circuit.num_clbits)


def test_observables() -> None:
    ours = Observable.from_terms(3, [("Z0 X2", 0.5), ("", 1.0)])
    theirs = Theirs.from_json(ours.digest, ours.to_json())
    assert theirs.num_qubits == 3
    assert dict(theirs.terms) == {(("Z", 0), ("X", 2)): 0.5, (): 1.0}


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"qubits": 1, "operations": [{}]}', b"[" * 100_000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError):
        Circuit.from_aqo("0", data)
    with pytest.raises(RefusedError):
        Theirs.from_json("0", data)


def test_other_kinds_are_refused_by_name() -> None:
    with pytest.raises(RefusedError, match="kind `modes`"):
        Circuit.from_aqo("0", b'{"kind": "modes"}')


def test_values_are_counted() -> None:
    builder = CircuitBuilder(1)
    builder.gate("RX", [0], ["a"])
    with pytest.raises(RefusedError, match="1 parameters, `2` values"):
        read(builder.build()).bound((1.0, 2.0))

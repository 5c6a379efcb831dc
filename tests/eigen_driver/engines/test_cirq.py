"""Cirq as devices: states and counts are those of the oracle, and outcomes decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen.ir import load
from eigen_driver import Circuit, Sample
from eigen_driver.engines.cirq import CirqEngine

if TYPE_CHECKING:
    from eigen_driver import Engine

needed("cirq-core")
METHODS = ("cirq:statevector", "cirq:density_matrix")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(CirqEngine())


@pytest.fixture(params=METHODS)
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench.of(engine, request.param)


class TestLaws(EngineLaws):
    """Of both devices."""


def test_outcomes_decide(bench: Bench) -> None:
    """A teleported |1>, a reset, and a loop until a one comes."""
    source = """OPENQASM 3.0;
    include "stdgates.inc";
    qubit[3] q; bit[5] c;
    x q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
    c[0] = measure q[0]; c[1] = measure q[1];
    if (c[1]) x q[2];
    if (c[0]) z q[2];
    c[2] = measure q[2];
    reset q[2];
    c[3] = measure q[2];
    for int i in [0:63] { if (!c[4]) { h q[0]; c[4] = measure q[0]; } }
    """
    circuit = load(source.encode(), format="qasm3")
    first, again = (bench.counts(circuit, 200, seed=5) for _ in range(2))
    assert first == again
    assert sum(first.values()) == 200
    assert {outcome & 0b11100 for outcome in first} == {0b10100}
    assert {outcome & 0b11 for outcome in first} == {0, 1, 2, 3}  # each is missed with probability 4 (3/4)^200 < 1e-24


def test_a_matrix_of_two_qubits_is_little_endian(bench: Bench) -> None:
    """A CX whose control is the first qubit, the least significant one."""
    document = (
        b'{"qubits":2,"clbits":2,"operations":[{"op":"X","q":[1]},{"op":"UNITARY","q":[1,0],"matrix":%s},%s]}'
        % (
            b"[[1,0,0,0],[0,0,0,1],[0,0,1,0],[0,1,0,0]]",
            b'{"op":"MEASURE","q":[0,1],"c":[0,1]}',
        )
    )
    found = bench.engine.sample(bench.device, Sample(Circuit.from_aqo("0", document), (), 10, 1))
    assert dict(found.found) == {3: 10}

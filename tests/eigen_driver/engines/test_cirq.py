"""Cirq as devices: states and counts are those of the oracle, and outcomes decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import oracle
from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen.ir import CircuitBuilder, load
from eigen_driver import Circuit, Probability, RefusedError, Sample
from eigen_driver.engines.cirq import CirqEngine

if TYPE_CHECKING:
    from eigen_driver import Engine

needed("cirq-core")
needed("qsimcirq")
METHODS = ("cirq:statevector", "cirq:density_matrix", "cirq:qsim")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(CirqEngine())


@pytest.fixture(params=METHODS[:2])
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench.of(engine, request.param)


class TestLaws(EngineLaws):
    """Of those in double precision."""


class TestQsim(EngineLaws):
    """In single precision."""

    ABSOLUTE = 2e-6

    @pytest.fixture
    def bench(self, engine: Engine) -> Bench:
        return Bench.of(engine, "cirq:qsim")


def test_qsim_joins_gates_as_it_is_told(engine: Engine) -> None:
    bench = Bench.of(engine, "cirq:qsim")
    builder = CircuitBuilder(6)
    for layer in range(4):
        for qubit in range(6):
            builder.gate("RX", [qubit], [0.3 + 0.2 * qubit + layer])
        for qubit in range(5):
            builder.gate("CZ", [qubit, qubit + 1])
    circuit = bench.read(builder.build())
    found = [
        engine.probability(bench.device, Probability(circuit, (), "010011", options)).value
        for options in ({}, {"fusion_qubits": 2}, {"fusion_qubits": 5})
    ]
    assert found == pytest.approx([abs(oracle.state(builder.build())[0b010011]) ** 2] * 3, abs=2e-6)
    for wrong in (1, 7, "3", True):
        with pytest.raises(RefusedError, match="`fusion_qubits`") as error:
            engine.probability(bench.device, Probability(circuit, (), "000000", {"fusion_qubits": wrong}))
        assert error.value.code == "EIGEN_DEVICE_OPTION"


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

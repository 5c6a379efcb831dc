"""Matrices that engines are given are those of the gate table."""

from __future__ import annotations

import numpy as np
import pytest

from eigen._core import gate_matrix, gate_table
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, RefusedError
from eigen_driver.matrices import ANY_WIDTH, GATES, PARAMETERS, matrix, matrix_of

ROWS = {row.name: row for row in gate_table()}
ANGLES = (0.37, -2.9, 1.1, 0.0)


def test_every_gate_of_the_table_has_one() -> None:
    assert {*GATES, *ANY_WIDTH} == {name for name in ROWS if name != "GPHASE"}


@pytest.mark.parametrize("name", [name for name in GATES if name != "UNITARY"])
def test_they_are_the_tables(name: str) -> None:
    row = ROWS[name]
    assert PARAMETERS.get(name, ()) == tuple(row.param_names)
    values = ANGLES[: len(row.param_names)]
    np.testing.assert_allclose(matrix(name, values), np.array(gate_matrix(name, list(values))), atol=1e-14)


@pytest.mark.parametrize("name", [*ANY_WIDTH, "UNITARY"])
def test_those_of_any_width(name: str) -> None:
    builder = CircuitBuilder(3)
    values = [0.7] * len(ROWS[name].param_names)
    if name == "UNITARY":
        wanted = np.array(gate_matrix("FSIM", [0.3, 0.8]))
        builder.gate(name, [2, 0], [], matrix=wanted)
    elif name == "PAULI_ROT":
        wanted = np.array(gate_matrix(name, values, 3, pauli="XYZ"))
        builder.gate(name, [0, 1, 2], values, pauli="XYZ")
    else:
        wanted = np.array(gate_matrix(name, values, 3))
        builder.gate(name, [0, 1, 2], values)
    made = builder.build()
    (item,) = Circuit.from_aqo(made.digest, made.to_aqo()).operations
    np.testing.assert_allclose(matrix_of(item, {}), wanted, atol=1e-14)


def test_what_is_no_gate_is_refused() -> None:
    with pytest.raises(RefusedError, match="`WARP`"):
        matrix("WARP")

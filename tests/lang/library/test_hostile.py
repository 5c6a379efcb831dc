"""Whatever the names of the language are called with: a program or coded diagnostics, never an exception."""

from __future__ import annotations

import pytest
from language import checked

from eigen.lang.codes import CODES
from eigen.lang.library.catalogue import ENTRIES

ODD = (
    "None", "-1", "10**40", "10**400", "[10**400]", "True", "2.5",
    "float('nan')", "1e308", "'x'", "'X0 Z1'", "''", "[]", "[[1], [2, 3]]", "{}",
    "{'Z0': 1}", "{3: 'a'}", "(0, 1)", "[(0, 1), (1, 2)]", "range(3)", "3j", "q", "q[0]", "q[0:0]", "c", "c[0]",
    "lambda x: x", "h", "len", "t", "[t]", "r", "r.counts", "r.shots", "circuit", "model", "data", "a", "f",
    "pauli('Z0')", "np.zeros((2, 3))",
)  # fmt: skip
SETUP = """import numpy as np
from eigen_lang import *


@quantum_circuit
def f(p=0.1):
    q = QubitRegister(2)
    rx(p, q[0])


@hybrid_program(shots=10)
def main():
    circuit = f()
    r = run(circuit)
    t = Param("t")
    a = create_hea_ansatz(2)
    model = QuantumModel(angle_encoding(2), a)
    data = load_dataset("xor", n_samples=8)
    q = QubitRegister(3)
    c = ClassicalRegister(2)
"""


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_odd_arguments(entry: object) -> None:
    calls = [f"{entry.name}({value})" for value in ODD]
    calls += [f"{entry.name}({first}, {second})" for first, second in zip(ODD, ODD[7:] + ODD[:7], strict=True)]
    calls += [f"{entry.name}({first}, {second}, {first})" for first, second in zip(ODD, ODD[3:] + ODD[:3], strict=True)]
    calls += [f"{entry.name}(*[{value}] * 40)" for value in ("0.1", "q[0]", "'a'")]
    for call in calls:
        result = checked(f"{SETUP}    y = {call}\n    return 1\n")
        assert all(item.code in CODES for item in result.diagnostics), call
        assert (result.program is None) == bool(result.errors), call


@pytest.mark.parametrize(
    "call",
    [
        "create_hea_ansatz(100000, 100000, 'full')",
        "create_hea_ansatz(50000, 1, 'full')",
        "create_uccsd_ansatz(64, 32)",
        "create_qaoa_ansatz(create_maxcut_hamiltonian([(0, 99999)]), 100000)",
        "create_number_partition_hamiltonian(range(1, 100000))",
        "create_ising_model_hamiltonian(100001)",
        "exact_ground_energy(create_heisenberg_hamiltonian(30))",
        "load_dataset('moons', n_samples=10**9)",
        "load_dataset('parity', n_features=60)",
        "Param('a', 10**9)",
        "QubitRegister(10**9)",
        "control(x, 10**6)",
        "zz_feature_map(10000)",
        "visualize_circuit(create_hea_ansatz(100000, 1), width=10**9)",
        "[QubitRegister(100000) for _ in range(20)]",
        "pauli('X' * 4000)",
        "pauli('X99999999999999999999')",
        "Observable([('Z0', 1.0)] * 90000)",
        "power(power(x, 1e300), 1e300)",
    ],
)
def test_bombs_end_by_counting(call: str) -> None:
    result = checked(f"{SETUP}    y = {call}\n    return 1\n")
    assert result.errors or call.startswith(("Observable", "pauli('X' "))


METHODS = {
    "circuit": (
        "inverse",
        "controlled",
        "power",
        "bind",
        "compose",
        "without_measurements",
        "measure_all",
        "count_ops",
    ),
    "a": ("bind", "params"),
    "model": ("predict",),
    "data": ("features", "classes"),
    "c": ("counts", "most_common", "get"),
    "c[0]": ("counts", "index"),
    "SupervisedTask(model, data)": ("train",),
    "pauli('X0')": ("terms",),
    "q": ("size",),
}
OPERATORS = ("+", "-", "*", "/", "@", "==", "<", "&", "|", "^", "**", "%", "in", "and")


@pytest.mark.parametrize("value", METHODS)
def test_odd_uses_of_values(value: str) -> None:
    uses = [f"{value}.{name}({odd})" for name in METHODS[value] for odd in ODD]
    uses += [f"{value}[{odd}]" for odd in ODD] + [f"{value}({odd}, {odd})" for odd in ODD]
    for index, odd in enumerate(ODD):
        operator = OPERATORS[index % len(OPERATORS)]
        uses += [f"{value} {operator} ({odd})", f"({odd}) {operator} {value}", f"[{value}] == [{odd}]"]
    for use in [*uses, f"circuit.compose({value}, {value})", f'f"{{{value}}}"', f"len({value})", f"list({value})"]:
        result = checked(f"{SETUP}    y = {use}\n    return y\n")
        assert all(item.code in CODES for item in result.diagnostics), use
        assert (result.program is None) == bool(result.errors), use

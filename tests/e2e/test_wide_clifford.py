"""Clifford programs far wider than a state vector, from source text to counts."""

from __future__ import annotations

from sample_programs import Run, RunJson, Write

GHZ = '''"""A GHZ state."""

from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(target="sim:auto", shots=1000000, seed=3)
def main(n: int = 1000, angle: float = 0.0):
    q = QubitRegister(n)
    h(q[0])
    for k in range(n - 1):
        cx(q[k], q[k + 1])
    return measure_all(q)
'''

SURFACE_CODE = '''"""Rounds of syndrome measurement on a rotated surface code of distance 5, and the data at the end."""

from eigen_lang import ClassicalRegister, QubitRegister, cx, h, hybrid_program, measure, reset


@hybrid_program(target="sim:auto", shots=2000, seed=5)
def main():
    d, rounds = 5, 3
    data = QubitRegister(d * d)
    ancilla = QubitRegister(d * d - 1)
    checks = []
    for row in range(d + 1):
        for column in range(d + 1):
            is_x = (row + column) % 2 == 1
            inner = 0 < row < d and 0 < column < d
            edge = (row in (0, d) and 0 < column < d and is_x) or (column in (0, d) and 0 < row < d and not is_x)
            if inner or edge:
                corners = [(row - 1, column - 1), (row - 1, column), (row, column - 1), (row, column)]
                checks.append((is_x, [d * r + c for r, c in corners if 0 <= r < d and 0 <= c < d]))
    syndrome = ClassicalRegister(rounds * (d * d - 1))
    for turn in range(rounds):
        for k in range(len(checks)):
            is_x, members = checks[k]
            if is_x:
                h(ancilla[k])
            for member in members:
                if is_x:
                    cx(ancilla[k], data[member])
                else:
                    cx(data[member], ancilla[k])
            if is_x:
                h(ancilla[k])
            measure(ancilla[k], syndrome[turn * (d * d - 1) + k])
            reset(ancilla[k])
    final = ClassicalRegister(d * d)
    measure(data, final)
    return syndrome
'''


def test_a_thousand_qubits_and_a_million_shots(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("ghz.eigen.py", GHZ)
    found = eigen_json("run", program)
    assert set(found["counts"]) == {"0" * 1000, "1" * 1000}
    assert sum(found["counts"].values()) == 1_000_000
    assert found["metadata"]["device_id"] == "sim:stabilizer"
    told = eigen("explain", found["job_id"]).stdout
    assert "a tableau of 1000 qubits" in told
    assert "sim:statevector: needs 2^1000 amplitudes" in told
    assert eigen_json("run", program)["counts"] == found["counts"]
    narrow = eigen_json("run", program, "--set", "n=3", "--shots", "100")
    assert narrow["metadata"]["device_id"] == "sim:statevector"
    assert set(eigen_json("run", program, "--set", "n=3", "--target", "sim:stabilizer")["counts"]) == {"000", "111"}


def test_the_syndromes_of_a_surface_code_repeat(eigen_json: RunJson, write: Write) -> None:
    found = eigen_json("run", write("surface.eigen.py", SURFACE_CODE))
    assert found["metadata"]["device_id"] == "sim:stabilizer"
    counts = found["counts"]
    assert sum(counts.values()) == 2000
    first = set()
    for key in counts:
        bits = key.replace(" ", "")[-72:]
        turns = [bits[start : start + 24] for start in (48, 24, 0)]
        assert turns[0] == turns[1] == turns[2]
        first.add(turns[0])
    # 12 checks of X are fair coins, 12 checks of Z are certainly 0.
    assert len([k for k in range(24) if any(bits[k] == "1" for bits in first)]) == 12
    assert len(first) > 1000


DENSE = """    for turn in range(12):
        for k in range(n):
            h(q[k])
            t(q[k])
        for k in range(n):
            if (6 * k + turn + 3) % n != 0:
                cx(q[k], q[(7 * k + turn + 3) % n])
    return"""


def test_what_nothing_can_run_says_why(eigen: Run, write: Write) -> None:
    program = write("t.eigen.py", GHZ.replace("    return", DENSE).replace("cx, h,", "cx, h, t,"))
    stderr = eigen("run", program, expect=1).stderr
    assert "EIGEN_ROUTER_NO_DEVICE" in stderr
    for engine, reason in (
        ("stabilizer", "runs Clifford circuits only: operation 1001: `T` is not a Clifford gate"),
        ("statevector", "needs 2^1000 amplitudes"),
        ("mps", "would have to truncate"),
        ("sparse", "has keys of 128 qubits, not of 1000"),
    ):
        assert f"`sim:{engine}` {reason}" in stderr


def test_a_chain_that_is_not_clifford_runs_on_a_matrix_product_state(eigen_json: RunJson, write: Write) -> None:
    program = write("t.eigen.py", GHZ.replace("    return", "    t(q[0])\n    return").replace("cx, h,", "cx, h, t,"))
    found = eigen_json("run", program, "--shots", "100")
    assert found["metadata"]["device_id"] == "sim:mps"
    assert set(found["counts"]) == {"0" * 1000, "1" * 1000}

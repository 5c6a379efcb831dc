"""Programs whose classical part waits for measurements run shot by shot in the engines, with the right physics."""

from __future__ import annotations

import math
import struct

import pytest

from eigen._core import Plan
from eigen.errors import EigenError
from eigen.ir import Circuit, core_errors, dump, load

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def read(body: str, **options: object) -> Circuit:
    return load(HEAD + body, **options)


def run(body: str, shots: int = 2000, engine: str = "statevector", **options: object) -> dict[str, int]:
    circuit = read(body, **options)
    assert load(dump(circuit)) == circuit
    assert load(dump(circuit, "qasm3")) == circuit
    with core_errors():
        counts = Plan(circuit, engine=engine).sample(shots=shots, seed=7).to_dict()
        again = Plan(load(dump(circuit, "qir")), engine=engine).sample(shots=shots, seed=7).to_dict()
    assert counts == again
    return counts


def is_near(count: int, shots: int, probability: float) -> bool:
    """Within 5.2 standard deviations: false with probability 2e-7."""
    return abs(count - shots * probability) <= 5.2 * math.sqrt(shots * probability * (1 - probability)) + 1


TELEPORT = """
qubit[3] q; bit c0; bit c1; bit result;
ry(1.1) q[0]; rz(0.7) q[0];
h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
c0 = measure q[0]; c1 = measure q[1];
if (c0 == 1) { z q[2]; }
if (c1 == 1) { x q[2]; }
rz(-0.7) q[2]; ry(-1.1) q[2];
result = measure q[2];
"""


def test_teleportation_brings_the_state_over() -> None:
    counts = run(TELEPORT)
    assert all(key[0] == "0" for key in counts)
    assert len(counts) == 4
    assert all(is_near(count, 2000, 0.25) for count in counts.values())


INVERSE_QFT = """
qubit[4] q; bit[4] c;
const float unknown = 2 * pi * 11 / 16;
for int i in [0:3] { h q[i]; p(unknown * 2 ** i) q[i]; }
angle[4] turned = 0;
for int i in [3:-1:0] {
  p(-turned) q[i];
  h q[i];
  c[3 - i] = measure q[i];
  if (c[3 - i]) turned += pi;
  turned >>= 1;
}
"""


def test_a_semiclassical_fourier_transform_reads_the_phase() -> None:
    """Angles are added up from outcomes and halved, as in one-qubit phase estimation; the phase is exact in 4 bits."""
    assert run(INVERSE_QFT) == {"1011": 2000}


def test_counters_follow_the_outcomes() -> None:
    counts = run(
        """
        output uint[4] ones;
        qubit q; bit b;
        ones = 0;
        for int i in [0:5] { h q; b = measure q; reset q; if (b) { ones += 1; } }
        """,
        shots=4000,
    )
    for value in range(7):
        key = format(value, "04b")
        assert is_near(counts.get(key, 0), 4000, math.comb(6, value) / 64)
    assert sum(counts.values()) == 4000


REPEAT = """
output uint[8] tries;
qubit[2] q; bit flag = 1; uint[8] count = 0;
while (flag) {
  reset q;
  h q;
  flag = measure q[0];
  count += 1;
  if (count >= 200) break;
}
tries = count;
"""


def test_repeat_until_success_waits_as_long_as_it_must() -> None:
    counts = run(REPEAT, shots=4000)
    for value in range(1, 5):
        assert is_near(counts[format(value, "08b")], 4000, 0.5**value)


def test_angles_from_outcomes_turn_qubits() -> None:
    """Two bits choose one of four angles of an RX; the last qubit is 1 with probability sin²(angle / 2)."""
    counts = run(
        """
        qubit[3] q; bit[2] c; bit r;
        h q[0:1];
        c = measure q[0:1];
        float theta = 0.4 * float(uint[2](c)) + 0.3;
        rx(theta) q[2];
        r = measure q[2];
        """,
        shots=8000,
    )
    for value in range(4):
        zero, one = (counts.get(f"{bit}{value:02b}", 0) for bit in (0, 1))
        assert is_near(one, zero + one, math.sin((0.4 * value + 0.3) / 2) ** 2)


def test_a_general_rotation_takes_angles_from_outcomes_under_a_control() -> None:
    counts = run(
        """
        qubit[4] q; bit c; bit[2] r;
        h q[0]; c = measure q[0];
        angle[8] theta = pi / 2; if (c) { theta = pi / 4; }
        x q[1];
        ctrl @ U(theta, 0.5, 0.25) q[1], q[2];
        ctrl @ U(theta, 0.5, 0.25) q[3], q[0];
        inv @ ctrl @ U(theta, 0.5, 0.25) q[3], q[0];
        r[0] = measure q[2];
        r[1] = measure q[3];
        """,
        shots=8000,
    )
    assert all(key[0] == "0" for key in counts)
    for value, angle in ((0, math.pi / 2), (1, math.pi / 4)):
        one, zero = (counts.get(f"0{bit}{value}", 0) for bit in (1, 0))
        assert is_near(one, one + zero, math.sin(angle / 2) ** 2)


CODE = """
def syndrome(qubit[3] d, qubit[2] a) -> bit[2] {
  bit[2] found;
  reset a;
  cx d[0], a[0]; cx d[1], a[0];
  cx d[1], a[1]; cx d[2], a[1];
  found = measure a;
  return found;
}
qubit[3] d; qubit[2] a; output bit[3] result; bit[2] syn;
ry(1.0) d[0]; cx d[0], d[1]; cx d[0], d[2];
x d[WHICH];
syn = syndrome(d, a);
switch (syn) { case 1 { x d[0]; } case 3 { x d[1]; } case 2 { x d[2]; } }
syn = syndrome(d, a);
if (syn != 0) { end; }
cx d[0], d[1]; cx d[0], d[2]; ry(-1.0) d[0];
result = measure d;
"""


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("engine", ["statevector", "sparse", "mps"])
def test_the_repetition_code_corrects_a_flip(which: int, engine: str) -> None:
    assert run(CODE.replace("WHICH", str(which)), 200, engine) == {"000": 200}


def test_a_ripple_adder_adds() -> None:
    counts = run(
        """
        gate majority a, b, c { cx c, b; cx c, a; ccx a, b, c; }
        gate unmaj a, b, c { ccx a, b, c; cx c, a; cx a, b; }
        qubit[1] cin; qubit[4] a; qubit[4] b; qubit[1] cout; bit[5] ans;
        uint[4] left = 11; uint[4] right = 13;
        for uint i in [0:3] { if (bool(left[i])) x a[i]; if (bool(right[i])) x b[i]; }
        majority cin[0], b[0], a[0];
        for uint i in [0:2] { majority a[i], b[i + 1], a[i + 1]; }
        cx a[3], cout[0];
        for uint i in [2:-1:0] { unmaj a[i], b[i + 1], a[i + 1]; }
        unmaj cin[0], b[0], a[0];
        ans[0:3] = measure b[0:3];
        ans[4] = measure cout[0];
        """
    )
    assert counts == {format(24, "05b"): 2000}


def test_arithmetic_at_run_time_is_that_of_the_types() -> None:
    counts = run(
        """
        qubit[4] q; bit[4] c; x q[0]; x q[2]; x q[3]; c = measure q;
        output int[8] a; output uint[8] b; output bit[4] rotated; output uint[8] wrapped; output int[16] product;
        output bool less; output uint[8] quotient; output uint[8] chosen; output uint[8] power; output uint[8] ones;
        uint[8] n = uint[4](c);
        int[4] small = int[4](c);
        array[uint[8], 4] table = {10, 20, 30, 40};
        a = small * 3;
        b = n - 20;
        rotated = c << 1;
        wrapped = n * n * 2;
        product = int[16](small) * int[16](n);
        less = small < -2;
        quotient = n / 4 + n % 4;
        table[n % 4] = 99;
        chosen = table[n / 8] + table[1];
        power = n ** 2;
        ones = popcount(c);
        """,
        shots=10,
    )
    n, s = 13, -3
    expected = [
        (s * 3, 8),
        (n - 20, 8),
        (n << 1, 4),
        (n * n * 2, 8),
        (s * n, 16),
        (1, 1),
        (n // 4 + n % 4, 8),
        (99 + 99, 8),
        (n**2, 8),
        (3, 8),
    ]
    key = "".join(format(value % 2**width, f"0{width}b") for value, width in reversed(expected))
    assert counts == {key: 10}


def test_functions_of_floats_are_computed_at_run_time() -> None:
    circuit = read(
        """
        output float result; qubit q; bit c; x q; c = measure q;
        float w = float(uint[1](c)) + 0.5;
        result = sin(w) * sqrt(w) + exp(-w) / log(w) + arctan(w) ** 2 - floor(w) + abs(-w);
        """
    )
    [key] = Plan(circuit).sample(shots=5, seed=1).to_dict()
    value = struct.unpack("<d", int(key, 2).to_bytes(8, "little"))[0]
    y = 1.5
    expected = math.sin(y) * math.sqrt(y) + math.exp(-y) / math.log(y) + math.atan(y) ** 2 - math.floor(y) + y
    assert value == pytest.approx(expected, rel=1e-14)


def test_ways_out_of_loops_are_taken_at_run_time() -> None:
    counts = run(
        """
        output uint[4] last; output uint[4] skipped; output uint[4] found;
        def search(qubit q, uint[4] stop) -> uint[4] {
          bit b;
          for uint[4] k in [0:7] {
            b = measure q;
            if (b) { if (k == stop) { return k; } }
          }
          return 15;
        }
        qubit q; bit c; x q; last = 0; skipped = 0;
        for int i in [0:5] {
          c = measure q;
          if (c) { if (i == 1) { skipped += 1; continue; } }
          if (c && i == 4) { break; }
          last += 1;
        }
        found = search(q, 6);
        """,
        shots=10,
    )
    assert counts == {"011000010011": 10}


def test_a_loop_over_a_range_known_at_run_time() -> None:
    counts = run(
        """
        output uint[8] total; qubit[3] q; bit[3] c; x q[0]; x q[2]; c = measure q; total = 0;
        for uint[8] k in [1:uint[3](c)] { if (k == 3) continue; total += k; }
        """,
        shots=10,
    )
    assert counts == {format(1 + 2 + 4 + 5, "08b"): 10}


def test_what_is_scratch_is_shown_by_no_counts() -> None:
    circuit = read("output bit r; qubit[70] q; bit[70] c; x q[69]; c = measure q; r = c[69] ^ c[0];")
    assert (circuit.num_clbits, circuit.num_scratch) == (1, 70)
    with core_errors():
        assert Plan(circuit, engine="stabilizer").sample(shots=50, seed=3).to_dict() == {"1": 50}
        assert Plan(circuit, engine="mps").sample(shots=50, seed=3).to_dict() == {"1": 50}


def test_noisy_engines_compute_too() -> None:
    body = "output uint[2] n; qubit q; bit b; n = 0; for int i in [0:2] { x q; b = measure q; if (b) n += 1; }"
    circuit = read(body)
    counts = Plan(circuit, engine="density").sample(shots=100, seed=3).to_dict()
    assert counts == {"10": 100}


def test_what_has_no_value_at_run_time_is_a_coded_error() -> None:
    circuit = read("output uint[8] n; qubit q; bit b; b = measure q; n = 5 / uint[8](uint[1](b));")
    with pytest.raises(EigenError, match="division by zero") as caught, core_errors():
        Plan(circuit).sample(shots=10, seed=1)
    assert caught.value.code == "EIGEN_SIM_CLASSICAL"


@pytest.mark.parametrize("engine", ["tn", "pauli"])
def test_engines_without_histories_refuse_by_name(engine: str) -> None:
    circuit = read('bit[2] c = "01"; qubit q; uint[2] n = 1; c[1] = measure q; if (c[1]) { n = 2; } c = bit[2](n);')
    with pytest.raises(EigenError, match="COMPUTE") as caught, core_errors():
        Plan(circuit, engine=engine).sample(shots=10, seed=1)
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_extern_and_defcal_name_what_they_need() -> None:
    for body in (
        "extern energy(bit[2]) -> float; qubit[2] q; bit[2] c; c = measure q; float e = energy(c);",
        "qubit q; defcal mygate $0 { } mygate q;",
    ):
        with pytest.raises(EigenError, match="needs a binding") as caught:
            read(body)
        assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_numbers_of_more_than_64_bits_are_computed_before_and_while_a_program_runs() -> None:
    circuit = read(
        """
        const uint[100] big = 2 ** 90 + 5; const int[128] low = -(2 ** 100);
        output uint[100] product; output int[128] sum; output bool less; output uint[8] ones;
        qubit q; bit b; x q; b = measure q;
        uint[100] n = big * uint[1](b);
        product = n * 3;
        sum = low - n;
        less = n < 2 ** 90;
        ones = popcount(n) + (big >> 88);
        """
    )
    assert load(dump(circuit, "qasm3")) == circuit
    with pytest.raises(EigenError, match="more than 64 bits"):
        dump(circuit, "qir")
    big = 2**90 + 5
    expected = [(big * 3, 100), (-(2**100) - big, 128), (0, 1), (3 + 4, 8)]
    counts = Plan(circuit).sample(shots=5, seed=1).to_dict()
    assert counts == {"".join(format(value % 2**width, f"0{width}b") for value, width in reversed(expected)): 5}

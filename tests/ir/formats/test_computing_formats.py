"""Circuits that compute while they run leave in OpenQASM 3 and in QIR, and come back doing the same."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen._core import Plan
from eigen.errors import EigenError
from eigen.ir import Circuit, core_errors, dump, load
from strategies import examples

RESULT, REAL_RESULT, FLAGS = list(range(12)), list(range(12, 76)), [76, 77]
OUTCOMES, BYTE, SMALL, REAL = [78, 79, 80, 81], list(range(82, 90)), [90, 91, 92], list(range(93, 157))
CLBITS, SCRATCH = 78, 79
GROUPS = [RESULT, OUTCOMES, BYTE, SMALL, BYTE[2:5], [*SMALL[::-1]], [80], [76], [BYTE[3]]]
TARGETS = [RESULT, BYTE, SMALL, [76], [77], [RESULT[1]]]
Node = dict[str, Any]


def do(name: str, *of: Node) -> Node:
    return {"do": name, "of": list(of)}


@st.composite
def wholes(draw: st.DrawFn, depth: int = 3) -> Node:
    """Expressions on whole numbers, as AQO writes them."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        if draw(st.booleans()):
            return {"int": draw(st.integers(-20, 300) | st.integers(-(1 << 63), (1 << 64) - 1))}
        return {"bits": draw(st.sampled_from(GROUPS)), "as": draw(st.sampled_from(["uint", "int"]))}
    inner = wholes(depth - 1)
    match draw(st.integers(0, 9)):
        case 0:
            return do(draw(st.sampled_from(["neg", "invert", "not"])), draw(inner))
        case 1 | 2 | 3:
            bits, signed = draw(st.sampled_from([1, 3, 8, 16, 64])), draw(st.booleans())
            return {**do("wrap", draw(inner)), "bits": bits, "signed": signed}
        case 4:
            return do("popcount", {**do("wrap", draw(inner)), "bits": 16, "signed": False})
        case 5:
            # A fraction beyond 64 bits is a whole number here and none in LLVM.
            small = do("float", {**do("wrap", draw(inner)), "bits": 16, "signed": True})
            return do("int", do(draw(st.sampled_from("+-*/")), small, {"float": 0.37}))
        case 6:
            return do(draw(st.sampled_from(["<", "<=", "==", "!="])), draw(reals(depth - 1)), draw(reals(depth - 1)))
        case 7:
            name = draw(st.sampled_from(["<<", ">>", "**"]))
            return do(name, draw(inner), {"int": draw(st.integers(0, 5))})
        case 8:
            name = draw(st.sampled_from(["<", "<=", "==", "!=", "/", "%", ">>"]))
            return do(name, draw(inner), draw(inner))
        case _:
            return do(draw(st.sampled_from(["+", "-", "*", "&", "|", "^"])), draw(inner), draw(inner))


@st.composite
def reals(draw: st.DrawFn, depth: int = 2) -> Node:
    """Expressions on fractions."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        if draw(st.booleans()):
            return {"float": draw(st.sampled_from([0.5, -1.25, 3.0, 1e10, 0.1]))}
        return {"bits": draw(st.sampled_from([REAL, REAL_RESULT])), "as": "float"}
    match draw(st.integers(0, 4)):
        case 0:
            return do(draw(st.sampled_from(["floor", "ceiling", "neg"])), draw(reals(depth - 1)))
        case 1:
            return do(draw(st.sampled_from(["sin", "arctan", "exp", "sqrt"])), draw(reals(depth - 1)))
        case 2:
            return do("float", {**do("wrap", draw(wholes(depth - 1))), "bits": 16, "signed": True})
        case _:
            return do(draw(st.sampled_from(["+", "-", "*", "/"])), draw(reals(depth - 1)), draw(reals(depth - 1)))


@st.composite
def operations(draw: st.DrawFn, count: int, depth: int = 2) -> list[Node]:
    """Computations, some of them in branches and loops."""
    made: list[Node] = []
    for _ in range(count):
        if depth and draw(st.integers(0, 3)) == 0:
            inner = draw(operations(2, depth - 1))
            bits = draw(st.sampled_from([BYTE, SMALL, OUTCOMES]))
            test = {"bits": bits, "cmp": draw(st.sampled_from(["==", "<", ">="])), "value": draw(st.integers(0, 7))}
            kind = draw(st.integers(0, 2))
            if kind == 0:
                made.append({"op": "IF", "cond": test, "then": inner, "else": draw(operations(1, depth - 1))})
            elif kind == 1:
                made.append({"op": "FOR", "count": 3, "body": inner})
            else:
                # Counted, so that it ends.
                step = {"op": "COMPUTE", "c": SMALL, "value": do("+", {"bits": SMALL, "as": "uint"}, {"int": 1})}
                low = {"bits": SMALL, "cmp": "<", "value": 4}
                inner = [one for one in inner if one.get("c") != SMALL and one["op"] == "COMPUTE"]
                made.append({"op": "WHILE", "cond": low, "max": 50, "body": [*inner, step]})
        elif draw(st.integers(0, 3)) == 0:
            made.append({"op": "COMPUTE", "c": draw(st.sampled_from([REAL, REAL_RESULT])), "value": draw(reals())})
        else:
            made.append({"op": "COMPUTE", "c": draw(st.sampled_from(TARGETS)), "value": draw(wholes())})
    return made


@st.composite
def computing(draw: st.DrawFn) -> Circuit:
    """Circuits whose outcomes are certain, so that what they compute is."""
    word = draw(st.integers(0, 15))
    prepared: list[Node] = [{"op": "X", "q": [k]} for k in range(4) if word >> k & 1]
    prepared.append({"op": "MEASURE", "q": [0, 1, 2, 3], "c": OUTCOMES})
    return made([*prepared, *draw(operations(4))])


def made(operations: list[Node]) -> Circuit:
    registers = {"c": [{"name": "n", "start": 0, "size": 12}, {"name": "x", "start": 12, "size": 64}], "q": []}
    document = {"version": "1.1", "kind": "circuit", "qubits": 4, "clbits": CLBITS, "scratch": SCRATCH}
    return load(json.dumps({**document, "registers": registers, "operations": operations}))


def behaviour(circuit: Circuit) -> dict[str, int] | str:
    """What it counts, or the error that it ends with."""
    try:
        with core_errors():
            return Plan(circuit).sample(shots=1, seed=0).to_dict()
    except EigenError as error:
        if error.code not in {"EIGEN_SIM_CLASSICAL", "EIGEN_SIM_LIMIT"}:
            raise
        return error.code


def written(circuit: Circuit, format: str) -> Circuit | None:
    """The circuit as it comes back; None where the format lacks an operation, which it names."""
    try:
        return load(dump(circuit, format))
    except EigenError as error:
        if error.code != "EIGEN_FORMAT_UNSUPPORTED":
            raise
        return None


@examples(60, soak=2_000)
@given(computing())
def test_openqasm_says_what_is_computed(circuit: Circuit) -> None:
    again = written(circuit, "qasm3")
    if again is None:
        return
    assert (again.num_clbits, again.num_scratch) == (circuit.num_clbits, circuit.num_scratch)
    assert again.clbit_registers == circuit.clbit_registers
    assert behaviour(again) == behaviour(circuit)
    assert behaviour(load(dump(again, "qasm3"))) == behaviour(circuit)


@examples(60, soak=2_000)
@given(computing())
def test_qir_says_what_is_computed(circuit: Circuit) -> None:
    if isinstance(behaviour(circuit), str):  # a division by zero, which LLVM leaves open
        return
    again = written(circuit, "qir")
    if again is not None:
        assert again.clbit_registers == circuit.clbit_registers
        assert behaviour(again) == behaviour(circuit)


SOURCE = """OPENQASM 3.0; include "stdgates.inc";
output uint[8] total; output float mean; output bool high; output bit[3] seen;
qubit[3] q; int[16] signed = 0; float sum = 0.0;
total = 0;
for uint k in [0:2] {
  x q[k];
  seen[k] = measure q[k];
  if (seen[k]) { total += 3; signed -= 7; sum += 0.5 * float(total); }
}
mean = sum / 3.0;
high = total > 5 && signed < -20;
"""


def test_the_text_is_as_one_would_write_it() -> None:
    circuit = load(SOURCE)
    text = dump(circuit, "qasm3").decode()
    assert load(text) == circuit
    for line in (
        "output uint[8] total;",
        "output float[64] mean;",
        "int[16] value = 0;",
        "float[64] value_1 = 0.0;",
        "  total = total + 3;",
        "  value = value - 7;",
        "  value_1 = value_1 + 0.5 * float[64](total);",
        "mean = value_1 / 3.0;",
        "high[0] = (5 < total) && (value < -20);",
    ):
        assert line in text.splitlines(), text


def test_the_reference_parser_reads_what_is_computed() -> None:
    openqasm3 = pytest.importorskip("openqasm3")
    assert openqasm3.parse(dump(load(SOURCE), "qasm3").decode()).version == "3.0"


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_llvm_takes_what_is_computed(version: str) -> None:
    pyqir = pytest.importorskip("pyqir")
    text = dump(load(SOURCE), "qir", version=version).decode()
    assert pyqir.Module.from_ir(pyqir.Context(), text).verify() is None
    assert '!"int_computations"' in text
    assert '!"float_computations"' in text
    assert '"required_num_results"="3"' in text
    assert behaviour(load(text)) == behaviour(load(SOURCE))
    key = next(iter(behaviour(load(text))))
    assert struct.unpack("<d", int(key[4:68], 2).to_bytes(8, "little"))[0] == 0.5 * (3 + 6 + 9) / 3


def test_bitcode_carries_what_is_computed() -> None:
    pytest.importorskip("pyqir")
    circuit = load(SOURCE)
    assert behaviour(load(dump(circuit, "qir_bitcode"))) == behaviour(circuit)


@pytest.mark.parametrize(
    ("format", "value", "words"),
    [
        ("qasm3", do("/", {"int": 1}, {"int": 0}), "division by zero"),
        ("qasm3", do("**", {"bits": BYTE, "as": "uint"}, {"int": -1}), r"`\*\*`"),
        ("qir", do("int", do("sqrt", do("float", {"bits": BYTE, "as": "uint"}))), "`sqrt`"),
        ("qir", do("**", {"int": 2}, {"bits": BYTE, "as": "uint"}), "a power that is not known"),
        ("qir", do("/", {"bits": BYTE, "as": "uint"}, {"int": 0}), "`/ by zero`"),
        ("qir", do("%", {"int": 7}, {"int": 0}), "`% by zero`"),
    ],
)
def test_what_no_form_says_is_named(format: str, value: Node, words: str) -> None:
    circuit = made([{"op": "COMPUTE", "c": BYTE, "value": value}])
    with pytest.raises(EigenError, match=words) as caught:
        dump(circuit, format)
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


@pytest.mark.parametrize("format", ["qasm3", "qir"])
def test_bits_that_are_a_fraction_and_a_number_are_named(format: str) -> None:
    real = {"op": "COMPUTE", "c": REAL, "value": {"float": 0.5}}
    whole = {"op": "COMPUTE", "c": BYTE, "value": {"bits": REAL[:8], "as": "uint"}}
    with pytest.raises(EigenError, match="fraction") as caught:
        dump(made([real, whole]), format)
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"

"""QIR's gates are ours, and what circuits do not have is refused with its place."""

from __future__ import annotations

import numpy as np
import pytest
from qir_source import program

from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, load
from eigen.ir.formats.conversion import certify
from eigen.ir.formats.qir.gates import GATES


@pytest.mark.parametrize("name", sorted(GATES))
def test_a_gate_has_the_matrix_of_ours(name: str) -> None:
    ours, angles, width = GATES[name]
    values = [0.3 + 0.4 * k for k in range(angles)]
    arguments = [f"double {value!r}" for value in values] + [f"<q{k}>" for k in range(width)]
    circuit = load(
        program(f"  call void @__quantum__qis__{name}__body({', '.join(arguments)})\n  ret i64 0", results=0)
    )
    builder = CircuitBuilder(3)
    builder.gate(ours, range(width), values)
    assert circuit == builder.build()


@pytest.mark.parametrize("inverse", ["s__adj", "s_adj__body", "sdg__body"])
def test_inverses_have_several_spellings(inverse: str) -> None:
    circuit = load(program(f"  call void @__quantum__qis__{inverse}(<q0>)\n  ret i64 0", results=0))
    (gate,) = circuit.instructions()
    assert (gate.name, gate.inverse) in {("S", True), ("Sdg", False)}


def test_a_phased_rotation_is_three() -> None:
    text = program("  call void @__quantum__qis__phasedx__body(double 0.3, double 0.7, <q0>)\n  ret i64 0", results=0)
    half, axis = 0.15, np.cos(0.7) * np.array([[0, 1], [1, 0]]) + np.sin(0.7) * np.array([[0, -1j], [1j, 0]])
    builder = CircuitBuilder(3)
    builder.gate("UNITARY", [0], matrix=np.cos(half) * np.eye(2) - 1j * np.sin(half) * axis)
    assert certify(load(text), builder.build()).verdict == "equal"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("  %a = alloca [4 x i64]\n  %b = load i64, ptr %a\n  ret i64 0", "UNSUPPORTED", "no single value"),
        ("  %a = load volatile i64, ptr null\n  ret i64 0", "INVALID", "a type is missing"),
        ("  %a = cmpxchg ptr null, i64 0, i64 1 monotonic monotonic\n  ret i64 0", "UNSUPPORTED", "`cmpxchg`"),
        ("  call void @__quantum__rt__fail(i8* null)\n  ret i64 0", "UNSUPPORTED", "`__quantum__rt__fail`"),
        ("  call void @__quantum__qis__h__ctl(<q0>)\n  ret i64 0", "UNSUPPORTED", "`__quantum__qis__h__ctl`"),
        ("  %q = call %Qubit* @__quantum__rt__qubit_allocate()\n  ret i64 0", "UNSUPPORTED", "qubit_allocate"),
        ("  call h(<q3>)\n  ret i64 0", "INVALID", "beyond the `3`"),
        ("  call cnot(<q1>, <q1>)\n  ret i64 0", "INVALID", "twice"),
        ("  call h(%Qubit* %x)\n  ret i64 0", "INVALID", "`%x` is not there"),
        ("  call rx(double 0x7FF0000000000000, <q0>)\n  ret i64 0", "INVALID", "no finite number"),
        ("  ret i64 3", "UNSUPPORTED", "exit code"),
        ("  br label %loop\nloop:\n  br label %loop", "LIMIT", "steps"),
        ("  unreachable", "UNSUPPORTED", "unreachable"),
        ("  %0 = call i64 @main()\n  ret i64 %0", "LIMIT", "inside each other"),
        (
            "  call mz(<q0>, <r0>)\n  %0 = call read(<r0>)\n  %1 = select i1 %0, i64 1, i64 2\n"
            "  %2 = inttoptr i64 %1 to %Qubit*\n  call h(%Qubit* %2)\n  ret i64 0",
            "UNSUPPORTED",
            "depends on an outcome",
        ),
        (
            "  call mz(<q0>, <r0>)\n  %0 = call read(<r0>)\n  %1 = select i1 %0, double 1.0, double 2.0\n"
            "  call rx(double %1, <q0>)\n  ret i64 0",
            "UNSUPPORTED",
            "no finite number that is known",
        ),
        (
            "  br label %loop\nloop:\n  %i = phi i64 [ 0, %entry ], [ %n, %loop ]\n  %n = add i64 %i, 1\n"
            "  %q = inttoptr i64 %i to ptr\n  call mz(%Qubit* %q, <r0>)\n  %0 = call read(<r0>)\n"
            "  br i1 %0, label %loop, label %end\nend:\n  ret i64 0",
            "INVALID",
            "beyond the `3`",
        ),
        (
            "  br label %loop\nloop:\n  %i = phi double [ 0.0, %entry ], [ %n, %loop ]\n  %n = fadd double %i, 1.0\n"
            "  call rx(double %i, <q0>)\n  call mz(<q0>, <r0>)\n  %0 = call read(<r0>)\n"
            "  br i1 %0, label %loop, label %end\nend:\n  ret i64 0",
            "LIMIT",
            "inside each other",
        ),
    ],
)
def test_what_circuits_do_not_have_is_refused_with_its_place(body: str, code: str, words: str) -> None:
    with pytest.raises(EigenError, match=words) as caught:
        load(program(body), where="a.ll")
    assert code in caught.value.code
    assert caught.value.where.startswith("a.ll:")


def test_without_pyqir_bitcode_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eigen.ir.formats.qir.bitcode.find_spec", lambda name: None)
    with pytest.raises(EigenError) as caught:
        load(b"BC\xc0\xde", where="a.bc")
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert "eigen-os[qir]" in caught.value.hint


@pytest.mark.parametrize("data", [b"", bytes(999), b"5\x14\x00\x00" + b"\xa5" * 999])
def test_what_is_no_bitcode_ends_only_the_process_that_reads_it(data: bytes) -> None:
    pytest.importorskip("pyqir")
    with pytest.raises(EigenError, match="LLVM cannot read") as caught:
        load(b"BC\xc0\xde" + data)
    assert caught.value.code == "EIGEN_FORMAT_INVALID"

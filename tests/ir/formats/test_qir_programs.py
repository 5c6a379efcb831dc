"""QIR in and out: programs of both profiles against OpenQASM, against pyqir's own reader, and what is refused."""

from __future__ import annotations

import json
from math import pi

import numpy as np
import pytest

from eigen._core import Plan
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, dump, load
from eigen.ir.formats.conversion import certify, convert
from eigen.ir.formats.qir.gates import GATES, WRITE
from eigen.ir.formats.table import of_text


def program(body: str, *, qubits: int = 3, results: int = 3, head: str = "") -> str:
    """A module whose entry point is `body`; `qN`, `rN` and `lN` stand for arguments."""
    required = f'"required_num_qubits"="{qubits}" "required_num_results"="{results}"'
    text = f"""; a program
%Qubit = type opaque
%Result = type opaque
@0 = internal constant [3 x i8] c"a0\\00"
@1 = internal constant [3 x i8] c"a1\\00", align 1
{head}
define i64 @main() local_unnamed_addr #0 {{
entry:
  call void @__quantum__rt__initialize(i8* null)
{body}
}}
declare void @__quantum__qis__h__body(%Qubit*) local_unnamed_addr
declare void @__quantum__qis__mz__body(%Qubit*, %Result* writeonly) #1
attributes #0 = {{ "entry_point" "qir_profiles"="adaptive_profile" {required} }}
attributes #1 = {{ "irreversible" }}
!llvm.module.flags = !{{!0, !1}}
!0 = !{{i32 1, !"qir_major_version", i32 1}}
!1 = !{{i32 5, !"int_computations", !2}}
!2 = !{{!"i64"}}
"""
    for number in range(8):
        for letter, kind in (("q", "%Qubit*"), ("r", "%Result*")):
            value = f"{kind} nonnull inttoptr (i64 {number} to {kind})" if number else f"{kind} null"
            text = text.replace(f"<{letter}{number}>", value)
        text = text.replace(f"<l{number}>", f"i8* getelementptr inbounds ([3 x i8], [3 x i8]* @{number}, i32 0, i32 0)")
    for short in ("h", "x", "y", "z", "cnot", "rx"):
        text = text.replace(f"call {short}(", f"call void @__quantum__qis__{short}__body(")
    text = text.replace("call mz(", "call void @__quantum__qis__mz__body(")
    text = text.replace("call read(", "call i1 @__quantum__rt__read_result(")
    return text.replace("call record(", "call void @__quantum__rt__result_record_output(")


TELEPORT = program(
    """  br label %body
body:                                   ; preds = %entry
  tail call rx(double 0x3FD3333333333333, <q0>)
  call h(<q1>)
  call cnot(<q1>, <q2>)
  call cnot(<q0>, <q1>)
  call h(<q0>)
  call mz(<q0>, <r0>)
  call mz(<q1>, <r1>)
  %0 = call read(%Result* readonly null)
  br i1 %0, label %then__1, label %continue__1
then__1:
  tail call z(<q2>)
  br label %continue__1
continue__1:                               ; preds = %then__1, %body
  %1 = call read(<r1>)
  br i1 %1, label %then__2, label %continue__2
then__2:
  call x(<q2>)
  br label %continue__2
continue__2:
  call mz(<q2>, <r2>)
  call void @__quantum__rt__array_record_output(i64 3, <l0>)
  call record(<r2>, i8* null)
  call record(<r1>, i8* null)
  call record(<r0>, i8* null)
  ret i64 0"""
)
TELEPORT_QASM = """OPENQASM 3.0; include "stdgates.inc";
qubit[3] q; bit[3] a0;
rx(0.3) q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
a0[2] = measure q[0]; a0[1] = measure q[1];
if (a0[2]) z q[2];
if (a0[1]) x q[2];
a0[0] = measure q[2];
"""


def test_a_program_of_the_specification_is_the_one_of_openqasm() -> None:
    assert of_text(TELEPORT.encode()).name == "qir"
    circuit = load(TELEPORT)
    assert circuit.clbit_registers == (("a0", 0, 3),)
    certificate = certify(circuit, load(TELEPORT_QASM), up_to_phase=True)
    assert (certificate.verdict, certificate.is_proof) == ("equal", True), str(certificate)
    assert not circuit.computes


LOOPS = {
    "a loop of known length, which names qubits": (
        """  br label %loop
loop:
  %0 = phi i64 [ 1, %entry ], [ %1, %loop ]
  %q = inttoptr i64 %0 to %Qubit*
  call cnot(<q0>, %Qubit* nonnull %q)
  %1 = add nsw i64 %0, 1
  %2 = icmp sle i64 %1, 2
  br i1 %2, label %loop, label %exit
exit:
  call mz(<q2>, <r0>)
  ret i64 0""",
        "cx q[0], q[1]; cx q[0], q[2]; c[0] = measure q[2];",
    ),
    "a loop that an outcome ends": (
        """  br label %loop
loop:
  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
  br i1 %0, label %cont, label %loop
cont:
  call x(<q1>)
  call mz(<q1>, <r1>)
  ret i64 0""",
        "h q[0]; c[0] = measure q[0]; while (!c[0]) { h q[0]; c[0] = measure q[0]; } x q[1]; c[1] = measure q[1];",
    ),
    "a known number of rounds that an outcome may end": (
        """  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %again ]
  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
  br i1 %0, label %exit, label %again
again:
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, 3
  br i1 %more, label %loop, label %exit
exit:
  ret i64 0""",
        """h q[0]; c[0] = measure q[0]; if (!c[0]) { h q[0]; c[0] = measure q[0];
        if (!c[0]) { h q[0]; c[0] = measure q[0]; } }""",
    ),
    "functions of the module": (
        """  call void @swap(<q0>, <q1>)
  %n = call i64 @double(i64 1)
  %q = inttoptr i64 %n to %Qubit*
  call x(%Qubit* %q)
  call mz(<q2>, <r0>)
  ret i64 0""",
        "swap q[0], q[1]; x q[2]; c[0] = measure q[2];",
    ),
    "an outcome under an outcome": (
        """  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
  br i1 %0, label %one, label %zero
one:
  call h(<q1>)
  call mz(<q1>, <r1>)
  %1 = call read(<r1>)
  br i1 %1, label %both, label %end
both:
  call x(<q2>)
  br label %end
zero:
  call z(<q2>)
  br label %end
end:
  call mz(<q2>, <r2>)
  ret i64 0""",
        """h q[0]; c[0] = measure q[0]; if (c[0]) { h q[1]; c[1] = measure q[1]; if (c[1]) x q[2]; } else { z q[2]; }
        c[2] = measure q[2];""",
    ),
    "logic of outcomes": (
        """  call h(<q0>)
  call h(<q1>)
  call mz(<q0>, <r0>)
  call mz(<q1>, <r1>)
  %0 = call read(<r0>)
  %1 = call read(<r1>)
  %2 = and i1 %0, %1
  %3 = xor i1 %2, true
  %4 = select i1 %3, i1 %0, i1 false
  br i1 %4, label %then, label %end
then:
  call x(<q2>)
  br label %end
end:
  call mz(<q2>, <r2>)
  ret i64 0""",
        """h q[0]; h q[1]; c[0] = measure q[0]; c[1] = measure q[1]; if (c[0] && !c[1]) x q[2]; c[2] = measure q[2];""",
    ),
    "a switch over a number that was measured": (
        """  call h(<q0>)
  call h(<q1>)
  call mz(<q0>, <r0>)
  call mz(<q1>, <r1>)
  %0 = call read(<r0>)
  %1 = call read(<r1>)
  %a = zext i1 %0 to i32
  %b = zext i1 %1 to i32
  %c = shl i32 %b, 1
  %d = or i32 %a, %c
  switch i32 %d, label %other [ i32 0, label %none
                                i32 2, label %two ]
none:
  call x(<q2>)
  br label %end
two:
  call h(<q2>)
  br label %end
other:
  br label %end
end:
  call mz(<q2>, <r2>)
  ret i64 0""",
        """h q[0]; h q[1]; c[0] = measure q[0]; c[1] = measure q[1];
        if (c == 0) { x q[2]; } else { if (c == 2) { h q[2]; } } c[2] = measure q[2];""",
    ),
    "numbers that are put together from outcomes": (
        """  call h(<q0>)
  call h(<q1>)
  call mz(<q0>, <r0>)
  call mz(<q1>, <r1>)
  %0 = call read(<r0>)
  %1 = call read(<r1>)
  %a = zext i1 %0 to i64
  %b = zext i1 %1 to i64
  %c = mul i64 %b, 4
  %d = add i64 %c, %a
  %e = icmp eq i64 %d, 4
  br i1 %e, label %then, label %next
then:
  call x(<q2>)
  br label %next
next:
  %f = icmp ne i64 %d, 2
  %g = lshr i64 %c, 2
  %h = trunc i64 %g to i1
  %i = and i1 %f, %h
  br i1 %i, label %last, label %end
last:
  call h(<q2>)
  br label %end
end:
  call mz(<q2>, <r2>)
  ret i64 0""",
        """h q[0]; h q[1]; c[0] = measure q[0]; c[1] = measure q[1];
        if (!c[0] && c[1]) x q[2]; if (c[1]) h q[2]; c[2] = measure q[2];""",
    ),
    "an outcome kept while its result is measured again": (
        """  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
  call h(<q0>)
  call mz(<q0>, <r0>)
  br i1 %0, label %then, label %end
then:
  call x(<q1>)
  br label %end
end:
  call mz(<q1>, <r1>)
  ret i64 0""",
        "bit k; h q[0]; k = measure q[0]; h q[0]; c[0] = measure q[0]; if (k) x q[1]; c[1] = measure q[1];",
    ),
    "an outcome that a function gives, kept while the function measures again": (
        """  %0 = call i1 @measured(<q0>)
  %1 = call i1 @measured(<q0>)
  br i1 %0, label %then, label %end
then:
  call x(<q1>)
  br label %end
end:
  call mz(<q1>, <r1>)
  call void @__quantum__rt__bool_record_output(i1 %1, i8* null)
  call record(<r1>, i8* null)
  call record(<r2>, i8* null)
  ret i64 0""",
        "bit k; h q[0]; k = measure q[0]; h q[0]; c[0] = measure q[0]; if (k) x q[1]; c[1] = measure q[1];",
    ),
    "rounds that are counted, and their count recorded": (
        """  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %n, %loop ]
  %n = add i64 %i, 1
  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
  br i1 %0, label %loop, label %end
end:
  %low = trunc i64 %n to i3
  call void @__quantum__rt__int_record_output(i3 %low, i8* null)
  ret i64 0""",
        """uint[3] n; bit m; do_ = 1;
        while (do_) { n = n + 1; h q[0]; do_ = measure q[0]; } c = bit[3](n);""",
    ),
    "an outcome that the next round reads after another measurement": (
        """  br label %loop
loop:
  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
  call h(<q1>)
  call mz(<q1>, <r1>)
  %1 = call read(<r1>)
  br i1 %1, label %body, label %exit
body:
  br i1 %0, label %then, label %back
then:
  call x(<q2>)
  br label %back
back:
  br label %loop
exit:
  call mz(<q2>, <r2>)
  ret i64 0""",
        """do_ = 1; while (do_) { h q[0]; c[0] = measure q[0]; h q[1]; do_ = measure q[1];
        if (do_ && c[0]) x q[2]; } c[2] = measure q[2];""",
    ),
    "memory, arrays and a loop of both kinds, as Q# writes them": (
        """  %again = alloca i1, align 1
  %k = alloca i64
  store i1 true, i1* %again
  br label %test
test:
  %t = load i1, i1* %again, align 1
  br i1 %t, label %round, label %done
round:
  store i64 -2, i64* %k
  br label %each
each:
  %a = load i64, i64* %k
  %less = icmp slt i64 %a, 0
  br i1 %less, label %turn, label %check
turn:
  %element = getelementptr [2 x %Qubit*], [2 x %Qubit*]* @qubits, i64 1, i64 %a
  %q = load %Qubit*, %Qubit** %element
  call h(%Qubit* %q)
  %b = add i64 %a, 1
  store i64 %b, i64* %k
  br label %each
check:
  call cnot(<q0>, <q1>)
  call void @__quantum__qis__mresetz__body(<q1>, <r1>)
  %0 = call read(<r1>)
  %no = icmp eq i1 %0, false
  %yes = xor i1 %no, true
  store i1 %yes, i1* %again
  br label %test
done:
  call mz(<q0>, <r0>)
  ret i64 0""",
        """do_ = 1; while (do_) { h q[0]; h q[1]; cx q[0], q[1]; do_ = measure q[1]; reset q[1]; }
        c[0] = measure q[0]; c[1] = 0;""",
    ),
}
COMPUTING = {name for name in LOOPS if "kept" in name or "counted" in name or "memory" in name or "next round" in name}
MEASURED = """define i1 @measured(%Qubit* %q) {
  call void @__quantum__qis__h__body(%Qubit* %q)
  call void @__quantum__qis__mz__body(%Qubit* %q, %Result* null)
  %outcome = call i1 @__quantum__rt__read_result(%Result* null)
  ret i1 %outcome
}
"""
FUNCTIONS = """@qubits = internal constant [2 x %Qubit*] [%Qubit* null, %Qubit* inttoptr (i64 1 to %Qubit*)]
define internal void @swap(%Qubit* %a, %Qubit* %b) {
  call void @__quantum__qis__cnot__body(%Qubit* %a, %Qubit* %b)
  call void @__quantum__qis__cnot__body(%Qubit* %b, %Qubit* %a)
  call void @__quantum__qis__cnot__body(%Qubit* %a, %Qubit* %b)
  ret void
}
define i64 @double(i64 %0) {
  %2 = mul i64 %0, 2
  ret i64 %2
}
"""


@pytest.mark.parametrize("name", LOOPS)
def test_control_flow_is_that_of_the_same_program_in_openqasm(name: str) -> None:
    body, qasm = LOOPS[name]
    ours = load(program(body, head=FUNCTIONS + (MEASURED if "@measured" in body else "")))
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; output bit[3] c; bit do_;'
    theirs = load(head + qasm)
    if ours.computes or theirs.computes:
        assert name in COMPUTING
        assert_same_counts(ours, theirs)
        return
    certificate = certify(ours, theirs, up_to_phase=True)
    assert certificate.verdict == "equal", str(certificate)
    assert certificate.is_proof or "while" in qasm


def assert_same_counts(first: Circuit, second: Circuit) -> None:
    """The frequencies of each outcome differ by less than six standard deviations: 2e-9 for each to fail by chance."""
    shots = 20_000
    left, right = (
        Plan(circuit).sample(shots=shots, seed=seed).to_dict() for seed, circuit in enumerate((first, second))
    )
    for key in {*left, *right}:
        assert abs(left.get(key, 0) - right.get(key, 0)) < 6 * (shots / 2) ** 0.5, key


def counts(circuit: Circuit) -> dict[str, int]:
    return Plan(circuit).sample(shots=400, seed=5).to_dict()


def test_numbers_are_computed_while_the_circuit_runs() -> None:
    """Each outcome has probability 1/2; with 400 shots all four values come, but for a chance of 1e-49."""
    body = """  call h(<q0>)
  call h(<q1>)
  call mz(<q0>, <r0>)
  call mz(<q1>, <r1>)
  %0 = call read(<r0>)
  %1 = call read(<r1>)
  br i1 %0, label %then, label %end
then:
  br label %end
end:
  %p = phi i64 [ -3, %then ], [ 5, %entry ]
  %z = zext i1 %1 to i64
  %n = sub i64 %p, %z
  %m = mul i64 %n, 7
  %s = sdiv i64 %m, 2
  %t = ashr i64 %s, 1
  %f = sitofp i64 %t to double
  %g = fmul double %f, 5.0e-1
  %h = fadd double %g, -1.5
  %less = fcmp olt double %h, 0.0
  %neg = icmp slt i64 %t, 0
  %same = icmp eq i1 %less, %neg
  call void @__quantum__rt__int_record_output(i64 %t, i8* null)
  call void @__quantum__rt__bool_record_output(i1 %neg, i8* null)
  call void @__quantum__rt__bool_record_output(i1 %same, i8* null)
  call void @__quantum__rt__double_record_output(double %h, i8* null)
  call record(<r0>, i8* null)
  call record(<r1>, i8* null)
  ret i64 0"""
    found = counts(load(program(body)))
    assert len(found) == 4
    for key in found:
        r1, r0, fraction, same, negative, number = key[0], key[1], key[2:66], key[66], key[67], key[68:]
        value = (-3 if r0 == "1" else 5) - int(r1)
        expected = int(value * 7 / 2) >> 1
        assert int(number, 2) == expected % 2**64
        assert int(negative) == (expected < 0)
        half = np.array([int(fraction, 2)], dtype=np.uint64).view(np.float64)[0]
        assert half == expected * 0.5 - 1.5
        assert int(same) == ((half < 0) == (expected < 0))


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


# ---- ours as QIR -------------------------------------------------------------------------------------------


def everything() -> Circuit:
    builder = CircuitBuilder(name='a "name" \\', metadata={"k": "v\n"})
    builder.add_qubits(2, "left")
    builder.add_qubits(2, "right")
    builder.add_clbits(2, "nicht é")
    builder.add_clbits(2)
    for name in ("H", "X", "Y", "Z", "S", "T"):
        builder.gate(name, [0])
        builder.gate(name, [1], inverse=True)
    builder.gate("U", [1], [0.1, 0.2, 0.3], inverse=True, power=0.5)
    builder.gate("RX", [3, 0, 1], [0.4], num_controls=2, ctrl_state="10")
    builder.gate("UNITARY", [2, 0], matrix=np.diag(np.exp(1j * np.arange(4))))
    builder.measure([0, 1], [0, 2], "Y")
    builder.gate("X", [3], condition=Condition.bit(0) & ~Condition.bit(2))
    builder.begin_if(Condition.compare([0, 1, 2], "<", 5) | Condition.compare([3, 0], ">=", 2))
    builder.begin_for(3)
    builder.gate("H", [2])
    builder.end()
    builder.begin_else()
    builder.begin_while(Condition.bit(0) ^ Condition.bit(3), 77)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.end()
    builder.end()
    builder.reset([1])
    builder.barrier([0, 1, 2, 3])
    return builder.build()


@pytest.mark.parametrize("options", [{}, {"version": "1.0"}, {"profile": "adaptive"}])
def test_everything_comes_back(options: dict[str, str]) -> None:
    circuit = everything()
    text = dump(circuit, "qir", **options)
    again = load(text)
    assert (again.name, again.metadata) == (circuit.name, circuit.metadata)
    assert (again.qubit_registers, again.clbit_registers) == (circuit.qubit_registers, circuit.clbit_registers)
    assert load(dump(again, "qir")) == again
    assert ("%Qubit*" in text.decode()) == (options.get("version") == "1.0")


def pairs(measure_early: bool) -> Circuit:
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    if measure_early:
        builder.measure([0], [1])
    builder.gate("RY", [1], [0.3])
    builder.measure([1] if measure_early else [0, 1], [0] if measure_early else [1, 0])
    return builder.build()


def test_the_base_profile_is_written_where_all_measurements_can_come_last() -> None:
    for early in (False, True):
        done = convert(pairs(early), "qir")
        text = done.document.decode()
        assert '"qir_profiles"="base_profile"' in text
        assert text.index("ry__body(d") < text.index("mz__body(p")
        assert done.certificate.verdict == "equal"
    assert '"adaptive_profile"' in dump(pairs(True), "qir", profile="adaptive").decode()
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    builder.gate("X", [0])
    with pytest.raises(EigenError, match="operations behind a measurement"):
        dump(builder.build(), "qir", profile="base")


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_llvm_takes_what_is_written_and_counts_what_we_count(version: str) -> None:
    pyqir = pytest.importorskip("pyqir")
    circuit = everything()
    text = dump(circuit, "qir", version=version).decode()
    module = pyqir.Module.from_ir(pyqir.Context(), text)
    assert module.verify() is None
    (entry,) = filter(pyqir.is_entry_point, module.functions)
    assert pyqir.required_num_qubits(entry) == circuit.num_qubits
    assert pyqir.required_num_results(entry) == circuit.num_clbits
    assert pyqir.qir_major_version(module) == int(version[0])
    calls = [i for block in entry.basic_blocks for i in block.instructions if i.opcode == pyqir.Opcode.CALL]
    measured = [(pyqir.ptr_id(i.args[0]), pyqir.ptr_id(i.args[1])) for i in calls if "__mz__" in i.callee.name]
    assert measured == [(0, 0), (1, 2), (0, 0)]


def test_a_program_that_pyqir_builds_is_read() -> None:
    pyqir = pytest.importorskip("pyqir")
    made = pyqir.SimpleModule("built", 3, 2)
    qis, (a, b, c), (first, second) = pyqir.BasicQisBuilder(made.builder), made.qubits, made.results
    for gate in (qis.h, qis.s, qis.s_adj, qis.t, qis.t_adj, qis.x, qis.y, qis.z):
        gate(a)
    qis.rx(0.1, a), qis.ry(0.2, b), qis.rz(pi, c)
    qis.cx(a, b), qis.cz(b, c), qis.mz(a, first), qis.reset(a)
    qis.if_result(first, lambda: qis.x(b), lambda: qis.if_result(second, lambda: qis.z(b)))
    qis.mz(b, second)
    builder = CircuitBuilder(3, 2)
    for name in ("H", "S", "Sdg", "T", "Tdg", "X", "Y", "Z"):
        builder.gate(name, [0])
    builder.gate("RX", [0], [0.1]), builder.gate("RY", [1], [0.2]), builder.gate("RZ", [2], [pi])
    builder.gate("CX", [0, 1]), builder.gate("CZ", [1, 2]), builder.measure([0], [0]), builder.reset([0])
    builder.gate("X", [1], condition=Condition.bit(0))
    builder.measure([1], [1])
    for document in (made.ir().encode(), made.bitcode()):
        certificate = certify(load(document), builder.build())
        assert certificate.verdict == "equal", str(certificate)


def test_bitcode_is_the_same_circuit_as_the_text() -> None:
    pytest.importorskip("pyqir")
    circuit = everything()
    bitcode = dump(circuit, "qir_bitcode")
    assert of_text(bitcode).name == "qir_bitcode"
    again = load(bitcode)
    assert again == load(dump(circuit, "qir"))
    assert (again.name, again.metadata) == (circuit.name, circuit.metadata)
    assert load(bitcode, "qir") == again


def test_angles_keep_all_their_digits() -> None:
    builder = CircuitBuilder(1)
    for angle in (1e-17, pi, 0.1 + 0.2, -1e300, 5e-324, -0.0, 3.0):
        builder.gate("RX", [0], [angle])
    assert load(dump(builder.build(), "qir")) == builder.build()


def test_every_gate_that_is_written_is_read() -> None:
    for name in WRITE:
        function = WRITE[name].replace("__body", "").replace("__adj", "")
        assert function in GATES, name


def test_what_qir_cannot_say_is_refused() -> None:
    builder = CircuitBuilder(2)
    builder.barrier([0])
    with pytest.raises(EigenError, match="one of all qubits"):
        dump(builder.build(), "qir")
    computing = load("OPENQASM 3.0; output uint[2] n; bit c; qubit q; n = 0; c = measure q; n = n + c;")
    with pytest.raises(EigenError, match="`COMPUTE` is not written"):
        dump(computing, "qir")
    for option in ("profile", "version"):
        with pytest.raises(EigenError) as caught:
            dump(CircuitBuilder(1).build(), "qir", **{option: "3"})
        assert caught.value.code == "EIGEN_USAGE"


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


def test_the_line_of_names_must_fit() -> None:
    text = dump(everything(), "qir").decode().replace('required_num_qubits"="4"', 'required_num_qubits"="5"')
    with pytest.raises(EigenError, match="of a program with `4` qubits"):
        load(text)
    assert json.loads(load(TELEPORT).to_aqo())["registers"]["c"] == [{"name": "a0", "size": 3, "start": 0}]

"""QIR programs with branches, loops and numbers mean what the same programs mean in OpenQASM."""

from __future__ import annotations

import numpy as np
import pytest
from qir_source import FLIP, LAST, ONE, TWO, program

from eigen._core import Plan
from eigen.ir import Circuit, load
from eigen.ir.formats.conversion import certify
from eigen.ir.formats.table import of_text

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
"""
        + ONE
        + """  br i1 %0, label %cont, label %loop
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
"""
        + ONE
        + """  br i1 %0, label %exit, label %again
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
        ONE
        + """  br i1 %0, label %one, label %zero
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
"""
        + LAST,
        """h q[0]; c[0] = measure q[0]; if (c[0]) { h q[1]; c[1] = measure q[1]; if (c[1]) x q[2]; } else { z q[2]; }
        c[2] = measure q[2];""",
    ),
    "logic of outcomes": (
        TWO
        + """  %2 = and i1 %0, %1
  %3 = xor i1 %2, true
  %4 = select i1 %3, i1 %0, i1 false
  br i1 %4, label %then, label %end
then:
  call x(<q2>)
  br label %end
"""
        + LAST,
        """h q[0]; h q[1]; c[0] = measure q[0]; c[1] = measure q[1]; if (c[0] && !c[1]) x q[2]; c[2] = measure q[2];""",
    ),
    "a switch over a number that was measured": (
        TWO
        + """  %a = zext i1 %0 to i32
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
"""
        + LAST,
        """h q[0]; h q[1]; c[0] = measure q[0]; c[1] = measure q[1];
        if (c == 0) { x q[2]; } else { if (c == 2) { h q[2]; } } c[2] = measure q[2];""",
    ),
    "numbers that are put together from outcomes": (
        TWO
        + """  %a = zext i1 %0 to i64
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
"""
        + LAST,
        """h q[0]; h q[1]; c[0] = measure q[0]; c[1] = measure q[1];
        if (!c[0] && c[1]) x q[2]; if (c[1]) h q[2]; c[2] = measure q[2];""",
    ),
    "an outcome kept while its result is measured again": (
        ONE
        + """  call h(<q0>)
  call mz(<q0>, <r0>)
"""
        + FLIP
        + """  ret i64 0""",
        "bit k; h q[0]; k = measure q[0]; h q[0]; c[0] = measure q[0]; if (k) x q[1]; c[1] = measure q[1];",
    ),
    "an outcome that a function gives, kept while the function measures again": (
        """  %0 = call i1 @measured(<q0>)
  %1 = call i1 @measured(<q0>)
"""
        + FLIP
        + """  call void @__quantum__rt__bool_record_output(i1 %1, i8* null)
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
"""
        + ONE
        + """  br i1 %0, label %loop, label %end
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
"""
        + ONE
        + """  call h(<q1>)
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
    body = (
        TWO
        + """  br i1 %0, label %then, label %end
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
    )
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

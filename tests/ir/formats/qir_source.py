"""QIR programs for tests: bodies with short names for arguments and calls, and the parts that many of them share."""

from __future__ import annotations


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


ONE = """  call h(<q0>)
  call mz(<q0>, <r0>)
  %0 = call read(<r0>)
"""
"""A qubit that is 0 or 1, measured; `%0` is its outcome."""
TWO = """  call h(<q0>)
  call h(<q1>)
  call mz(<q0>, <r0>)
  call mz(<q1>, <r1>)
  %0 = call read(<r0>)
  %1 = call read(<r1>)
"""
"""Two of them."""
FLIP = """  br i1 %0, label %then, label %end
then:
  call x(<q1>)
  br label %end
end:
  call mz(<q1>, <r1>)
"""
"""The second qubit turned where the first outcome is 1, and measured."""
LAST = """end:
  call mz(<q2>, <r2>)
  ret i64 0"""
"""The third qubit measured, and the end."""

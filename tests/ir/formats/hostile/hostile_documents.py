"""Documents that are malformed, truncated, of wrong types, too deep, too large, or bombs: format to documents.

OpenQASM has further ones in tests of its own.
"""

from __future__ import annotations

import json
from typing import Any


def _aqo(**changes: Any) -> str:
    document: dict[str, Any] = {"version": "1.1", "qubits": 2, "clbits": 1, "operations": [{"op": "H", "q": [0]}]}
    return json.dumps({**document, **changes})


def _operation(**fields: Any) -> str:
    return _aqo(operations=[fields])


def _nested(depth: int) -> str:
    block = '{"op":"IF","condition":{"bit":0},"blocks":[['
    return f'{{"version":"1.1","qubits":1,"clbits":1,"operations":[{block * depth}{"]]}" * depth}]}}'


AQO = [
    "",
    "{",
    "{}",
    "[]",
    "nil",
    '{"version":"1.1"',
    '{"version":1.1,"qubits":1,"operations":[]}',
    '{"version":"9.9","qubits":1,"operations":[]}',
    '{"version":"1.1","version":"1.1","qubits":1,"operations":[]}',
    "[" * 100_000,
    '{"a":' * 100_000,
    _nested(5_000),
    '{"version":"1.1","qubits":' + "9" * 5_000 + ',"operations":[]}',
    '{"version":"1.1","qubits":1,"operations":[' + "{}," * 100_000 + "{}]}",
    '"' + "\\u0000" * 1_000,
    "\ufeff{}{}",
    _aqo(qubits=-1),
    _aqo(qubits=1.5),
    _aqo(qubits="2"),
    _aqo(qubits=None),
    _aqo(qubits=10**12),
    _aqo(clbits=10**12),
    _aqo(clbits=-1),
    _aqo(operations={}),
    _aqo(operations=None),
    _aqo(operations=[1]),
    _aqo(operations=[[]]),
    _aqo(parameters=[1]),
    _aqo(parameters=["a", "a"]),
    _aqo(name=7),
    _aqo(metadata=[]),
    _aqo(metadata={"a": 1}),
    _aqo(unknown=1),
    _operation(op=1, q=[0]),
    _operation(op="NOSUCH", q=[0]),
    _operation(op="H"),
    _operation(op="H", q=[]),
    _operation(op="H", q=[0, 1]),
    _operation(op="H", q=[2]),
    _operation(op="H", q=[-1]),
    _operation(op="H", q=[0.5]),
    _operation(op="H", q="0"),
    _operation(op="H", q=[2**40]),
    _operation(op="CX", q=[0, 0]),
    _operation(op="RX", q=[0]),
    _operation(op="RX", q=[0], params=[None]),
    _operation(op="RX", q=[0], params=[1, 2]),
    _operation(op="RX", q=[0], params=[1e999]),
    _operation(op="MEASURE", q=[0], c=[1]),
    _operation(op="MEASURE", q=[0], c=[]),
    _operation(op="MEASURE", q=[0, 1], c=[0, 0]),
    _operation(op="MEASURE", q=[0], c=[0], basis="W"),
    _operation(op="UNITARY", q=[0], matrix=[[1, 1], [1, 1]]),
    _operation(op="UNITARY", q=[0], matrix=[]),
    _operation(op="IF", condition={"bit": 5}, blocks=[[]]),
    _operation(op="IF", condition={}, blocks=[[]]),
    _operation(op="WHILE", condition={"bit": 0}, blocks=[[]], max_iterations=-1),
    _operation(op="FOR", count=10**15, blocks=[[]]),
    _operation(op="DELAY", q=[0], params=[1], unit="years"),
]

STIM = [
    "@",
    "NOSUCH 0",
    "H -1",
    "H 0.5",
    "H q",
    "H !0",
    "H rec[-1]",
    "H 1000001",
    "H 99999999999999999999999999",
    "CX 0",
    "CX 0 0",
    "CX 0 1 2",
    "SWAP 0 rec[-1]\nM 0",
    "CX rec[-1] 0",
    "M 0\nCX rec[-2] 0",
    "M 0\nCX rec[0] 0",
    "M 0\nCX rec[1] 0",
    "M 0\nCX rec[-99999999999999999999] 0",
    "M 0\nCX rec[-1] rec[-1]",
    "CX sweep[0] 1",
    "M(0.1) 0",
    "M(a) 0",
    "M(0.1 0",
    "X_ERROR(0.1) 0",
    "DEPOLARIZE1(0.1) 0",
    "DEPOLARIZE2(0.1) 0 1",
    "E(0.1) X0",
    "HERALDED_ERASE(0.1) 0",
    "MPAD 0 1",
    "MPP X0*X0",
    "MPP Q0 ",
    "MPP X0*",
    "MPP X0**X1",
    "MXX 0",
    "REPEAT 0 {\nH 0\n}",
    "REPEAT -1 {\nH 0\n}",
    "REPEAT x {\nH 0\n}",
    "REPEAT {\nH 0\n}",
    "REPEAT 5\nH 0",
    "REPEAT 5 {\nH 0",
    "H 0 {\n}",
    "}",
    "H 0\n}",
    "REPEAT 99999999999999999999 {\nM 0\n}",
    "REPEAT 1000000000 {\nM 0\n}",
    "REPEAT 1000000 {\nREPEAT 1000000 {\nREPEAT 1000000 {\nM 0\n}\n}\n}",
    "REPEAT 999999999999 {\nH 0\n}",
    "REPEAT 1000000000 {\nSHIFT_COORDS(1)\n}",
    "REPEAT 2 {\n" * 2_000 + "H 0\n" + "}\n" * 2_000,
    "REPEAT 100 {\n" * 50 + "M 0\n" + "}\n" * 50,
    "M " + "0 " * 3_000_000,
    "DETECTOR rec[-1]",
    "DETECTOR(a) rec[-1]",
    "OBSERVABLE_INCLUDE(0) rec[-1]",
    "QUBIT_COORDS(1, 2) rec[-1]",
    "I[eigen:{] 0",
    "I[eigen:[]] 0",
    'I[eigen:{"qubits":[[null,99999999999]],"clbits":[\\C}] 0',
    'I[eigen:{"qubits":[[1,1\\C\\C,"clbits":[\\C}] 0',
    'I[eigen:{"qubits":[[null,1\\C\\C,"clbits":[\\C,"metadata":{"a":1}}] 0',
    'I[eigen:{"qubits":[[null,1\\C\\C,"clbits":[\\C}] 0\nH 5',
    "H[" + "x" * 100_000,
    "H(" * 50_000,
    "\x00\x01\x02",
    "H 0 \x00",
    "H 0\n" * 2_000_001,
]

QUIL = [
    "@",
    "NOSUCH 0",
    "H",
    "H -1",
    "H 0.5",
    "H q",
    "H 0 0",
    "H 0 1",
    "CNOT 0 0",
    "H 1000001",
    "H 99999999999999999999999999",
    "RX 0",
    "RX() 0",
    "RX(1,2) 0",
    "RX(1 0",
    "RX(1)) 0",
    "RX(+) 0",
    "RX(1+) 0",
    "RX(1/0) 0",
    "RX(0^(-1)) 0",
    "RX(10^10^10^10) 0",
    "RX(i) 0",
    "RX(1e999) 0",
    "RX(nosuch) 0",
    "RX(theta[0]) 0",
    "DECLARE t REAL[2]\nRX(t[2]) 0",
    "DECLARE t REAL[2]\nRX(t[) 0",
    "DECLARE t REAL\nRX(t*t) 0",
    "DECLARE t REAL\nRX(1/t) 0",
    "DECLARE t REAL\nRX(exp(t)) 0",
    f"RX({'(' * 5_000}1{')' * 5_000}) 0",
    f"RX({'2^' * 5_000}1) 0",
    f"RX({'exp(' * 5_000}1{')' * 5_000}) 0",
    "DECLARE",
    "DECLARE a",
    "DECLARE a BIT[",
    "DECLARE a BIT[0]",
    "DECLARE a BIT[-1]",
    "DECLARE a BIT[99999999999999999999]",
    "DECLARE a BIT[600000]\nDECLARE b BIT[600000]",
    "DECLARE a BIT\nDECLARE a BIT",
    "DECLARE a BYTE",
    "DECLARE a BIT[2] SHARING b",
    "MEASURE",
    "MEASURE 0",
    "MEASURE 0 a",
    "DECLARE a BIT\nMEASURE 0 a[1]",
    "DECLARE a BIT\nMEASURE a 0",
    "DECLARE t REAL\nMEASURE 0 t",
    "DECLARE a BIT\nNOT a",
    "DECLARE a BIT\nMOVE a 1",
    "WAIT",
    'INCLUDE "/etc/passwd"',
    "CALL f 1",
    'PRAGMA ADD-KRAUS X 0 "(1 0 0 1)"',
    'PULSE 0 "rf" flat(iq: 1.0)',
    "JUMP @a",
    "LABEL",
    "LABEL @a\nLABEL @a",
    "LABEL @a\nH 0\nJUMP @a",
    "HALT\nH 0",
    "DECLARE b BIT\nJUMP-WHEN @nowhere b",
    "DECLARE b BIT\nJUMP-WHEN @a",
    "DECLARE b BIT\nLABEL @a\nH 0\nJUMP-WHEN @a b",
    "DECLARE b BIT\nJUMP-WHEN @a b\nJUMP @b\nLABEL @a\nH 0",
    "DECLARE b BIT\n"
    + "".join(f"JUMP-WHEN @a{k} b\nH 0\n" for k in range(3_000))
    + "".join(f"LABEL @a{k}\n" for k in reversed(range(3_000))),
    "DEFGATE",
    "DEFGATE G",
    "DEFGATE G:\nG 0",
    "DEFGATE G:\n    1, 0\nG 0",
    "DEFGATE G:\n    1, 1\n    1, 1\nG 0",
    "DEFGATE G:\n    1, x\n    0, 1\nG 0",
    "DEFGATE G:\n    1 0\n    0 1\nG 0",
    "DEFGATE G(%a):\n    1, 0\n    0, cis(%b)\nG(1) 0",
    "DEFGATE G(%a):\n    1, 0\n    0, cis(%a)\nG 0",
    "DEFGATE G AS PERMUTATION:\n    0, 0\nG 0",
    "DEFGATE G AS PERMUTATION:\n    0, 1, 2\nG 0",
    "DEFGATE G p AS PAULI-SUM:\n    Q(1) p\nG 0",
    "DEFGATE G p AS PAULI-SUM:\n    X(1) q\nG 0",
    "DEFGATE G p AS PAULI-SUM:\n    X(i) p\nG 0",
    "DEFGATE G p AS SEQUENCE:\n    X p\nG 0",
    "DEFCIRCUIT C a:\n    C a\nC 0",
    "DEFCIRCUIT C a:\n    H b\nC 0",
    "DEFCIRCUIT C a:\n    H a\nC 0 1",
    "DEFCIRCUIT C a:\n    H a\nDAGGER C 0",
    "".join(
        f"DEFCIRCUIT C{k} a:\n    C{k - 1} a\n    C{k - 1} a\n" if k else "DEFCIRCUIT C0 a:\n    H a\n"
        for k in range(64)
    )
    + "C63 0",
    "CONTROLLED",
    "CONTROLLED X 0",
    "CONTROLLED " * 5_000 + "X " + " ".join(map(str, range(5_001))),
    "FORKED RX(1, 2) 0 1",
    "DELAY 1.0",
    "DELAY 0",
    'PRAGMA EIGEN "{"\nH 0',
    'PRAGMA EIGEN "{\\"qubits\\":[[null,1]],\\"clbits\\":[[null,9]]}"\nH 0',
    'PRAGMA EIGEN "{\\"qubits\\":[[null,99999999]],\\"clbits\\":[]}"\nH 0',
    '"unclosed',
    "H 0 é",
    "\x00",
    "H 0\n" * 2_000_001,
]


def _graph(nodes: Any = None, edges: Any = None, **changes: Any) -> str:
    head = {"schema": "eigen.circuit-graph", "version": "1.0", "qubits": 2, "bits": 1}
    whole = {"directed": True, "multigraph": True, "graph": head, "nodes": [H0, H0 | {"id": 1}], "edges": [EDGE]}
    whole |= {key: value for key, value in (("nodes", nodes), ("edges", edges)) if value is not None}
    return json.dumps(whole | changes)


def _deep_graph(depth: int) -> str:
    opening = '{"id":0,"gate":"FOR","count":2,"body":{"edges":[],"nodes":['
    return _graph(nodes=[]).replace('"nodes": []', f'"nodes":[{opening * depth}{"]}}" * depth}]')


H0 = {"id": 0, "gate": "H", "qubits": [0]}
EDGE = {"source": 0, "target": 1, "key": "q0"}
BIT = {"id": 0, "gate": "X", "qubits": [0], "condition": {"bit": 0}}

GRAPH = [
    "",
    "{",
    '{"directed":',
    '{"directed": true}',
    '{"directed": true, "directed": true, "multigraph": true, "graph": {}, "nodes": [], "edges": []}',
    '{"directed": NaN}',
    '{"directed": ' + "[" * 100_000,
    '{"directed": ' + '{"a":' * 100_000,
    '{"directed": ' + "9" * 5_000 + "}",
    "[]",
    _graph(directed=False),
    _graph(multigraph=None),
    _graph(graph=None),
    _graph(graph={}),
    _graph(graph={"schema": "eigen.circuit-graph"}),
    _graph(graph={"schema": "eigen.circuit-graph", "version": "9"}),
    _graph(graph={"schema": "eigen.circuit-graph", "version": "1.0"}),
    _graph(graph={"schema": "eigen.circuit-graph", "version": "1.0", "qubits": 10**12}),
    _graph(graph={"schema": "eigen.circuit-graph", "version": "1.0", "qubits": -1}),
    _graph(graph={"schema": "eigen.circuit-graph", "version": "1.0", "qubits": 1, "x": 1}),
    _graph(graph={"schema": "eigen.circuit-graph", "version": "1.0", "qubits": 2, "metadata": []}),
    _graph(x=1),
    _graph(links=[]),
    _graph(nodes={}),
    _graph(nodes=[1]),
    _graph(nodes=[{}]),
    _graph(nodes=[{"id": None, "gate": "H", "qubits": [0]}], edges=[]),
    _graph(nodes=[{"id": [], "gate": "H", "qubits": [0]}], edges=[]),
    _graph(nodes=[{"id": True, "gate": "H", "qubits": [0]}], edges=[]),
    _graph(nodes=[H0, H0]),
    _graph(nodes=[{"id": 0}], edges=[]),
    _graph(nodes=[{"id": 0, "gate": "NOSUCH", "qubits": [0]}], edges=[]),
    _graph(nodes=[{"id": "x" * 100_000, "gate": "NOSUCH", "qubits": [0]}], edges=[]),
    _graph(nodes=[H0 | {"op": "H"}], edges=[]),
    _graph(nodes=[H0 | {"qubits": "0"}], edges=[]),
    _graph(nodes=[H0 | {"qubits": [0.0]}], edges=[]),
    _graph(nodes=[H0 | {"qubits": [True]}], edges=[]),
    _graph(nodes=[H0 | {"qubits": [-1]}], edges=[]),
    _graph(nodes=[H0 | {"qubits": [2**40]}], edges=[]),
    _graph(nodes=[H0 | {"qubits": [7]}], edges=[]),
    _graph(nodes=[H0 | {"qubits": [[0]]}], edges=[]),
    _graph(nodes=[H0 | {"params": [1]}], edges=[]),
    _graph(nodes=[H0 | {"then": 1}], edges=[]),
    _graph(nodes=[H0 | {"then": {"nodes": [], "edges": []}}], edges=[]),
    _graph(nodes=[BIT | {"condition": {"bit": [[]]}}], edges=[]),
    _graph(nodes=[BIT | {"condition": {"bit": -1}}], edges=[]),
    _graph(nodes=[BIT | {"condition": {"bits": [{}], "cmp": "==", "value": 0}}], edges=[]),
    _graph(nodes=[{"id": 0, "gate": "IF", "condition": {"bit": 0}}], edges=[]),
    _graph(nodes=[{"id": 0, "gate": "IF", "then": {"nodes": [], "edges": []}}], edges=[]),
    _graph(nodes=[{"id": 0, "gate": "IF", "condition": {"bit": 0}, "then": {"nodes": [H0, H0 | {"id": 1}]}}], edges=[]),
    _graph(nodes=[{"id": 0, "gate": "FOR", "count": 10**15, "body": {"nodes": [], "edges": []}}], edges=[]),
    _deep_graph(33),
    _deep_graph(5_000),
    _graph(edges={}),
    _graph(edges=[]),
    _graph(edges=[1]),
    _graph(edges=[{}]),
    _graph(edges=[EDGE, EDGE]),
    _graph(edges=[EDGE | {"source": 1}]),
    _graph(edges=[EDGE, EDGE | {"source": 1, "target": 0}]),
    _graph(edges=[EDGE | {"source": 2}]),
    _graph(edges=[EDGE | {"source": []}]),
    _graph(edges=[EDGE | {"source": None}]),
    _graph(edges=[EDGE | {"source": False}]),
    _graph(edges=[EDGE | {"key": 0}]),
    _graph(edges=[EDGE | {"key": "q1"}]),
    _graph(edges=[EDGE | {"key": "x" * 100_000}]),
    _graph(edges=[EDGE | {"wire": "q0"}]),
    _graph(nodes=[H0 | {"id": k} for k in range(20_000)], edges=[]),
    _graph(
        nodes=[H0 | {"id": k} for k in range(20_000)],
        edges=[EDGE | {"source": k, "target": (k + 1) % 20_000} for k in range(20_000)],
    ),
    '{"directed": [' + "{}," * 4_000_000 + "{}]}",
    _graph(nodes=[H0 | {"qubits": [0] * 3_000_000}], edges=[]),
]


def _qir(body: str, extra: str = "", required: str = "2") -> str:
    return f"""{extra}
define i64 @main() #0 {{
entry:
{body}
}}
attributes #0 = {{ "entry_point" "required_num_qubits"="{required}" "required_num_results"="2" }}
"""


_MZ = "call void @__quantum__qis__mz__body(ptr null, ptr null)\n%r = call i1 @__quantum__rt__read_result(ptr null)\n"
_MEASURED = "".join(
    f"call void @__quantum__qis__mz__body(ptr null, ptr null)\n%r{k} = call i1 @__quantum__rt__read_result(ptr null)\n"
    f"br i1 %r{k}, label %a{k}, label %b{k}\na{k}:\nbr label %b{k}\nb{k}:\n"
    for k in range(400)
)

QIR = [
    "",
    "; nothing",
    "define",
    "define i64",
    "define i64 @main",
    "define i64 @main(",
    "define i64 @main() {",
    "define i64 @main() {}",
    "define i64 @main() { ret i64 0",
    "define i64 @main() { ret i64 }",
    "define i64 @main(i64 %x) { ret i64 0 }",
    "define i64 @a() { ret i64 0 }\ndefine i64 @b() { ret i64 0 }",
    "define i64 @a() { ret i64 0 }\ndefine i64 @a() { ret i64 0 }",
    "declare void @f()",
    "declare void",
    "declare",
    "attributes #0 = {",
    "attributes",
    "@0 = ",
    "@0 = constant",
    '@0 = constant [3 x i8] c"abc',
    "@0 = constant " + "[1 x " * 5_000 + "i8" + "]" * 5_000,
    "%T = type",
    "%T = type " + "{" * 5_000,
    "!0 = !{",
    "!llvm.module.flags = !{!0",
    "\x00define",
    "define i64 @main() { ret i64 0 } garbage",
    _qir("ret i64 1"),
    _qir("ret i64 " + "9" * 5_000),
    _qir("ret i64 0", required="99999999999"),
    _qir("ret i64 0", required="-1"),
    _qir("ret i64 0", required="2000000"),
    _qir("br label %nowhere"),
    _qir("br label %entry"),
    _qir("br i1 undef, label %a, label %a\na:\nret i64 0"),
    _qir("br i64 2, label %a, label %a\na:\nbr label %x"),
    _qir("switch i64 3, label %a [ i64 3, label %nowhere ]\na:\nret i64 0"),
    _qir("switch i64 3, label %a [ i64"),
    _qir("%a = phi i64 [ 0, %entry ]\nret i64 0\nx:\nx:\nret i64 0"),
    _qir("br label %a\na:\n%x = phi i64 [ 0, %other ]\nret i64 %x"),
    _qir("%a = add i64 %a, 1\nret i64 0"),
    _qir("%a = add i64 1\nret i64 0"),
    _qir("%a = add i99999999 1, 1\nret i64 0"),
    _qir("%a = add i128 1, 1\nret i64 0"),
    _qir("%a = udiv i64 1, 0\nret i64 %a"),
    _qir("%a = shl i64 1, 9999999999999999\nret i64 %a"),
    _qir("%a = fdiv double 1.0, 0.0\nret i64 0"),
    _qir("%a = fptosi double 1.0e300 to i64\nret i64 0"),
    _qir("%a = fadd double 0xFFFFFFFFFFFFFFFFF, 1.0\nret i64 0"),
    _qir("%a = fptrunc double 1.0e300 to float\nret i64 %a"),
    _qir("%a = icmp wat i64 1, 1\nret i64 0"),
    _qir("%a = fcmp uno double 1.0, 1.0\nret i64 0"),
    _qir("%a = load i64, ptr null\nret i64 0"),
    _qir("%a = alloca [99999999999 x i64]\n%b = load i64, ptr %a\nret i64 0"),
    _qir('call void asm "hlt", ""()\nret i64 0'),
    _qir("call void %f()\nret i64 0"),
    _qir("call void @main()\nret i64 0"),
    _qir("call i64 @main()\nret i64 0"),
    _qir("call void @system(ptr @x)\nret i64 0", '@x = constant [12 x i8] c"/etc/passwd\\00"'),
    _qir("call void @__quantum__qis__h__body()\nret i64 0"),
    _qir("call void @__quantum__qis__h__body(i64 0)\nret i64 0"),
    _qir("call void @__quantum__qis__h__body(ptr inttoptr (i64 -1 to ptr))\nret i64 0"),
    _qir("call void @__quantum__qis__h__body(ptr inttoptr (i64 99999999999 to ptr))\nret i64 0"),
    _qir("call void @__quantum__qis__h__ctladj(ptr null)\nret i64 0"),
    _qir("call void @__quantum__qis__rx__body(double 0x7FF8000000000000, ptr null)\nret i64 0"),
    _qir("call void @__quantum__qis__rx__body(double " + "1" * 5_000 + ".0, ptr null)\nret i64 0"),
    _qir("call void @__quantum__qis__cnot__body(ptr null, ptr null)\nret i64 0"),
    _qir("call void @__quantum__qis__mz__body(ptr null)\nret i64 0"),
    _qir("call void @__quantum__rt__fail(ptr null)\nret i64 0"),
    _qir("call void @__quantum__rt__int_record_output(ptr null, ptr null)\nret i64 0"),
    _qir("call void @__quantum__rt__int_record_output(i64 undef, ptr null)\nret i64 0"),
    _qir(
        _MZ + "br i1 %r, label %a, label %b\na:\ncall void @__quantum__rt__result_record_output(ptr null, ptr null)\n"
        "br label %b\nb:\nret i64 0"
    ),
    _qir(_MZ + "br i1 %r, label %a, label %b\na:\nbr label %a\nb:\nret i64 0"),
    _qir(_MZ + "br i1 %r, label %a, label %b\na:\nbr label %b\nb:\nbr label %a"),
    _qir(_MZ + "%w = zext i1 %r to i64\nret i64 %w"),
    _qir(
        _MZ
        + "%q = select i1 %r, ptr null, ptr inttoptr (i64 1 to ptr)\n"
        + "call void @__quantum__qis__h__body(ptr %q)\nret i64 0"
    ),
    _qir(
        _MZ
        + "%x0 = zext i1 %r to i64\n"
        + "".join(f"%x{k + 1} = mul i64 %x{k}, %x{k}\n" for k in range(20_000))
        + "ret i64 %x20000"
    ),
    _qir(_MEASURED + "br label %entry2\nentry2:\nbr label %entry2"),
    _qir("br label %a\na:\n" + _MEASURED.replace("%r", "%s") + "br label %a"),
    _qir(
        "br label %l0\n"
        + "".join(
            f"l{k}:\n{_MZ.replace('%r', f'%r{k}')}br i1 %r{k}, label %l{k + 1}, label %l{(k * 7) % (k + 1)}\n"
            for k in range(300)
        )
        + "l300:\nret i64 0"
    ),
    _qir(
        "".join(f"call void @f{k}()\n" for k in range(1)) + "ret i64 0",
        "".join(
            f"define void @f{k}() {{\ncall void @f{k + 1}()\ncall void @f{k + 1}()\nret void\n}}\n" for k in range(40)
        )
        + "define void @f40() { ret void }",
    ),
    _qir(
        "br label %l\nl:\n%i = phi i64 [ 0, %entry ], [ %n, %l ]\n%n = add i64 %i, 1\n"
        "%c = icmp ult i64 %n, 99999999999\nbr i1 %c, label %l, label %e\ne:\nret i64 0"
    ),
    _qir("ret i64 0").replace('"entry_point"', '"entry_point" "eigen"="{"'),
    _qir("ret i64 0").replace('"entry_point"', '"entry_point" "eigen"="{\\22qubits\\22:[[null,9]],\\22clbits\\22:[]}"'),
    _qir("call void @__quantum__qis__nosuch__body(ptr null)\n" * 30_000 + "ret i64 0"),
    _qir("ret i64 0\nx:\n" * 410_000 + "ret i64 0"),
]

QIR_BITCODE: list[str | bytes] = [
    b"",
    b"BC",
    b"BC\xc0\xde",
    b"BC\xc0\xde" + bytes(1_000),
    b"BC\xc0\xde" + b"\xff" * 1_000,
    b"BC\xc0\xde5\x14\x00\x00\x05\x00\x00\x00b\x0c0$" + b"\xa5" * 500,
    b"\xde\xc0\x17\x0b" + bytes(16),
    b"\xde\xc0\x17\x0b" + b"\xff" * 100,
    _qir("ret i64 0"),
]

BYTES = [b"\xff\xfe\x00", b"\x80" * 1_000, b"PK\x03\x04" + bytes(100), b"\x1f\x8b\x08" + bytes(100), bytes(1_000)]
"""What is no text, for every format."""

DOCUMENTS: dict[str, list[str] | list[str | bytes]] = {
    "aqo": AQO,
    "graph": GRAPH,
    "stim": STIM,
    "quil": QUIL,
    "qir": QIR,
    "qir_bitcode": QIR_BITCODE,
}

"""Malformed and hostile programs end in a coded error with its place, quickly, and quote nothing that is no program."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.ir import load

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[4] q; bit[4] c;\n'
INVALID = [
    "h",
    "h q",
    "h q[4];",
    "h q[-5];",
    "h q[1.5];",
    "h q[;",
    "h p;",
    "h c;",
    "h(1) q;",
    "rx q[0];",
    "rx(1, 2) q[0];",
    "rx(c) q[0]",
    "cx q[0];",
    "cx q[0], q[0];",
    "cx q[0:1], q[1:3];",
    "nosuch q[0];",
    "qubit q;",
    "bit q;",
    "qubit h;",
    "qubit pi;",
    "qubit[0] r;",
    "qubit[-1] r;",
    "qubit[c] r",
    "int[0] n;",
    "int[-3] n;",
    "int n",
    "int n = ;",
    "int n = m;",
    "const int n;",
    "const bit b = measure q[0];",
    "const int n = 1; n = 2;",
    "bit[3] d = c;",
    'bit[3] d = "01";',
    'bit[3] d = "01x";',
    "c = measure q[0];",
    "measure q -> q;",
    "c[7] = measure q[0];",
    "c = q;",
    "float x = 1 / 0;",
    "int x = 5 % 0;",
    "float x = sqrt(-1.0);",
    "float x = log(0);",
    "int x = 1 << -1;",
    "angle a = 1 + ;",
    "uint[8] x = sin;",
    "uint[8] x = nosuch(1);",
    "float x = sin(1, 2);",
    "float x = 1e999;",
    "float x = 0x;",
    "int x = 99999999999999999999999999999999999999999999;",
    "int x = 2 ** 200;",
    "array[int, 2] a = {1, 2, 3};",
    "array[int, 2] a = {{1}, {2}};",
    "array[int, 2] a; a[2] = 1;",
    "let a = 3 + c;",
    "gate g a { g a; }",
    "gate g a { h b; }",
    "gate g a { h a[0]; h a[1]; }",
    "gate g a, a { }",
    "gate g(t, t) a { }",
    "gate g a { h a;",
    "gate g a { reset a; } g q[0];",
    "gate g a { bit b; b = measure a; } g q[0];",
    "gate g a { cx a, a; } g q[0];",
    "gate x a { }",
    "ctrl @ h q[0];",
    "ctrl(0) @ h q[0], q[1];",
    "ctrl(-1) @ h q[0], q[1];",
    "pow @ h q[0];",
    "inv(2) @ h q[0];",
    "ctrl h q[0], q[1];",
    "def f(int n) { return n; } int x = f();",
    "def f() -> int { return; } int x = f();",
    "def f(qubit[2] r) { } f(q);",
    "return 1;",
    "break;",
    "continue;",
    "if (true) { h q",
    "if (q) h q;",
    "while (c[0]) h",
    "for i in [0:3] h q;",
    "for int i in [0:0:3] h q;",
    "for int i in q h q;",
    "switch (c) { case measure: h q; }",
    "switch (c) { case c { h q; } }",
    "delay[3] q;",
    "delay q;",
    "delay[-3ns] q;",
    "reset c;",
    "barrier c;",
    "/* never closed",
    "cal { never closed",
    '"text";',
    "@",
    "include stdgates;",
    "input int;",
    "OPENQASM 3.0;",
    "}",
    "qubit r; ; ;",
    "#",
    "`",
    "\x00",
    "h q\u2028;",
    "x[100ns] q[0];",
    "qubit[99999999999999999999] r;",
    "gate g a { g2 a; }",
    "gate g a { bit b; }",
]
UNSUPPORTED = [
    'include "/etc/passwd";',
    'include "qelib1.inc";',
    "int[129] n;",
    "uint[1024] n;",
    "input int n; h q[n];",
    "input float w; float u = sin(w);",
    "input float w; if (w > 1) h q;",
    "extern f(int) -> int; int n = f(1);",
    "defcal g $0 { } g q[0];",
    "stretch gap; delay[gap] q;",
    "duration d = durationof({ h q; });",
    "box[100ns] { h q; }",
    "duration d = 1ns + 1dt;",
    "c = measure q; h q[0:uint[4](c)];",
    "c = measure q; complex[float[64]] w = 1im; if (c[0]) { w = 2.0; }",
    "c = measure q; pow(float(uint[4](c))) @ x q[0];",
    "h $0;",
]
DOUBLING = " ".join(f"gate g{k} a {{ g{k - 1} a; g{k - 1} a; }}" for k in range(1, 40)) + " g39 q[0];"
NESTING = " ".join(f"gate g{k} a {{ g{k - 1} a; }}" for k in range(1, 2000)) + " g1999 q[0];"
ROOT = "pow(0.5) @ ctrl(5) @ g r[0], r[1], r[2], r[3], r[4], r[5], r[6]; "
ARRAYS = " ".join(f"array[uint[64], 500] a{k}; if (c[0]) {{ a{k}[0] = 1; }}" for k in range(5))
LIMITS = {
    "doubling": "gate g0 a { h a; } " + DOUBLING,
    "empty doubling": "gate g0 a { } " + DOUBLING,
    "nested definitions": "gate g0 a { } " + NESTING,
    "recursion": "def f(int n) -> int { return f(n + 1); } int x = f(0);",
    "endless": "int n = 0; while (true) { n += 1; }",
    "endless gates": "int n = 0; while (true) { h q; n += 1; }",
    "large range": "for int i in [0:1000000000000] { rx(i) q[0]; }",
    "largest range": "for int i in [-9000000000000000000:1:9000000000000000000] { int k = i; }",
    "nested loops": "for int i in [0:100000] for int j in [0:100000] { int k = i * j; }",
    "parentheses": "float x = " + "(" * 100_000 + "1" + ")" * 100_000 + ";",
    "signs": "float x = " + "-" * 100_000 + "1;",
    "braces": "{" * 100_000,
    "blocks": "if (true) " * 100_000 + "h q;",
    "indices": "int x = c" + "[0" * 100_000,
    "powers": "pow(1000000000) @ swap q[0], q[1]; gate g a { h a; t a; } pow(100000000) @ g q[0];",
    "modifiers": "gate g a { h a; t a; } " + "pow(1000) @ " * 20 + "g q[0];",
    "wide": "qubit[1000000000] r;",
    "wide bits": "bit[1000000000] r;",
    "many wide": " ".join(f"qubit[900000] r{k};" for k in range(20)),
    "wide array": "array[int, 100000, 100000] a;",
    "many controls": "ctrl(1000000000) @ x q;",
    "deep branches": "c = measure q; " + "if (c[0]) { " * 60 + "h q;" + " }" * 60,
    "scratch": "c = measure q; " + ARRAYS,
    "broadcast": "qubit[1000000] r; gate g a { h a; h a; h a; } g r; g r;",
    "roots": "qubit[7] r; gate g a, b { cx a, b; h a; } " + ROOT * 300,
}


def refusal(text: str) -> EigenError:
    with pytest.raises(EigenError) as caught:
        load(text, "qasm3")
    return caught.value


@pytest.mark.parametrize("body", INVALID)
def test_what_is_no_program_is_refused_at_its_place(body: str) -> None:
    error = refusal(HEAD + body)
    assert error.code in {"EIGEN_FORMAT_INVALID", "EIGEN_CIRCUIT_INVALID", "EIGEN_LIMIT_EXCEEDED"}
    assert re.fullmatch(r"line \d+:\d+", error.where)


@pytest.mark.parametrize("body", UNSUPPORTED)
def test_what_is_not_carried_is_refused_at_its_place(body: str) -> None:
    error = refusal(HEAD + body)
    assert error.code == "EIGEN_FORMAT_UNSUPPORTED"
    assert re.fullmatch(r"line 4:\d+", error.where)


@pytest.mark.parametrize("name", LIMITS)
def test_what_grows_without_bound_is_stopped(name: str) -> None:
    error = refusal(HEAD + LIMITS[name])
    assert error.code == "EIGEN_LIMIT_EXCEEDED"


def test_files_are_not_quoted() -> None:
    secret = "root:x:0:0:secret\n" * 3
    error = refusal(secret)
    assert "secret" not in str(error)
    assert "root" not in str(error)


def outcome(text: str) -> str:
    """The code of the error that a text ends in, or nothing."""
    try:
        load(text, "qasm3")
    except EigenError as error:
        return error.code
    return ""


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for source in (text, HEAD + text):
        assert outcome(source) != "EIGEN_INTERNAL"


PIECES = """
h q; c = measure q; if ( c == 1 ) { } else while for int uint [ 8 ] i in [ 0 : 3 ] n = 1 + * - ( ) ; break; continue;
def f ( qubit p ) -> bit return measure p f q[0] gate g a x ctrl @ inv @ pow(2) @ angle[4] w = pi / 2 rx(w) q[1]
array[int,2] v = { 1 , 2 } v[0] += 1 switch case 1 default end; let m = q[0:1] ++ q[2:3] bool true false float u = 0.5 ;
sin(u) const input output reset barrier delay[1ns] box ! ~ && || == < << 1.5 2im "01" $0
""".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_words_of_the_language_are_read_or_refused(words: list[str]) -> None:
    assert outcome(HEAD + " ".join(words)) != "EIGEN_INTERNAL"

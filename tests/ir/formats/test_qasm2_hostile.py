"""Malformed and hostile programs end in a coded error with its place, quickly, and quote nothing that is no program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.ir import load

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4]; creg c[4];\n'
INVALID = [
    "h",
    "h q",
    "h q[4];",
    "h q[-1];",
    "h q[1.5];",
    "h q[;",
    "h p;",
    "h c;",
    "h(1) q;",
    "rx q[0];",
    "rx() q[0];",
    "rx(1,2) q[0];",
    "cx q[0];",
    "cx q[0],q[1],q[2];",
    "cx q[0] q[1];",
    "nosuch q[0];",
    "qreg q[1];",
    "creg q[1];",
    "qreg h[1];",
    "qreg Q[1];",
    "qreg gate[1];",
    "qreg pi[1];",
    "qreg r[];",
    "qreg r;",
    "creg r[2]",
    "qreg r[1e3];",
    "gate g a { g a; }",
    "gate g a { h b; }",
    "gate g a { h a[0]; }",
    "gate g a,a { }",
    "gate g(t,t) a { }",
    "gate g(pi) a { }",
    "gate g { }",
    "gate g a { h a;",
    "gate g a { measure a -> c; }",
    "gate g a { reset a; }",
    "gate g a { cx a,a; }",
    "gate g a { rx(u) a; }",
    "gate g a { qreg r[1]; }",
    "gate x a { }",
    "measure q;",
    "measure q -> q;",
    "measure c -> q;",
    "measure q[0] -> c;",
    "measure q -> c[0];",
    "reset c;",
    "barrier;",
    "barrier c;",
    "if (c = 1) x q[0];",
    "if (c == 1) barrier q;",
    "if (c == 1) if (c == 1) x q[0];",
    "if (q == 1) x q[0];",
    "if (c == 1.0) x q[0];",
    "if (c == -1) x q[0];",
    "if (c[0] == 1) x q[0];",
    "if c == 1 x q[0];",
    "rx(1/0) q[0];",
    "rx(ln(-1)) q[0];",
    "rx(1e999) q[0];",
    "rx(2 3) q[0];",
    "rx(foo(1)) q[0];",
    "rx(sin) q[0];",
    "rx(1+) q[0];",
    "rx((1) q[0];",
    "rx(0x10) q[0];",
    "rx(1e) q[0];",
    "rx(.) q[0];",
    "include q;",
    'include "qelib1.inc;\n',
    'include "qelib1.inc";',
    "OPENQASM 2.0;",
    "@",
    "/* no */",
    "h q; }",
    "\x00",
    "é q;",
]
UNSUPPORTED = [
    'include "/etc/passwd";',
    'include "../qelib1.inc";',
    'include "stdgates.inc";',
    "opaque o(a) b; o(1) q[0];",
    "opaque o a; gate g a { o a; }",
]
DOUBLING = "gate d0 a { h a; h a; }" + "".join(f"gate d{k} a {{ d{k - 1} a; d{k - 1} a; }}" for k in range(1, 64))
NOTHING = "gate n0 a { }" + "".join(f"gate n{k} a {{ n{k - 1} a; n{k - 1} a; }}" for k in range(1, 64))
DEEP = "gate e0 a { h a; }" + "".join(f"gate e{k} a {{ e{k - 1} a; }}" for k in range(1, 2000))
LIMITED = [
    "qreg r[1000001];",
    "creg r[99999999999999999999];",
    "qreg r[600000]; qreg v[600000];",
    "qreg r[900000]; h r; h r; h r;",
    "creg r[5000]; if (r == 0) x q[0];",
    "creg r[4000]; " + "if (r == 0) x q[0];" * 10_000,
    f"rx({'(' * 500}1{')' * 500}) q[0];",
    f"rx({'-' * 5000}1) q[0];",
    f"rx({'2^' * 5000}1) q[0];",
    f"{DOUBLING} d63 q[0];",
    f"{DOUBLING} d20 q;",
    f"{NOTHING} n63 q[0];",
    f"{DEEP} e1999 q[0];",
    "h q;" * 500_001,
]


def refusal(text: str | bytes) -> EigenError:
    with pytest.raises(EigenError) as caught:
        load(text, "qasm2", where="bad.qasm")
    return caught.value


@pytest.mark.parametrize("statement", INVALID)
def test_what_is_malformed_is_refused_with_its_place(statement: str) -> None:
    error = refusal(HEAD + statement)
    assert error.code in {"EIGEN_FORMAT_INVALID", "EIGEN_CIRCUIT_INVALID"}
    assert error.where.startswith("bad.qasm:")
    assert int(error.where.split(":")[1]) >= 4


@pytest.mark.parametrize("statement", UNSUPPORTED)
def test_what_cannot_be_carried_is_refused(statement: str) -> None:
    error = refusal(HEAD + statement)
    assert error.code == "EIGEN_FORMAT_UNSUPPORTED"
    assert error.where.startswith("bad.qasm:4:")
    assert "passwd" not in str(error.to_json())


@pytest.mark.parametrize("statements", LIMITED, ids=lambda text: text[:20])
def test_what_is_too_large_is_refused_by_number(statements: str) -> None:
    error = refusal(HEAD + statements)
    assert error.code == "EIGEN_LIMIT_EXCEEDED"
    assert "more than the limit of" in error.message


@pytest.mark.parametrize(
    "document",
    [b"", b"\xff\xfe", b"root:x:0:0:secret", b"OPENQASM", b"OPENQASM 2.1;", b"OPENQASM 2.0", b"secret 1;", b'"secret"'],
)
def test_what_is_no_program_is_not_quoted(document: bytes) -> None:
    error = refusal(document)
    assert error.code == "EIGEN_FORMAT_INVALID"
    assert "secret" not in str(error.to_json())


def test_a_document_has_a_length() -> None:
    assert refusal(b" " * (16 * 1024 * 1024 + 1)).code == "EIGEN_LIMIT_EXCEEDED"


KEYWORDS = ["gate", "qreg", "creg", "if", "measure", "reset", "barrier", "opaque", "include"]
WORDS = st.sampled_from(
    [*KEYWORDS, "->", "==", "q", "c", "h", "cx", "rx", "g", "a", "pi", "//", '"', *"[](){};,019+-^/"]
)


def verdict(document: str | bytes) -> str:
    """The code of the error that a document ends in, or nothing."""
    try:
        load(document, "qasm2")
    except EigenError as error:
        return error.code
    return ""


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_sequence_of_words_is_read_or_refused(words: str) -> None:
    assert verdict(HEAD + words) != "EIGEN_INTERNAL"


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for document in (data, HEAD.encode() + data):
        assert verdict(document) != "EIGEN_INTERNAL"

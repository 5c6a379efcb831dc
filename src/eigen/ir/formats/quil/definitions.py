"""What a Quil document defines before it is used: gates by matrices, permutations and Pauli sums, and circuits."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Affine, CircuitBuilder
from eigen.ir.formats.quil.expressions import Expressions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.circuit import Circuit
    from eigen.ir.formats.quil.expressions import Value
    from eigen.ir.formats.quil.text import Statement, Token

MAX_QUBITS = 6
"""Of a gate that is a matrix."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A DEFGATE or DEFCIRCUIT: its kind, formal parameters and qubits, and the lines of its body."""

    kind: str
    name: str
    formals: tuple[str, ...]
    qubits: tuple[str, ...]
    body: tuple[Statement, ...]

    def gate(self, values: Sequence[Value]) -> Circuit:
        """A gate as a circuit of its own. Raises EIGEN_FORMAT_INVALID, EIGEN_FORMAT_UNSUPPORTED, and of matrices
        that are not unitary EIGEN_GATE_NOT_UNITARY."""
        if len(values) != len(self.formals):
            raise _invalid(f"`{self.name}` takes `{len(self.formals)}` parameters, not `{len(values)}`")
        bound = dict(zip(self.formals, values, strict=True))
        if self.kind == "PAULI-SUM":
            return self._sum(bound)
        rows = [self._row(line.tokens, bound) for line in self.body]
        if self.kind == "PERMUTATION":
            (places,) = rows if len(rows) == 1 else ([],)
            size = len(places)
            rows = [[complex(int(place.real) == column) for column in range(size)] for place in places]
        width = round(log2(len(rows))) if rows else 0
        if not 1 <= width <= MAX_QUBITS or len(rows) != 1 << width or any(len(row) != len(rows) for row in rows):
            raise _invalid(f"`{self.name}` is no matrix on 1 to {MAX_QUBITS} qubits")
        builder = CircuitBuilder(width)
        builder.gate("UNITARY", range(width - 1, -1, -1), matrix=rows)
        return builder.build()

    def _row(self, tokens: Sequence[Token], bound: dict[str, Value]) -> list[complex]:
        reading = Expressions(tokens, bound, {})
        row: list[complex] = []
        while reading.position < len(tokens):
            value = reading.value()
            if isinstance(value, Affine):
                raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"`{self.name}` with an open parameter is no matrix")
            row.append(complex(value))
            if reading.position < len(tokens) and not reading.take(","):
                raise _invalid(f"a row of `{self.name}` is no list of numbers")
        return row

    def _sum(self, bound: dict[str, Value]) -> Circuit:
        """exp(-i P) of a sum of one product; of more, only the engine of a product formula could make gates."""
        if len(self.body) != 1:
            message = f"`{self.name}` is the exponential of a sum of `{len(self.body)}` products; only one is read"
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message)
        tokens = self.body[0].tokens
        letters = tokens[0].text if tokens[0].kind == "name" else ""
        reading = Expressions(tokens, bound, {})
        reading.position = 1
        value: Any = reading.value() if reading.take("(") else 1j
        places = [token.text for token in tokens[reading.position + 1 :]]
        if not reading.take(")") or not letters or set(letters) - set("IXYZ") or len(places) != len(letters):
            raise _invalid(f"`{self.name}` is no sum of products of Paulis")
        if not isinstance(value, Affine) and complex(value).imag:
            raise _invalid(f"the weight of a product in `{self.name}` is no real number")
        if set(places) - set(self.qubits) or len(set(places)) != len(places):
            raise _invalid(f"`{self.name}` names qubits that are not its own")
        angle = value * 2.0 if isinstance(value, Affine) else 2.0 * complex(value).real
        builder = CircuitBuilder(len(self.qubits))
        builder.gate("PAULI_ROT", [self.qubits.index(place) for place in places], [angle], pauli=letters)
        return builder.build()


def read(statement: Statement, body: Sequence[Statement]) -> Definition:
    """The definition of a head and its body."""
    words = [token.text for token in statement.tokens]
    if len(words) < 2 or statement.tokens[1].kind != "name":
        raise _invalid(f"`{words[0]}` without a name")
    name, rest = words[1], words[2:]
    if rest[-1:] != [":"]:
        raise _invalid(f"the head of `{name[:40]}` does not end in `:`")
    rest, formals = rest[:-1], ()
    if rest[:1] == ["("]:
        close = rest.index(")") if ")" in rest else len(rest)
        formals = tuple(word for word in rest[1:close] if word != ",")
        rest = rest[close + 1 :]
    kind = "CIRCUIT"
    if words[0] == "DEFGATE":
        kind = rest[rest.index("AS") + 1] if "AS" in rest[:-1] else "MATRIX"
        rest = rest[: rest.index("AS")] if "AS" in rest else rest
        if kind not in {"MATRIX", "PERMUTATION", "PAULI-SUM"}:
            message = f"`{name[:40]}` is a gate `AS {kind[:40]}`, which is not read"
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message)
    return Definition(kind, name, formals, tuple(rest), tuple(body))


def _invalid(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", message)

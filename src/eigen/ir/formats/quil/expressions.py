"""Quil's expressions: numbers, pi, memory, formal parameters, functions, in the usual order of operations."""

from __future__ import annotations

import cmath
from math import pi
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.circuit import Affine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.ir.formats.quil.text import Token

    Value = complex | Affine

MAX_DEPTH = 100
FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sin": cmath.sin,
    "cos": cmath.cos,
    "sqrt": cmath.sqrt,
    "exp": cmath.exp,
    "cis": lambda x: cmath.exp(1j * x),
}


class Expressions:
    """Reads expressions from tokens; `position` is the next one. `memory` names what is declared REAL."""

    def __init__(self, tokens: Sequence[Token], formals: Mapping[str, Value], memory: Mapping[str, int]) -> None:
        self.tokens = tokens
        self.position = 0
        self._formals = formals
        self._memory = memory
        self._depth = 0

    def peek(self) -> str:
        """The text of the next token, or nothing."""
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def take(self, *texts: str) -> bool:
        """Whether the next token is one of these, which is then behind."""
        if self.peek() in texts and self.position < len(self.tokens):
            self.position += 1
            return True
        return False

    def value(self) -> Value:
        """A sum."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"expressions inside expressions beyond `{MAX_DEPTH}`")
        total = self._product()
        while self.peek() in {"+", "-"}:
            is_sum = self.take("+")
            self.position += not is_sum
            other = self._product()
            total = _add(total, other if is_sum else _multiply(other, -1))
        self._depth -= 1
        return total

    def _product(self) -> Value:
        total = self._signed()
        while self.peek() in {"*", "/"}:
            if self.take("*"):
                total = _multiply(total, self._signed())
                continue
            self.position += 1
            divisor = self._signed()
            if isinstance(divisor, Affine):
                raise _invalid("a parameter divides")
            if divisor == 0:
                raise _invalid("a division by zero")
            total = total / divisor.real if isinstance(total, Affine) else total / divisor
        return total

    def _signed(self) -> Value:
        sign = 1
        while self.peek() in {"+", "-"}:
            sign = -sign if self.take("-") else sign
            self.position += self.peek() == "+"
        value = self._power()
        return value if sign == 1 else _multiply(value, -1)

    def _power(self) -> Value:
        base = self._atom()
        if not self.take("^"):
            return base
        self._depth += 1
        exponent = self._signed() if self._depth <= MAX_DEPTH else None
        self._depth -= 1
        if exponent is None or isinstance(base, Affine) or isinstance(exponent, Affine):
            raise _invalid("a power of a parameter")
        try:
            return base**exponent
        except (OverflowError, ZeroDivisionError):
            raise _invalid("a power that is no number") from None

    def _atom(self) -> Value:
        if self.position >= len(self.tokens):
            raise _invalid("an expression that ends too early")
        token = self.tokens[self.position]
        self.position += 1
        if token.kind == "number":
            number = float(token.text)
            return number * 1j if self._is_imaginary(token) else number
        if token.kind == "formal":
            if token.text not in self._formals:
                raise _invalid(f"no parameter `{token.text[:40]}`")
            return self._formals[token.text]
        if token.text == "(":
            inner = self.value()
            if not self.take(")"):
                raise _invalid("a bracket that is not closed")
            return inner
        return self._named(token)

    def _named(self, token: Token) -> Value:
        name = token.text
        if name.lower() == "pi":
            return pi
        if name == "i":
            return 1j
        if name.lower() in FUNCTIONS and self.take("("):
            inner = self.value()
            if not self.take(")"):
                raise _invalid("a bracket that is not closed")
            if isinstance(inner, Affine):
                raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"`{name}` of an open parameter is not affine")
            try:
                return FUNCTIONS[name.lower()](inner)
            except (OverflowError, ValueError):
                raise _invalid(f"`{name}` that is no number") from None
        if name in self._memory:
            size, index = self._memory[name], 0
            if self.take("["):
                index = (
                    int(self.tokens[self.position].text) if self.peek().isdecimal() and len(self.peek()) < 10 else size
                )
                self.position += 1
                if not self.take("]"):
                    raise _invalid("an index without its bracket")
            if index >= size:
                raise _invalid(f"an index beyond the `{size}` numbers of `{name[:40]}`")
            return Affine.symbol(name if size == 1 else f"{name}[{index}]")
        raise _invalid(f"`{name[:40]}`, which is no number")

    def _is_imaginary(self, token: Token) -> bool:
        """Whether an `i` follows without a space."""
        if self.peek() == "i" and self.tokens[self.position].column == token.column + len(token.text):
            self.position += 1
            return True
        return False


def _add(a: Value, b: Value) -> Value:
    if isinstance(a, Affine) or isinstance(b, Affine):
        left, right = (value if isinstance(value, Affine) else _real(value) for value in (a, b))
        return left + right if isinstance(left, Affine) else right + left  # type: ignore[operator]
    return a + b


def _multiply(a: Value, b: Value) -> Value:
    if isinstance(a, Affine) and isinstance(b, Affine):
        raise EigenError("EIGEN_FORMAT_UNSUPPORTED", "a product of open parameters is not affine")
    if isinstance(a, Affine):
        return a * _real(b)  # type: ignore[arg-type]
    return b * _real(a) if isinstance(b, Affine) else a * b


def _real(value: complex) -> float:
    if complex(value).imag:
        raise _invalid("an imaginary multiple of a parameter")
    return complex(value).real


def _invalid(what: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", f"an expression has {what}")

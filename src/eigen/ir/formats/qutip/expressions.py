"""Coefficients that QuTiP takes as text, such as `"A*cos(w*t)"`: read, never run, as functions of a closed family."""

from __future__ import annotations

import ast
import cmath
import math
from typing import TYPE_CHECKING, Any, cast

from eigen.ir.evolution import Coefficient
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_TEXT = 10_000
MAX_POWER = 16
MAX_DEGREE = 32

Polynomial = tuple[float, ...]
"""Its coefficients, from the constant one up."""
Value = complex | Polynomial | Coefficient


def _real(z: complex) -> complex:
    return z.real


def _imaginary(z: complex) -> complex:
    return z.imag


def _conjugate(z: complex) -> complex:
    return z.conjugate()


_NAMES = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log10", "sqrt")
CONSTANT: dict[str, Callable[[complex], complex]] = {
    **{name: getattr(cmath, name) for name in _NAMES},
    "abs": abs,
    "real": _real,
    "imag": _imaginary,
    "conj": _conjugate,
}
"""Functions of numbers."""


def read(text: str, args: Mapping[str, Any], start: float) -> complex | Coefficient:
    """The coefficient that a text says, counted from the time `start`; `args` are its names.

    It knows numbers, `pi`, `t`, + - * / and powers, functions of numbers, sines and cosines of lines in t, and
    exponentials of parabolas in t that open downwards. Other texts are refused by what they hold.
    """
    if len(text) > MAX_TEXT:
        raise _no(f"a coefficient of more than {MAX_TEXT} characters", text)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        value = _Reader(text, args, start).value(tree)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise _no(f"it says `{error}`", text) from None
    return value if isinstance(value, (complex, float, int)) else _lifted(value)


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, args: Mapping[str, Any], start: float) -> None:
        self._text = text
        self._args = args
        self._start = start

    def value(self, node: ast.expr) -> Value:
        """What a part of the text stands for."""
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
            return complex(cast("complex", node.value))
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = self.value(node.operand)
            return self._product(-1 + 0j, value) if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            return self._call(self._function(node.func), self.value(node.args[0]))
        raise _no(f"`{ast.unparse(node)[:60]}` is not read here", self._text)

    def _name(self, name: str) -> Value:
        if name in self._args:
            return complex(self._args[name])
        if name == "t":
            return (self._start, 1.0)
        if name == "pi":
            return complex(math.pi)
        raise _no(f"there is no `{name}` in `args`", self._text)

    def _function(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            return node.attr
        return node.id if isinstance(node, ast.Name) else ""

    def _operation(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add):
            return self._sum(left, right)
        if isinstance(node.op, ast.Sub):
            return self._sum(left, self._product(-1 + 0j, right))
        if isinstance(node.op, ast.Mult):
            return self._product(left, right)
        if isinstance(node.op, ast.Div) and isinstance(right, complex):
            return self._product(left, 1 / right)
        if isinstance(node.op, ast.Pow) and isinstance(right, complex):
            return self._power(left, right)
        raise _no(f"`{ast.unparse(node)[:60]}` is not read here", self._text)

    def _sum(self, left: Value, right: Value) -> Value:
        if isinstance(left, complex) and isinstance(right, complex):
            return left + right
        if isinstance(left, Coefficient) or isinstance(right, Coefficient):
            return self._function_of(left) + self._function_of(right)
        one, two = self._polynomial(left), self._polynomial(right)
        size = max(len(one), len(two))
        return tuple(a + b for a, b in zip(_padded(one, size), _padded(two, size), strict=True))

    def _product(self, left: Value, right: Value) -> Value:
        if isinstance(left, complex) and isinstance(right, complex):
            return left * right
        if isinstance(left, Coefficient) or isinstance(right, Coefficient):
            return self._function_of(left) * self._function_of(right)
        one, two = self._polynomial(left), self._polynomial(right)
        made = [0.0] * (len(one) + len(two) - 1)
        if len(made) > MAX_DEGREE + 1:
            raise _no(f"a polynomial of a degree above {MAX_DEGREE}", self._text)
        for i, a in enumerate(one):
            for j, b in enumerate(two):
                made[i + j] += a * b
        return tuple(made)

    def _power(self, base: Value, exponent: complex) -> Value:
        if isinstance(base, complex):
            return complex(base**exponent)
        whole = int(exponent.real)
        if whole != exponent or not 0 <= whole <= MAX_POWER:
            raise _no(f"the power `{exponent}` of a function of time", self._text)
        made: Value = 1 + 0j
        for _ in range(whole):
            made = self._product(made, base)
        return made

    def _call(self, name: str, value: Value) -> Value:
        if isinstance(value, complex) and name in CONSTANT:
            return complex(CONSTANT[name](value))
        if name in ("sin", "cos") and isinstance(value, tuple) and not any(value[2:]):
            made = Coefficient.sin if name == "sin" else Coefficient.cos
            return made(value[1], value[0])
        if name == "exp" and isinstance(value, tuple) and len(value) > 2 and value[2] < 0 and not any(value[3:]):
            shift, slope, bend = value[:3]
            peak = math.exp(shift - slope * slope / (4 * bend))
            return peak * Coefficient.gaussian(-slope / (2 * bend), math.sqrt(-0.5 / bend))
        raise _no(f"`{name or 'what is called'}` of a function of time", self._text)

    def _polynomial(self, value: complex | Polynomial) -> Polynomial:
        if isinstance(value, tuple):
            return value
        if value.imag:
            raise _no(f"`{value}` times a function of time is not real", self._text)
        return (value.real,)

    def _function_of(self, value: Value) -> Coefficient:
        return value if isinstance(value, Coefficient) else _lifted(self._polynomial(value))


def _lifted(value: Polynomial | Coefficient) -> Coefficient:
    return Coefficient.polynomial(list(value)) if isinstance(value, tuple) else value


def _padded(value: Polynomial, size: int) -> Polynomial:
    return value + (0.0,) * (size - len(value))


def _no(why: str, text: str) -> Exception:
    hint = "give its samples instead: `qutip.coefficient(values, tlist=times)`"
    return refused("qutip", f"the coefficient `{text[:60]}` is no function of time that is carried: {why}", hint)

"""Coefficients that QuTiP takes as text, such as `"A*cos(w*t)"`: read, never run, as functions of a closed family."""

from __future__ import annotations

import ast
import cmath
import math
from typing import TYPE_CHECKING, Any, cast

from eigen.ir.evolution import Coefficient
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qutip.waves import ONE, Wave

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_TEXT = 10_000
MAX_POWER = 16


def _real(z: complex) -> complex:
    return z.real


def _imaginary(z: complex) -> complex:
    return z.imag


def _conjugate(z: complex) -> complex:
    return z.conjugate()


_NAMES = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log10", "sqrt")
LINEAR: dict[str, Callable[[complex], complex]] = {"real": _real, "imag": _imaginary, "conj": _conjugate}
"""What acts on the weights of a function alone."""
CONSTANT: dict[str, Callable[[complex], complex]] = {**{name: getattr(cmath, name) for name in _NAMES}, "abs": abs}
"""Functions of numbers."""


def read(text: str, args: Mapping[str, Any], start: float) -> Wave:
    """The coefficient that a text says, counted from the time `start`; `args` are its names.

    It knows numbers, `pi`, `t`, + - * / and powers, functions of numbers, sines and cosines of lines in t, and
    exponentials of what has a line for its imaginary part and, for its real part, a number or a parabola in t that
    opens downwards. Other texts are refused by what they hold.
    """
    if len(text) > MAX_TEXT:
        raise _no(f"a coefficient of more than {MAX_TEXT} characters", text)
    try:
        return _Reader(text, args, start).value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise _no(f"it says `{error}`", text) from None


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, args: Mapping[str, Any], start: float) -> None:
        self._text = text
        self._args = args
        self._start = start

    def value(self, node: ast.expr) -> Wave:
        """What a part of the text stands for."""
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
            return Wave.number(cast("complex", node.value))
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = self.value(node.operand)
            return value * Wave.number(-1) if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            return self._call(self._function(node.func), self.value(node.args[0]))
        raise _no(f"`{ast.unparse(node)[:60]}` is not read here", self._text)

    def _name(self, name: str) -> Wave:
        if name in self._args:
            return Wave.number(complex(self._args[name]))
        if name == "t":
            return Wave({(1, ()): 1 + 0j, ONE: complex(self._start)})
        if name == "pi":
            return Wave.number(math.pi)
        raise _no(f"there is no `{name}` in `args`", self._text)

    def _function(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            return node.attr
        return node.id if isinstance(node, ast.Name) else ""

    def _operation(self, node: ast.BinOp) -> Wave:
        left, right = self.value(node.left), self.value(node.right)
        number = right.constant
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left + right * Wave.number(-1)
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div) and number is not None:
            return left.mapped(lambda weight: weight / number)
        if isinstance(node.op, ast.Pow) and number is not None:
            return self._power(left, number)
        raise _no(f"`{ast.unparse(node)[:60]}` is not read here", self._text)

    def _power(self, base: Wave, exponent: complex) -> Wave:
        number = base.constant
        if number is not None:
            return Wave.number(number**exponent)
        whole = int(exponent.real)
        if whole != exponent or not 0 <= whole <= MAX_POWER:
            raise _no(f"the power `{exponent}` of a function of time", self._text)
        made = Wave.number(1)
        for _ in range(whole):
            made = made * base
        return made

    def _call(self, name: str, value: Wave) -> Wave:
        if name in LINEAR:
            return value.mapped(LINEAR[name])
        number = value.constant
        if number is not None and name in CONSTANT:
            return Wave.number(CONSTANT[name](number))
        line = value.polynomial
        if line is not None and name == "exp" and len(line) <= 3:
            shift, slope, bend = [*line, 0j, 0j][:3]
            return self._bell(shift.real, slope.real, bend.real) * self._turn(shift.imag, slope.imag, bend.imag)
        if line is not None and name in ("sin", "cos") and len(line) <= 2 and not any(z.imag for z in line):
            shift, slope = line[0].real, line[1].real
            return _sine(slope, shift) if name == "sin" else _cosine(slope, shift)
        raise _no(f"`{name or 'what is called'}` of a function of time", self._text)

    def _bell(self, shift: float, slope: float, bend: float) -> Wave:
        """exp(shift + slope t + bend t²)."""
        if not slope and not bend:
            return Wave.number(math.exp(shift))
        if bend >= 0:
            raise _no("`exp` of a function of time", self._text)
        peak = math.exp(shift - slope * slope / (4 * bend))
        function = Coefficient.gaussian(-slope / (2 * bend), math.sqrt(-0.5 / bend))
        return Wave.of(function) * Wave.number(peak)

    def _turn(self, shift: float, slope: float, bend: float) -> Wave:
        """exp(i(shift + slope t))."""
        if bend:
            raise _no("`exp` of a function of time", self._text)
        if not slope:
            return Wave.number(cmath.exp(1j * shift))
        return _cosine(slope, shift) + _sine(slope, shift) * Wave.number(1j)


def _sine(omega: float, phase: float) -> Wave:
    """sin(omega t + phase), written with omega above 0, so that equal ones are alike."""
    if omega < 0:
        return Wave.of(Coefficient.sin(-omega, -phase)) * Wave.number(-1)
    return Wave.of(Coefficient.sin(omega, phase))


def _cosine(omega: float, phase: float) -> Wave:
    return Wave.of(Coefficient.cos(-omega, -phase) if omega < 0 else Coefficient.cos(omega, phase))


def _no(why: str, text: str) -> Exception:
    hint = "give its samples instead: `qutip.coefficient(values, tlist=times)`"
    return refused("qutip", f"the coefficient `{text[:60]}` is no function of time that is carried: {why}", hint)

"""Complex arithmetic out of separate real operations, so that no compiler fuses them: the same bits everywhere."""

from __future__ import annotations

from math import inf

from eigen import _core


def multiply(a: complex, b: complex) -> complex:
    """The product; an integral or real factor keeps its exact zeros."""
    return complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)


def divide(a: complex, b: complex) -> complex:
    """The quotient by Smith's method (CACM 5(8), 1962). Raises ZeroDivisionError."""
    if b == 0:
        raise ZeroDivisionError("complex division by zero")
    if abs(b.real) >= abs(b.imag):
        ratio = b.imag / b.real
        scale = b.real + b.imag * ratio
        return complex((a.real + a.imag * ratio) / scale, (a.imag - a.real * ratio) / scale)
    ratio = b.real / b.imag
    scale = b.real * ratio + b.imag
    return complex((a.real * ratio + a.imag) / scale, (a.imag * ratio - a.real) / scale)


def modulus(a: complex) -> float:
    """The absolute value."""
    return _core.math.hypot(a.real, a.imag)


def phase(a: complex) -> float:
    """The argument in (-pi, pi]."""
    return _core.math.atan2(a.imag, a.real)


def exp(a: complex) -> complex:
    """The exponential."""
    scale = _core.math.exp(a.real)
    return complex(scale * _core.math.cos(a.imag), scale * _core.math.sin(a.imag))


def log(a: complex) -> complex:
    """The principal logarithm."""
    return complex(_core.math.log(modulus(a)), phase(a))


def sqrt(a: complex) -> complex:
    """The principal square root, without cancellation, scaled where squares would leave the range."""
    largest = max(abs(a.real), abs(a.imag))
    if largest == 0:
        return complex(0.0, a.imag)
    if largest < 1e-290 or 1e300 < largest < inf:
        root, back = (2.0**108, 2.0**-54) if largest < 1 else (2.0**-108, 2.0**54)
        found = sqrt(complex(a.real * root, a.imag * root))
        return complex(found.real * back, found.imag * back)
    half = _core.math.sqrt((modulus(a) + abs(a.real)) / 2)
    other = abs(a.imag) / (2 * half)
    real, imag = (half, other) if a.real >= 0 else (other, half)
    return complex(real, imag if a.imag >= 0 else -imag)


def sin(a: complex) -> complex:
    """The sine."""
    m = _core.math
    return complex(m.sin(a.real) * m.cosh(a.imag), m.cos(a.real) * m.sinh(a.imag))


def cos(a: complex) -> complex:
    """The cosine."""
    m = _core.math
    return complex(m.cos(a.real) * m.cosh(a.imag), -m.sin(a.real) * m.sinh(a.imag))


def power(a: complex, b: complex) -> complex:
    """a to the b: by repeated squaring for small integers, else exp(b log a). Raises ZeroDivisionError."""
    if b.imag == 0 and abs(b.real) <= 1024 and b.real == int(b.real):
        exponent = int(b.real)
        result, base = complex(1.0, 0.0), a if exponent >= 0 else divide(complex(1.0, 0.0), a)
        exponent = abs(exponent)
        while exponent:
            if exponent & 1:
                result = multiply(result, base)
            base = multiply(base, base)
            exponent >>= 1
        return result
    if a == 0:
        if b.imag != 0 or b.real < 0:
            raise ZeroDivisionError("0.0 to a negative or complex power")
        return complex(0.0, 0.0)
    return exp(multiply(b, log(a)))

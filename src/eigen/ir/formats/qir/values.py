"""Classical values while a program is read: known ones, and those that outcomes decide as expressions over bits.

A whole number is unsigned here, as LLVM's are; what is signed is the operation. Nothing is emitted in this module.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]

MAX_SIZE = 48
"""Operations in one expression; larger ones are computed in parts."""


class Pointer(NamedTuple):
    """A qubit or a result by its number."""

    number: int


class Label(NamedTuple):
    """The address of a string."""

    text: bytes


class Cell(NamedTuple):
    """The address of a single value in memory."""

    name: str


class Address(NamedTuple):
    """The address of an element of a constant array, or of a constant."""

    name: str
    place: int


class Truth(NamedTuple):
    """An `i1` that outcomes decide: a condition, as AQO writes it."""

    condition: Json
    size: int = 1


class Word(NamedTuple):
    """A whole number that outcomes decide: an expression, as AQO writes it, whose value is at least 0.

    `places` are the bits that it consists of where it is known, least significant first; -1 is a zero.
    """

    expression: Json
    size: int = 1
    places: tuple[int, ...] = ()


class Real(NamedTuple):
    """A `double` that outcomes decide."""

    expression: Json
    size: int = 1


class Undefined(NamedTuple):
    """`undef` and `poison`: whatever suits."""


Value: TypeAlias = int | float | Pointer | Label | Cell | Address | Truth | Word | Real | Undefined
UNDEFINED = Undefined()

RELATIONS = {"eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
SWAPPED = {">": "<", ">=": "<="}
BITWISE = {"and": "&", "or": "|", "xor": "^", "shl": "<<", "lshr": ">>", "ashr": ">>"}
ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "udiv": "/", "sdiv": "/", "urem": "%", "srem": "%", **BITWISE}
SIGNED = {"sdiv", "srem", "ashr"}
FRACTIONS = {"fadd": "+", "fsub": "-", "fmul": "*", "fdiv": "/", "frem": "%"}


def width(kind: str) -> int:
    """Bits of a whole number's type."""
    return int(kind[1:])


def signed(value: int, bits: int) -> int:
    """An unsigned number in two's complement."""
    return value - (1 << bits) if value >> (bits - 1) else value


def whole(name: str, x: int, y: int, bits: int) -> int | None:
    """An operation on known numbers; None where LLVM leaves the result open."""
    if name in {"shl", "lshr", "ashr"}:
        if y >= bits:
            return None
        return (signed(x, bits) >> y if name == "ashr" else x << y if name == "shl" else x >> y) & (1 << bits) - 1
    if name in {"udiv", "sdiv", "urem", "srem"}:
        a, b = (signed(x, bits), signed(y, bits)) if name in SIGNED else (x, y)
        if not b:
            return None
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return (quotient if name.endswith("div") else a - b * quotient) & (1 << bits) - 1
    table = {"add": x + y, "sub": x - y, "mul": x * y, "and": x & y, "or": x | y, "xor": x ^ y}
    return table[name] & (1 << bits) - 1


def holds(relation: str, x: float, y: float) -> bool:
    """A comparison of known numbers."""
    order = (x > y) - (x < y)
    return {"==": not order, "!=": order != 0, ">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[
        relation
    ]


# ---- expressions -------------------------------------------------------------------------------------------------


def bits_of(bits: list[int], reading: str = "uint") -> Json:
    """The number that bits make, least significant first."""
    return {"bits": bits, "as": reading}


def call(name: str, *of: Json) -> Json:
    """An operation."""
    return {"do": name, "of": list(of)}


def wrapped(of: Json, bits: int, is_signed: bool = False) -> Json:
    """A number modulo 2^bits, perhaps in two's complement."""
    return {"do": "wrap", "of": [of], "bits": bits, "signed": is_signed}


def expression(value: Value) -> Json:
    """A value as an expression; a truth value is 1 or 0."""
    if isinstance(value, Truth):
        return of_condition(value.condition)
    if isinstance(value, Word | Real):
        return value.expression
    return {"float": value} if isinstance(value, float) else {"int": value}


def of_condition(node: Json) -> Json:
    """A condition as an expression that is 1 or 0."""
    if "bit" in node:
        return bits_of([node["bit"]])
    if "const" in node:
        return {"int": int(node["const"])}
    if "not" in node:
        return call("not", of_condition(node["not"]))
    if "cmp" in node:
        left, right, relation = bits_of(node["bits"]), {"int": node["value"]}, node["cmp"]
        return call(SWAPPED[relation], right, left) if relation in SWAPPED else call(relation, left, right)
    name, parts = next(iter(node.items()))
    total = of_condition(parts[0])
    for part in parts[1:]:
        total = call({"and": "&", "or": "|", "xor": "^"}[name], total, of_condition(part))
    return total


def size(value: Value) -> int:
    """How many operations a value stands for."""
    return value.size if isinstance(value, Truth | Word | Real) else 1


def is_known(*values: Value) -> bool:
    """Whether no outcome decides any of these."""
    return not any(isinstance(value, Truth | Word | Real) for value in values)


def word(name: str, x: Value, y: Value, bits: int) -> Word | int | Truth:
    """An operation on whole numbers of which outcomes decide one."""
    simple = _simple(name, x, y, bits)
    if simple is not None:
        return simple
    places = _places(name, x, y, bits)
    if places and -1 not in places:
        return placed(places)
    left, right = expression(x), expression(y)
    if name in {"sdiv", "srem"}:
        left, right = wrapped(left, bits, True), wrapped(right, bits, True)
    if name == "ashr":
        left = wrapped(left, bits, True)
    found = call(ARITHMETIC[name], left, right)
    if name not in {"and", "or", "xor", "lshr", "udiv", "urem"}:
        found = wrapped(found, bits)
    return Word(found, size(x) + size(y) + 1, places)


def placed(places: tuple[int, ...]) -> Word:
    """The number that bits make, least significant first."""
    return Word(bits_of(list(places)), 1, places)


def _places(name: str, x: Value, y: Value, bits: int) -> tuple[int, ...]:
    """Where the bits of a result lie, for operations that only move them and put them together."""
    if name in {"or", "add", "xor"} and isinstance(x, Word) and isinstance(y, Word) and x.places and y.places:
        longer, shorter = (x.places, y.places) if len(x.places) > len(y.places) else (y.places, x.places)
        pairs = list(zip(longer, [*shorter, *(-1 for _ in longer[len(shorter) :])], strict=True))
        return tuple(max(pair) for pair in pairs) if all(-1 in pair for pair in pairs) else ()
    if name == "mul" and isinstance(x, int):
        x, y = y, x
    if not isinstance(x, Word) or not x.places or not isinstance(y, int):
        return ()
    if name == "mul" and y & (y - 1) == 0:
        name, y = "shl", y.bit_length() - 1
    if name == "shl":
        return ((-1,) * min(y, bits) + x.places)[:bits]
    return x.places[y:] if name == "lshr" else ()


def _simple(name: str, x: Value, y: Value, bits: int) -> Word | int | Truth | None:
    """What changes nothing, and what leaves nothing."""
    ones = (1 << bits) - 1
    if isinstance(x, int) and name in {"add", "mul", "and", "or", "xor"}:
        x, y = y, x
    if not isinstance(x, Word) or not isinstance(y, int):
        return None
    neutral = {"mul": 1, "udiv": 1, "sdiv": 1, "and": ones}
    if y == neutral.get(name, 0) and name not in {"urem", "srem"}:
        return x
    return 0 if y == 0 and name in {"mul", "and"} else None


def truth(name: str, x: Value, y: Value) -> Truth | int | None:
    """`and`, `or` and `xor` of truth values; None for other operations."""
    if name in {"add", "sub"}:
        name = "xor"
    if name == "mul":
        name = "and"
    if name not in {"and", "or", "xor"}:
        return None
    if isinstance(x, int):
        x, y = y, x
    if isinstance(y, int):
        is_neutral = y == (1 if name == "and" else 0)
        if is_neutral and isinstance(x, Truth):
            return x
        return negated(x) if name == "xor" else y
    total = size(x) + size(y) + 1
    return Truth({name: [condition(x), condition(y)]}, total)


def negated(value: Value) -> Truth | int:
    """NOT of a truth value."""
    if not isinstance(value, Truth):
        return 1 - int(bool(value))
    node = value.condition
    return Truth(node["not"], value.size - 1) if "not" in node else Truth({"not": node}, value.size + 1)


def condition(value: Value) -> Json:
    """A truth value as a condition."""
    return value.condition if isinstance(value, Truth) else {"const": bool(value)}

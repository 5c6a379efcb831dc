"""Classical instructions of LLVM: computed at once where the operands are known, else as values over classical bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.emission import plain_bits, read
from eigen.ir.formats.qir.parsing import FLOAT, INTEGER
from eigen.ir.formats.qir.values import UNDEFINED, Address, Cell, Label, Pointer, Real, Truth, Undefined, Value, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.formats.qir.emission import Emission
    from eigen.ir.formats.qir.module import Instruction

MAX_WIDTH = 64
LOOSE = {"ult": "oge", "ule": "ogt", "ugt": "ole", "uge": "olt", "ueq": "one"}
"""Comparisons of fractions that hold for what is no number, and their opposites, which do not."""


def computed(emission: Emission, instruction: Instruction, operands: Sequence[Value]) -> Value:
    """The value of an instruction. Raises EIGEN_FORMAT_UNSUPPORTED, EIGEN_FORMAT_INVALID without a place."""
    name, kind = instruction.name, instruction.type
    if any(isinstance(operand, Undefined) for operand in operands) and name != "select":
        return UNDEFINED
    for operand in (*instruction.operands, None):
        text = kind if operand is None else operand.type
        if text[0] == "i" and values.width(text) > MAX_WIDTH:
            raise _unsupported(f"numbers of the type `{text}` are not read; there are {MAX_WIDTH} bits at most")
    if name in INTEGER:
        return emission.small(_whole(name, operands[0], operands[1], values.width(kind)), kind)
    if name in FLOAT or name == "fneg":
        return emission.small(_fraction(name, operands), kind)
    if name == "icmp":
        return _compared(emission, instruction, operands)
    if name == "fcmp":
        return _fcmp(emission, instruction.detail, operands[0], operands[1])
    if name == "select":
        return _selected(emission, kind, operands)
    return operands[0] if name == "freeze" else emission.small(_cast(emission, instruction, operands[0]), kind)


def _whole(name: str, x: Value, y: Value, bits: int) -> Value:
    if isinstance(x, int) and isinstance(y, int):
        found = values.whole(name, x, y, bits)
        return UNDEFINED if found is None else found
    if bits == 1:
        truth = values.truth(name, x, y)
        if truth is None:
            raise _unsupported(f"`{name}` of truth values that outcomes decide is not read")
        return truth
    if not isinstance(x, int | Word) or not isinstance(y, int | Word):
        raise _invalid(f"`{name}` is an operation on whole numbers")
    return values.word(name, x, y, bits)


def _fraction(name: str, operands: Sequence[Value]) -> Value:
    if any(not isinstance(operand, float | Real) for operand in operands):
        raise _invalid(f"`{name}` is an operation on fractions")
    if name == "fneg":
        (value,) = operands
        if isinstance(value, Real):
            return Real(values.call("neg", value.expression), value.size + 1)
        return -_float(value)
    x, y = operands
    if isinstance(x, Real) or isinstance(y, Real):
        expression = values.call(values.FRACTIONS[name], values.expression(x), values.expression(y))
        return Real(expression, values.size(x) + values.size(y) + 1)
    a, b = _float(x), _float(y)
    if name in {"fdiv", "frem"} and not b:
        raise _invalid("a division by zero")
    if name == "frem":
        from math import fmod

        return fmod(a, b)
    return {"fadd": a + b, "fsub": a - b, "fmul": a * b}[name] if name != "fdiv" else a / b


def _float(value: Value) -> float:
    assert isinstance(value, float)
    return value


# ---- comparisons -------------------------------------------------------------------------------------------------


def _compared(emission: Emission, instruction: Instruction, operands: Sequence[Value]) -> Value:
    kind, predicate = instruction.operands[0].type, instruction.detail
    relation = values.RELATIONS.get(predicate[-2:])
    if relation is None or (predicate not in {"eq", "ne"} and predicate[0] not in "us"):
        raise _invalid(f"`icmp {predicate[:10]}` is no comparison")
    x, y = operands
    if isinstance(x, Pointer) and isinstance(y, Pointer):
        return int(values.holds(relation, x.number, y.number))
    bits = values.width(kind) if kind[0] == "i" else 0
    if not bits or not isinstance(x, int | Word | Truth) or not isinstance(y, int | Word | Truth):
        raise _invalid("`icmp` compares whole numbers")
    is_signed = predicate[0] == "s"
    if isinstance(x, int) and isinstance(y, int):
        return int(values.holds(relation, *((values.signed(x, bits), values.signed(y, bits)) if is_signed else (x, y))))
    if bits == 1 and relation in {"==", "!="}:
        differ = values.truth("xor", x, y)
        assert differ is not None
        return emission.small(differ if relation == "!=" else values.negated(differ), "i1")
    is_signed = is_signed and not (_is_small(x, bits) and _is_small(y, bits))
    found = None if is_signed else _on_bits(x, relation, y)
    if found is not None:
        return found
    left, right = values.expression(x), values.expression(y)
    if is_signed:
        left, right = values.wrapped(left, bits, True), values.wrapped(right, bits, True)
    return _decided(emission, relation, left, right, values.size(x) + values.size(y))


def _is_small(value: Value, bits: int) -> bool:
    """Whether the highest bit, which would be a sign, is known to be 0."""
    if isinstance(value, Word):
        return 0 < len(value.places) < bits
    return isinstance(value, int) and not value >> (bits - 1)


def _on_bits(x: Value, relation: str, y: Value) -> Truth | int | None:
    """A comparison of bits with a number, which is a condition."""
    if isinstance(x, int):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        x, y, relation = y, x, mirrored.get(relation, relation)
    if not isinstance(x, Word) or not isinstance(y, int):
        return None
    if "as" in x.expression:
        if y >> len(x.expression["bits"]):
            return int(relation in {"<", "<=", "!="})
        return Truth({"cmp": relation, "bits": x.expression["bits"], "value": y})
    if relation not in {"==", "!="} or not x.places:
        return None
    there = [(bit, y >> place & 1) for place, bit in enumerate(x.places) if bit >= 0]
    if sum(is_set << x.places.index(bit) for bit, is_set in there) != y:
        return int(relation == "!=")
    value = sum(is_set << place for place, (_, is_set) in enumerate(there))
    return Truth({"cmp": relation, "bits": [bit for bit, _ in there], "value": value})


def _decided(emission: Emission, relation: str, left: values.Json, right: values.Json, size: int) -> Value:
    """A comparison, in a bit of its own."""
    if relation in values.SWAPPED:
        left, right, relation = right, left, values.SWAPPED[relation]
    return emission.kept(Word(values.call(relation, left, right), size + 1), "i1")


def _fcmp(emission: Emission, predicate: str, x: Value, y: Value) -> Value:
    if predicate in {"true", "false"}:
        return int(predicate == "true")
    if predicate in LOOSE:
        return values.negated(_fcmp(emission, LOOSE[predicate], x, y))  # type: ignore[arg-type]
    if predicate not in {"oeq", "one", "une", "ogt", "oge", "olt", "ole"}:
        raise _unsupported(f"the comparison `fcmp {predicate[:10]}` is not read")
    relation = values.RELATIONS[predicate[1:]]
    if isinstance(x, float) and isinstance(y, float):
        return int(x != y if relation == "!=" else x == x and y == y and values.holds(relation, x, y))
    if not isinstance(x, float | Real) or not isinstance(y, float | Real):
        raise _invalid("`fcmp` compares fractions")
    return _decided(emission, relation, values.expression(x), values.expression(y), values.size(x) + values.size(y))


# ---- choices and casts -------------------------------------------------------------------------------------------


def _selected(emission: Emission, kind: str, operands: Sequence[Value]) -> Value:
    test, yes, no = operands
    if isinstance(test, int) or yes == no or isinstance(no, Undefined):
        return no if test == 0 and isinstance(test, int) else yes
    if not isinstance(test, Truth):
        raise _invalid("`select` chooses by a truth value")
    if isinstance(yes, Undefined):
        return no
    if kind == "i1":
        left, right = values.truth("and", test, yes), values.truth("and", values.negated(test), no)
        assert left is not None
        assert right is not None
        found = values.truth("or", left, right)
        assert found is not None
        return emission.small(found, kind)
    if kind != "double" and kind[0] != "i":
        raise _unsupported("which qubit or result is meant depends on an outcome")
    bits = emission.scratch(64 if kind == "double" else values.width(kind))
    emission.compute(bits, no)
    outer, emission.out = emission.out, []
    emission.compute(bits, yes)
    then, emission.out = emission.out, outer
    emission.add("IF", cond=test.condition, then=then)
    return read(bits, kind)


def _cast(emission: Emission, instruction: Instruction, value: Value) -> Value:
    name, source, kind = instruction.name, instruction.operands[0].type, instruction.type
    if name == "inttoptr":
        if not isinstance(value, int):
            raise _unsupported("which qubit or result is meant depends on an outcome")
        return Pointer(value)
    if isinstance(value, Pointer):
        return value.number if name == "ptrtoint" else value
    if isinstance(value, Cell | Address | Label) and kind == "ptr":
        return value
    if name in {"fpext", "fptrunc"}:
        return _precision(value, kind)
    if name in {"uitofp", "sitofp"}:
        return _to_fraction(value, values.width(source), name == "sitofp")
    if name in {"fptoui", "fptosi"}:
        return _to_whole(value, values.width(kind))
    if name not in {"zext", "sext", "trunc"} or kind[0] != "i" or not isinstance(value, int | Word | Truth):
        raise _invalid(f"`{name}` of `{source[:20]}` to `{kind[:20]}` is none")
    before, after = values.width(source), values.width(kind)
    if isinstance(value, int):
        return (values.signed(value, before) if name == "sext" else value) & (1 << after) - 1
    of = values.expression(value)
    if name == "sext":
        of = values.wrapped(values.wrapped(of, before, True), after)
    elif name == "trunc":
        if after == 1:
            plain = value.places[0] if isinstance(value, Word) and value.places else -1
            if plain >= 0:
                return Truth({"bit": plain})
            return emission.kept(Word(values.wrapped(of, 1), values.size(value) + 1), "i1")
        of = values.wrapped(of, after)
    places = value.places if isinstance(value, Word) else tuple(plain_bits(value) or ())
    if places and -1 not in places[:after] and name != "sext":
        return values.placed(places[:after])
    size = values.size(value) + (0 if name == "zext" else 2)
    return Word(of, size, () if name == "sext" else places[:after])


def _precision(value: Value, kind: str) -> Value:
    if not isinstance(value, float):
        raise _unsupported("fractions of less than double precision that outcomes decide are not read")
    if kind == "double":
        return value
    import struct

    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        raise _invalid("a fraction is beyond single precision") from None


def _to_fraction(value: Value, bits: int, is_signed: bool) -> Value:
    if isinstance(value, int):
        return float(values.signed(value, bits) if is_signed else value)
    of = values.expression(value)
    return Real(values.call("float", values.wrapped(of, bits, True) if is_signed else of), values.size(value) + 2)


def _to_whole(value: Value, bits: int) -> Value:
    if isinstance(value, float):
        if not abs(value) < 2.0**64:
            raise _invalid("a fraction is too large for a whole number")
        return int(value) & (1 << bits) - 1
    return Word(values.wrapped(values.call("int", values.expression(value)), bits), values.size(value) + 2)


def _unsupported(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_UNSUPPORTED", message)


def _invalid(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", message)

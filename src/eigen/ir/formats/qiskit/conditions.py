"""Classical conditions: Qiskit's expressions on bits and registers, and ours on bits."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false

from __future__ import annotations

import json
from functools import reduce
from operator import and_, or_, xor
from typing import TYPE_CHECKING, Any

from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types

from eigen.ir.circuit import Condition
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FALSE, TRUE = Condition.const(False), Condition.const(True)
WORD = 64  # bits of one comparison
RELATIONS = {
    expr.Binary.Op.EQUAL: "==",
    expr.Binary.Op.NOT_EQUAL: "!=",
    expr.Binary.Op.LESS: "<",
    expr.Binary.Op.LESS_EQUAL: "<=",
    expr.Binary.Op.GREATER: ">",
    expr.Binary.Op.GREATER_EQUAL: ">=",
}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
JOINED: dict[Any, Any] = {
    expr.Binary.Op.BIT_AND: and_,
    expr.Binary.Op.LOGIC_AND: and_,
    expr.Binary.Op.BIT_OR: or_,
    expr.Binary.Op.LOGIC_OR: or_,
    expr.Binary.Op.BIT_XOR: xor,
}

# ---- theirs as ours ----------------------------------------------------------------------------------------


def read(test: Any, scope: Mapping[Any, int]) -> Condition:
    """The condition of an IF or WHILE: an expression, or a bit or register and its value. `scope` numbers the bits."""
    if not isinstance(test, tuple):
        return _truth(test, scope)
    target, value = test
    return matches(target, int(value), scope)


def matches(target: Any, value: int, scope: Mapping[Any, int]) -> Condition:
    """Whether a bit, a register or an expression has a value."""
    bits = _bits(target, scope)
    return _compared(bits, "==", [Condition.const(bool(value >> k & 1)) for k in range(len(bits))])


def _truth(node: Any, scope: Mapping[Any, int]) -> Condition:
    """An expression of Boolean type."""
    if isinstance(node, expr.Binary) and node.op in RELATIONS:
        return _compared(_bits(node.left, scope), RELATIONS[node.op], _bits(node.right, scope))
    if isinstance(node, expr.Cast):
        return reduce(or_, _bits(node.operand, scope))
    if isinstance(node, expr.Index):
        if not isinstance(node.index, expr.Value):
            raise refused("qiskit", f"the index of `{node}` is no constant")
        bits, place = _bits(node.target, scope), int(node.index.value)
        return bits[place] if place < len(bits) else FALSE
    return _bits(node, scope)[0]


def _bits(node: Any, scope: Mapping[Any, int]) -> list[Condition]:
    """The bits of a bit, a register or an expression of Boolean or unsigned type, least significant first."""
    if isinstance(node, expr.Var):
        if not isinstance(node.var, Clbit | ClassicalRegister):
            raise refused("qiskit", f"the variable `{node.name}` is not carried: there are classical bits only")
        node = node.var
    if isinstance(node, Clbit):
        return [Condition.bit(scope[node])]
    if isinstance(node, ClassicalRegister):
        return [Condition.bit(scope[bit]) for bit in node]
    if node.type.kind not in (types.Bool, types.Uint):
        raise refused("qiskit", f"`{node}` is neither a Boolean nor an unsigned number")
    width = 1 if node.type.kind is types.Bool else node.type.width
    if isinstance(node, expr.Value):
        return [Condition.const(bool(int(node.value) >> k & 1)) for k in range(width)]
    if isinstance(node, expr.Index) or (node.type.kind is types.Bool and isinstance(node, expr.Cast)):
        return [_truth(node, scope)]
    if isinstance(node, expr.Cast):
        inner = _bits(node.operand, scope)
        return (inner + [FALSE] * width)[:width]
    if isinstance(node, expr.Unary) and node.op in (expr.Unary.Op.BIT_NOT, expr.Unary.Op.LOGIC_NOT):
        return [~bit for bit in _bits(node.operand, scope)]
    if isinstance(node, expr.Binary):
        return _binary(node, scope)
    raise refused("qiskit", f"`{node}` has no counterpart among conditions on bits")


def _binary(node: Any, scope: Mapping[Any, int]) -> list[Condition]:
    if node.op in RELATIONS:
        return [_truth(node, scope)]
    left = _bits(node.left, scope)
    if node.op in JOINED:
        return [JOINED[node.op](a, b) for a, b in zip(left, _bits(node.right, scope), strict=True)]
    if node.op in (expr.Binary.Op.SHIFT_LEFT, expr.Binary.Op.SHIFT_RIGHT) and isinstance(node.right, expr.Value):
        far = min(int(node.right.value), len(left))
        zeros = [FALSE] * far
        return zeros + left[: len(left) - far] if node.op is expr.Binary.Op.SHIFT_LEFT else left[far:] + zeros
    raise refused("qiskit", f"`{node.op.name}` has no counterpart among conditions on bits")


def _compared(left: list[Condition], relation: str, right: list[Condition]) -> Condition:
    """One unsigned number compared with another of the same width."""
    if all(bit in (TRUE, FALSE) for bit in left):
        left, relation, right = right, MIRRORED[relation], left
    if all(bit in (TRUE, FALSE) for bit in right):
        value = sum(1 << k for k, bit in enumerate(right) if bit == TRUE)
        while left and left[-1] == FALSE:
            left = left[:-1]
        plain = [bit.clbits[0] for bit in left if len(bit.clbits) == 1 and bit == Condition.bit(bit.clbits[0])]
        if plain and len(plain) == len(left):
            return _with_number(plain, relation, value)
        right = [Condition.const(bool(value >> k & 1)) for k in range(max(len(left), value.bit_length()))]
        left = left + [FALSE] * (len(right) - len(left))
    if relation in {"!=", ">=", ">"}:
        opposite = {"!=": "==", ">=": "<", ">": "<="}[relation]
        return ~_compared(left, opposite, right)
    if relation == "==":
        return reduce(and_, (~(a ^ b) for a, b in zip(left, right, strict=True)), TRUE)
    total = Condition.const(relation == "<=")
    for a, b in zip(left, right, strict=True):
        total = ~a & b | ~(a ^ b) & total
    return total


def _with_number(bits: list[int], relation: str, value: int) -> Condition:
    if len(bits) == 1 and relation == "==" and value in (0, 1):
        return Condition.bit(bits[0]) if value else ~Condition.bit(bits[0])
    if len(bits) <= WORD or relation not in {"==", "!="}:
        return Condition.compare(bits, relation, value)
    words = range(0, len(bits), WORD)
    same = [Condition.compare(bits[k : k + WORD], "==", value >> k & (1 << WORD) - 1) for k in words]
    return reduce(and_, same) if relation == "==" else ~reduce(and_, same)


# ---- ours as theirs ----------------------------------------------------------------------------------------


def formula(condition: Condition, clbits: Sequence[Any]) -> Any:
    """A condition as Qiskit's expression on single bits."""
    return _formula(json.loads(condition.to_json()), clbits)


def _formula(node: dict[str, Any], clbits: Sequence[Any]) -> Any:
    if "bit" in node:
        return expr.lift(clbits[node["bit"]])
    if "const" in node:
        return expr.lift(node["const"])
    if "not" in node:
        return expr.logic_not(_formula(node["not"], clbits))
    if "cmp" in node:
        return _comparison([clbits[index] for index in node["bits"]], node["cmp"], node["value"])
    (name, parts) = next(iter(node.items()))
    join = {"and": expr.logic_and, "or": expr.logic_or, "xor": expr.bit_xor}[name]
    total = _formula(parts[0], clbits)
    for part in parts[1:]:
        total = join(total, _formula(part, clbits))
    return total


def _comparison(bits: Sequence[Any], relation: str, value: int) -> Any:
    """The unsigned number of some bits, least significant first, compared with a constant."""
    if relation in {"!=", ">=", ">"}:
        opposite = {"!=": "==", ">=": "<", ">": "<="}[relation]
        return expr.logic_not(_comparison(bits, opposite, value))
    if value < 0 or value >> len(bits):
        return expr.lift(relation != "==" and value > 0)
    # From the least significant bit up: what the bits so far say counts where the next one is as in the constant.
    total = expr.lift(relation != "<")
    for index, bit in enumerate(bits):
        same = expr.lift(bit) if value >> index & 1 else expr.logic_not(bit)
        if relation == "==" or not value >> index & 1:
            total = expr.logic_and(same, total)
        else:
            total = expr.logic_or(expr.logic_not(bit), total)
    return total

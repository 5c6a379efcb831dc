"""The words in a picture: gate labels, angles and conditions."""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen._core import Affine, Condition, Instruction

_PI = 3.141592653589793
_SYMMETRIC = frozenset({"RXX", "RYY", "RZZ", "ISWAP", "SWAP", "MS"})
_INNER = {
    "CX": "⊕", "CCX": "⊕", "MCX": "⊕", "CY": "Y", "CZ": "●", "CCZ": "●", "CH": "H", "CP": "P", "MCP": "P",
    "CRX": "RX", "CRY": "RY", "CRZ": "RZ", "CU": "U", "CSWAP": "×",
}  # fmt: skip
_CONTROLS = {"CCX": 2, "CCZ": 2}


def marks_of(instruction: Instruction) -> dict[int, str]:
    """What stands on each wire of an operation."""
    name, qubits = instruction.name, tuple(instruction.qubits)
    if name == "MEASURE":
        basis = "" if instruction.basis in (None, "", "Z") else instruction.basis
        return {q: f"M{basis}→c{c}" for q, c in zip(qubits, instruction.clbits, strict=True)}
    if name == "BARRIER":
        return dict.fromkeys(qubits, "┆")
    added, inner = instruction.num_controls, _inner_controls(name, len(qubits) - instruction.num_controls)
    states = str(instruction.ctrl_state or "")[::-1].ljust(added, "1")
    marks = {qubit: "●" if states[position] == "1" else "○" for position, qubit in enumerate(qubits[:added])}
    marks.update(dict.fromkeys(qubits[added : added + inner], "●"))
    targets = qubits[added + inner :]
    label = _decorated(_INNER.get(name, name), instruction)
    if name in ("SWAP", "CSWAP") and label in ("SWAP", "×"):
        marks.update(dict.fromkeys(targets, "×"))
    elif len(targets) <= 1 or name in _SYMMETRIC:
        marks.update(dict.fromkeys(targets, label))
    elif name == "PAULI_ROT":
        letters = instruction.pauli
        angle = label.removeprefix("PAULI_ROT")
        marks.update({q: f"⟨{letters[k : k + 1]}⟩{angle if not k else ''}" for k, q in enumerate(targets)})
    else:
        marks.update({qubit: f"{label}:{position}" for position, qubit in enumerate(targets)})
    if instruction.condition is not None:
        last = targets[-1] if targets else qubits[-1]
        marks[last] = f"{marks[last]} if {text_of_condition(instruction.condition)}"
    return marks


def _inner_controls(name: str, qubits: int) -> int:
    if name in ("MCX", "MCP"):
        return qubits - 1
    return _CONTROLS.get(name, 1) if name in _INNER else 0


def _decorated(label: str, instruction: Instruction) -> str:
    params = [text_of_angle(value) for value in instruction.params]
    text = f"{label}({', '.join(params)})" if params else label
    if instruction.power not in (None, 1, 1.0):
        text = f"{text}^{_short(instruction.power)}"
    return f"{text}†" if instruction.inverse else text


def text_of_angle(value: float | Affine) -> str:
    """An angle as short text: fractions of π where it is one, else three digits; symbols by name.

    >>> text_of_angle(1.5707963267948966), text_of_angle(0.25)
    ('π/2', '0.25')
    """
    if isinstance(value, (int, float)):
        return _fraction_of_pi(float(value)) or _short(float(value))
    parts: list[str] = []
    for name, factor in value.terms.items():
        size = "" if abs(factor) == 1 else f"{_fraction_of_pi(abs(factor)) or _short(abs(factor))}·"
        sign = "-" if factor < 0 else "+" if parts else ""
        parts.append(f"{sign}{size}{name}")
    if value.constant or not parts:
        constant = text_of_angle(value.constant)
        parts.append(constant if constant.startswith("-") or not parts else f"+{constant}")
    return "".join(parts)


def _short(number: float) -> str:
    return f"{number:.3g}"


def _fraction_of_pi(value: float) -> str:
    for denominator in (1, 2, 3, 4, 6, 8, 16, 32, 64):
        ratio = value * denominator / _PI
        numerator = round(ratio)
        if numerator and abs(ratio - numerator) < 1e-12 and abs(numerator) <= 64:
            head = {1: "π", -1: "-π"}.get(numerator, f"{numerator}π")
            return head if denominator == 1 else f"{head}/{denominator}"
    return ""


def text_of_condition(condition: Condition | None) -> str:
    """A classical condition as text such as `c0 and not c1` or `c[2,1,0] == 5` (most significant bit first)."""
    return "" if condition is None else _condition(loads(condition.to_json()), nested=False)


_JOINTS = {"and": " and ", "or": " or ", "xor": " xor "}


def _condition(data: dict[str, Any], *, nested: bool) -> str:
    if "bit" in data:
        return f"c{data['bit']}"
    if "const" in data:
        return str(data["const"]).lower()
    if "not" in data:
        return f"not {_condition(data['not'], nested=True)}"
    if "cmp" in data:
        text = f"c[{_positions(data['bits'])}] {data['cmp']} {data['value']}"
    else:
        word = next(word for word in _JOINTS if word in data)
        text = _JOINTS[word].join(_condition(part, nested=True) for part in data[word])
    return f"({text})" if nested else text


def _positions(bits: list[int]) -> str:
    """Bit positions, most significant first: `3..0` for neighbours, else `4,2,0`."""
    if len(bits) > 2 and bits == list(range(bits[0], bits[0] + len(bits))):
        return f"{bits[-1]}..{bits[0]}"
    return ",".join(map(str, reversed(bits)))

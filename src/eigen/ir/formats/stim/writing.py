"""Our circuits as Stim's: Clifford gates, measurements in the order of the classical bits, Paulis under outcomes."""

from __future__ import annotations

import json
from math import pi
from typing import TYPE_CHECKING, Any

from eigen.ir.circuit import Affine, Circuit, Instruction, core_errors, decompose
from eigen.ir.formats import header
from eigen.ir.formats.objects import refused
from eigen.ir.formats.stim.gates import ESCAPES, NOTES, ROTATIONS, TAG, WRITE

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "stim"
BASIS = [*WRITE, "RZ", "GPHASE"]
QUARTERS: tuple[str, ...] = ("", "S", "Z", "S_DAG")
TOLERANCE = 1e-12
"""How far from a quarter turn an angle may be: what rounding does."""


def dump(circuit: Circuit) -> bytes:
    """The Stim document of a circuit, up to the global phase, which Stim does not have.

    Names of registers and the number of qubits stand in a tag on an identity at the beginning, from which `load` has
    them back. Raises EIGEN_FORMAT_UNSUPPORTED for gates that are not Clifford, open parameters, branches other than
    Paulis under the parity of outcomes, WHILE, delays, and classical bits that are not measured once, in order.
    """
    writer = _Writer(circuit)
    if circuit.parameters:
        what = f"Stim has no parameters, such as `{circuit.parameters[0]}`"
        raise refused(NAME, what, "bind the parameters first")
    with core_errors():
        lowered = decompose(circuit, [*BASIS, "PAULI_ROT"])
    lines = writer.block(lowered.instructions())
    writer.check_end()
    return "".join(f"{line}\n" for line in [*writer.head(), *lines, *writer.notes()]).encode()


class _Writer:
    """Makes lines; `_measured` is the length of the record so far."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._measured = 0
        self._width = 0
        self._inside_loop = False

    def head(self) -> list[str]:
        """The identity that tells names and the number of qubits, where the operations do not."""
        if self._width == self._circuit.num_qubits and not header.is_needed(self._circuit):
            return []
        metadata = {key: text for key, text in self._circuit.metadata.items() if key not in NOTES.values()}
        line = header.told(self._circuit, metadata)
        for code, mark in ESCAPES.items():
            line = line.replace(mark, f"\\{code}")
        return [f"I[{TAG}{line}]" + (f" {self._circuit.num_qubits - 1}" if self._circuit.num_qubits else "")]

    def notes(self) -> list[str]:
        """The detectors, observables and coordinates that `load` has kept."""
        lines: list[str] = []
        for name, key in NOTES.items():
            for head, targets in _entries(self._circuit.metadata.get(key)):
                shown = [f"rec[-{self._measured - bit}]" if name != "QUBIT_COORDS" else str(bit) for bit in targets]
                values = ", ".join(f"{value:g}" for value in head)
                lines.append(" ".join([f"{name}({values})" if values else name, *shown]))
        return lines

    def check_end(self) -> None:
        """Every classical bit must have been measured."""
        if self._measured != self._circuit.num_clbits:
            raise refused(NAME, f"nothing is measured into bit `{self._measured}`: Stim has no such bits")

    def block(self, instructions: Sequence[Instruction]) -> list[str]:
        """The lines of some instructions."""
        return [line for instruction in instructions for line in self._instruction(instruction)]

    def _instruction(self, instruction: Instruction) -> list[str]:
        name, qubits = instruction.name, " ".join(map(str, instruction.qubits))
        if name not in {"BARRIER", "RZ", "PAULI_ROT"}:  # which may leave no trace
            self._width = max([self._width, *(qubit + 1 for qubit in instruction.qubits)])
        if instruction.condition is not None or name == "IF":
            return self._feedback(instruction)
        if name == "FOR":
            was, self._inside_loop = self._inside_loop, True
            lines = self.block(instruction.blocks[0])
            self._inside_loop = was
            return [f"REPEAT {instruction.bound} {{", *(f"    {line}" for line in lines or ["TICK"]), "}"]
        if name == "MEASURE":
            return self._measure(instruction)
        if name == "RESET":
            return [f"R {qubits}"]
        if name == "BARRIER" and len(instruction.qubits) == self._circuit.num_qubits:
            return ["TICK"]
        if name == "GPHASE" and not instruction.num_controls:
            return []
        if name == "RZ":
            quarter = QUARTERS[_quarters(instruction)]
            return [f"{quarter} {qubits}"] if quarter else []
        if name == "PAULI_ROT":
            return self._rotation(instruction)
        if name == "ISWAP" and instruction.inverse:
            return [f"ISWAP_DAG {qubits}"]
        if name not in WRITE or instruction.num_controls:
            raise refused(NAME, f"Stim has no `{name}`" + (" on some of the qubits" if name == "BARRIER" else ""))
        return [f"{WRITE[name]} {qubits}"]

    def _rotation(self, instruction: Instruction) -> list[str]:
        if instruction.num_controls or instruction.inverse or instruction.power != 1.0:
            raise refused(NAME, "a rotation about a product, with modifiers, is no gate of Stim's")
        factors = [f"{letter}{qubit}" for letter, qubit in zip(instruction.pauli, instruction.qubits, strict=True)]
        factors = [factor for factor in factors if factor[0] != "I"]
        quarters = _quarters(instruction)
        if quarters == 2:
            return [f"{factor[0]} {factor[1:]}" for factor in factors]
        if not quarters or not factors:
            return []
        letters = "".join(factor[0] for factor in factors)
        for name, (known, angle) in ROTATIONS.items():
            if known == letters and (angle > 0) == (quarters == 1):
                return [f"{name} {' '.join(factor[1:] for factor in factors)}"]
        return [f"{'SPP' if quarters == 1 else 'SPP_DAG'} {'*'.join(factors)}"]

    def _measure(self, instruction: Instruction) -> list[str]:
        if self._inside_loop:
            raise refused(NAME, "a measurement in a loop writes a new outcome each round in Stim, the same bit here")
        for bit in instruction.clbits:
            if bit != self._measured:
                raise refused(NAME, f"bit `{bit}` is measured out of its order: Stim numbers outcomes as they come")
            self._measured += 1
        basis = "" if instruction.basis == "Z" else instruction.basis
        return [f"M{basis} {' '.join(map(str, instruction.qubits))}"]

    def _feedback(self, instruction: Instruction) -> list[str]:
        """Paulis under a parity of outcomes; under its contrary they act once more, unconditionally."""
        assert instruction.condition is not None
        bits, is_negated = _parity(json.loads(instruction.condition.to_json()))
        inner = instruction.blocks[0] if instruction.blocks else [instruction]
        if len(instruction.blocks) > 1:
            raise refused(NAME, "Stim has no ELSE")
        lines: list[str] = []
        for part in inner:
            if part.name in {"BARRIER", "I", "GPHASE"} and not part.num_controls:
                continue
            is_nested = part is not instruction and part.condition is not None
            if part.name not in {"X", "Y", "Z"} or part.num_controls or is_nested:
                raise refused(NAME, f"`{part.name}` under an outcome is no Pauli, which is all that Stim has")
            qubit = part.qubits[0]
            lines += [f"C{part.name} rec[-{self._measured - self._seen(bit)}] {qubit}" for bit in bits]
            lines += [f"{part.name} {qubit}"] if is_negated else []
        return lines

    def _seen(self, bit: int) -> int:
        if bit >= self._measured:
            raise refused(NAME, f"a condition reads bit `{bit}` before it is measured")
        return bit


def _parity(node: dict[str, Any]) -> tuple[list[int], bool]:
    """The bits whose parity a condition is, and whether it is negated."""
    if "bit" in node:
        return [node["bit"]], False
    if "not" in node:
        bits, is_negated = _parity(node["not"])
        return bits, not is_negated
    if "xor" in node:
        bits, signs = list[int](), False
        for part in node["xor"]:
            inner, is_negated = _parity(part)
            bits, signs = bits + inner, signs != is_negated
        return bits, signs
    raise refused(NAME, "a condition that is no parity of outcomes has no counterpart in Stim")


def _quarters(instruction: Instruction) -> int:
    """How many quarter turns an angle is, modulo four."""
    angle = instruction.params[0]
    if isinstance(angle, Affine):
        raise refused(NAME, "Stim has no parameters", "bind the parameters first")
    turns = angle / (pi / 2)
    if abs(turns - round(turns)) * (pi / 2) > TOLERANCE:
        raise refused(NAME, f"a rotation by `{angle:.12g}` is no Clifford gate, which is all that Stim has")
    return round(turns) % 4


def _entries(text: str | None) -> list[tuple[list[float], list[int]]]:
    """Notes as `load` keeps them; metadata of another form are somebody else's, and refused."""
    if text is None:
        return []
    try:
        rows: list[Any] = json.loads(text)
        return [([float(value) for value in head], [int(bit) for bit in targets]) for head, targets in rows]
    except (ValueError, TypeError):
        raise refused(NAME, "the metadata of detectors, observables or coordinates are not of Stim's form") from None

"""All rows of the reference, in the order in which it is read; the gates come from the core's gate table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.lang.library.catalogue.algorithms import ALGORITHM_ENTRIES
from eigen.lang.library.catalogue.circuits import CIRCUIT_ENTRIES
from eigen.lang.library.catalogue.dynamics import DYNAMICS_ENTRIES
from eigen.lang.library.catalogue.entry import Entry
from eigen.lang.library.catalogue.learning import LEARNING_ENTRIES
from eigen.lang.library.catalogue.photonics import PHOTONIC_ENTRIES
from eigen.lang.library.gates import gate_functions, signature_of

if TYPE_CHECKING:
    from eigen.lang.library.gates import GateFunction

GROUPS = (
    "decorators", "registers", "gates", "modifiers", "measurement", "parameters", "observables", "stages",
    "dynamics", "photonics", "Hamiltonians", "ansaetze", "learning", "utilities",
)  # fmt: skip


def _gate_entry(name: str, function: GateFunction) -> Entry:
    info = function.info
    signature = signature_of(name, info).partition("(")[2].removesuffix(")")
    also = "" if name == info.name.lower() else f" The same as `{info.name.lower()}`."
    return Entry(name, "gates", signature, f"{info.help}{also}", _gate_example(name, function), function, "None")


def _gate_example(name: str, function: GateFunction) -> str:
    """A program that applies the gate to the first qubits of a register."""
    info = function.info
    payload = {"UNITARY": ["[[0, 1], [1, 0]]"], "PAULI_ROT": ["'XZ'"]}.get(info.name, [])
    width = {"UNITARY": 1, "PAULI_ROT": 2}.get(info.name, 3 if info.num_qubits is None else info.num_qubits)
    angles = [f"0.{index + 1}" for index in range(len(function.angles))]
    qubits = [f"q[{index}]" for index in range(width)]
    return f"q = QubitRegister(3)\n{name}({', '.join([*payload, *angles, *qubits])})\nreturn measure_all(q)"


ENTRIES: tuple[Entry, ...] = tuple(
    sorted(
        (
            *CIRCUIT_ENTRIES,
            *ALGORITHM_ENTRIES,
            *DYNAMICS_ENTRIES,
            *PHOTONIC_ENTRIES,
            *LEARNING_ENTRIES,
            *(_gate_entry(name, function) for name, function in gate_functions().items()),
        ),
        key=lambda entry: GROUPS.index(entry.group),
    )
)
"""Every name of the language with its signature, explanation and a program that uses it."""

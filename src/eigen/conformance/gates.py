"""Every gate of the table against its matrix: on generic states, seen by a generic observable, so that each entry of
the matrix counts, up to a phase of the whole; on devices that count shots, by the distribution after another generic
turn.
"""

from __future__ import annotations

from itertools import product
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.conformance.check import Check, InapplicableError
from eigen.conformance.subject import builder
from eigen.ir import Observable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "gates"
SETTINGS = 3
CLIFFORD_SETTINGS = 6
SHOTS = 4000
SIDES = ((), ("H",), ("H", "S"), ("X",), ("H", "Z"), ("H", "Sdg"))
"""Gates that make the six states of one qubit that are eigenstates of a Pauli matrix, and turn them back in reverse."""


def arguments(name: str) -> tuple[int, list[float], dict[str, Any]]:
    """Qubits, parameters and the rest of one generic instance of a gate."""
    row = next(row for row in _core.gate_table() if row.name == name)
    params = [0.37 + 0.41 * place for place in range(len(row.param_names))]
    if name == "UNITARY":
        return 2, [], {"matrix": _core.gate_matrix("FSIM", [0.3, 0.8])}
    if name == "PAULI_ROT":
        return 3, params, {"pauli": "XYZ"}
    return 3 if row.num_qubits is None else row.num_qubits, params, {}


def quarter_turns(name: str, params: Sequence[float]) -> list[float]:
    """Parameters at which a rotation may be a Clifford gate."""
    if name in {"GPI", "GPI2", "MS"}:
        return [0.25] * len(params)
    return [pi / 2] * len(params)


def generic_observable(width: int) -> Observable:
    """All Pauli strings, with weights that have nothing to do with each other."""
    words = ("".join(letters) for letters in product("IXYZ", repeat=width))
    return Observable.from_terms(
        width, [(word, sin(1.0 + 1.7 * place) + 0.3 * cos(0.9 * place * place)) for place, word in enumerate(words)]
    )


def _turned(build: _core.CircuitBuilder, width: int, setting: int, turns: str, *, back: bool) -> None:
    for qubit in range(width):
        if turns == "generic":
            angles = (0.5 + 0.7 * qubit + 0.9 * setting, 0.2 + 0.5 * qubit - setting, 0.9 - 0.4 * qubit + 0.3 * setting)
            build.gate("U", [qubit], angles[::-1] if back else angles)
        elif turns == "clifford":
            side = SIDES[(setting + 2 * qubit + (3 if back else 0)) % len(SIDES)]
            for name in reversed(side) if back else side:
                build.gate(name, [qubit])
        elif not back and (setting >> qubit) & 1:
            build.gate("X", [qubit])


def _circuits(
    subject: Subject, name: str, clifford: bool, extra: dict[str, Any] | None = None
) -> Iterator[tuple[Circuit, Circuit]]:
    """A gate among turns: without measurements, and with them behind other turns."""
    size, params, payload = arguments(name)
    if clifford:
        params = quarter_turns(name, params)
    payload = payload | (extra or {})
    size += int(payload.get("num_controls", 0))
    width = max(size, 2)
    turns = _turns(subject)
    settings = {"generic": SETTINGS, "clifford": CLIFFORD_SETTINGS, "bits": 1 << width}[turns]
    for setting in range(settings):
        build = builder(width)
        _turned(build, width, setting, turns, back=False)
        build.gate(name, list(reversed(range(width)))[:size], params, **payload)
        plain = build.build()
        _turned(build, width, setting, turns, back=True)
        build.add_clbits(width)
        build.measure(range(width), range(width))
        yield plain, build.build()


def _turns(subject: Subject) -> str:
    """How states are made generic: any turn, Clifford gates, or bits alone."""
    if subject.is_clifford:
        return "clifford"
    build = builder(1)
    build.gate("U", [0], [0.1, 0.2, 0.3])
    if subject.can(build.build()):
        return "generic"
    build = builder(1)
    build.gate("H", [0])
    build.gate("S", [0])
    return "clifford" if subject.can(build.build()) else "bits"


def compare_gate(subject: Subject, name: str, extra: dict[str, Any] | None = None, title: str = "") -> None:
    """`InapplicableError` where the device cannot express the gate or is too narrow for it."""
    row = next(row for row in _core.gate_table() if row.name == name)
    what = title or f"`{name}`"
    clifford = subject.is_clifford and not row.is_clifford
    for setting, (plain, read) in enumerate(_circuits(subject, name, clifford, extra)):
        if subject.is_exact:
            subject.exact(plain, generic_observable(plain.num_qubits), what=f"{what}: a generic observable")
        if setting == 0 or not subject.is_exact:
            subject.follows(read, shots=SHOTS, what=what)


def declared(subject: Subject) -> list[str]:
    """The gates that the device says it has; phases of the whole state are none."""
    return [name for name in subject.device.gates or all_gates() if name not in {"GPHASE", "MEASURE", "RESET"}]


def all_gates() -> list[str]:
    """All gates that act on qubits."""
    return [row.name for row in _core.gate_table() if row.name != "GPHASE"]


def _each(subject: Subject, names: Sequence[str]) -> str:
    done: list[str] = []
    for name in names:
        try:
            compare_gate(subject, name)
        except InapplicableError:
            continue
        done.append(name)
    if not done:
        raise InapplicableError("its gates express none of them")
    return f"{len(done)} of {len(names)} gates" if len(done) < len(names) else f"{len(done)} gates"


def native_gates(subject: Subject) -> str:
    return _each(subject, declared(subject))


def lowered_gates(subject: Subject) -> str:
    if not subject.device.gates:
        raise InapplicableError("it has every gate itself")
    return _each(subject, [name for name in all_gates() if name not in subject.device.gates])


MODIFIED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("S inverted", "S", {"inverse": True}),
    ("the square root of X", "X", {"power": 0.5}),
    ("T to the power of -1.5", "T", {"power": -1.5}),
    ("H where a control is 0", "H", {"num_controls": 1, "ctrl_state": "0"}),
    ("RX under two controls, 0 and 1", "RX", {"num_controls": 2, "ctrl_state": "01"}),
    ("SWAP under a control", "SWAP", {"num_controls": 1}),
    ("a phase under a control", "GPHASE", {"num_controls": 1}),
    ("ISWAP inverted, under a control", "ISWAP", {"num_controls": 1, "inverse": True}),
    ("Z under a control", "Z", {"num_controls": 1, "ctrl_state": "1"}),
)


def modifiers(subject: Subject) -> str:
    done = 0
    for title, name, extra in MODIFIED:
        try:
            compare_gate(subject, name, extra, title)
        except InapplicableError:
            continue
        done += 1
    if not done:
        raise InapplicableError("its gates express none of them")
    return f"{done} of {len(MODIFIED)}" if done < len(MODIFIED) else ""


def identities(subject: Subject) -> str:
    """Interference: what must cancel does, over a thousand gates."""
    build = builder(2, 2)
    build.gate("H", [0])
    build.gate("H", [1])
    for _ in range(125):
        for name, qubits in (("CX", [0, 1]), ("S", [0]), ("X", [1]), ("CX", [0, 1])):
            build.gate(name, qubits)
        for name, qubits in (("CX", [0, 1]), ("X", [1]), ("Sdg", [0]), ("CX", [0, 1])):
            build.gate(name, qubits)
    build.gate("H", [0])
    build.gate("H", [1])
    build.measure([0, 1], [0, 1])
    if subject.is_noisy:
        raise InapplicableError("it makes errors")
    subject.always(build.build(), "00")
    return ""


TABLE = "the gate table and the sources that it names"
CHECKS = (
    Check("native_gates", NOUN, "each gate that it declares is that of the table", native_gates, source=TABLE),
    Check("lowered_gates", NOUN, "each other gate of the table, in its own gates, is that of the table", lowered_gates,
          source=TABLE),
    Check("modifiers", NOUN, "controls, their states, powers and inverses", modifiers, source=TABLE),
    Check("identities", NOUN, "a thousand gates that cancel leave nothing behind", identities),
)  # fmt: skip

"""The documents that are read, written to .build/bench/parse: one list for each format.

The circuits of `bench.sim` on 16 qubits, a wide random one, and one of nested definitions; for Stim what is Clifford.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from bench.report import BUILD
from bench.sim.circuit import Circuit as Neutral
from bench.sim.circuit import without_pauli_rotations
from bench.sim.families import FAMILIES
from bench.sim.native import native
from eigen.ir import dump, load

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("qasm2", "qasm3", "quil", "stim")
WIDTH = 16
RANDOM_QUBITS, RANDOM_GATES = 1_000, 100_000
DISTANCE, CYCLES = 51, 200  # of the repetition code
DIRECTORY = BUILD / "parse"


def documents(form: str) -> list[Path]:
    """The documents of a format."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    if form == "stim":
        texts = {"random-clifford": _random_clifford(), "repetition-code": _repetition_code(), "feedback": _feedback()}
        return [_written(name, form, text.encode()) for name, text in texts.items()]
    made: list[Path] = []
    for family in FAMILIES.values():
        if WIDTH in family.widths:
            neutral = family.build(WIDTH)
            plain = Neutral(WIDTH, tuple(without_pauli_rotations(neutral)), neutral.angles)
            made.append(_written(family.name, form, dump(native(plain), form)))
    for name, text in (("random-1000", _random()), ("definitions", _definitions())):
        if form == "quil" and name == "definitions":
            document = _quil_definitions().encode()
        else:
            document = text.encode() if form == "qasm2" else dump(load(text), form)
        made.append(_written(name, form, document))
    return made


def _written(name: str, form: str, document: bytes) -> Path:
    path = DIRECTORY / f"{name}.{form}"
    path.write_bytes(document)
    return path


def _random() -> str:
    """Gates of every common kind at random places."""
    draw = random.Random(1)
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{RANDOM_QUBITS}];", f"creg c[{RANDOM_QUBITS}];"]
    for _ in range(RANDOM_GATES):
        a, b = draw.sample(range(RANDOM_QUBITS), 2)
        angle = repr(draw.uniform(-math.pi, math.pi))
        lines.append(
            draw.choice(
                (f"cx q[{a}],q[{b}];", f"h q[{a}];", f"rz({angle}) q[{a}];", f"rx(pi/{a + 1}) q[{b}];", f"t q[{b}];")
            )
        )
    return "\n".join([*lines, "measure q -> c;", ""])


def _definitions() -> str:
    """A majority gate of Toffolis, used by a ripple of itself."""
    head = 'OPENQASM 2.0;\ninclude "qelib1.inc";\ngate maj a,b,c { cx c,b; cx c,a; ccx a,b,c; }\n'
    head += "gate uma(t) a,b,c { ccx a,b,c; rz(t/2) c; cx c,a; cx a,b; }\n"
    head += "gate both(t) a,b,c { maj a,b,c; uma(2*t) a,b,c; }\n"
    uses = "".join(f"both({k}*pi/64) q[{k % 60}],q[{k % 60 + 1}],q[{k % 60 + 2}];\n" for k in range(5_000))
    return f"{head}qreg q[64];\n{uses}"


def _quil_definitions() -> str:
    """The same in Quil."""
    head = "DEFCIRCUIT MAJ a b c:\n    CNOT c b\n    CNOT c a\n    CCNOT a b c\n"
    head += "DEFCIRCUIT UMA(%t) a b c:\n    CCNOT a b c\n    RZ(%t/2) c\n    CNOT c a\n    CNOT a b\n"
    head += "DEFCIRCUIT BOTH(%t) a b c:\n    MAJ a b c\n    UMA(2*%t) a b c\n"
    return head + "".join(f"BOTH({k}*pi/64) {k % 60} {k % 60 + 1} {k % 60 + 2}\n" for k in range(5_000))


def _random_clifford() -> str:
    """One gate a line at random places, then a measurement of all."""
    draw = random.Random(1)
    lines: list[str] = []
    for _ in range(RANDOM_GATES):
        a, b = draw.sample(range(RANDOM_QUBITS), 2)
        lines.append(draw.choice((f"CX {a} {b}", f"H {a}", f"S {a}", f"SQRT_X_DAG {b}", f"CZ {a} {b}")))
    return "\n".join([*lines, f"M {' '.join(map(str, range(RANDOM_QUBITS)))}", ""])


def _repetition_code() -> str:
    """Cycles of syndrome extraction, many targets a line, in a REPEAT that is written out."""
    data, checks = range(0, 2 * DISTANCE + 1, 2), range(1, 2 * DISTANCE, 2)
    left = " ".join(f"{check - 1} {check}" for check in checks)
    right = " ".join(f"{check + 1} {check}" for check in checks)
    measured = " ".join(map(str, checks))
    cycle = f"CX {left}\nTICK\nCX {right}\nTICK\nMR {measured}\nSHIFT_COORDS(0, 1)\n"
    return f"R {' '.join(map(str, data))}\n{cycle}REPEAT {CYCLES} {{\n{cycle}}}\nM {' '.join(map(str, data))}\n"


def _feedback() -> str:
    """Teleportations one after the other: measurements, and Paulis under their outcomes."""
    step = "H 1\nCX 1 2\nCX 0 1\nH 0\nM 0 1\nCZ rec[-2] 2\nCX rec[-1] 2\nR 0 1\nSWAP 0 2\n"
    return step * 5_000

"""OpenQASM text to a circuit: gates per second of our reader and of the peers' on the same files.

The files are the circuits of `bench.sim`, a wide random one, and one of nested gate definitions, written to
.build/bench/parse. Ours makes an immutable circuit, checked; the peers make the circuits that they run.
"""

from __future__ import annotations

import gc
import json
import math
import random
import subprocess
import time
from typing import TYPE_CHECKING, Any

from bench.environment import peers_python
from bench.report import BUILD, ROOT, print_table, save
from bench.sim.circuit import Circuit as Neutral
from bench.sim.circuit import without_pauli_rotations
from bench.sim.families import FAMILIES
from bench.sim.native import native
from eigen.ir import dump, load
from eigen.ir.formats.table import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = 16
ROUNDS, SECONDS = 5, 0.1  # at least, of each file
RANDOM_QUBITS, RANDOM_GATES = 1_000, 100_000
DIRECTORY = BUILD / "parse"


def main() -> None:
    """Write the files, time every parser on each, and print gates per second and every loss."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {}
    for version in [name for name in ("qasm2", "qasm3") if name in FORMATS]:
        files = _files(version)
        gates = [len(load(path)) for path in files]
        seconds = {"eigen": [_least(path) for path in files]}
        refused: list[str] = []
        for name, answer in _peers(files).items():
            seconds[name] = answer["seconds"]
            refused += [f"{name} {why}" for why in answer["refused"]]
        _show(version, [path.stem for path in files], gates, seconds)
        for why in refused:
            print(f"  refused: {why}")
        results[version] = {"files": [p.name for p in files], "gates": gates, "seconds": seconds, "refused": refused}
    save("parse", results)


def _files(version: str) -> list[Path]:
    """The texts in one version of the language."""
    made: list[Path] = []
    for family in FAMILIES.values():
        if WIDTH in family.widths:
            neutral = family.build(WIDTH)
            plain = Neutral(WIDTH, tuple(without_pauli_rotations(neutral)), neutral.angles)
            made.append(_written(family.name, version, dump(native(plain), version)))
    for name, text in (("random-1000", _random()), ("definitions", _definitions())):
        document = text.encode() if version == "qasm2" else dump(load(text), version)
        made.append(_written(name, version, document))
    return made


def _written(name: str, version: str, document: bytes) -> Path:
    path = DIRECTORY / f"{name}.{version}"
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


def _least(path: Path) -> float:
    """The least time of reading a file that is in memory, the format named."""
    data, version = path.read_bytes(), path.suffix[1:]
    least, rounds, began = math.inf, 0, time.perf_counter()
    gc.collect()
    while rounds < ROUNDS or time.perf_counter() - began < SECONDS:
        started = time.perf_counter()
        circuit = load(data, version)
        least, rounds = min(least, time.perf_counter() - started), rounds + 1
        del circuit
    return least


def _peers(files: list[Path]) -> dict[str, Any]:
    """What the peers' parsers take; nothing where their environment cannot be made."""
    python = peers_python("simulators")
    if python is None:
        return {}
    question = json.dumps({"files": [str(path) for path in files], "rounds": ROUNDS, "least_seconds": SECONDS})
    script = ROOT / "bench" / "peers" / "qasm_parsers.py"
    done = subprocess.run([python, script], input=question, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        print(f"  the peers are left out: {done.stderr.strip().splitlines()[-1:]}")
        return {}
    return json.loads(done.stdout)


def _show(version: str, names: list[str], gates: list[int], seconds: dict[str, list[float | None]]) -> None:
    rows: list[list[str]] = []
    ratios: list[float] = []
    for index, name in enumerate(names):
        rates = {who: gates[index] / taken[index] for who, taken in seconds.items() if taken[index]}  # type: ignore[operator]
        others = [rate for who, rate in rates.items() if who != "eigen"]
        if others:
            ratios.append(rates["eigen"] / max(others))
        loss = "loss" if others and max(others) > rates["eigen"] else ""
        shown = [f"{rates[who] / 1e6:.2f}" if who in rates else "-" for who in seconds]
        rows.append([name, str(gates[index]), *shown, f"{ratios[-1]:.2f}" if others else "-", loss])
    print_table(f"{version}: million gates per second", ["file", "gates", *seconds, "to the best", ""], rows)
    if ratios:
        print(f"  to the best peer, geometric mean: {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}")


if __name__ == "__main__":
    main()

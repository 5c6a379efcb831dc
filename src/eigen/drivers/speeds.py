"""How fast the native engines are on this host, beside the one that the cost models of `sim:auto` were fitted on.

`measured` asks each engine a fixed question and times it; what it finds is kept in a file, which counts only on a host
like the one that wrote it. Without such a file all speeds are 1.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REPETITIONS = 3
LEAST, MOST = 1e-4, 1e4
"""No host is so slow or so fast beside the reference: such a figure is a mistake and counts as none."""
WIDEST = 20
"""Qubits of the widest state vector that is asked for."""
GOLDEN = 0.6180339887498949
"""Its multiples, without their whole parts, are angles without a pattern (Weyl's sequence)."""


def _layers(width: int, depth: int) -> _core.Circuit:
    """One-qubit gates and CX between neighbours, first on even pairs, then on odd ones."""
    builder = _core.CircuitBuilder(width)
    for layer in range(depth):
        for qubit in range(width):
            turn = GOLDEN * (layer * width + qubit + 1) % 1.0
            builder.gate("U", [qubit], [3.0 * turn, 5.0 * turn, 7.0 * turn])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def _clifford(width: int, depth: int) -> _core.Circuit:
    builder = _core.CircuitBuilder(width, width)
    for layer in range(depth):
        for qubit in range(width):
            builder.gate("H" if (layer + qubit) % 3 else "S", [qubit])
        for qubit in range(width // 2):
            builder.gate("CX", [qubit, width // 2 + (qubit + layer) % (width // 2)])
    return builder.build().measure_all()


def _superposition(width: int, depth: int) -> _core.Circuit:
    """A permutation of the basis states of a few qubits in superposition."""
    builder = _core.CircuitBuilder(width, width)
    for qubit in range(12):
        builder.gate("H", [qubit])
    for step in range(depth):
        builder.gate("CX", [step % 12, 12 + step % (width - 12)])
        builder.gate("CP", [step % 12, 12 + (step + 5) % (width - 12)], [GOLDEN * step])
    return builder.build().measure_all()


def _ising(width: int, steps: int) -> _core.Circuit:
    """Trotter steps of a chain of spins in a field."""
    builder = _core.CircuitBuilder(width)
    for _ in range(steps):
        for first in (0, 1):
            for qubit in range(first, width - 1, 2):
                builder.gate("RZZ", [qubit, qubit + 1], [0.4])
        for qubit in range(width):
            builder.gate("RX", [qubit], [0.5])
    return builder.build()


def _grid(side: int, layers: int) -> _core.Circuit:
    """Rotations and CZ between neighbours of a square grid."""
    builder = _core.CircuitBuilder(side * side)
    for layer in range(layers):
        for qubit in range(side * side):
            builder.gate("RY", [qubit], [3.0 * (GOLDEN * (layer + 1) * (qubit + 1) % 1.0)])
        for qubit in range(side * side):
            if qubit % side + 1 < side:
                builder.gate("CZ", [qubit, qubit + 1])
            if qubit + side < side * side:
                builder.gate("CZ", [qubit, qubit + side])
    return builder.build()


def _mean(engine: Any, circuit: _core.Circuit, term: str, threads: int) -> Callable[[], object]:
    observable = _core.Observable.from_terms(circuit.num_qubits, [(term, 1.0)])
    return lambda: _core.Plan(circuit, engine=engine, threads=threads).expectation([], (observable,))


def _shots(engine: Any, circuit: _core.Circuit, threads: int) -> Callable[[], object]:
    return lambda: _core.Plan(circuit, engine=engine, threads=threads).sample([], shots=1000, seed=1)


QUESTIONS: Mapping[str, Callable[[int], Callable[[], object]]] = {
    "statevector": lambda threads: _mean("statevector", _layers(WIDEST, 10), "Z3 Z11", threads),
    "stabilizer": lambda threads: _shots("stabilizer", _clifford(300, 30), threads),
    "sparse": lambda threads: _shots("sparse", _superposition(60, 240), threads),
    "mps": lambda threads: _mean("mps", _ising(40, 8), "Z3 Z20", threads),
    "tn": lambda threads: _mean("tn", _grid(5, 3), "Z12 Z13", threads),
    "pauli": lambda threads: _mean("pauli", _ising(30, 5), "Z14", threads),
}
"""What each estimated engine is asked, by name: a call for so many threads."""

REFERENCE_SECONDS: Mapping[str, float] = {
    "statevector": 0.0130,
    "stabilizer": 0.0066,
    "sparse": 0.0031,
    "mps": 0.0095,
    "tn": 0.0380,
    "pauli": 0.0095,
}
"""How long the questions take on the reference: `python -m bench choose --speeds` prints them."""


def seconds_of(engine: str, threads: int) -> float:
    """The least time that the question takes in a few repetitions, after a first one that does not count."""
    ask = QUESTIONS[engine](threads)
    ask()
    times: list[float] = []
    for _ in range(REPETITIONS):
        started = perf_counter()
        ask()
        times.append(perf_counter() - started)
    return min(times)


def measured(threads: int) -> dict[str, float]:
    """Speeds of all estimated engines by name, as multiples of the reference: 2 is twice as fast. Takes a second."""
    return {name: round(REFERENCE_SECONDS[name] / seconds_of(name, threads), 3) for name in QUESTIONS}


def load(path: Path, threads: int) -> dict[str, float]:
    """The speeds that were measured on a host like this one; nothing if none were, or the file cannot be read."""
    try:
        found: Any = json.loads(path.read_text("utf-8"))
        if found["host"] != host(threads):
            return {}
        speeds = {name: float(found["speeds"][name]) for name in QUESTIONS}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}
    return speeds if all(LEAST <= speed <= MOST for speed in speeds.values()) else {}


def save(path: Path, threads: int, speeds: Mapping[str, float]) -> None:
    """Writes the file, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"host": host(threads), "speeds": dict(speeds)}, indent=1) + "\n", "utf-8")
    draft.replace(path)


def host(threads: int) -> dict[str, str | int]:
    """What speeds depend on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "threads": threads,
        "instruction_set": _core.instruction_set(),
        "version": _core.__version__,
    }


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        import platform

        return platform.processor()

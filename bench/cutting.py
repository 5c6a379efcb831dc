"""Circuit cutting beside the uncut circuit: `python bench/cutting.py [ROW ...]`.

`blocks` are dense blocks joined by single gates, `chain` is a Trotterised Ising chain. Uncut is the state vector up to
26 qubits, else matrix product states, whose truncation shows in the difference. Times in seconds, of one run.
"""

from __future__ import annotations

import random
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

import eigen
from eigen.ir import CircuitBuilder, Observable

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir import Circuit

WIDEST_STATE = 26
SHOTS = 10_000


def chain(width: int, steps: int) -> tuple[Circuit, Observable]:
    """Steps of an Ising chain, and its energy."""
    builder = CircuitBuilder(width)
    for _ in range(steps):
        for qubit in range(width - 1):
            builder.gate("RZZ", [qubit, qubit + 1], [0.2])
        for qubit in range(width):
            builder.gate("RX", [qubit], [0.5])
    bonds = [(f"Z{q} Z{q + 1}", 1.0) for q in range(width - 1)]
    return builder.build(), Observable.from_terms(width, bonds + [(f"X{q}", 0.7) for q in range(width)])


def blocks(number: int, size: int, depth: int) -> tuple[Circuit, Observable]:
    """Random gates on all pairs in each block, one CX from each block to the next, random gates again."""
    draw = random.Random(1)
    width = number * size
    builder = CircuitBuilder(width)

    def mix() -> None:
        for first in range(0, width, size):
            for _ in range(depth):
                order = draw.sample(range(first, first + size), size)
                for qubit in order:
                    builder.gate("U", [qubit], [draw.uniform(-3, 3) for _ in range(3)])
                for a, b in zip(order[::2], order[1::2], strict=False):
                    builder.gate("CX", [a, b])

    mix()
    for first in range(size - 1, width - 1, size):
        builder.gate("CX", [first, first + 1])
    mix()
    terms = [(f"Z{q} Z{(q + size) % width}", 1.0) for q in range(0, width, size // 2)]
    return builder.build(), Observable.from_terms(width, terms)


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and the result."""
    begun = perf_counter()
    result = run()
    return perf_counter() - begun, result


def row(name: str, circuit: Circuit, observable: Observable, max_qubits: int, *, uncut: bool) -> str:
    """One line of the table."""
    search, parted = timed(lambda: eigen.cut(circuit, observable, max_qubits=max_qubits))
    exact, value = timed(parted.expectation)
    shots, found = timed(lambda: parted.estimate(shots=SHOTS, seed=1))
    whole, gap = "", ""
    if uncut:
        engine = "statevector" if circuit.num_qubits <= WIDEST_STATE else "mps"
        seconds, other = timed(lambda: eigen.compile(circuit, observable, engine=engine)([]))
        whole, gap = f"{seconds:.2f} ({engine})", f"{abs(other - value):.0e}"
    widths = " + ".join(str(part.width) for part in parted.parts)
    deviation = abs(found.value - value) / found.standard_error
    return (
        f"| {name} | {circuit.num_qubits} = {widths} | {len(parted.cuts)} | {parted.overhead:.3g} | {search:.2f} | "
        f"{exact:.2f} | {shots:.2f} | {found.standard_error:.2f}, off by {deviation:.1f} of it | {whole} | {gap} |"
    )


ROWS: list[Callable[[], str]] = [
    lambda: row("chain, 2 steps", *chain(24, 2), 12, uncut=True),
    lambda: row("chain, 2 steps", *chain(40, 2), 20, uncut=True),
    lambda: row("chain, 2 steps", *chain(60, 2), 16, uncut=True),
    lambda: row("chain, 6 steps", *chain(32, 6), 16, uncut=True),
    lambda: row("blocks", *blocks(2, 12, 6), 12, uncut=True),
    lambda: row("blocks", *blocks(3, 16, 6), 16, uncut=False),
    lambda: row("blocks", *blocks(4, 18, 6), 18, uncut=False),
]

if __name__ == "__main__":
    print("| circuit | qubits | cuts | overhead | search | exact | shots | error | uncut | difference |")
    print("|" + "---|" * 10)
    for number in [int(word) for word in sys.argv[1:]] or range(len(ROWS)):
        print(ROWS[number](), flush=True)

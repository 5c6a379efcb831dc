"""Work for executors: quick, slow enough to be killed, and with a large result."""

from __future__ import annotations

from hashlib import sha256

from eigen.executors import tasks
from eigen.ir import Circuit, CircuitBuilder, Observable
from eigen.types import ExpectationWork, SampleWork, Work

STATEVECTOR, STABILIZER = "sim:statevector", "sim:stabilizer"


def bell(seed: int = 7) -> SampleWork:
    """A pair, a hundred times."""
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    return SampleWork(builder.build(), (), 100, seed)


def layers(width: int, depth: int) -> Circuit:
    """Rotations that do not merge, and CX between neighbours."""
    builder = CircuitBuilder(width)
    for layer in range(depth):
        for qubit in range(width):
            builder.gate("RX" if layer % 2 else "RY", [qubit], [0.1 + 0.01 * layer + 0.03 * qubit])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def slow(depth: int = 80) -> ExpectationWork:
    """Seconds of work on any machine of today."""
    return ExpectationWork(layers(22, depth), (), Observable.from_terms(22, [("Z0 Z11", 1.0)]), None, 0)


def large(shots: int = 240_000) -> SampleWork:
    """Forty fair coins: every shot is a key of its own, ten megabytes of them."""
    builder = CircuitBuilder(40, 40)
    for qubit in range(40):
        builder.gate("H", [qubit])
    builder.measure(range(40), range(40))
    return SampleWork(builder.build(), (), shots, 3)


def described(work: Work, device_id: str = STATEVECTOR, job: str = "job") -> bytes:
    """The description of the task."""
    return tasks.spec_of(job, device_id, work)


def key_of(text: str) -> str:
    """A key."""
    return sha256(text.encode()).hexdigest()

"""Seeds, and that what is random is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.conformance.check import BrokenError, Check
from eigen.conformance.subject import builder, shown

if TYPE_CHECKING:
    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "randomness"
FEW = 40
"""Runs of a shot each, of eight fair bits."""


def _coins(subject: Subject, wanted: int) -> Circuit:
    width = subject.width(wanted)
    build = builder(width, width)
    for qubit in range(width):
        build.gate("H", [qubit])
    build.measure(range(width), range(width))
    return build.build()


def same_seed(subject: Subject) -> str:
    circuit = _coins(subject, 6)
    for seed in (0, 11, (1 << 63) + 11, (1 << 64) - 1):
        first, again = (subject.sample(circuit, shots=2000, seed=seed) for _ in range(2))
        if first != again:
            raise BrokenError(f"the seed {seed} gave other counts the second time")
    return ""


def other_seeds(subject: Subject) -> str:
    """Two samples of 2000 shots of 6 fair bits agree with a probability below 1e-70; of fewer bits more often."""
    width = subject.width(6)
    circuit = _coins(subject, 6)
    seen = [subject.sample(circuit, shots=2000, seed=seed) for seed in (1, 2, 3, 1001)]
    for place, counts in enumerate(seen):
        if width >= 5 and counts in seen[:place]:
            raise BrokenError("different seeds gave the same counts")
    return ""


def fairness(subject: Subject) -> str:
    circuit = _coins(subject, 4)
    width = circuit.num_qubits
    even = {f"{outcome:0{width}b}": 1 / (1 << width) for outcome in range(1 << width)}
    subject.follows(circuit, even, shots=100_000, seed=3)
    return ""


def spread(subject: Subject) -> str:
    """One shot of each of several seeds: the outcomes of all together are fair too."""
    circuit = _coins(subject, 8)
    width = circuit.num_qubits
    ones = 0
    outcomes: dict[str, int] = {}
    for seed in range(FEW):
        counts = subject.sample(circuit, shots=1, seed=1000 + seed)
        for bits, count in counts.items():
            outcomes[bits] = outcomes.get(bits, 0) + count
            ones += bits.count("1") * count
    total = {"1": ones, "0": FEW * width - ones}
    subject.compare(total, {"0": 0.5, "1": 0.5}, what="the bits of single shots", errors=subject.errors_of(circuit))
    # 40 draws of 256 outcomes repeat one outcome 8 times with a probability below 1e-9.
    if width == 8 and max(outcomes.values()) >= 8:
        raise BrokenError(f"single shots of different seeds repeat an outcome: {shown(outcomes)}")
    return ""


SEED = frozenset({"seed"})
CHECKS = (
    Check("same_seed", NOUN, "the same seed gives the same counts, whatever its 64 bits", same_seed, SEED),
    Check("other_seeds", NOUN, "other seeds give other counts", other_seeds, SEED),
    Check("fairness", NOUN, "100,000 shots of fair bits are fair", fairness),
    Check("spread", NOUN, "single shots of different seeds are as random as shots of one", spread),
)

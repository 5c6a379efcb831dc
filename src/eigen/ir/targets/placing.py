"""Placements compared by what would go wrong: gates on pairs and on single qubits, and records of what is measured.

The core places by errors of pairs. Where more is known of a device it is asked several times: with the other errors as
part of those of pairs, and without the poorest qubits. What would go wrong least often counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, log
from typing import TYPE_CHECKING

from eigen.ir.targets.calibration import FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from eigen._core import Mapped
    from eigen.ir.circuit import Circuit, Instruction, PassStep
    from eigen.ir.targets.target import Pair, Target

SWAP_GATES = 3
LEAST = 1e-9
"""What always fails counts much, not infinitely."""
MOST_OPERATIONS = 2000
"""Of a circuit that is placed several times; in longer ones records count little beside gates."""
ROOM, GROWTH = 2, 1.3
"""By how many qubits, or by what part, each of the regions that are tried is larger than the one before it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What `map_to_device` tells, of the placement that was chosen."""

    circuit: Circuit
    initial: list[int]
    last: list[int]
    swaps: int
    cost: int
    steps: list[PassStep]


def placed(circuit: Circuit, target: Target, mapping: Callable[[Target], Mapped]) -> Placed:
    """The best of the placements that `mapping` gives for variants of a target with qubits of unlike quality."""
    costs = [qubit_cost(target, qubit) for qubit in range(target.num_qubits)]
    folded = _folded(circuit, target)
    variants = [folded]
    if len(circuit) <= MOST_OPERATIONS:
        variants += [target, *_without_poor(circuit, folded, costs)]
    found = [_moved(_of(mapping(each)), costs) for each in variants]
    return min(found, key=lambda each: expected_errors(each, target))


def is_uneven(target: Target) -> bool:
    """Whether something but its pairs tells the qubits of a coupled target apart."""
    if not target.coupling or not (target.readout_errors or target.qubit_errors):
        return False
    return any(len(set(rates.values())) > 1 for rates in (target.readout_errors, target.qubit_errors))


def qubit_cost(target: Target, qubit: int) -> float:
    """What it takes to use a qubit once and to record it: -ln of the odds that both are right."""
    return cost(target.qubit_errors.get(qubit, 0.0)) + cost(target.readout_errors.get(qubit, 0.0))


def cost(rate: float) -> float:
    """-ln of the odds that nothing goes wrong."""
    return -log(max(1.0 - rate, LEAST))


def expected_errors(found: Placed, target: Target) -> float:
    """-ln of the odds that nothing goes wrong, about: on pairs as often as the basis needs its entangling gates."""
    usual = max(target.errors.values(), default=0.0)
    pairs = singles = records = 0.0
    gates, measures = 0, False
    used: set[int] = set()
    for item in _all(found.circuit.instructions()):
        used.update(item.qubits)
        if item.name == "MEASURE":
            measures = True
            records += sum(cost(target.readout_errors.get(qubit, 0.0)) for qubit in item.qubits)
        elif len(item.qubits) == 2:
            count = SWAP_GATES if item.name == "SWAP" else 1
            gates += count
            pairs += count * cost(rate_of(target.errors, (item.qubits[0], item.qubits[1]), usual))
        elif len(item.qubits) == 1 and item.name not in FRAMES:
            singles += cost(target.qubit_errors.get(item.qubits[0], 0.0))
    if not measures:  # whoever wants to know something of the state measures then
        records = sum(cost(target.readout_errors.get(place, 0.0)) for place in found.last if place in used)
    return pairs * (found.cost / gates if gates else 1.0) + singles + records


def rate_of(errors: Mapping[Pair, float], pair: Pair, usual: float) -> float:
    """The error rate of a pair, in either direction; a pair of which nothing is known is as bad as the worst."""
    return errors.get(pair, errors.get((pair[1], pair[0]), usual))


def _of(mapped: Mapped) -> Placed:
    return Placed(
        mapped.circuit, list(mapped.initial), list(mapped.last), mapped.swaps, mapped.cost, list(mapped.steps)
    )


def _all(items: Sequence[Instruction]) -> Iterator[Instruction]:
    for item in items:
        yield item
        for block in item.blocks:
            yield from _all(block)


def _folded(circuit: Circuit, target: Target) -> Target:
    """With the errors of single qubits in those of their pairs, and of each record the share that comes to a gate."""
    meetings = sum(len(item.qubits) == 2 for item in _all(circuit.instructions()))
    share = min(1.0, circuit.num_qubits / max(1, 2 * meetings))
    usual = max(target.errors.values(), default=0.0)

    def rate(pair: Pair) -> float:
        total = cost(rate_of(target.errors, pair, usual))
        for qubit in pair:
            single, record = target.qubit_errors.get(qubit, 0.0), target.readout_errors.get(qubit, 0.0)
            total += cost(single) + share * cost(record)
        return -expm1(-total)

    return target.with_errors({pair: rate(pair) for pair in target.coupling})


def _without_poor(circuit: Circuit, target: Target, costs: Sequence[float]) -> Iterator[Target]:
    """Without the poorest qubits: with just as many as the circuit takes, some more, and so on to all."""
    needed = max(2, len({qubit for item in _all(circuit.instructions()) for qubit in item.qubits}))
    least, before = needed, 0
    while least < target.num_qubits:
        kept = _shed(target, costs, least)
        if len(kept) >= needed and len(kept) != before:
            before = len(kept)
            yield target.with_coupling([pair for pair in target.coupling if kept.issuperset(pair)])
        least = max(least + ROOM, int(least * GROWTH))


def _shed(target: Target, costs: Sequence[float], least: int) -> set[int]:
    """The largest connected part after the worst qubits went, one after the other, while it has `least` qubits."""
    near: dict[int, set[int]] = {}
    for first, second in target.coupling:
        near.setdefault(first, set()).add(second)
        near.setdefault(second, set()).add(first)
    kept = _largest(near, set(near))
    for qubit in sorted(kept, key=lambda each: -costs[each]):
        if len(kept) <= least:
            break
        if qubit in kept and len(rest := _largest(near, kept - {qubit})) >= least:
            kept = rest
    return kept


def _largest(near: Mapping[int, set[int]], among: Collection[int]) -> set[int]:
    """The largest connected part of some qubits."""
    left, best = set(among), set[int]()
    while len(left) > len(best):
        part = {min(left)}
        edge = list(part)
        while edge:
            fresh = (near[edge.pop()] & left) - part
            part |= fresh
            edge += fresh
        left -= part
        if len(part) > len(best):
            best = part
    return best


def _moved(found: Placed, costs: Sequence[float]) -> Placed:
    """Qubits that meet no other one go to the best places that are free."""
    items = list(_all(found.circuit.instructions()))
    meeting = {qubit for item in items if len(item.qubits) > 1 and item.name != "MEASURE" for qubit in item.qubits}
    used = {qubit for item in items for qubit in item.qubits} - meeting
    alone = [place for place in found.last if place in used]
    held = {place for place in (*found.initial, *found.last) if place in meeting}
    free = sorted(set(range(found.circuit.num_qubits)) - meeting - held)
    best = sorted(free, key=lambda place: (costs[place], place))[: len(alone)]
    others = [place for place in free if place not in alone]
    rest = [place for place in free if place not in best]
    to = list(range(found.circuit.num_qubits))
    for place, there in zip((*alone, *others), (*best, *rest), strict=True):
        to[place] = there
    if to == sorted(to):
        return found
    return Placed(
        found.circuit.remap(to, len(to)),
        [to[place] for place in found.initial],
        [to[place] for place in found.last],
        found.swaps,
        found.cost,
        found.steps,
    )

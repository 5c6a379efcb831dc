"""Regions: which qubits of a shared device a job gets. Pure: it chooses, the store decides.

A region is a connected set of as many qubits as the job's widest circuit. Candidates are grown from every free qubit by
the best coupled neighbour, as the partitions by fidelity of QuMC are (Niu and Todri-Sanial, "Enabling
multi-programming mechanism for quantum computing in the NISQ era", Quantum 7, 925, 2023), and the loss that a job may
suffer from sharing is bounded, as Das et al. ask for ("A case for multi-programming quantum computers", MICRO 2019).
Between two regions lies a buffer: gates at a distance disturb each other least.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from heapq import nsmallest
from math import log1p
from typing import TYPE_CHECKING, Any

from eigen._core import Observable
from eigen.errors import EigenError
from eigen.ir.targets.calibration import Calibration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from eigen.ir import Circuit
    from eigen.kernel.ports import LoweredCircuit
    from eigen.types import Device, Json

CANDIDATES = 6
"""Regions that circuits are compiled for, of those that were grown."""

BUFFER = 1
"""How far apart regions stay unless the device says otherwise: as many qubits lie between two of them."""

WORST = 1.0 - 1e-9


class Chip:
    """What is known of a device with couplings: who is coupled with whom, and what each gate and readout costs, as
    negative logarithms of fidelities."""

    def __init__(self, device: Device) -> None:
        if not device.coupling or "calibration" not in device.properties:
            message = f"device `{device.id}` has regions, but names no couplings or no calibration to choose them by"
            raise EigenError("EIGEN_DEVICE_FAILED", message)
        self.device = device
        self.size = device.num_qubits
        self.buffer: int = device.properties.get("region_buffer", BUFFER)
        self.calibration = Calibration.from_json(device.properties["calibration"])

    @cached_property
    def neighbours(self) -> Mapping[int, tuple[int, ...]]:
        """The coupled qubits of each."""
        found: dict[int, set[int]] = {qubit: set() for qubit in range(self.size)}
        for first, second in self.device.coupling:
            found[first].add(second)
            found[second].add(first)
        return {qubit: tuple(sorted(others)) for qubit, others in found.items()}

    @cached_property
    def _pairs(self) -> Mapping[tuple[int, int], float]:
        return {pair: _cost(error) for pair, error in self.calibration.pair_errors().items()}

    def gate_cost(self, first: int, second: int) -> float:
        """Of a two-qubit gate on a coupled pair; that of a useless one where nothing was measured."""
        known = self._pairs.get((first, second), self._pairs.get((second, first)))
        return _cost(WORST) if known is None else known

    def readout_cost(self, qubit: int) -> float:
        """Of reading a qubit once."""
        return _cost(self.calibration.qubit(qubit).readout_error)

    def around(self, qubits: Iterable[int]) -> frozenset[int]:
        """The qubits within the buffer of some, and these themselves."""
        reached = frontier = frozenset(qubits)
        for _ in range(self.buffer):
            frontier = frozenset(other for qubit in frontier for other in self.neighbours[qubit]) - reached
            reached |= frontier
        return reached

    def distance(self, one: Collection[int], other: Collection[int]) -> int | None:
        """The couplings between two sets of qubits on the shortest way; None where there is no way."""
        reached, steps = frozenset(one), 0
        while reached.isdisjoint(other):
            further = reached | {after for qubit in reached for after in self.neighbours[qubit]}
            if further == reached:
                return None
            reached, steps = further, steps + 1
        return steps


def _cost(error: float) -> float:
    return -log1p(-min(error, WORST))


@dataclass(frozen=True, slots=True)
class Demand:
    """What the circuits of a job ask of a region: qubits, and gates on pairs for each pair of a tree over them."""

    width: int
    gates_per_pair: float

    @staticmethod
    def of(circuits: Sequence[Circuit], widest: int) -> Demand:
        """The demand of circuits; `widest` may be more than the width of any of them."""
        width = max((circuit.num_qubits for circuit in circuits), default=0)
        pairs = max((_gates_on_pairs(circuit) for circuit in circuits), default=0)
        width = max(width, widest)
        return Demand(width, max(1.0, pairs / max(1, width - 1)))


def _gates_on_pairs(circuit: Circuit) -> int:
    return sum(len(operation.qubits) == 2 and operation.name != "MEASURE" for operation in circuit.instructions())


def candidates(chip: Chip, demand: Demand, free: Collection[int], most: int = CANDIDATES) -> list[tuple[int, ...]]:
    """Connected regions of free qubits, the best first by the costs of their readouts and of a tree of their pairs."""
    grown: dict[tuple[int, ...], float] = {}
    allowed = frozenset(free)
    for seed in sorted(allowed):
        found = _grown(chip, demand, seed, allowed)
        if found is not None:
            region, cost = found
            grown[region] = min(cost, grown.get(region, cost))
    return [region for _, region in nsmallest(most, ((cost, region) for region, cost in grown.items()))]


def _grown(chip: Chip, demand: Demand, seed: int, allowed: frozenset[int]) -> tuple[tuple[int, ...], float] | None:
    region, total = {seed}, chip.readout_cost(seed)
    reach: dict[int, float] = {}  # the cheapest gate that leads to each qubit at the edge
    newest = seed
    while len(region) < demand.width:
        for other in chip.neighbours[newest]:
            if other in allowed and other not in region:
                reach[other] = min(chip.gate_cost(newest, other), reach.get(other, float("inf")))
        if not reach:
            return None
        costs = {qubit: demand.gates_per_pair * gate + chip.readout_cost(qubit) for qubit, gate in reach.items()}
        newest = min(costs, key=lambda qubit: (costs[qubit], qubit))
        total += costs[newest]
        region.add(newest)
        del reach[newest]
    return tuple(sorted(region)), total


def part_of(device: Device, region: Sequence[int]) -> Device:
    """The device that consists of a region alone, whose qubit `k` is `region[k]`."""
    place = {qubit: index for index, qubit in enumerate(region)}
    pairs: list[list[Any]] = [
        [place[int(a)], place[int(b)], rate]
        for a, b, rate in device.properties.get("pair_errors", ())
        if int(a) in place and int(b) in place
    ]
    left_out = ("calibration", "pair_errors")
    properties: dict[str, Json] = {name: value for name, value in device.properties.items() if name not in left_out}
    return replace(
        device,
        num_qubits=len(region),
        coupling=tuple((place[a], place[b]) for a, b in device.coupling if a in place and b in place),
        properties={**properties, "pair_errors": pairs},
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A circuit lowered to a region, in the terms of the whole device; see `LoweredCircuit`."""

    circuit: Circuit
    qubit_map: tuple[int, ...]
    report: Mapping[str, Json]

    @staticmethod
    def of(low: LoweredCircuit, region: Sequence[int], size: int) -> Settled:
        """What was lowered to `part_of` the device, which has `size` qubits."""
        moved = low.circuit.remap(list(region), size)
        return Settled(moved, tuple(region[qubit] for qubit in low.qubit_map), {**low.report, "region": list(region)})

    def observable(self, observable: Observable) -> Observable:
        """An observable of the logical qubits, on the physical ones where they end."""
        terms = [
            (" ".join(f"{factor[0]}{self.qubit_map[int(factor[1:])]}" for factor in label.split()), weight)
            for label, weight in observable.terms
        ]
        return Observable.from_terms(self.circuit.num_qubits, terms)


def loss(found: float, best: float) -> float:
    """The part of its success that a job loses where it is, against the best place of the empty device."""
    return 0.0 if best <= 0.0 else max(0.0, 1.0 - found / best)

"""`Coupling`: which qubits of a device can meet in a two-qubit gate, and the shortest way between two of them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.types import Device


class Coupling:
    """The coupling graph of a device: directed `pairs`, and their undirected neighbourhood."""

    def __init__(self, device: Device) -> None:
        self.pairs = frozenset(device.coupling)
        self._neighbours: dict[int, list[int]] = {qubit: [] for qubit in range(device.num_qubits)}
        for first, second in sorted(device.coupling):
            self._neighbours[first].append(second)
            self._neighbours[second].append(first)
        self._distances: dict[int, dict[int, int]] = {}

    def adjacent(self, first: int, second: int) -> bool:
        """Whether two qubits are coupled, in either direction."""
        return (first, second) in self.pairs or (second, first) in self.pairs

    def distances(self, source: int) -> dict[int, int]:
        """Number of couplings from `source` to every qubit that can be reached."""
        known = self._distances.get(source)
        if known is None:
            known = {source: 0}
            queue = deque([source])
            while queue:
                qubit = queue.popleft()
                for other in self._neighbours[qubit]:
                    if other not in known:
                        known[other] = known[qubit] + 1
                        queue.append(other)
            self._distances[source] = known
        return known

    def path(self, first: int, second: int) -> list[int] | None:
        """The qubits of one shortest way, both ends included; the smallest qubit wins ties. None: no way."""
        left = self.distances(second)
        if first not in left:
            return None
        way = [first]
        while way[-1] != second:
            way.append(min(q for q in self._neighbours[way[-1]] if left[q] == left[way[-1]] - 1))
        return way

    def layout(self, width: int) -> Sequence[int] | None:
        """Device qubits for logical qubits `0 … width-1`, all connected: the first ones where they hang together,
        else those nearest to the smallest qubit of a large enough part. None: no part is large enough."""
        if set(range(width)) <= self.distances(0).keys():
            return range(width)
        for source in self._neighbours:
            reached = self.distances(source)
            if len(reached) >= width:
                return sorted(reached, key=lambda qubit: (reached[qubit], qubit))[:width]
        return None

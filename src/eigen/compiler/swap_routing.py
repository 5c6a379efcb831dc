"""SWAP insertion: a circuit of one- and two-qubit gates becomes one whose pairs are all coupled on a device.

Each distant pair is brought together along a shortest way; blocks of control flow give the layout back that they
found, so that every path through the circuit agrees. Correct on any connected graph, not optimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from eigen.compiler.rewrite import NOT_GATES, copy_operation, empty_like, open_block
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen import _core
    from eigen.compiler.coupling import Coupling
    from eigen.ir import Circuit


@dataclass(frozen=True, slots=True)
class Routed:
    """A circuit on device qubits; logical qubit `k` ends on device qubit `final[k]`."""

    circuit: Circuit
    final: tuple[int, ...]
    swaps: int


def insert_swaps(circuit: Circuit, coupling: Coupling, *, num_qubits: int) -> Routed:
    """Route a circuit whose operations act on at most two qubits; raises EIGEN_COMPILER_UNSUPPORTED."""
    start = coupling.layout(circuit.num_qubits)
    if start is None:
        message = f"the device has no {circuit.num_qubits} qubits that hang together"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
    builder = empty_like(circuit, num_qubits)
    router = _Router(builder, coupling, list(start))
    router.block(circuit.instructions())
    return Routed(builder.build(), tuple(router.layout), router.swaps)


class _Router:
    """Copies instructions into a builder, with the current place of every logical qubit in `layout`."""

    def __init__(self, builder: _core.CircuitBuilder, coupling: Coupling, layout: list[int]) -> None:
        self._builder = builder
        self._coupling = coupling
        self._history: list[tuple[int, int]] = []  # SWAPs that the current path went through
        self.layout = layout
        self.swaps = 0

    def block(self, instructions: Sequence[_core.Instruction]) -> None:
        """Copy instructions; a pair of a two-qubit gate is brought together first."""
        for instruction in instructions:
            if instruction.blocks:
                self._control_flow(instruction)
                continue
            if len(instruction.qubits) == 2 and instruction.name not in NOT_GATES:
                self._bring_together(*instruction.qubits)
            copy_operation(self._builder, instruction, [self.layout[qubit] for qubit in instruction.qubits])

    def _control_flow(self, instruction: _core.Instruction) -> None:
        open_block(self._builder, instruction)
        for position, block in enumerate(instruction.blocks):
            if position:
                self._builder.begin_else()
            before = len(self._history)
            self.block(block)
            for first, second in reversed(self._history[before:]):
                self._swap(first, second)
            del self._history[before:]
        self._builder.end()

    def _bring_together(self, first: int, second: int) -> None:
        way = self._coupling.path(self.layout[first], self.layout[second])
        if way is None:
            message = f"no coupling leads from qubit `{self.layout[first]}` to qubit `{self.layout[second]}`"
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
        for here, there in pairwise(way[:-1]):
            self._swap(here, there)

    def _swap(self, here: int, there: int) -> None:
        self._builder.gate("SWAP", [here, there])
        self._history.append((here, there))
        self.swaps += 1
        moved = {here: there, there: here}
        self.layout[:] = [moved.get(place, place) for place in self.layout]

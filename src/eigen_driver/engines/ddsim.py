"""MQT's decision diagrams as `ddsim:dd`: states whose parts repeat take little memory, however wide they are.

Gates are applied with the package of diagrams that DDSIM is built on (Zulehner, Hillmich and Wille, ICCAD 2019). Its
own random numbers take no seed, so that outcomes are drawn here, on the diagram, by the weights of its edges.
"""

# MQT is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import re
from collections import Counter, defaultdict
from importlib.metadata import version
from math import sqrt
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, Operation, RefusedError, Sample, StateEngine
from eigen_driver.matrices import GATES, matrix, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver.state_engine import Question

FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})
MOST_QUBITS = 128
CLAIMED = (*(name for name in GATES if name != "UNITARY"), "MCX", "MCP")
CONTROLS = {"CCX": (2, "X"), "CCZ": (2, "Z"), "CSWAP": (1, "SWAP")}
MOST_NODES = 4_000_000
"""Nodes of one state; some 200 bytes each."""
NODE_BYTES = 200
LINE = re.compile(r"(\d+) (\d+) \(([^)]*)\) \(([^)]*)\)")


class DdsimEngine(StateEngine):
    """See the module."""

    name = "ddsim"

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load the package."""
        super().start(config, threads)
        global dd, np
        import numpy as np
        from mqt.core import dd

        self.version = version("mqt-ddsim")
        properties = {"engine": "ddsim", "method": "decision diagram", "precision": "f64", "version": self.version}
        properties["mqt_core"] = version("mqt-core")
        self._devices = (
            Device("ddsim:dd", "MQT DDSIM, decision diagrams", MOST_QUBITS, CLAIMED, FEATURES, properties=properties),
        )

    def devices(self) -> Sequence[Device]:
        """The one."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> _Diagram:
        """A diagram of one path."""
        return _Diagram(ask.circuit.num_qubits, ask.circuit.bound(ask.values))

    def told(self, device: Device, ask: Question, state: _Diagram) -> dict[str, Any]:
        """Besides, how many nodes a final state has."""
        told = super().told(device, ask, state)
        return told if isinstance(ask, Sample) else {**told, "nodes": state.vector.size()}


class _Diagram:
    """A state of `eigen_driver.walk`. Copies share a package, which counts who refers to what."""

    def __init__(self, num_qubits: int, bound: Mapping[str, float]) -> None:
        self._bound = bound
        self._width = num_qubits
        self._package = dd.DDPackage(max(1, num_qubits))
        self.vector = self._package.zero_state(num_qubits)

    def __del__(self) -> None:
        if hasattr(self, "vector"):
            self._package.dec_ref_vec(self.vector)

    @property
    def nbytes(self) -> int:
        return NODE_BYTES * self.vector.size()

    def apply(self, gate: Operation) -> None:
        self._multiply(self._operator(gate))

    def one(self, qubit: int) -> float:
        nodes, root = self._nodes()
        reached = {root: 1.0}
        for level in range(self._width - 1, qubit, -1):
            below: dict[int, float] = defaultdict(float)
            for node, share in reached.items():
                for child, odds in nodes[level][node]:
                    if odds:
                        below[child] += share * odds
            reached = below
        return min(1.0, sum(share * nodes[qubit][node][1][1] for node, share in reached.items()))

    def project(self, qubit: int, outcome: int) -> None:
        odds = self.one(qubit)
        kept = np.zeros((2, 2), complex)
        kept[outcome, outcome] = 1.0 / sqrt(odds if outcome else 1.0 - odds)
        self._multiply(self._package.single_qubit_gate(kept, qubit))

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        nodes, root = self._nodes()
        place = {qubit: at for at, qubit in enumerate(qubits)}
        last, groups = min(qubits), {(root, 0): shots}
        for level in range(self._width - 1, last - 1, -1):
            below: dict[tuple[int, int], int] = defaultdict(int)
            for (node, outcome), count in groups.items():
                (zero, _), (one, odds) = nodes[level][node]
                ones = int(random.binomial(count, min(1.0, odds)))
                if count - ones:
                    below[zero, outcome] += count - ones
                if ones:
                    below[one, outcome | (1 << place[level] if level in place else 0)] += ones
            groups = below
        found: Counter[int] = Counter()
        for (_, outcome), count in groups.items():
            found[outcome] += count
        return found

    def copy(self) -> _Diagram:
        made = object.__new__(_Diagram)
        made._bound, made._width, made._package, made.vector = self._bound, self._width, self._package, self.vector
        self._package.inc_ref_vec(self.vector)
        return made

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The overlap with its image under these letters."""
        image = self.copy()
        for letter, qubit in factors:
            image.apply(Operation(letter, (qubit,)))
        return float(self._package.inner_product(self.vector, image.vector).real)

    def probability(self, bits: str) -> float:
        """The square of one amplitude."""
        return abs(self.vector.get_amplitude(self._width, bits[::-1])) ** 2

    def _operator(self, gate: Operation) -> Any:
        name, qubits = gate.name, gate.qubits
        if name in {"MCX", "MCP"}:
            inner = matrix(name[2:], gate.angles(self._bound, "lambda") if name == "MCP" else ())
            return self._package.multi_controlled_single_qubit_gate(inner, set(qubits[:-1]), qubits[-1])
        if name in CONTROLS:
            count, base = CONTROLS[name]
            inner, controls, targets = matrix(base), set(qubits[:count]), qubits[count:]
            if len(targets) == 1:
                return self._package.multi_controlled_single_qubit_gate(inner, controls, *targets)
            return self._package.multi_controlled_two_qubit_gate(inner, controls, *reversed(targets))
        found = np.ascontiguousarray(matrix_of(gate, self._bound), complex)
        if len(qubits) == 1:
            return self._package.single_qubit_gate(found, qubits[0])
        return self._package.two_qubit_gate(found, qubits[1], qubits[0])  # the first target is the more significant

    def _multiply(self, operator: Any) -> None:
        made = self._package.matrix_vector_multiply(operator, self.vector)
        self._package.inc_ref_vec(made)
        self._package.dec_ref_vec(self.vector)
        self.vector = made
        self._package.garbage_collect()
        if made.size() > MOST_NODES:
            message = f"the decision diagram of a state has more than {MOST_NODES} nodes"
            raise RefusedError("EIGEN_SIM_MEMORY", message, hint="its parts repeat too little for this engine")

    def _nodes(self) -> tuple[list[dict[int, tuple[tuple[int, float], tuple[int, float]]]], int]:
        """The nodes of each qubit: two children, each with its probability; and the root."""
        levels: list[dict[int, Any]] = [{} for _ in range(self._width)]
        root = -1
        for line in self.vector.to_bytes(binary=False).decode().splitlines()[2:]:
            match = LINE.fullmatch(line.strip())
            if match is None:
                raise RefusedError("EIGEN_DEVICE_FAILED", f"a decision diagram was written as `{line[:80]}`")
            number, level = int(match[1]), int(match[2])
            (zero, low), (one, high) = _edge(match[3]), _edge(match[4])
            levels[level][number] = ((zero, low / (low + high)), (one, high / (low + high)))
            root = number if level == self._width - 1 else root
        return levels, root


def _edge(text: str) -> tuple[int, float]:
    """A child and the square of its weight; an empty edge leads nowhere."""
    if not text.strip():
        return -1, 0.0
    child, weight = text.split(maxsplit=1)
    return int(child), abs(complex(weight.replace("i", "j").replace("+-", "-"))) ** 2

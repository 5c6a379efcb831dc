"""quimb as `quimb:tn`: nothing is kept of a state; each question is a network of tensors that is contracted to its
answer, over the light cone of the qubits that it asks about.

Paths are those of cotengra's greedy search with noise (Gray and Kourtis, Quantum 5, 410 (2021)), from a fixed seed, so
that the same question takes the same way. What a contraction would take is looked at before it begins. Outcomes are
drawn group of qubits by group, as quimb's `Circuit.sample` draws them, but that shots which agree so far share a
contraction.
"""

# quimb is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from collections import Counter
from math import log2
from typing import TYPE_CHECKING, Any

from eigen_driver import RefusedError
from eigen_driver.matrices import matrix, matrix_of
from eigen_driver.memory import memory_limit_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Operation
    from eigen_driver.state_engine import Question

MOST_QUBITS = 100
SEARCHES = 32
MOST_SEARCHES = 4096
MOST_OPERATIONS = 42
"""The logarithm to base 2 of the multiplications that one contraction may take."""
MOST_CONTRACTIONS = 2000
"""For the shots of one question."""
GROUP = 8
"""Qubits whose outcomes are drawn at a time."""
CUT = 1e-14
"""Of the singular values of a gate that is split in two, relative to the largest one."""


def load() -> None:
    """Load quimb."""
    global np, tensor, cotengra
    import cotengra
    import numpy as np
    from quimb import tensor


class Network:
    """What `eigen_driver.state_engine` reads; it cannot be measured on the way. `facts` tell the largest contraction:
    `width`, the logarithm to base 2 of the entries of its largest tensor, and `operations`, that of its
    multiplications."""

    def __init__(self, ask: Question) -> None:
        self._bound = ask.circuit.bound(ask.values)
        repeats = _searches(ask.options)
        self._search = cotengra.ReusableRandomGreedyOptimizer(max_repeats=repeats, seed=0, parallel=False)
        options = {"cutoff": CUT, "cutoff_mode": "rel"}
        self._circuit = tensor.Circuit(max(1, ask.circuit.num_qubits), gate_opts=options, dtype="complex128")
        self.facts: dict[str, Any] = {"searches": repeats, "contractions": 0, "width": 0.0, "operations": 0.0}

    @property
    def nbytes(self) -> int:
        """Of the tensors of its gates."""
        return 16 * sum(found.size for found in self._circuit.psi)

    def apply(self, gate: Operation) -> None:
        """Put its tensors behind the others."""
        found = matrix_of(gate, self._bound).reshape((2,) * (2 * len(gate.qubits)))
        self._circuit.apply_gate_raw(found, tuple(reversed(gate.qubits)))  # quimb's first is the most significant

    def one(self, qubit: int) -> float:
        """Not on the way."""
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "`quimb:tn` measures at the end of a circuit only")

    def project(self, qubit: int, outcome: int) -> None:
        """Neither."""
        self.one(qubit)

    def copy(self) -> Network:
        """Nor that."""
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "`quimb:tn` measures at the end of a circuit only")

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """One contraction, over the light cone of these qubits."""
        if not factors:
            return 1.0
        bra = self._circuit.get_psi_reverse_lightcone(tuple(qubit for _, qubit in factors))
        ket = bra.copy()
        for letter, qubit in factors:
            ket.gate_(matrix(letter), qubit, contract=True)
        return float(self._contracted(bra.H & ket, ()).real)

    def probability(self, bits: str) -> float:
        """The square of one amplitude."""
        state = self._circuit.psi
        found = state.isel({state.site_ind(qubit): int(bit) for qubit, bit in enumerate(reversed(bits))})
        return float(abs(self._contracted(found, ())) ** 2)

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        """Group by group: a contraction for each way in which shots began."""
        groups = [qubits[at : at + GROUP] for at in range(0, len(qubits), GROUP)]
        found = {0: shots}
        for at, group in enumerate(groups):
            further: Counter[int] = Counter()
            for outcome, count in found.items():
                known = {qubit: outcome >> place & 1 for place, qubit in enumerate(qubits[: at * GROUP])}
                odds = self._odds(group, known)
                for drawn in np.flatnonzero(split := random.multinomial(count, odds)).tolist():
                    further[outcome | drawn << (at * GROUP)] += int(split[drawn])
            found = further
        return found

    def _odds(self, group: Sequence[int], known: Mapping[int, int]) -> Any:
        """Probabilities of the outcomes of a group where others are known, bit k that of `group[k]`."""
        if self.facts["contractions"] >= MOST_CONTRACTIONS:
            message = f"the shots differ too early: they would take more than {MOST_CONTRACTIONS} contractions"
            raise RefusedError("EIGEN_SIM_MEMORY", message, hint="ask for fewer shots, or for expectation values")
        bra = self._circuit.get_psi_reverse_lightcone((*group, *known))
        indices = [bra.site_ind(qubit) for qubit in reversed(group)]
        both = (bra.H & bra).isel({bra.site_ind(qubit): bit for qubit, bit in known.items()})
        odds = np.clip(np.real(self._contracted(both, indices)).reshape(-1), 0.0, None)
        return odds / odds.sum()

    def _contracted(self, network: Any, indices: Sequence[str]) -> Any:
        """A network, contracted to a number or to an array with these axes."""
        network = network.full_simplify(seq="ADCRS", atol=1e-14, output_inds=indices)
        self.facts["contractions"] += 1
        if network.num_tensors > 1:
            tree = network.contraction_tree(optimize=self._search, output_inds=indices)
            self._look(float(tree.contraction_width()), float(tree.contraction_cost(log=2)))
            network = network.contract(all, output_inds=indices, optimize=tree, preserve_tensor=True)
        else:
            network = network.contract(all, output_inds=indices, preserve_tensor=True)
        return network.transpose(*indices).data if indices else complex(network.data)

    def _look(self, width: float, operations: float) -> None:
        """Refuse what is too large; tell what is not."""
        limit = log2(memory_limit_bytes() / 4 / 16)
        if width > limit or operations > MOST_OPERATIONS:
            message = (
                f"the contraction has a tensor of 2^{width:.0f} entries and takes 2^{operations:.0f} multiplications; "
                f"the limits are 2^{limit:.0f} and 2^{MOST_OPERATIONS}"
            )
            hint = "more `searches` may find a smaller one; `quimb:mps` cuts"
            raise RefusedError("EIGEN_SIM_MEMORY", message, hint=hint)
        self.facts["width"] = max(self.facts["width"], round(width, 1))
        self.facts["operations"] = max(self.facts["operations"], round(operations, 1))


def _searches(options: Mapping[str, Any]) -> int:
    wanted = options.get("searches", SEARCHES)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= MOST_SEARCHES:
        message = f"option `searches` of `quimb:tn` is 1 to {MOST_SEARCHES}, not `{wanted!s:.40}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="searches")
    return wanted

"""quimb as `quimb:mps`: matrix product states, whose bonds are cut where the options `max_bond` and `cutoff` say so.

quimb applies gates, swaps and splits, and keeps the chain canonical. What is read from a chain (outcomes, means, one
amplitude) goes through its tensors here, so that no path of contraction is looked for. Results tell how much of the
state the cuts have kept.
"""

# quimb is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, Estimate, RefusedError, Sample, StateEngine
from eigen_driver.engines.quimb import network
from eigen_driver.matrices import GATES, matrix, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Expectation, Operation
    from eigen_driver.state_engine import Question

NETWORK = "tensor network"
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})
MOST_QUBITS = 1000
MAX_BOND = 256
MOST_BOND = 4096
CUTOFF = 1e-20
"""The share of a state's weight, the sum of the squares of singular values, that one cut may drop."""
CHUNK_BYTES = 64 << 20
"""Of the vectors of outcomes that are drawn at a time."""
WIDE = frozenset({"CCX", "CCZ", "CSWAP", "UNITARY"})
"""Gates that are lowered to those on one and two qubits."""


class QuimbEngine(StateEngine):
    """See the module."""

    name = "quimb"
    options = frozenset({"max_bond", "cutoff", "searches"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load quimb."""
        super().start(config, threads)
        global np, tensor
        import numpy as np
        from quimb import tensor

        network.load()
        self.version = version("quimb")
        told: dict[str, Any] = {"engine": "quimb", "precision": "f64", "version": self.version}
        chain = {**told, "method": "matrix product state", "approximate": True, "max_bond": MAX_BOND, "cutoff": CUTOFF}
        nets = {**told, "method": NETWORK, "options": ["searches"]}
        chain["options"] = ["cutoff", "max_bond"]
        claimed = tuple(name for name in GATES if name not in WIDE)
        self._devices = (
            Device("quimb:mps", "quimb, matrix product state", MOST_QUBITS, claimed, FEATURES, properties=chain),
            Device(
                "quimb:tn",
                "quimb, tensor network",
                network.MOST_QUBITS,
                claimed,
                FEATURES - {"dynamic"},
                properties=nets,
            ),
        )

    def devices(self) -> Sequence[Device]:
        """Both."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> Any:
        """A chain without bonds, or a network without gates."""
        if device.properties["method"] == NETWORK:
            return network.Network(ask)
        return _Chain(ask.circuit.num_qubits, ask.circuit.bound(ask.values), *_cuts(ask.options))

    def told(self, device: Device, ask: Question, state: Any) -> dict[str, Any]:
        """Besides, what the cuts have kept, or what contractions took."""
        if isinstance(state, _Chain) and not isinstance(
            ask, Sample
        ):  # whose states have told it before they were drawn from
            state.tell()
        return {**super().told(device, ask, state), **state.facts}

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """From the final state, term by term."""
        if device.properties["method"] == NETWORK:
            return super().expectation(device, ask)
        state, total = self.final(device, ask), 0.0
        tensors = state.tensors()
        norm = _mean(tensors, {})
        for factors, weight in ask.observable.terms:
            total += weight * _mean(tensors, {qubit: letter for letter, qubit in factors}) / norm
        return Estimate(total, metadata=self.told(device, ask, state))


class _Chain:
    """A state of `eigen_driver.walk`. `facts` are what copies have in common: the worst of what the cuts have kept."""

    def __init__(self, num_qubits: int, bound: Mapping[str, float], max_bond: int, cutoff: float) -> None:
        self._bound = bound
        self._kept = 1.0
        self.facts: dict[str, Any] = {"max_bond": max_bond, "cutoff": cutoff}
        self._chain = tensor.CircuitMPS(num_qubits, max_bond=max_bond, cutoff=cutoff, dtype="complex128")
        self.tell()

    @property
    def nbytes(self) -> int:
        return sum(found.data.nbytes for found in self._chain.psi)

    def apply(self, gate: Operation) -> None:
        size = len(gate.qubits)
        found = matrix_of(gate, self._bound).reshape((2,) * (2 * size))
        self._chain.apply_gate_raw(found, tuple(reversed(gate.qubits)))  # quimb's first qubit is the most significant

    def one(self, qubit: int) -> float:
        tensors = self.tensors()
        return min(1.0, max(0.0, (1.0 - _mean(tensors, {qubit: "Z"}) / _mean(tensors, {})) / 2))

    def project(self, qubit: int, outcome: int) -> None:
        self._kept *= self._chain.fidelity_estimate()
        chain: Any = self._chain._psi  # pyright: ignore[reportPrivateUsage]  # `psi` is a copy
        chain.measure_(qubit, outcome=outcome, renorm=True, info=self._chain.gate_opts["info"])

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        self.tell()
        tensors = self.tensors(canonical=True)[: max(qubits) + 1]
        place = {qubit: at for at, qubit in enumerate(qubits)}
        widest = max(found.shape[2] for found in tensors)
        size, found = max(1, CHUNK_BYTES // (32 * widest)), Counter[int]()
        for start in range(0, shots, size):
            found.update(_drawn(tensors, place, min(size, shots - start), random))
        return found

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The expectation value of a product of Pauli letters."""
        tensors = self.tensors()
        return _mean(tensors, {qubit: letter for letter, qubit in factors}) / _mean(tensors, {})

    def probability(self, bits: str) -> float:
        """The square of one amplitude."""
        tensors, row = self.tensors(), np.ones((1, 1))
        for found, bit in zip(tensors, reversed(bits), strict=True):
            row = row @ found[:, int(bit)]
        return float(abs(row[0, 0]) ** 2 / _mean(tensors, {}))

    def copy(self) -> _Chain:
        made = object.__new__(_Chain)
        made._bound, made._kept, made.facts = self._bound, self._kept, self.facts
        made._chain = self._chain.copy()
        made._chain.gate_opts = {**self._chain.gate_opts, "info": dict(self._chain.gate_opts["info"])}
        return made

    def tell(self) -> None:
        """Say what the cuts have kept, and how wide the widest bond is."""
        kept = self._kept * min(1.0, float(self._chain.fidelity_estimate()))
        self.facts["fidelity_estimate"] = min(kept, self.facts.get("fidelity_estimate", 1.0))
        self.facts["bond"] = max(int(self._chain.psi.max_bond() or 1), self.facts.get("bond", 1))

    def tensors(self, *, canonical: bool = False) -> list[Any]:
        """Its tensors, shapes (left, 2, right); where `canonical`, all but the first are isometries from the right."""
        chain = self._chain.psi
        if canonical:
            chain.canonicalize_(0)
        count = chain.L
        if count == 1:
            return [chain[0].data.reshape(1, 2, 1)]
        chain.permute_arrays("lpr")
        first, last = chain[0].data, chain[count - 1].data
        middle = [chain[site].data for site in range(1, count - 1)]
        return [first.reshape(1, *first.shape), *middle, last.reshape(*last.shape, 1)]


def _mean(tensors: Sequence[Any], letters: Mapping[int, str]) -> float:
    """The mean of a product of Pauli letters, by qubit, in a state that need not be normalised."""
    left = np.ones((1, 1), complex)
    for qubit, found in enumerate(tensors):
        ket = np.tensordot(left, found, (1, 0))
        if qubit in letters:
            ket = np.einsum("pq,aqb->apb", matrix(letters[qubit]), ket)
        left = np.tensordot(found.conj(), ket, ((0, 1), (0, 1)))
    return float(left[0, 0].real)


def _drawn(tensors: Sequence[Any], place: Mapping[int, int], shots: int, random: Any) -> dict[int, int]:
    """Outcomes, qubit by qubit from the first: shots that agree so far share a vector."""
    vectors, counts, outcomes = np.ones((1, 1), complex), np.array([shots]), [0]
    for qubit, found in enumerate(tensors):
        both = np.tensordot(vectors, found, (1, 0))  # shape (groups, 2, right)
        weights = np.sum(np.abs(both) ** 2, axis=2)
        odds = np.clip(weights[:, 1] / weights.sum(axis=1), 0.0, 1.0)
        ones = random.binomial(counts, odds)
        low, high = np.flatnonzero(counts - ones), np.flatnonzero(ones)
        bit = 1 << place[qubit] if qubit in place else 0
        outcomes = [outcomes[row] for row in low] + [outcomes[row] | bit for row in high]
        vectors = np.concatenate([both[low, 0], both[high, 1]])
        counts = np.concatenate([(counts - ones)[low], ones[high]])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    totals = Counter[int]()
    for outcome, count in zip(outcomes, counts.tolist(), strict=True):
        totals[outcome] += count
    return totals


def _cuts(options: Mapping[str, Any]) -> tuple[int, float]:
    bond, cutoff = options.get("max_bond", MAX_BOND), options.get("cutoff", CUTOFF)
    if isinstance(bond, bool) or not isinstance(bond, int) or not 1 <= bond <= MOST_BOND:
        message = f"`max_bond` of `quimb:mps` is 1 to {MOST_BOND}, not `{bond}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="max_bond")
    if isinstance(cutoff, bool) or not isinstance(cutoff, int | float) or not 0.0 <= cutoff < 1.0:
        raise RefusedError("EIGEN_DEVICE_OPTION", f"`cutoff` is 0 to 1, not `{cutoff}`", where="cutoff")
    return bond, float(cutoff)

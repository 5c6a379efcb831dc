"""`StateEngine`: an engine whose devices keep one state and change it gate by gate.

`eigen_driver.walk` follows what circuits measure, reset and decide over that state, and exact values are read from the
final one. An engine subclasses it and says what a fresh state is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from eigen_driver import walk
from eigen_driver.asks import Counts, Estimate, Expectation, Gradient, Probability, Sample
from eigen_driver.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen_driver.engine import Device

Question = Sample | Expectation | Gradient | Probability
"""What is asked of a circuit."""


class ReadableState(walk.State, Protocol):
    """A state that can be read without being changed."""

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The expectation value of a product of Pauli letters, each with its qubit; 1 where there are none."""
        ...

    def probability(self, bits: str) -> float:
        """Of the outcome `q[n-1] ... q[0]` of all qubits."""
        ...


class StateEngine(Engine):
    """See the module. Where a device has the feature `noise`, its states are `walk.NoisyState`s."""

    def fresh(self, device: Device, ask: Question) -> ReadableState:
        """The state in which every qubit is 0, for the circuit of a question at its values."""
        raise NotImplementedError

    def told(self, device: Device, ask: Question, state: Any) -> dict[str, Any]:
        """The metadata of a result that was read from `state`."""
        return {"precision": device.properties["precision"], "method": device.properties["method"]}

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        import numpy as np

        state, random = self.fresh(device, ask), np.random.default_rng(ask.seed)
        found = walk.sample(ask.circuit, state, ask.shots, random, walk.noise_of(ask.options))
        return Counts(found, {"seed": ask.seed, **self.told(device, ask, state)})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the final state, term by term."""
        state = self.final(device, ask)
        value = sum(weight * state.mean(factors) for factors, weight in ask.observable.terms)
        return Estimate(float(value), metadata=self.told(device, ask, state))

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact, from the final state."""
        state = self.final(device, ask)
        return Estimate(float(state.probability(ask.bits)), metadata=self.told(device, ask, state))

    def final(self, device: Device, ask: Expectation | Gradient | Probability) -> Any:
        """The final state of a circuit that measures nothing."""
        state = self.fresh(device, ask)
        walk.run(ask.circuit, state, walk.noise_of(ask.options))
        return state

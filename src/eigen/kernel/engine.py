"""What the interpreter asks of the world: an engine that evaluates circuits, answers to its evaluations, and a control
that may stop it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen._core import Counts
    from eigen.types import Json, WorkResult

Values = tuple[float, ...]


class Engine(Protocol):
    """Evaluates the circuits of one program on the device it was placed on.

    `circuit` and `observable` are indices into the program; `values` bind `circuit.parameters` in order; `key`
    is the idempotency key of the evaluation within its job. Everything raises EigenError.
    """

    def sample(self, circuit: int, values: Values, shots: int, seed: int, *, key: str) -> Counts:
        """Run a circuit and count its outcomes."""
        ...

    def expectation(
        self, circuit: int, observable: int, values: Values, shots: int | None, seed: int, *, key: str
    ) -> tuple[float, float | None]:
        """An expectation value and, when it comes from shots, its standard error; `shots=None` is exact."""
        ...

    def probability(
        self, circuit: int, bits: str, values: Values, shots: int | None, seed: int, *, key: str
    ) -> tuple[float, float | None]:
        """The probability of one outcome `q[n-1] … q[0]`, and its standard error; `shots=None` is exact."""
        ...

    def evolve(
        self, evolution: int, values: Values, shots: int | None, seed: int, *, settings: Mapping[str, Json], key: str
    ) -> WorkResult:
        """Values of an evolution's observables at its times (`series`), with `shots` counts of its final state."""
        ...

    def modes(self, modes: int, values: Values, shots: int | None, seed: int, *, key: str) -> WorkResult:
        """What a photonic program measures (`samples`), or the values of its observables (`series`)."""
        ...

    def load(self, stage: str, index: int, observable: int | None, shots: int | None) -> tuple[int, int]:
        """How many circuits one evaluation of a stage hands to the device, and their shots in all: what is charged.

        `stage` is `run`, `expectation`, `probability`, `gradient`, `evolve` or `modes`; of the last two `index` is the
        evolution's and the photonic program's.
        """
        ...

    def has_gradient(self, circuit: int, observable: int) -> bool:
        """Whether `gradient` gives the exact gradient of this expectation value."""
        ...

    def gradient(self, circuit: int, observable: int, values: Values, *, key: str) -> tuple[float, Values]:
        """The exact value and its derivative with respect to each circuit parameter."""
        ...

    def has_loop(self, circuit: int, observable: int) -> bool:
        """Whether `advance` may be asked for this expectation value."""
        ...

    def advance(
        self, circuit: int, observable: int, search: str, *, scale: float, offset: float, seconds: float
    ) -> tuple[str, int]:
        """A search over the circuit's parameters, taken further for about so many seconds: its checkpoint with the
        values of its new iterations, and how many evaluations were made. Raises EIGEN_SIM_UNSUPPORTED when it must
        be answered question by question."""
        ...


class Answers(Protocol):
    """Answers evaluations: from what an earlier attempt recorded, or by doing them."""

    @property
    def replaying(self) -> bool:
        """Whether the next evaluation is answered from a record."""
        ...

    def recorded(self, request: Json) -> bool:
        """Whether the next answer is recorded, and to this request."""
        ...

    def ask(self, request: Json, perform: Callable[[str], Json]) -> Json:
        """The answer to a request: a recorded one, or what `perform(key)` gives."""
        ...


class Control(Protocol):
    """Decides before each evaluation whether the run may go on, and hears how far it is."""

    def check(self, *, tasks: int, shots: int, replayed: bool, device: str = "") -> None:
        """Raise EIGEN_RUN_CANCELLED, EIGEN_RUN_TIMEOUT or EIGEN_RUN_BUDGET when the next evaluation, of so many
        circuits and shots (0 = exact), may not be done. `replayed` ones are answered from the journal and were paid
        before. `device` names the device where a run has several."""
        ...

    def unused(self, *, tasks: int, shots: int, device: str) -> None:
        """A device failed, and did and charged nothing of what was checked for."""
        ...

    def say(self, text: str) -> None:
        """A line that the program prints."""
        ...

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        """A minimisation ended an iteration, of at most `of`, with this value of its objective."""
        ...

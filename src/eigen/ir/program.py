"""`Program`: what a hybrid source compiles to. A straight list of nodes over circuits and observables.

A node is a quantum stage (`run`, `expectation`, `probability`, `evolve`, `modes`), a structured stage with regions
(`minimize`, `branch`, `loop`, `map`), a `print` or a compute operation of `eigen.ir.ops`. Values are in static single
assignment form: a node refers to earlier values of its own region by index; a region sees nothing else, so whatever it
needs from outside is passed in as captured arguments. Evaluation in list order is the whole semantics, every
loop is bounded, and nothing in it is Python: a program is total, typed data. It does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eigen.ir.circuit import Circuit
    from eigen.ir.evolution import Evolution
    from eigen.ir.modes import Modes
    from eigen.ir.observable import Observable

PROGRAM_VERSION = "1.0"

QUANTUM_STAGES = frozenset({"run", "expectation", "probability", "evolve", "modes"})
"""Stages that ask a device.

- `run`: args `[values?]` (array of circuit parameters; none when the circuit has no parameters);
  attrs `circuit`, `shots` (int; None = the job's), `label`. Value: record:run.
- `expectation`: args `[values?]`; attrs `circuit`, `observable`, `shots` (None = exact). Value: float.
- `probability`: args `[values?]`; attrs `circuit`, `bits` (`q[n-1] … q[0]`), `shots`. Value: float.
- `evolve`: args `[values?]` (of the evolution's parameters); attrs `evolution`, `settings` (`method`, `tolerance`,
  `order`, `steps`, `trajectories`; None = the device's choice), `shots` (None = no counts). Value: record:evolution.
- `modes`: args `[values?]` (of the photonic program's parameters); attrs `modes`, `exact`
  (whether it measures nothing), `shots` (of one that measures; None = the job's). Value: record:modes.
"""

REGION_STAGES = frozenset({"minimize", "branch", "loop", "map"})
"""Stages with regions.

- `minimize`: args `[initial, *captures]`; one region `(params, *captures) -> (value,)`, or with attr `batches`
  `{"count", "size", "epochs"}` a region `(params, batch_indices, *captures) -> (value,)`; attrs `method`,
  `max_iter`, `tolerance`, `bounds`, `options`. Value: record:minimize.
- `branch`: args `[condition, *captures]`; regions `then`, `else` `(*captures) -> results`. Value: tuple of results.
- `loop`: args `[*initial state, *captures]`; attrs `carried` (number of state values), `bound`; region
  `(*state, *captures) -> (again, *state)`; runs at least once and repeats while `again`; reaching `bound`
  raises EIGEN_SIM_LOOP_BOUND. Value: tuple of the final state.
- `map`: args `[rows, *captures]`; region `(row, *captures) -> (value,)`. Value: array when all are floats,
  else list; of no rows an empty list, or an empty array when the node's type is `array`.
"""


EFFECT_STAGES = frozenset({"print"})
"""Stages that only tell.

- `print`: args `[text]`. Value: None. A line in the job's log when the program passes by.
"""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a region: `op` applied to earlier values `args`, with static `attrs`.

    `type` is one of `none bool int float complex str array list tuple dict counts any` or `record:NAME`.
    `line` is the source line it came from (1-based, 0 = none).
    """

    op: str
    args: tuple[int, ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    type: str = "any"
    regions: tuple[Region, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Region:
    """A closed list of nodes: values `0 … len(params)-1` are its parameters, the following ones its nodes."""

    params: tuple[str, ...]  # types
    nodes: tuple[Node, ...]
    results: tuple[int, ...]

    def walk(self) -> Iterator[Node]:
        """Every node of this region and of the regions inside it, outer first."""
        for node in self.nodes:
            yield node
            for region in node.regions:
                yield from region.walk()


@dataclass(frozen=True, slots=True)
class ProgramOptions:
    """What the source asked for; job.yaml overrides it. `shots=None` means exact where a stage allows it."""

    target: str | None = None
    shots: int | None = None
    seed: int | None = None
    optimization_level: int = 1
    noise_model: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled program: circuits, observables, one body region with one result.

    `source_sha256` ties it to the text it came from; `inputs_sha256` to the inputs bound at compile time.
    `parameters` are what the body takes when it runs, as (name, length): length 0 is a number, else an array of
    that length. A job's program has none; one that a session holds open, or that is swept, may.
    """

    circuits: tuple[Circuit, ...]
    observables: tuple[Observable, ...]
    body: Region
    entrypoint: str = "main"
    options: ProgramOptions = field(default_factory=ProgramOptions)
    source_sha256: str = ""
    inputs_sha256: str = ""
    parameters: tuple[tuple[str, int], ...] = ()
    evolutions: tuple[Evolution, ...] = ()
    modes: tuple[Modes, ...] = ()

    @property
    def digest(self) -> str:
        """sha256 of the canonical JSON."""
        return sha256(self.to_json()).hexdigest()

    @property
    def num_qubits(self) -> int:
        """The width of the widest circuit or evolution, or the most modes."""
        widths = [item.num_qubits for item in (*self.circuits, *self.evolutions)]
        return max([*widths, *(item.num_modes for item in self.modes)], default=0)

    def target_or(self, default: str) -> str:
        """The target that it names, else `default`; but a photonic program that names none looks at every device, for
        the default of an installation is a device of qubits."""
        return self.options.target or ("auto" if self.modes else default)

    @property
    def is_hybrid(self) -> bool:
        """Whether anything but one run is done."""
        return any(
            node.op in REGION_STAGES or node.op in {"expectation", "probability", "evolve", "modes"}
            for node in self.body.walk()
        )

    def to_json(self) -> bytes:
        """The canonical JSON of the program (sorted keys, shortest floats): the same bytes on every host."""
        from eigen.ir.program_json import encode

        return encode(self)

    @staticmethod
    def from_json(data: bytes) -> Program:
        """The program that `to_json` wrote; checked like any foreign input."""
        from eigen.ir.program_json import decode

        return decode(data)

    def verify(self) -> None:
        """Check references, regions, arguments and attributes; raises EIGEN_PROGRAM_INVALID naming the node."""
        from eigen.ir.wellformed import verify_program

        verify_program(self)

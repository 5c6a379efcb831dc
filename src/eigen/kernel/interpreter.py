"""Executes a `Program`: compute nodes here, quantum nodes through an `Engine`, loops and branches by their regions.

It does no I/O and reads no clock itself; the journal and the control that it is handed may. The same program, seed,
shots and answers give the same execution, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.autodiff import mapped
from eigen.ir.ops import OpError, Tank, apply
from eigen.ir.ops.arithmetic import truth
from eigen.ir.ops.containers import items_of
from eigen.ir.ops.limits import exceeded, extent
from eigen.ir.ops.text import text_of
from eigen.kernel.evaluation import Evaluator
from eigen.kernel.lookahead import FORESEEN
from eigen.kernel.minimization import minimize_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen._core import Search
    from eigen.ir.program import Node, Program, Region
    from eigen.ir.values import Record
    from eigen.kernel.engine import Answers, Control, Engine
    from eigen.kernel.evaluation import Path
    from eigen.kernel.linear_energy import LinearEnergy
    from eigen.kernel.lookahead import Lookahead
    from eigen.kernel.split import Split
    from eigen.types import Json

DEFAULT_SHOTS = 1024
FUEL = 1_000_000_000
MAX_CIRCUIT_RESULTS = 1_000
MAX_PRINTED_LINES = 10_000
MAX_HELD = 8_000_000

_SMALL = frozenset({float, int, bool, complex, type(None), str})


@dataclass(frozen=True, slots=True)
class CircuitRun:
    """One `run` stage as it is kept in the results."""

    label: str
    circuit: int
    counts: Mapping[str, int]
    num_clbits: int
    shots: int
    seed: int

    def to_json(self) -> dict[str, Json]:
        """The run as JSON."""
        return {
            "label": self.label,
            "circuit": self.circuit,
            "counts": dict(self.counts),
            "num_clbits": self.num_clbits,
            "shots": self.shots,
            "seed": self.seed,
        }


class Interpreter:
    """One execution of a verified program, under way.

    `region(program.body, arguments, ())` executes it; only a program with open parameters has arguments. `shots` is
    what `run` stages use that name no number themselves (the job's; 1024 when nothing is given); `expectation` and
    `probability` stages without a number are exact. `max_iters` caps the iterations (epochs, where there are batches)
    of every minimisation. `ahead` is told before evaluations what may come after them; `split` shares shots of runs.
    Raises EIGEN_RUN_FAILED naming the source line, and whatever journal, control and engine raise. Readable at
    any time, also after an error: `circuits`, the runs outside of minimisations; `minimizations`, the record
    of each finished minimisation with the label of its stage; `warnings`.
    """

    def __init__(
        self,
        program: Program,
        engine: Engine,
        *,
        seed: int,
        journal: Answers,
        control: Control,
        shots: int | None = None,
        max_iters: int | None = None,
        fuel: int = FUEL,
        ahead: Lookahead | None = None,
        split: Split | None = None,
    ) -> None:
        self.control = control
        self.max_iters = max_iters
        self.fuel = Tank(fuel, "steps of the program")
        self.evaluator = Evaluator(
            program,
            engine,
            journal=journal,
            control=control,
            seed=seed,
            shots=DEFAULT_SHOTS if shots is None else shots,
            split=split,
        )
        self.circuits: list[CircuitRun] = []
        self.minimizations: list[tuple[str, Record]] = []
        self.warnings: list[str] = []
        self.searching = 0
        self.printed: list[str] = []
        self._held = 0
        self._journal = journal
        self._ahead = ahead
        self._stages: dict[str, Callable[[Node, Sequence[Any], Path], Any]] = {
            "run": self._run,
            "expectation": self.evaluator.expectation,
            "probability": self.evaluator.probability,
            "evolve": self.evaluator.evolve,
            "modes": self.evaluator.modes,
            "branch": self._branch,
            "loop": self._loop,
            "map": self._map,
            "minimize": self._minimize,
            "print": self._print,
        }

    def region(self, region: Region, args: Sequence[Any], path: Path) -> tuple[Any, ...]:
        """The results of a region for its arguments."""
        values, ahead = list(args), self._ahead
        held = self._held
        try:
            for position, node in enumerate(region.nodes):
                if ahead is not None and node.op in FORESEEN and not self._journal.replaying:
                    ahead.before(self.evaluator, region, values, position, path)
                value = self.node(node, [values[index] for index in node.args], (*path, position))
                values.append(value)
                if type(value) not in _SMALL:
                    self._hold(extent(value))
        finally:
            self._held = held
        return tuple(values[index] for index in region.results)

    def _hold(self, size: int) -> None:
        """Count the elements that are kept alive, so that memory has a bound as time has by fuel."""
        self._held += size
        if self._held > MAX_HELD:
            raise exceeded("elements of the values a program keeps", self._held, MAX_HELD)

    def node(self, node: Node, args: Sequence[Any], path: Path) -> Any:
        """The value of one node. Raises EIGEN_RUN_FAILED with its line."""
        stage = self._stages.get(node.op)
        with _located(node):
            return apply(node.op, args, node.attrs, self.fuel) if stage is None else stage(node, args, path)

    def expectation_gradient(self, node: Node, args: Sequence[Any], path: Path) -> tuple[float, tuple[float, ...]]:
        """The exact value and gradient of an `expectation` node. Raises EIGEN_RUN_FAILED with its line."""
        with _located(node):
            return self.evaluator.gradient(node, args)

    def loop_piece(self, energy: LinearEnergy, search: Search, seconds: float) -> Search | None:
        """A search over the parameters of an `expectation` node, taken further in one piece; None when it cannot be.
        Raises EIGEN_RUN_FAILED with its line."""
        with _located(energy.node):
            return self.evaluator.advance(
                energy.node, search, scale=energy.scale, offset=energy.offset, seconds=seconds
            )

    def warn(self, message: str) -> None:
        """Keep a warning for the results, once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def _run(self, node: Node, args: Sequence[Any], path: Path) -> Record:
        record, seed = self.evaluator.run(node, args, path)
        if self.searching:
            return record
        if len(self.circuits) >= MAX_CIRCUIT_RESULTS:
            self.warn(f"more than {MAX_CIRCUIT_RESULTS} circuits were run: only the first are kept in the results")
            return record
        counts = record.fields["counts"]
        self.circuits.append(
            CircuitRun(
                label=node.attrs.get("label") or f"run{len(self.circuits)}",
                circuit=node.attrs["circuit"],
                counts=counts.to_dict(),
                num_clbits=counts.num_clbits,
                shots=counts.shots,
                seed=seed,
            )
        )
        return record

    def _branch(self, node: Node, args: Sequence[Any], path: Path) -> tuple[Any, ...]:
        chosen = 0 if truth(args[0]) else 1
        return self.region(node.regions[chosen], args[1:], (*path, chosen))

    def _loop(self, node: Node, args: Sequence[Any], path: Path) -> tuple[Any, ...]:
        carried = node.attrs["carried"]
        state, captures = tuple(args[:carried]), tuple(args[carried:])
        bound = node.attrs["bound"]
        for _ in range(bound):
            self.fuel.charge(1)
            again, *changed = self.region(node.regions[0], (*state, *captures), (*path, 0))
            state = tuple(changed)
            if not truth(again):
                return state
        raise EigenError("EIGEN_SIM_LOOP_BOUND", f"the loop did not end within its bound of `{bound}` rounds")

    def _map(self, node: Node, args: Sequence[Any], path: Path) -> Any:
        rows = items_of(args[0])
        self.fuel.charge(len(rows))
        found: list[Any] = []
        held = self._held
        region, ahead = node.regions[0], None if self._journal.replaying else self._ahead
        over = ahead.rows(self.evaluator, region, rows, args[1:], path) if ahead is not None else None
        for row in rows:
            found.append(self.region(region, (row, *args[1:]), (*path, 0))[0])
            self._hold(extent(found[-1]))
        if over is not None:
            over()
        self._held = held
        return mapped(found, node.type)

    def _print(self, node: Node, args: Sequence[Any], path: Path) -> None:
        """A line is kept for the results, and said once: not while a resumed run repeats an earlier attempt."""
        if len(self.printed) >= MAX_PRINTED_LINES:
            self.warn(f"the program prints more than {MAX_PRINTED_LINES} lines: the rest is left out")
            return
        text = text_of(args[0])
        self.printed.append(text)
        if not self._journal.replaying:
            self.control.say(text)

    def _minimize(self, node: Node, args: Sequence[Any], path: Path) -> Record:
        label = str(node.attrs.get("label") or f"minimize{len(self.minimizations)}")
        self.searching += 1
        try:
            record = minimize_stage(self, node, args, path, label)
        finally:
            self.searching -= 1
        if not self.searching:
            self.minimizations.append((label, record))
        return record


class _located:  # noqa: N801  (a context manager; a class costs a third of a generator on this hot path)
    """Gives errors the source line of a node."""

    __slots__ = ("_node",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        line = self._node.line
        if isinstance(error, OpError):
            raise EigenError(
                "EIGEN_RUN_FAILED",
                f"{error.kind}: {error.message}"[:1000],
                where=f"line {line}" if line else "",
                details={"kind": error.kind, "line": line, "op": self._node.op},
            ) from None
        if isinstance(error, EigenError) and line and not error.where:
            error.where = f"line {line}"
            error.details.setdefault("line", line)

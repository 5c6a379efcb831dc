"""`SweepRun`: the program of a sweep at each of its points, one after the other, over one journal.

Point k runs with the seed of evaluation k of a session with the job's seed. The journal numbers the evaluations of all
points, so that an interrupted run goes on in the point in which it was; fuel, budget and limits count over all points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eigen.errors import EigenError
from eigen.ir.ops.limits import Tank
from eigen.ir.values import weight
from eigen.kernel.engine import Control
from eigen.kernel.evaluation import Evaluator
from eigen.kernel.interpreter import DEFAULT_SHOTS, FUEL, Interpreter
from eigen.kernel.resolved import seed_at
from eigen.kernel.sweep.plan import arguments
from eigen.kernel.sweep.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eigen.ir.program import Program, Region
    from eigen.ir.values import Record
    from eigen.jobspec.sweep import Sweep
    from eigen.kernel.engine import Answers, Engine
    from eigen.kernel.interpreter import CircuitRun
    from eigen.kernel.lookahead import Lookahead
    from eigen.kernel.split import Split
    from eigen.kernel.sweep.plan import Plan
    from eigen.types import Json

MAX_MINIMIZATIONS = 1_000
MAX_HISTORY = 1_000_000
"""What is kept of the minimisations of all points: so many records, and so many values in them."""

MAX_SHOWN = 120


class SweepControl(Control, Protocol):
    """A control that is told of points, too."""

    def point(self, done: int, *, of: int) -> None:
        """So many points are done."""
        ...


@dataclass(slots=True)
class Totals:
    """What the evaluations of all points come to; `shots` are those of stages that name none."""

    shots: int
    evaluations: int = 0
    shots_used: int = 0


class SweepRun:
    """One execution of a sweep, under way; readable as an `Interpreter` is, at any time.

    `circuits` stays empty: counts are in the table. Raises what the interpreter does, with the point in `where` and
    `details`.
    """

    def __init__(
        self,
        program: Program,
        plan: Plan,
        sweep: Sweep,
        engine: Engine,
        *,
        seed: int,
        journal: Answers,
        control: SweepControl,
        shots: int | None = None,
        max_iters: int | None = None,
        fuel: int = FUEL,
        ahead: Lookahead | None = None,
        split: Split | None = None,
    ) -> None:
        self.evaluator = Totals(DEFAULT_SHOTS if shots is None else shots)
        self.circuits: list[CircuitRun] = []
        self.minimizations: list[tuple[str, Record]] = []
        self.warnings: list[str] = []
        self.printed: list[str] = []
        self.table = Table(sweep)
        self._program = program
        self._plan = plan
        self._sweep = sweep
        self._engine = engine
        self._seed = seed
        self._journal = journal
        self._control = control
        self._quiet = _Quiet(control)
        self._max_iters = max_iters
        self._fuel = Tank(fuel, "steps of the program")
        self._history = 0
        self._ahead = ahead
        self._split = split

    def run(self) -> dict[str, Json]:
        """Every point; the table."""
        regions = self._plan.regions(self._program)
        places = self._plan.places(self._sweep)
        columns = arguments(self._sweep, self._program)
        for index, place in enumerate(places):
            if self._ahead is not None and not self._journal.replaying:
                self._ahead.points(self._coming(index, places, regions, columns))
                self._ahead = None
            self._control.check(tasks=0, shots=0, replayed=self._journal.replaying)
            self._fuel.charge(1)
            self._point(index, regions[place], [column[index] for column in columns])
            self._control.point(index + 1, of=len(places))
        return self.table.to_json()

    def _coming(
        self, first: int, places: Sequence[int], regions: Sequence[Region], columns: Sequence[Sequence[Any]]
    ) -> Iterator[tuple[Evaluator, Region, tuple[Any, ...]]]:
        """The points from one on, each as it will be run."""
        for index in range(first, len(places)):
            evaluator = Evaluator(
                self._program,
                self._engine,
                journal=self._journal,
                control=self._quiet,
                seed=seed_at(self._seed, index),
                shots=self.evaluator.shots,
            )
            yield evaluator, regions[places[index]], tuple(column[index] for column in columns)

    def metadata(self) -> dict[str, Json]:
        """How the sweep was compiled and how far it came."""
        return {
            "points": self.table.points,
            "done": self.table.done,
            "mode": self._sweep.mode,
            "open": list(self._plan.open),
            "fixed": list(self._plan.fixed),
            "variants": len(self._plan.variants),
        }

    def _point(self, index: int, region: Any, values: list[Any]) -> None:
        interpreter = Interpreter(
            self._program,
            self._engine,
            seed=seed_at(self._seed, index),
            journal=self._journal,
            control=self._quiet,
            shots=self.evaluator.shots,
            max_iters=self._max_iters,
            split=self._split,
        )
        interpreter.fuel, interpreter.printed, interpreter.warnings = self._fuel, self.printed, self.warnings
        try:
            (output,) = interpreter.region(region, values, ())
            self.table.add(output, interpreter.circuits[-1].counts if interpreter.circuits else None)
        except EigenError as error:
            self._place(error, index)
            raise
        finally:
            self.evaluator.evaluations += interpreter.evaluator.evaluations
            self.evaluator.shots_used += interpreter.evaluator.shots_used
            self._keep(index, interpreter.minimizations)

    def _keep(self, index: int, records: list[tuple[str, Record]]) -> None:
        for label, record in records:
            self._history += weight(record)
            if len(self.minimizations) < MAX_MINIMIZATIONS and self._history <= MAX_HISTORY:
                self.minimizations.append((f"{label}[{index}]", record))
                continue
            said = "the sweep has more minimisations than are kept with their histories: the first ones are there"
            if said not in self.warnings:
                self.warnings.append(said)

    def _place(self, error: EigenError, index: int) -> None:
        """Say at which point it happened."""
        columns = self._sweep.columns()
        values = {name: column[index] for name, column in columns.items()}
        shown = ", ".join(f"{name}={value}" for name, value in values.items())[:MAX_SHOWN]
        error.where = f"point {index} ({shown})" + (f", {error.where}" if error.where else "")
        error.details.setdefault("point", index)


class _Quiet:
    """The control within a point, whose own iterations are not told."""

    def __init__(self, control: Control) -> None:
        self.check = control.check
        self.unused = control.unused
        self.say = control.say

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        """Points are told, not what happens in them."""

"""`Begun`: the execution of a job's program to its end, once or at every point of its sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.ir.values import to_plain
from eigen.kernel.interpreter import Interpreter
from eigen.kernel.sweep.plan import Plan
from eigen.kernel.sweep.run import SweepRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.kernel.engine import Answers, Engine
    from eigen.kernel.lookahead import Lookahead
    from eigen.kernel.split import Split
    from eigen.kernel.sweep.run import SweepControl
    from eigen.types import Json


@dataclass(frozen=True, slots=True)
class Begun:
    """A program that runs; what it leaves is read off `run` at any time."""

    program: Program
    run: Interpreter | SweepRun

    def to_the_end(self) -> Json:
        """What the program returns, as JSON: of a sweep the table. Raises what the interpreter does."""
        if isinstance(self.run, SweepRun):
            return self.run.run()
        (output,) = self.run.region(self.program.body, (), ())
        return to_plain(output)

    def reached(self) -> Json:
        """What there is to show of a run that does not end: the points of a sweep that are done, else nothing."""
        return self.run.table.to_json() if isinstance(self.run, SweepRun) else None

    @property
    def has_counts(self) -> bool:
        """Whether the table of a sweep holds counts."""
        return isinstance(self.run, SweepRun) and self.run.table.has_counts

    def metadata(self) -> dict[str, Json]:
        """What a sweep adds to the metadata of the results."""
        return {"sweep": self.run.metadata()} if isinstance(self.run, SweepRun) else {}


def begin(
    program: Program,
    spec: JobSpec,
    engine: Engine,
    *,
    report: Callable[[], Mapping[str, Json]],
    seed: int,
    journal: Answers,
    control: SweepControl,
    shots: int,
    fuel: int,
    ahead: Lookahead | None = None,
    split: Split | None = None,
) -> Begun:
    """The execution of a job's program; `report` gives that of its compilation, which says how a sweep was compiled;
    `ahead` hears of what comes; `split` shares the shots of its runs."""
    limits: dict[str, Any] = {"seed": seed, "shots": shots, "max_iters": spec.max_iters, "fuel": fuel, "ahead": ahead}
    limits["split"] = split
    if spec.sweep is None:
        return Begun(program, Interpreter(program, engine, journal=journal, control=control, **limits))
    plan = Plan.of(report())
    return Begun(program, SweepRun(program, plan, spec.sweep, engine, journal=journal, control=control, **limits))

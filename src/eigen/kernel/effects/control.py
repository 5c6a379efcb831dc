"""`RunControl`: what the interpreter asks before each evaluation, and whom it tells how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.jobspec.spec import Budget
    from eigen.kernel.lease import Lease
    from eigen.kernel.preemption import Checkpoints
    from eigen.types import Json, Tariff


class Spending:
    """The circuits and shots that a budget was used for, and what they cost where a tariff says so."""

    def __init__(self, budget: Budget, tariff: Tariff | None) -> None:
        self._budget = budget
        self._tariff = tariff
        self.tasks = 0
        self.shots = 0

    def add(self, tasks: int, shots: int, *, paid: bool = False) -> None:
        """Use so much. Raises EIGEN_RUN_BUDGET, and uses nothing, when that would be too much; what was `paid` before
        counts in any case."""
        if not paid:
            self._check(self.tasks + tasks, self.shots + shots)
        self.tasks += tasks
        self.shots += shots

    def _check(self, tasks: int, shots: int) -> None:
        most, dearest = self._budget.max_shots, self._budget.max_cost
        if most is not None and shots > most:
            message = f"the next evaluation brings the shots to {shots}, over `budget.max_shots` of `{most}`"
            raise EigenError("EIGEN_RUN_BUDGET", message)
        if dearest is None or self._tariff is None:
            return
        cost = self._tariff.cost(tasks=tasks, shots=shots)
        if cost > dearest * (1.0 + 1e-12):
            message = f"the next evaluation brings the cost to {self._tariff.in_words(cost)}, over `budget.max_cost`"
            raise EigenError("EIGEN_RUN_BUDGET", f"{message} of `{dearest:g}`")

    def to_json(self) -> dict[str, Json] | None:
        """What it came to, for the results; None without a tariff, or with one by the second, of which a run that goes
        on after a crash does not know them all."""
        if self._tariff is None or self._tariff.per_second:
            return None
        return {
            "amount": self._tariff.cost(tasks=self.tasks, shots=self.shots),
            "currency": self._tariff.currency,
            "sheet": self._tariff.sheet,
            "tasks": self.tasks,
            "shots": self.shots,
        }


class RunControl:
    """Stops a run that is cancelled, out of time, out of its budget, or no longer ours; or gives way, where it has
    `checkpoints`."""

    def __init__(self, lease: Lease, budget: Budget, tariff: Tariff | None = None) -> None:
        self._lease = lease
        self.spending = Spending(budget, tariff)
        self.checkpoints: Checkpoints | None = None

    def check(self, *, tasks: int, shots: int, replayed: bool) -> None:
        """Before an evaluation; replayed ones count as well, they were paid by this job."""
        self._lease.check(replayed=replayed)
        if self.checkpoints is not None and not replayed:
            self.checkpoints.reach()
        self.spending.add(tasks, shots, paid=replayed)

    def say(self, text: str) -> None:
        """Write a line that the program prints into the job's log."""
        self._lease.say(text)

    def point(self, done: int, *, of: int) -> None:
        """Tell the watchers of a point of a sweep."""
        data = {"done": done, "points": of}
        self._lease.announce("sweep", f"{done} of {of} points", progress=min(done / of, 0.99), data=data)

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        """Tell the watchers of an iteration of a minimisation."""
        data = {"iteration": iteration, "of": of, "value": value}
        progress = iteration / of if of else 0.0
        self._lease.announce(stage, f"iteration {iteration}: {value:.10g}", progress=min(progress, 0.99), data=data)

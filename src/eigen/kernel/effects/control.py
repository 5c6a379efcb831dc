"""`RunControl`: what the interpreter asks before each evaluation, and whom it tells how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.spec import Budget
    from eigen.kernel.lease import Lease
    from eigen.kernel.preemption import Checkpoints
    from eigen.types import Json, Tariff


class Spending:
    """The circuits and shots that a budget was used for on each device, and what they cost where tariffs, all in one
    currency, say so."""

    def __init__(self, budget: Budget, tariffs: Mapping[str, Tariff | None]) -> None:
        self._budget = budget
        self._tariffs = dict(tariffs)
        self._used: dict[str, tuple[int, int]] = dict.fromkeys(tariffs, (0, 0))
        self._first = next(iter(tariffs))

    @property
    def tasks(self) -> int:
        """Circuits, on all devices."""
        return sum(tasks for tasks, _ in self._used.values())

    @property
    def shots(self) -> int:
        """Shots, on all devices."""
        return sum(shots for _, shots in self._used.values())

    def on(self, device_id: str) -> Account:
        """What is used on one device."""
        return Account(self, device_id)

    def add(self, tasks: int, shots: int, *, paid: bool = False, device: str = "") -> None:
        """Use so much on a device, or on the only one. Raises EIGEN_RUN_BUDGET, and uses nothing, when that would be
        too much; what was `paid` before counts in any case."""
        name = device or self._first
        before = self._used[name]
        self._used[name] = before[0] + tasks, before[1] + shots
        if paid:
            return
        try:
            self._check()
        except EigenError:
            self._used[name] = before
            raise

    def _check(self) -> None:
        most, dearest = self._budget.max_shots, self._budget.max_cost
        if most is not None and self.shots > most:
            message = f"the next evaluation brings the shots to {self.shots}, over `budget.max_shots` of `{most}`"
            raise EigenError("EIGEN_RUN_BUDGET", message)
        tariff = self._tariff
        if dearest is None or tariff is None:
            return
        cost = self._cost()
        if cost > dearest * (1.0 + 1e-12):
            message = f"the next evaluation brings the cost to {tariff.in_words(cost)}, over `budget.max_cost`"
            raise EigenError("EIGEN_RUN_BUDGET", f"{message} of `{dearest:g}`")

    @property
    def _tariff(self) -> Tariff | None:
        """One that says the currency: of a device that charges, where there is one."""
        known = [tariff for tariff in self._tariffs.values() if tariff is not None]
        return next((tariff for tariff in known if tariff.charges), known[0] if known else None)

    def _cost(self) -> float:
        return ordered_sum(self._cost_on(device) for device in self._used)

    def _cost_on(self, device: str) -> float:
        tariff, (tasks, shots) = self._tariffs[device], self._used[device]
        return 0.0 if tariff is None else tariff.cost(tasks=tasks, shots=shots)

    def to_json(self) -> dict[str, Json] | None:
        """What it came to, for the results; None without a tariff, or with one by the second, of which a run that goes
        on after a crash does not know them all. Of several devices each is told too."""
        tariff = self._tariff
        if tariff is None or any(each is not None and each.per_second for each in self._tariffs.values()):
            return None
        value: dict[str, Json] = {
            "amount": self._cost(),
            "currency": tariff.currency,
            "sheet": tariff.sheet,
            "tasks": self.tasks,
            "shots": self.shots,
        }
        if len(self._used) > 1:
            value["devices"] = {
                device: {"amount": self._cost_on(device), "tasks": used[0], "shots": used[1]}
                for device, used in self._used.items()
            }
        return value


@dataclass(frozen=True, slots=True)
class Account:
    """What is used of a budget on one device."""

    spending: Spending
    device: str

    def add(self, tasks: int, shots: int, *, paid: bool = False) -> None:
        """See `Spending.add`."""
        self.spending.add(tasks, shots, paid=paid, device=self.device)


class RunControl:
    """Stops a run that is cancelled, out of time, out of its budget, or no longer ours; or gives way, where it has
    `checkpoints`."""

    def __init__(self, lease: Lease, budget: Budget, tariffs: Mapping[str, Tariff | None]) -> None:
        self._lease = lease
        self.spending = Spending(budget, tariffs)
        self.checkpoints: Checkpoints | None = None

    def check(self, *, tasks: int, shots: int, replayed: bool, device: str = "") -> None:
        """Before an evaluation; replayed ones count as well, they were paid by this job."""
        self._lease.check(replayed=replayed)
        if self.checkpoints is not None and not replayed:
            self.checkpoints.reach()
        self.spending.add(tasks, shots, paid=replayed, device=device)

    def unused(self, *, tasks: int, shots: int, device: str) -> None:
        """A device failed before it did anything of this."""
        self.spending.add(-tasks, -shots, paid=True, device=device)

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

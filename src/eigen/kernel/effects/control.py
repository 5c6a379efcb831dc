"""`RunControl`: what the interpreter asks before each evaluation, and whom it tells how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.kernel.lease import Lease


class RunControl:
    """Stops a run that is cancelled, out of time, out of its budget of shots, or no longer ours."""

    def __init__(self, lease: Lease, *, max_shots: int | None) -> None:
        self._lease = lease
        self._max_shots = max_shots
        self._shots = 0

    def check(self, *, shots: int, replayed: bool) -> None:
        """Before an evaluation of `shots` shots; replayed ones count as well, they were paid by this job."""
        self._lease.check()
        self._shots += shots
        if self._max_shots is not None and self._shots > self._max_shots and not replayed:
            message = f"the next evaluation brings the shots to {self._shots}, over `budget.max_shots`"
            raise EigenError("EIGEN_RUN_BUDGET", f"{message} of `{self._max_shots}`")

    def say(self, text: str) -> None:
        """Write a line that the program prints into the job's log."""
        self._lease.say(text)

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        """Tell the watchers of an iteration of a minimisation."""
        data = {"iteration": iteration, "of": of, "value": value}
        progress = iteration / of if of else 0.0
        self._lease.announce(stage, f"iteration {iteration}: {value:.10g}", progress=min(progress, 0.99), data=data)

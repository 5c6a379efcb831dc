"""Work for devices that charge: kept before it is submitted, and what the job's policy does when its fate is unknown.

`at_most_once` lets a person decide, `at_least_once` submits again; both say so in the results.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec.spec import AT_LEAST_ONCE
from eigen.kernel.clock import rfc3339
from eigen.kernel.decisions import AGAIN, GIVE_UP, MADE, decisions
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError, UndecidedError
from eigen.kernel.running_time import all_events
from eigen.qfs.store import Intent, IntentState
from eigen.types import EvolutionWork, JobState, ModesWork, Tariff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.effects.control import Account
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import Device, Json, Work

TAKEN = frozenset({IntentState.ASKED, IntentState.ACCEPTED})
"""Work that a device which charges may have taken."""

REFUSALS = frozenset(
    {
        *("EIGEN_CIRCUIT_INVALID", "EIGEN_CIRCUIT_PARAMETERS", "EIGEN_DEVICE_OPTION", "EIGEN_DEVICE_UNKNOWN"),
        *("EIGEN_EVOLUTION_INVALID", "EIGEN_MODES_INVALID", "EIGEN_NOISE_INVALID", "EIGEN_OBSERVABLE_INVALID"),
        *("EIGEN_SIM_MEMORY", "EIGEN_SIM_UNSUPPORTED"),
    }
)
"""What a driver says of work that its device did not take. After any other failure nobody knows."""


class Delivery:
    """The submissions of one run to a device that charges. `spending` counts those that were made again. What was
    submitted elsewhere is looked at too, unless the run has several devices (`alone` is false)."""

    def __init__(
        self,
        ports: Ports,
        lease: Lease,
        device: Device,
        *,
        origin: str,
        policy: str,
        spending: Account,
        alone: bool = True,
    ) -> None:
        self._ports = ports
        self._lease = lease
        self._device = device
        self._origin = origin
        self._policy = policy
        self._spending = spending
        self._recognises = "deduplicates" in device.features
        self._intents = {
            intent.key: intent for intent in ports.jobs.intents(origin) if alone or intent.device_id == device.id
        }
        self._decided: dict[str, dict[str, Any]] | None = None
        for intent in self._repeated():
            spending.add(1, intent.shots, paid=True)

    def handle(self, key: str) -> str | None:
        """What this device answered to the work of this key, if that is kept."""
        intent = self._intents.get(key)
        if intent is None or intent.device_id != self._device.id or intent.state is not IntentState.ACCEPTED:
            return None
        return intent.handle

    def may_submit(self, key: str) -> bool:
        """Whether work of this key, which the device does not know, is to be submitted under it; under the next key
        when it was given up. Raises `UndecidedError`, EIGEN_RUN_UNDECIDED, and EIGEN_RUN_BUDGET."""
        intent = self._intents.get(key)
        if intent is None or intent.state is IntentState.REFUSED:
            return True
        if intent.state is IntentState.REPEATED:
            return False
        if self._recognises and intent.device_id == self._device.id:
            return True
        decided = self._decisions().get(key, {}).get("decision")
        if decided == GIVE_UP:
            raise _giving_up(intent)
        if decided != AGAIN and self._policy != AT_LEAST_ONCE:
            raise UndecidedError(unknown(intent))
        self._spending.add(1, intent.shots)
        return False

    def ask(self, key: str, work: Work, *, instead_of: str) -> None:
        """Keep that work is about to be submitted, instead of an earlier key whose work is given up; or
        `LeaseLostError`."""
        shots, tariff = getattr(work, "shots", None) or 0, Tariff.of(self._device)
        known = tariff is not None and not tariff.per_second
        intent = Intent(
            key=key,
            origin=self._origin,
            job_id=self._lease.job.job_id,
            device_id=self._device.id,
            digest=_digest(work),
            shots=shots,
            cost=tariff.cost(tasks=1, shots=shots) if tariff is not None and known else None,
            currency=tariff.currency if tariff is not None and known else "",
            asked_at=rfc3339(self._ports.clock.now()),
        )
        if not self._ports.jobs.intend(intent, self._lease.job.fence, instead_of=instead_of):
            raise LeaseLostError(self._lease.job.job_id)
        self._intents[key] = intent
        if instead_of:
            self._intents[instead_of] = replace(self._intents[instead_of], state=IntentState.REPEATED)
        hit("submission.kept")

    def accepted(self, key: str, handle: str) -> None:
        """Keep that the device took the work."""
        intent = self._intents.get(key)
        if intent is not None and intent.state is IntentState.ASKED:
            hit("submission.made")
            self._answered(intent, IntentState.ACCEPTED, handle)

    def failed(self, key: str, error: EigenError) -> None:
        """Keep that the device refused the work, where the error says so."""
        if error.code in REFUSALS:
            self._answered(self._intents[key], IntentState.REFUSED)

    def may_have(self, key: str) -> bool:
        """Whether the device may have taken work of an evaluation, under this key or a later one of it."""
        names = (name for name in self._intents if name == key or name.startswith(f"{key}:retry"))
        return any(self._intents[name].state in TAKEN for name in names)

    def to_json(self) -> dict[str, Json] | None:
        """For the results: the policy, what was submitted again and who decided what; None where nothing can have
        been done twice."""
        repeated = [unknown(intent) for intent in self._repeated()]
        if self._recognises and not repeated:
            return None
        decided = list(self._decisions().values()) if self._intents else []
        said: dict[str, Json] = {"policy": self._policy, "repeated": repeated}
        return said | ({"decisions": decided} if decided else {})

    def _answered(self, intent: Intent, state: IntentState, handle: str = "") -> None:
        self._ports.jobs.answered(intent.key, state, handle)
        self._intents[intent.key] = replace(intent, state=state, handle=handle)

    def _repeated(self) -> list[Intent]:
        return [intent for intent in self._intents.values() if intent.state is IntentState.REPEATED]

    def _decisions(self) -> dict[str, dict[str, Any]]:
        if self._decided is None:
            self._decided = decisions(all_events(self._ports.jobs, self._lease.job.job_id))
        return self._decided


def given_up(ports: Ports, row: JobRow) -> EigenError | None:
    """EIGEN_RUN_UNDECIDED for a job whose work somebody gave up, and which has not run since; None for any other."""
    decided: Mapping[str, Json] = {}
    for event in all_events(ports.jobs, row.job_id):
        if event.stage == MADE:
            decided = event.data
        elif event.state is JobState.RUNNING:
            decided = {}
    if decided.get("decision") != GIVE_UP:
        return None
    intents = ports.jobs.intents(origin_of(ports, row))
    return next((_giving_up(intent) for intent in intents if intent.key == decided["key"]), None)


def origin_of(ports: Ports, row: JobRow) -> str:
    """The first of the jobs that this one goes on for; itself when it is the first."""
    while row.resumed_from:
        earlier = ports.jobs.get(row.resumed_from)
        if earlier is None:
            return row.resumed_from
        row = earlier
    return row.job_id


def _digest(work: Work) -> str:
    """The digest of what the work runs."""
    if isinstance(work, EvolutionWork):
        return work.evolution.digest
    return work.modes.digest if isinstance(work, ModesWork) else work.circuit.digest


def _giving_up(intent: Intent) -> EigenError:
    message = f"what became of `{intent.shots}` shots on `{intent.device_id}` is unknown, and was given up"
    return EigenError("EIGEN_RUN_UNDECIDED", message, details=unknown(intent))


def unknown(intent: Intent) -> Mapping[str, Json]:
    """What is known of work of which nobody knows what became."""
    return {
        "key": intent.key,
        "device_id": intent.device_id,
        "circuit": intent.digest,
        "shots": intent.shots,
        "cost": intent.cost,
        "currency": intent.currency,
        "submitted_at": intent.asked_at,
        "accepted": bool(intent.handle),
    }

"""Run a job's program on its device, answered first from the journal, and keep what came of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.values import to_plain
from eigen.jobspec import JobSpec
from eigen.kernel.agreement import OPEN, agreement
from eigen.kernel.effects.compile import load_program
from eigen.kernel.effects.control import RunControl
from eigen.kernel.effects.failover import failed_attempts
from eigen.kernel.effects.region import give_back
from eigen.kernel.effects.shared_engine import SharedEngine, delivered
from eigen.kernel.effects.snapshots import snapshots_of
from eigen.kernel.effects.station import Station
from eigen.kernel.effects.verdict import error_of, event_of
from eigen.kernel.events import Executed, Failed
from eigen.kernel.execution import begin
from eigen.kernel.failpoints import hit
from eigen.kernel.journal import Journal
from eigen.kernel.lease import LeaseLostError, RunInterruptedError
from eigen.kernel.lookahead import Lookahead
from eigen.kernel.preemption import Checkpoints
from eigen.kernel.receipt import REPORT
from eigen.kernel.resolved import seed_of, shots_of
from eigen.kernel.results import compose
from eigen.kernel.running_time import all_events, running_seconds
from eigen.kernel.sealing import results_of
from eigen.kernel.split import Split
from eigen.types import DeviceStatus, JobState, Tariff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.program import Program
    from eigen.kernel.events import Event
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JournalEntry
    from eigen.types import Device, Json

BIT_ORDER = "c[n-1] … c[0]"
"""Which classical bit each character of a key of counts is, as it stands in the results."""


def execute(ports: Ports, lease: Lease) -> Event:
    """Run the program to its verdict; partial results of an interrupted run are kept with it."""
    program, spec = load_program(ports, lease), JobSpec.from_json(lease.job.spec)
    device = lease.workspace.device
    if device is None:
        raise RuntimeError("`Execute` follows `Place` within one lease")
    lease.limit(spec.timeout.execution_seconds, "timeout")
    if spec.budget.max_seconds is not None:
        ran = running_seconds(all_events(ports.jobs, lease.job.job_id))
        lease.limit(max(spec.budget.max_seconds - ran, 0.0), "budget", spec.budget.max_seconds)
    try:
        return _Run(ports, lease, program, spec, device).to_the_end()
    finally:
        lease.no_limit()
        give_back(ports, lease, device)


_END: dict[type, JobState] = {Executed: JobState.DONE, Failed: JobState.ERROR}
"""The ends that say something of the program; one that was cancelled or ran out of time does not."""


def _goes_on(error: Exception) -> bool:
    """Whether an attempt that ended so is followed by another one, which takes up what is under way."""
    if isinstance(error, RunInterruptedError):
        return error.reason in {"stopped", "preempted"}
    return isinstance(error, EigenError) and error.code in {"EIGEN_SERVER_UNREACHABLE", "EIGEN_STORE_UNAVAILABLE"}


class _Run:
    """One attempt at running a program."""

    def __init__(self, ports: Ports, lease: Lease, program: Program, spec: JobSpec, device: Device) -> None:
        self._ports = ports
        self._lease = lease
        self._program = program
        self._device = device
        self._ending = False
        self._seed, self._seed_source = seed_of(spec, program, entropy=lease.job.entropy)
        places = lease.workspace.shared or ((device, lease.workspace.lowered),)
        self._split = Split.of(lease.job.placement, program, spec)
        self._control = RunControl(lease, spec.budget, {each.id: Tariff.of(each) for each, _ in places})
        self._snapshots = snapshots_of(ports, lease)
        self._stations = [
            Station(
                ports,
                lease,
                program,
                spec,
                each,
                lowered,
                spending=self._control.spending.on(each.id),
                snapshots=self._snapshots,
                position=lambda: self._journal.position,
                drawn=self._seed_source == "entropy",
                alone=self._split is None,
            )
            for each, lowered in places
            if self._split is None or each.status is DeviceStatus.ONLINE
        ]
        self._first = self._stations[0]
        self._shared = None
        if self._split is not None:
            self._split.devices = self._shared = SharedEngine(self._stations, lease.job.placement or {})
        self._engine: Any = self._shared or self._first.engine
        repeatable = all(station.repeatable for station in self._stations)
        known = ports.jobs.journal(lease.job.job_id) if lease.job.evaluations else ()
        self._journal = Journal(
            known,
            self._record,
            clock=ports.clock.monotonic,
            immediate=not repeatable,
        )
        if lease.preempting is not None and repeatable:
            self._control.checkpoints = Checkpoints(lease.preempting, lease, lambda: self._journal.position)
        spread = self._first.spread is not None and self._split is None
        self._begun = begin(
            program,
            spec,
            self._engine,
            report=self._report,
            seed=self._seed,
            journal=self._journal,
            control=self._control,
            shots=shots_of(spec, program, default=ports.default_shots),
            fuel=ports.fuel,
            ahead=Lookahead(self._first.foresee) if spread else None,
            split=self._split,
        )
        self._interpreter = self._begun.run

    def to_the_end(self) -> Event:
        """Execute; every ending but a lost lease or an unusable disk is an event with what was reached."""
        try:
            output = self._begun.to_the_end()
            self._end_journal()
        except LeaseLostError:
            self._end_stations(for_good=False)
            raise
        except Exception as error:
            if error_of(error).code == "EIGEN_STORE_UNAVAILABLE":
                raise  # what was to be recorded may be there, though nobody said so: the next attempt looks
            self._end_journal()
            self._end_stations(for_good=not _goes_on(error))
            outcome = self._outcome(self._begun.reached())
            event = event_of(error, self._ports, self._lease, outcome=outcome, evaluations=self._journal.position)
            self._compare(outcome, event)
            return event
        hit("execute.finished")
        self._end_stations(for_good=True)
        outcome = self._outcome(output)
        event = Executed(self._ports.clock.now(), outcome)
        self._compare(outcome, event)
        return event

    def _compare(self, outcome: dict[str, Any], event: Event) -> None:
        """Of a replay that ends with this event: whether it agrees with the job it repeats, in the metadata."""
        first = JobSpec.from_json(self._lease.job.spec).replay_of
        end = _END.get(type(event))
        if first is None or end is None:
            return
        row = self._ports.jobs.get(first)
        if row is None:
            return
        try:
            original = results_of(self._ports, row)
        except EigenError as error:
            said: dict[str, Json] = {"replay_of": first, "verdict": OPEN, "test": "none", "detail": error.message}
        else:
            failure = getattr(event, "error", None)
            again = compose(replace(self._lease.job, state=end, error=failure), json.loads(json.dumps(outcome)))
            said = agreement(original, again)
        outcome["metadata"]["replay"] = said

    def _end_journal(self) -> None:
        """Record what is left; the verdict that follows is flushed, and these with it. What must not be lost even in
        between, because it was paid for, was recorded at once."""
        self._ending = True
        self._lease.storing.settle()
        self._journal.flush()
        for station in self._stations:
            station.flush()

    def _report(self) -> dict[str, Any]:
        self._lease.storing.settle()
        return json.loads(self._ports.artifacts.get(self._lease.job.job_id, REPORT))

    def _end_stations(self, *, for_good: bool) -> None:
        for station in self._stations:
            station.end(for_good=for_good)

    def _record(self, entries: Sequence[JournalEntry]) -> None:
        hit("execute.recording")
        self._lease.journal(entries, flush=not self._ending)
        hit("execute.journaled")

    def _outcome(self, outputs: Json) -> dict[str, Json]:
        circuits = [run.to_json() for run in self._interpreter.circuits]
        minimizations = [{"label": label, **to_plain(record)} for label, record in self._interpreter.minimizations]
        metadata: dict[str, Any] = {
            **self._engine.metadata(),
            "seed": self._seed,
            "seed_source": self._seed_source,
            "evaluations": self._interpreter.evaluator.evaluations,
            "shots_used": self._interpreter.evaluator.shots_used,
            "attempts": self._lease.job.attempt,
            **self._begun.metadata(),
        }
        if (region := (self._lease.job.placement or {}).get("region")) is not None:
            metadata["region"] = region
        if failed := failed_attempts(self._ports, self._lease.job):
            metadata["failed_attempts"] = failed
        if self._split is None or self._shared is None:
            metadata |= self._first.metadata()
        else:
            metadata["split"] = {**self._split.to_json(), "devices": self._shared.devices()}
            if (delivery := delivered([station.metadata() for station in self._stations])) is not None:
                metadata["delivery"] = delivery
        if self._snapshots is not None and (kept := self._snapshots.to_json()) is not None:
            metadata["snapshots"] = kept
        if (cost := self._control.spending.to_json()) is not None:
            metadata["cost"] = cost
        if self._begun.has_counts:
            metadata["bit_order"] = BIT_ORDER
        if self._interpreter.circuits:
            sampled = self._program.circuits[self._interpreter.circuits[-1].circuit]
            metadata |= {"bit_order": BIT_ORDER, "registers": [list(row) for row in sampled.clbit_registers]}
        if minimizations:
            metadata["minimizations"] = minimizations
        if self._interpreter.printed:
            metadata["printed"] = list(self._interpreter.printed)
        if self._interpreter.warnings:
            metadata["warnings"] = list(self._interpreter.warnings)
        return {
            "outputs": outputs,
            "counts": circuits[-1]["counts"] if circuits else None,
            "circuits": circuits,
            "metadata": metadata,
            "provenance": {
                **self._where(),
                "shots": self._interpreter.evaluator.shots,
                "seed": self._seed,
                "seed_source": self._seed_source,
                "versions": dict(self._ports.versions),
            },
        }

    def _where(self) -> dict[str, Json]:
        """The device, for the receipt, or what stands for several."""
        kinds = {station.device.backend_type for station in self._stations}
        told = self._engine.metadata()
        kind = " and ".join(sorted(kinds))
        return {"device_id": told["device_id"], "device_digest": told["device_digest"], "backend_type": kind}

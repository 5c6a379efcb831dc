"""Run a job's program on its device, answered first from the journal, and keep what came of it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from eigen.drivers.driver import BatchDriver
from eigen.errors import EigenError
from eigen.ir.values import to_plain
from eigen.jobspec import JobSpec
from eigen.jobspec.spec import OFF
from eigen.kernel.agreement import OPEN, agreement
from eigen.kernel.effects.batching import Batching
from eigen.kernel.effects.compile import load_program
from eigen.kernel.effects.control import RunControl
from eigen.kernel.effects.delivery import Delivery, origin_of
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.effects.failover import failed_attempts
from eigen.kernel.effects.recall import Recall
from eigen.kernel.effects.region import give_back, lowering
from eigen.kernel.effects.snapshots import snapshots_of
from eigen.kernel.effects.submission import Submission
from eigen.kernel.effects.verdict import error_of, event_of
from eigen.kernel.events import Executed, Failed
from eigen.kernel.execution import begin
from eigen.kernel.failpoints import hit
from eigen.kernel.journal import Journal
from eigen.kernel.lease import LeaseLostError, RunInterruptedError
from eigen.kernel.lookahead import Lookahead
from eigen.kernel.preemption import Checkpoints
from eigen.kernel.receipt import REPORT
from eigen.kernel.resolved import level_of, seed_of, shots_of, work_options
from eigen.kernel.results import compose
from eigen.kernel.running_time import all_events, running_seconds
from eigen.kernel.sealing import results_of
from eigen.types import JobState, Tariff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.ir.program import Program
    from eigen.kernel.events import Event
    from eigen.kernel.lease import Lease
    from eigen.kernel.lookahead import Coming
    from eigen.kernel.ports import Elsewhere, Ports
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


def _elsewhere(ports: Ports, device: Device) -> Elsewhere | None:
    """Who does work of the device in other processes; not where it is shared by regions or has processes of its own."""
    here = "regions" in device.features or device.properties.get("hosted") is True
    return None if here else ports.elsewhere


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
        self._control = RunControl(lease, spec.budget, Tariff.of(device))
        origin = origin_of(ports, lease.job)
        self._delivery = None
        if "metered" in device.features:
            policy = spec.delivery or ports.default_delivery
            spending = self._control.spending
            self._delivery = Delivery(ports, lease, device, origin=origin, policy=policy, spending=spending)
        driver = ports.devices.driver_for(device.id)
        self._batching = None
        if device.properties.get("hosted") is True and isinstance(driver, BatchDriver):
            self._batching = Batching(driver, driver, device, ports.clock.monotonic)
        self._recall = self._recalled(spec)
        self._snapshots = snapshots_of(ports, lease)
        submission = Submission(
            driver,
            device,
            lease,
            name=origin,
            delivery=self._delivery,
            elsewhere=_elsewhere(ports, device) or self._batching,
            recall=self._recall,
            snapshots=self._snapshots,
        )
        self._spread = submission.spread
        self._engine = DeviceEngine(
            program,
            device,
            lease.workspace.lowered,
            submission,
            lower=partial(lowering(ports.lower, lease.workspace.region), options=spec.compiler),
            level=level_of(spec, program),
            options=work_options(spec, program),
        )
        known = ports.jobs.journal(lease.job.job_id) if lease.job.evaluations else ()
        self._journal = Journal(
            known,
            self._record,
            clock=ports.clock.monotonic,
            immediate=not submission.repeatable,
        )
        if lease.preempting is not None and submission.repeatable:
            self._control.checkpoints = Checkpoints(lease.preempting, lease, lambda: self._journal.position)
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
            ahead=None if self._spread is None else Lookahead(self._foresee),
        )
        self._interpreter = self._begun.run

    def _recalled(self, spec: JobSpec) -> Recall | None:
        """The cache as this run sees it. A run whose seed was drawn asks for chance; a replay does all again."""
        ports = self._ports
        drawn = self._seed_source == "entropy"
        if ports.cache is None or drawn or spec.replay_of is not None or spec.cache == OFF:
            return None
        parts = 0  # what comes of parts of one run is what comes of the run
        elsewhere = _elsewhere(ports, self._device)
        if elsewhere is not None and "parts" not in self._device.features:
            parts = elsewhere.batch_shots
        return Recall(
            ports, ports.cache, self._lease, self._device, position=lambda: self._journal.position, parts=parts
        )

    def _foresee(self, coming: Iterator[Coming]) -> Callable[[], int]:
        """Have the work of evaluations that are to come begun early."""
        assert self._spread is not None
        works = (work for each in coming for work in self._engine.works(each.node, *each.question()))
        if self._recall is None:
            return self._spread.foresee(works)
        known = [0]
        begun = self._spread.foresee(self._recall.unknown(works, known))
        return lambda: begun() + known[0]

    def to_the_end(self) -> Event:
        """Execute; every ending but a lost lease or an unusable disk is an event with what was reached."""
        try:
            output = self._begun.to_the_end()
            self._end_journal()
        except LeaseLostError:
            self._end_spread(for_good=False)
            raise
        except Exception as error:
            if error_of(error).code == "EIGEN_STORE_UNAVAILABLE":
                raise  # what was to be recorded may be there, though nobody said so: the next attempt looks
            self._end_journal()
            self._end_spread(for_good=not _goes_on(error))
            outcome = self._outcome(self._begun.reached())
            event = event_of(error, self._ports, self._lease, outcome=outcome, evaluations=self._journal.position)
            self._compare(outcome, event)
            return event
        hit("execute.finished")
        self._end_spread(for_good=True)
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
        if self._recall is not None:
            self._recall.flush()

    def _report(self) -> dict[str, Any]:
        self._lease.storing.settle()
        return json.loads(self._ports.artifacts.get(self._lease.job.job_id, REPORT))

    def _end_spread(self, *, for_good: bool) -> None:
        if self._spread is not None:
            self._spread.end(for_good=for_good)
        if self._batching is not None:
            self._batching.close()

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
        if self._delivery is not None and (delivery := self._delivery.to_json()) is not None:
            metadata["delivery"] = delivery
        if self._recall is not None and (recalled := self._recall.to_json()) is not None:
            metadata["cache"] = recalled
        if self._snapshots is not None and (kept := self._snapshots.to_json()) is not None:
            metadata["snapshots"] = kept
        if (cost := self._control.spending.to_json()) is not None:
            metadata["cost"] = cost
        if self._begun.has_counts:
            metadata["bit_order"] = BIT_ORDER
        if self._interpreter.circuits:
            sampled = self._program.circuits[self._interpreter.circuits[-1].circuit]
            metadata |= {"bit_order": BIT_ORDER, "registers": [list(row) for row in sampled.clbit_registers]}
        if self._batching is not None and self._batching.requests and self._spread is not None:
            metadata["batches"] = {"requests": self._batching.requests, "evaluations": self._spread.tasks}
        elif self._spread is not None and self._spread.tasks:
            metadata["executor"] = {"name": self._spread.executor, "tasks": self._spread.tasks}
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
                "device_id": self._device.id,
                "device_digest": self._device.digest,
                "backend_type": self._device.backend_type,
                "shots": self._interpreter.evaluator.shots,
                "seed": self._seed,
                "seed_source": self._seed_source,
                "versions": dict(self._ports.versions),
            },
        }

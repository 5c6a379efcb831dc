"""Run a job's program on its device, answered first from the journal, and keep what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from eigen.ir.values import to_plain
from eigen.jobspec import JobSpec
from eigen.kernel.effects.compile import load_program
from eigen.kernel.effects.control import RunControl
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.effects.submission import Submission
from eigen.kernel.effects.verdict import event_of
from eigen.kernel.events import Executed
from eigen.kernel.failpoints import hit
from eigen.kernel.interpreter import Interpreter
from eigen.kernel.journal import Journal
from eigen.kernel.lease import LeaseLostError
from eigen.kernel.resolved import level_of, seed_of, shots_of, work_options

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
    lease.limit(spec.budget.max_seconds, "budget")
    try:
        return _Run(ports, lease, program, spec, device).to_the_end()
    finally:
        lease.no_limit()


class _Run:
    """One attempt at running a program."""

    def __init__(self, ports: Ports, lease: Lease, program: Program, spec: JobSpec, device: Device) -> None:
        self._ports = ports
        self._lease = lease
        self._program = program
        self._device = device
        self._ending = False
        self._seed, self._seed_source = seed_of(spec, program, entropy=lease.job.entropy)
        submission = Submission(ports.devices.driver_for(device.id), device, lease)
        self._engine = DeviceEngine(
            program,
            device,
            lease.workspace.lowered,
            submission,
            lower=partial(ports.lower, options=spec.compiler),
            level=level_of(spec, program),
            options=work_options(spec, program),
        )
        self._journal = Journal(
            ports.jobs.journal(lease.job.job_id),
            self._record,
            clock=ports.clock.monotonic,
            immediate=not submission.repeatable,
        )
        self._interpreter = Interpreter(
            program,
            self._engine,
            seed=self._seed,
            journal=self._journal,
            control=RunControl(lease, max_shots=spec.budget.max_shots),
            shots=shots_of(spec, program, default=ports.default_shots),
            max_iters=spec.max_iters,
            fuel=ports.fuel,
        )

    def to_the_end(self) -> Event:
        """Execute; every ending but a lost lease or an unusable disk is an event with what was reached."""
        try:
            (output,) = self._interpreter.region(self._program.body, (), ())
            self._end_journal()
        except LeaseLostError:
            raise
        except Exception as error:
            self._end_journal()
            return event_of(error, self._ports, self._lease, outcome=self._outcome(None))
        hit("execute.finished")
        return Executed(self._ports.clock.now(), self._outcome(to_plain(output)))

    def _end_journal(self) -> None:
        """Record what is left; the verdict that follows is flushed, and these with it. What must not be lost even in
        between, because it was paid for, was recorded at once."""
        self._ending = True
        self._journal.flush()

    def _record(self, entries: Sequence[JournalEntry]) -> None:
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
        }
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
                "device_id": self._device.id,
                "device_digest": self._device.digest,
                "backend_type": self._device.backend_type,
                "shots": self._interpreter.evaluator.shots,
                "seed": self._seed,
                "seed_source": self._seed_source,
                "versions": dict(self._ports.versions),
            },
        }

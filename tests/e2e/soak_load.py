"""The load of a soak, and the books that are kept of it: who was promised what, and what came of it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import eigen
from doubles.provider_process import PROBE
from eigen.errors import EigenError
from eigen.kernel.jobs import MOVES
from eigen.types import JobState, JobView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from eigen.client.client import Client
    from eigen.types import JobEvent, JobResults

PROGRAM = """from eigen_lang import (
    ExpectationValue, QubitRegister, cost_function, create_hea_ansatz, create_ising_model_hamiltonian, cx, h,
    hybrid_program, measure_all, minimize, ry,
)


@hybrid_program
def bell():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)


@hybrid_program
def turned(angle=0.1):
    q = QubitRegister(1)
    ry(angle, q[0])
    return measure_all(q)


@hybrid_program
def vqe(n=2, shots=20, rounds=3):
    hamiltonian = create_ising_model_hamiltonian(n_spins=n, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=n, depth=1, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=shots)

    best = minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=rounds)
    return {"value": best.optimal_value, "angles": best.optimal_parameters}
"""
JOB = """apiVersion: eigen.os/v1
kind: QuantumJob
metadata:
  name: {name}
spec:
  program: {{path: soak.eigen.py}}
  entrypoint: {entrypoint}
  target: {target}
  shots: 50
  seed: 7
  inputs: {inputs}
  sweep: {sweep}
runtime:
  retry: {{max_attempts: 100, backoff: 0}}
"""
WORKFLOW = """apiVersion: eigen.os/v1
kind: HybridWorkflow
metadata:
  name: {name}
spec:
  target: {target}
  shots: 50
  seed: 7
  workload:
    parallel: 2
    steps:
      - name: first
        program: {{path: soak.eigen.py}}
        entrypoint: bell
        retry: {{max_attempts: 100, backoff: 0}}
      - name: each
        needs: [first]
        foreach: [0.1, 0.2, 0.3]
        program: {{path: soak.eigen.py}}
        entrypoint: turned
        inputs: {{angle: "${{item}}"}}
        retry: {{max_attempts: 100, backoff: 0}}
      - name: last
        needs: [each]
        when: len(steps.each.outputs) == 3
        program: {{path: soak.eigen.py}}
        entrypoint: bell
        retry: {{max_attempts: 100, backoff: 0}}
"""
SWEEP = "{angle: {start: 0.0, stop: 2.0, num: 5}}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job. Whatever happens to the processes, it ends as it does when nothing happens."""

    name: str
    entrypoint: str
    target: str
    inputs: str = "{}"
    weight: int = 1
    is_cancelled: bool = False
    is_metered: bool = False
    sweep: str = "{}"
    is_workflow: bool = False


ONE_EVALUATION = 20
"""Shots of one evaluation of a loop that pays for them: what a cancelled one may have under way."""

SIMULATED, PAID = "sim:statevector", "paid:qpu"
KINDS = (
    Kind("bell", "bell", SIMULATED, weight=4),
    Kind("loop", "vqe", SIMULATED, "{n: 3, shots: 100, rounds: 60}", weight=2),
    Kind("piece", "vqe", SIMULATED, "{n: 8, shots: null, rounds: 1500}"),
    Kind("paid", "bell", PAID, weight=3, is_metered=True),
    Kind("paid-loop", "vqe", PAID, weight=2, is_metered=True),
    Kind("swept", "turned", SIMULATED, sweep=SWEEP),
    Kind("paid-swept", "turned", PAID, is_metered=True, sweep=SWEEP),
    Kind("steps", "", SIMULATED, is_workflow=True),
    Kind("paid-steps", "", PAID, is_metered=True, is_workflow=True),
    Kind("endless", "vqe", SIMULATED, "{n: 6, shots: 100, rounds: 100000}", is_cancelled=True),
    Kind("paid-endless", "vqe", PAID, "{rounds: 1000}", is_cancelled=True, is_metered=True),
)


def write_jobs(folder: Path) -> dict[str, str]:
    """The job files by kind."""
    (folder / "soak.eigen.py").write_text(PROGRAM)
    paths: dict[str, str] = {}
    for kind in KINDS:
        path = folder / f"{kind.name}.yaml"
        text = WORKFLOW if kind.is_workflow else JOB if kind.sweep != "{}" else JOB.replace("  sweep: {sweep}\n", "")
        said = {"name": kind.name, "target": kind.target, "inputs": kind.inputs, "sweep": kind.sweep}
        path.write_text(text.format(entrypoint=kind.entrypoint, **said))
        paths[kind.name] = str(path)
    return paths


def ending(results: JobResults) -> Any:
    """What a run must repeat, whatever happened to the processes that worked on it."""
    told = ("evaluations", "seed", "shots_used")
    return results.outputs, results.counts, tuple(results.metadata.get(name) for name in told)


@dataclass
class Books:
    """What the clients were told. `accepted` holds the kind of each job by its id, `keys` its id by idempotency key."""

    accepted: dict[str, Kind] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    repeated: int = 0

    def is_workflow(self, job_id: str) -> bool:
        """Whether it is a job of jobs."""
        return job_id in self.accepted and self.accepted[job_id].is_workflow


class Customer(threading.Thread):
    """A client that keeps a few jobs under way until it is told to stop, and then waits for their ends."""

    def __init__(self, number: int, address: Callable[[], str], jobs: Mapping[str, str], books: Books) -> None:
        super().__init__(name=f"customer-{number}", daemon=True)
        self._number = number
        self._address = address
        self._jobs = jobs
        self._books = books
        self._draw = random.Random(number)
        self._ended = threading.Event()
        self.failure: BaseException | None = None

    def stop(self) -> None:
        """Submit no more."""
        self._ended.set()

    def run(self) -> None:
        """The whole life of the client."""
        try:
            with eigen.connect(f"grpc://{self._address()}", timeout=60) as client:
                self._live(client)
        except BaseException as error:
            self.failure = error

    def _live(self, client: Client) -> None:
        under_way: list[str] = []
        for number in range(10**6):
            if self._ended.is_set():
                break
            under_way.append(self._submit(client, f"job-{self._number}-{number}", under_way))
            if len(under_way) >= 4:
                self._wait(client, under_way.pop(0))
        for job_id in under_way:
            self._wait(client, job_id)

    def _submit(self, client: Client, key: str, before: list[str]) -> str:
        kind = self._draw.choices(KINDS, [kind.weight for kind in KINDS])[0]
        needs = [name for name in before if not self._books.accepted[name].is_cancelled]
        after = {"dependencies": needs[-1:]} if self._draw.random() < 0.3 and not kind.is_workflow else {}
        job_id = self._insist(lambda: client.submit(self._jobs[kind.name], idempotency_key=key, **after))
        books = self._books
        books.accepted[job_id], books.keys[key] = kind, job_id
        if self._draw.random() < 0.2:
            books.repeated += 1
            again = self._insist(lambda: client.submit(self._jobs[kind.name], idempotency_key=key, **after))
            if again != job_id:
                books.complaints.append(f"`{key}` gave {job_id} and then {again}")
        if kind.is_cancelled:
            self._ended.wait(self._draw.uniform(0.0, 1.0))
            books.cancelled.add(job_id)
            with suppress(EigenError):  # the answer of the first try was lost: it has ended
                self._insist(lambda: client.cancel(job_id), final=("EIGEN_JOB_FINISHED",))
        return job_id

    def _wait(self, client: Client, job_id: str) -> None:
        self._insist(lambda: client.wait(job_id))

    def _insist(self, call: Callable[[], Any], *, final: tuple[str, ...] = ()) -> Any:
        """The library tries for a minute; so does whoever waits for a machine that others use."""
        while True:
            try:
                return call()
            except EigenError as error:
                if error.code in final or error.code != "EIGEN_SERVER_UNREACHABLE":
                    raise


def audit(client: Client, books: Books, expected: Mapping[str, Any], ledger: list[Any]) -> dict[str, Any]:
    """Everything that the soak promises, looked at once it is over; returns the figures to be told."""
    wrong = list(books.complaints)
    views = {view.job_id: view for view in _all(client)}
    wrong += [f"{job_id} was accepted and is lost" for job_id in books.accepted.keys() - views.keys()]
    wrong += [f"{job_id} is a job that nobody was told of" for job_id in views.keys() - books.accepted.keys()]
    paid, keys = _paid(ledger)
    parts = {part.job_id: job_id for job_id in views if books.is_workflow(job_id) for part in _parts(client, job_id)}
    for part, job_id in parts.items():
        paid[job_id] += paid.pop(part, 0)
    wrong += [f"`{key}` was paid {count} times" for key, count in keys.items() if count > 1]
    wrong += [f"shots were paid for {job_id}, which is no job" for job_id in paid.keys() - views.keys()]
    states: Counter[str] = Counter()
    for job_id, kind in books.accepted.items():
        view = views.get(job_id)
        if view is None:
            continue
        states[view.state.value] += 1
        wrong += [f"{job_id} ({kind.name}): {text}" for text in _explain(view, client.watch(job_id))]
        results = client.results(job_id)
        if job_id in books.cancelled:
            if view.state is not JobState.CANCELLED:
                wrong.append(f"{job_id} was to be cancelled and is {view.state}")
            used = results.metadata.get("shots_used")
            if kind.is_metered and used is not None and not 0 <= paid[job_id] - used <= ONE_EVALUATION:
                wrong.append(f"{job_id}: {paid[job_id]} shots were paid, {used} used when it was cancelled")
        elif view.state is not JobState.DONE or ending(results) != expected[kind.name]:
            wrong.append(f"{job_id} ({kind.name}) ended {view.state} with {ending(results)} {results.error}")
        elif kind.is_metered and paid[job_id] != results.metadata["shots_used"]:
            wrong.append(f"{job_id}: {paid[job_id]} shots were paid, {results.metadata['shots_used']} used")
    for job_id in [*books.accepted][:: max(1, len(books.accepted) // 50)]:
        if not client.verify(job_id).holds:
            wrong.append(f"{job_id} does not verify")
    assert not wrong, f"{len(wrong)} complaints:\n" + "\n".join(wrong[:40])
    return {
        "jobs": len(views),
        "states": dict(states),
        "submissions repeated": books.repeated,
        "paid pieces of work": len(keys),
        "paid shots": sum(paid.values()),
        "attempts": sum(view.attempts for view in views.values()),
    }


def _all(client: Client) -> list[JobView]:
    found: list[JobView] = []
    while page := client.list(limit=500, before=found[-1].job_id if found else None):
        found += page
    return found


def _parts(client: Client, job_id: str) -> list[JobView]:
    """The jobs of a workflow: each place once, and ended."""
    found = [*client.list(workflow=job_id, limit=500)]
    places = sorted((part.step, part.item, part.state.value) for part in found)
    expected = [("each", 0), ("each", 1), ("each", 2), ("first", -1), ("last", -1)]
    assert places == [(*place, "DONE") for place in expected], f"the jobs of {job_id} are {places}"
    return found


def _paid(ledger: list[Any]) -> tuple[Counter[str], Counter[str]]:
    """Shots by job and payments by key, without the probes of the registry."""
    rows = [row for row in ledger if not row["key"].startswith(PROBE)]
    shots: Counter[str] = Counter()
    for row in rows:
        shots[row["key"].partition(":")[0]] += row["shots"]
    return shots, Counter(row["key"] for row in rows)


def _explain(view: JobView, log: Iterable[JobEvent]) -> list[str]:
    """What the event log leaves unexplained: replayed through the table of moves, it leads to the row."""
    wrong: list[str] = []
    state, last = None, None
    for number, event in enumerate(log, start=1):
        if event.seq != number:
            wrong.append(f"event {number} carries the number {event.seq}")
        if state is None:
            legal = event.state is JobState.PENDING
        else:
            legal = not state.is_terminal and (event.state is state or event.state in MOVES[state])
        if not legal:
            wrong.append(f"event {number} moves from {state} to {event.state}")
        state, last = event.state, event
    if last is None or not last.state.is_terminal:
        wrong.append("the log has no end")
    elif (last.state, last.seq, last.stage, last.message) != (view.state, view.event_seq, view.stage, view.message):
        wrong.append(f"the log ends with {last}, the row says {view}")
    return wrong

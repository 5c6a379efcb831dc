"""Sessions: what an evaluation answers, when it repeats itself, what is refused, and when a session is over."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from session_programs import DIVISION, ENERGY, SAMPLED, SEARCH

from doubles import house
from doubles.hosts import shipped
from doubles.packages import needed
from eigen.app import make_compile
from eigen.config import Settings
from eigen.drivers.in_process import InProcessDriver
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.ir import Affine, CircuitBuilder
from eigen.jobspec import Budget, JobSpec, ProgramRef, Retry, Submission, Timeout
from eigen.kernel import reservations
from eigen.kernel.kernel import Kernel
from eigen.kernel.sessions import Sessions
from eigen.kernel.worker import Worker
from eigen.types import OPERATOR, Caller

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from eigen.kernel.ports import Ports
    from eigen.types import Session, Work, WorkResult

THETA = [0.3, -0.7, 1.1, 0.4, 0.2, -1.3, 0.9, 0.05]
ANNA = Caller("anna", ("user",), "acme", "chem")
BERT = Caller("bert", ("user",), "other", "chem")


@dataclass
class Hands:
    """A clock that moves when it is told to."""

    at: float = 1_700_000_000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Room:
    """Sessions over one directory, with the compiler."""

    ports: Ports
    clock: Hands
    sessions: Sessions

    def open(
        self, source: str | bytes, caller: Caller = OPERATOR, *, job: Mapping[str, Any] | None = None, **parameters: int
    ) -> Session:
        return self.sessions.open(caller, submission(source, **(job or {})), parameters)

    def evaluate(self, session: Session, caller: Caller = OPERATOR, /, **values: Any) -> Any:
        return self.sessions.evaluate(caller, session.session_id, values)

    def having(self, **changes: Any) -> Room:
        """The same with other ports."""
        ports = replace(self.ports, **changes)
        return Room(ports, self.clock, Sessions(ports, idle_seconds=60, per_tenant=3))


@pytest.fixture
def room(tmp_path: Path) -> Generator[Room]:
    clock = Hands()
    ports = house.ports(tmp_path, compile=make_compile(Settings()), clock=clock)
    yield Room(ports, clock, Sessions(ports, idle_seconds=60, per_tenant=3))
    ports.jobs.close()


def submission(source: str | bytes, *, program: str = "eigen-lang", **asked: Any) -> Submission:
    data = source if isinstance(source, bytes) else source.encode()
    asked = {"target": "sim:statevector", "seed": 7, **asked}
    spec = JobSpec(name="session", program=ProgramRef(sha256=sha256(data).hexdigest(), format=program), **asked)
    return Submission(spec, {spec.program.artifact: data})


def ready(driver: InProcessDriver) -> InProcessDriver:
    driver.initialize({})
    return driver


def refused(code: str, call: Any, *args: Any, **kwargs: Any) -> EigenError:
    with pytest.raises(EigenError) as error:
        call(*args, **kwargs)
    assert error.value.code == code
    return error.value


# ---- what an evaluation answers ----------------------------------------------------------------------------


def test_an_evaluation_is_what_a_job_with_these_inputs_returns(room: Room) -> None:
    session = room.open(ENERGY, theta=8, scale=0)
    assert session.parameters == (("theta", 8), ("scale", 0))
    assert session.has_gradient
    found = room.evaluate(session, theta=THETA, scale=2)
    job = submission(ENERGY, inputs={"theta": THETA, "scale": 2.0})
    job_id = Kernel(room.ports).submit(job.spec, job.files)
    assert Worker(room.ports).run_until(job_id)
    assert found.outputs == pytest.approx(Kernel(room.ports).results(job_id).outputs, abs=1e-12)
    assert (found.index, found.gradient, found.counts) == (0, None, None)
    assert found.metadata["device_id"] == session.device_id == "sim:statevector"


def test_the_gradient_is_that_of_finite_differences(room: Room) -> None:
    session = room.open(ENERGY, theta=8, scale=0)
    values = {"theta": THETA, "scale": 2.0}
    found = room.sessions.evaluate(OPERATOR, session.session_id, values, gradient=True)
    step = 1e-5

    def energy(place: int | None, change: float) -> float:
        moved = [x + change * (k == place) for k, x in enumerate(THETA)]
        return room.evaluate(session, theta=moved, scale=2.0 + change * (place is None)).outputs

    slopes = [(energy(k, step) - energy(k, -step)) / (2 * step) for k in [*range(8), None]]
    assert found.gradient is not None
    assert [*found.gradient["theta"], found.gradient["scale"]] == pytest.approx(slopes, abs=1e-8)
    assert found.outputs == pytest.approx(energy(0, 0.0), abs=1e-12)


def test_a_circuit_with_symbols_is_sampled(room: Room) -> None:
    builder = CircuitBuilder(2, parameters=["a", "b"])
    builder.gate("RX", [0], [Affine.symbol("a")])
    builder.gate("RX", [1], [Affine.symbol("b")])
    circuit = builder.build().to_aqo()
    session = room.open(circuit, job={"program": "aqo", "shots": 50}, b=0, a=0)
    assert session.parameters == (("a", 0), ("b", 0))
    assert not session.has_gradient
    pi = 3.141592653589793
    assert room.evaluate(session, a=pi, b=0.0).counts == {"01": 50}
    assert room.evaluate(session, a=0, b=pi).outputs == {"10": 50}
    half = room.open(circuit, job={"program": "aqo", "shots": 50, "inputs": {"a": pi}}, b=0)
    assert room.evaluate(half, b=pi).counts == {"11": 50}


def test_a_minimisation_and_prints_inside_an_evaluation(room: Room) -> None:
    session = room.open(SEARCH, start=0)
    found = room.evaluate(session, start=2.0)
    assert found.outputs == pytest.approx(-1.0, abs=1e-2)
    assert found.metadata["minimizations"][0]["label"] == "minimize0"
    assert not session.has_gradient
    session = room.open(DIVISION, x=0)
    assert room.evaluate(session, x=2).metadata["printed"] == ["x is 2.0"]


# ---- seeds -------------------------------------------------------------------------------------------------


def test_an_index_repeats_its_answer_and_another_gives_another(room: Room) -> None:
    session = room.open(SAMPLED, theta=0)

    def at(index: int | None) -> Any:
        return room.sessions.evaluate(OPERATOR, session.session_id, {"theta": 1.0}, index=index)

    first, second = at(None), at(None)
    assert (first.index, second.index) == (0, 1)
    assert first.seed != second.seed
    assert first.counts != second.counts
    assert (at(0).seed, at(0).counts) == (first.seed, first.counts)
    assert at(9).index == 9
    assert at(None).index == 10
    again = room.open(SAMPLED, theta=0)
    assert room.evaluate(again, theta=1.0).counts == first.counts


def test_without_a_seed_every_session_draws_its_own(room: Room) -> None:
    seeds = set()
    for _ in range(2):
        session = room.open(SAMPLED, job={"seed": None}, theta=0)
        found = room.evaluate(session, theta=1.0)
        assert found.metadata["seed_source"] == "entropy"
        seeds.add(found.seed)
    assert len(seeds) == 2


# ---- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"theta": THETA}, "values.scale"),
        ({"theta": THETA, "scale": 1, "thta": 1}, "values.thta"),
        ({"theta": THETA[:7], "scale": 1}, "values.theta"),
        ({"theta": 0.5, "scale": 1}, "values.theta"),
        ({"theta": [*THETA[:7], float("nan")], "scale": 1}, "values.theta"),
        ({"theta": THETA, "scale": True}, "values.scale"),
        ({"theta": THETA, "scale": "1"}, "values.scale"),
        ({"theta": THETA, "scale": 10**400}, "values.scale"),
        ({"theta": [[1.0]] * 8, "scale": 1}, "values.theta"),
        ({"theta": THETA, "scale": None}, "values.scale"),
    ],
)
def test_values_that_do_not_fit(room: Room, values: Mapping[str, Any], where: str) -> None:
    session = room.open(ENERGY, theta=8, scale=0)
    error = refused("EIGEN_REQUEST_INVALID", room.sessions.evaluate, OPERATOR, session.session_id, values)
    assert error.where == where


def test_parameters_that_mean_nothing(room: Room) -> None:
    refused("EIGEN_LANG_REJECTED", room.open, ENERGY, thta=8)
    refused("EIGEN_REQUEST_INVALID", room.open, ENERGY, theta=-1)
    refused("EIGEN_REQUEST_INVALID", room.open, ENERGY, theta=True)
    refused("EIGEN_LIMIT_EXCEEDED", room.open, ENERGY, theta=9_999, scale=0, field=2)
    refused("EIGEN_LANG_REJECTED", room.open, ENERGY, job={"inputs": {"theta": THETA}}, theta=8)
    circuit = CircuitBuilder(1).build().to_aqo()
    refused("EIGEN_CIRCUIT_PARAMETERS", room.open, circuit, job={"program": "aqo"}, a=0)


def test_a_gradient_that_cannot_be_had_is_refused_with_the_reason(room: Room) -> None:
    for source, name, reason in (
        (SAMPLED, "theta", "type `counts`"),
        (SEARCH, "start", "minimisation"),
        (DIVISION, "x", "type `dict`"),
    ):
        session = room.open(source, **{name: 0})
        assert not session.has_gradient
        ask = room.sessions.evaluate
        error = refused("EIGEN_REQUEST_INVALID", ask, OPERATOR, session.session_id, {name: 1.0}, gradient=True)
        assert reason in error.message
        room.sessions.close(OPERATOR, session.session_id)


def test_what_a_queue_is_for_is_refused_by_name(room: Room) -> None:
    for asked, name in (
        ({"dependencies": ("job_1",)}, "dependencies"),
        ({"retry": Retry(max_attempts=9)}, "runtime.retry"),
        ({"timeout": Timeout(queue_seconds=3)}, "runtime.timeout.queue_seconds"),
        ({"priority": 80}, "priority"),
    ):
        assert refused("EIGEN_REQUEST_INVALID", room.open, SAMPLED, job=asked, theta=0).where == name


def test_a_device_that_charges_is_refused(room: Room) -> None:
    error = refused("EIGEN_NOT_AVAILABLE", room.open, SAMPLED, job={"target": "double:metered"}, theta=0)
    assert "`double:metered`" in error.message


def test_errors_are_those_of_jobs_and_the_session_lives_on(room: Room) -> None:
    session = room.open(DIVISION, x=0)
    error = refused("EIGEN_RUN_FAILED", room.evaluate, session, x=0)
    assert error.details["kind"] == "ZeroDivisionError"
    assert error.where == "line 7"
    assert room.evaluate(session, x=4).outputs == {"inverse": 0.25, "x": 4.0}


def test_the_limits_of_the_specification_hold(room: Room) -> None:
    session = room.open(SAMPLED, job={"budget": Budget(max_shots=500)}, theta=0)
    assert room.evaluate(session, theta=1.0).metadata["shots_used"] == 200
    room.evaluate(session, theta=1.0)
    refused("EIGEN_RUN_BUDGET", room.evaluate, session, theta=1.0)
    starved = room.having(fuel=10)
    session = starved.open(SEARCH, start=0)
    refused("EIGEN_LIMIT_EXCEEDED", starved.evaluate, session, start=1.0)


def test_time_limits_count_from_the_start_of_an_evaluation(room: Room) -> None:
    clock = room.clock

    class Slow(NativeDriver):
        def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
            clock.at += 2.0
            return super().execute_circuit(device_id, work)

    slow = room.having(devices=house.Drivers(ready(Slow())))
    session = slow.open(SEARCH, job={"timeout": Timeout(execution_seconds=5)}, start=0)
    refused("EIGEN_RUN_TIMEOUT", slow.evaluate, session, start=1.0)
    session = slow.open(SEARCH, job={"budget": Budget(max_seconds=5)}, start=0)
    refused("EIGEN_RUN_BUDGET", slow.evaluate, session, start=1.0)


# ---- whose it is, and when it is over ----------------------------------------------------------------------


def test_unknown_foreign_and_expired_sessions_answer_with_the_same_words(room: Room) -> None:
    session = room.open(SAMPLED, ANNA, theta=0)
    room.evaluate(session, ANNA, theta=1.0)
    stranger = refused("EIGEN_SESSION_NOT_FOUND", room.evaluate, session, BERT, theta=1.0)
    other_project = refused("EIGEN_SESSION_NOT_FOUND", room.evaluate, session, replace(ANNA, project="bio"), theta=1.0)
    room.sessions.close(BERT, session.session_id)
    room.evaluate(session, ANNA, theta=1.0)
    room.clock.at += 61
    expired = refused("EIGEN_SESSION_NOT_FOUND", room.evaluate, session, ANNA, theta=1.0)
    never = refused("EIGEN_SESSION_NOT_FOUND", room.evaluate, replace(session, session_id="ses_0"), ANNA, theta=1.0)
    assert stranger.to_json() == other_project.to_json() == expired.to_json()
    assert never.message == expired.message.replace(session.session_id, "ses_0")


def test_every_evaluation_keeps_a_session_open(room: Room) -> None:
    session = room.open(SAMPLED, theta=0)
    assert session.expires_at == "2023-11-14T22:14:20.000000Z"
    for _ in range(3):
        room.clock.at += 50
        room.evaluate(session, theta=1.0)
    room.sessions.close(OPERATOR, session.session_id)
    room.sessions.close(OPERATOR, session.session_id)
    refused("EIGEN_SESSION_NOT_FOUND", room.evaluate, session, theta=1.0)


def test_a_tenant_has_so_many_sessions_and_no_more(room: Room) -> None:
    held = [room.open(SAMPLED, ANNA, theta=0) for _ in range(3)]
    error = refused("EIGEN_LIMIT_EXCEEDED", room.open, SAMPLED, ANNA, theta=0)
    assert "`4` is beyond the limit 3" in error.message
    room.open(SAMPLED, BERT, theta=0)
    room.sessions.close(ANNA, held[0].session_id)
    room.open(SAMPLED, ANNA, theta=0)
    room.clock.at += 61
    refused("EIGEN_LANG_REJECTED", room.open, "def", ANNA)
    for _ in range(3):  # a program that does not compile takes no place
        room.open(SAMPLED, ANNA, theta=0)


def test_a_device_reserved_by_another_tenant_takes_no_evaluations(room: Room) -> None:
    session = room.open(SAMPLED, ANNA, theta=0)
    room.evaluate(session, ANNA, theta=1.0)
    reservations.reserve(room.ports, BERT, "sim:statevector", 30, "calibration run")
    refused("EIGEN_DEVICE_RESERVED", room.open, SAMPLED, ANNA, theta=0)
    room.clock.at += 2
    refused("EIGEN_DEVICE_RESERVED", room.evaluate, session, ANNA, theta=1.0)
    room.evaluate(room.open(SAMPLED, BERT, theta=0), BERT, theta=1.0)
    room.clock.at += 30
    room.evaluate(session, ANNA, theta=1.0)


def test_closing_ends_an_evaluation_under_way_at_its_next_piece_of_work(room: Room) -> None:
    started, closed = threading.Event(), threading.Event()

    class Watched(NativeDriver):
        def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
            started.set()
            assert closed.wait(10)
            return super().execute_circuit(device_id, work)

    slow = room.having(devices=house.Drivers(ready(Watched())))
    session = slow.open(SEARCH, start=0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow.evaluate, session, start=1.0)
        assert started.wait(10)
        slow.sessions.close_all()
        closed.set()
        refused("EIGEN_SESSION_NOT_FOUND", running.result, 10)


def test_many_threads_get_what_one_would(room: Room) -> None:
    sessions = [room.open(SAMPLED, theta=0), room.open(SAMPLED, theta=0), room.open(ENERGY, theta=8)]
    values = [{"theta": 1.0}, {"theta": 1.0}, {"theta": THETA}]

    def ask(number: int) -> Any:
        which = number % 3
        return room.sessions.evaluate(OPERATOR, sessions[which].session_id, values[which], index=number)

    alone = [ask(number).outputs for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        together = [found.outputs for found in pool.map(ask, range(60))]
    assert together == alone


def test_a_device_without_gradients_has_them_by_parameter_shift(room: Room) -> None:
    needed("qiskit-aer")
    aer_driver = shipped("qiskit")
    shifted = room.having(devices=house.Drivers(aer_driver))
    values = {"theta": THETA, "scale": 2.0}
    found = []
    for where, target in ((room, "sim:statevector"), (shifted, "qiskit:aer_statevector")):
        session = where.open(ENERGY, job={"target": target}, theta=8, scale=0)
        assert session.has_gradient
        found.append(where.sessions.evaluate(OPERATOR, session.session_id, values, gradient=True))
    native, aer = found
    assert aer.outputs == pytest.approx(native.outputs, abs=1e-9)
    assert aer.gradient["theta"] == pytest.approx(native.gradient["theta"], abs=1e-9)
    assert aer.gradient["scale"] == pytest.approx(native.gradient["scale"], abs=1e-9)
    assert "parameter-shift" in aer.metadata["approximations"][0]
    assert aer.metadata["engines"][0]["engine"] == "qiskit-aer"
    aer_driver.close()

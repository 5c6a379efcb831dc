"""The contract of `Transport` and `AsyncTransport`: one suite over the kernel in this process and over a server."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from doubles.served import Served
from eigen.app import EmbeddedTransport
from eigen.client.endpoint import Server
from eigen.client.folder import RECORD
from eigen.client.grpc_aio import AsyncGrpcTransport
from eigen.client.grpc_sync import GrpcTransport
from eigen.client.threads import ThreadedTransport
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.jobspec import submission
from eigen.kernel.verification import verify
from eigen.kernel.verification.folder import evidence_in
from eigen.qfs.signing_keys import NoKeys
from eigen.types import JobQuery, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

COIN = submission(
    b"""
@hybrid_program(target="sim:auto", shots=100, seed=3)
def main(angle=0.0):
    q = QubitRegister(1)
    ry(angle, q[0])
    return measure_all(q)
""",
    filename="coin.eigen.py",
)
BROKEN = submission(b"@hybrid_program()\ndef main():\n    return nowhere\n", filename="broken.eigen.py")
ENERGY = submission(
    b"""
@quantum_circuit
def turned():
    angle = Param("angle")
    q = QubitRegister(1)
    ry(angle, q[0])

@hybrid_program(target="sim:auto")
def main(angle):
    return ExpectationValue(turned(), pauli("Z0"), params=[angle])
"""
)
ENDLESS = submission(
    b"""
@hybrid_program(seed=1)
def main():
    ansatz = create_hea_ansatz(n_qubits=3, depth=2, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, pauli("Z0 Z1 Z2"), params=angles, shots=400)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=100000).optimal_value
""",
    filename="endless.eigen.py",
)
CIRCUIT = b'{"version":"1.0.0","qubits":1,"operations":[{"op":"H","q":[0]},{"op":"H","q":[0]}]}'
UNKNOWN = "job_01JD0000000000000000000000"
KINDS = ("embedded", "grpc", "embedded-aio", "grpc-aio")


class Blocking:
    """An asyncio transport as a blocking one, so that one suite is for both."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._runner = asyncio.Runner()
        self._transport = self._runner.run(self._made(make))

    async def _made(self, make: Callable[[], Any]) -> Any:
        return make()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._transport, name)
        return lambda *args, **options: self._runner.run(method(*args, **options))

    def watch(self, job_id: str, after: int) -> Generator[Any]:
        events = self._transport.watch(job_id, after)

        async def following() -> Any:
            return await anext(events, None)

        try:
            while (event := self._runner.run(following())) is not None:
                yield event
        finally:
            self._runner.run(events.aclose())

    def close(self) -> None:
        self._runner.run(self._transport.close())
        self._runner.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(params=KINDS)
def transport(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Any]:
    kind = request.param
    settings = Settings(qfs_root=str(tmp_path / "data"))
    if kind.startswith("grpc"):
        server = Server(request.getfixturevalue("served").grpc_address, secure=False)
        made: Any = Blocking(lambda: AsyncGrpcTransport(server)) if kind == "grpc-aio" else GrpcTransport(server)
    elif kind == "embedded-aio":
        made = Blocking(lambda: ThreadedTransport(EmbeddedTransport(settings)))
    else:
        made = EmbeddedTransport(settings)
    with closing(made):
        yield made


def refusal(act: Callable[[], Any]) -> EigenError:
    with pytest.raises(EigenError) as caught:
        act()
    return caught.value


def test_a_job_from_its_submission_to_its_results(transport: Any) -> None:
    job_id = transport.submit(COIN)
    transport.wait(job_id)
    transport.wait(job_id)
    view, results = transport.get(job_id), transport.results(job_id)
    assert (view.job_id, view.name, view.state, view.device_id) == (job_id, "coin", JobState.DONE, "sim:statevector")
    assert (results.job_id, results.counts, results.outputs) == (job_id, {"0": 100}, {"0": 100})
    assert isinstance(results.circuits, tuple)
    assert transport.explain(job_id)["placement"]["device_id"] == "sim:statevector"
    assert {line["job_id"] for line in transport.logs(job_id)} == {job_id}
    files = {info.path: info for info in transport.artifacts(job_id)}
    source = transport.artifact(job_id, "input/program.eigen.py")
    assert source == COIN.files["input/program.eigen.py"]
    assert files["input/program.eigen.py"].size_bytes == len(source)


def test_a_job_is_carried_away_whole(transport: Any) -> None:
    """What an export reads over any transport is a folder whose every check holds."""
    job_id = transport.submit(COIN)
    transport.wait(job_id)
    files = {info.path: transport.artifact(job_id, info.path) for info in transport.artifacts(job_id)}
    files |= {path: transport.artifact(job_id, path) for path in RECORD}
    found = verify(evidence_in(files, NoKeys(), default_shots=1024))
    assert found.holds, found.failures


def test_events_come_once_and_in_order(transport: Any) -> None:
    job_id = transport.submit(COIN)
    events = list(transport.watch(job_id, 0))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.state.is_terminal for event in events] == [False] * (len(events) - 1) + [True]
    assert list(transport.watch(job_id, 2)) == events[2:]
    assert list(transport.watch(job_id, len(events))) == []
    assert refusal(lambda: list(transport.watch(job_id, len(events) + 1))).code == "EIGEN_STREAM_CURSOR"


def test_a_watcher_may_leave_and_a_job_be_cancelled(transport: Any) -> None:
    job_id = transport.submit(ENDLESS)
    with closing(transport.watch(job_id, 0)) as events:
        for event in events:
            if event.state is JobState.RUNNING:
                break
    assert not transport.get(job_id).state.is_terminal
    assert transport.cancel(job_id).job_id == job_id
    transport.wait(job_id)
    assert transport.results(job_id).error["code"] == "EIGEN_RUN_CANCELLED"
    assert refusal(lambda: transport.cancel(job_id)).code == "EIGEN_JOB_FINISHED"


def test_the_same_key_is_the_same_job(transport: Any) -> None:
    first = transport.submit(COIN, idempotency_key="once")
    assert transport.submit(COIN, idempotency_key="once") == first
    assert transport.submit(COIN) != first
    conflict = refusal(lambda: transport.submit(ENDLESS, idempotency_key="once"))
    assert conflict.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"


def test_pages(transport: Any) -> None:
    ids = [transport.submit(COIN) for _ in range(3)][::-1]
    first = transport.list(JobQuery(name="coin", limit=2))
    second = transport.list(JobQuery(name="coin", limit=1, before=first[-1].job_id))
    assert [view.job_id for view in [*first, *second]] == ids
    assert transport.list(JobQuery(states=(JobState.TIMEOUT,))) in ([], ())


def test_a_program_that_does_not_compile(transport: Any) -> None:
    compiling = refusal(lambda: transport.compile(BROKEN))
    assert compiling.code == "EIGEN_LANG_REJECTED"
    job_id = transport.submit(BROKEN)
    transport.wait(job_id)
    assert transport.results(job_id).error == compiling.to_json()


def test_compiling_keeps_nothing_and_gives_the_program(transport: Any) -> None:
    before = len(transport.list(JobQuery(limit=500)))
    compiled = transport.compile(COIN)
    assert compiled.program.num_qubits == 1
    assert compiled.circuit.count_ops() == {"MEASURE": 1, "RY": 1}
    assert {entry["code"] for entry in compiled.report["diagnostics"]} == {"W001"}
    assert len(transport.list(JobQuery(limit=500))) == before


def test_an_estimate_keeps_nothing_and_is_of_the_devices_of_the_kernel(transport: Any) -> None:
    before = len(transport.list(JobQuery(limit=500)))
    found = transport.estimate(COIN, ["sim:statevector", "line:4"])
    (one, line) = (found.of("sim:statevector"), found.of("line:4"))
    assert (one.shots, one.is_exact, line.seconds) == ((100, 100), True, None)
    assert one.seconds.low <= one.seconds.usual <= one.seconds.high
    assert [circuit["qubits"] for circuit in found.program["circuits"]] == [1]
    everything = transport.estimate(COIN, [])
    assert everything.chosen == "sim:statevector"
    assert {each.device_id for each in everything.candidates} == {device.id for device in transport.devices()}
    assert refusal(lambda: transport.estimate(COIN, ["sim:abacus"])).code == "EIGEN_DEVICE_UNKNOWN"
    assert refusal(lambda: transport.estimate(BROKEN, [])).code == "EIGEN_LANG_REJECTED"
    assert len(transport.list(JobQuery(limit=500))) == before


def test_a_circuit_is_simplified(transport: Any) -> None:
    document = transport.optimize(CIRCUIT, 2, "")
    assert b'"operations":[]' in document.circuit
    assert refusal(lambda: transport.optimize(CIRCUIT, 9, "")).code == "EIGEN_REQUEST_INVALID"
    assert refusal(lambda: transport.optimize(b"{}", 1, "")).code == "EIGEN_AQO_INVALID"


def test_devices(transport: Any) -> None:
    found = {device.id: device for device in transport.devices()}
    one = transport.device("sim:statevector")
    assert one.digest == found["sim:statevector"].digest
    assert "exact" in one.features
    speeds = transport.calibrate("sim:statevector")
    assert {"sim:statevector", "sim:mps"} <= set(speeds)
    assert transport.device("sim:mps").properties["speed"] == speeds["sim:mps"]
    assert transport.device("sim:mps").digest == found["sim:mps"].digest, "a host's speed changes no device"
    assert transport.calibrate("sim:density") == {}
    assert refusal(lambda: transport.device("sim:abacus")).code == "EIGEN_DEVICE_UNKNOWN"
    assert refusal(lambda: transport.calibrate("sim:abacus")).code == "EIGEN_DEVICE_UNKNOWN"


def test_a_device_is_held_and_let_go(transport: Any) -> None:
    held = transport.reserve("sim:statevector", 60, "a test")
    assert transport.reserve("sim:statevector", 60, "a test").reservation_id == held.reservation_id
    transport.release(held.reservation_id)
    assert refusal(lambda: transport.release(held.reservation_id)).code == "EIGEN_RESERVATION_NOT_FOUND"
    assert refusal(lambda: transport.reserve("sim:statevector", 0, "")).code == "EIGEN_REQUEST_INVALID"


def test_a_program_held_open(transport: Any) -> None:
    session = transport.open_session(ENERGY, {"angle": 0})
    assert (session.parameters, session.has_gradient) == ((("angle", 0),), True)
    found = transport.evaluate(session.session_id, {"angle": 0.0}, index=4, gradient=True)
    assert (found.index, found.outputs, found.gradient) == (4, 1.0, {"angle": pytest.approx(0.0)})
    again = transport.open_session(ENERGY, {"angle": 0})
    assert again.session_id != session.session_id
    wrong = refusal(lambda: transport.evaluate(session.session_id, {"angel": 0.0}, index=5, gradient=False))
    assert wrong.code == "EIGEN_REQUEST_INVALID"
    transport.close_session(session.session_id)
    transport.close_session(session.session_id)
    gone = refusal(lambda: transport.evaluate(session.session_id, {"angle": 0.0}, index=6, gradient=False))
    assert gone.code == "EIGEN_SESSION_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("get", ()),
        ("results", ()),
        ("cancel", ()),
        ("decide", ("again",)),
        ("logs", ()),
        ("explain", ()),
        ("artifacts", ()),
        ("artifact", ("results/results.json",)),
        ("wait", ()),
    ],
)
def test_an_unknown_job_has_one_answer(transport: Any, method: str, arguments: tuple[str, ...]) -> None:
    error = refusal(lambda: getattr(transport, method)(UNKNOWN, *arguments))
    assert (error.code, error.message) == ("EIGEN_JOB_NOT_FOUND", f"there is no job `{UNKNOWN}`")


@pytest.mark.parametrize("transport", ["embedded", "grpc"], indirect=True)
def test_a_closed_transport_opens_again(transport: Any) -> None:
    job_id = transport.submit(COIN)
    transport.close()
    assert transport.get(job_id).job_id == job_id

"""The client in this process: what a Python program does with jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

import eigen
from eigen.client import Client
from eigen.errors import EigenError
from eigen.jobspec import submission
from eigen.types import JobState

COIN = """
@hybrid_program(target="sim:auto", shots=100)
def main(angle=0.0):
    q = QubitRegister(1)
    ry(angle, q[0])
    return measure_all(q)
"""

ENDLESS = """
@hybrid_program(seed=1)
def main():
    hamiltonian = create_ising_model_hamiltonian(n_spins=4, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=4, depth=2, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=400)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=100000).optimal_value
"""


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return eigen.connect(data_dir=tmp_path / "data")


def coin(**fields: object) -> eigen.jobspec.Submission:
    return submission(COIN.encode(), filename="coin.eigen.py", **fields)


def test_run_returns_the_results(client: Client) -> None:
    with client:
        results = client.run(coin(), inputs={"angle": 3.141592653589793}, shots=12)
    assert results.state is JobState.DONE
    assert results.counts == {"1": 12}
    assert results.outputs == {"1": 12}


def test_run_raises_the_error_of_the_job(client: Client) -> None:
    with client, pytest.raises(EigenError) as caught:
        client.run(submission(b"nonsense(("))
    assert caught.value.code == "EIGEN_LANG_REJECTED"
    assert caught.value.details["diagnostics"]


def test_a_program_is_submitted_by_its_path(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "coin.eigen.py"
    path.write_text(COIN)
    with client:
        job_id = client.submit(path, shots=5)
        assert client.status(job_id).state is JobState.PENDING
        with pytest.raises(EigenError, match="PENDING") as caught:
            client.results(job_id)
        assert caught.value.code == "EIGEN_JOB_NOT_FINISHED"
        assert client.wait(job_id).counts == {"0": 5}


def test_events_have_no_gaps_and_end_with_the_terminal_one(client: Client) -> None:
    with client:
        job_id = client.submit(coin())
        seen = list(client.watch(job_id))
        again = list(client.watch(job_id, after=2))
    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert [event.state.is_terminal for event in seen] == [False] * (len(seen) - 1) + [True]
    assert again == seen[2:]


def test_a_watcher_that_leaves_gives_the_job_back(client: Client) -> None:
    with client:
        job_id = client.submit(submission(ENDLESS.encode()))
        for event in client.watch(job_id):
            if event.state is JobState.RUNNING:
                break
        assert client.status(job_id).state in {JobState.RUNNING, JobState.QUEUED}
        assert client.cancel(job_id).state is JobState.CANCELLED
        assert client.results(job_id).state is JobState.CANCELLED


def test_two_clients_see_the_same_jobs(client: Client, tmp_path: Path) -> None:
    with client, eigen.connect(data_dir=tmp_path / "data") as other:
        job_id = client.submit(coin())
        assert other.wait(job_id) == client.results(job_id)
        assert [view.job_id for view in client.list(name="coin")] == [job_id]
        assert other.artifact(job_id, "input/program.eigen.py") == COIN.encode()


def test_compile_keeps_nothing(client: Client) -> None:
    with client:
        compiled = client.compile(coin())
        assert compiled.program.num_qubits == 1
        assert compiled.circuit is not None
        assert client.list() == []


def test_the_devices(client: Client) -> None:
    with client:
        assert "sim:statevector" in {device.id for device in client.devices()}
        assert client.calibrate("sim:density") == {}


def test_a_data_directory_and_an_endpoint_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(EigenError, match="exclude each other") as caught:
        eigen.connect("grpc://localhost:50051", data_dir=tmp_path)
    assert caught.value.code == "EIGEN_CONFIG_INVALID"


def test_an_empty_endpoint_is_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGEN_ENDPOINT", "grpc://localhost:1")
    with eigen.connect("") as client:
        assert client.list() == []


def test_a_device_is_held_and_let_go(client: Client) -> None:
    with client:
        held = client.reserve("sim:statevector", seconds=60, purpose="a test")
        assert (held.device_id, held.purpose) == ("sim:statevector", "a test")
        job_id = client.submit(coin(), shots=5, target="auto", reservation_id=held.reservation_id)
        assert client.wait(job_id).state is JobState.DONE
        assert client.status(job_id).device_id == "sim:statevector"
        client.release(held.reservation_id)
        with pytest.raises(EigenError) as caught:
            client.release(held.reservation_id)
    assert caught.value.code == "EIGEN_RESERVATION_NOT_FOUND"


def test_one_device_by_its_name(client: Client) -> None:
    with client:
        assert client.device("sim:statevector").num_qubits > 10
        with pytest.raises(EigenError) as caught:
            client.device("sim:abacus")
    assert caught.value.code == "EIGEN_DEVICE_UNKNOWN"


def test_a_circuit_is_optimised(client: Client) -> None:
    circuit = b'{"version":"1.0.0","qubits":1,"operations":[{"op":"H","q":[0]},{"op":"H","q":[0]}]}'
    with client:
        document = client.optimize(circuit, level=2)
    assert document.circuit is not None
    assert b'"operations":[]' in document.circuit


def test_a_field_that_is_not_there_is_refused(client: Client) -> None:
    with client, pytest.raises(EigenError, match="shuts"):
        client.submit(coin(), shuts=3)


def test_a_device_too_small_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "program.eigen.py").write_text(COIN)
    (tmp_path / "job.yaml").write_text(
        "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\nspec: {target: 'sim:statevector'}\n"
        "resources: {quantum: {qubits: 9000}}\n"
    )
    with client, pytest.raises(EigenError) as caught:
        client.run(tmp_path / "job.yaml")
    assert caught.value.code == "EIGEN_ROUTER_NO_DEVICE"

"""Tomography as a job: known states are found, what cannot be one is refused by name, and the commands say the same.

Statistical bounds are 6 standard errors: a false alarm in 5e8 for each.
"""

from __future__ import annotations

import json
import re
from math import cos, sin
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import eigen
from eigen import _core
from eigen.cli import main
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Evolution, NoiseModel
from eigen.reconstruction.tomograph import ideal_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.client.client import Client
    from eigen.ir import Circuit

SIGMAS = 6.0
GUIDE = Path(__file__).parents[2] / "docs/guides/tomography.md"
BELL = """OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
h q[0];
cx q[0], q[1];
c = measure q;
"""
PHASE = """from eigen_lang import QubitRegister, h, hybrid_program, measure_all, s


@hybrid_program(target="sim:statevector", shots=321, seed=5)
def main():
    q = QubitRegister(1)
    h(q[0])
    s(q[0])
    return measure_all(q)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EIGEN_QFS_ROOT", str(tmp_path_factory.mktemp("data")))
        with eigen.connect("") as found:
            yield found


def ghz(size: int) -> CircuitBuilder:
    builder = CircuitBuilder(size, size)
    builder.gate("H", [0])
    for qubit in range(size - 1):
        builder.gate("CX", [qubit, qubit + 1])
    return builder


def w_state() -> Circuit:
    builder = CircuitBuilder(3)
    builder.gate("X", [0])
    builder.gate("RY", [0, 1], [2 * np.arccos(1 / np.sqrt(3))], num_controls=1)
    builder.gate("CX", [1, 0])
    builder.gate("RY", [1, 2], [np.pi / 2], num_controls=1)
    builder.gate("CX", [2, 1])
    return builder.build()


def test_a_product_state_is_found_in_each_of_its_entries(client: Client) -> None:
    builder = CircuitBuilder(2)
    builder.gate("RY", [0], [0.7])
    builder.gate("RX", [1], [1.1])
    found = eigen.tomography(builder.build(), shots=4000, seed=11, client=client)
    first = np.array([cos(0.35), sin(0.35)])
    second = np.array([cos(0.55), -1j * sin(0.55)])
    state = np.kron(second, first)
    # An entry is a sum of at most 4 expectation values, each with an error of at most 1/sqrt(shots), over 4.
    assert np.abs(found.linear - np.outer(state, state.conj())).max() < SIGMAS / np.sqrt(4000)
    assert found.direct_fidelity is not None
    assert found.direct_error is not None
    assert abs(found.direct_fidelity - 1) < SIGMAS * found.direct_error
    assert (found.qubits, found.shots, found.seed, len(found.settings)) == ((0, 1), 4000, 11, 9)
    assert client.results(found.job_id).metadata["shots_used"] == 9 * 4000


def test_a_w_state_is_found(client: Client) -> None:
    circuit = w_state()
    state = np.zeros(8)
    state[[1, 2, 4]] = 3**-0.5
    assert np.abs(ideal_state(circuit, range(3)) - np.outer(state, state)).max() < 1e-12
    found = eigen.tomography(circuit, shots=3000, seed=2, client=client)
    assert found.direct_fidelity is not None
    assert found.direct_error is not None
    assert abs(found.direct_fidelity - 1) < SIGMAS * found.direct_error
    assert found.fidelity is not None
    assert found.fidelity > 0.95


def test_depolarised_pairs_in_closed_form(client: Client) -> None:
    """Of the 15 errors after the CX three leave a Bell pair as it is."""
    noise = 0.2
    found = eigen.tomography(ghz(2).build(), shots=5000, seed=3, noise_model=f"depolarizing(0, {noise})", client=client)
    assert found.direct_fidelity is not None
    assert found.direct_error is not None
    truth = 1 - noise * 12 / 15
    assert abs(found.direct_fidelity - truth) < SIGMAS * found.direct_error
    assert abs(found.direct_fidelity - 1) > SIGMAS * found.direct_error
    assert found.interval is not None
    assert found.interval[0] < truth < found.interval[1] < 1


def test_the_turns_before_the_measurements_are_as_noisy_as_gates(client: Client) -> None:
    text = "depolarizing(0.02, 0.03)"
    circuit = ghz(3).build()
    turned = ghz(3)
    for qubit in range(3):
        turned.gate("U", [qubit], [0.0, 0.0, 0.0])
    plan = _core.Plan(turned.build(), engine="density", options={"noise": NoiseModel.parse(text)})
    truth = plan.density_matrix(())
    found = eigen.tomography(
        circuit, shots=5000, seed=4, noise_model=text, compiler={"optimization_level": 0}, client=client
    )
    assert found.direct_fidelity is not None
    assert found.direct_error is not None
    ideal = ideal_state(circuit, range(3))
    assert abs(found.direct_fidelity - np.trace(truth @ ideal).real) < SIGMAS * found.direct_error
    assert np.abs(found.linear - truth).max() < SIGMAS / np.sqrt(5000)


def test_some_qubits_of_a_circuit_in_their_order(client: Client) -> None:
    builder = CircuitBuilder(4)
    builder.gate("X", [3])
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    found = eigen.tomography(builder.build(), qubits=[3, 0], shots=500, seed=1, client=client, resamples=50)
    diagonal = found.density_matrix.diagonal().real
    assert np.abs(diagonal - [0, 0.5, 0, 0.5]).max() < SIGMAS / np.sqrt(500)
    assert found.direct_fidelity is None  # half of a pair is mixed
    assert found.fidelity is not None
    assert found.fidelity > 0.9


def test_the_same_key_goes_on_with_the_same_job(client: Client) -> None:
    asked = {"shots": 50, "idempotency_key": "once", "client": client, "resamples": 20}
    first = eigen.tomography(ghz(2).build(), **asked)
    again = eigen.tomography(ghz(2).build(), **asked)
    assert first.to_json() == again.to_json()  # without a seed of its own: it is the job's


def test_a_program_is_not_optimised_towards_what_it_measures(client: Client, tmp_path: Path) -> None:
    """S before a measurement in Z does nothing to the counts, and everything to the state."""
    path = tmp_path / "phase.eigen.py"
    path.write_text(PHASE)
    found = eigen.tomography(str(path), client=client, resamples=0)
    assert (found.shots, found.seed, found.device) == (321, 5, "sim:statevector")
    assert found.density_matrix[1, 0].imag > 0.4
    assert found.fidelity is not None
    assert found.fidelity > 0.95
    assert found.interval is None


def dynamic(kind: str) -> Circuit:
    builder = CircuitBuilder(1, 1)
    if kind == "RESET":
        builder.reset([0])
    builder.measure([0], [0])
    if kind == "IF":
        builder.begin_if(_core.Condition.bit(0))
        builder.end()
    elif kind == "X":
        builder.gate("X", [0])
    return builder.build()


@pytest.mark.parametrize("kind", ["RESET", "IF", "X"])
def test_circuits_that_do_more_than_gates_are_refused_by_name(kind: str, client: Client) -> None:
    with pytest.raises(EigenError, match=f"`{kind}`") as caught:
        eigen.tomography(dynamic(kind), client=client)
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"qubits": [0, 7]}, "EIGEN_USAGE", "`7`"),
        ({"qubits": [1, 1]}, "EIGEN_USAGE", "twice"),
        ({"qubits": []}, "EIGEN_LIMIT_EXCEEDED", "`0`"),
        ({}, "EIGEN_LIMIT_EXCEEDED", "`7`"),
        ({"qubits": [0], "shots": 1}, "EIGEN_LIMIT_EXCEEDED", "`1`"),
        ({"qubits": [0], "resamples": -1}, "EIGEN_LIMIT_EXCEEDED", "`-1`"),
        ({"qubits": [0], "sweep": {"x": [1.0]}}, "EIGEN_USAGE", "`sweep`"),
        ({"qubits": [0], "target": "sim:nothing"}, "EIGEN_DEVICE_UNKNOWN", "sim:nothing"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, object], code: str, said: str, client: Client) -> None:
    with pytest.raises(EigenError, match=re.escape(said)) as caught:
        eigen.tomography(ghz(7).build(), client=client, **asked)  # pyright: ignore[reportArgumentType]
    assert caught.value.code == code


def test_open_parameters_evolutions_and_job_files_are_refused(client: Client, tmp_path: Path) -> None:
    builder = CircuitBuilder(1, parameters=["angle"])
    builder.gate("RX", [0], ["angle"])
    with pytest.raises(EigenError, match="`angle`"):
        eigen.tomography(builder.build(), client=client)
    assert eigen.tomography(builder.build(), inputs={"angle": 0.3}, shots=10, client=client, resamples=0).shots == 10
    for wrong in ({"angle": "x"}, {"angle": True}, {"other": 1.0}, {"angle": float("nan")}):
        with pytest.raises(EigenError) as caught:
            eigen.tomography(builder.build(), inputs=wrong, client=client)
        assert caught.value.code == "EIGEN_CIRCUIT_PARAMETERS"
    with pytest.raises(EigenError, match="evolutions"):
        eigen.tomography(Evolution([("X0", 0.5)], 1.0, num_qubits=1), client=client)
    with pytest.raises(EigenError, match=r"job\.yaml"):
        eigen.tomography(tmp_path / "job.yaml", client=client)


def test_the_command_says_what_the_function_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bell.qasm").write_text(BELL)
    words = ["tomography", "bell.qasm", "--qubits", "1,0", "--shots", "200", "--seed", "7", "--resamples", "40"]
    words += ["--target", "sim:statevector", "--noise", "depolarizing(0.01)", "--idempotency-key", "k"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["qubits"], found["shots"], found["seed"], found["resamples"]) == ([1, 0], 200, 7, 40)
    assert f"{found['fidelity']:.4f} after projection" in text
    assert found["job_id"] in text
    matrix = np.array(found["density_matrix"]["real"]) + 1j * np.array(found["density_matrix"]["imag"])
    assert abs(np.trace(matrix) - 1) < 1e-12
    assert found["purity"] == pytest.approx(np.trace(matrix @ matrix).real)
    assert main(["tomography", "bell.qasm", "--sweep", "x=1,2"]) == 2


def test_the_page_of_the_guide_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pairs = re.findall(r"^```python\n(.*?)^```\n\n^```\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(pairs) == 1
    names: dict[str, object] = {}
    for source, shown in pairs:
        exec(source, names)
        assert capsys.readouterr().out == shown

"""`eigen estimate`: what it says of programs, circuits and jobs, and that it runs none of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import eigen
from eigen.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
CHIP = str(EXAMPLES / "estimate/chip.json")
PRICES = str(EXAMPLES / "estimate/prices.toml")
FAN = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[4];
h q[0];
cx q[0], q[1];
cx q[0], q[2];
cx q[0], q[3];
measure q -> c;
"""
LOOP = """
from eigen_lang import *

@hybrid_program(seed=11)
def main(spins=3):
    hamiltonian = create_ising_model_hamiltonian(n_spins=spins, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=spins, depth=1, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=200)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=20).optimal_value
"""
JOB = """apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {name: fan}
spec: {program: {path: fan.qasm, format: qasm2}, shots: 300, target: "sim:auto"}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    Path("fan.qasm").write_text(FAN)
    Path("loop.eigen.py").write_text(LOOP)
    Path("job.yaml").write_text(JOB)


def estimated(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["estimate", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def by_device(found: dict[str, Any]) -> dict[str, Any]:
    return {each["device_id"]: each for each in found["candidates"]}


def test_every_device_is_looked_at_and_nothing_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    found = estimated(capsys, "fan.qasm", "--shots", "500")
    devices = by_device(found)
    assert {"sim:statevector", "sim:stabilizer", "sim:mps", "sim:density", "null:classical"} <= devices.keys()
    assert devices["null:classical"]["refused"] == "runs only when it is named as the target"
    chosen = devices[found["chosen"]]
    assert found["candidates"][0]["device_id"] == found["chosen"]
    assert chosen["seconds"]["low"] < chosen["seconds"]["usual"] < chosen["seconds"]["high"]
    assert chosen["shots"] == {"usual": 500, "most": 500}
    assert devices["sim:statevector"]["memory_bytes"] == 16 * 2**4
    assert devices["sim:statevector"]["exact"] is True
    assert devices["sim:statevector"]["cost"] is None
    assert devices["sim:statevector"]["why"]["cost"] == "no price sheet"
    with eigen.connect() as client:
        assert client.list() == []


def test_the_job_goes_where_the_estimate_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = estimated(capsys, "job.yaml")
    assert found["program"]["shots"]["usual"] == 300
    with eigen.connect() as client:
        assert client.run("job.yaml").metadata["device_id"] == found["chosen"]


def test_a_described_device_gets_sizes_time_cost_and_success(capsys: pytest.CaptureFixture[str]) -> None:
    found = by_device(estimated(capsys, "fan.qasm", "-t", CHIP, "--prices", PRICES, "--shots", "1000"))["chip"]
    (circuit,) = found["circuits"]
    assert circuit["qubits"] >= 4
    assert circuit["two_qubit_gates"] >= 3
    success = found["success"]
    assert 0.5 < success["low"] < success["value"] < success["high"] < 1
    assert success["value"] == pytest.approx(success["gates"] * success["readout"] * success["idle"])
    assert found["seconds"]["usual"] == pytest.approx(2 + 1000 * (2.5e-4 + circuit["duration"]))
    assert found["cost"] == {
        "usual": pytest.approx(0.25 + 0.5),
        "most": pytest.approx(0.75),
        "currency": "EUR",
        "sheet": "example, invented",
        "as_of": "2026-01-01",
    }


def test_a_loop_is_counted_with_its_bound(capsys: pytest.CaptureFixture[str]) -> None:
    found = estimated(capsys, "loop.eigen.py", "-t", CHIP, "-t", "sim:statevector", "--prices", PRICES)
    (search,) = found["program"]["searches"]
    assert (search["method"], search["iterations"]) == ("spsa", 20)
    evaluations = found["program"]["evaluations"]["usual"]
    chip = by_device(found)["chip"]
    assert chip["tasks"]["usual"] == 2 * evaluations  # two groups of commuting terms
    assert chip["cost"]["usual"] == pytest.approx(0.25 * 2 * evaluations + 0.0005 * 200 * evaluations)
    fewer = estimated(capsys, "loop.eigen.py", "--max-iters", "5")
    assert fewer["program"]["evaluations"]["usual"] == evaluations - 2 * 15
    wider = estimated(capsys, "loop.eigen.py", "--set", "spins=4", "-t", "sim:statevector")
    assert wider["program"]["circuits"][0]["qubits"] == 4


def test_a_sheet_in_the_data_directory_prices_devices_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("data/prices")
    folder.mkdir(parents=True)
    text = 'name = "mine"\ncurrency = "EUR"\n[[price]]\ndevice = "sim:statevector"\nper_shot = 0.01\n'
    (folder / "mine.toml").write_text(text)
    found = by_device(estimated(capsys, "fan.qasm", "--shots", "100"))
    assert found["sim:statevector"]["cost"]["usual"] == pytest.approx(1.0)
    assert found["sim:mps"]["cost"] is None
    with eigen.connect() as client:
        assert client.device("sim:statevector").properties["price_sheet"] == "mine"


def test_the_text_names_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", "fan.qasm", "-t", CHIP, "-t", "line:5"]) == 0
    text = capsys.readouterr().out
    assert "no price sheet" in text
    assert "no success line:5: no calibration" in text
    assert main(["estimate", "fan.qasm", "-t", "grid:1x2"]) == 0
    assert "refused    grid:1x2: has 2 qubits, the program needs 4" in capsys.readouterr().out


def test_noisy_runs_are_predicted_by_histories_or_by_the_density_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    targets = ("-t", "sim:statevector", "-t", "sim:density", "-t", "sim:stabilizer", "-t", "sim:pauli")
    found = by_device(estimated(capsys, "fan.qasm", *targets, "--noise", "depolarizing(0.01)"))
    for device in ("sim:statevector", "sim:density", "sim:stabilizer"):
        assert found[device]["seconds"]["usual"] > 0
        assert found[device]["memory_bytes"] > 0
        assert found[device]["exact"] is False
    assert found["sim:density"]["why"]["seconds"] == "a density matrix of 2^8 entries"
    assert found["sim:stabilizer"]["why"]["seconds"].startswith("Pauli frames of 4 qubits")
    assert found["sim:pauli"]["seconds"] is None
    assert found["sim:pauli"]["why"]["seconds"] == "the engine has no cost model"


def test_the_method_of_noise_is_that_of_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    noise = ("-t", "sim:statevector", "--noise", "depolarizing(0.01)", "--option", "noise_method=")
    why = {
        method: by_device(estimated(capsys, "fan.qasm", *noise[:-1], noise[-1] + method))["sim:statevector"]["why"]
        for method in ("trajectories", "density")
    }
    assert "histories of 2^4 amplitudes" in why["trajectories"]["seconds"]
    assert why["density"]["seconds"] == "a density matrix of 2^8 entries"


def test_more_noise_takes_longer(capsys: pytest.CaptureFixture[str]) -> None:
    def seconds(noise: str) -> float:
        words = ("fan.qasm", "-t", "sim:statevector", "--noise", noise, "--option", "noise_method=trajectories")
        return by_device(estimated(capsys, *words))["sim:statevector"]["seconds"]["usual"]

    assert seconds("depolarizing(0.0001)") < seconds("depolarizing(0.1)") < seconds("amplitude_damping(0.1)")


def test_who_has_no_cost_model_is_not_predicted(capsys: pytest.CaptureFixture[str]) -> None:
    found = by_device(estimated(capsys, "fan.qasm", "-t", "sim:density", "-t", "line:4"))
    assert found["sim:density"]["why"]["seconds"] == "the engine has no cost model"
    assert found["line:4"]["why"]["seconds"] == "nothing tells how long a shot takes"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fan.qasm", "-t", "sim:statevectr"), "EIGEN_DEVICE_UNKNOWN"),
        (("fan.qasm", "-t", "missing.json"), "EIGEN_FILE_UNREADABLE"),
        (("fan.qasm", "-t", "line:0"), "EIGEN_USAGE"),
        (("fan.qasm", "--prices", "job.yaml"), "EIGEN_CONFIG_INVALID"),
        (("fan.qasm", "--max-iters", "many"), "EIGEN_USAGE"),
        (("missing.qasm",), "EIGEN_FILE_UNREADABLE"),
    ],
)
def test_mistakes_have_codes(words: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", *words, "--json"]) != 0
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


@pytest.mark.parametrize("words", [("estimate", "fan.qasm", "-t"), ("compile", "fan.qasm", "--device")])
def test_what_is_no_file_is_not_waited_for(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.json")
    assert main([*words, "pipe.json", "--json"]) != 0
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "EIGEN_FILE_UNREADABLE"


def test_a_sheet_of_the_data_directory_that_cannot_be_read_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "prices" / "sheet.toml").mkdir(parents=True)
    assert main(["estimate", "fan.qasm", "--data-dir", str(tmp_path / "data"), "--json"]) != 0
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "EIGEN_FILE_UNREADABLE"


def test_a_description_with_something_unknown_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    known = json.loads(Path(CHIP).read_text())
    for changed in ({"feature": []}, {"features": ["magic"]}, {"max_shots": 0}, {"shot_overhead_sec": -1}):
        Path("wrong.json").write_text(json.dumps(known | changed))
        assert main(["estimate", "fan.qasm", "-t", "wrong.json", "--json"]) != 0
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "EIGEN_USAGE"


def test_the_description_is_one_that_compiles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "fan.qasm", "--device", CHIP, "--schedule", "asap", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["timing"]["duration"] > 1e-6


def test_the_client_gives_the_same_as_values() -> None:
    with eigen.connect() as client:
        found = client.estimate("fan.qasm", targets=[CHIP], prices=[PRICES], shots=1000)
    chip = found.of("chip")
    assert chip.cost is not None
    assert chip.success is not None
    assert chip.to_json()["success"] == chip.success.to_json()
    with pytest.raises(eigen.errors.EigenError, match="no device `other`"):
        found.of("other")


def test_further_evaluations_cost_less_than_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    """What prepares a circuit is done once: a loop of many rounds is not as many cold starts."""
    once = estimated(capsys, "loop.eigen.py", "--max-iters", "1", "-t", "sim:statevector")
    often = estimated(capsys, "loop.eigen.py", "--max-iters", "20", "-t", "sim:statevector")
    counts = [found["program"]["evaluations"]["usual"] for found in (once, often)]
    first, last = (by_device(found)["sim:statevector"]["seconds"]["usual"] for found in (once, often))
    assert first < last < first * counts[1] / counts[0]


def with_budget(budget: str, program: str = "loop.eigen.py") -> str:
    text = f"""apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {{name: bounded}}
spec: {{program: {{path: {program}}}}}
budget: {{{budget}}}
"""
    Path("bounded.yaml").write_text(text)
    return "bounded.yaml"


def test_a_budget_is_compared_on_every_device(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("-t", CHIP, "-t", "sim:statevector", "-t", "sim:mps", "--prices", PRICES)
    shots = estimated(capsys, "loop.eigen.py")["program"]["shots"]
    assert shots == {"usual": 200 * 51, "most": 200 * 52}
    job = with_budget(f"max_shots: {shots['usual'] - 1}, max_seconds: 3600, max_cost: 5")
    found = {
        name: {bound["limit"]: bound for bound in each["budget"]}
        for name, each in by_device(estimated(capsys, job, *words)).items()
    }
    assert {*found} == {"chip", "sim:statevector", "sim:mps"}
    for bounds in found.values():
        assert bounds["max_shots"]["verdict"] == "exceeds"
        assert bounds["max_shots"]["usual"] == shots["usual"]
        assert bounds["max_shots"]["allowed"] == shots["usual"] - 1
    assert (found["chip"]["max_cost"]["verdict"], found["chip"]["max_cost"]["unit"]) == ("exceeds", "EUR")
    assert found["chip"]["max_cost"]["usual"] == pytest.approx(0.25 * 2 * 51 + 0.0005 * 200 * 51)
    assert found["sim:mps"]["max_cost"] == {**found["sim:mps"]["max_cost"], "verdict": "within", "usual": 0.0}
    assert found["sim:statevector"]["max_seconds"]["verdict"] == "within"
    assert main(["estimate", job, *words]) == 0
    text = capsys.readouterr().out
    limit = (
        f"takes {shots['usual']:,} shots, over `max_shots` of {shots['usual'] - 1:,} shots: the job would be stopped"
    )
    for name in found:
        assert f"budget     {name}: {limit}" in text
    assert "budget     chip: takes 30.6 EUR, over `max_cost` of 5 EUR: the job would be stopped" in text
    assert main(["estimate", with_budget(f"max_shots: {shots['most']}"), *words]) == 0
    assert "budget     kept on every device" in capsys.readouterr().out
    assert "budget" not in json.dumps(estimated(capsys, "loop.eigen.py")["program"])


def test_the_job_is_stopped_where_the_estimate_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    shots = estimated(capsys, "loop.eigen.py")["program"]["shots"]
    with eigen.connect() as client:
        for most, verdict, state in ((shots["most"], "within", "DONE"), (shots["usual"] - 1, "exceeds", "ERROR")):
            job = with_budget(f"max_shots: {most}")
            (bound,) = client.estimate(job, targets=["sim:statevector"]).of("sim:statevector").budget
            assert bound.verdict == verdict
            assert client.wait(client.submit(job, target="sim:statevector")).state == state


def test_what_may_be_exceeded_and_what_is_not_known_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("open.eigen.py").write_text(LOOP.replace('"spsa"', '"bfgs"').replace(", shots=200", ""))
    job = with_budget("max_seconds: 1000", "open.eigen.py")
    first = by_device(estimated(capsys, job, "-t", "sim:statevector"))["sim:statevector"]
    between = (first["seconds"]["usual"] + first["seconds"]["most"]) / 2
    job = with_budget(f"max_seconds: {between}", "open.eigen.py")
    (bound,) = by_device(estimated(capsys, job, "-t", "sim:statevector"))["sim:statevector"]["budget"]
    assert bound["verdict"] == "may exceed"
    assert main(["estimate", job, "-t", "sim:statevector"]) == 0
    assert ", but up to " in capsys.readouterr().out
    words = (with_budget("max_seconds: 1", "fan.qasm, format: qasm2"), "--noise", "depolarizing(0.01)")
    (unknown,) = by_device(estimated(capsys, *words, "-t", "sim:pauli"))["sim:pauli"]["budget"]
    assert (unknown["verdict"], unknown["usual"], unknown["why"]) == ("not known", None, "the engine has no cost model")
    assert main(["estimate", *words, "-t", "sim:pauli"]) == 0
    told = "sim:pauli: whether `max_seconds` of 1 s is kept is not known: the engine has no cost model"
    assert told in capsys.readouterr().out


def test_where_a_limit_of_the_cost_cannot_be_kept_the_job_does_not_go(capsys: pytest.CaptureFixture[str]) -> None:
    Path("seconds.toml").write_text(
        'name = "mine"\ncurrency = "EUR"\n[[price]]\ndevice = "sim:statevector"\nper_second = 1.0\n'
    )
    job = with_budget("max_cost: 5", "fan.qasm, format: qasm2")
    found = estimated(capsys, job, "--prices", "seconds.toml")
    refused = by_device(found)["sim:statevector"]["refused"]
    assert refused == "charges by the second, which `budget.max_cost` cannot bound"
    assert found["chosen"] not in (None, "sim:statevector")

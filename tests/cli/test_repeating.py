"""`eigen replay`, `resume` and `verify` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eigen.cli import main


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, json.loads(out) if "--json" in words else out, err


def job_id_of(capsys: pytest.CaptureFixture[str], text: str) -> str:
    Path("job.yaml").write_text(text)
    main(["submit", "--job", "job.yaml", "--wait", "--json"])
    return json.loads(capsys.readouterr().out)["job_id"]


def job(extra: str = "") -> str:
    Path("program.eigen.py").write_text(PROGRAM)
    return f"apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {{name: loop}}\nspec: {{seed: 7}}\n{extra}"


PROGRAM = """from eigen_lang import *


@hybrid_program()
def main():
    hamiltonian = create_ising_model_hamiltonian(n_spins=2, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(2, depth=1, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=100)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=10).optimal_value
"""


def test_replay_says_that_the_runs_agree(capsys: pytest.CaptureFixture[str]) -> None:
    first = job_id_of(capsys, job())
    code, said, err = call(capsys, "replay", first, "--json")
    assert (code, said["verdict"], said["replay_of"]) == (0, "identical", first), err
    code, shown, _ = call(capsys, "replay", first)
    assert code == 0
    assert "bit for bit" in shown


def test_a_replay_job_is_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    first = job_id_of(capsys, job())
    again = job_id_of(
        capsys,
        "apiVersion: eigen.os/v1\nkind: ReplayJob\nmetadata: {name: again}\n"
        f"spec: {{workload: {{replay_of: {first}}}}}\n",
    )
    code, status, _ = call(capsys, "status", again, "--json")
    assert (code, status["name"], status["replay_of"]) == (0, "again", first)


def test_a_loop_stops_at_its_budget_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    whole = job_id_of(capsys, job())
    stopped = job_id_of(capsys, job("budget: {max_shots: 1000}\n"))
    code, results, err = call(capsys, "results", stopped, "--json")
    assert (code, results["error"]["code"]) == (1, "EIGEN_RUN_BUDGET")
    assert results["metadata"]["minimizations"][0]["success"] is False
    assert f"`eigen resume {stopped}` goes on" in err
    assert call(capsys, "resume", stopped, "--json")[0] == 2
    code, ended, _ = call(capsys, "resume", stopped, "--max-shots", "0", "--json")
    assert code == 0
    assert ended["outputs"] == call(capsys, "results", whole, "--json")[1]["outputs"]
    code, found, _ = call(capsys, "verify", ended["job_id"], "--json")
    assert (code, found["verified"]) == (0, True)


def test_a_job_that_does_not_hold_is_exit_status_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first = job_id_of(capsys, job())
    path = tmp_path / "data/jobs" / first / "results/results.json"
    path.write_bytes(path.read_bytes().replace(b'"DONE"', b'"GONE"'))
    code, shown, err = call(capsys, "verify", first)
    assert code == 1
    assert "fail" in shown
    assert "does not hold: files" in err


@pytest.mark.parametrize("words", [["resume", "x", "--max-seconds", "soon"], ["resume", "x", "--max-shots", "1.5"]])
def test_a_limit_is_a_number(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, *words)
    assert code == 2
    assert "EIGEN_USAGE" in err


def test_the_signing_key_is_shown_and_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    first = call(capsys, "signing-key", "--json")[1]
    second = call(capsys, "signing-key", "rotate", "--json")[1]
    assert first["key_id"] != second["key_id"]
    assert {entry["key_id"]: entry["current"] for entry in second["keys"]} == {
        first["key_id"]: False,
        second["key_id"]: True,
    }
    assert call(capsys, "signing-key", "burn")[0] == 2


def workflow(extra: str = "") -> str:
    Path("program.eigen.py").write_text(PROGRAM)
    return f"""apiVersion: eigen.os/v1
kind: HybridWorkflow
metadata: {{name: loops}}
spec:
  seed: 7
  workload:
    steps:
      - {{name: first, program: {{path: program.eigen.py}}, budget: {{max_shots: 100000}}}}
      - {{name: second, needs: [first], program: {{path: program.eigen.py}}}}
{extra}"""


def test_a_workflow_is_replayed_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    first = job_id_of(capsys, workflow())
    code, shown, err = call(capsys, "replay", first)
    assert code == 0, err
    assert "step by step" in shown
    assert [line.split()[:2] for line in shown.splitlines()[-2:]] == [["first", "identical"], ["second", "identical"]]


def test_a_workflow_that_stopped_at_its_budget_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    whole = job_id_of(capsys, workflow())
    used = call(capsys, "results", whole, "--json")[1]["metadata"]["shots_used"]
    stopped = job_id_of(capsys, workflow(f"budget: {{max_shots: {used * 3 // 4}}}\n"))
    assert call(capsys, "results", stopped, "--json")[1]["error"]["code"] == "EIGEN_WORKFLOW_STEP"
    code, results, err = call(capsys, "resume", stopped, "--max-shots", "0", "--json")
    assert code == 0, err
    assert results["outputs"] == call(capsys, "results", whole, "--json")[1]["outputs"]
    assert results["metadata"]["workflow"]["steps"]["first"]["taken_from"] == stopped
    assert call(capsys, "verify", results["job_id"])[0] == 0

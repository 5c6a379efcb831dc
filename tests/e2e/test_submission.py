"""The main job as a user meets it: submit, wait, look again from another process."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from sample_programs import BELL, ROTATION, VQE, Run, RunJson, Write

from doubles import described_chip

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_bell_job(eigen_json: RunJson) -> None:
    job = ("--job", str(EXAMPLES / "bell" / "job.yaml"))
    first = eigen_json("submit", *job, "--wait")
    assert set(first["counts"]) == {"00", "11"}
    assert sum(first["counts"].values()) == 1024
    later = eigen_json("results", first["job_id"])
    assert later == first
    assert eigen_json("submit", *job, "--wait")["counts"] == first["counts"]
    assert eigen_json("submit", *job, "--wait", "--seed", "8")["counts"] != first["counts"]


def test_json_is_one_object_and_stderr_is_quiet(eigen: Run, write: Write) -> None:
    done = eigen("run", write("bell.eigen.py", BELL), "--json")
    assert set(json.loads(done.stdout)) >= {"job_id", "state", "outputs", "counts", "metadata"}
    assert done.stderr == ""


def test_run_prints_what_the_program_returns(eigen: Run, write: Write) -> None:
    done = eigen("run", write("bell.eigen.py", BELL))
    lines = done.stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"00", "11"}
    assert sum(int(line.split()[1]) for line in lines) == 500


def test_a_submitted_job_is_worked_by_a_process_of_its_own(
    eigen: Run, eigen_json: RunJson, write: Write, private_home: Path
) -> None:
    job_id = eigen("submit", write("bell.eigen.py", BELL)).stdout.strip()
    for _ in range(1200):
        if eigen_json("status", job_id)["state"] == "DONE":
            break
        time.sleep(0.05)
    assert set(eigen_json("results", job_id)["counts"]) == {"00", "11"}
    lines = [json.loads(line) for line in (private_home / "qfs" / "worker.log").read_text().splitlines()]
    assert {line["job_id"] for line in lines} == {job_id}


def test_watch_works_a_job_that_nobody_has(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("bell.eigen.py", BELL)
    job_id = eigen_json("submit", program)["job_id"]
    lines = [json.loads(line) for line in eigen("watch", job_id, "--json").stdout.splitlines()]
    assert [line["event_seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["state"] == "PENDING"
    assert [line["state"] for line in lines if line["state"] in {"DONE", "ERROR"}] == ["DONE"]
    again = [json.loads(line) for line in eigen("watch", job_id, "--json", "--after", "2").stdout.splitlines()]
    assert again == lines[2:]
    assert "out of range" not in eigen("watch", job_id, "--after", "999", expect=2).stdout


def test_the_command_line_wins_over_the_job_and_the_job_over_the_program(eigen_json: RunJson, write: Write) -> None:
    write("program.eigen.py", ROTATION)
    job = write(
        "job.yaml",
        "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\n"
        "spec: {shots: 30, seed: 1, inputs: {angle: 3.141592653589793}}\n",
    )
    assert eigen_json("submit", "--job", job, "--wait")["counts"] == {"1": 30}
    assert eigen_json("submit", "--job", job, "--wait", "--shots", "7")["counts"] == {"1": 7}
    assert eigen_json("submit", "--job", job, "--wait", "--set", "angle=0.0")["counts"] == {"0": 30}
    assert eigen_json("run", str(Path(job).with_name("program.eigen.py")))["counts"] == {"0": 100}


def test_the_short_form_runs(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    bell = write("bell.yaml", "on_job: {backend: native, method: bell, shots: 50, seed: 1}\n")
    done = eigen("submit", "--job", bell, "--wait", "--json")
    assert set(json.loads(done.stdout)["counts"]) == {"00", "11"}
    assert done.stderr == ""
    vqe = write("vqe.yaml", "on_job: {backend: native, method: vqe, seed: 1, inputs: {n_spins: 2, J: -1.0, h: 0.5}}\n")
    energy = eigen_json("submit", "--job", vqe, "--wait")["outputs"]["energy"]
    assert abs(energy + 2**0.5) < 1e-6  # -Z0 Z1 + 0.5 (X0 + X1): the ground energy is -sqrt(1 + 4 * 0.5**2)


def test_max_iters_caps_every_minimisation(eigen_json: RunJson, write: Write) -> None:
    write("program.eigen.py", VQE)
    head = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\n"
    job = write("job.yaml", head + "spec: {max_iters: 3}\n")
    minimizations = eigen_json("submit", "--job", job, "--wait")["metadata"]["minimizations"]
    assert [entry["iterations"] for entry in minimizations] == [3]


def test_a_budget_of_shots_stops_the_job(eigen_json: RunJson, write: Write) -> None:
    write("program.eigen.py", VQE)
    head = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\n"
    job = write("job.yaml", head + "spec: {}\nbudget: {max_shots: 5000}\n")
    found = eigen_json("submit", "--job", job, "--wait", expect=1)
    assert found["error"]["code"] == "EIGEN_RUN_BUDGET"
    assert found["metadata"]["shots_used"] <= 5000


def test_the_same_idempotency_key_is_the_same_job(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("bell.eigen.py", BELL)
    first = eigen_json("submit", program, "--wait", "--idempotency-key", "k")
    assert eigen_json("submit", program, "--wait", "--idempotency-key", "k")["job_id"] == first["job_id"]
    done = eigen("submit", program, "--shots", "3", "--idempotency-key", "k", expect=2)
    assert "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT" in done.stderr


def test_a_refused_program_shows_its_lines_and_exits_with_1(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("bad.eigen.py", BELL.replace("h(q[0])", "hh(q[0])"))
    done = eigen("run", program, expect=1)
    assert "error[E" in done.stderr
    assert "hh(q[0])" in done.stderr
    assert "^" in done.stderr
    found = eigen_json("run", program, expect=1)
    assert found["state"] == "ERROR"
    assert found["error"]["code"] == "EIGEN_LANG_REJECTED"
    assert found["error"]["details"]["diagnostics"]


def test_warnings_are_shown_and_do_not_fail(eigen: Run, write: Write) -> None:
    program = write(
        "bell.eigen.py", BELL.replace("from eigen_lang import QubitRegister, cx, h,", "from eigen_lang import")
    )
    done = eigen("run", program, "--json")
    assert "warning[W001]" in done.stderr
    assert set(json.loads(done.stdout)["counts"]) == {"00", "11"}
    assert "warning[W001]" in eigen("compile", program).stderr


def test_an_unknown_target_is_an_error_of_the_job(eigen: Run, write: Write) -> None:
    done = eigen("run", write("bell.eigen.py", BELL), "--target", "sim:statevectr", expect=1)
    assert "EIGEN_DEVICE_UNKNOWN" in done.stderr
    assert "`sim:statevector`" in done.stderr


def test_everything_about_a_finished_job(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    job_id = eigen_json("run", write("bell.eigen.py", BELL))["job_id"]
    assert eigen_json("status", job_id)["state"] == "DONE"
    assert [job["job_id"] for job in eigen_json("list")["jobs"]] == [job_id]
    assert eigen_json("list", "--state", "ERROR")["jobs"] == []
    placement = eigen_json("explain", job_id)["placement"]
    assert placement["device_id"] == "sim:statevector"
    assert placement["reasons"]
    assert eigen_json("logs", job_id)["lines"]
    files = {entry["path"] for entry in eigen_json("results", job_id, "--files")["artifacts"]}
    assert {
        "input/program.eigen.py",
        "compiled/program.json",
        "compiled/circuit.aqo.json",
        "results/results.json",
    } <= files
    assert eigen("results", job_id, "--file", "input/program.eigen.py").stdout == BELL
    assert "EIGEN_JOB_FINISHED" in eigen("cancel", job_id, expect=2).stderr
    for command in ("status", "list", "logs", "explain"):
        assert eigen(command, *([] if command == "list" else [job_id])).stdout.strip()


def test_the_pictures(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("bell.eigen.py", BELL)
    job_id = eigen_json("run", program)["job_id"]
    drawing = eigen("visualize", program).stdout
    assert "H" in drawing
    assert eigen("visualize", job_id).stdout == drawing
    assert eigen("visualize", program, "--format", "svg").stdout.startswith("<svg")
    assert "[1] run: circuit 0, 2 qubits" in eigen("visualize", program, "--format", "dag").stdout


def test_doctor_finds_nothing_wrong(eigen_json: RunJson) -> None:
    found = eigen_json("doctor")
    assert found["ok"], found
    assert {finding["check"] for finding in found["findings"]} >= {"data directory", "job database", "core", "drivers"}


def test_doctor_names_the_file_that_describes_no_device_and_the_others_are_devices(
    eigen: Run, eigen_json: RunJson, write: Write, private_home: Path
) -> None:
    described_chip.written(private_home / "qfs" / "devices", described_chip.chip("good", [(0, 1)]))
    (private_home / "qfs" / "devices" / "bad.json").write_text("{}")
    report = eigen_json("doctor", expect=4)
    (drivers,) = [finding for finding in report["findings"] if finding["check"] == "drivers"]
    assert "`bad.json` describes no virtual device" in drivers["text"]
    assert "qvm:good (2 qubits)" in drivers["text"]
    program = write("bell.eigen.py", BELL)
    assert eigen_json("run", program, "--target", "qvm:good")["state"] == "DONE"
    refused = eigen("run", program, "--target", "qvm:bad", expect=1)
    assert "error[EIGEN_DRIVER_REJECTED]: `bad.json` describes no virtual device" in refused.stderr


def test_a_damaged_database_is_found(eigen: Run, eigen_json: RunJson, write: Write, private_home: Path) -> None:
    eigen_json("run", write("bell.eigen.py", BELL))
    database = private_home / "qfs" / "eigen.db"
    with database.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        size = file.tell()
        file.seek(size // 2)
        file.write(os.urandom(size // 4))
    assert "FAILED" in eigen("doctor", expect=4).stdout


@pytest.mark.parametrize("command", [["compile"], ["visualize"], ["run"]])
def test_a_file_that_is_no_text_is_refused(command: list[str], eigen: Run, tmp_path: Path) -> None:
    path = tmp_path / "noise.eigen.py"
    path.write_bytes(b"\xff\xfe\x00")
    done = eigen(*command, str(path), expect=1 if command == ["run"] else 2)
    assert "error[E" in done.stderr

"""Each example is run as a user runs it, and its physics is checked against an independent truth.

Statistical bounds are 5.5 standard deviations of a binomial (two-sided false-positive rate below 4e-8).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doubles.hosts import shipped
from doubles.packages import ENVIRONMENTS, REQUIRED

EVERYWHERE = {"braket", "cirq", "go", "jax", "pennylane", "qiskit", "qutip", "sim", "stim"}
EXAMPLES = Path(__file__).parents[2] / "examples"
EIGEN = Path(sys.executable).with_name("eigen")
SIGMAS = 5.5
INPUTS = {
    "pattern_a/energy.eigen.py": ["theta=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]"],
    "h2_curve/energy.eigen.py": ["bond_length=0.735"],
    "h2_curve/choose.eigen.py": ["energies=[-1.0, -1.1]", "points=[1, 2]"],
    "h2_curve/samples.eigen.py": ['point={"bond_length": 0.735, "parameters": [0.0, 0.0, -0.1]}'],
}
"""What programs of examples that take inputs are compiled with."""


def eigen(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(EIGEN), *arguments], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == expect, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done


def submit(*arguments: str) -> dict[str, Any]:
    return json.loads(eigen("submit", *arguments, "--wait", "--json").stdout)


def example(name: str) -> str:
    return str(EXAMPLES / name)


def assert_frequency(successes: int, shots: int, probability: float) -> None:
    spread = SIGMAS * math.sqrt(probability * (1 - probability) / shots)
    assert abs(successes / shots - probability) <= spread


def test_everywhere() -> None:
    """One program on every device that is listed: exact ones agree with the closed form."""
    command = [sys.executable, example("everywhere/run.py")]
    environment = {**os.environ, "EIGEN_ENVIRONMENTS_ROOT": str(ENVIRONMENTS.root)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    agreed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith("agrees")}
    assert {"sim:statevector", "sim:density", "sim:stabilizer", "sim:mps"} <= agreed
    assert "DISAGREES" not in done.stdout
    if os.environ.get(REQUIRED):
        assert {device.partition(":")[0] for device in agreed} >= EVERYWHERE


def test_h2_curve() -> None:
    """A workflow: the curve lies where exact diagonalisation puts it, and its lowest point is sampled."""
    results = submit("--job", example("h2_curve/job.yaml"))
    outputs = results["outputs"]
    assert outputs["curve"][1] == pytest.approx(-1.137306, abs=1e-6)
    assert outputs["lowest"]["bond_length"] == 0.735
    assert min(outputs["curve"]) == outputs["curve"][1]
    assert set(outputs["samples"]) == {"0011", "1100"}
    assert sum(outputs["samples"].values()) == 1000
    other = submit("--job", example("h2_curve/job.yaml"), "--set", "bound=-2")
    assert other["outputs"]["samples"] is None
    assert other["metadata"]["workflow"]["steps"]["samples"]["state"] == "SKIPPED"


def ising_ground_energy(n: int, coupling: float, field: float) -> float:
    """Smallest eigenvalue of coupling sum Z_i Z_i+1 + field sum X_i on an open chain, by dense diagonalisation."""
    x, z, one = np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.eye(2)

    def on(sites: dict[int, np.ndarray]) -> np.ndarray:
        matrix = np.eye(1)
        for site in range(n):
            matrix = np.kron(sites.get(site, one), matrix)
        return matrix

    hamiltonian = sum(coupling * on({i: z, i + 1: z}) for i in range(n - 1)) + sum(field * on({i: x}) for i in range(n))
    return float(np.linalg.eigvalsh(hamiltonian)[0])


def ry_cx_energy(n: int, layers: int, angles: list[float], coupling: float, field: float, *, final: bool) -> float:
    """Energy of the RY + linear CX ansatz, recomputed with dense vectors and no code of Eigen OS."""
    state = np.zeros((2,) * n)
    state[(0,) * n] = 1.0
    remaining = iter(angles)

    def rotate() -> None:
        nonlocal state
        for qubit in range(n):
            half = next(remaining) / 2
            matrix = np.array([[math.cos(half), -math.sin(half)], [math.sin(half), math.cos(half)]])
            axis = n - 1 - qubit
            state = np.moveaxis(np.tensordot(matrix, state, axes=(1, axis)), 0, axis)

    for _ in range(layers):
        rotate()
        for qubit in range(n - 1):
            control, target = n - 1 - qubit, n - 2 - qubit
            moved = np.moveaxis(state, (control, target), (0, 1)).copy()
            moved[1] = moved[1, ::-1].copy()
            state = np.moveaxis(moved, (0, 1), (control, target))
    if final:
        rotate()
    assert next(remaining, None) is None
    energy = 0.0
    for bits in product((0, 1), repeat=n):
        amplitude = state[bits]
        signs = [1 - 2 * bit for bit in bits]
        energy += coupling * sum(signs[i] * signs[i + 1] for i in range(n - 1)) * amplitude**2
        for site in range(n):
            flipped = tuple(bit ^ (i == site) for i, bit in enumerate(bits))
            energy += field * amplitude * state[flipped]
    return float(energy)


def test_bell_counts_agree_on_both_bits_and_depend_on_the_seed_alone() -> None:
    job = ("--job", example("bell/job.yaml"))
    first = submit(*job)
    assert set(first["counts"]) == {"00", "11"}
    assert sum(first["counts"].values()) == 1024
    assert_frequency(first["counts"]["00"], 1024, 0.5)
    assert submit(*job)["counts"] == first["counts"]
    assert submit(*job, "--seed", "8")["counts"] != first["counts"]
    later = json.loads(eigen("results", first["job_id"], "--json").stdout)
    assert later["counts"] == first["counts"]


def test_ghz_bits_are_all_equal() -> None:
    counts = submit(example("ghz/program.eigen.py"))["counts"]
    assert set(counts) == {"00000", "11111"}
    assert_frequency(counts["00000"], 2000, 0.5)


def test_teleportation_moves_the_state() -> None:
    outputs = submit(example("teleportation/program.eigen.py"))["outputs"]
    assert_frequency(outputs["teleported"].get("1", 0), 4000, math.sin(0.6) ** 2)


def test_light_is_teleported() -> None:
    outputs = submit(example("photonics/program.eigen.py"))["outputs"]
    noise, shots = 0.5 + math.exp(-2.4) / 2, 2000
    assert outputs["mean"] == pytest.approx([math.cos(0.5), math.sin(0.5)], abs=SIGMAS * math.sqrt(noise / shots))
    assert outputs["variance"] == pytest.approx([noise, noise], abs=SIGMAS * noise * math.sqrt(2 / shots))


@pytest.mark.parametrize(("delay", "target"), [(0, "perceval:slos"), (1, "perceval:clicl")])
def test_photons_that_meet_leave_together_and_strangers_do_not(
    delay: int, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped("perceval").close()
    monkeypatch.setenv("EIGEN_ENVIRONMENTS_ROOT", str(ENVIRONMENTS.root))
    words = ["--target", target, "--set", f"delay={delay}"]
    counts = submit(example("photonics/photons.eigen.py"), *words)["outputs"]
    if delay == 0:
        assert not any(key.startswith("1,1") for key in counts)
        assert_frequency(counts["2,0,0,0"], 2000, 0.9 * 0.9 / 2)
    else:
        assert_frequency(counts["1,0,0,1"], 2000, 0.9 * 0.9 / 4)
    assert_frequency(counts["0,0,0,0"], 2000, 0.1 * 0.1)


def test_inverse_qft_reads_the_phase_back() -> None:
    assert submit(example("qft/program.eigen.py"))["counts"] == {"1011": 512}


def test_grover_finds_the_marked_string() -> None:
    counts = submit(example("grover/program.eigen.py"))["counts"]
    angle = math.asin(1 / 4)
    assert_frequency(counts["1011"], 1000, math.sin(7 * angle) ** 2)


def test_qaoa_finds_the_maximum_cut() -> None:
    outputs = submit(example("qaoa_maxcut/program.eigen.py"))["outputs"]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)]

    def cut(bits: str) -> int:
        return sum(bits[4 - a] != bits[4 - b] for a, b in edges)

    best = max(cut(format(value, "05b")) for value in range(32))
    assert best == 5
    assert cut(outputs["most_common"]) == best
    assert 4.0 < outputs["expected_cut"] <= best + 1e-9
    mean = sum(cut(bits) * count for bits, count in outputs["counts"].items()) / 2000
    assert abs(mean - outputs["expected_cut"]) < SIGMAS * 1.5 / math.sqrt(2000)


def test_h2_reaches_the_exact_energy() -> None:
    outputs = submit(example("h2_vqe/program.eigen.py"))["outputs"]
    assert abs(outputs["energy"] - (-1.137306)) < 1e-6
    assert all(bits.count("1") == 2 for bits in outputs["counts"]), "the ansatz conserves the number of electrons"


def test_the_classifier_learns_and_names_its_baseline() -> None:
    outputs = submit(example("classifier/program.eigen.py"))["outputs"]
    assert outputs["last_loss"] < 0.7 * outputs["first_loss"]
    assert outputs["train_accuracy"] >= 0.85
    assert outputs["test_accuracy"] >= 0.75
    assert 0.5 <= outputs["baseline_accuracy"] <= 1.0


def test_the_appendix_program_runs_unchanged() -> None:
    done = json.loads(eigen("run", example("logistics/program.eigen.py"), "--json").stdout)
    outputs = done["outputs"]
    assert set(outputs) == {"optimal_cost", "optimal_parameters", "success", "iterations", "qubits_used"}
    assert outputs["qubits_used"] == 5
    recomputed = ry_cx_energy(5, 3, outputs["optimal_parameters"], -1.0, 0.5, final=False)
    assert abs(outputs["optimal_cost"] - recomputed) < 1e-9
    assert outputs["optimal_cost"] - ising_ground_energy(5, -1.0, 0.5) < 0.2


def test_the_converged_variant_is_exact() -> None:
    outputs = submit(example("logistics/converged.eigen.py"))["outputs"]
    recomputed = ry_cx_energy(4, 3, outputs["optimal_parameters"], -1.0, 0.5, final=True)
    assert abs(outputs["optimal_cost"] - recomputed) < 1e-9
    assert abs(outputs["optimal_cost"] - ising_ground_energy(4, -1.0, 0.5)) < 1e-6


def test_the_seed_job_without_a_body_is_a_coded_diagnostic() -> None:
    done = eigen("submit", "--job", example("seed_job/job.yaml"), "--wait", expect=1)
    assert "error[E0101]" in done.stderr
    assert "job.yaml:program:3" in done.stderr


def test_the_completed_seed_job_runs() -> None:
    done = submit("--job", example("seed_job/completed.yaml"))
    assert abs(done["outputs"]["energy"] - (-1.137306)) < 1e-6
    assert sum(done["counts"].values()) == 1024


def test_the_aqo_snippet_runs_with_its_symbol_bound() -> None:
    counts = submit("--job", example("aqo/job.yaml"))["counts"]
    assert set(counts) == {"00", "11"}
    assert_frequency(counts["11"], 4000, math.sin(0.6) ** 2)


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.eigen.py")), ids=lambda p: str(p.relative_to(EXAMPLES)))
def test_every_example_compiles_without_warnings_but_the_appendix(path: Path) -> None:
    given = [word for value in INPUTS.get(path.relative_to(EXAMPLES).as_posix(), ()) for word in ("--set", value)]
    report = json.loads(eigen("compile", str(path), *given, "--json").stdout)
    warnings = [diagnostic["code"] for diagnostic in report["diagnostics"]]
    expected = {"W001", "W014"} if path == EXAMPLES / "logistics/program.eigen.py" else set()
    assert set(warnings) == expected


def test_a_warm_start_ends_no_higher_and_above_the_ground_state() -> None:
    outputs = submit(example("patterns/warm_start.eigen.py"))["outputs"]
    ground = ising_ground_energy(3, -1.0, 0.7)
    assert ground - 1e-9 <= outputs["fine"] <= outputs["rough"]
    assert outputs["fine"] - ground < 1e-3


def test_deflation_finds_the_first_excited_state() -> None:
    outputs = submit(example("patterns/deflation.eigen.py"))["outputs"]
    x, z, one = np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.eye(2)
    hamiltonian = np.kron(z, z) + 0.4 * np.kron(one, x) + 0.4 * np.kron(x, one) + 0.2 * np.kron(one, z)
    levels = np.linalg.eigvalsh(hamiltonian)
    assert abs(outputs["ground"] - levels[0]) < 1e-6
    assert abs(outputs["excited"] - levels[1]) < 1e-4


def test_a_scan_follows_the_closed_form() -> None:
    outputs = submit(example("patterns/scan.eigen.py"))["outputs"]
    assert np.allclose(outputs["xx"], np.sin(outputs["angles"]), atol=1e-12)
    assert outputs["largest"] == max(outputs["xx"])


def test_layerwise_growth_never_loses_what_it_found() -> None:
    energies = submit(example("patterns/growth.eigen.py"))["outputs"]["energies"]
    assert energies == sorted(energies, reverse=True)
    assert abs(energies[-1] - ising_ground_energy(3, -1.0, 0.5)) < 1e-3


def test_repeat_until_success_always_succeeds() -> None:
    outputs = submit(example("patterns/repeat_until_success.eigen.py"))["outputs"]
    assert outputs["failed"] == {"0": 3000}
    assert_frequency(outputs["result"].get("1", 0), 3000, math.sin(0.4) ** 2)

"""One example for every error code, through the doors a user has; a code without an example fails here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import eigen
from eigen import _core
from eigen.client import Client
from eigen.errors import ERRORS, EigenError
from eigen.jobspec import parse_job, submission
from eigen.types import JobState, ProbabilityWork, SampleWork

HEAD = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\n"
ENDLESS_LOOP = """
@hybrid_program(shots=1)
def main():
    q = QubitRegister(1)
    c = ClassicalRegister(1)
    x(q[0])
    measure(q[0], c[0])
    while c[0]:
        x(q[0])
        x(q[0])
        measure(q[0], c[0])
    return c
"""
BELL = """
@hybrid_program(shots=100)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""
LONG = """
@hybrid_program(seed=1)
def main():
    ansatz = create_hea_ansatz(n_qubits=4, depth=2, rotations="ry")
    hamiltonian = create_ising_model_hamiltonian(n_spins=4, J=-1.0, h=0.7)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=400)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=100000).optimal_value
"""

DIVISION = (
    LONG.replace("100000", "2").replace(").optimal_value", ").iterations").replace("return minimize", "best = minimize")
)
DIVISION += "    return 1 / (best - best)\n"


class Scene:
    """A client, a folder, and short ways to the usual things."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.folder = folder

    def run(self, source: str, **fields: Any) -> Any:
        return self.client.run(submission(source.encode(), **fields))

    def job(self, rest: str, source: str = BELL) -> Any:
        (self.folder / "program.eigen.py").write_text(source)
        return self.client.run(parse_job(HEAD + rest, base=self.folder))

    def aqo(self, text: str) -> Any:
        return self.client.run(submission(text.encode(), kind="aqo"))

    def done(self) -> str:
        return self.run(BELL).job_id


def circuit(*gates: tuple[str, list[int], list[Any]], qubits: int = 1) -> _core.Circuit:
    builder = _core.CircuitBuilder(qubits, qubits)
    for name, on, params in gates:
        builder.gate(name, on, params)
    return builder.build()


def cancelled(scene: Scene) -> None:
    job_id = scene.client.submit(submission(BELL.encode()))
    scene.client.cancel(job_id)
    raise EigenError.from_json(scene.client.results(job_id).error or {})


def failed_dependency(scene: Scene) -> None:
    job_id = scene.client.submit(submission(b"nonsense(("))
    assert scene.client.wait(job_id).state is JobState.ERROR
    scene.run(BELL, dependencies=[job_id])


def conflict(scene: Scene) -> None:
    scene.client.submit(submission(BELL.encode()), idempotency_key="k")
    scene.client.submit(submission(LONG.encode()), idempotency_key="k")


def changed_artifact(scene: Scene) -> None:
    job_id = scene.done()
    (path,) = scene.folder.glob(f"data/jobs/{job_id}/input/program.eigen.py")
    path.chmod(0o600)
    path.write_text("x = 1")
    scene.client.artifact(job_id, "input/program.eigen.py")


def overwritten_artifact(scene: Scene) -> None:
    from eigen.qfs.artifacts import LocalArtifacts

    store = LocalArtifacts(scene.folder / "store")
    store.put("job_1", "input/x", b"one")
    store.put("job_1", "input/x", b"two")


def unusable_directory(scene: Scene) -> None:
    (scene.folder / "file").write_text("")
    eigen.connect(data_dir=scene.folder / "file").list()


def wrong_digest(scene: Scene) -> None:
    job = submission(BELL.encode())
    scene.client.submit(type(job)(job.spec, {"input/program.eigen.py": b"other"}))


def foreign_journal(_scene: Scene) -> None:
    from eigen.kernel.journal import Journal
    from eigen.qfs.store import JournalEntry

    Journal([JournalEntry(0, "of another program", 1.0)], lambda _: None, clock=lambda: 0.0).ask({}, lambda _: 0.0)


def rejected_driver(_scene: Scene) -> None:
    from eigen.drivers.registry import DriverEntry, Registry

    Registry(built_in=(DriverEntry("broken", "eigen.errors:EigenError"),)).load("broken")


def failing_device(_scene: Scene) -> None:
    from eigen.drivers.work_table import WorkTable

    table = WorkTable("engine", lambda _device, _work: 1 / 0)  # type: ignore[arg-type, return-value]
    table.result(table.submit("d", "k", SampleWork(circuit(), (), 1, 0)), 30)


def unknown_option(_scene: Scene) -> None:
    native().execute_circuit("sim:statevector", SampleWork(circuit(), (), 1, 0, {"thread": 1}))


def native() -> Any:
    from eigen.drivers.native import NativeDriver

    return NativeDriver()


def bad_config(scene: Scene) -> None:
    from eigen.config import load_settings

    load_settings(environ={"HOME": str(scene.folder), "EIGEN_THREDS": "1"})


def bad_usage(_scene: Scene) -> None:
    from eigen.cli.commands import find

    find("sbmit")


def bad_program(_scene: Scene) -> None:
    from eigen.ir.program import Program

    Program.from_json(b"{}")


def raised_by_core(action: Callable[[], Any]) -> None:
    """An error of the core, as every door of the system hands it on."""
    with pytest.raises(_core.CoreError) as caught:
        action()
    raise EigenError.from_core(caught.value)


def old_aqo(_scene: Scene) -> None:
    from eigen.ir.formats.aqo import dump

    dump(circuit(("RZX", [0, 1], [0.5]), qubits=2), version="0.1")


def too_wide(_scene: Scene) -> None:
    from eigen.compiler.lower import lower
    from eigen.types import Device

    lower(circuit(("H", [0], []), qubits=3), Device("d", "d", "hardware", num_qubits=2))


def wrong_outcome(_scene: Scene) -> None:
    native().execute_circuit("sim:statevector", ProbabilityWork(circuit(("H", [0], [])), (), "000", None, 0))


def defect(_scene: Scene) -> None:
    from eigen.cli.failure import as_ours

    error = as_ours(ZeroDivisionError("a mistake of ours"))
    Path(error.hint.rpartition("traceback in ")[2]).unlink()
    raise error


EXAMPLES: dict[str, Callable[[Scene], Any]] = {
    "EIGEN_LANG_REJECTED": lambda scene: scene.run("import os"),
    "EIGEN_AQO_INVALID": lambda scene: scene.aqo('{"version": "0.1"}'),
    "EIGEN_CIRCUIT_PARAMETERS": lambda scene: scene.aqo(
        '{"version": "0.1", "qubits": 1, "operations": [{"op": "RX", "q": [0], "params": {"theta": "p0"}}]}'
    ),
    "EIGEN_PROGRAM_INVALID": bad_program,
    "EIGEN_LIMIT_EXCEEDED": lambda scene: scene.job("spec: {shots: 100000000}\n"),
    "EIGEN_JOBSPEC_INVALID": lambda scene: scene.job("spec: {shuts: 1}\n"),
    "EIGEN_CONFIG_INVALID": bad_config,
    "EIGEN_USAGE": bad_usage,
    "EIGEN_FILE_UNREADABLE": lambda scene: scene.client.submit(scene.folder / "no.eigen.py"),
    "EIGEN_ROUTER_NO_DEVICE": lambda scene: scene.run(BELL, noise_model="thermal"),
    "EIGEN_DEVICE_UNKNOWN": lambda scene: scene.run(BELL, target="qiskit:aer"),
    "EIGEN_DEVICE_OPTION": unknown_option,
    "EIGEN_DEVICE_FAILED": failing_device,
    "EIGEN_DRIVER_REJECTED": rejected_driver,
    "EIGEN_SIM_LOOP_BOUND": lambda scene: scene.run(ENDLESS_LOOP),
    "EIGEN_RUN_FAILED": lambda scene: scene.run(DIVISION),
    "EIGEN_CIRCUIT_INVALID": lambda _: raised_by_core(lambda: circuit(("CX", [0, 0], []))),
    "EIGEN_OBSERVABLE_INVALID": lambda _: raised_by_core(lambda: _core.Observable.from_terms(1, [("Q0", 1.0)])),
    "EIGEN_AQO_UNSUPPORTED": old_aqo,
    "EIGEN_COMPILER_UNSUPPORTED": too_wide,
    "EIGEN_SIM_MEMORY": lambda _: native().execute_circuit(
        "sim:statevector", SampleWork(circuit(("H", [44], []), qubits=45), (), 1, 0)
    ),
    "EIGEN_SIM_UNSUPPORTED": wrong_outcome,
    "EIGEN_INTERNAL": defect,
    "EIGEN_RUN_JOURNAL_MISMATCH": foreign_journal,
    "EIGEN_RUN_TIMEOUT": lambda scene: scene.job("spec: {}\nruntime: {timeout: {execution_seconds: 0.2}}\n", LONG),
    "EIGEN_RUN_CANCELLED": cancelled,
    "EIGEN_RUN_BUDGET": lambda scene: scene.job("spec: {}\nbudget: {max_shots: 1000}\n", LONG),
    "EIGEN_JOB_NOT_FOUND": lambda scene: scene.client.status("job_none"),
    "EIGEN_JOB_NOT_FINISHED": lambda scene: scene.client.results(scene.client.submit(submission(BELL.encode()))),
    "EIGEN_JOB_FINISHED": lambda scene: scene.client.cancel(scene.done()),
    "EIGEN_JOB_DEPENDENCY": failed_dependency,
    "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT": conflict,
    "EIGEN_STREAM_CURSOR": lambda scene: list(scene.client.watch(scene.done(), after=999)),
    "EIGEN_QFS_NOT_FOUND": lambda scene: scene.client.artifact(scene.done(), "results/no.json"),
    "EIGEN_QFS_EXISTS": overwritten_artifact,
    "EIGEN_QFS_PATH": lambda scene: scene.client.artifact(scene.done(), "../../eigen.db"),
    "EIGEN_QFS_DATA_LOSS": changed_artifact,
    "EIGEN_STORE_UNAVAILABLE": unusable_directory,
    "EIGEN_INPUT_DIGEST": wrong_digest,
    "EIGEN_NOT_AVAILABLE": lambda scene: scene.job("spec: {sweep: {a: [1]}}\n"),
}


def test_every_code_has_an_example() -> None:
    assert set(EXAMPLES) == set(ERRORS)


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_example_raises_its_code(code: str, tmp_path: Path) -> None:
    with eigen.connect(data_dir=tmp_path / "data") as client, pytest.raises(EigenError) as caught:
        EXAMPLES[code](Scene(client, tmp_path))
    assert caught.value.code == code, caught.value.render()
    assert caught.value.render().startswith(f"error[{code}]: ")

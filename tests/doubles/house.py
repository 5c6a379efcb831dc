"""A whole kernel over a directory, with a compiler that knows a few programs by heart. As a script, it runs one.

`python -m doubles.house ROOT PROGRAM DEVICE [DELIVERY]` submits the program with seed 7 and works until it has ended:
what kill tests kill.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doubles.metered import MeteredDriver
from doubles.restricted import RestrictedDriver
from eigen.app import open_files
from eigen.app.files import open_snapshots
from eigen.app.sharing import predicted_success
from eigen.compiler.compile import Compiled
from eigen.compiler.lower import lower
from eigen.config import Settings
from eigen.drivers.native import NativeDriver
from eigen.drivers.qvm import QvmDriver
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable
from eigen.ir.array import Array
from eigen.ir.program import Node, Program, ProgramOptions, Region
from eigen.jobspec import JobSpec, ProgramRef
from eigen.jobspec.sweep import Sweep
from eigen.jobspec.workflow.plan import Step, Workflow
from eigen.kernel.kernel import Kernel
from eigen.kernel.ports import Ports, Sharing
from eigen.kernel.snapshot_policy import SnapshotPolicy
from eigen.kernel.worker import Worker
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.ledger import SqlLedger
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.regions import SqlRegions
from eigen.qfs.reservations import SqlReservations
from eigen.qfs.result_cache import SqlResultCache
from eigen.qfs.sqlite import SqliteDatabase
from eigen.router import Features, route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.types import Device, Json, Placement

OPENED: list[PostgresDatabase] = []
"""What `close_databases` closes."""


def bell() -> Program:
    """Half `00`, half `11`; the value is the counts."""
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    nodes = (Node("run", attrs={"circuit": 0}), Node("getattr", (0,), {"name": "counts"}))
    return Program((builder.build(),), (), Region((), nodes, (1,)))


def vqe(*, shots: int | None = None, max_iter: int = 60, method: str = "cobyla") -> Program:
    """A two-qubit energy minimised over three angles; the value is the record of the minimisation."""
    builder = CircuitBuilder(2)
    builder.gate("RY", [0], ["a"])
    builder.gate("RY", [1], ["b"])
    builder.gate("CX", [0, 1])
    builder.gate("RX", [1], ["c"])
    observable = Observable.from_terms(2, [("Z0 Z1", 1.0), ("X0", 0.5), ("X1", 0.25), ("", 0.125)])
    energy = Node("expectation", (0,), {"circuit": 0, "observable": 0, "shots": shots}, "float")
    region = Region(("array",), (energy,), (1,))
    nodes = (
        Node("const", attrs={"value": Array((3,), (0.1, 0.2, 0.3))}, type="array"),
        Node("minimize", (0,), {"method": method, "max_iter": max_iter}, "record:minimize", (region,)),
    )
    return Program((builder.build(),), (observable,), Region((), nodes, (1,)))


def wide() -> Program:
    """An exact energy of ten qubits, evaluated often enough for several pieces of a loop."""
    builder = CircuitBuilder(10)
    for layer in range(2):
        for qubit in range(10):
            builder.gate("RY", [qubit], [f"t{layer}_{qubit}"])
        for qubit in range(9):
            builder.gate("CX", [qubit, qubit + 1])
    observable = Observable.from_terms(10, [(f"Z{q} Z{q + 1}", 1.0) for q in range(9)] + [("X0", 0.5)])
    energy = Node("expectation", (0,), {"circuit": 0, "observable": 0}, "float")
    region = Region(("array",), (energy,), (1,))
    nodes = (
        Node("const", attrs={"value": Array((20,), (0.1,) * 20)}, type="array"),
        Node("minimize", (0,), {"method": "spsa", "max_iter": 15_000}, "record:minimize", (region,)),
    )
    return Program((builder.build(),), (observable,), Region((), nodes, (1,)))


def division() -> Program:
    """A program that fails at run time."""
    nodes = (Node("const", attrs={"value": 1}), Node("const", attrs={"value": 0}), Node("truediv", (0, 1), line=3))
    return Program((), (), Region((), nodes, (2,)))


def turned() -> Program:
    """Counts of two qubits, one of them turned by the open parameter `theta`; submitted, it is swept over twelve
    values."""
    builder = CircuitBuilder(2, 2)
    builder.gate("RY", [0], ["theta"])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    nodes = (Node("run", (0,), {"circuit": 0}), Node("getattr", (1,), {"name": "counts"}, "counts"))
    return Program((builder.build(),), (), Region(("float",), nodes, (2,)), parameters=(("theta", 0),))


def deep(layers: int = 26) -> Program:
    """Counts of 17 qubits after many passes over their state, two measured on the way; the value is the counts."""
    builder = CircuitBuilder(17, 17)
    for layer in range(layers):
        for qubit in range(17):
            builder.gate("U", [qubit], [0.3 + 0.1 * qubit, 0.7 * layer, 1.1])
        for qubit in range(17):
            builder.gate("CX", [qubit, (qubit + 1 + layer % 16) % 17])
        if layer in {10, 15}:
            builder.measure([layer], [layer])
    nodes = (Node("run", attrs={"circuit": 0}), Node("getattr", (0,), {"name": "counts"}))
    return Program((builder.build().measure_all(),), (), Region((), nodes, (1,)))


def clifford() -> Program:
    """Counts of 40 qubits after many Clifford gates, two measured on the way; the value is the counts."""
    builder = CircuitBuilder(40, 40)
    for layer in range(60):
        for qubit in range(40):
            builder.gate("H" if (layer + qubit) % 3 else "S", [qubit])
        for qubit in range(40):
            builder.gate("CX", [qubit, (qubit + 1 + layer % 37) % 40])
        if layer in {20, 40}:
            builder.measure([layer % 40], [layer % 40])
    nodes = (Node("run", attrs={"circuit": 0}), Node("getattr", (0,), {"name": "counts"}))
    return Program((builder.build().measure_all(),), (), Region((), nodes, (1,)))


def chain() -> Program:
    """Counts of 14 qubits after several layers of gates between neighbours; the value is the counts."""
    builder = CircuitBuilder(14, 14)
    for layer in range(8):
        for qubit in range(14):
            builder.gate("U", [qubit], [0.3 + 0.1 * qubit, 0.7 * layer, 1.1])
        for qubit in range(layer % 2, 13, 2):
            builder.gate("CX", [qubit, qubit + 1])
    nodes = (Node("run", attrs={"circuit": 0}), Node("getattr", (0,), {"name": "counts"}))
    return Program((builder.build().measure_all(),), (), Region((), nodes, (1,)))


SWEPT = Sweep({"theta": {"start": 0.0, "stop": 3.0, "num": 12}})
PROGRAMS = {
    "bell": bell,
    "vqe": vqe,
    "vqe-shots": lambda: vqe(shots=200, max_iter=8, method="spsa"),
    "vqe-long": lambda: vqe(shots=20, max_iter=150, method="spsa"),
    "vqe-wide": wide,
    "vqe-gradient": lambda: vqe(method="l-bfgs-b", max_iter=30),
    "division": division,
    "turned": turned,
    "deep": deep,
    "deep-single": deep,
    "clifford": clifford,
    "chain": chain,
}


def compile_by_heart(source: str, *, options: Mapping[str, Json], **_: object) -> Compiled:
    """The program of that name; anything else is rejected as a compiler would."""
    make = PROGRAMS.get(source)
    if make is None:
        raise EigenError("EIGEN_LANG_REJECTED", f"`{source}` is no program", details={"diagnostics": []})
    program = replace(make(), options=ProgramOptions(seed=None))
    circuit = program.circuits[0] if program.circuits else None
    return Compiled(program, (), {"options": dict(options), "diagnostics": []}, circuit)


def route_spec(
    program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str, withheld: Mapping[str, str]
) -> Placement:
    features = Features.of(
        program, spec.shots, seed=spec.seed, noise_model=spec.noise_model, device_options=spec.device_options
    )
    return route(features, devices, target, withheld=withheld)


class Drivers:
    """A device house of given drivers."""

    def __init__(self, *drivers: QDriver) -> None:
        self._drivers = drivers

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        return tuple(device for driver in self._drivers for device in driver.get_devices())

    def driver_for(self, device_id: str) -> QDriver:
        for driver in self._drivers:
            if any(device.id == device_id for device in driver.get_devices()):
                return driver
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{device_id}`")


FORGETFUL = "the provider keeps no keys"
"""A file of this name among the data makes the provider one that cannot recognise work it has seen."""


SNAPSHOTS = "snapshots"
"""A file of this name has snapshots taken as often as there is a place for one."""


CACHE = "result_cache_bytes"
"""A file of this name says how much room there is for results that are found again."""


def all_drivers(root: Path) -> Drivers:
    native, chip = NativeDriver(), RestrictedDriver()
    native.initialize({})
    virtual = QvmDriver()
    virtual.initialize({"folder": str(root / "devices")})
    return Drivers(native, chip, virtual, MeteredDriver(root / "ledger", deduplicates=not (root / FORGETFUL).exists()))


def close_databases() -> None:
    """Close what `ports` opened on PostgreSQL in this process: a connection that nobody closes is told as an error, in
    whichever test comes later."""
    while OPENED:
        OPENED.pop().close()


def _postgres(url: str) -> PostgresDatabase:
    OPENED.append(PostgresDatabase(url))
    return OPENED[-1]


def ports(root: Path, **changes: object) -> Ports:
    """A kernel's ports over `root`; `changes` replace any of them. The jobs are in a file there, or in the PostgreSQL
    that the file `database.url` names; the files there, or in the bucket that `settings.json` names."""
    url, room = root / "database.url", root / CACHE
    database = _postgres(url.read_text()) if url.exists() else SqliteDatabase(root / "eigen.db")
    kept = root / "settings.json"
    settings = Settings(qfs_root=str(root), **(json.loads(kept.read_text()) if kept.exists() else {}))
    files, keys = open_files(settings)
    given = {
        "jobs": SqlJobStore(database),
        "reservations": SqlReservations(database),
        "artifacts": files,
        "ledger": SqlLedger(database),
        "keys": keys,
        "compile": compile_by_heart,
        "lower": lower,
        "route": route_spec,
        "devices": all_drivers(root),
        "cache": SqlResultCache(database, int(room.read_text())) if room.exists() else None,
        "sharing": Sharing(SqlRegions(database), predicted_success),
        "snapshots": open_snapshots(settings) if (root / SNAPSHOTS).exists() else None,
        "snapshot_policy": SnapshotPolicy(1e-9, most_part=1.0, look_seconds=0.0, least_amplitudes=0),
        "versions": {"eigen": "test"},
        **changes,
    }
    return Ports(**given)  # type: ignore[arg-type]


def spec(program: str, target: str | None = "sim:statevector", **changes: object) -> JobSpec:
    """A job for one of the programs, with seed 7."""
    digest = sha256(program.encode()).hexdigest()
    swept: dict[str, Any] = {"sweep": SWEPT} if program == "turned" else {}
    if program == "deep-single":
        swept = {"device_options": {"precision": "f32"}}
    return replace(
        JobSpec(name=program, program=ProgramRef(sha256=digest), target=target, seed=7), **{**swept, **changes}
    )


def workflow(*steps: Step, target: str = "sim:statevector", seed: int | None = 7, **changes: Any) -> JobSpec:
    """A job of these steps; `changes` are of its plan."""
    plan = Workflow("HybridWorkflow", steps, **changes)
    return JobSpec(name="w", program=ProgramRef(sha256=""), target=target, seed=seed, workflow=plan)


def step(name: str, program: str, *needs: str, inputs: Mapping[str, Json] | None = None, **changes: Any) -> Step:
    """A step that runs one of the programs."""
    job = spec(program, seed=None, target=None, inputs=inputs or {})
    return Step(name, job, needs, **changes)


def three_steps(device: str) -> JobSpec:
    """A minimisation, samples for each of three items of what it gave, and samples after them."""
    return workflow(
        step("first", "vqe-shots"),
        step("each", "bell", "first", foreach=["${steps.first.outputs.optimal_value}", 1, 2], inputs={"x": "${item}"}),
        step("last", "bell", "each", inputs={"all": "${steps.each.counts}"}),
        target=device,
        parallel=2,
    )


def files(job: JobSpec) -> dict[str, bytes]:
    """The files of `spec(...)`, or of `workflow(...)`."""
    if job.workflow is not None:
        return {f"{each.folder}program.eigen.py": each.job.name.encode() for each in job.workflow.steps}
    return {job.program.artifact: job.name.encode()}


def main(root: str, program: str, device: str, delivery: str | None = None) -> None:
    outside = ports(Path(root))
    job = three_steps(device) if program == "three-steps" else spec(program, device, delivery=delivery)
    job_id = Kernel(outside).submit(job, files(job))
    print(job_id, flush=True)
    Worker(outside).run_until(job_id)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""One runnable example for every error code, through the doors that a program has. No test lives here.

The reference of errors prints them; tests/test_errors.py runs each in a folder of its own that holds `PROGRAMS`.
An example raises its error, has it in the variable `error`, or makes the command line print it.
"""

from __future__ import annotations

PROGRAMS = {
    "bell.eigen.py": """\
from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(shots=100)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
""",
    "ising.eigen.py": """\
from eigen_lang import *


@hybrid_program(seed=1)
def main():
    ansatz = create_hea_ansatz(n_qubits=2, depth=1)
    hamiltonian = create_ising_model_hamiltonian(n_spins=2, J=-1.0, h=0.5)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=1000)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=100_000)
""",
}
"""Files that lie beside every example: a short program and a long one."""

LANGUAGE = {
    "EIGEN_LANG_REJECTED": """\
from pathlib import Path

from eigen.cli import main

Path("wrong.eigen.py").write_text("import os")
main(["run", "wrong.eigen.py"])
""",
    "EIGEN_COMPILER_UNSUPPORTED": """\
from eigen.compiler.lower import lower
from eigen.drivers.null import CLASSICAL
from eigen.ir import CircuitBuilder

builder = CircuitBuilder(1)
builder.gate("H", [0])
lower(builder.build(), CLASSICAL, level=1)
""",
    "EIGEN_CIRCUIT_INVALID": """\
from eigen.ir import CircuitBuilder, core_errors

with core_errors():
    CircuitBuilder(2).gate("CX", [1, 1])
""",
    "EIGEN_CIRCUIT_PARAMETERS": """\
from pathlib import Path

from eigen.cli import main

Path("turn.json").write_text(
    '{"version": "0.1", "qubits": 1, "operations": [{"op": "RX", "q": [0], "params": {"theta": "p0"}}]}'
)
main(["run", "turn.json"])
""",
    "EIGEN_AQO_INVALID": """\
from pathlib import Path

from eigen.cli import main

Path("circuit.json").write_text('{"version": "0.1"}')
main(["run", "circuit.json"])
""",
    "EIGEN_AQO_UNSUPPORTED": """\
from eigen.cli import main

main(["compile", "bell.eigen.py", "-o", "bell.json", "--aqo-version", "0.1"])
""",
    "EIGEN_FORMAT_INVALID": """\
from eigen.ir import load

load("OPENQASM 2.0; qreg q[2]; h q;")
""",
    "EIGEN_FORMAT_UNSUPPORTED": """\
from eigen.ir import CircuitBuilder, dump

builder = CircuitBuilder(1, parameters=["theta"])
dump(builder.build(), "qasm2")
""",
    "EIGEN_EVOLUTION_INVALID": """\
from eigen.ir import Evolution, core_errors

with core_errors():
    Evolution([("X0", 1.0)], time=-1.0, num_qubits=1)
""",
    "EIGEN_MODES_INVALID": """\
from eigen.ir import ModeOperation, Modes

Modes(1, [ModeOperation("LOSS", (0,), {"transmissivity": 1.5})])
""",
    "EIGEN_OBSERVABLE_INVALID": """\
from eigen.ir import Observable, core_errors

with core_errors():
    Observable.from_terms(2, [("Z0 Q1", 1.0)])
""",
    "EIGEN_PROGRAM_INVALID": """\
from eigen.ir.program import Program

Program.from_json(b"{}")
""",
    "EIGEN_LIMIT_EXCEEDED": """\
from eigen.cli import main

main(["run", "bell.eigen.py", "--shots", "100000000"])
""",
}

DOORS = {
    "EIGEN_JOBSPEC_INVALID": """\
from pathlib import Path

from eigen.cli import main

Path("job.yaml").write_text('''\\
apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {name: bell}
spec: {program: {path: bell.eigen.py}, shuts: 100}
''')
main(["run", "job.yaml"])
""",
    "EIGEN_BATCH_REFUSED": """\
from pathlib import Path

from eigen.cli import main

Path("jobs.jsonl").write_text('{"apiVersion": "eigen.os/v2", "metadata": {"name": "bell"}}')
main(["submit", "--batch", "bell.eigen.py", "jobs.jsonl"])
""",
    "EIGEN_CONFIG_INVALID": """\
from eigen.cli import main

main(["list", "--log-level", "loud"])
""",
    "EIGEN_USAGE": """\
from eigen.cli import main

main(["sbmit", "bell.eigen.py"])
""",
    "EIGEN_FILE_UNREADABLE": """\
from eigen.cli import main

main(["run", "missing.eigen.py"])
""",
}

DEVICES = {
    "EIGEN_ROUTER_NO_DEVICE": """\
from eigen.cli import main

main(["run", "bell.eigen.py", "--target", "null:classical"])
""",
    "EIGEN_DEVICE_UNKNOWN": """\
from eigen.cli import main

main(["run", "bell.eigen.py", "--target", "sim:statevektor"])
""",
    "EIGEN_DEVICE_OPTION": """\
from eigen.drivers.registry import Registry

Registry({"native": {"thread": 1}}).devices()
""",
    "EIGEN_EXECUTOR_RESOURCES": """\
from pathlib import Path

from eigen.executors.processes import ProcessExecutor
from eigen.executors.spool import Spool

executor = ProcessExecutor(Spool(Path("spool")), workers=1)  # it has no resources by tag
executor.submit("0" * 64, "0" * 64, resources={"GPU": 1})
""",
    "EIGEN_EXECUTOR_LOST": """\
from pathlib import Path

from eigen.executors.processes import ProcessExecutor
from eigen.executors.spool import Spool

ProcessExecutor(Spool(Path("spool")), workers=1).result("0" * 64)  # a task that another process had
""",
    "EIGEN_DEVICE_FAILED": """\
from eigen.drivers.native import NativeDriver

NativeDriver().result("native-7")  # a handle that another process was given
""",
    "EIGEN_DRIVER_REJECTED": """\
from dataclasses import replace

from eigen.drivers.native import NativeDriver
from eigen.drivers.probes import probe
from eigen.ir import Counts


class Reversed(NativeDriver):
    def execute_circuit(self, device_id, work):
        result = super().execute_circuit(device_id, work)
        counts = {bits[::-1]: number for bits, number in result.counts.to_dict().items()}
        return replace(result, counts=Counts.from_dict(counts, work.circuit.num_clbits))


driver = Reversed()
driver.initialize({})
probe(driver, driver.get_devices()[0])
""",
    "EIGEN_SIM_MEMORY": """\
from eigen.drivers.native import NativeDriver
from eigen.ir import CircuitBuilder
from eigen.types import SampleWork

circuit = CircuitBuilder(48).build().measure_all()
NativeDriver().execute_circuit("sim:statevector", SampleWork(circuit, (), shots=1, seed=0))
""",
    "EIGEN_SIM_UNSUPPORTED": """\
from eigen.ir import CircuitBuilder, core_errors

builder = CircuitBuilder(1, 1)
builder.measure([0], [0])
with core_errors():
    builder.build().inverse()
""",
    "EIGEN_SIM_CLASSICAL": """\
from eigen._core import Plan
from eigen.ir import core_errors, load

source = "OPENQASM 3.0; output uint[4] n; qubit q; bit b; b = measure q; n = 1 / b;"
with core_errors():
    Plan(load(source)).sample(shots=1, seed=0)
""",
    "EIGEN_SIM_LOOP_BOUND": """\
from pathlib import Path

from eigen.cli import main

Path("endless.eigen.py").write_text('''\\
from eigen_lang import ClassicalRegister, QubitRegister, hybrid_program, measure, x


@hybrid_program(shots=1)
def main():
    q = QubitRegister(1)
    c = ClassicalRegister(1)
    x(q[0])
    measure(q[0], c[0])
    while c[0]:
        measure(q[0], c[0])
    return c
''')
main(["run", "endless.eigen.py"])
""",
    "EIGEN_NOISE_INVALID": """\
from eigen.ir import NoiseModel, core_errors

with core_errors():
    NoiseModel.parse("thermal(t1=50us, t2=120us, gate=35ns)")
""",
}

RUNS = {
    "EIGEN_RUN_FAILED": """\
from pathlib import Path

from eigen.cli import main

Path("division.eigen.py").write_text('''\\
from eigen_lang import QubitRegister, hybrid_program, measure_all


@hybrid_program(shots=100)
def main():
    q = QubitRegister(1)
    counts = measure_all(q)
    return 1 / counts["1"]
''')
main(["run", "division.eigen.py"])
""",
    "EIGEN_RUN_JOURNAL_MISMATCH": """\
from eigen.kernel.journal import Journal
from eigen.qfs.store import JournalEntry

recorded = [JournalEntry(index=0, key="what another program asked for", value=1.0)]
journal = Journal(recorded, append=print, clock=lambda: 0.0)
journal.ask({"circuit": "bell", "shots": 100}, perform=lambda key: 0.0)
""",
    "EIGEN_RUN_TIMEOUT": """\
from pathlib import Path

from eigen.cli import main

Path("job.yaml").write_text('''\\
apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {name: ising}
spec: {program: {path: ising.eigen.py}}
runtime: {timeout: {execution_seconds: 0.1}}
''')
main(["run", "job.yaml"])
""",
    "EIGEN_RUN_CANCELLED": """\
import eigen

with eigen.connect(data_dir="data") as client:
    job_id = client.submit("bell.eigen.py")
    client.cancel(job_id)
    error = client.results(job_id).error["code"]
""",
    "EIGEN_RUN_UNDECIDED": """\
from dataclasses import replace

from eigen.app import EmbeddedTransport
from eigen.client import Client
from eigen.config import Settings
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError


class Silent(NativeDriver):
    def get_devices(self):
        device = super().get_devices()[0]
        return (replace(device, id="silent:chip", features=device.features - {"deduplicates"} | {"metered"}),)

    def adopt(self, key):
        return None  # it keeps no keys

    def submit(self, device_id, key, work):
        raise EigenError("EIGEN_DEVICE_FAILED", "no answer")


class Drivers:
    driver = Silent()
    driver.initialize({})

    def devices(self, target="auto"):
        return self.driver.get_devices()

    def driver_for(self, device_id):
        return self.driver

    def close(self):
        pass  # nothing was started


transport = EmbeddedTransport(Settings(qfs_root="data"))
transport.registry = Drivers()
with Client(transport) as client:
    job_id = client.submit("bell.eigen.py", target="silent:chip")
    transport.worker().run_until()
    assert client.status(job_id).stage == "awaiting_decision"
    client.decide(job_id, "give_up")
    error = client.wait(job_id).error["code"]
""",
    "EIGEN_RUN_DISAGREEMENT": """\
from dataclasses import replace

from eigen.app import EmbeddedTransport
from eigen.client import Client
from eigen.config import Settings
from eigen.drivers.native import NativeDriver


class Stuck(NativeDriver):
    def execute_circuit(self, device_id, work):
        result = super().execute_circuit(device_id, work)
        if device_id == "sim:mps":
            counts = type(result.counts).from_dict({"00": work.shots}, 2)
            return replace(result, counts=counts)
        return result


class Drivers:
    driver = Stuck()
    driver.initialize({})

    def devices(self, target="auto"):
        return self.driver.get_devices()

    def driver_for(self, device_id):
        return self.driver

    def close(self):
        pass  # nothing was started


transport = EmbeddedTransport(Settings(qfs_root="data"))
transport.registry = Drivers()
with Client(transport) as client:
    error = client.run("bell.eigen.py", target="split(sim:statevector, sim:mps)", shots=2000).error["code"]
""",
    "EIGEN_RUN_BUDGET": """\
from pathlib import Path

from eigen.cli import main

Path("job.yaml").write_text('''\\
apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {name: ising}
spec: {program: {path: ising.eigen.py}}
budget: {max_shots: 5000}
''')
main(["run", "job.yaml"])
""",
}

CALLERS = {
    "EIGEN_QUOTA_EXCEEDED": """\
from contextlib import closing

from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.jobspec import load_program
from eigen.kernel.kernel import Kernel

settings = Settings(qfs_root="data", tenant_quotas="*.queued=1")
database, ports = open_ports(settings, make_registry(settings))
job = load_program("bell.eigen.py")
with closing(database):
    for _ in range(2):
        Kernel(ports).submit(job.spec, job.files)
""",
    "EIGEN_AUTH_REQUIRED": """\
import asyncio

from eigen.api.identity import authenticator
from eigen.config import Settings

door = authenticator(Settings(auth="required"), kernel=None)  # this request does not reach the kernel
asyncio.run(door.caller({"authorization": "Bearer a-token-of-another-service"}))
""",
    "EIGEN_AUTH_DENIED": """\
from eigen.api.permissions import require
from eigen.types import Caller

require(Caller(subject="oidc:ada", roles=("readonly",), tenant="acme"), "jobs:submit")
""",
    "EIGEN_REQUEST_INVALID": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.reserve("sim:statevector", seconds=0)
""",
    "EIGEN_CONTRACT_VERSION": """\
from eigen.api.grpc.envelope import read_envelope
from eigen.wire.messages import types

read_envelope(types.ApiRequestEnvelope(contract_version="2.0.0"), headers={})
""",
    "EIGEN_SERVER_UNREACHABLE": """\
import eigen

with eigen.connect("grpc://127.0.0.1:1", timeout=0.5) as client:
    client.devices()
""",
    "EIGEN_DEADLINE_EXCEEDED": """\
import socket

import eigen

with socket.create_server(("127.0.0.1", 0)) as silent:  # it listens and never answers
    address = f"grpc://127.0.0.1:{silent.getsockname()[1]}"
    with eigen.connect(address, timeout=0.5) as client:
        client.devices()
""",
    "EIGEN_RESERVATION_NOT_FOUND": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.submit("bell.eigen.py", reservation_id="res_none")
""",
    "EIGEN_DEVICE_RESERVED": """\
from contextlib import closing

from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.kernel.devices import Devices
from eigen.types import Caller

settings = Settings(qfs_root="data")
database, ports = open_ports(settings, make_registry(settings))
with closing(database):
    devices = Devices(ports)
    devices.reserve(Caller(subject="ada", tenant="acme"), "sim:statevector", 3600, "a demonstration")
    devices.reserve(Caller(subject="bob", tenant="other"), "sim:statevector", 60)
""",
    "EIGEN_SESSION_NOT_FOUND": """\
from contextlib import closing

from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.kernel.sessions import Sessions
from eigen.types import OPERATOR

settings = Settings(qfs_root="data")
database, ports = open_ports(settings, make_registry(settings))
with closing(database):
    sessions = Sessions(ports, idle_seconds=600, per_tenant=100)
    sessions.evaluate(OPERATOR, "ses_01M7YBSJYSQ69R5A0SZ95MKKM8", {"theta": 0.5})
""",
}

JOBS = {
    "EIGEN_JOB_NOT_FOUND": """\
from eigen.cli import main

main(["status", "job_none"])
""",
    "EIGEN_JOB_NOT_UNDECIDED": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.decide(client.submit("bell.eigen.py"), "again")
""",
    "EIGEN_JOB_NOT_FINISHED": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.results(client.submit("bell.eigen.py"))
""",
    "EIGEN_JOB_FINISHED": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.cancel(client.run("bell.eigen.py").job_id)
""",
    "EIGEN_JOB_DEPENDENCY": """\
import eigen

with eigen.connect(data_dir="data") as client:
    first = client.submit("bell.eigen.py")
    client.cancel(first)
    client.run("bell.eigen.py", dependencies=[first])
""",
    "EIGEN_WORKFLOW_STEP": """\
from pathlib import Path

import eigen

Path("job.yaml").write_text(
    "apiVersion: eigen.os/v1\\n"
    "kind: PipelineJob\\n"
    "metadata: {name: two}\\n"
    "spec: {workload: {steps: [{name: first, program: {path: bell.eigen.py}, budget: {max_shots: 9}}]}}\\n"
)
with eigen.connect(data_dir="data") as client:
    client.run("job.yaml")
""",
    "EIGEN_WORKFLOW_REFERENCE": """\
from pathlib import Path

import eigen

Path("job.yaml").write_text(
    "apiVersion: eigen.os/v1\\n"
    "kind: PipelineJob\\n"
    "metadata: {name: one}\\n"
    "spec:\\n"
    "  workload:\\n"
    "    steps: [{name: first, program: {path: bell.eigen.py}}]\\n"
    "    outputs: {energy: '${steps.first.outputs.energy}'}\\n"
)
with eigen.connect(data_dir="data") as client:
    client.run("job.yaml")
""",
    "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.submit("bell.eigen.py", idempotency_key="monday")
    client.submit("bell.eigen.py", idempotency_key="monday", shots=200)
""",
    "EIGEN_STREAM_CURSOR": """\
import eigen

with eigen.connect(data_dir="data") as client:
    list(client.watch(client.submit("bell.eigen.py"), after=999))
""",
}

STORAGE = {
    "EIGEN_QFS_NOT_FOUND": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.artifact(client.submit("bell.eigen.py"), "results/none.json")
""",
    "EIGEN_QFS_EXISTS": """\
from pathlib import Path

from eigen.qfs.artifacts import LocalArtifacts

store = LocalArtifacts(Path("data"))
store.put("job_1", "input/angles.csv", b"0.1")
store.put("job_1", "input/angles.csv", b"0.2")
""",
    "EIGEN_QFS_PATH": """\
import eigen

with eigen.connect(data_dir="data") as client:
    client.artifact(client.submit("bell.eigen.py"), "../../eigen.db")
""",
    "EIGEN_QFS_DATA_LOSS": """\
from pathlib import Path

import eigen

with eigen.connect(data_dir="data") as client:
    job_id = client.submit("bell.eigen.py")
    stored = Path("data/jobs", job_id, "input/program.eigen.py")
    stored.chmod(0o600)
    stored.write_text("damaged")
    client.artifact(job_id, "input/program.eigen.py")
""",
    "EIGEN_STORE_UNAVAILABLE": """\
from eigen.cli import main

main(["list", "--data-dir", "bell.eigen.py"])  # a file, no directory
""",
    "EIGEN_EVENTS_UNAVAILABLE": """\
from pathlib import Path

from eigen.outbox.file_sink import FileSink

FileSink(Path("bell.eigen.py/events.jsonl")).describe()  # a file, no directory
""",
    "EIGEN_INPUT_DIGEST": """\
from dataclasses import replace

import eigen
from eigen.jobspec import load_program

job = load_program("bell.eigen.py")
with eigen.connect(data_dir="data") as client:
    client.submit(replace(job, files={job.spec.program.artifact: b"another program"}))
""",
    "EIGEN_BACKEND_INSTALL": """\
from pathlib import Path

from eigen.cli import main

drivers = Path("data/drivers")
drivers.mkdir(parents=True)
(drivers / "mine.toml").write_text('name = "mine"\\nprotocol = 1\\nbackends = ["mine"]\\ncommand = ["./mine"]')
main(["backends", "install", "mine", "--data-dir", "data"])
""",
    "EIGEN_NOT_AVAILABLE": """\
from eigen.app import EmbeddedTransport
from eigen.client import Client
from eigen.config import Settings

with Client(EmbeddedTransport(Settings(qfs_root="data"))) as client:  # `eigen.connect` brings a compiler along
    client.estimate("bell.eigen.py", targets=["chip.json"])
""",
    "EIGEN_INTERNAL": """\
from eigen.app import EmbeddedTransport
from eigen.client import Client
from eigen.config import Settings

transport = EmbeddedTransport(Settings(qfs_root="data"))
transport.registry.driver_for = None  # stands for a defect
with Client(transport) as client:
    client.run("bell.eigen.py")
""",
}

EXAMPLES: dict[str, str] = LANGUAGE | DOORS | DEVICES | RUNS | CALLERS | JOBS | STORAGE
"""By error code, in the order of `eigen.errors.ERRORS`."""

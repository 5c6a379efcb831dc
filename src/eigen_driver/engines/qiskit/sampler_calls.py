"""What a job of IBM's sampler is asked with, and what its results say, in the SDK's own classes."""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false
# pyright: reportPrivateUsage=false, reportAttributeAccessIssue=false

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qiskit.circuit import QuantumCircuit
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_ibm_runtime.api.client import RuntimeClient
from qiskit_ibm_runtime.api.client_parameters import ClientParameters
from qiskit_ibm_runtime.api.exceptions import ApiError
from qiskit_ibm_runtime.exceptions import IBMNotAuthorizedError
from qiskit_ibm_runtime.json import RuntimeDecoder
from qiskit_ibm_runtime.options import SamplerOptions
from requests import RequestException

from eigen_driver.engines.qiskit.circuits import STANDARD
from eigen_driver.failure import RefusedError
from eigen_driver.matrices import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver.asks import Sample
    from eigen_driver.circuit import Circuit, Operation

CHANNEL = "ibm_quantum_platform"
URL = "https://cloud.ibm.com"
REGISTER = "c"
SEED_BITS = 63
REFUSED = IBMNotAuthorizedError
"""What it raises where the token is not taken."""
FAILURES = (ApiError, RequestException, OSError)
"""What the client raises where the service cannot be asked, or will not."""


def client(token: str, instance: str, url: str, timeout: tuple[float, float]) -> Any:
    """A client of the service; with a `url`, of the one whose interface begins there."""
    parameters = ClientParameters(CHANNEL, token, url or URL, instance, url_resolver=_at(url) if url else None)
    made = RuntimeClient(parameters)
    made._session._timeout = timeout  # the SDK would wait for an answer for ever
    return made


def _at(url: str) -> Any:
    def resolved(*_: object) -> str:
        return url

    return resolved


def params(samples: Sequence[Sample], options: Mapping[str, Any]) -> dict[str, Any]:
    """The input of a job, as `SamplerV2` of the SDK makes it."""
    pubs = [SamplerPub(circuit_of(each), shots=each.shots) for each in samples]
    return {"pubs": pubs, **SamplerOptions._get_program_inputs(asdict(SamplerOptions(**options)))}


def counts(data: str) -> list[tuple[dict[int, int], int]]:
    """How often each outcome came, and how many bits it has, for each part of a job."""
    parts = json.loads(data, cls=RuntimeDecoder)
    return [_counted(part) for part in parts]


def measures(circuit: Circuit) -> bool:
    """Whether there is anything to read."""
    return any(operation.name == "MEASURE" for operation in circuit.operations)


def rehearsed(ask: Sample, threads: int) -> dict[int, int]:
    """Counts of Aer's sampler, of the qubits that the circuit uses."""
    from qiskit_aer.primitives import SamplerV2

    used = sorted({qubit for operation in ask.circuit.every() for qubit in operation.qubits})
    made = circuit_of(ask, {qubit: place for place, qubit in enumerate(used)})
    options = {"backend_options": {"max_parallel_threads": threads, "max_parallel_shots": 1}}
    job = SamplerV2(seed=ask.seed % (1 << SEED_BITS), options=options).run([SamplerPub(made, shots=ask.shots)])
    return _counted(job.result()[0])[0]


def circuit_of(ask: Sample, places: Mapping[int, int] | None = None) -> Any:
    """The circuit at its values; qubits are the machine's, or those of `places`."""
    size = ask.circuit.num_qubits if places is None else len(places)
    made, bound = QuantumCircuit(size, ask.circuit.num_clbits), ask.circuit.bound(ask.values)
    for item in ask.circuit.operations:
        qubits = [qubit if places is None else places[qubit] for qubit in item.qubits]
        if item.name == "MEASURE":
            made.measure(qubits, item.clbits)
        elif item.name == "BARRIER":
            made.barrier(qubits)
        elif item.name == "DELAY":
            made.delay(_duration(item, bound), qubits, item.unit)
        elif item.name != "GPHASE":  # which shows in no outcome
            made.append(_gate(item, bound), qubits)
    return made


def _gate(item: Operation, bound: Mapping[str, float]) -> Any:
    if item.controls or item.inverse or item.power != 1.0 or item.name.upper() not in STANDARD:
        raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", f"IBM's machines have no gate `{item.name}` of this kind")
    return STANDARD[item.name.upper()](*item.angles(bound, *PARAMETERS.get(item.name, ())))


def _duration(item: Operation, bound: Mapping[str, float]) -> float:
    (length,) = item.angles(bound, "duration")
    if item.unit != "dt":
        return length
    if length != int(length):
        raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", f"a delay is a whole number of `dt`, not `{length}`")
    return int(length)


def _counted(part: Any) -> tuple[dict[int, int], int]:
    bits = part.data[REGISTER]
    return {int(outcome): int(count) for outcome, count in bits.get_int_counts().items()}, int(bits.num_bits)

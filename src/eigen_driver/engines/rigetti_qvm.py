"""Rigetti's QVM, a server of its own, as `rigetti-qvm:qvm`: spoken to through `qcs_sdk`, at a configured address.

    url = "http://127.0.0.1:5000"   # where a QVM answers that was started by `qvm -S`
    timeout_seconds = 60            # what one request may take

Programs come lowered to Quil's standard gates, so that quilc is not asked. A circuit that measures at its end alone is
run once and its state measured shot by shot (`multishot-measure`); one that resets, decides or has noise runs anew for
each shot (`multishot`). A QVM shares 1,000 trials or more out to threads, where a seed repeats nothing: such requests
have fewer. Exact values are computed here from the wave function, where the server simulates pure states.
"""

# qcs_sdk and NumPy are loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportMissingModuleSource=false

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from eigen_driver import Counts, Device, Engine, Estimate, RefusedError, quil
from eigen_driver.matrices import matrix_of
from eigen_driver.remote import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Expectation, Probability, Sample
    from eigen_driver.arrays import ArrayState

DEVICE = "rigetti-qvm:qvm"
SETTINGS: dict[str, type] = {"url": str, "timeout_seconds": float}
TIMEOUT_SECONDS = 60.0
LOOK_SECONDS = 2.0
"""How long a QVM may take to say that it is there."""
QUBITS = 20
"""Of a QVM that does not say how many it takes."""
MOST_QUBITS = 28
"""Of a wave function, 4 GiB of it, that travels."""
BY_MATRIX = ("Sdg", "Tdg", "SX", "SXdg", "U", "CY", "CH", "CRX", "CRY", "CRZ", "RXX", "RYY", "RZZ", "ECR", "RZX", "CCZ")
GATES = (*quil.NAMES, *BY_MATRIX, "UNITARY")
TRIALS = 999
"""Of one `multishot`: more are shared out to threads, each with randomness of its own."""
MEASUREMENTS = 50_000
"""Of one `multishot-measure`: `qcs_sdk` counts them in 16 bits."""
MOST_SHOTS = 1_000_000
NOISE = ("gate_noise", "measurement_noise")


class QvmEngine(Engine):
    """See the module. The options `gate_noise` and `measurement_noise`, each three probabilities `[px, py, pz]` of a
    Pauli error after each gate and before each measurement, are the QVM's own."""

    name = "rigetti-qvm"
    options = frozenset(NOISE)

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Find the QVM; EIGEN_NOT_AVAILABLE where there is none."""
        found = read_settings(self, config, SETTINGS, needed=("url",))
        self._url = str(found["url"])
        self._seconds = float(found.get("timeout_seconds", TIMEOUT_SECONDS))
        if not 0.0 < self._seconds <= 86_400.0:
            raise RefusedError("EIGEN_CONFIG_INVALID", "`timeout_seconds` is above 0", where="timeout_seconds")
        self.version, limit = _looked(self._url)
        global np, api, QVMClient, QVMError, QVMOptions, state_class
        import numpy as np
        from qcs_sdk.qvm import QVMClient, QVMError, QVMOptions, api

        state_class = _state_class()
        self._client = QVMClient.new_http(self._url)
        self._device = _device(self.version, limit, self._gives_wavefunctions())

    def devices(self) -> Sequence[Device]:
        """The QVM."""
        return (self._device,)

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        circuit, bound = ask.circuit, ask.circuit.bound(ask.values)
        noise = {name: _noise(name, ask.options.get(name)) for name in NOISE}
        told: dict[str, Any] = {"seed": ask.seed, "precision": "f64", "method": "multishot"}
        told |= {name: list(value) for name, value in noise.items() if value is not None}
        if not circuit.measures:
            return Counts({0: ask.shots}, told)
        if circuit.is_dynamic or any(noise.values()):
            found, requests = self._run(circuit, bound, ask, noise)
        else:
            found, requests = self._measure(circuit, bound, ask)
            told["method"] = "multishot-measure"
        return Counts(found, {**told, "requests": requests})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the wave function."""
        state = self._state(ask)
        value = sum(weight * state.mean(factors) for factors, weight in ask.observable.terms)
        return Estimate(float(value), metadata={"precision": "f64", "method": "wavefunction"})

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact, from the wave function."""
        value = self._state(ask).probability(ask.bits)
        return Estimate(value, metadata={"precision": "f64", "method": "wavefunction"})

    def _measure(self, circuit: Circuit, bound: Mapping[str, float], ask: Sample) -> tuple[dict[int, int], int]:
        """Counts of a circuit that measures at its end."""
        pairs = dict(
            pair
            for item in circuit.operations
            if item.name == "MEASURE"
            for pair in zip(item.clbits, item.qubits, strict=True)
        )
        text, bits = quil.prepared(circuit, bound), sorted(pairs)
        found: Counter[int] = Counter()
        parts = _parts(ask.shots, MEASUREMENTS)
        for part, shots in enumerate(parts):
            qubits = [pairs[bit] for bit in bits]
            request = api.MultishotMeasureRequest(text, shots, qubits, None, None, _seed(ask.seed, part))
            found.update(_counted(self._asked(api.run_and_measure, request), bits))
        return dict(found), len(parts)

    def _run(
        self, circuit: Circuit, bound: Mapping[str, float], ask: Sample, noise: Mapping[str, Any]
    ) -> tuple[dict[int, int], int]:
        """Counts of a circuit that is run anew for each shot."""
        text = quil.program(circuit, bound)
        wanted = {name: api.AddressRequest.include_all() for name in (quil.BITS, quil.OVER)}
        found: Counter[int] = Counter()
        parts = _parts(ask.shots, TRIALS)
        for part, shots in enumerate(parts):
            chances = (noise["measurement_noise"], noise["gate_noise"])
            request = api.MultishotRequest(text, shots, wanted, *chances, _seed(ask.seed, part))
            memory = self._asked(api.run, request).registers
            if np.asarray(memory[quil.OVER].as_ndarray()).any():
                raise RefusedError("EIGEN_SIM_LOOP_BOUND", "a WHILE wants to go on beyond its bound")
            found.update(_counted(memory[quil.BITS].as_ndarray(), range(circuit.num_clbits)))
        return dict(found), len(parts)

    def _state(self, ask: Expectation | Probability) -> ArrayState:
        if ask.options:
            name = sorted(ask.options)[0]
            message = f"`{DEVICE}` gives exact values without `{name}`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name, hint="estimate from shots")
        circuit = ask.circuit
        text = quil.prepared(circuit, circuit.bound(ask.values))
        data = bytes(self._asked(api.get_wavefunction, api.WavefunctionRequest(text, None, None, None)))
        array = np.frombuffer(data, dtype=">c16").astype(complex)
        if array.size != 1 << circuit.num_qubits:
            raise RefusedError("EIGEN_DEVICE_FAILED", f"the QVM gave {array.size} amplitudes")
        return state_class(array.reshape((2,) * circuit.num_qubits), little=True)

    def _gives_wavefunctions(self) -> bool:
        """Whether the QVM simulates pure states: only then it has a wave function to tell."""
        request = api.WavefunctionRequest("X 0\nI 1\n", None, None, None)
        try:
            data = bytes(api.get_wavefunction(request, self._client, QVMOptions(self._seconds)))
        except QVMError:
            return False
        wanted = np.array([0, 1, 0, 0], dtype=">c16")
        return len(data) == wanted.nbytes and np.allclose(np.frombuffer(data, dtype=">c16"), wanted)

    def _asked(self, method: Any, request: Any) -> Any:
        try:
            return method(request, self._client, QVMOptions(self._seconds))
        except QVMError as error:
            raise RefusedError("EIGEN_DEVICE_FAILED", f"the QVM at {self._url}: {error}"[:1000]) from None


def _looked(url: str) -> tuple[str, int]:
    """The version of the QVM at an address, and how many qubits it takes."""
    parts = urlsplit(url)
    try:
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"} and not parts.username
        port = parts.port
    except ValueError:
        fits, port = False, None
    if not fits:
        raise RefusedError("EIGEN_CONFIG_INVALID", "`url` is an address like `http://127.0.0.1:5000`", where="url")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    found: dict[str, bytes] = {}
    for what in ("version", "info"):
        connection = kind(str(parts.hostname), port, timeout=LOOK_SECONDS)
        try:
            connection.request("POST", "/", json.dumps({"type": what}), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            found[what] = reply.read(1000) if reply.status == 200 else b""
        except (OSError, HTTPException):
            if what == "version":
                hint = f"start one by `qvm -S`, or give the driver `{QvmEngine.name}` another `url`"
                raise RefusedError("EIGEN_NOT_AVAILABLE", f"no qvm at {url}", where="url", hint=hint) from None
        finally:
            connection.close()
    version = found["version"].decode("utf-8", "replace").split()[:1]
    if not version or not version[0][:1].isdigit():
        raise RefusedError("EIGEN_NOT_AVAILABLE", f"what answers at {url} is no qvm", where="url")
    return version[0], _limit(found.get("info", b""))


def _limit(told: bytes) -> int:
    try:
        document: object = json.loads(told)
        limit = int(cast("dict[str, Any]", document)["qubit-limit"]) if isinstance(document, dict) else QUBITS
    except (ValueError, KeyError, TypeError):
        return QUBITS
    return min(max(limit, 1), MOST_QUBITS)


def _device(version: str, qubits: int, pure: bool) -> Device:
    features = {"dynamic", "seed", "expectation"} | ({"exact"} if pure else set[str]())
    method = "wavefunction" if pure else "unknown"
    properties = {"engine": "qvm", "version": version, "method": method, "precision": "f64", "options": list(NOISE)}
    tried = "against a double of its protocol, never against a QVM"
    return Device(
        DEVICE,
        "Rigetti's QVM",
        qubits,
        GATES,
        frozenset(features),
        max_shots=MOST_SHOTS,
        properties={**properties, "tried": tried},
    )


def _state_class() -> Any:
    from eigen_driver.arrays import ArrayState, acted

    class State(ArrayState):
        """A wave function that came from a QVM."""

        def apply(self, gate: Any) -> None:
            self.array = acted(self.array, matrix_of(gate, {}), [self.axis(qubit) for qubit in reversed(gate.qubits)])

    return State


def _noise(name: str, value: object) -> tuple[float, float, float] | None:
    """The probabilities of X, Y and Z; None where they are not given."""
    if value is None:
        return None
    listed = cast("list[object]", value) if isinstance(value, list | tuple) else []
    odds = [float(each) for each in listed if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(listed) != 3 or len(odds) != 3 or not all(0.0 <= each <= 1.0 for each in odds) or sum(odds) > 1.0:
        message = f"option `{name}` is three probabilities `[px, py, pz]` that add up to one at most"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name)
    return odds[0], odds[1], odds[2]


def _parts(shots: int, most: int) -> list[int]:
    whole, rest = divmod(shots, most)
    return [most] * whole + ([rest] if rest else [])


def _seed(seed: int, part: int) -> int:
    """The seed of one request, of 32 bits: what SBCL's generator is seeded with."""
    return int.from_bytes(sha256(f"{seed}\n{part}".encode()).digest()[:4], "big")


def _counted(rows: Any, bits: Sequence[int]) -> dict[int, int]:
    """How often each outcome came, of rows with a column for each of these classical bits."""
    table = np.asarray(rows, dtype=np.int64).reshape(-1, len(bits)) if len(bits) else np.zeros((len(rows), 0), np.int64)
    found, counts = np.unique(table, axis=0, return_counts=True)
    return {
        sum(int(value) << bit for value, bit in zip(row, bits, strict=True)): int(count)
        for row, count in zip(found, counts, strict=True)
    }

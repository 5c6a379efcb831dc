"""IBM's machines themselves, `ibm:<name>`: jobs of the sampler at IBM Quantum, over the REST client of
qiskit-ibm-runtime. A job has the token of its key as a tag, by which it is found again.

It was never run against the service: what is known of it is what the SDK says, and a local double that speaks its
protocol. Circuits that measure on their way, reset or branch are refused: nobody has tried them.
"""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false
# pyright: reportPrivateUsage=false, reportAttributeAccessIssue=false

from __future__ import annotations

import json
import os
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Counts, Sample
from eigen_driver.engine import Device
from eigen_driver.engines.qiskit.cloud_options import OPTIONS, read_options
from eigen_driver.engines.qiskit.snapshots import refuse_beyond, snapshot
from eigen_driver.failure import RefusedError
from eigen_driver.remote import ENDED, REHEARSAL, AwayError, Fetched, Handle, RemoteEngine, read_settings, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver.asks import Answer, Ask
    from eigen_driver.engines.qiskit.snapshots import Snapshot

SETTINGS = {"token": str, "instance": str, "url": str, "iam_url": str, "backends": str}
PROGRAM = "sampler"
TIMEOUT_SECONDS = (5.0, 60.0)
"""To connect, and to read."""
CALIBRATION_SECONDS = 900.0
"""How long a calibration is believed; a machine's status is asked each time."""
STATES = {"QUEUED": "QUEUED", "RUNNING": "RUNNING", "COMPLETED": "DONE", "FAILED": "FAILED", "CANCELLED": "CANCELLED"}
BEYOND = frozenset({"rx", "rzz"})
"""Gates of IBM's that take angles of a part of the circle only, and are left out."""
AWAY = frozenset({-1, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 524})
"""Statuses of HTTP that pass; -1 where there was no answer."""
NEVER = "never run against the service"


class IbmCloudEngine(RemoteEngine):
    """See the module. Settings: `token`, the API key; `instance`, its CRN; `backends`, names apart by spaces, where not
    all are wanted; `url` and `iam_url` for other addresses than IBM's."""

    name = "ibm_cloud"
    options = frozenset({REHEARSAL, *OPTIONS})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load the client, and look whether the service takes the token."""
        found = read_settings(self, config, SETTINGS, ("token", "instance"))
        self.hidden = (found["token"],)
        if found.get("iam_url"):
            os.environ["IAM_URL"] = found["iam_url"]  # where the SDK looks for it
        # Here and not with the first circuit: Qiskit 2.6 ends a process in which the thread that loaded it has ended.
        global calls
        from eigen_driver.engines.qiskit import sampler_calls as calls

        self.version = version("qiskit-ibm-runtime")
        self._threads = threads
        self._wanted = frozenset(str(found.get("backends", "")).split())
        self._client = calls.client(found["token"], found["instance"], found.get("url") or "", TIMEOUT_SECONDS)
        self._machines: dict[str, tuple[float, Snapshot]] = {}
        self._names()

    def devices(self) -> Sequence[Device]:
        """The machines of the instance, with what IBM says of each now."""
        return tuple(self._device(name) for name in self._names())

    def submit(self, device: Device, key: str, asks: Sequence[Ask]) -> Handle:
        """One job, with a part for each question; questions that measure nothing are answered by zeros."""
        samples = _samples(device, asks)
        measuring = [calls.measures(each.circuit) for each in samples]
        if not any(measuring):
            return {"zeros": [[each.shots, each.circuit.num_clbits] for each in samples]}
        if not all(measuring):
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` is asked for circuits of which some measure")
        options = {_frozen(each.options) for each in samples}
        if len(options) > 1:
            raise RefusedError("EIGEN_DEVICE_OPTION", f"`{device.id}` has the same options for all of a job")
        machine = self._machines[device.id.partition(":")[2]][1]
        for each in samples:
            _check(device, machine, each)
        chosen, most = read_options(device.id, samples[0].options)
        params = calls.params(samples, chosen)
        told = _asked(
            self._client.program_run,
            program_id=PROGRAM,
            backend_name=machine.name,
            params=params,
            image=None,
            log_level=None,
            session_id=None,
            job_tags=[_tag(key)],
            max_execution_time=most,
        )
        return {"job": str(told["id"])}

    def adopt(self, key: str) -> Handle | None:
        """The oldest job that has the tag of the key."""
        found = _asked(self._client.jobs_get, limit=10, job_tags=[_tag(key)], descending=False)
        rows = [row for row in found.get("jobs", ()) if _tag(key) in (row.get("tags") or ())]
        return {"job": str(rows[0]["id"])} if rows else None

    def poll(self, handle: Handle) -> str:
        """As IBM says."""
        if "zeros" in handle:
            return "DONE"
        row = self._job(handle)
        return "UNKNOWN" if row is None else _state(row)

    def fetch(self, handle: Handle) -> Fetched:
        """Counts of the classical bits, and the seconds of the machine that are charged."""
        if "zeros" in handle:
            return Fetched([Counts({0: shots}, {"submitted": False}, bits) for shots, bits in handle["zeros"]])
        row = self._job(handle)
        if row is None or _state(row) != "DONE":
            state = (row or {}).get("state", {})
            why = state.get("reason") or state.get("status") or "it is not known"
            raise RefusedError("EIGEN_DEVICE_FAILED", f"job `{handle['job']}` at IBM failed: {str(why)[:500]}")
        data = _asked(self._client.job_results, handle["job"])
        metrics = _asked(self._client.job_metadata, handle["job"])
        seconds = float((metrics.get("usage") or {}).get("qpu_charge_time_seconds") or 0.0)
        told = {"job": handle["job"], "backend": str(row.get("backend", "")), "usage_seconds": seconds}
        return Fetched([Counts(found, told, bits) for found, bits in calls.counts(data)], seconds)

    def cancel(self, handle: Handle) -> bool:
        """Ask IBM to stop it; False where it had ended."""
        if "zeros" in handle:
            return False
        row = self._job(handle)
        if row is None or _state(row) in ENDED:
            return False
        _asked(self._client.job_cancel, handle["job"], ended=409)
        return True

    def calibrate(self, device_id: str) -> Mapping[str, Any]:
        """What IBM measured last."""
        name = device_id.partition(":")[2]
        self._machines.pop(name, None)
        return {"calibrated_at": self._machine(name).calibrated_at}

    def rehearse(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """The same circuits on Aer, without noise, on the qubits that they use."""
        samples = _samples(device, asks)
        machine = self._machines[device.id.partition(":")[2]][1]
        answers: list[Answer] = []
        for each in samples:
            _check(device, machine, each)
            read_options(device.id, each.options)
            found = calls.rehearsed(each, self._threads) if calls.measures(each.circuit) else {0: each.shots}
            answers.append(Counts(found, {"seed": each.seed, "rehearsal": True, "simulator": "qiskit-aer"}))
        return answers

    def _names(self) -> list[str]:
        rows = _asked(self._client.list_backends)
        names = sorted(str(row["name"]) for row in rows)
        return [name for name in names if not self._wanted or name in self._wanted]

    def _machine(self, name: str) -> Snapshot:
        known = self._machines.get(name)
        if known is not None and time.monotonic() - known[0] < CALIBRATION_SECONDS:
            return known[1]
        configuration = dict(_asked(self._client.backend_configuration, name, refresh=True))
        properties = _asked(self._client.backend_properties, name)
        configuration["basis_gates"] = [gate for gate in configuration["basis_gates"] if gate not in BEYOND]
        found = snapshot(name, configuration, properties or {"gates": [], "qubits": []})
        self._machines[name] = (time.monotonic(), found)
        return found

    def _device(self, name: str) -> Device:
        machine = self._machine(name)
        status = _asked(self._client.backend_status, name)
        online = status["operational"] and status["status_msg"] == "active"
        told = {"engine": "ibm", "options": sorted(self.options), REHEARSAL: True, "proved": NEVER}
        return Device(
            f"ibm:{name}",
            f"IBM Quantum, {name}",
            machine.num_qubits,
            machine.gates,
            frozenset({"metered", "deduplicates"}),
            machine.coupling,
            backend_type="hardware",
            max_shots=machine.max_shots,
            status="ONLINE" if online else "MAINTENANCE" if status["operational"] else "OFFLINE",
            queue_depth=int(status["pending_jobs"]),
            properties=told | machine.properties(),
        )

    def _job(self, handle: Handle) -> dict[str, Any] | None:
        return _asked(self._client.job_get, handle["job"], ended=404)


def _asked(call: Callable[..., Any], *words: Any, ended: int | None = None, **named: Any) -> Any:
    """What the client gives, its failures in our words; None for the status `ended`."""
    try:
        return call(*words, **named)
    except calls.REFUSED as error:
        raise RefusedError("EIGEN_NOT_AVAILABLE", f"IBM does not take the token: {error}"[:500]) from None
    except calls.FAILURES as error:
        status = int(getattr(error, "status_code", -1))
        if status == ended:
            return None
        words_of_it = f"{type(error).__name__}: {error}"[:500]
        if status in AWAY:
            raise AwayError(words_of_it) from None
        if status in {401, 403}:
            raise RefusedError("EIGEN_NOT_AVAILABLE", f"IBM does not take the token: {words_of_it}") from None
        raise RefusedError("EIGEN_DEVICE_FAILED", f"IBM says: {words_of_it}") from None


def _samples(device: Device, asks: Sequence[Ask]) -> list[Sample]:
    found = [ask for ask in asks if isinstance(ask, Sample)]
    if len(found) != len(asks):
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` counts shots only")
    return found


def _check(device: Device, machine: Snapshot, ask: Sample) -> None:
    if ask.circuit.is_dynamic:
        message = f"`{device.id}` cannot measure in mid-circuit, reset or branch"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message)
    refuse_beyond(device, machine, ask)


def _frozen(options: Mapping[str, Any]) -> str:
    return json.dumps(dict(options), sort_keys=True, default=str)


def _state(row: Mapping[str, Any]) -> str:
    """IBM's word in ours; a job that was stopped at its longest execution time has failed."""
    state = row.get("state") or {}
    word = str(state.get("status", "")).upper()
    code = state.get("reasonCode") or state.get("reason_code")
    return "FAILED" if word == "CANCELLED" and code == 1305 else STATES.get(word, "QUEUED")


def _tag(key: str) -> str:
    return f"eigen-{token_of(key)}"

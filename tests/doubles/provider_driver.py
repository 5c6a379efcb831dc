"""The driver of the provider in `provider_process`, for a real server: a plug-in of the group `eigen.drivers`.

`install` writes the metadata that a distribution with such a driver would bring; with that folder and `tests` on the
Python path, `eigen serve` finds it. The provider's address is in the variable PAID_PROVIDER.
"""

from __future__ import annotations

import json
import os
import time
from hashlib import sha256
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

from doubles.provider_process import PROBE
from eigen import _core
from eigen.drivers.driver import WorkState
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.types import Device, DeviceStatus, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eigen.types import Json, Work

ADDRESS = "PAID_PROVIDER"
DEVICE = Device(
    id="paid:qpu",
    name="A machine at a provider",
    backend_type="hardware",
    num_qubits=8,
    features=frozenset({"dynamic", "seed", "metered", "deduplicates"}),
    properties={"price_per_shot": 0.001, "on_request": True},
)


class PaidDriver:
    """Samples circuits at the provider. It takes no trouble to hide what goes wrong on the way."""

    name = "paid"
    version = "1"

    def initialize(self, config: Mapping[str, Json]) -> None:
        refuse_unknown(config, (), where=self.name)

    def get_devices(self) -> tuple[Device, ...]:
        return (DEVICE,)

    def get_device_status(self, device_id: str) -> DeviceStatus:
        return DEVICE.status

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        return {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        refuse_unknown(work.options, (), where=device_id)
        if not isinstance(work, SampleWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` sells shots of circuits only")
        asked = {
            "key": key,
            "circuit": work.circuit.to_aqo().decode(),
            "values": list(work.values),
            "shots": work.shots,
            "seed": work.seed,
        }
        return str(_call("submit", asked)["handle"])

    def poll(self, handle: str) -> WorkState:
        states = {"done": WorkState.DONE, "running": WorkState.RUNNING, "unknown": WorkState.UNKNOWN}
        return states[_call("result", {"handle": handle})["state"]]

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        until = None if timeout_sec is None else time.monotonic() + timeout_sec
        while (answer := _call("result", {"handle": handle}))["state"] == "running":
            if until is not None and time.monotonic() >= until:
                raise EigenError("EIGEN_RUN_TIMEOUT", f"`{handle}` is not ready")
            time.sleep(0.005)
        if answer["state"] != "done":
            raise EigenError("EIGEN_DEVICE_FAILED", f"the provider knows no `{handle}`")
        counts = _core.Counts.from_dict(answer["counts"], answer["clbits"])
        return WorkResult(counts=counts, metadata={"engine": "paid", "handle": handle})

    def adopt(self, key: str) -> str | None:
        return _call("adopt", {"key": key})["handle"]

    def cancel(self, handle: str) -> bool:
        """Too late: the provider has run, and was paid for, what it accepted."""
        return False

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Work without a key: the probes of the registry, each of which is the same work at every start."""
        digest = sha256(repr((work.circuit.digest, work.values, work.shots, work.seed)).encode()).hexdigest()
        return self.result(self.submit(device_id, PROBE + digest, work))


def _call(what: str, asked: Mapping[str, Any]) -> Any:
    connection = HTTPConnection(os.environ[ADDRESS], timeout=30)
    try:
        connection.request("POST", f"/{what}", json.dumps(asked))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def install(folder: Path) -> None:
    """Write the metadata of a distribution that offers the driver."""
    info = folder / "eigen_double_paid-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eigen-double-paid\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[eigen.drivers]\npaid = {__name__}:{PaidDriver.__name__}\n")

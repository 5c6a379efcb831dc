"""A provider that is paid by the shot. Its memory is a ledger file, so that it outlives the process that asked.

One line of JSON for every submission it was paid for: key, handle, shots and the counts. A deduplicating provider
gives the handle of a key it knows and is not paid again; the other kind runs and charges whatever it is sent.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doubles.restricted import CHIP
from eigen import _core
from eigen.drivers.driver import WorkState
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.types import Device, DeviceStatus, ExpectationWork, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json, Work

METERED = replace(
    CHIP,
    id="double:metered",
    name="Paid by the shot",
    num_qubits=12,
    gates=(),
    coupling=(),
    features=frozenset({"dynamic", "expectation", "metered", "seed"}),
    properties={"price_per_shot": 0.001},
)


class MeteredDriver:
    """The driver of the provider whose ledger lies at `ledger`; it computes with the native engine."""

    name = "metered"
    version = "1"

    def __init__(self, ledger: Path | None = None, *, deduplicates: bool = True) -> None:
        self._ledger = ledger
        self._engine = NativeDriver()
        features = METERED.features | ({"deduplicates"} if deduplicates else frozenset())
        self.device: Device = replace(METERED, features=features)

    def initialize(self, config: Mapping[str, Json]) -> None:
        refuse_unknown(config, {"ledger", "deduplicates"}, where=self.name)
        if "ledger" in config:
            self._ledger = Path(config["ledger"])
        if "deduplicates" in config:
            self.__init__(self._ledger, deduplicates=config["deduplicates"])

    def get_devices(self) -> tuple[Device, ...]:
        return (self.device,)

    def get_device_status(self, device_id: str) -> DeviceStatus:
        self._check(device_id)
        return self.device.status

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        self._check(device_id)
        return {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        self._check(device_id)
        if "deduplicates" in self.device.features and (known := self.adopt(key)):
            return known
        result = self._run(device_id, work)
        rows = self.rows()
        row = {
            "key": key,
            "handle": f"paid-{len(rows) + 1}",
            "shots": work.shots,
            "counts": None if result.counts is None else result.counts.to_dict(),
            "num_clbits": work.circuit.num_clbits,
            "value": result.value,
            "standard_error": result.standard_error,
        }
        self._append(row)
        return row["handle"]

    def poll(self, handle: str) -> WorkState:
        return WorkState.DONE if self._row(handle) else WorkState.UNKNOWN

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        row = self._row(handle)
        if row is None:
            raise EigenError("EIGEN_DEVICE_FAILED", f"the provider knows no `{handle}`")
        counts = None if row["counts"] is None else _core.Counts.from_dict(row["counts"], row["num_clbits"])
        return WorkResult(
            counts=counts,
            value=row["value"],
            standard_error=row["standard_error"],
            metadata={"engine": "metered", "handle": handle},
        )

    def adopt(self, key: str) -> str | None:
        if "deduplicates" not in self.device.features:
            return None  # it keeps no keys
        return next((row["handle"] for row in self.rows() if row["key"] == key), None)

    def cancel(self, handle: str) -> bool:
        """Too late: the provider has run, and was paid for, what it accepted."""
        return False

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        handle = self.submit(device_id, f"anonymous-{len(self.rows()) + 1}", work)
        return self.result(handle)

    # What tests ask the provider

    def rows(self) -> list[dict[str, Json]]:
        """Every paid submission, oldest first."""
        if self._ledger is None or not self._ledger.exists():
            return []
        return [json.loads(line) for line in self._ledger.read_text().splitlines()]

    def paid_shots(self) -> Counter[str]:
        """Shots paid for, by key."""
        paid: Counter[str] = Counter()
        for row in self.rows():
            paid[row["key"]] += row["shots"]
        return paid

    def _run(self, device_id: str, work: Work) -> WorkResult:
        refuse_unknown(work.options, (), where=device_id)
        if not isinstance(work, SampleWork | ExpectationWork) or work.shots is None:
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` sells shots only")
        if not 1 <= work.shots <= self.device.max_shots:
            raise EigenError("EIGEN_DEVICE_OPTION", f"`{device_id}` cannot take `{work.shots}` shots")
        return self._engine.execute_circuit(STATEVECTOR, work)

    def _append(self, row: dict[str, Json]) -> None:
        if self._ledger is None:
            raise EigenError("EIGEN_DEVICE_OPTION", "the metered provider needs the option `ledger`")
        descriptor = os.open(self._ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, json.dumps(row).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _row(self, handle: str) -> dict[str, Json] | None:
        return next((row for row in self.rows() if row["handle"] == handle), None)

    def _check(self, device_id: str) -> None:
        if device_id != self.device.id:
            raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{self.name}` has no device `{device_id}`")

"""A service that is paid for each job, as a folder: its ledger outlives every process, and files in it say what goes
wrong. `away`: nobody can be asked. `queue`: nothing is run. `die-before`, `die-after`: whoever submits is killed,
before or after the service took the work, once."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eigen_driver import AwayError, Counts, Device, Fetched, RefusedError, RemoteEngine, walk
from eigen_driver.arrays import ArrayState, acted
from eigen_driver.matrices import matrix_of
from eigen_driver.remote import read_settings, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Operation, Sample

FOLDER = "DISTANT_FOLDER"
LISTED, TOKEN, FORGETFUL = "distant:listed", "distant:token", "distant:forgetful"
"""Work is found by its key; only recognised when it comes again; neither."""
NO_SUCH_SHOTS = 4242
"""So many are refused."""


class State(ArrayState):
    """A state vector, whose axis k is qubit k."""

    def __init__(self, array: Any, bound: Mapping[str, float]) -> None:
        super().__init__(array)
        self.bound = bound

    def apply(self, gate: Operation) -> None:
        self.array = acted(self.array, np.array(matrix_of(gate, self.bound)), gate.qubits[::-1])


def sampled(ask: Sample) -> dict[int, int]:
    """Counts of a circuit, as a simulator gives them."""
    start = np.zeros((2,) * ask.circuit.num_qubits, dtype=complex)
    start[(0,) * ask.circuit.num_qubits] = 1.0
    state = State(start, ask.circuit.bound(ask.values))
    return walk.sample(ask.circuit, state, ask.shots, np.random.default_rng(ask.seed))


class DistantEngine(RemoteEngine):
    """See the module."""

    name = "distant"
    version = "1"
    options = frozenset({"rehearsal"})
    poll_seconds = 0.01

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        found = read_settings(self, config, {"token": str, "region": str}, needed=("token",))
        self.hidden = (found["token"],)
        self._folder = Path(os.environ[FOLDER])
        if found["token"] == "wrong-token":
            raise ValueError(f"the token {found['token']} is not known")

    def devices(self) -> Sequence[Device]:
        self._ask("devices")
        features = frozenset({"metered"})
        told = {"rehearsal": True, "price_per_shot": 0.01}
        known = features | {"deduplicates"}
        return tuple(
            Device(name, name, 8, (), each, backend_type="hardware", properties=told)
            for name, each in ((LISTED, known), (TOKEN, known), (FORGETFUL, features))
        )

    def submit(self, device: Device, key: str, asks: Sequence[Any]) -> dict[str, Any]:
        if any(ask.shots == NO_SUCH_SHOTS for ask in asks):
            raise RefusedError("EIGEN_DEVICE_OPTION", f"`{device.id}` has no {NO_SUCH_SHOTS} shots", where="shots")
        self._ask("submit")
        self._die("before")
        token, rows = token_of(key), self._rows()
        known = next((row for row in rows if row["token"] == token), None)
        if known is None or device.id == FORGETFUL:
            counts = [{str(outcome): count for outcome, count in sampled(ask).items()} for ask in asks]
            bits = [ask.circuit.num_clbits for ask in asks]
            known = {"token": token, "id": f"job-{len(rows) + 1}", "device": device.id, "counts": counts, "bits": bits}
            with (self._folder / "ledger").open("a") as file:
                file.write(json.dumps(known) + "\n")
        self._die("after")
        return {"id": known["id"]}

    def poll(self, handle: dict[str, Any]) -> str:
        self._ask("poll")
        row = self._row(handle)
        if row is None:
            return "UNKNOWN"
        if (self._folder / f"cancelled-{row['id']}").exists():
            return "CANCELLED"
        return "QUEUED" if (self._folder / "queue").exists() else "DONE"

    def fetch(self, handle: dict[str, Any]) -> Fetched:
        self._ask("fetch")
        row = self._row(handle)
        assert row is not None
        found = [{int(key): count for key, count in counts.items()} for counts in row["counts"]]
        told = {"job": row["id"]}
        return Fetched([Counts(each, told, bits) for each, bits in zip(found, row["bits"], strict=True)], 2.5)

    def cancel(self, handle: dict[str, Any]) -> bool:
        self._ask("cancel")
        row = self._row(handle)
        if row is None or not (self._folder / "queue").exists():
            return False
        (self._folder / f"cancelled-{row['id']}").touch()
        return True

    def adopt(self, key: str) -> dict[str, Any] | None:
        self._ask("adopt")
        rows = [row for row in self._rows() if row["token"] == token_of(key) and row["device"] == LISTED]
        return {"id": rows[0]["id"]} if rows else None

    def rehearse(self, device: Device, asks: Sequence[Any]) -> list[Any]:
        return [Counts(sampled(ask), {"rehearsal": True}) for ask in asks]

    def _ask(self, what: str) -> None:
        with (self._folder / "calls").open("a") as file:
            file.write(f"{what} {os.getpid()}\n")
        if (self._folder / "away").exists():
            raise AwayError(f"no route to the service, with {next(iter(self.hidden))}")

    def _die(self, place: str) -> None:
        mark = self._folder / f"die-{place}"
        if mark.exists():
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def _rows(self) -> list[dict[str, Any]]:
        ledger = self._folder / "ledger"
        return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []

    def _row(self, handle: dict[str, Any]) -> dict[str, Any] | None:
        return next((row for row in self._rows() if row["id"] == handle.get("id")), None)

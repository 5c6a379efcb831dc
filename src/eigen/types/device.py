"""Devices as their drivers describe them, what they charge, and who holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types.json import Json


class DeviceStatus(StrEnum):
    """Whether a device takes work now."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    CALIBRATING = "CALIBRATING"
    MAINTENANCE = "MAINTENANCE"
    ERROR = "ERROR"


PRICES = frozenset(
    {"price_per_task", "price_per_shot", "price_per_second", "price_currency", "price_sheet", "price_as_of"}
)
"""Properties of a device that say what it charges."""

HOST_PROPERTIES = (
    frozenset({"memory_bytes", "speed", "leases", "cost_model", "cost_model_ignored", "open_to_auto", "warm"}) | PRICES
)
"""Properties of a device that belong to the host that runs it now, to whoever pays, or to the jobs that have qubits of
it now: no circuit depends on them."""

DEAREST = 1e12
"""No price is more, in any currency; the same holds of a property."""
FASTEST = 1e9
"""No host is more times as fast as the reference; a property that says more says nothing."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device as its driver describes it: a snapshot, with everything that routing and lowering may read.

    `gates` are names of the gate table (empty = the whole table); `coupling` lists directed qubit pairs for
    two-qubit gates (empty = all to all); `features` name what the device can do beyond plain circuits:
    `dynamic` (mid-circuit measurement, feed-forward, reset), `expectation`, `gradient`, `exact`
    (shots=None), `loop` (pieces of a minimisation of exact expectation values in one call), `noise`, `seed` (the same
    seed gives the same counts), `deduplicates` (submitting one key twice runs it once), `metered` (shots cost money),
    `evolution` (time evolution, also with collapse operators), `modes` (it runs photonic programs and nothing else: its
    `num_qubits` are modes, its `gates` operations on them), `regions` (circuits of several jobs run at the same time
    on parts of it; such a device has couplings and a calibration), `parts` (a part of the shots of one
    run, by the same random numbers: the counts of the parts add up to those of the run).

    Of `properties`, `clifford_only` says that it runs Clifford circuits only, `closed_only` that its evolutions have no
    collapse operators, `estimated` that the cost model of its `engine` holds, `estimated_noise` that it holds for noisy
    runs and for no others.
    """

    id: str
    name: str
    backend_type: str
    num_qubits: int
    gates: tuple[str, ...] = ()
    coupling: tuple[tuple[int, int], ...] = ()
    features: frozenset[str] = frozenset()
    max_shots: int = 10_000_000
    status: DeviceStatus = DeviceStatus.ONLINE
    queue_depth: int = 0
    estimated_wait_sec: float = 0.0
    properties: Mapping[str, Json] = field(default_factory=dict[str, Any])

    @property
    def speed(self) -> float:
        """How many times as fast its host is as the machine that predictions were fitted on; 1 unless measured."""
        value = self.properties.get("speed")
        return float(value) if isinstance(value, int | float) and 0.0 < value <= FASTEST else 1.0

    @property
    def digest(self) -> str:
        """sha256 of what lowering depends on (not of load or host), to pin lowered circuits to a snapshot."""
        from hashlib import sha256

        from eigen._core import canonical_json

        value = {
            "id": self.id,
            "num_qubits": self.num_qubits,
            "gates": list(self.gates),
            "coupling": [list(pair) for pair in self.coupling],
            "features": sorted(self.features),
            "properties": {name: value for name, value in self.properties.items() if name not in HOST_PROPERTIES},
        }
        return sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a device charges: for each task (a circuit handed over once), each shot of it and each second it ran.

    `sheet` names the price sheet that says so, `as_of` its date; both are empty when the driver says it itself.
    """

    per_task: float = 0.0
    per_shot: float = 0.0
    per_second: float = 0.0
    currency: str = ""
    sheet: str = ""
    as_of: str = ""

    @staticmethod
    def of(device: Device) -> Tariff | None:
        """The tariff among the properties of a device; None when no price is known."""
        known = device.properties
        if not any(name in known for name in ("price_per_task", "price_per_shot", "price_per_second")):
            return None
        return Tariff(
            _price(known.get("price_per_task", 0.0)),
            _price(known.get("price_per_shot", 0.0)),
            _price(known.get("price_per_second", 0.0)),
            str(known.get("price_currency", "")),
            str(known.get("price_sheet", "")),
            str(known.get("price_as_of", "")),
        )

    @property
    def charges(self) -> bool:
        """Whether anything of it has a price."""
        return self.per_task > 0.0 or self.per_shot > 0.0 or self.per_second > 0.0

    def to_properties(self) -> dict[str, Json]:
        """As properties of a device."""
        names = {"per_task": self.per_task, "per_shot": self.per_shot, "per_second": self.per_second}
        texts = {"currency": self.currency, "sheet": self.sheet, "as_of": self.as_of}
        return {f"price_{name}": value for name, value in (names | texts).items()}

    def cost(self, *, tasks: float, shots: float, seconds: float = 0.0) -> float:
        """What so much work costs."""
        return self.per_task * tasks + self.per_shot * shots + self.per_second * seconds

    def in_words(self, amount: float) -> str:
        """An amount in the currency, for people."""
        return f"{amount:.6g} {self.currency}".rstrip()


def _price(value: Json) -> float:
    """A price as a driver says it; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= DEAREST:
        return 0.0
    return float(value)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A device held for one tenant: until `expires_at` (RFC 3339, UTC) it takes no other tenant's work."""

    reservation_id: str
    device_id: str
    tenant: str
    project: str
    subject: str
    purpose: str
    created_at: str
    expires_at: str

"""The routing policies: what each weighs, and the penalties they weigh. Lower is better; a penalty lies in 0 … 1.

- `time`: t / (t + 60 s), t = estimated wait + estimated run time;
- `cost`: c / (c + 1), c = price of the largest evaluation, in the device's currency unit;
- `error`: 1 − (1 − gate error)^operations, the chance that at least one operation of the largest circuit fails;
- `load`: q / (q + 10), q = work items that wait at the device.

Devices say what they know in `properties`: `price_per_shot`, `price_per_task`, `gate_error` (mean, per operation; else
that of a `calibration`), `shot_sec` (hardware) or `amplitudes_per_sec` (state-vector simulators); run times of the
native engines, and of those that were measured, are those of `estimates`. What a device does not say counts as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.router.estimates import NEGLIGIBLE_SEC
from eigen.router.facts import gate_error

if TYPE_CHECKING:
    from eigen.router.estimates import Estimate
    from eigen.router.features import Features
    from eigen.types import Device


@dataclass(frozen=True, slots=True)
class Policy:
    """Weights of the four penalties (they sum to one) and whether the device must repeat itself exactly."""

    summary: str
    time: float
    cost: float
    error: float
    load: float
    needs_seed: bool = False


VERSION = "3"
"""Changes whenever the same program, devices and policy could lead to another device."""

POLICIES: dict[str, Policy] = {
    "balanced": Policy("error first, then time and cost, then load", time=0.25, cost=0.25, error=0.4, load=0.1),
    "latency": Policy("the earliest result", time=0.8, cost=0.0, error=0.1, load=0.1),
    "cost": Policy("the lowest price", time=0.1, cost=0.8, error=0.1, load=0.0),
    "availability": Policy("the shortest queue", time=0.3, cost=0.0, error=0.1, load=0.6),
    "deterministic": Policy(
        "only devices that repeat a seed exactly; then the smallest error",
        time=0.1,
        cost=0.2,
        error=0.7,
        load=0.0,
        needs_seed=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Score:
    """The penalties of one device for one program, and their weighted sum."""

    total: float
    time: float
    cost: float
    error: float
    load: float

    def in_words(self) -> str:
        """The score as the placement prints it."""
        parts = f"time {self.time:.3f}, cost {self.cost:.3f}, error {self.error:.3f}, load {self.load:.3f}"
        return f"{self.total:.4f} ({parts})"


def score(features: Features, device: Device, policy: Policy, estimate: Estimate | None = None) -> Score:
    """The weighted penalties of running a program on a device."""
    time_sec = max(0.0, device.estimated_wait_sec) + _run_sec(features, device, estimate)
    price = _number(device, "price_per_task") + _number(device, "price_per_shot") * (features.shots or 0)
    time = time_sec / (time_sec + 60.0)
    cost = price / (price + 1.0)
    error = 1.0 - (1.0 - gate_error(device)) ** features.num_operations
    load = max(0, device.queue_depth) / (max(0, device.queue_depth) + 10.0)
    total = policy.time * time + policy.cost * cost + policy.error * error + policy.load * load
    return Score(total, time, cost, error, load)


def _run_sec(features: Features, device: Device, estimate: Estimate | None) -> float:
    if estimate is not None and estimate.seconds is not None:
        return max(estimate.seconds, NEGLIGIBLE_SEC)
    shot_sec = _number(device, "shot_sec")
    if shot_sec > 0.0:
        return shot_sec * (features.shots or 0)
    speed = _number(device, "amplitudes_per_sec")
    if speed <= 0.0:
        return 0.0
    sweeps = (features.shots or 1) if features.dynamic else 1
    return sweeps * max(1, features.num_operations) * 2.0 ** min(features.num_qubits, 900) / speed


MOST = 1e300
"""What a device says beyond this counts as nothing: it is no number that can be reckoned with."""


def _number(device: Device, name: str) -> float:
    value = device.properties.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= MOST:
        return 0.0
    return float(value)

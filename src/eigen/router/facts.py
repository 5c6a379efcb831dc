"""What is known of a program and a device and a choice may rest on, in words: Clifford gates, errors, price, queue."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.values import is_dict, is_list
from eigen.router.features import NOT_GATES
from eigen.types import Tariff

if TYPE_CHECKING:
    from eigen.router.features import Features
    from eigen.types import Device


def facts(features: Features, device: Device) -> list[str]:
    """What applies, in words for the placement."""
    found: list[str] = []
    share = clifford_share(features)
    if share is not None:
        found.append(f"{share:.0%} of its gates are Clifford gates" if share < 1.0 else "all its gates are Clifford")
    error = gate_error(device)
    if error > 0.0:
        well = (1.0 - error) ** features.num_operations
        found.append(f"a gate of the device fails with probability {error:.2g} on average: all go well with {well:.2g}")
    tariff = Tariff.of(device)
    if tariff is not None and tariff.charges:
        cost = tariff.cost(tasks=1, shots=features.shots or 0)
        found.append(f"its largest evaluation costs {tariff.in_words(cost)}")
    if device.queue_depth > 0 or device.estimated_wait_sec > 0.0:
        found.append(f"{device.queue_depth} wait at the device, for about {device.estimated_wait_sec:.3g} s")
    return found


def clifford_share(features: Features) -> float | None:
    """The share of gates that are Clifford whatever their angles; 1 where the angles of the others are such that all
    are; None without a gate."""
    counts = [(name, count) for c in features.circuits for name, count in c.count_ops().items()]
    counts = [(name, count) for name, count in counts if name not in NOT_GATES]
    total = sum(count for _, count in counts)
    if not total:
        return None
    if all(_core.not_clifford(circuit) is None for circuit in features.circuits):
        return 1.0
    return min(sum(count for name, count in counts if name in _clifford()) / total, 0.99)


def gate_error(device: Device) -> float:
    """The mean probability that an operation fails: what the device says, else the mean over the gates of its
    calibration; 0 where neither is known."""
    said = _probability(device.properties.get("gate_error"))
    calibration = device.properties.get("calibration")
    if said or not is_dict(calibration):
        return said
    rows = calibration.get("gates")
    known = [_probability(row.get("error")) for row in rows if is_dict(row)] if is_list(rows) else []
    return sum(known) / len(known) if known else 0.0


def _probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1e300:
        return 0.0
    return min(1.0, float(value))


@cache
def _clifford() -> frozenset[str]:
    return frozenset(row.name for row in _core.gate_table() if row.is_clifford)

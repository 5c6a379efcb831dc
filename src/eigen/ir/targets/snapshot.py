"""Devices that are described in a file or by their shape. Pure."""

from __future__ import annotations

import json
from typing import Any

from eigen.errors import EigenError, suggest
from eigen.ir.array import is_sequence
from eigen.ir.targets.target import Target, snapshot_calibration
from eigen.ir.values import is_dict
from eigen.types import Device

USUAL_BASIS = ("U", "CX")
"""The gates of a device that is described by its shape alone."""
FEATURES = ("dynamic", "classical", "expectation", "exact", "gradient", "seed", "metered", "deduplicates", "regions")
MAX_SHOTS = 10_000_000
MOST_SECONDS = 1e9
MOST_BUFFER = 100


def device_of(data: bytes, name: str) -> Device:
    """The device of a JSON description: what `eigen compile --device` takes, with `calibration` (as in the guide on
    noise), `features`, `max_shots`, and the seconds that come to each shot (`shot_overhead_sec`) and each task
    (`task_overhead_sec`). Of a device with the feature `regions`, `region_buffer` is how far apart circuits of
    different jobs stay. Raises EIGEN_USAGE and EIGEN_NOISE_INVALID."""
    target = Target.from_json(data, name)
    given: Any = json.loads(data)
    value: dict[str, Any] = given if is_dict(given) else {}
    properties: dict[str, Any] = {
        "pair_errors": [[a, b, rate] for (a, b), rate in target.errors.items()],
        "durations": dict(target.durations),
    }
    if snapshot_calibration(value) is not None:
        properties["calibration"] = value["calibration"]
    for key in ("shot_overhead_sec", "task_overhead_sec"):
        if key in value:
            properties[key] = _seconds(value[key], key)
    if "region_buffer" in value:
        properties["region_buffer"] = _buffer(value["region_buffer"])
    if "real_time" in value:
        properties["real_time"] = _truth(value["real_time"], "real_time")
    return Device(
        target.name,
        target.name,
        "snapshot",
        target.num_qubits,
        target.basis or USUAL_BASIS,
        target.coupling,
        frozenset(_features(value.get("features", ()))),
        _shots(value.get("max_shots", MAX_SHOTS)),
        properties=properties,
    )


def device_of_shape(text: str) -> Device:
    """The device of `all:N`, `line:N`, `ring:N`, `grid:RxC` or `heavy-hex:N`, in `U` and `CX`. Raises EIGEN_USAGE."""
    target = Target.of(text, USUAL_BASIS)
    return Device(text, text, "shape", target.num_qubits, target.basis, target.coupling)


def _features(value: Any) -> list[str]:
    names = [str(name) for name in value] if is_sequence(value) else ["?"]
    for name in names:
        if name not in FEATURES:
            hint = suggest(name, FEATURES) or f"some of {', '.join(FEATURES)}"
            raise EigenError("EIGEN_USAGE", f"a device has no feature `{name[:40]}`", hint=hint)
    return names


def _seconds(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST_SECONDS:
        raise EigenError("EIGEN_USAGE", f"`{key}` of a device is a number of seconds, not `{str(value)[:40]}`")
    return float(value)


def _shots(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise EigenError("EIGEN_USAGE", f"`max_shots` of a device is a whole number, not `{str(value)[:40]}`")
    return value


def _buffer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_BUFFER:
        message = f"`region_buffer` of a device is a whole number up to {MOST_BUFFER}, not `{str(value)[:40]}`"
        raise EigenError("EIGEN_USAGE", message)
    return value


def _truth(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise EigenError("EIGEN_USAGE", f"`{key}` of a device is true or false, not `{str(value)[:40]}`")
    return value

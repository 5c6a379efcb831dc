"""`roster`: the devices that are meant, each with its driver, or why it cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError, suggest
from eigen.types import DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.drivers.registry import Registry
    from eigen.types import Device


MOST_SNAPSHOTS = 2
"""Devices of a driver that differ by their calibration, as copies of hardware do, and are asked without being named."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device with its driver; where there is none, `unavailable` says why, or `rejected` that it cannot be used."""

    name: str
    driver: QDriver | None = None
    device: Device | None = None
    unavailable: str = ""
    rejected: str = ""


def roster(registry: Registry, targets: Sequence[str], *, charged: bool = False) -> Iterator[Candidate]:
    """The devices of drivers, backends or ids of devices; all where none is named; of many with a calibration
    some.

    Devices that charge for their work are left alone unless `charged`. EIGEN_DEVICE_UNKNOWN for what nobody has.
    """
    if not targets:
        for name in registry.names():
            yield from _of_driver(registry, name, "", charged)
        return
    for target in targets:
        names = registry.names(target)
        if not names:
            known = sorted(registry.names())
            hint = suggest(target, known) or f"there are {', '.join(f'`{name}`' for name in known)}"
            raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no backend or device `{target}`", hint=hint)
        for name in names:
            yield from _of_driver(registry, name, target if ":" in target else "", charged)


def _of_driver(registry: Registry, name: str, device_id: str, charged: bool) -> Iterator[Candidate]:
    try:
        driver = registry.load(name)
        devices = driver.get_devices()
    except EigenError as error:
        words = error.message + (f" ({error.hint})" if error.hint else "")
        if error.code == "EIGEN_NOT_AVAILABLE":
            yield Candidate(name, unavailable=words)
        else:
            yield Candidate(name, rejected=words)
        return
    meant = [device for device in devices if not device_id or device.id == _plain(device_id)]
    if not meant and device_id:
        hint = suggest(device_id, [device.id for device in devices])
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{name}` has no device `{device_id}`", hint=hint)
    if not meant:
        yield Candidate(name, unavailable="it has no devices here")
    snapshots = [device.id for device in meant if "calibration" in device.properties]
    left = set(snapshots[MOST_SNAPSHOTS:]) if not device_id else set[str]()
    if left:
        yield Candidate(f"{name}:*", unavailable=f"{len(left)} more devices of a calibration each; name the one to ask")
    for device in (device for device in meant if device.id not in left):
        if "metered" in device.features and not charged:
            yield Candidate(device.id, unavailable="it charges for its work; `--charged` asks it all the same")
        elif device.status is not DeviceStatus.ONLINE:
            yield Candidate(device.id, unavailable=f"it is {device.status}")
        else:
            yield Candidate(device.id, driver, device)


def _plain(device_id: str) -> str:
    from eigen.drivers.registry import BACKENDS

    backend, _, rest = device_id.partition(":")
    return f"{BACKENDS.get(backend, backend)}:{rest}"

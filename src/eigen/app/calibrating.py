"""Devices of other makers are measured on this host, and what was found is kept beside the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eigen.app.devices import make_registry
from eigen.app.measured import COST_MODELS, here
from eigen.drivers.registry import BUILT_IN
from eigen.errors import EigenError, suggest
from eigen.types.cost_model import IGNORED, CostModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.config import Settings
    from eigen.drivers.registry import Registry
    from eigen.ir import Circuit
    from eigen.types import Device


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What there is of a device: its model, and why nothing wider was asked; or why there is none."""

    device_id: str
    model: CostModel | None
    stopped: str = ""
    error: EigenError | None = None


def calibrate(
    settings: Settings, names: Sequence[str], *, seconds: float, tell: Callable[[str], object]
) -> Iterator[Calibrated]:
    """Measure devices, named by their id or their backend (none: all that can be), each for at most about so many
    seconds, and keep a cost model of each. A device that fails is told and passed over. EIGEN_USAGE for one that is not
    measured so, EIGEN_DEVICE_UNKNOWN."""
    from eigen.compiler.lower import lower
    from eigen.drivers import cost_models, measuring

    def lowered(circuit: Circuit, device: Device) -> Circuit:
        return lower(circuit, device).circuit

    registry = make_registry(settings)
    try:
        for device in _meant(registry, names, tell):
            tell(f"{device.id} …")
            try:
                driver = registry.driver_for(device.id)
                found = measuring.measure(
                    driver, device, lowered, seconds=seconds, tell=lambda text, name=device.id: tell(f"{name}: {text}")
                )
                model = measuring.fit(found.samples)
            except EigenError as error:
                tell(f"{device.id}: failed: {error.message}")
                yield Calibrated(device.id, None, error=error)
                continue
            now = datetime.now(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
            model = replace(model, start=found.start, version=cost_models.version_of(device), measured_at=now)
            cost_models.keep(settings.data_dir / COST_MODELS, here(settings, device), device, model, found.samples)
            yield Calibrated(device.id, model, found.stopped)
    finally:
        registry.close()


def calibrated(settings: Settings) -> Iterator[Calibrated]:
    """What was measured of the devices there are, and why it does not count where it does not."""
    registry = make_registry(settings)
    try:
        for device in registry.devices():
            ignored = device.properties.get(IGNORED)
            model = CostModel.of(device)
            if ignored is not None:
                reason = EigenError("EIGEN_NOT_AVAILABLE", f"`{device.id}` was measured {ignored}")
                yield Calibrated(device.id, None, error=reason)
            elif model is not None:
                yield Calibrated(device.id, model)
    finally:
        registry.close()


def _meant(registry: Registry, names: Sequence[str], tell: Callable[[str], object]) -> list[Device]:
    """The devices to measure; where none is named, those of all drivers that are not ours and whose engine is here."""
    if not names:
        others = [name for name in registry.names() if name not in {entry.name for entry in BUILT_IN}]
        return [device for name in others for device in _of(registry, name, tell) if not refusal(device)]
    found: dict[str, Device] = {}
    for name in names:
        of_name = [each for each in _called(registry, name) if ":" not in name or each.id == name]
        if not of_name:
            known = [*registry.names(), *(each.id for each in registry.devices())]
            hint = suggest(name, known) or "`eigen backends` lists them"
            message = f"there is no device or backend `{name[:60]}`"
            raise EigenError("EIGEN_DEVICE_UNKNOWN", message, hint=hint, where=name)
        open_ones = [device for device in of_name if not refusal(device)]
        if not open_ones:
            raise EigenError("EIGEN_USAGE", f"`{of_name[0].id}` {refusal(of_name[0])}", where=name)
        found |= {device.id: device for device in open_ones}
    return list(found.values())


def _called(registry: Registry, name: str) -> list[Device]:
    """The devices of the drivers that a name means; of a driver that does not say its backends, by their ids."""
    drivers = registry.names(name)
    if drivers:
        return [device for driver in drivers for device in registry.load(driver).get_devices()]
    return [device for device in registry.devices() if name in (device.id, device.id.partition(":")[0])]


def _of(registry: Registry, name: str, tell: Callable[[str], object]) -> Sequence[Device]:
    try:
        return registry.load(name).get_devices()
    except EigenError as error:
        if error.code != "EIGEN_NOT_AVAILABLE":
            tell(f"{name}: failed: {error.message}")
        return ()


def refusal(device: Device) -> str:
    """Why a device is not measured, in words that follow its name; empty when it is."""
    if "metered" in device.features:
        return "charges for its work, and is not measured"
    if device.properties.get("estimated") is True or device.id.startswith("sim:"):
        return "is an engine of ours: `eigen devices calibrate` measures this host for it"
    if "calibration" in device.properties or device.backend_type != "simulator":
        return "stands for hardware: how long it takes to simulate that is not measured"
    if "modes" in device.features:
        return "runs photonic programs, which are not measured"
    return ""

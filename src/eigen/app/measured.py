"""The devices with the cost models that were measured on this host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.types.cost_model import IGNORED, OPEN, PROPERTY, CostModel

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.config import Settings
    from eigen.types import Device

COST_MODELS = "cost_models.json"


def here(settings: Settings, device: Device) -> dict[str, Any]:
    """What a cost model of a device depends on, besides its version. EIGEN_CONFIG_INVALID."""
    from eigen.app.driver_settings import driver_settings
    from eigen.drivers import cost_models

    given = driver_settings(settings).get(device.id.partition(":")[0])
    return cost_models.host(settings.threads, settings.driver_cpus, given)


class Measured:
    """Devices with their cost models; the file is read again when it changed. What a driver says of these itself does
    not count."""

    def __init__(self, settings: Settings) -> None:
        self._path: Path = settings.data_dir / COST_MODELS
        self._settings = settings
        self._open = settings.auto_engines == "measured"
        self._stamp: tuple[int, int] | None = None
        self._rows: dict[str, dict[str, Any]] = {}
        self._said: dict[tuple[str, str], dict[str, Any]] = {}

    def __call__(self, device: Device) -> Device:
        said = {name: value for name, value in device.properties.items() if name not in (PROPERTY, IGNORED, OPEN)}
        extra = self._of(device)
        return device if not extra and len(said) == len(device.properties) else replace(device, properties=said | extra)

    def _of(self, device: Device) -> dict[str, Any]:
        try:
            found = self._path.stat()
        except OSError:
            return {}
        from eigen.drivers import cost_models

        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._rows, self._stamp = cost_models.load(self._path), stamp
            self._said = {}
        if device.id not in self._rows:
            return {}
        key = device.id, cost_models.version_of(device)
        if key not in self._said:
            model = cost_models.known(self._rows, device, here(self._settings, device))
            shut = {IGNORED: model} if isinstance(model, str) else {}
            self._said[key] = {PROPERTY: model.to_json(), OPEN: self._open} if isinstance(model, CostModel) else shut
        return self._said[key]

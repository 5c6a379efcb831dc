"""The price sheets of a data directory, and the devices with what they charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.estimate import Prices
    from eigen.types import Device


def read_prices(settings: Settings) -> Prices:
    """The price sheets of the data directory, `prices/*.toml`; EIGEN_CONFIG_INVALID, EIGEN_FILE_UNREADABLE."""
    folder = settings.data_dir / "prices"
    if not folder.is_dir():
        return {}
    from eigen.estimate.sheet import MAX_SHEET_BYTES, joined, read_sheet
    from eigen.jobspec.files import read_limited

    paths = sorted(folder.glob("*.toml"))
    return joined((str(p), read_sheet(read_limited(p, MAX_SHEET_BYTES, "price sheet"), str(p))) for p in paths)


class Priced:
    """Devices with what the sheets of the data directory say that they charge; read when a device is first seen."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prices: Prices | None = None

    def __call__(self, device: Device) -> Device:
        if self._prices is None:
            self._prices = read_prices(self._settings)
        if not self._prices:
            return device
        from eigen.estimate.sheet import priced

        return priced(device, self._prices)

"""The settings of drivers in processes of their own: those of the setting `driver_settings`, and a file in the data
directory with a table for each driver. Secrets of services are among them: no error shows a value."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eigen.config import Settings
    from eigen.types import Json

FILE = "drivers.toml"
MOST_BYTES = 64 << 10
OURS = ("native", "qvm", "modes", "null")
"""Drivers in this process: what they have to be told are settings of ours."""


def driver_settings(settings: Settings) -> Mapping[str, Mapping[str, Json]]:
    """The settings of drivers, by driver; those of the setting of that name go before those of the file.
    EIGEN_CONFIG_INVALID, EIGEN_FILE_UNREADABLE."""
    found = _of_file(settings.data_dir / FILE)
    for driver, given in _of_text(settings.driver_settings).items():
        found[driver] = {**found.get(driver, {}), **given}
    return found


def _of_text(text: str) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        place, equals, value = part.partition("=")
        driver, dot, name = place.strip().partition(".")
        if not (equals and dot and driver and name) or driver in OURS:
            message = f"`{place[:60]}` is no setting of a driver in a process of its own"
            hint = "`DRIVER.SETTING=VALUE`, apart by commas"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="driver_settings", hint=hint)
        mine = found.setdefault(driver, {})
        if name in mine:
            message = f"the setting `{place[:60]}` is given twice"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="driver_settings")
        mine[name] = _value(value.strip())
    return found


def _value(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _of_file(path: Path) -> dict[str, Mapping[str, Json]]:
    if not path.exists():
        return {}
    import tomllib

    from eigen.jobspec.files import read_limited

    data = read_limited(path, MOST_BYTES, "bytes of settings of drivers")
    if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
        raise _wrong(path, "everybody can read the secrets in it", f"chmod o-r {path}")
    try:
        found: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):  # what the parser says shows what it read
        raise _wrong(path, "it is no TOML") from None
    for name, table in found.items():
        if not isinstance(table, dict):
            raise _wrong(path, f"`{name[:60]}` is no table: settings stand under `[driver]`")
        if name in OURS:
            raise _wrong(path, f"driver `{name}` has no settings of its own: `eigen config` lists what it uses")
        for key, value in table.items():  # pyright: ignore[reportUnknownVariableType]
            if not isinstance(value, str | int | float):
                raise _wrong(path, f"`{name}.{key}` is neither a text, a number nor true or false")
    return found


def _wrong(path: Path, why: str, hint: str = "see the guide on cloud services") -> EigenError:
    return EigenError("EIGEN_CONFIG_INVALID", f"`{path}` cannot be used: {why}", where=str(path), hint=hint)

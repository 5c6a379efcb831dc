"""Price sheets: what devices charge, as data of the operator's own. Reading text only; no price is built in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError, suggest
from eigen.ir.values import is_dict, is_list
from eigen.types import DEAREST, Tariff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.types import Device

KEYS = ("name", "currency", "as_of", "source", "price")
ROW_KEYS = ("device", "per_task", "per_shot", "per_second")
MAX_SHEET_BYTES = 1024 * 1024
CURRENCY = re.compile(r"[A-Z]{3}")
Prices = dict[str, Tariff]
"""Tariffs by device id, or by the beginning of one and `*`."""


def read_sheet(data: bytes, path: str) -> Prices:
    """The tariffs of a sheet in TOML: `name`, `currency` (three capitals, as in ISO 4217), perhaps `as_of` and
    `source`, and a table `[[price]]` for each device with `device` (an id, or its beginning and `*`), `per_task`,
    `per_shot` and `per_second`. Raises EIGEN_CONFIG_INVALID with the path."""
    import tomllib

    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"is no TOML: {error}") from None
    _only(document, KEYS, path)
    name, currency = document.get("name"), document.get("currency")
    if not isinstance(name, str) or not name or len(name) > 80:
        raise _wrong(path, "needs a `name`")
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        raise _wrong(path, f"needs a `currency` of three capitals, not `{str(currency)[:20]}`")
    rows: Any = document.get("price")
    if not is_list(rows) or not rows:
        raise _wrong(path, "needs a `[[price]]` for each device")
    common = Tariff(currency=currency, sheet=name, as_of=str(document.get("as_of", ""))[:40])
    found: Prices = {}
    for row in rows:
        device, tariff = _row(row, common, path)
        if device in found:
            raise _wrong(path, f"says twice what `{device}` charges")
        found[device] = tariff
    return found


def _row(row: Any, common: Tariff, path: str) -> tuple[str, Tariff]:
    if not is_dict(row):
        raise _wrong(path, "has a `price` that is no table")
    values: dict[str, Any] = row
    _only(values, ROW_KEYS, path)
    device = values.get("device")
    if not isinstance(device, str) or not device or "*" in device[:-1]:
        raise _wrong(path, "names a `device` in each `[[price]]`: an id, or its beginning and `*`")
    if len(values) < 2:
        raise _wrong(path, f"has no price of `{device}`: one of {', '.join(ROW_KEYS[1:])}")
    prices = {key: _amount(value, key, path) for key, value in values.items() if key != "device"}
    return device, replace(common, **prices)


def _amount(value: Any, key: str, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= DEAREST:
        raise _wrong(path, f"has a `{key}` that is no price: `{str(value)[:40]}`")
    return float(value)


def priced(device: Device, prices: Prices) -> Device:
    """The device with what it charges among its properties; the longest name that fits counts. What its driver says
    itself gives way: a sheet is what its operator has agreed on."""
    fitting = [name for name in prices if name == device.id or (name[-1] == "*" and device.id.startswith(name[:-1]))]
    if not fitting:
        return device
    best = device.id if device.id in fitting else max(fitting, key=len)
    return replace(device, properties={**device.properties, **prices[best].to_properties()})


def joined(sheets: Iterable[tuple[str, Prices]]) -> Prices:
    """Several sheets as one. Raises EIGEN_CONFIG_INVALID when two say what one device charges."""
    found: Prices = {}
    for path, prices in sheets:
        for device, tariff in prices.items():
            if device in found:
                raise _wrong(path, f"says what `{device}` charges, as `{found[device].sheet}` does")
            found[device] = tariff
    return found


def _only(values: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    for name in values:
        if name not in known:
            raise _wrong(
                path, f"has an unknown `{name[:40]}`", hint=suggest(name, known) or f"known: {', '.join(known)}"
            )


def _wrong(path: str, what: str, *, hint: str = "") -> EigenError:
    return EigenError("EIGEN_CONFIG_INVALID", f"the price sheet `{path}` {what}", hint=hint, where=path)

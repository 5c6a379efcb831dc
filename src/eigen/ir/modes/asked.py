"""What a photonic program asks of a device, compared with what the device says that it has. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.values import is_list

if TYPE_CHECKING:
    from eigen.ir.modes.modes import Modes
    from eigen.types import Device


def modes_refusal(device: Device, modes: Modes) -> str | None:
    """Why a device of the feature `modes` cannot run a photonic program, in words that follow its name; None when it
    can. Its `gates` are operations of the table, its property `observables` the kinds it knows (missing: all)."""
    for name in modes.count_ops():
        if name not in device.gates:
            return f"has no operation `{name}` on modes"
    known: Any = device.properties.get("observables")
    for observable in modes.observables:
        if is_list(known) and observable.kind not in known:
            return f"does not know the observable `{observable.kind}` of modes"
    if modes.is_dynamic and "dynamic" not in device.features:
        return "cannot let an operation on modes depend on an outcome"
    return None

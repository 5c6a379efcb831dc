"""`eigen devices [list | show ID | calibrate ID]`: what there is to run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect
from eigen.cli.commands import COMMANDS
from eigen.cli.output import pairs, show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.types import Device

ACTIONS = ("list", "show", "calibrate")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("devices", COMMANDS["devices"].summary)
    command.add_argument("action", metavar="ACTION", nargs="?", default="list", help="list, show or calibrate")
    command.add_argument("device_id", metavar="ID", nargs="?", help="the device, for show and calibrate")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    if options.action not in ACTIONS:
        message = f"there is no action `{options.action[:60]}`"
        raise EigenError(
            "EIGEN_USAGE", message, hint=suggest(options.action, ACTIONS) or f"one of {', '.join(ACTIONS)}"
        )
    if (options.action == "list") != (options.device_id is None):
        raise EigenError("EIGEN_USAGE", "`show` and `calibrate` need the id of one device", hint="see `eigen devices`")
    with connect(options) as client:
        if options.action == "calibrate":
            changed = dict(client.calibrate(options.device_id))
            return _calibrated(options.device_id, changed, as_json=options.json)
        found = client.devices()
    if options.action == "list":
        return _list(found, as_json=options.json)
    device = _find(found, options.device_id)
    if options.json:
        show_json(device_json(device))
    else:
        show(pairs(_shown(device)))
    return 0


def device_json(device: Device) -> dict[str, Any]:
    """A device as JSON."""
    return {
        "device_id": device.id,
        "name": device.name,
        "backend_type": device.backend_type,
        "status": device.status.value,
        "num_qubits": device.num_qubits,
        "gates": list(device.gates),
        "coupling": [list(pair) for pair in device.coupling],
        "features": sorted(device.features),
        "max_shots": device.max_shots,
        "queue_depth": device.queue_depth,
        "estimated_wait_sec": device.estimated_wait_sec,
        "properties": dict(device.properties),
        "digest": device.digest,
    }


def _shown(device: Device) -> dict[str, Any]:
    value = device_json(device)
    coupled = len(device.coupling)
    return value | {
        "gates": ", ".join(device.gates) or "all",
        "coupling": f"{coupled} pairs" if coupled else "all to all",
        "features": ", ".join(value["features"]),
        "properties": ", ".join(f"{key}={item}" for key, item in sorted(device.properties.items())),
    }


def _list(found: Sequence[Device], *, as_json: bool) -> int:
    if as_json:
        show_json({"devices": [device_json(device) for device in found]})
        return 0
    rows = [
        (device.id, device.status.value, str(device.num_qubits), ", ".join(sorted(device.features))) for device in found
    ]
    show(table(rows, ("DEVICE", "STATUS", "QUBITS", "FEATURES")))
    return 0


def _find(found: Sequence[Device], device_id: str) -> Device:
    for device in found:
        if device.id == device_id:
            return device
    hint = suggest(device_id, [device.id for device in found])
    raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{device_id[:60]}`", hint=hint)


def _calibrated(device_id: str, changed: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        show_json({"device_id": device_id, "changed": changed})
    else:
        show(pairs(changed) if changed else f"{device_id} has nothing to calibrate")
    return 0

"""`eigen devices [list | show ID | calibrate ID | reserve ID | release RESERVATION]`: what there is to run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect, whole
from eigen.cli.commands import COMMANDS
from eigen.cli.output import pairs, show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from eigen.types import Device, Reservation

MOST_SHOWN = 80
ACTIONS = ("list", "show", "calibrate", "reserve", "release")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("devices", COMMANDS["devices"].summary, remote=True)
    command.add_argument("action", metavar="ACTION", nargs="?", default="list", help=" | ".join(ACTIONS))
    command.add_argument("id", metavar="ID", nargs="?", help="the device; for release, the reservation")
    command.add_argument("--seconds", metavar="N", help="for how long to reserve")
    command.add_argument("--purpose", metavar="TEXT", help="what the reservation is for")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    _check(options)
    action, name = options.action, options.id
    with connect(options) as client:
        if action == "list":
            return _list(client.devices(), as_json=options.json)
        if action == "show":
            shown = client.device(name)
            return _print(options, device_json(shown), _shown(shown))
        if action == "calibrate":
            changed = dict(client.calibrate(name))
            text = changed if changed else f"{name} has nothing to calibrate"
            return _print(options, {"device_id": name, "changed": changed}, text)
        if action == "reserve":
            seconds = whole(options.seconds, "--seconds")
            held = _reservation_json(client.reserve(name, seconds=seconds or 0, purpose=options.purpose or ""))
            return _print(options, held, held)
        client.release(name)
        return _print(options, {"reservation_id": name, "released": True}, f"{name} released")


def _check(options: argparse.Namespace) -> None:
    action = options.action
    if action not in ACTIONS:
        hint = suggest(action, ACTIONS) or f"one of {', '.join(ACTIONS)}"
        raise EigenError("EIGEN_USAGE", f"there is no action `{action[:60]}`", hint=hint)
    if (action == "list") != (options.id is None):
        message = "`list` takes no id" if action == "list" else f"`{action}` needs an id"
        raise EigenError("EIGEN_USAGE", message, hint="see `eigen devices --help`")
    given = options.seconds is not None or options.purpose is not None
    if (given and action != "reserve") or (action == "reserve" and options.seconds is None):
        raise EigenError(
            "EIGEN_USAGE", "`reserve`, and nothing else, needs `--seconds`", hint="for example --seconds 600"
        )


def _print(options: argparse.Namespace, value: dict[str, Any], text: dict[str, Any] | str) -> int:
    if options.json:
        show_json(value)
    else:
        show(text if isinstance(text, str) else pairs(text))
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
        "properties": ", ".join(f"{key}={_brief(item)}" for key, item in sorted(device.properties.items())),
    }


def _brief(value: Any) -> str:
    """A property in a line; what is longer is written out by `--json`."""
    text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def _reservation_json(held: Reservation) -> dict[str, Any]:
    names = ("reservation_id", "device_id", "purpose", "created_at", "expires_at")
    return {name: getattr(held, name) for name in names}


def _list(found: Sequence[Device], *, as_json: bool) -> int:
    if as_json:
        show_json({"devices": [device_json(device) for device in found]})
        return 0
    rows = [
        (
            device.id,
            device.status.value,
            str(device.num_qubits),
            str(device.queue_depth),
            ", ".join(sorted(device.features)),
        )
        for device in found
    ]
    show(table(rows, ("DEVICE", "STATUS", "QUBITS", "QUEUE", "FEATURES")))
    return 0

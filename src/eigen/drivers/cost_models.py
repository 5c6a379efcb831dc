"""Cost models of devices, kept in a file of the data directory.

A model counts on a host like the one that it was measured on, and for the version of the engine and the settings of its
driver that it was measured with; `known` says why one does not. A file that cannot be read holds nothing.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import canonical_json
from eigen.drivers import speeds
from eigen.types.cost_model import CostModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eigen.drivers.measuring import Sample
    from eigen.types import Device, Json

FORMAT = 2
MOST_BYTES = 16 << 20
SETTINGS = "settings"
Rows = dict[str, dict[str, Any]]


def load(path: Path) -> Rows:
    """What was measured, by device: `host`, `model` and `samples`; `format` alone where that is another one. Nothing
    if nothing was, or the file cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return {}
        found: Any = json.loads(path.read_bytes())
        rows: Rows = {str(name): dict(row) for name, row in found["devices"].items()}
        if found["format"] != FORMAT:
            return {name: {"format": found["format"]} for name in rows}
        return rows
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def keep(path: Path, here: Mapping[str, Json], device: Device, model: CostModel, samples: Sequence[Sample]) -> None:
    """Add a device to the file, which is written whole or not at all. Raises OSError."""
    row: dict[str, Json] = {
        "host": dict(here),
        "model": model.to_json(),
        "samples": [[each.qubits, each.gates, each.shots, each.terms, each.seconds, each.first] for each in samples],
    }
    kept = {name: row for name, row in load(path).items() if "format" not in row}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    value = {"format": FORMAT, "devices": {**kept, device.id: row}}
    draft.write_text(json.dumps(value, indent=1) + "\n", "utf-8")
    draft.replace(path)


def known(rows: Mapping[str, Mapping[str, Any]], device: Device, here: Mapping[str, Json]) -> CostModel | str | None:
    """The model of a device; or why that which was measured does not count, in words that follow `was measured`; None
    where nothing was."""
    row = rows.get(device.id)
    if row is None:
        return None
    if "format" in row:
        return "in another format"
    try:
        model = CostModel.from_json(row["model"])
        there: dict[str, Json] = dict(row["host"])
    except (KeyError, TypeError, ValueError):
        return "and the file is damaged"
    other = next((name for name in here if there.get(name) != here[name]), None)
    if other == SETTINGS:
        return "with other settings of its driver"
    if other is not None:
        return f"on another host: its {other.replace('_', ' ')} is `{str(there.get(other))[:60]}`, here `{here[other]}`"
    if model.version != version_of(device):
        return f"with version {model.version or '(none)'} of its engine, and this is {version_of(device) or '(none)'}"
    return model


def host(threads: int, cpus: int = 0, given: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """What a model depends on, of a host and of the settings of a driver, which may be secrets: so many `threads`,
    so many `cpus` of its process (0: all), and what it was `given` besides."""
    found: dict[str, Json] = {name: value for name, value in speeds.host(threads).items() if name != "instruction_set"}
    digest = sha256(canonical_json(dict(given))).hexdigest()[:16] if given else ""
    return found | {"processors": cpus, SETTINGS: digest}


def version_of(device: Device) -> str:
    """The version of a device's engine, as far as it says it."""
    return str(device.properties.get("version", ""))[:80]

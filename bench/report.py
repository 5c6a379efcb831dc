"""Tables for people, JSON for machines, and what of the host a reader of either must know."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
BUILD = ROOT / ".build" / "bench"


def host() -> dict[str, Any]:
    """Processor, cores, Python and system of this host."""
    processor = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        processor = models[0] if models else ""
    return {
        "processor": processor or platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose first column is text and whose others are numbers."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    print(f"\n{title}")
    for row in (header, *rows):
        cells = [
            text.ljust(w) if column == 0 else text.rjust(w)
            for column, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip())


def save(name: str, value: dict[str, Any]) -> None:
    """Write the raw numbers of one measurement, with the host, and say where."""
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{name}.json"
    path.write_text(json.dumps({"host": host(), **value}, indent=2) + "\n")
    print(f"  raw numbers: {path.relative_to(ROOT)}")

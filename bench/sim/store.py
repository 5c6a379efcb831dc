"""The measured cells on disk, one JSON file each, so that a measurement goes on where it was stopped."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.report import BUILD
from bench.sim.cells import key
from eigen import _core

if TYPE_CHECKING:
    from bench.sim.peers.protocol import Job

FOLDER = BUILD / "sim"


class Store:
    """A folder of cells. A cell that is there counts for any build of ours; `build` in it says for which it was."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    def find(self, job: Job) -> dict[str, Any] | None:
        """The cell as it was measured."""
        path = self._path(job)
        return json.loads(path.read_text()) if path.exists() else None

    def put(self, job: Job, cell: dict[str, Any]) -> None:
        """Writes a cell whole or not at all."""
        path = self._path(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"job": job.to_json(), **cell}, indent=1) + "\n")
        draft.replace(path)

    def all(self) -> list[dict[str, Any]]:
        """Every cell there is."""
        return [json.loads(path.read_text()) for path in sorted((self.folder / "cells").glob("*.json"))]

    def _path(self, job: Job) -> Path:
        return self.folder / "cells" / f"{key(job)}.json"


def build() -> str:
    """Which build of our extension is measured."""
    return sha256(Path(_core.__file__).read_bytes()).hexdigest()[:12]

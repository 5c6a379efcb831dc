"""The measured cells on disk, one JSON file each, so that a measurement goes on where it was stopped."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from eigen import _core


class Job(Protocol):
    """What a cell measures."""

    @property
    def key(self) -> str:
        """The name of its file."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The job as it is written into the cell."""
        ...


class Store:
    """A folder of cells. A cell that is there counts for any build of ours; `build` in it says for which it was."""

    def __init__(self, folder: Path) -> None:
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
        return self.folder / "cells" / f"{job.key}.json"


def build() -> str:
    """Which build of our extension is measured."""
    return sha256(Path(_core.__file__).read_bytes()).hexdigest()[:12]

"""The guide's example: a circuit whose worker is killed in its middle, and what comes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import eigen

if TYPE_CHECKING:
    import pytest

GUIDE = Path(__file__).parents[2] / "docs/guides/snapshots.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), flags=re.DOTALL | re.MULTILINE)


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found: dict[str, object] = {"__name__": "example"}
    (block,) = BLOCKS
    exec(compile(block, "snapshots.md", "exec"), found)
    with eigen.connect(data_dir="undisturbed") as client:
        undisturbed = client.run("deep.eigen.py")
    assert getattr(found["results"], "counts") == undisturbed.counts  # noqa: B009

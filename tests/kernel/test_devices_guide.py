"""The example of the guide to devices runs as it is printed, and its numbers are those of the code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from eigen.kernel.reservations import MAX_TTL_SECONDS, MIN_TTL_SECONDS
from eigen.qfs.store import WAITING_RESERVATION

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/devices.md").read_text("utf-8")
PROGRAMS: dict[str, str] = runpy.run_path(str(ROOT / "docs/error_examples.py"))["PROGRAMS"]


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("bell.eigen.py").write_text(PROGRAMS["bell.eigen.py"], "utf-8")
    exec(compile(example, "devices.md", "exec"), {})
    assert capsys.readouterr().out == "DONE\n"


def test_the_guide_names_the_bounds_and_the_stage() -> None:
    assert (MIN_TTL_SECONDS, MAX_TTL_SECONDS) == (1, 7 * 24 * 3600)
    assert "from 1 second to 7 days" in GUIDE
    assert f"`{WAITING_RESERVATION}`" in GUIDE

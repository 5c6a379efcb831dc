"""The example of the guide to sharing runs as it is printed, and its numbers are those of the code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from eigen.config import Settings
from eigen.kernel.effects.region import LARGE, PATIENCE
from eigen.kernel.regions import BUFFER, CANDIDATES
from eigen.qfs.store import WAITING_REGION

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/sharing-a-device.md").read_text("utf-8")
PROGRAMS: dict[str, str] = runpy.run_path(str(ROOT / "docs/error_examples.py"))["PROGRAMS"]


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("bell.eigen.py").write_text(PROGRAMS["bell.eigen.py"], "utf-8")
    Path("examples/sharing").mkdir(parents=True)
    chip = (ROOT / "examples/sharing/falcon.json").read_text("utf-8")
    Path("examples/sharing/falcon.json").write_text(chip, "utf-8")
    exec(compile(example, "sharing-a-device.md", "exec"), {})
    assert capsys.readouterr().out == "DONE 2 0 0.0\n"


def test_the_guide_names_the_bounds_and_the_stage() -> None:
    assert (CANDIDATES, LARGE, PATIENCE, BUFFER) == (6, 20_000, 16, 1)
    assert "the six cheapest regions (for one, above 20,000 operations)" in GUIDE
    assert "after 16 jobs" in GUIDE
    assert "`region_buffer` (1 unless" in GUIDE
    assert f"`{WAITING_REGION}`" in GUIDE
    settings = Settings()
    assert (settings.share_devices, settings.max_fidelity_loss) == ("tenant", 0.05)

"""docs/guides/estimating.md: its commands and its Python work, and its figures are those of the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from eigen.estimate.confidence import SHARE, START_SECONDS, SUCCESS_SHARE, TIME_HIGH, TIME_LOW

GUIDE = (Path(__file__).parents[2] / "docs/guides/estimating.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, flags=re.DOTALL | re.MULTILINE)


def test_the_commands_and_the_program_work(tmp_path: Path) -> None:
    script = "\n".join(blocks("bash")) + "\ncat > guide.py <<'GUIDE'\n" + "\n".join(blocks("python")) + "\nGUIDE\n"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script + "python guide.py\n"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "EIGEN_QFS_ROOT": str(tmp_path / "data"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (chip,) = json.loads((tmp_path / "estimate.json").read_text())["candidates"]
    success, low, high, cost, seconds = map(float, re.findall(r"[\d.]+", done.stdout.splitlines()[-1]))
    assert (success, low, high) == (chip["success"]["value"], chip["success"]["low"], chip["success"]["high"])
    assert (cost, seconds) == (chip["cost"]["usual"], chip["seconds"]["usual"])
    assert not (tmp_path / "data/jobs").exists()


def test_the_figures_are_those_of_the_code() -> None:
    text = " ".join(GUIDE.split())
    assert f"what about {SHARE:.0%}".replace("%", " %") in text
    assert f"{TIME_LOW:g} to {TIME_HIGH:g} times the prediction and half a millisecond" in text
    assert START_SECONDS == 5e-4
    assert f"the interval that {SUCCESS_SHARE:.0%}".replace("%", " %") in text

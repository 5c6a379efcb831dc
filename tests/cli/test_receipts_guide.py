"""docs/guides/receipts.md: its commands work, one after the other, and its table names every check."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from eigen.kernel.statistics import FALSE_ALARM
from eigen.kernel.verification import evidence, physics

GUIDE = (Path(__file__).parents[2] / "docs/guides/receipts.md").read_text("utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", GUIDE, flags=re.DOTALL | re.MULTILINE)


def test_the_commands_work(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "EIGEN_QFS_ROOT": str(tmp_path / "data"),
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(BLOCKS)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = dict(re.findall(r"^(\w+) +(pass|fail|not checked) ", done.stdout, flags=re.MULTILINE))
    assert told == dict.fromkeys(re.findall(r"^\| `(\w+)` \|", GUIDE, flags=re.MULTILINE), "pass")


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"{evidence.MAX_CHAIN:,} at most" in GUIDE
    assert f"less than once in {1 / FALSE_ALARM:,.0f}." in GUIDE
    assert f"up to {physics.MAX_QUBITS} qubits, or {physics.MAX_NOISY_QUBITS} with a noise" in GUIDE
    assert [f"{value:.0e}".replace("e-0", "e-") for value in physics.TOLERANCES.values()] == ["1e-9", "1e-4"]

"""docs/guides/receipts.md and replay-and-resume.md: their commands work, and their tables are those of the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from eigen.kernel import agreement
from eigen.kernel.statistics import FALSE_ALARM
from eigen.kernel.verification import evidence, physics

GUIDES = Path(__file__).parents[2] / "docs/guides"
GUIDE = (GUIDES / "receipts.md").read_text("utf-8")
REPEATING = (GUIDES / "replay-and-resume.md").read_text("utf-8")


def shown(guide: str, tmp_path: Path) -> str:
    """What the commands of a guide print, one after the other; each must succeed."""
    blocks = re.findall(r"^```bash\n(.*?)^```", guide, flags=re.DOTALL | re.MULTILINE)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "EIGEN_QFS_ROOT": str(tmp_path / "data"),
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_work(tmp_path: Path) -> None:
    told = re.findall(r"^(\w+) +(pass|fail|not checked) ", shown(GUIDE, tmp_path), flags=re.MULTILINE)
    names = re.findall(r"^\| `(\w+)` \|", GUIDE, flags=re.MULTILINE)
    here, far, after = (dict(told[part * len(names) : (part + 1) * len(names)]) for part in range(3))
    assert here == after == dict.fromkeys(names, "pass")
    assert far == here | {"chain": "not checked"}


def test_a_loop_stops_goes_on_and_is_done_again(tmp_path: Path) -> None:
    found = shown(REPEATING, tmp_path)
    assert re.search(r"^verdict +identical$", found, flags=re.MULTILINE)
    stopped = json.loads((tmp_path / "stopped.json").read_text())
    assert stopped["error"]["code"] == "EIGEN_RUN_BUDGET"
    assert stopped["metadata"]["minimizations"][0]["success"] is False
    assert stopped["metadata"]["shots_used"] <= 4000


def test_the_table_of_verdicts_is_that_of_the_code() -> None:
    told = re.findall(r"^\| `([a-z ]+)` \|", REPEATING, flags=re.MULTILINE)
    assert told[1:] == [agreement.IDENTICAL, agreement.AGREES, agreement.DIFFERS, agreement.OPEN]
    assert f"within {agreement.TOLERANCE:g} times one and the value" in " ".join(REPEATING.split())
    assert f"less than once in {1 / FALSE_ALARM:,.0f}." in " ".join(REPEATING.split())


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"{evidence.MAX_CHAIN:,} at most" in GUIDE
    assert f"less than once in {1 / FALSE_ALARM:,.0f}." in GUIDE
    assert f"up to {physics.MAX_QUBITS} qubits, or {physics.MAX_NOISY_QUBITS} with a noise" in GUIDE
    assert [f"{value:.0e}".replace("e-0", "e-") for value in physics.TOLERANCES.values()] == ["1e-9", "1e-4"]

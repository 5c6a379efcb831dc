"""The guide to drivers, by its own words: the example is copied, found, shown, and runs a circuit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "guides" / "write-a-driver.md").read_text("utf-8")
EIGEN = str(Path(sys.executable).with_name("eigen"))
BELL = """OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
ry(pi/2) q[0];
cx q[0], q[1];
c = measure q;
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "EIGEN_QFS_ROOT": "data", "TMPDIR": str(folder / "tmp")}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_example_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "tiny_driver", tmp_path / "examples" / "tiny_driver")
    (tmp_path / "bell.qasm").write_text(BELL)
    lines = re.search(r"```\n(mkdir.*?)```", GUIDE, re.DOTALL)
    assert lines is not None
    install, _, show, bell = lines.group(1).strip().splitlines()
    assert run(tmp_path, "sh", "-c", install).returncode == 0
    shown = run(tmp_path, EIGEN, *show.split()[1:], "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["device_id"] == "tiny:statevector"
    done = run(tmp_path, EIGEN, *bell.split()[1:], "--seed", "1", "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert list((tmp_path / "tmp").iterdir()) == []
    counts = results["circuits"][0]["counts"]
    assert set(counts) == {"00", "11"}
    assert sum(counts.values()) == 1000
    assert abs(counts["00"] - 500) < 160  # ten standard deviations


def test_the_manifest_of_the_guide_is_the_examples() -> None:
    block = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert block is not None
    assert block.group(1) == (ROOT / "examples" / "tiny_driver" / "manifest.toml").read_text()

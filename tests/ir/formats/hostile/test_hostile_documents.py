"""Every hostile document of every format ends in a coded error, within 512 MiB; none is a defect of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from hostile_documents import BYTES, DOCUMENTS

from eigen.ir.formats.table import FORMATS

CODES = {"AQO", "CIRCUIT", "FORMAT", "GATE", "JSON", "LIMIT", "NOT"}
"""What stands behind EIGEN_ in the codes that a document may end in; NOT_AVAILABLE without a package."""


def test_all_end_in_a_coded_error() -> None:
    script = Path(__file__).parent / "load_hostile.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == sum(map(len, DOCUMENTS.values())) + len(FORMATS) * len(BYTES)
    assert [row for row in rows if row["code"].removeprefix("EIGEN_").split("_")[0] not in CODES] == []

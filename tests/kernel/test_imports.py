"""What starting costs: the kernel brings no heavy library along, and a whole job needs only the database's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent
HEAVY = ("sqlalchemy", "alembic", "numpy", "scipy")


def heavy_after(script: str) -> set[str]:
    """The heavy libraries that are loaded when the script has run."""
    tail = f"\nimport sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", script + tail],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split("\n")[-2].split())


def test_importing_the_kernel_brings_nothing_heavy() -> None:
    modules = "kernel.kernel, eigen.kernel.worker, eigen.kernel.effects.execute, eigen.qfs.artifacts, eigen.qfs.store"
    assert heavy_after(f"import eigen.{modules}") == set()


def test_a_whole_job_needs_only_the_database(tmp_path: Path) -> None:
    script = f"import doubles.house as house; house.main({str(tmp_path)!r}, 'bell', 'sim:statevector')"
    assert heavy_after(script) == {"sqlalchemy"}

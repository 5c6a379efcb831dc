"""What every end-to-end test needs: the command as a user types it, on the private data directory of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sample_programs import Run, RunJson, Write

EIGEN = Path(sys.executable).with_name("eigen")


@pytest.fixture
def eigen() -> Run:
    """Run `eigen …` and check its exit code; never a traceback."""

    def run(*words: str, expect: int = 0, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(EIGEN), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, **(env or {})},
        )
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def eigen_json(eigen: Run) -> RunJson:
    """Run `eigen … --json` and return the object it prints."""

    def run(*words: str, expect: int = 0, env: dict[str, str] | None = None) -> Any:
        return json.loads(eigen(*words, "--json", expect=expect, env=env).stdout)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the test and return its path."""

    def place(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    return place

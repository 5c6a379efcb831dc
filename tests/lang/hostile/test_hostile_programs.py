"""Hostile programs: each ends in a coded diagnostic, within fuel and 512 MiB; nothing is executed, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from attack import load

PROGRAMS = load()


@pytest.fixture(scope="module", params=[(), ("--pool",)], ids=["own-process", "pool"])
def verdicts(request: pytest.FixtureRequest) -> dict[str, dict[str, object]]:
    """One child process under the memory limit checks them all, once in each way a parser is started."""
    command = [sys.executable, str(Path(__file__).parent / "attack.py"), *request.param]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_there_are_many() -> None:
    assert len(PROGRAMS) >= 200


@pytest.mark.parametrize("name", PROGRAMS)
def test_hostile_program_ends_in_its_code(name: str, verdicts: dict[str, dict[str, object]]) -> None:
    allowed, _ = PROGRAMS[name]
    found = verdicts[name]["codes"]
    assert found, "the program was accepted"
    assert found[0] in allowed
    assert verdicts[name]["touched"] == []

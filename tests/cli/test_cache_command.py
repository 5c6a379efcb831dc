"""`eigen cache`, the doctor's line, `--no-cache`, and the guide's example."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from eigen.cli import main

GUIDE = Path(__file__).parents[2] / "docs/guides/caching.md"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    monkeypatch.delenv("EIGEN_ENDPOINT", raising=False)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_guide_its_results_and_the_end_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S)
    scope: dict[str, object] = {}
    exec(code, scope)
    cache = scope["second"].metadata["cache"]  # type: ignore[attr-defined]
    assert cache["hits"] == cache["of"] > 0
    assert cache["origins"][0]["job_id"] == scope["first"].job_id  # type: ignore[attr-defined]

    found = shown(capsys, "cache")
    (tenant,) = found["tenants"]  # type: ignore[misc]
    assert (tenant["tenant"], tenant["entries"], found["result_cache_bytes"]) == ("default", cache["hits"], 64 << 20)
    assert shown(capsys, "cache", "show", "--tenant", "another")["tenants"] == []
    assert "cache" not in shown(capsys, "run", "loop.eigen.py", "--no-cache")["metadata"]  # type: ignore[operator]
    assert shown(capsys, "cache", "clear")["forgotten"] == cache["hits"]
    assert shown(capsys, "cache")["tenants"] == []


def test_an_action_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "clean"]) == 2
    assert "clear" in capsys.readouterr().err

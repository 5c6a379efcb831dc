"""docs/guides/run-for-a-team.md: its commands work, and its settings, ports and files are there."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path

from followers import Follower
from sample_programs import BELL, Run, RunJson
from server_processes import EIGEN, Whole

from eigen.config import Settings, load_settings
from eigen.qfs.quotas import quotas_of
from eigen.serving.role import METRICS_PORTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/guides/run-for-a-team.md").read_text("utf-8")
KEYS, BACK_UP = re.findall(r"```sh\n(.*?)```", TEXT, flags=re.S)


def shell(script: str, **env: str) -> str:
    """What the commands of a guide print."""
    path = f"{EIGEN.parent}{os.pathsep}{os.environ['PATH']}"
    words = ["bash", "-eu", "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path, **env})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_key_opens_a_server_that_asks(tmp_path: Path) -> None:
    said = shell(KEYS)
    assert "first" in said
    with Whole(tmp_path) as server:
        address = server.addresses["http_address"]
        follower = Follower(address)
        assert follower._client.get("/v1/jobs").status_code == 401
        follower.close()


def test_a_backup_of_a_running_server_is_whole(tmp_path: Path, eigen_json: RunJson, eigen: Run) -> None:
    backup = tmp_path / "backup"
    with Whole(tmp_path) as server:
        follower = Follower(server.addresses["http_address"])
        job_id = follower.submit(BELL, "kept")
        follower.events(job_id)
        kept = follower.results(job_id)
        shell(BACK_UP, BACKUP=str(backup))
        follower.close()
    found = eigen_json("results", job_id, "--data-dir", str(backup))
    assert found["counts"] == kept["counts"]
    eigen("doctor", "--data-dir", str(backup))


def test_its_settings_ports_and_files_are_there(tmp_path: Path) -> None:
    loaded: list[Settings] = []
    for toml in re.findall(r"```toml\n(.*?)```", TEXT, flags=re.S):
        path = tmp_path / "config.toml"
        path.write_text(toml)
        loaded.append(load_settings(environ={"EIGEN_CONFIG": str(path)})[0])
    callers, shares = loaded
    assert callers.auth == "required"
    assert quotas_of(shares.tenant_quotas).limits_running()
    names = {entry.name for entry in fields(Settings)}
    for name in re.findall(r"`((?:internal|tls|drain|metrics|otlp)_\w+|\w+_address)`", TEXT):
        assert name in names, name
    for role, port in METRICS_PORTS.items():
        assert re.search(rf"\| `{role}` .*\| {port} \|", TEXT)
    for name in re.findall(r"`(deploy/[\w/@.-]+)`", TEXT):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"\]\(([\w-]+\.md)\)", TEXT):
        assert (ROOT / "docs/guides" / name).is_file(), name

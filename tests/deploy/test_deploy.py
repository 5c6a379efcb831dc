"""What lies in deploy/ fits the program: every command, setting, port and file that it names is there."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from eigen.cli.commands import COMMANDS
from eigen.cli.serve import parser
from eigen.config import Settings, load_settings
from eigen.serving.role import METRICS_PORTS, ROLES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = {f"EIGEN_{entry.name.upper()}" for entry in fields(Settings)}
FLAGS = {text for action in parser()._actions for text in action.option_strings}


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file; keys that come twice are kept as the last one."""
    found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(path.read_text())
    return found


def check_command(words: list[str]) -> None:
    """A command line of ours that exists, with options that exist."""
    assert words[0] in COMMANDS, words
    if words[0] != "serve":
        return
    assert {word for word in words if word.startswith("--")} <= FLAGS
    if "--role" in words:
        assert words[words.index("--role") + 1] in {*ROLES, "%i"}


def test_every_file_is_looked_at() -> None:
    here = {str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*") if path.is_file()}
    cluster = {f"kubernetes/{name}.yaml" for name in ("access", "namespace", "network", "server", "volumes")}
    assert here == {"systemd/eigen.service", "systemd/eigen@.service", "Containerfile", "four-roles.yaml", *cluster}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_what_there_is(path: Path) -> None:
    service = unit(path)["Service"]
    program, *words = service["ExecStart"].split()
    assert Path(program).name == "eigen"
    check_command(words)
    assert service["Type"] == "notify"
    assert int(service["TimeoutStopSec"]) > Settings().drain_seconds
    for name in re.findall(r"EIGEN_[A-Z_]+", path.read_text().replace("EIGEN_NAME", "")):
        assert name in SETTINGS, name
    directory = service["Environment"].partition("=")[2]
    assert directory == f"/var/lib/{service['StateDirectory']}"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened(path: Path) -> None:
    service = unit(path)["Service"]
    for name in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_the_two_units_differ_in_the_role_alone() -> None:
    one, role = (unit(path)["Service"] for path in UNITS)
    differing = {name for name in {*one, *role} if one.get(name) != role.get(name)}
    assert differing == {"ExecStart", "User", "StateDirectory", "Environment"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_unit(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name.replace("@", "@kernel")
    copy.write_text(path.read_text().replace("/opt/eigen/bin/eigen", shutil.which("true") or "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if path.stem.rstrip("@") in line]
    assert not complaints, done.stderr


def test_the_image_is_made_and_run_with_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    lines = text.replace("\\\n", " ").splitlines()
    words: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            words.setdefault(name, []).append(rest)
    environment = dict(re.findall(r"(EIGEN_\w+)=(\S+)", text))
    load_settings(environ=environment)  # each is known, and its value can be read
    assert environment["EIGEN_AUTH"] == "required"
    assert words["ENTRYPOINT"] == ['["eigen"]']
    check_command(yaml.safe_load(words["CMD"][-1]))
    assert words["USER"] == ["10001"]
    ports = {environment[name].rpartition(":")[2] for name in ("EIGEN_GRPC_ADDRESS", "EIGEN_HTTP_ADDRESS")}
    assert set(words["EXPOSE"][0].split()) == ports
    assert words["VOLUME"] == [environment["EIGEN_QFS_ROOT"]]
    assert f":{environment['EIGEN_HTTP_ADDRESS'].rpartition(':')[2]}/readyz" in words["HEALTHCHECK"][0]
    for extra in re.findall(r"--extra (\w+)", text):
        assert f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text()
    for shown in re.findall(r"eigen-os ([a-z][\w -]*)$", text, flags=re.M):
        check_command(shown.split())
    assert not re.search(r"(?i)(password|secret|token)\s*=", text)


def test_the_four_containers_are_the_four_roles() -> None:
    document: Any = yaml.safe_load((DEPLOY / "four-roles.yaml").read_text())
    services = document["services"]
    assert set(services) == set(ROLES)
    for name, service in services.items():
        check_command(service["command"])
        assert service["command"][-1] == name
        if "healthcheck" in service:
            assert f":{METRICS_PORTS[name]}/readyz" in str(service["healthcheck"])
        assert ("volumes" in service) == (name == "kernel")
        assert name == "api" or service["network_mode"] == "service:api"

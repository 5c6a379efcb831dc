"""`Manifest`: what a driver in a process of its own is called, how it starts, and what it needs, as a TOML file says.

    name = "tiny"                      # the driver's name
    protocol = 1                       # the version of eigen.driver.v1
    backends = ["tiny"]                # the parts of its device ids before the colon
    command = ["./tiny-driver", "-q"]  # gets `--socket PATH` behind it; a relative program lies beside the manifest
    environment = { TINY_LEVEL = "3" } # variables, besides the few that every driver gets

An engine written in Python says `engine = "module:Class"` instead of a command, and `path = "."` where the module
lies, beside the manifest. `requires` names the distributions without which it is not there.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.drivers.hosts.launch import Launch
from eigen.errors import EigenError, suggest
from eigen.jobspec.files import read_limited

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHIPPED = Path(__file__).parent / "manifests"
MOST_BYTES = 64 << 10
PROTOCOL = 1
KNOWN = ("name", "protocol", "backends", "engine", "command", "path", "environment", "requires", "extra")
TEXTS = ("name", "engine", "path", "extra")
LISTS = ("backends", "command", "requires")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One driver; `place` is the folder of its file, `digest` the sha256 of its text."""

    name: str
    backends: tuple[str, ...]
    place: Path
    digest: str
    engine: str = ""
    command: tuple[str, ...] = ()
    path: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    requires: tuple[str, ...] = ()
    extra: str = ""

    def launch(self, *, threads: int, memory_bytes: int | None) -> Launch:
        """How to start it; EIGEN_NOT_AVAILABLE while something it requires is not installed."""
        self.versions()
        environment = {"OMP_NUM_THREADS": str(threads)} if threads else {}
        environment |= dict(self.environment)
        if self.engine:
            command = (sys.executable, "-m", "eigen_driver", self.engine)
            if self.path:
                environment["PYTHONPATH"] = str((self.place / self.path).resolve())
        else:
            first = self.command[0]
            command = (str((self.place / first).resolve()) if first.startswith(".") else first, *self.command[1:])
        return Launch(command, environment, self.place, memory_bytes, threads)

    def versions(self) -> dict[str, str]:
        """The versions of what it requires; EIGEN_NOT_AVAILABLE naming what is not installed."""
        from importlib.metadata import PackageNotFoundError, version

        found: dict[str, str] = {}
        for name in self.requires:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                message = f"the driver `{self.name}` needs the package `{name}`"
                hint = f"pip install 'eigen-os[{self.extra}]'" if self.extra else f"pip install {name}"
                raise EigenError("EIGEN_NOT_AVAILABLE", message, hint=hint) from None
        return found


def shipped() -> tuple[Manifest, ...]:
    """Those that come with Eigen OS, by name."""
    return tuple(_all(SHIPPED))


def installed(folder: Path) -> tuple[Manifest, ...]:
    """Those of a folder, by name: `*.toml` in it and `manifest.toml` in folders in it. EIGEN_CONFIG_INVALID."""
    return tuple(_all(folder)) if folder.is_dir() else ()


def read_manifest(path: Path) -> Manifest:
    """The manifest of a file; EIGEN_CONFIG_INVALID naming what is wrong in it."""
    data = read_limited(path, MOST_BYTES, "bytes of a manifest")
    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"it is no TOML: {str(error)[:200]}") from error
    for name, value in found.items():
        if name not in KNOWN:
            raise _wrong(path, f"there is no key `{name[:60]}`", suggest(name, KNOWN))
        _check(path, name, value)
    if found.get("protocol") != PROTOCOL:
        raise _wrong(path, f"`protocol` is {PROTOCOL} and nothing else", "it names the version of eigen.driver.v1")
    if not found.get("name") or not found.get("backends"):
        raise _wrong(path, "`name` and `backends` must be given")
    if bool(found.get("engine")) == bool(found.get("command")):
        raise _wrong(path, "either `engine` or `command` must be given")
    del found["protocol"]
    parts: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in found.items()}
    return Manifest(place=path.parent, digest=sha256(data).hexdigest(), **parts)


def _all(folder: Path) -> Iterator[Manifest]:
    for path in sorted({*folder.glob("*.toml"), *folder.glob("*/manifest.toml")}):
        yield read_manifest(path)


def _check(path: Path, name: str, value: object) -> None:
    if name in TEXTS and not isinstance(value, str):
        raise _wrong(path, f"`{name}` is a text")
    if name in LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):  # pyright: ignore[reportUnknownVariableType]
        raise _wrong(path, f"`{name}` is a list of texts")
    if name == "environment" and not (
        isinstance(value, dict) and all(isinstance(item, str) for item in value.values())  # pyright: ignore[reportUnknownVariableType]
    ):
        raise _wrong(path, "`environment` pairs names with texts")


def _wrong(path: Path, why: str, hint: str | None = None) -> EigenError:
    message = f"the manifest of a driver, `{path}`, cannot be used: {why}"
    return EigenError(
        "EIGEN_CONFIG_INVALID", message, where=str(path), hint=hint or "see the guide on writing a driver"
    )

"""`Manifest`: what a driver in a process of its own is called, how it starts, and what it needs, as a TOML file says.

    name = "tiny"                      # the driver's name
    protocol = 1                       # the version of eigen.driver.v1
    backends = ["tiny"]                # the parts of its device ids before the colon
    command = ["./tiny-driver", "-q"]  # gets `--socket PATH` behind it; a relative program lies beside the manifest
    environment = { TINY_LEVEL = "3" } # variables, besides the few that every driver gets

An engine written in Python says `engine = "module:Class"` instead of a command, and `path = "."` where the module
lies, beside the manifest. `requires` names the distributions without which it is not there; `lock`, a file beside the
manifest (or the name of one that is shipped), pins them and all that they need for `eigen backends install`, in an
environment of the driver's own or in the one that it `shares`, made with a `python` of its own where it says so.

A driver of a service says what it `needs` of its settings, such as a token; without them there is nobody to ask, and
what it told of its devices is never kept.

A program that is built here says `build = ["go", "build", "-o", "{environment}/tiny"]`, run in `path`, and begins its
command with `{environment}/`; an engine in Python of which only a part is built is told by a variable where it is.
"""

from __future__ import annotations

import re
import shutil
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

    from eigen.drivers.hosts.environments import Environment, Environments

SHIPPED = Path(__file__).parent / "manifests"
LOCKS = Path(__file__).parent / "locks"
MOST_BYTES = 64 << 10
PROTOCOL = 1
KNOWN = (
    "name",
    "protocol",
    "backends",
    "engine",
    "command",
    "build",
    "path",
    "environment",
    "requires",
    "needs",
    "extra",
    "lock",
    "shares",
    "python",
)
TEXTS = ("name", "engine", "path", "extra", "lock", "shares", "python")
LISTS = ("backends", "command", "build", "requires", "needs")
NAMES = ("name", "shares")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LOCK = re.compile(r"\.{1,2}/.+|[a-z0-9][a-z0-9_-]*")
PLACE = "{environment}"
"""Stands in `build`, `command` and `environment` for the folder of the environment."""


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
    lock: str = ""
    shares: str = ""
    python: str = ""
    build: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def environment_name(self) -> str:
        """The environment that it is installed in."""
        return self.shares or self.name

    @property
    def lock_file(self) -> Path | None:
        """What pins what it needs; None where nothing does."""
        if not self.lock:
            return None
        return self.place / self.lock if self.lock.startswith(".") else LOCKS / f"{self.lock}.txt"

    def launch(self, *, threads: int, memory_bytes: int | None, environments: Environments | None = None) -> Launch:
        """How to start it, in its environment where it is installed; EIGEN_NOT_AVAILABLE while something it requires
        is not there."""
        self.versions(environments)
        found = self.installed(environments)
        environment = {"OMP_NUM_THREADS": str(threads)} if threads else {}
        roots = [str((self.place / self.path).resolve())] if self.path and not self.build else []
        python, holds, folder = sys.executable, None, ""
        if found is not None and environments is not None:
            from eigen.drivers.hosts.environments import IN_USE

            folder = str(environments.folder(found))
            holds = environments.folder(found) / IN_USE
            python = str(environments.python(found) or python)
            if self.engine:
                roots.append(str(environments.shim()))
        environment |= {name: value.replace(PLACE, folder) for name, value in self.environment.items()}
        if self.engine:
            command = (python, "-m", "eigen_driver", self.engine)
            if roots:
                environment["PYTHONPATH"] = ":".join(roots)
        else:
            command = self._command(folder)
        return Launch(command, environment, self.place, memory_bytes, threads, holds=holds)

    def lacks(self, settings: Mapping[str, Mapping[str, Any]]) -> str:
        """What it needs of its settings and does not have, in words; empty where it has all."""
        given = settings.get(self.name, {})
        absent = [f"`{name}`" for name in self.needs if not given.get(name)]
        words = " and ".join(absent)
        return f"needs the setting{'s' if len(absent) > 1 else ''} {words} of `[{self.name}]`" if absent else ""

    def installed(self, environments: Environments | None) -> Environment | None:
        """The environment that it is installed in, if it is."""
        if environments is None or not (self.lock or self.build):
            return None
        found = environments.having(self.environment_name, self.name)
        if found is not None and self.lock and environments.python(found) is None:
            return None
        return found

    def check_settings(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """EIGEN_NOT_AVAILABLE naming a setting that it needs and does not have."""
        lacks = self.lacks(settings)
        if lacks:
            hint = "in the setting `driver_settings` or in drivers.toml; see the guide on cloud services"
            raise self._absent(lacks, hint)

    def versions(self, environments: Environments | None = None) -> dict[str, str]:
        """The versions of what it requires, in its environment or else beside this process; EIGEN_NOT_AVAILABLE naming
        what is not there."""
        found = self.installed(environments)
        if found is not None and self.build:
            return {self.name: found.backends[self.name][:16]}
        if found is not None:
            return {
                name: found.versions[canonical(name)] for name in self.requires if canonical(name) in found.versions
            }
        if self.build or (self.lock and not self.requires):
            raise self._absent("is not installed")
        return self._beside()

    def missing(self) -> str:
        """Which program it takes, to be built or to run, that is not on the PATH; empty where there is none."""
        for program in (self.build or self.command)[:1]:
            if not program.startswith((".", PLACE)) and shutil.which(program) is None:
                return program
        return ""

    def _command(self, folder: str) -> tuple[str, ...]:
        first, *others = (word.replace(PLACE, folder) for word in self.command)
        if self.missing() and not self.build:
            raise self._absent(f"needs the program `{first}`", f"install `{first}`, so that it is on the PATH")
        return (str((self.place / first).resolve()) if first.startswith(".") else first, *others)

    def _beside(self) -> dict[str, str]:
        from importlib.metadata import PackageNotFoundError, version

        found: dict[str, str] = {}
        for name in self.requires:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                hint = f"pip install 'eigen-os[{self.extra}]'" if self.extra else f"pip install {name}"
                raise self._absent(f"needs the package `{name}`", None if self.lock else hint) from None
        return found

    def _absent(self, why: str, hint: str | None = None) -> EigenError:
        hint = hint or f"eigen backends install {self.name}"
        return EigenError("EIGEN_NOT_AVAILABLE", f"the driver `{self.name}` {why}", hint=hint)


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
    _check_whole(path, found)
    del found["protocol"]
    parts: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in found.items()}
    return Manifest(place=path.parent, digest=sha256(data).hexdigest(), **parts)


def _check_whole(path: Path, found: Mapping[str, Any]) -> None:
    if found.get("protocol") != PROTOCOL:
        raise _wrong(path, f"`protocol` is {PROTOCOL} and nothing else", "it names the version of eigen.driver.v1")
    if not found.get("name") or not found.get("backends"):
        raise _wrong(path, "`name` and `backends` must be given")
    if bool(found.get("engine")) == bool(found.get("command")):
        raise _wrong(path, "either `engine` or `command` must be given")
    if found.get("build") and found.get("lock"):
        raise _wrong(path, "what is built has no `lock`")
    if (found.get("shares") or found.get("python")) and not found.get("lock"):
        raise _wrong(path, "only what has a `lock` shares an environment or has a Python of its own")


def _all(folder: Path) -> Iterator[Manifest]:
    for path in sorted({*folder.glob("*.toml"), *folder.glob("*/manifest.toml")}):
        yield read_manifest(path)


def _check(path: Path, name: str, value: object) -> None:
    if name in TEXTS and not isinstance(value, str):
        raise _wrong(path, f"`{name}` is a text")
    if name in NAMES and not _NAME.fullmatch(str(value)):
        raise _wrong(path, f"`{name}` is made of letters, digits, `_`, `-` and `.`")
    if name == "lock" and not _LOCK.fullmatch(str(value)):
        raise _wrong(path, "`lock` is the name of a lock that is shipped, or a path that begins with `./`")
    if name in LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):  # pyright: ignore[reportUnknownVariableType]
        raise _wrong(path, f"`{name}` is a list of texts")
    if name == "environment" and not (
        isinstance(value, dict) and all(isinstance(item, str) for item in value.values())  # pyright: ignore[reportUnknownVariableType]
    ):
        raise _wrong(path, "`environment` pairs names with texts")


def canonical(name: str) -> str:
    """The name of a distribution as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _wrong(path: Path, why: str, hint: str | None = None) -> EigenError:
    message = f"the manifest of a driver, `{path}`, cannot be used: {why}"
    return EigenError(
        "EIGEN_CONFIG_INVALID", message, where=str(path), hint=hint or "see the guide on writing a driver"
    )

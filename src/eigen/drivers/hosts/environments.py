"""`Environments`: the virtual environments in which engines of other makers run, one folder and one record each.

A record, `quantum.json`, names the folder that is in force, so that a change is one rename; folders are never changed
once a record has named them. Nothing here installs anything: see `installing`.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_USE = "in-use"
"""Of an environment: whoever runs in it holds this file's lock, so that it is not removed meanwhile."""
DEVICES = "devices"
"""Of the root: what drivers said of their devices."""
SHIM = "eigen_driver"
MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment: `backends` pairs each backend with the digest of what it was installed from, `versions` each
    distribution with its version."""

    name: str
    folder: str
    backends: Mapping[str, str] = field(default_factory=dict[str, str])
    versions: Mapping[str, str] = field(default_factory=dict[str, str])


class Environments:
    """Those of a root folder, read from the disk each time. `root` need not be there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, name: str) -> Environment | None:
        """The environment of a name; None where there is none that can be used."""
        try:
            found = json.loads(self._record(name).read_bytes()[:MOST_BYTES])
            environment = Environment(name, str(found["folder"]), dict(found["backends"]), dict(found["versions"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        ours = environment.folder.startswith(f"{name}-") and environment.folder == Path(environment.folder).name
        return environment if ours and self.folder(environment).is_dir() else None

    def having(self, name: str, backend: str) -> Environment | None:
        """The environment of a name if the backend is installed in it."""
        found = self.find(name)
        return found if found is not None and backend in found.backends else None

    def folder(self, environment: Environment) -> Path:
        """Where it lies."""
        return self.root / environment.folder

    def python(self, environment: Environment) -> Path | None:
        """Its interpreter; None where it has none, or what it links to is gone."""
        path = python_of(self.folder(environment))
        return path if os.access(path, os.X_OK) else None

    def keep(self, environment: Environment) -> None:
        """Make this the environment of its name, at once and whole."""
        record: dict[str, Any] = asdict(environment)
        del record["name"]
        place = self._record(environment.name)
        with tempfile.NamedTemporaryFile("w", dir=self.root, prefix=".record-", delete=False) as file:
            try:
                json.dump(record, file, indent=1, sort_keys=True)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
                os.replace(file.name, place)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def forget(self, name: str) -> None:
        """There is no environment of this name any more."""
        self._record(name).unlink(missing_ok=True)

    def shim(self) -> Path:
        """A folder that holds the package `eigen_driver` of this release and nothing else; made when it is not there.
        EIGEN_STORE_UNAVAILABLE where it cannot be."""
        source = shim_source()
        place = self.root / f"{SHIM}-{digest_of(source)[:16]}"
        if place.is_dir():
            return place
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=f".{SHIM}-", dir=self.root))
            try:
                shutil.copytree(source, fresh / SHIM, ignore=shutil.ignore_patterns("__pycache__"))
                fresh.chmod(0o755)
                fresh.rename(place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        except OSError as error:
            if place.is_dir():  # somebody else was faster
                return place
            message = f"the environments in `{self.root}` cannot be brought up to date: {error.strerror}"
            hint = "`eigen backends install` by their owner does it"
            raise EigenError("EIGEN_STORE_UNAVAILABLE", message, hint=hint) from error
        return place

    def _record(self, name: str) -> Path:
        return self.root / f"{name}.json"


def shim_source() -> Path:
    """The package that engines in Python are made with, and the shipped ones are in."""
    spec = find_spec(SHIM)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def python_of(folder: Path) -> Path:
    """Where the interpreter of a virtual environment is."""
    return folder / "bin" / "python"


def digest_of(folder: Path) -> str:
    """The sha256, in hex, of the names and bytes of the files of a folder, without what Python makes of them."""
    whole = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = str(path.relative_to(folder)).encode()
            data = path.read_bytes()
            whole.update(b"%d %d " % (len(name), len(data)) + name + data)
    return whole.hexdigest()

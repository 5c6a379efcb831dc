"""`Installer`: puts engines into environments and takes them out.

A change is made in a folder beside the one in force, which starts as its links, and takes its place at once when it is
whole: whoever is interrupted leaves what was there before. One change at a time on a root, by a lock file.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.drivers.hosts.environments import IN_USE, SHIM, Environment, digest_of, python_of
from eigen.drivers.hosts.uv import CODE, failure, find_uv, run_tool
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from eigen.drivers.hosts.environments import Environments
    from eigen.drivers.hosts.manifest import Manifest

LOCK = ".lock"
PARTIAL = ".partial-"
LOCKS = "locks"
"""Of an environment: the lock of each backend that is in it."""


class Installer:
    """Changes the environments of a root. `known` are the backends that there are, by name; `wheels` is a folder of
    packages to use instead of an index. `tell` gets lines for people."""

    def __init__(
        self,
        environments: Environments,
        known: Mapping[str, Manifest],
        *,
        wheels: Path | None = None,
        tell: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._environments = environments
        self._known = known
        self._wheels = wheels
        self._tell = tell

    def install(self, rows: Iterable[Manifest], *, again: bool = False) -> tuple[str, ...]:
        """Install backends, those of one environment together, and return the names of all that are in what was
        changed. What is installed as it should be is left alone, unless `again`. EIGEN_BACKEND_INSTALL."""
        wanted = list(rows)
        for row in wanted:
            check(row)
        changed: list[str] = []
        with self._alone():
            for row in [row for row in wanted if row.build]:
                if again or self.digest(row) != self._has(row):
                    self._build(row)
                    changed.append(row.name)
            for name in dict.fromkeys(row.environment_name for row in wanted if row.lock):
                here = [row for row in wanted if row.lock and row.environment_name == name]
                if again or any(self.digest(row) != self._has(row) for row in here):
                    changed += self._sync(name, here, fresh=again)
            self._environments.shim()
            self._sweep()
        return tuple(changed)

    def remove(self, rows: Iterable[Manifest]) -> tuple[str, ...]:
        """Take backends out, with all that no other backend of their environment needs; returns those that were
        there. EIGEN_BACKEND_INSTALL."""
        removed: list[str] = []
        with self._alone():
            for row in rows:
                found = self._environments.having(row.environment_name, row.name)
                if found is None:
                    continue
                if set(found.backends) == {row.name}:
                    self._environments.forget(found.name)
                else:
                    self._sync(found.name, (), without=row.name)
                removed.append(row.name)
            self._sweep()
        return tuple(removed)

    def digest(self, row: Manifest) -> str:
        """What a backend is installed from: the sha256 of its lock, or of its sources and how they are built."""
        if row.build:
            return sha256(f"{row.build} {digest_of(row.place / row.path)}".encode()).hexdigest()
        assert row.lock_file is not None
        return _digest(row.lock_file)

    def _has(self, row: Manifest) -> str | None:
        found = row.installed(self._environments)
        return None if found is None else found.backends[row.name]

    def _sync(self, name: str, rows: Sequence[Manifest], *, without: str = "", fresh: bool = False) -> tuple[str, ...]:
        """Make an environment that has what it had, as it should be in this release, and these backends besides."""
        before = self._environments.find(name)
        uv = find_uv()
        with self._beside(name) as folder:
            if before is not None and not fresh and self._environments.python(before) is not None:
                _link(self._environments.folder(before), folder)
            locks = self._locks(before, rows, without)
            what = f"environment `{name}` ({', '.join(sorted(locks))})"
            self._tell(f"{what} …")
            if not python_of(folder).exists():
                asked = next((row.python for row in rows if row.python), "") or self._python_of(name)
                self._uv(
                    uv,
                    what,
                    "venv",
                    "--quiet",
                    "--relocatable",
                    "--no-project",
                    "--allow-existing",
                    "-p",
                    asked,
                    str(folder),
                )
            place = folder / LOCKS
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            for backend, text in locks.items():
                (place / f"{backend}.txt").write_bytes(text)
            files = [str(place / f"{backend}.txt") for backend in sorted(locks)]
            source = ["--no-index", "--offline", "--find-links", str(self._wheels.absolute())] if self._wheels else []
            if without:
                source = ["--offline"]
            python = str(python_of(folder))
            words = ["pip", "sync", "--require-hashes", *source, "-p", python, *files]
            self._uv(uv, what, *words)
            backends = {backend: sha256(text).hexdigest() for backend, text in locks.items()}
            versions = _versions(folder)
            self._finish(Environment(name, self._settle(name, folder), backends, versions))
        return tuple(sorted(locks))

    def _python_of(self, name: str) -> str:
        """The Python of an environment: what a backend of it asks for, else that of this process."""
        return next(
            (row.python for row in self._known.values() if row.environment_name == name and row.python), ""
        ) or (sys.executable)

    def _locks(self, before: Environment | None, rows: Sequence[Manifest], without: str) -> dict[str, bytes]:
        """The lock of each backend: of this release, or as it was installed where this release has none."""
        locks: dict[str, bytes] = {}
        names = set(before.backends) - {without} if before is not None else set[str]()
        given = {row.name: row for row in rows}
        for name in sorted(names | set(given)):
            row = given.get(name) or (None if without else self._known.get(name))
            file = row.lock_file if row is not None and row.lock else None
            if file is None and before is not None:
                file = self._environments.folder(before) / LOCKS / f"{name}.txt"
            assert file is not None
            try:
                locks[name] = file.read_bytes()
            except OSError as error:
                message = f"the lock of backend `{name}` cannot be read: {error.strerror}: {file}"
                raise EigenError(CODE, message) from error
        return locks

    def _build(self, row: Manifest) -> None:
        self._tell(f"backend `{row.name}`: {row.build[0]} …")
        with self._beside(row.name) as folder:
            words = [word.replace("{environment}", str(folder)) for word in row.build]
            run_tool(words, (row.place / row.path).resolve(), f"backend `{row.name}`", self._tell)
            (folder / IN_USE).touch()
            digest = self.digest(row)
            self._finish(Environment(row.name, self._settle(row.name, folder), {row.name: digest}, {}))

    def _uv(self, uv: str, what: str, *words: str) -> None:
        run_tool([uv, *words], self._environments.root, what, self._tell)

    def _settle(self, name: str, folder: Path) -> str:
        """Give a finished folder its name for good."""
        (folder / IN_USE).touch()
        final = folder.with_name(f"{name}-{folder.name.rpartition('-')[2]}")
        folder.rename(final)
        return final.name

    def _finish(self, environment: Environment) -> None:
        self._environments.keep(environment)
        self._tell(f"environment `{environment.name}` is in place")

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Hold the lock of the root; what the disk refuses is an error in words."""
        root = self._environments.root
        try:
            root.mkdir(parents=True, exist_ok=True)
            with (root / LOCK).open("a") as held:
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    self._tell("another installation is under way, waiting for its end")
                    fcntl.flock(held, fcntl.LOCK_EX)
                yield
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise failure("environments", "no space left on device") from error
            place = error.filename or root
            raise EigenError(CODE, f"the environments cannot be changed: {error.strerror}: {place}") from error

    @contextmanager
    def _beside(self, name: str) -> Generator[Path]:
        """An empty folder that nobody uses yet; gone afterwards, unless it was settled."""
        folder = Path(tempfile.mkdtemp(prefix=f"{PARTIAL}{name}-", dir=self._environments.root))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove folders that no record names and nobody runs in: older ones, and what a killed installation left."""
        root = self._environments.root
        kept = {self._environments.shim().name}
        for record in root.glob("*.json"):
            found = self._environments.find(record.stem)
            if found is not None:
                kept.add(found.folder)
        for folder in root.iterdir():
            ours = (folder / IN_USE).exists() or folder.name.startswith((PARTIAL, f"{SHIM}-", f".{SHIM}-"))
            if folder.is_dir() and ours and folder.name not in kept and not _in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)


def check(row: Manifest) -> None:
    """Refuse a backend that cannot be installed here, saying why: EIGEN_NOT_AVAILABLE, or EIGEN_BACKEND_INSTALL where
    nothing says how."""
    program = row.missing()
    if program:
        message = f"backend `{row.name}` is unavailable: the program `{program}` is not on the PATH"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, hint=f"install `{program}`")
    if not row.lock and not row.build:
        message = f"backend `{row.name}` has nothing to install: its manifest has neither `lock` nor `build`"
        raise EigenError(CODE, message, hint="see the guide on writing a driver")


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EigenError(CODE, f"the lock `{path}` cannot be read: {error.strerror}") from error


def _in_use(folder: Path) -> bool:
    """Whether somebody runs in an environment."""
    with suppress(OSError), (folder / IN_USE).open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _link(source: Path, target: Path) -> None:
    """Copy a folder by hard links, which cost no room; where those cannot be, in full."""

    def one(old: str, new: str) -> None:
        try:
            os.link(old, new, follow_symlinks=False)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP}:
                raise
            shutil.copy2(old, new, follow_symlinks=False)

    ignored = shutil.ignore_patterns(IN_USE)
    shutil.copytree(source, target, symlinks=True, copy_function=one, ignore=ignored, dirs_exist_ok=True)


def _versions(folder: Path) -> dict[str, str]:
    """The version of each distribution of an environment, by its canonical name."""
    from importlib.metadata import distributions

    from eigen.drivers.hosts.manifest import canonical

    places = [str(path) for path in folder.glob("lib/python*/site-packages")]
    return {canonical(found.name): found.version for found in distributions(path=places)}

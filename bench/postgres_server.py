"""A PostgreSQL of its own for a measurement or a test run, from the installed programs, on a socket in a new directory.

The server refuses to run as root; then it runs as `postgres`, or `nobody`. Only the socket's owner and root reach it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

PORT = 54321  # part of the socket's name; nothing listens on the network
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "unix_socket_permissions": "0777",
    "log_min_messages": "fatal",
}


class PostgresServer:
    """A running server. Each `url()` is a new, empty database."""

    def __init__(self, programs: Path, **settings: str) -> None:
        self._programs = programs
        self._user = _user()
        self._root = Path(tempfile.mkdtemp(prefix="pg-"))
        self._numbers = count(1)
        self._settings = {**SETTINGS, **settings, "unix_socket_directories": str(self._root)}
        if self._user is not None:
            shutil.chown(self._root, self._user)
        self._root.chmod(0o755)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "eigen", "-E", "UTF8", "--locale=C", "-N")
        self._process = self._start()

    @property
    def _data(self) -> Path:
        return self._root / "data"

    def url(self) -> str:
        """The URL of a new database."""
        name = f"jobs_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def empty(self, url: str) -> None:
        """Remove every row of a job database; whoever still uses it is cut off."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            names = ", ".join(name for (name,) in tables if name != "alembic_version")
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY")

    def execute(self, statement: str) -> None:
        """Run a statement outside of any transaction, in the database that administrates."""
        import psycopg

        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def restart(self) -> None:
        """Kill the server and start it again: every connection is gone, what was committed is there."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        self._process = self._start()

    def stop(self) -> None:
        """End the server and remove its files."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        shutil.rmtree(self._root, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql://eigen@/{name}?host={self._root}&port={PORT}"

    def _start(self) -> subprocess.Popen[bytes]:
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self._root / "log").open("ab") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(PORT), *options],
                user=self._user,
                stdout=log,
                stderr=log,
                cwd=self._root,
                env=_environment(),
            )
        self._wait(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        import psycopg

        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            with suppress(psycopg.OperationalError), psycopg.connect(self._url("postgres")):
                return
            time.sleep(0.02)
        raise AssertionError(f"PostgreSQL does not start: {(self._root / 'log').read_text()[-2000:]}")

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._programs / program, *words],
            user=self._user,
            cwd=self._root,
            env=_environment(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()


def programs() -> Path | None:
    """Where `initdb` and `postgres` are; None where PostgreSQL is not installed."""
    named = shutil.which("initdb")
    found = [Path(named).resolve()] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}

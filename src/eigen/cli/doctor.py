"""`eigen doctor`: check what the system stands on, and say what to do about what is wrong.

With an endpoint that is the server: whether it answers, how fast, and what it has to run on.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import show, show_json, table
from eigen.errors import EigenError
from eigen.types import DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eigen.config import Settings

FAILED = 4
SLOW_FLUSH_SECONDS = 0.1
LITTLE_SPACE_BYTES = 100 * 1024 * 1024
CONTACT_SECONDS = 10.0
EARLIEST_YEAR = 2025  # a clock before this release was made is wrong


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    ok: bool
    text: str
    hint: str = ""


def parser() -> Parser:
    """The arguments of the command."""
    return Parser("doctor", COMMANDS["doctor"].summary, remote=True)


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    loaded = settings(options)
    checks = SERVER_CHECKS if loaded.endpoint else CHECKS
    findings = [_guarded(name, check, loaded) for name, check in checks.items()]
    healthy = all(finding.ok for finding in findings)
    if options.json:
        names = ("check", "ok", "text", "hint")
        shown = [{name: getattr(finding, name) for name in names} for finding in findings]
        show_json({"ok": healthy, "findings": shown})
    else:
        rows = [(finding.check, "ok" if finding.ok else "FAILED", finding.text) for finding in findings]
        show(table(rows, ("CHECK", "", "FOUND")))
        for finding in findings:
            if not finding.ok and finding.hint:
                show(f"hint: {finding.check}: {finding.hint}")
    return 0 if healthy else FAILED


def _guarded(name: str, check: Callable[[Settings], Finding], loaded: Settings) -> Finding:
    try:
        return check(loaded)
    except EigenError as error:
        return Finding(name, ok=False, text=error.message, hint=error.hint)
    except OSError as error:
        return Finding(
            name, ok=False, text=f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
        )


def _data_directory(loaded: Settings) -> Finding:
    root = loaded.data_dir
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    seconds = _flush_time(root)
    free = os.statvfs(root)
    free_bytes = free.f_bavail * free.f_frsize
    text = f"{root}: writable, flush takes {seconds * 1000:.1f} ms, {free_bytes / 2**30:.1f} GiB free"
    if free_bytes < LITTLE_SPACE_BYTES:
        return Finding("data directory", ok=False, text=text, hint="free some space, or set EIGEN_QFS_ROOT")
    hint = "a slow disk makes every job slow" if seconds > SLOW_FLUSH_SECONDS else ""
    return Finding("data directory", ok=True, text=text, hint=hint)


def _flush_time(root: Path) -> float:
    """Seconds that one durable write of a small file takes here."""
    path = root / f".doctor-{os.getpid()}"
    started = time.perf_counter()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, b"eigen")
        os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink()
    return time.perf_counter() - started


def _database(loaded: Settings) -> Finding:
    from eigen.app import check_database

    text, complaints = check_database(loaded)
    if not complaints:
        return Finding("job database", ok=True, text=f"{text}, check passed")
    hint = "restore eigen.db from a backup; the files of finished jobs are under jobs/"
    if loaded.database_url:
        hint = "set it on in postgresql.conf"
    return Finding("job database", ok=False, text="; ".join([text, *complaints[:3]]), hint=hint)


def _files(loaded: Settings) -> Finding:
    """Where the files of jobs are kept: the bucket is written, and its conditions are put to the test."""
    if not loaded.artifacts_url:
        return Finding("files", ok=True, text="in the data directory")
    from eigen.app import check_files

    return Finding("files", ok=True, text=check_files(loaded))


def _clock(_loaded: Settings) -> Finding:
    year = time.gmtime().tm_year
    before = time.monotonic()
    ok = year >= EARLIEST_YEAR and time.monotonic() >= before
    return Finding("clock", ok=ok, text=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()), hint="set the clock")


def _core(_loaded: Settings) -> Finding:
    """The core computes a Bell state."""
    from eigen import _core as core

    builder = core.CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    counts = core.Plan(builder.build()).sample(shots=64, seed=1).to_dict()
    ok = set(counts) <= {"00", "11"} and sum(counts.values()) == 64
    return Finding("core", ok=ok, text=f"version {core.__version__}, a Bell pair gives {counts}", hint="install again")


def _drivers(loaded: Settings) -> Finding:
    from eigen.app import make_registry

    registry = make_registry(loaded)
    passed: list[str] = []
    refused: list[str] = []
    for device in registry.devices():
        try:
            registry.driver_for(device.id)  # devices that run on request are probed when they are asked for
            passed.append(f"{device.id} ({device.num_qubits} qubits)")
        except EigenError as error:
            refused.append(error.message)
    refused += [error.message for error in registry.rejected.values()]
    text = "; ".join([f"probe circuits passed: {', '.join(passed)}" if passed else "no device", *refused])
    return Finding("drivers", ok=bool(passed) and not refused, text=text, hint="remove or update the named driver")


def _backends(loaded: Settings) -> Finding:
    """The engines of other makers that are installed, and whether as this release has them."""
    from eigen.app.backends import AVAILABLE, OUTDATED, UNAVAILABLE, list_backends

    found = list_backends(loaded)
    there = [backend.name for backend in found if backend.state not in {AVAILABLE, UNAVAILABLE}]
    old = [backend.name for backend in found if backend.state == OUTDATED]
    text = f"installed: {', '.join(there) or 'none'}; `eigen backends` lists all"
    if not old:
        return Finding("backends", ok=True, text=text)
    names = " ".join(old)
    return Finding("backends", ok=True, text=f"{text}; `eigen backends install {names}` brings them up to this release")


def _speeds(loaded: Settings) -> Finding:
    """Whether predictions of run times are those of this host."""
    from eigen.app import make_registry

    native = [device for device in make_registry(loaded).devices() if "estimated" in device.properties]
    speeds = [f"{device.id} {device.properties['speed']}" for device in native if "speed" in device.properties]
    if speeds:
        return Finding("engine speeds", ok=True, text=f"measured here, the reference being 1: {', '.join(speeds)}")
    text = "predicted as on the reference host; `eigen devices calibrate sim:statevector` measures this one"
    return Finding("engine speeds", ok=True, text=text)


def _callers(loaded: Settings) -> Finding:
    """Who could ask a server with these settings."""
    from datetime import UTC, datetime

    from eigen.api.identity.survey import survey
    from eigen.app import open_identity

    with open_identity(loaded) as (keys, _):
        text = survey(loaded, keys.list(), datetime.now(UTC))
    return Finding("callers", ok=True, text=text)


def _memory(_loaded: Settings) -> Finding:
    from eigen.app import memory_limit_bytes

    limit = memory_limit_bytes()
    qubits = max(0, (limit // 16).bit_length() - 1)
    text = f"{limit / 2**30:.1f} GiB for this process: state vectors of up to {qubits} qubits"
    return Finding("memory", ok=limit >= 512 * 1024 * 1024, text=text, hint="512 MiB are needed")


def _extras(_loaded: Settings) -> Finding:
    """What this installation can do beyond the embedded system."""
    from eigen.serving import EXTRAS, missing_of

    missing = {name: missing_of(name) for name in EXTRAS}
    there = [name for name, lacks in missing.items() if not lacks]
    absent = [f"{name} (lacks {', '.join(lacks)})" for name, lacks in missing.items() if lacks]
    text = "; ".join([f"installed: {', '.join(there) or 'none'}", *([f"not: {', '.join(absent)}"] if absent else [])])
    return Finding("extras", ok=True, text=text)


def _places(loaded: Settings) -> Finding:
    """The ports of a server with these settings: free, or answered by one that is well."""
    from eigen.serving.places import NOT_READY, look_around

    places = look_around(loaded)
    text = ", ".join(f"{place.address} ({place.setting}) {place.state}" for place in places)
    sick = [place.address for place in places if place.state == NOT_READY]
    hint = f"look into the log of the server at {', '.join(sick)}" if sick else ""
    return Finding("ports", ok=not sick, text=text, hint=hint)


def _events(loaded: Settings) -> Finding:
    """Where events are told, and how many wait."""
    from eigen.serving.relays import survey

    found = survey(loaded)
    if not found:
        return Finding("events", ok=True, text="told to nobody; `kafka_brokers` and `events_sink` name who is told")
    text = "; ".join(f"{sink.text}, {sink.lag:,} events wait" for sink in found)
    hint = "events wait in the job database until the sink is back; nothing is lost"
    return Finding("events", ok=all(sink.ok for sink in found), text=text, hint=hint)


def _cache(loaded: Settings) -> Finding:
    """How much of the room for results that are found again is taken."""
    if not loaded.result_cache_bytes:
        return Finding("result cache", ok=True, text="off: all work is done each time")
    from eigen.app import look_into_cache

    with look_into_cache(loaded) as cache:
        found = cache.use()
    entries, size = sum(use.entries for use in found), sum(use.bytes for use in found)
    text = f"{entries:,} results, {size / 2**20:.1f} of {loaded.result_cache_bytes / 2**20:.1f} MiB"
    return Finding("result cache", ok=True, text=text)


def _endpoint(loaded: Settings) -> Finding:
    """The server answers, knows the caller, and has devices."""
    from eigen.app import connect_with

    with connect_with(loaded, timeout=CONTACT_SECONDS) as client:
        client.list(limit=1)
        started = time.perf_counter()
        client.list(limit=1)
        seconds = time.perf_counter() - started
    token = "with a token" if loaded.token else "without a token"
    return Finding("endpoint", ok=True, text=f"{loaded.endpoint} answers {token}, in {seconds * 1000:.1f} ms")


def _devices(loaded: Settings) -> Finding:
    from eigen.app import connect_with

    with connect_with(loaded, timeout=CONTACT_SECONDS) as client:
        found = client.devices()
    online = [device.id for device in found if device.status is DeviceStatus.ONLINE]
    text = f"online: {', '.join(online)}" if online else f"none of {len(found)} devices is online"
    return Finding("devices", ok=bool(online), text=text, hint="ask whoever runs the server")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "core": _core,
    "data directory": _data_directory,
    "job database": _database,
    "files": _files,
    "clock": _clock,
    "drivers": _drivers,
    "backends": _backends,
    "engine speeds": _speeds,
    "memory": _memory,
    "callers": _callers,
    "result cache": _cache,
    "events": _events,
    "extras": _extras,
    "ports": _places,
}
SERVER_CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "core": _core,
    "clock": _clock,
    "endpoint": _endpoint,
    "devices": _devices,
}

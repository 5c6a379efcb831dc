"""Whether a device is what it says: its description, its features, what its results tell of themselves."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance.check import BrokenError, Check, InapplicableError
from eigen.conformance.limits import flipped
from eigen.conformance.subject import builder
from eigen.drivers.driver import QDriver
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir.modes import OPERATIONS
from eigen.types import DeviceStatus, SampleWork

if TYPE_CHECKING:
    from eigen.conformance.subject import Subject

NOUN = "truth"
FEATURES = frozenset(
    {
        "classical",
        "deduplicates",
        "dynamic",
        "evolution",
        "exact",
        "expectation",
        "gradient",
        "loop",
        "metered",
        "modes",
        "noise",
        "parts",
        "regions",
        "seed",
    }
)
"""Every word of `Device.features`."""
IMPLIED = {"gradient": ("expectation", "exact"), "loop": ("expectation", "exact")}


def description(subject: Subject) -> str:
    device, driver = subject.device, subject.driver
    if not isinstance(driver, QDriver):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BrokenError("its driver does not have the methods of a QDriver")
    ids = [one.id for one in driver.get_devices()]
    driver.get_device_status(device.id)  # what runs elsewhere tells its version once it runs
    known = {row.name for row in _core.gate_table()} | {"MEASURE", "RESET", "BARRIER", "DELAY"}
    if subject.has("modes"):
        known = set(OPERATIONS)
    wrong = {
        "its driver has no name": not driver.name,
        "its driver tells no version": not driver.version,
        "its driver lists a device twice": len(ids) != len(set(ids)),
        "its driver does not list it": device.id not in ids,
        "its id has no backend before a colon": not device.id.partition(":")[0] or not device.id.partition(":")[2],
        "it has less than one qubit": device.num_qubits < 1,
        "it takes less than one shot": device.max_shots < 1,
        "it declares gates that the table does not have": bool(set(device.gates) - known),
        "it declares a gate twice": len(device.gates) != len(set(device.gates)),
        "it couples qubits that it does not have": any(
            first == second or not (0 <= first < device.num_qubits and 0 <= second < device.num_qubits)
            for first, second in device.coupling
        ),
        "it waits for less than no time": not (isfinite(device.estimated_wait_sec) and device.estimated_wait_sec >= 0),
        "its queue has less than nothing in it": device.queue_depth < 0,
    }
    for complaint, holds in wrong.items():
        if holds:
            raise BrokenError(complaint)
    return f"{driver.name} {driver.version}"


def features(subject: Subject) -> str:
    unknown = subject.device.features - FEATURES
    if unknown:
        raise BrokenError(f"it declares features that nobody knows: {', '.join(sorted(unknown))}")
    for name, needed in IMPLIED.items():
        if subject.has(name) and not subject.has(*needed):
            raise BrokenError(f"`{name}` is declared without {' and '.join(f'`{one}`' for one in needed)}")
    return ", ".join(sorted(subject.device.features)) or "none"


def status(subject: Subject) -> str:
    found = subject.driver.get_device_status(subject.device.id)
    if found is not DeviceStatus.ONLINE:
        raise BrokenError(f"it is {found} while it is tested")
    return ""


def settings(subject: Subject) -> str:
    """A setting that nobody knows, refused when the driver is made or, where it runs elsewhere, when it starts."""
    driver = type(subject.driver)
    if subject.device.properties.get("hosted") is True:
        return "asked of a process of its own when it starts"
    try:
        fresh = driver()
        fresh.initialize({"no_such_setting": 1})
    except EigenError as error:
        if "no_such_setting" not in error.message:
            raise BrokenError(f"the refusal does not name `no_such_setting`: {error.message}") from error
        return ""
    except TypeError:
        return "it is not made without arguments"
    raise BrokenError("a setting that nobody knows is ignored")


def probes(subject: Subject) -> str:
    if not (subject.takes_circuits or subject.has("modes")):
        raise InapplicableError("it takes neither circuits nor programs of modes")
    try:
        probe(subject.driver, subject.device)
    except EigenError as error:
        raise BrokenError(error.message) from error
    return ""


def metadata(subject: Subject) -> str:
    found = subject.ask(SampleWork(subject.lower(flipped()).circuit, (), 3, 5))
    told = found.metadata
    missing = [name for name in ("engine", "version", "precision") if not told.get(name)]
    if subject.has("seed") and told.get("seed") != 5:
        missing.append("seed")
    if missing:
        raise BrokenError(f"the metadata do not tell {', '.join(f'`{name}`' for name in missing)}: {sorted(told)}")
    if not (isfinite(found.execution_time_sec) and found.execution_time_sec >= 0.0):
        raise BrokenError(f"it ran for {found.execution_time_sec} s")
    return ", ".join(f"{name} {told[name]}" for name in ("engine", "version", "precision"))


def one_answer(subject: Subject) -> str:
    """Counts come without a value, values without counts."""
    found = subject.ask(SampleWork(subject.lower(flipped()).circuit, (), 3, 5))
    if found.counts is None or (found.value, found.gradient, found.series) != (None, None, None):
        raise BrokenError("shots are answered with counts and nothing else")
    if subject.is_exact:
        from eigen.ir import Observable

        build = builder(1)
        build.gate("X", [0])
        found = subject.expectation(build.build(), Observable.pauli("Z"))
        if found.value is None or (found.counts, found.gradient, found.series) != (None, None, None):
            raise BrokenError("an expectation value is answered with a value and nothing else")
    return ""


CHECKS = (
    Check("description", NOUN, "its description makes sense, and its driver lists it once", description,
          circuits=False),
    Check("features", NOUN, "it declares features that there are, with those they imply", features, circuits=False),
    Check("status", NOUN, "it is online", status, circuits=False),
    Check("settings", NOUN, "settings of its driver that nobody knows are refused by name", settings, circuits=False),
    Check("probes", NOUN, "it passes the probes that every driver passes before its first use", probes,
          circuits=False),
    Check("metadata", NOUN, "results tell engine, version, precision and seed", metadata),
    Check("one_answer", NOUN, "counts or a value come, never both", one_answer),
)  # fmt: skip

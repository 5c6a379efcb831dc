"""Limits: shots, width, options, gates that are not there, work that is stopped or takes too long, keys and handles."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from eigen.conformance.check import BrokenError, Check, InapplicableError
from eigen.conformance.gates import all_gates, arguments
from eigen.conformance.subject import NOISY_SHOTS, OPTION, builder, shown
from eigen.conformance.values import TERMS, prepared
from eigen.drivers.driver import WorkState
from eigen.errors import EigenError
from eigen.ir import Observable
from eigen.types import ExpectationWork, GradientWork, SampleWork

if TYPE_CHECKING:
    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit
    from eigen.types import Work

NOUN = "limits"
SHOTS = (1, 2, 999, 100_000, 1_000_000)
DENSE_QUBITS = 12
"""The width that every device of at least as many qubits must do; wider ones may need more memory than there is."""
SPARSE_QUBITS = 60
"""A device of more than this many does not keep all amplitudes, and runs a bit of its full width."""
MOST_BITS = 2000
OPTION_NAME = "no_such_option"
LONG_SECONDS = 0.25
MOST_DEPTH = 16_000
MOST_QUBITS = 1_000_000
"""Of any circuit."""


def flipped(clbits: int = 1) -> Circuit:
    """One qubit, flipped and measured."""
    build = builder(1, clbits)
    build.gate("X", [0])
    build.measure([0], [0])
    return build.build()


def shot_counts(subject: Subject) -> str:
    done = 0
    for shots in SHOTS:
        if shots > subject.device.max_shots:
            continue
        counts = subject.sample(flipped(), shots=shots)
        if not subject.is_noisy and counts != {"1": shots}:
            raise BrokenError(f"{shots} shots gave {shown(counts)}")
        done = shots
    return f"up to {done:,}"


def impossible_shots(subject: Subject) -> str:
    circuit = subject.lower(flipped()).circuit
    for shots in (0, -1, subject.device.max_shots + 1):
        work = SampleWork(circuit, (), shots, 1)
        subject.refusal(work, *OPTION, naming=str(shots), what=f"{shots} shots")
    return ""


def too_many_qubits(subject: Subject) -> str:
    wide = subject.device.num_qubits + 1
    if wide > MOST_QUBITS:
        raise InapplicableError(f"no circuit is wider than {MOST_QUBITS:,} qubits")
    build = builder(wide, 1)
    build.measure([wide - 1], [0])
    circuit = build.build()
    try:
        subject.lower(circuit)
    except InapplicableError:
        pass
    else:
        raise BrokenError(f"a circuit of {wide} qubits is lowered to it")
    try:
        found = subject.ask(SampleWork(circuit, (), 1, 1)).counts
    except EigenError:
        return ""
    if found is None or found.to_dict() != {"0": 1}:
        raise BrokenError(f"a circuit of {wide} qubits is answered wrongly: {shown(found and found.to_dict())}")
    return "it runs circuits wider than it says where few of their qubits are used"


def full_width(subject: Subject) -> str:
    declared = subject.device.num_qubits
    is_dense = declared <= SPARSE_QUBITS and not subject.device.coupling
    width = min(declared, DENSE_QUBITS if is_dense else MOST_BITS)
    build = builder(width, 2)
    build.gate("X", [width - 1])
    build.measure([width - 1, 0], [0, 1])
    circuit = build.build()
    if width == 1:
        subject.always(flipped(2), "01")
    else:
        subject.always(circuit, "01", shots=20)
    return f"{width} of {declared} qubits" if width < declared else f"all {width} qubits"


def options(subject: Subject) -> str:
    circuit, values = prepared(subject)
    lowered = subject.lower(circuit, values)
    observable = lowered.observable(Observable.from_terms(3, TERMS))
    given = {OPTION_NAME: True}
    works: list[Work] = [SampleWork(subject.lower(flipped()).circuit, (), 1, 1, given)]
    if subject.is_exact:
        works.append(ExpectationWork(lowered.circuit, values, observable, None, 1, given))
    if subject.has("gradient"):
        works.append(GradientWork(lowered.circuit, values, observable, given))
    for work in works:
        what = f"an option that nobody knows, of {type(work).__name__}"
        subject.refusal(work, *OPTION, naming=OPTION_NAME, what=what)
    return ""


def foreign_gates(subject: Subject) -> str:
    device = subject.device
    others = [name for name in all_gates() if name not in device.gates]
    if not device.gates or not others:
        raise InapplicableError("it has every gate")
    for name in others:
        size, params, payload = arguments(name)
        if size > device.num_qubits:
            continue
        build = builder(size, 1)
        build.gate(name, range(size), params, **payload)
        build.measure([0], [0])
        subject.refusal(
            SampleWork(build.build(), (), 1, 1), naming=f"`{name}`", what=f"the gate `{name}`, which it lacks,"
        )
    return ""


def _long(subject: Subject) -> tuple[Circuit, float]:
    """A circuit that takes a while, as far as a few tries find one, and for how long."""
    depth, turns = 15, ("H", "S") if subject.can(_layers(2, 2, ("H", "S"))) else ("X", "X")
    while True:
        circuit = subject.lower(_layers(subject.width(3), depth, turns)).circuit
        started = perf_counter()
        subject.ask(SampleWork(circuit, (), 100, 1))
        seconds = perf_counter() - started
        depth *= 2
        if seconds >= LONG_SECONDS or depth > MOST_DEPTH:
            return circuit, seconds


def _layers(width: int, depth: int, turns: tuple[str, str]) -> Circuit:
    build = builder(width, width)
    for layer in range(depth):
        for qubit in range(width):
            build.gate(turns[(layer + qubit) % 2], [qubit])
        for qubit in range(layer % 2, width - 1, 2):
            build.gate("CX", [qubit, qubit + 1])
    build.measure(range(width), range(width))
    return build.build()


def cancel(subject: Subject) -> str:
    circuit, seconds = _long(subject)
    driver, device_id = subject.driver, subject.device.id
    handle = driver.submit(device_id, uuid4().hex, SampleWork(circuit, (), 101, 1))
    stopped = driver.cancel(handle)
    state = driver.poll(handle)
    if stopped:
        if state is not WorkState.CANCELLED:
            raise BrokenError(f"work that was cancelled is {state}")
        subject.refusal(lambda: driver.result(handle, 60.0), "EIGEN_RUN_CANCELLED", what="the result of cancelled work")
    elif state is not WorkState.DONE:
        raise BrokenError(f"work that could not be cancelled is {state}, and has not ended")
    if driver.cancel(handle):
        raise BrokenError("work that has ended is cancelled")
    subject.always(flipped(), "1")  # it goes on
    return "" if stopped else f"the work had ended, after {seconds:.2f} s"


def time_out(subject: Subject) -> str:
    circuit, seconds = _long(subject)
    driver = subject.driver
    handle = driver.submit(subject.device.id, uuid4().hex, SampleWork(circuit, (), 102, 1))
    waited = True
    try:
        driver.result(handle, 0.001)
    except EigenError as error:
        if error.code != "EIGEN_RUN_TIMEOUT":
            raise BrokenError(f"a wait that is too short raises {error.code}, not EIGEN_RUN_TIMEOUT") from error
        waited = False
    found = driver.result(handle, 600.0).counts
    if found is None or found.shots != 102:
        raise BrokenError("work whose result was waited for in vain does not end with its counts")
    return f"the work took {seconds:.3f} s" if waited else ""


def keys(subject: Subject) -> str:
    driver, device_id = subject.driver, subject.device.id
    work = SampleWork(subject.lower(flipped()).circuit, (), 20, 9)
    key = uuid4().hex
    first, second = driver.submit(device_id, key, work), driver.submit(device_id, key, work)
    found = [driver.result(handle, 60.0).counts for handle in (first, second)]
    if subject.has("deduplicates") and first != second:
        raise BrokenError("it says that it runs one key once, and gave two handles")
    known = driver.adopt(key)
    if known is None and subject.has("deduplicates"):
        raise BrokenError("a key that it runs once is not found again")
    if found[0] != found[1] and (subject.has("seed") or first == second):
        raise BrokenError("the same work gave other counts")
    if driver.poll(first) is not WorkState.DONE:
        raise BrokenError(f"work whose result came is {driver.poll(first)}")
    direct = driver.execute_circuit(device_id, work).counts
    if subject.has("seed") and direct != found[0]:
        raise BrokenError("work that is executed gives other counts than work that is submitted")
    return ""


def unknown_handles(subject: Subject) -> str:
    driver = subject.driver
    if driver.adopt(f"never submitted {uuid4().hex}") is not None:
        raise BrokenError("a key that was never submitted is known")
    if driver.poll("no handle") is not WorkState.UNKNOWN:
        raise BrokenError("a handle that was never given is not UNKNOWN")
    if driver.cancel("no handle"):
        raise BrokenError("a handle that was never given is cancelled")
    subject.refusal(lambda: driver.result("no handle", 1.0), "EIGEN_DEVICE_FAILED", what="the result of no work")
    return ""


def mixed_work(subject: Subject) -> str:
    """Several pieces of work under way at once keep to their own results."""
    driver, device_id = subject.driver, subject.device.id
    width = subject.width(4)
    handles: dict[int, str] = {}
    for value in range(1 << width):
        build = builder(width, width)
        for bit in range(width):
            if value >> bit & 1:
                build.gate("X", [bit])
        build.measure(range(width), range(width))
        circuit = subject.lower(build.build()).circuit
        shots = NOISY_SHOTS if subject.is_noisy else 10
        handles[value] = driver.submit(device_id, uuid4().hex, SampleWork(circuit, (), shots, value))
    for value, handle in reversed(handles.items()):
        found = driver.result(handle, 120.0).counts
        counts = found.to_dict() if found is not None else {}
        most = max(counts, key=lambda bits: counts[bits], default="")
        if most != f"{value:0{width}b}" or (len(counts) > 1 and not subject.is_noisy):
            raise BrokenError(f"work for `{value:0{width}b}` gave {shown(counts)} while other work was under way")
    return ""


def unknown_device(subject: Subject) -> str:
    driver, circuit = subject.driver, subject.lower(flipped()).circuit
    work = SampleWork(circuit, (), 1, 1)
    for call in (
        lambda: driver.get_device_status("no:device"),
        lambda: driver.submit("no:device", uuid4().hex, work),
        lambda: driver.execute_circuit("no:device", work),
    ):
        subject.refusal(call, "EIGEN_DEVICE_UNKNOWN", what="a device that is not there")
    return ""


CHECKS = (
    Check("shot_counts", NOUN, "exactly as many shots as were asked for, from 1 to 1,000,000", shot_counts),
    Check("impossible_shots", NOUN, "no shots, fewer, and more than it takes are refused", impossible_shots),
    Check("too_many_qubits", NOUN, "a circuit that is too wide is refused", too_many_qubits),
    Check("full_width", NOUN, "it is as wide as it says, as far as memory lets that be tried", full_width),
    Check("options", NOUN, "an option that nobody knows is refused by its name", options),
    Check("foreign_gates", NOUN, "a gate that it did not declare is refused by its name", foreign_gates),
    Check("keys", NOUN, "one key is one piece of work where it says so, executed or submitted", keys),
    Check("unknown_handles", NOUN, "keys and handles that never were are not known", unknown_handles),
    Check("mixed_work", NOUN, "pieces of work that are under way together are not mixed up", mixed_work),
    Check("unknown_device", NOUN, "a device that is not there is an error everywhere", unknown_device),
    Check("time_out", NOUN, "who does not wait long enough is told so, and the work goes on", time_out),
    Check("cancel", NOUN, "work that is cancelled ends as such, and the device goes on", cancel),
)

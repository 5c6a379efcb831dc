"""Work and its results on the wire, between kernel and drivers and between drivers and their hosts. Circuits,
observables, evolutions and photonic programs travel once, by their digest.

The side that sends keeps what the other one has been sent (`Sent`), the side that receives keeps the documents
(`Shelf`); when it does not have one (any more) it says so and gets it again. Forgetting is harmless on either side.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import CoreError, Counts
from eigen.errors import EigenError
from eigen.ir import Circuit, Evolution, Modes, Observable
from eigen.types import (
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    ModesWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)
from eigen.wire.driver import pb
from eigen.wire.plain import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from eigen.types import Json, Work

SENT_KEPT = 4096
"""Digests that a sender remembers."""

SHELF_BYTES = 256 << 20
"""Text of circuits and observables that a receiver keeps; the newest stays, however large."""


class MissingDocumentsError(Exception):
    """Documents were named that this side does not have."""

    def __init__(self, digests: list[bytes]) -> None:
        super().__init__()
        self.digests = digests


class Sent:
    """Digests that the other side has been sent. Safe for threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, digest: bytes) -> bool:
        """Whether it was sent; it is then among the newest."""
        with self._lock:
            if digest not in self._known:
                return False
            self._known.move_to_end(digest)
            return True

    def add(self, digests: Collection[bytes]) -> None:
        """These have arrived."""
        with self._lock:
            for digest in digests:
                self._known[digest] = None
            while len(self._known) > SENT_KEPT:
                self._known.popitem(last=False)

    def drop(self, digests: Collection[bytes]) -> None:
        """These are not there."""
        with self._lock:
            for digest in digests:
                self._known.pop(digest, None)


class Shelf:
    """Parsed circuits and observables by the sha256 of their text. Safe for threads."""

    def __init__(self, capacity: int = SHELF_BYTES) -> None:
        self._capacity = capacity
        self._bytes = 0
        self._kept: OrderedDict[tuple[type, bytes], tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, message: pb.Work) -> Work:
        """The work of a request; raises MissingDocumentsError, EIGEN_AQO_INVALID, EIGEN_OBSERVABLE_INVALID,
        EIGEN_REQUEST_INVALID."""
        if message.WhichOneof("work") == "evolution":
            return self._read_evolution(message)
        if message.WhichOneof("work") == "modes":
            return self._read_modes(message)
        missing: list[bytes] = []
        circuit = self._take(Circuit, message.circuit, Circuit.from_aqo, missing)
        kind = message.WhichOneof("work")
        named = {"expectation": message.expectation, "gradient": message.gradient}.get(kind or "")
        observable: Any = named and self._take(Observable, named.observable, Observable.from_json, missing)
        if missing:
            raise MissingDocumentsError(missing)
        options: dict[str, Json] = from_json(message.options_json) if message.options_json else {}
        values = tuple(message.values)
        match kind:
            case "sample":
                return SampleWork(circuit, values, message.sample.shots, message.sample.seed, options)
            case "expectation":
                asked = message.expectation
                return ExpectationWork(circuit, values, observable, _shots(asked), asked.seed, options)
            case "gradient":
                return GradientWork(circuit, values, observable, options)
            case "probability":
                asked = message.probability
                return ProbabilityWork(circuit, values, asked.bits, _shots(asked), asked.seed, options)
            case _:
                raise EigenError("EIGEN_REQUEST_INVALID", "the request names no work", where="work")

    def _read_evolution(self, message: pb.Work) -> EvolutionWork:
        asked, missing = message.evolution, list[bytes]()
        evolution = self._take(Evolution, asked.evolution, Evolution.from_aqo, missing)
        if missing:
            raise MissingDocumentsError(missing)
        settings: dict[str, Json] = from_json(asked.settings_json) if asked.settings_json else {}
        options: dict[str, Json] = from_json(message.options_json) if message.options_json else {}
        return EvolutionWork(evolution, tuple(message.values), _shots(asked), asked.seed, settings, options)

    def _read_modes(self, message: pb.Work) -> ModesWork:
        asked, missing = message.modes, list[bytes]()
        modes = self._take(Modes, asked.modes, Modes.from_aqo, missing)
        if missing:
            raise MissingDocumentsError(missing)
        options: dict[str, Json] = from_json(message.options_json) if message.options_json else {}
        return ModesWork(modes, tuple(message.values), _shots(asked), asked.seed, options)

    def _take(self, kind: type, document: pb.Document, read: Callable[[bytes], Any], missing: list[bytes]) -> Any:
        name = (kind, document.sha256)
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name][0]
        if not document.HasField("data"):
            missing.append(document.sha256)
            return None
        if sha256(document.data).digest() != document.sha256:
            raise EigenError("EIGEN_REQUEST_INVALID", "a document does not have the sha256 that it names", where="work")
        try:
            value = read(document.data)
        except CoreError as error:
            raise EigenError.from_core(error) from None
        self._keep(name, value, len(document.data))
        return value

    def _keep(self, name: tuple[type, bytes], value: Any, size: int) -> None:
        with self._lock:
            if name in self._kept:
                return
            self._kept[name] = (value, size)
            self._bytes += size
            while self._bytes > self._capacity and len(self._kept) > 1:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._bytes -= dropped


def works_messages(works: Iterable[Work], sent: Sent) -> tuple[list[pb.Work], list[bytes]]:
    """Work of one request as messages, each document in the first that names it, and the digests of those."""
    carried: dict[bytes, None] = {}
    return [_work_message(work, sent, carried) for work in works], list(carried)


def work_message(work: Work, sent: Sent) -> tuple[pb.Work, list[bytes]]:
    """Work as a message, and the digests whose documents are in it."""
    (message,), carried = works_messages((work,), sent)
    return message, carried


def _work_message(work: Work, sent: Sent, carried: dict[bytes, None]) -> pb.Work:
    def document(value: Circuit | Observable | Evolution | Modes) -> pb.Document:
        digest = bytes.fromhex(value.digest)
        if digest in carried or sent.has(digest):
            return pb.Document(sha256=digest)
        carried[digest] = None
        return pb.Document(sha256=digest, data=value.to_json() if isinstance(value, Observable) else value.to_aqo())

    message = pb.Work(values=work.values)
    if not isinstance(work, EvolutionWork | ModesWork):
        message.circuit.CopyFrom(document(work.circuit))
    if work.options:
        message.options_json = to_json(dict(work.options))
    match work:
        case SampleWork():
            message.sample.CopyFrom(pb.SampleWork(shots=work.shots, seed=work.seed))
        case ExpectationWork():
            observable = document(work.observable)
            message.expectation.CopyFrom(pb.ExpectationWork(observable=observable, shots=work.shots, seed=work.seed))
        case GradientWork():
            message.gradient.CopyFrom(pb.GradientWork(observable=document(work.observable)))
        case EvolutionWork():
            settings = to_json(dict(work.settings)) if work.settings else b""
            evolution = document(work.evolution)
            message.evolution.CopyFrom(
                pb.EvolutionWork(evolution=evolution, shots=work.shots, seed=work.seed, settings_json=settings)
            )
        case ModesWork():
            modes = document(work.modes)
            message.modes.CopyFrom(pb.ModesWork(modes=modes, shots=work.shots, seed=work.seed))
        case ProbabilityWork():
            message.probability.CopyFrom(pb.ProbabilityWork(bits=work.bits, shots=work.shots, seed=work.seed))
    return message


def result_message(result: WorkResult) -> pb.WorkResult:
    """A result as a message."""
    message = pb.WorkResult(
        value=result.value,
        standard_error=result.standard_error,
        gradient=result.gradient,
        has_gradient=result.gradient is not None,
        execution_time_sec=result.execution_time_sec,
        metadata_json=to_json(dict(result.metadata)),
    )
    if result.counts is not None:
        counts = result.counts
        columns = pb.Counts(num_clbits=counts.num_clbits, keys=counts.keys_packed, values=counts.values)
        message.counts.CopyFrom(columns)
    if result.series is not None:
        errors = result.series_errors
        message.series.CopyFrom(pb.Series(values=result.series, errors=errors or (), has_errors=errors is not None))
    if result.samples is not None:
        message.samples.CopyFrom(pb.Samples(values=result.samples))
    return message


def result_of(message: pb.WorkResult) -> WorkResult:
    """The result that `result_message` wrote."""
    return WorkResult(
        counts=_counts(message.counts) if message.HasField("counts") else None,
        value=message.value if message.HasField("value") else None,
        standard_error=message.standard_error if message.HasField("standard_error") else None,
        gradient=tuple(message.gradient) if message.has_gradient else None,
        execution_time_sec=message.execution_time_sec,
        metadata=from_json(message.metadata_json),
        series=tuple(message.series.values) if message.HasField("series") else None,
        series_errors=tuple(message.series.errors) if message.series.has_errors else None,
        samples=tuple(message.samples.values) if message.HasField("samples") else None,
    )


def _counts(columns: pb.Counts) -> Counts:
    width, keys = columns.num_clbits, columns.keys
    size = (width + 7) // 8
    found: dict[str, int] = {}
    for index, count in enumerate(columns.values):
        key = int.from_bytes(keys[index * size : (index + 1) * size], "little")
        found[format(key, f"0{width}b") if width else ""] = count
    return Counts.from_dict(found, width)


def _shots(asked: pb.ExpectationWork | pb.ProbabilityWork | pb.EvolutionWork | pb.ModesWork) -> int | None:
    return asked.shots if asked.HasField("shots") else None

"""`Shelf`: circuits and observables that came once, by their sha256, and the questions that name them."""

from __future__ import annotations

import json
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Evolve, Expectation, Gradient, Probability, RunModes, Sample
from eigen_driver.circuit import Circuit
from eigen_driver.failure import RefusedError
from eigen_driver.modes import Modes
from eigen_driver.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen_driver.asks import Ask

CAPACITY = 256 << 20
"""Bytes of documents that are kept; the newest stays, however large."""


class MissingError(Exception):
    """Documents were named that are not here."""

    def __init__(self, digests: list[bytes]) -> None:
        super().__init__()
        self.digests = digests


class Shelf:
    """Safe for threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, bytes], tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def read(self, works: Sequence[Any]) -> list[Ask]:
        """The questions of messages `Work`; raises MissingError, RefusedError."""
        missing: list[bytes] = []
        asks = [self._ask(work, missing) for work in works]
        if missing:
            raise MissingError(missing)
        return asks

    def _ask(self, work: Any, missing: list[bytes]) -> Any:
        kind = work.WhichOneof("work")
        if kind is None:
            raise RefusedError("EIGEN_REQUEST_INVALID", "the request names no work")
        asked = getattr(work, kind)
        options = _object(work.options_json)
        values = tuple(work.values)
        if kind == "evolution":
            document = self._take("evolution", asked.evolution, missing, lambda digest, data: json.loads(data))
            return Evolve(document, values, _shots(asked), asked.seed, _object(asked.settings_json), options)
        if kind == "modes":
            modes = self._take("modes", asked.modes, missing, Modes.from_aqo)
            return RunModes(modes, values, _shots(asked), asked.seed, options)
        circuit = self._take("circuit", work.circuit, missing, Circuit.from_aqo)
        if kind == "sample":
            return Sample(circuit, values, asked.shots, asked.seed, options)
        if kind != "gradient" and asked.HasField("shots"):
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", "estimates from shots are made of samples, by who asks")
        if kind == "probability":
            return Probability(circuit, values, asked.bits, options)
        observable = self._take("observable", asked.observable, missing, Observable.from_json)
        return (Gradient if kind == "gradient" else Expectation)(circuit, values, observable, options)

    def _take(self, kind: str, document: Any, missing: list[bytes], read: Callable[[str, bytes], Any]) -> Any:
        name = (kind, document.sha256)
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name][0]
        if not document.HasField("data"):
            missing.append(document.sha256)
            return None
        if sha256(document.data).digest() != document.sha256:
            raise RefusedError("EIGEN_REQUEST_INVALID", "a document does not have the sha256 that it names")
        value = read(document.sha256.hex(), document.data)
        with self._lock:
            if name not in self._kept:
                self._kept[name] = (value, len(document.data))
                self._bytes += len(document.data)
            while self._bytes > self._capacity and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1][1]
        return value


def _object(data: bytes) -> dict[str, Any]:
    return json.loads(data) if data else {}


def _shots(asked: Any) -> int | None:
    return asked.shots if asked.HasField("shots") else None

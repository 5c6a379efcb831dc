"""`Recall`: work of one run that was done before for the same tenant is answered with the result it had then.

Only for devices that repeat their results, and runs whose seed somebody chose. What is looked for, and what is kept,
follows from what that takes: see `is_worth_a_look` and `is_worth_keeping`.
"""

from __future__ import annotations

import json
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen._core import CoreError
from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.failpoints import hit
from eigen.kernel.work_identity import identity_of, identity_of_piece
from eigen.qfs.store import CachedResult
from eigen.telemetry import count
from eigen.types import EvolutionWork, GradientWork, LoopResult, LoopWork, ModesWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import ResultCache
    from eigen.types import Device, Json, Work

FORMAT = 1

LEAST_AMPLITUDES = 1 << 20
"""Work that touches fewer amplitudes than this is done again without a look: it takes about a millisecond, and a look
up to a third of one."""

PIECE_EVALUATIONS = 100
GRADIENT_EVALUATIONS = 4
WIDEST = 40

LEAST_SECONDS = 0.003
SECONDS_PER_BYTE = 1e-7
"""A result is kept that took longer than what keeping it takes: a transaction, and its bytes."""

HOLD_SECONDS = 1.0
HOLD_ENTRIES = 64
HOLD_BYTES = 1 << 20
READY = 256
MOST_SPANS = 1000


class Recall:
    """The cache as one run sees it. `position` is the number of the evaluation that is being made, as in the journal;
    `parts` what of the executor decides about results."""

    def __init__(
        self,
        ports: Ports,
        cache: ResultCache,
        lease: Lease,
        device: Device,
        *,
        position: Callable[[], int],
        parts: int = 0,
    ) -> None:
        self._ports = ports
        self._cache = cache
        self._tenant = lease.job.tenant
        self._job_id = lease.job.job_id
        self._position = position
        self._device = device
        self._parts = parts
        self._about = ""
        self._ready: dict[str, CachedResult] = {}
        self._kept: list[CachedResult] = []
        self._used: set[str] = set()
        self._flushed_at = ports.clock.monotonic()
        self._spans: list[list[Any]] = []
        self._asked = self._hits = 0
        self._told = False

    def unknown(self, coming: Iterator[Work], known: list[int]) -> Iterator[Work]:
        """Of work that is coming, what must be done; of the rest, how much it is is added to `known[0]`."""
        for work in coming:
            if not is_worth_a_look(work):
                yield work
                continue
            key = self._key(identity_of(work))
            entry = self._get(key)
            if entry is None:
                yield work
                continue
            known[0] += 1
            if len(self._ready) < READY:
                self._ready[key] = entry

    def work(self, work: Work, do: Callable[[Work], WorkResult], *, look: bool = True) -> WorkResult:
        """The result of work, of before or of now. Without `look` it is under way already, and kept when it is done."""
        self._asked += 1
        if not is_worth_a_look(work):
            return do(work)
        key = self._key(identity_of(work))
        found = self._found(key, lambda value: WorkResult.from_json(value, 0.0)) if look else None
        if found is not None:
            return found
        result = do(work)
        self._keep(key, result.to_json, result.execution_time_sec)
        return result

    def piece(self, work: LoopWork, do: Callable[[LoopWork], LoopResult]) -> LoopResult:
        """A piece of a minimisation, of before or of now."""
        self._asked += 1
        if not is_worth_a_look(work):
            return do(work)
        key = self._key(identity_of_piece(work))
        found = self._found(key, _piece)
        if found is not None:
            return found
        result = do(work)
        value: dict[str, Json] = {
            "search": result.search,
            "evaluations": result.evaluations,
            "metadata": dict(result.metadata),
        }
        self._keep(key, lambda: value, result.execution_time_sec)
        return result

    def flush(self) -> None:
        """Hand over what is to be kept; what cannot be is not kept."""
        if self._kept or self._used:
            hit("cache.keeping")
            try:
                self._cache.keep(self._tenant, self._kept, self._used, self._ports.clock.now())
            except EigenError as error:
                self._tell(f"results are not kept for another time: {error.message}")
            hit("cache.kept")
        self._kept, self._used = [], set()
        self._flushed_at = self._ports.clock.monotonic()

    def to_json(self) -> dict[str, Json] | None:
        """For the results: how much of the work of this attempt was answered, and for which evaluations by which job;
        None when nothing was."""
        if not self._hits:
            return None
        origins = [{"job_id": job_id, "evaluations": [first, last]} for job_id, first, last in self._spans]
        return {"hits": self._hits, "of": self._asked, "origins": origins}

    def _found(self, key: str, read: Callable[[Any], Any]) -> Any:
        entry = self._ready.pop(key, None) or self._get(key)
        if entry is not None:
            try:
                value = read(json.loads(zlib.decompress(entry.data)))
            except (ValueError, TypeError, KeyError, zlib.error, CoreError):
                self._damaged(key)
            else:
                self._note(entry)
                hit("cache.found")
                return value
        count("eigen_kernel_cache_total", outcome="miss")
        return None

    def _get(self, key: str) -> CachedResult | None:
        """The entry of a key, if it is there and holds."""
        try:
            entry = self._cache.get(self._tenant, key)
        except EigenError as error:
            self._tell(f"results of before cannot be looked up: {error.message}")
            return None
        if entry is None or entry.holds:
            return entry
        self._damaged(key)
        return None

    def _damaged(self, key: str) -> None:
        count("eigen_kernel_cache_total", outcome="damaged")
        text = "a kept result is damaged: it is thrown away, and the work is done again"
        logs.write(self._ports, self._job_id, "warning", text, extra={"key": key})
        try:
            self._cache.forget(self._tenant, key)
        except EigenError as error:
            self._tell(f"a damaged result cannot be thrown away: {error.message}")

    def _note(self, entry: CachedResult) -> None:
        count("eigen_kernel_cache_total", outcome="hit")
        self._hits += 1
        self._used.add(entry.key)
        here, last = self._position(), self._spans[-1] if self._spans else None
        if last is not None and last[0] == entry.job_id and here - last[2] <= 1:
            last[2] = here
        elif len(self._spans) < MOST_SPANS:
            self._spans.append([entry.job_id, here, here])

    def _keep(self, key: str, value: Callable[[], Json], seconds: float) -> None:
        if seconds <= LEAST_SECONDS:
            return
        try:
            data = zlib.compress(_core.canonical_json(value()), 1)
        except (ValueError, TypeError, CoreError):
            return  # it is no JSON: such a result is not kept
        if not is_worth_keeping(seconds, len(data)):
            return
        self._kept.append(CachedResult.of(self._tenant, key, self._job_id, data))
        waited = self._ports.clock.monotonic() - self._flushed_at
        full = len(self._kept) >= HOLD_ENTRIES or sum(len(each.data) for each in self._kept) >= HOLD_BYTES
        if full or waited >= HOLD_SECONDS:
            self.flush()

    def _key(self, identity: str) -> str:
        if not self._about:
            device = self._device
            about: list[Json] = [FORMAT, self._tenant, device.id, device.digest, _core.__version__]
            about += [_core.instruction_set(), dict(self._ports.versions), self._parts]
            self._about = sha256(_core.canonical_json(about)).hexdigest()
        return sha256(f"{self._about} {identity}".encode()).hexdigest()

    def _tell(self, text: str) -> None:
        """Once a run: a cache that does not work is no reason to fill a log."""
        if not self._told:
            self._told = True
            logs.write(self._ports, self._job_id, "warning", text)


def is_worth_a_look(work: Work | LoopWork) -> bool:
    """Whether doing the work takes longer than looking whether it was done, as far as its size tells; of evolutions,
    photonic programs and circuits with control flow, it tells nothing."""
    if isinstance(work, EvolutionWork | ModesWork) or not work.circuit.is_flat or work.circuit.num_qubits > WIDEST:
        return True
    amplitudes = len(work.circuit) << work.circuit.num_qubits
    if isinstance(work, LoopWork):
        return amplitudes * PIECE_EVALUATIONS >= LEAST_AMPLITUDES
    if isinstance(work, GradientWork):
        return amplitudes * GRADIENT_EVALUATIONS >= LEAST_AMPLITUDES
    shots = work.shots or 0
    by_shot = work.circuit.is_dynamic or "noise_model" in work.options
    return amplitudes * (max(shots, 1) if by_shot else 1) + shots >= LEAST_AMPLITUDES


def is_worth_keeping(seconds: float, size: int) -> bool:
    """Whether a result of so many bytes that took so long is worth being kept."""
    return seconds > LEAST_SECONDS + SECONDS_PER_BYTE * size


def _piece(value: Any) -> LoopResult:
    return LoopResult(value["search"], value["evaluations"], 0.0, value["metadata"])

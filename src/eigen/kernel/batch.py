"""Submitting many jobs at once: all are stored in one transaction, or none is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec.batch import Refusals
from eigen.kernel.clock import job_id_from
from eigen.kernel.failpoints import hit
from eigen.kernel.intake import asked, check_key, check_names, draft
from eigen.kernel.kernel import told
from eigen.kernel.repetition import SPEC_FILE
from eigen.kernel.results import document
from eigen.qfs.store import BATCH_MARK
from eigen.telemetry import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.jobspec.batch import Entry
    from eigen.kernel.kernel import Kernel
    from eigen.kernel.repetition import Repetition
    from eigen.qfs.store import NewJob
    from eigen.types import JobView

WRITERS = 16
"""Jobs whose files are written at the same time: they wait for the disk, and one flush of it can be for several."""


def submit_all(kernel: Kernel, entries: Sequence[Entry], key: str | None) -> tuple[JobView, ...]:
    """Store the jobs of a batch, all of them or none, and return them in their order.

    What is wrong with any of them comes in one EIGEN_BATCH_REFUSED that names each by its place. With a key, the same
    batch gives the same jobs, and another one raises EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT; a job that has a key of its own
    is known by that one alone. EIGEN_LIMIT_EXCEEDED for more than 1,000 jobs, EIGEN_REQUEST_INVALID for none,
    EIGEN_QUOTA_EXCEEDED where all of them together are too many.
    """
    refusals = Refusals(len(entries))
    check_key(key)
    with span("submit_all", jobs=len(entries)):
        wanted = _wanted(kernel, entries, refusals)
        drafts = _drafts(kernel, entries, wanted, key, refusals)
        new = [index for index, known in enumerate(kernel.ports.jobs.all_requested(drafts)) if known is None]
        for index in new:
            with refusals.of(index):
                check_names(kernel.ports, kernel.caller, drafts[index].row)
        refusals.raise_if_any()
        ports = kernel.ports
        ports.jobs.check_quota(*(drafts[index].row for index in new))  # before anything of them is stored

        def put(index: int) -> None:
            job = wanted[index][0]
            described = {**job.files, SPEC_FILE: document(job.spec.to_json())}
            ports.artifacts.put_all(drafts[index].row.job_id, described)

        with ThreadPoolExecutor(WRITERS, "batch") as pool:
            for written in [pool.submit(put, index) for index in new]:
                written.result()
        hit("batch.files-stored")
        holders = ports.jobs.insert_all(drafts)
        hit("batch.committed")
        return tuple(told(kernel, new, holder) for new, holder in zip(drafts, holders, strict=True))


def _wanted(kernel: Kernel, entries: Sequence[Entry], refusals: Refusals) -> list[tuple[Repetition, str]]:
    """What each job asks to be stored, with the digest of its request; every complaint at once."""
    found: list[tuple[Repetition, str]] = []
    places: dict[str, int] = {}
    for index, entry in enumerate(entries):
        with refusals.of(index):
            own = entry.idempotency_key
            check_key(own)
            if own is not None and places.setdefault(own, index) != index:
                message = f"`jobs[{places[own]}]` has the same idempotency key `{own[:60]}`"
                raise EigenError("EIGEN_REQUEST_INVALID", message, where="idempotency_key")
            found.append(asked(kernel.ports, kernel.caller, entry.job.spec, entry.job.files, entry.reservation_id))
    refusals.raise_if_any()
    return found


def _drafts(
    kernel: Kernel,
    entries: Sequence[Entry],
    wanted: Sequence[tuple[Repetition, str]],
    key: str | None,
    refusals: Refusals,
) -> list[NewJob]:
    """The jobs as they would be stored. Their ids rise with their places: they are listed and worked in that order."""
    now, bits = kernel.ports.clock.now(), kernel.ports.entropy.bits
    job_ids = sorted(job_id_from(now, bits(80)) for _ in entries)
    whole = sha256("\n".join(digest for _, digest in wanted).encode()).hexdigest()
    found: list[NewJob] = []
    for index, (entry, (job, digest)) in enumerate(zip(entries, wanted, strict=True)):
        request = None if entry.idempotency_key is None else (entry.idempotency_key, digest)
        if request is None and key is not None:
            request = (f"{key}{BATCH_MARK}{index}", whole)
        with refusals.of(index):
            own = job_ids[index], now, job, request, entry.reservation_id
            found.append(draft(kernel.ports, kernel.caller, *own))
    refusals.raise_if_any()
    return found

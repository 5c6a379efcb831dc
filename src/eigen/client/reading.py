"""From what a caller points at - a path, a circuit, a photonic program - to the `Submission` that is handed over."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import Submission
from eigen.jobspec.batch import Entry, Refusals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eigen.ir import Circuit, Evolution, Modes

    Job = Submission | Path | str | Circuit | Evolution | Modes | Any
    """What a client takes for a job; Any: a circuit of another package, which `eigen.ir.load` reads."""


def read_job(job: Job, **fields: Any) -> Submission:
    """The submission of a path, of a circuit of any package, an evolution or a photonic program, or of a submission,
    with `fields` of `spec` on top.

    A path that ends in `.yaml` or `.yml` is a job description, any other a program. Raises EIGEN_FILE_UNREADABLE,
    EIGEN_JOBSPEC_INVALID, EIGEN_LIMIT_EXCEEDED, and for objects what `eigen.ir.load` raises.
    """
    from eigen.jobspec import load_job, load_program, with_overrides

    if isinstance(job, (str, PathLike)):
        name = str(job)  # pyright: ignore[reportUnknownArgumentType]
        job = load_job(name) if name.endswith((".yaml", ".yml")) else load_program(name)
    given = {key: value for key, value in fields.items() if value is not None}
    found = job if isinstance(job, Submission) else _of_object(job)
    return with_overrides(found, given) if given else found


def read_jobs(
    jobs: Sequence[Job], keys: Sequence[str | None] = (), reservation_id: str = "", **fields: Any
) -> list[Entry]:
    """The batch of these jobs, each as `read_job` reads it; EIGEN_BATCH_REFUSED with all that is wrong with any."""
    if keys and len(keys) != len(jobs):
        message = f"there are `{len(keys)}` idempotency keys for `{len(jobs)}` jobs"
        raise EigenError("EIGEN_USAGE", message, where="idempotency_keys", hint="None stands for no key")
    refusals = Refusals(len(jobs))
    entries: list[Entry] = []
    for index, job in enumerate(jobs):
        with refusals.of(index):
            entries.append(Entry(read_job(job, **fields), keys[index] if keys else None, reservation_id))
    refusals.raise_if_any()
    return entries


def _of_object(source: Any) -> Submission:
    """The job that runs a circuit or photonic program or follows an evolution, as one of its AQO file would."""
    from eigen.ir import Evolution, Modes, load
    from eigen.jobspec import submission

    shared = source if isinstance(source, Evolution | Modes) else load(source)
    kind = type(shared).__name__.lower()
    return submission(shared.to_aqo(), kind="aqo", filename=f"{kind}.aqo.json", name=shared.name)

"""From what a caller points at - a path, a `Submission` - to the `Submission` that is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.jobspec import Submission

if TYPE_CHECKING:
    from pathlib import Path


def read_job(job: Submission | Path | str, **fields: Any) -> Submission:
    """The submission of a path or of a submission, with `fields` of `spec` on top.

    A path that ends in `.yaml` or `.yml` is a job description, any other a program. Raises EIGEN_FILE_UNREADABLE,
    EIGEN_JOBSPEC_INVALID, EIGEN_LIMIT_EXCEEDED.
    """
    from eigen.jobspec import load_job, load_program, with_overrides

    if not isinstance(job, Submission):
        name = str(job)
        job = load_job(name) if name.endswith((".yaml", ".yml")) else load_program(name)
    given = {key: value for key, value in fields.items() if value is not None}
    return with_overrides(job, given) if given else job

"""Reading what a command is pointed at: a job.yaml or a program file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.output import say
from eigen.client.reading import read_job

if TYPE_CHECKING:
    from eigen.jobspec import Submission


def read(path: str, fields: dict[str, Any]) -> Submission:
    """The job of a file, with what the command line asks for on top; warnings go to stderr."""
    job = read_job(path, **fields)
    for warning in job.warnings:
        say(f"warning: {warning}")
    return job

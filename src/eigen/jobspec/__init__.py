"""job.yaml → `JobSpec`: both versions of the format, all complaints at once, with field paths.

Reads text and the files it names, nothing else; it never looks at what the program says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.jobspec.spec import (
    PROGRAM_ARTIFACTS,
    Budget,
    CompilerOptions,
    InputRef,
    JobSpec,
    ProgramRef,
    Retry,
    Submission,
    Timeout,
)

if TYPE_CHECKING:
    from eigen.jobspec.datasets import load_stored, read_dataset
    from eigen.jobspec.document import from_document, to_document
    from eigen.jobspec.load import load_job, load_program, parse_job, submission, with_overrides
    from eigen.jobspec.schema import job_schema

__all__ = [
    "PROGRAM_ARTIFACTS",
    "Budget",
    "CompilerOptions",
    "InputRef",
    "JobSpec",
    "ProgramRef",
    "Retry",
    "Submission",
    "Timeout",
    "from_document",
    "job_schema",
    "load_job",
    "load_program",
    "load_stored",
    "parse_job",
    "read_dataset",
    "submission",
    "to_document",
    "with_overrides",
]

_READERS = {
    "document": ("from_document", "to_document"),
    "load": ("load_job", "load_program", "parse_job", "submission", "with_overrides"),
    "datasets": ("load_stored", "read_dataset"),
    "schema": ("job_schema",),
}


def __getattr__(name: str) -> Any:
    """The readers, imported when they are first asked for: the types alone are what the kernel needs."""
    for module, names in _READERS.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"eigen.jobspec.{module}"), name)
    raise AttributeError(f"module `eigen.jobspec` has no attribute `{name}`")

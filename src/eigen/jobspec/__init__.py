"""job.yaml → `JobSpec`: both versions of the format, all complaints at once, with field paths.

Reads text and the files it names, nothing else; it never looks at what the program says.
"""

from __future__ import annotations

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
]

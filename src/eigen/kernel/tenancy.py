"""Whose is what: which rows a caller sees. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.jobspec import JobSpec
    from eigen.types import Caller

DEFAULT_TENANT = "default"
"""Whose the operator's own jobs are."""

DEFAULT_PROJECT = "default"


def sees(caller: Caller, tenant: str, project: str) -> bool:
    """Whether a caller sees what belongs to this tenant and project."""
    return (not caller.tenant or caller.tenant == tenant) and (not caller.project or caller.project == project)


def project_of(caller: Caller, spec: JobSpec) -> str:
    """The project of new work; a caller bound to one cannot name another. EIGEN_AUTH_DENIED."""
    if caller.project and spec.namespace not in {caller.project, DEFAULT_PROJECT}:
        message = f"the job names the namespace `{spec.namespace[:80]}`, the caller is bound to `{caller.project}`"
        raise EigenError("EIGEN_AUTH_DENIED", message, where="metadata.namespace")
    return caller.project or spec.namespace

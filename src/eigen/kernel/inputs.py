"""The files that a job comes with: all that it names, none besides, each with the digest it names."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec.workflow.plan import INPUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec import JobSpec
    from eigen.jobspec.workflow.plan import Workflow

JOB_FILE = "input/job.yaml"


def check_files(spec: JobSpec, files: Mapping[str, bytes]) -> None:
    """EIGEN_QFS_PATH for a file that is no input, EIGEN_QFS_NOT_FOUND for one that is missing, EIGEN_INPUT_DIGEST."""
    if spec.workflow is not None:
        _check_steps(spec.workflow, files)
        return
    allowed = {spec.program.artifact, JOB_FILE, *(ref.artifact for ref in spec.input_refs)}
    for path in files:
        if path not in allowed:
            raise EigenError("EIGEN_QFS_PATH", f"`{path[:200]}` is not an input of the job", where="files")
    for path in sorted(allowed - {JOB_FILE}):
        if path not in files:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"the job comes without its file `{path}`", where="files")
    digest = sha256(files[spec.program.artifact]).hexdigest()
    if digest != spec.program.sha256:
        message = f"the program has sha256 `{digest}`, the job names `{spec.program.sha256}`"
        raise EigenError("EIGEN_INPUT_DIGEST", message, where="spec.program")
    for ref in spec.input_refs:
        digest = sha256(files[ref.artifact]).hexdigest()
        if digest != ref.digest:
            message = f"the data set `{ref.name}` has sha256 `{digest}`, the job names `{ref.digest}`"
            raise EigenError("EIGEN_INPUT_DIGEST", message, where=f"spec.input_refs.{ref.name}")


def check_program(spec: JobSpec) -> None:
    """EIGEN_NOT_AVAILABLE for a job without a program of its own, where one program is needed."""
    if spec.workflow is not None:
        message = f"`{spec.name}` is a workflow, which has a program for each step and none of its own"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, where="spec.workload", hint="name the program of a step")


def _check_steps(plan: Workflow, files: Mapping[str, bytes]) -> None:
    """The same of each step's own files, which lie in the folder of the step."""
    folders: dict[str, dict[str, bytes]] = {step.folder: {} for step in plan.steps}
    for path, data in files.items():
        folder = "/".join(path.split("/")[:3]) + "/"
        if folder in folders:
            folders[folder][INPUT + path.removeprefix(folder)] = data
        elif path != JOB_FILE:
            raise EigenError("EIGEN_QFS_PATH", f"`{path[:200]}` is not an input of the job", where="files")
    for step in plan.steps:
        check_files(step.job, folders[step.folder])


def source_text(source: bytes, filename: str) -> str:
    """Program text from its bytes: strict UTF-8, or EIGEN_LANG_REJECTED."""
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"`{filename}` is not UTF-8 text: byte {error.start} is {error.reason}"
        raise EigenError("EIGEN_LANG_REJECTED", message, where=filename) from error

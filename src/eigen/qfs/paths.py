"""Which artifact names are allowed, what they are called besides, and how a `qfs://` reference is read. No I/O."""

from __future__ import annotations

import re

from eigen.errors import EigenError

ALIASES = {
    "compiled.aqo.json": "compiled/circuit.aqo.json",
    "results.json": "results/results.json",
    "receipt.json": "results/receipt.json",
    "error.json": "results/error.json",
    "job.yaml": "input/job.yaml",
    "program.eigen.py": "input/program.eigen.py",
}
"""Flat names that resolve to artifacts."""

MEDIA_TYPES = {
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".py": "text/x-python",
    ".qasm": "text/plain",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".csv": "text/csv",
}

_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}\Z")
_RESERVED = {"meta.json"}
MAX_DEPTH = 8


def check_job_id(job_id: str) -> str:
    """The id, or EIGEN_QFS_PATH when it could not name a directory of its own."""
    if not _JOB_ID.match(job_id):
        raise EigenError("EIGEN_QFS_PATH", f"`{job_id[:80]}` is not a job id")
    return job_id


def check_path(path: str) -> str:
    """The artifact path behind `path` (aliases resolved); EIGEN_QFS_PATH for any other shape than plain names
    joined by `/`: no `..`, no absolute path, no hidden name, no back-slash."""
    path = ALIASES.get(path, path)
    parts = path.split("/")
    if len(parts) > MAX_DEPTH or not all(_PART.match(part) for part in parts) or path in _RESERVED:
        raise EigenError("EIGEN_QFS_PATH", f"`{path[:200]}` is not an allowed artifact path")
    return path


def reference(job_id: str, path: str) -> str:
    """The reference of an artifact: `qfs://jobs/<id>/<path>`."""
    return f"qfs://jobs/{job_id}/{path}"


def media_type(path: str) -> str:
    """The media type that the suffix stands for."""
    suffix = path[path.rfind(".") :] if "." in path.rpartition("/")[2] else ""
    return MEDIA_TYPES.get(suffix, "application/octet-stream")

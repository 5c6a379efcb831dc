"""The published JSON Schema of job.yaml, generated from the tables that check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.types import Json


def job_schema() -> dict[str, Json]:
    """JSON Schema (draft 2020-12) of every form of job.yaml."""
    from eigen.jobspec.draft import API_V01, API_V1
    from eigen.jobspec.template import DOCUMENT as SHORT
    from eigen.jobspec.v01 import DOCUMENT as V01
    from eigen.jobspec.v1 import DOCUMENT as V1

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Eigen OS job",
        "description": "A job description for `eigen submit --job`.",
        "oneOf": [{"$ref": "#/$defs/v1"}, {"$ref": "#/$defs/v0.1"}, {"$ref": "#/$defs/on_job"}],
        "$defs": {
            "v1": {"title": API_V1, **V1.schema()},
            "v0.1": {"title": API_V01, **V01.schema()},
            "on_job": {"title": "the short form", **SHORT.schema()},
        },
    }

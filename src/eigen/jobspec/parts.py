"""What both versions of job.yaml share: the shapes of common values, and the `Draft` that a reader hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen.jobspec.shapes import Anything, Integer, MapOf, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Path

API_V01 = "eigen.os/v0.1"
API_V1 = "eigen.os/v1"
DEFAULT_PROGRAM = "program.eigen.py"
MAX_SHOTS = 10_000_000
POLICIES = ("balanced", "latency", "cost", "availability", "deterministic")

NAME = Text(128)
TARGET = Text(
    256,
    pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9_.-]+)*",
    expected="a target such as `auto`, `sim:auto` or `vendor:device`",
)
SEED = Integer(0, 2**64 - 1)
PRIORITY = Integer(0, 100)
INPUTS = MapOf(Anything(), key=r"[A-Za-z_][A-Za-z0-9_]*")
METADATA_MAP = MapOf(Text(4096, min_length=0))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a document asks for, before the files it names are read. `fields` are those of `JobSpec`."""

    fields: dict[str, Any]
    program_path: str | None
    program_source: str | None
    program_format: str
    program_sha256: str | None
    program_field: Path
    input_refs: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

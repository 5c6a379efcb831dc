"""The shapes of the values that every version of job.yaml has."""

from __future__ import annotations

from eigen.jobspec.shapes import Integer, JsonValue, MapOf, Text
from eigen.jobspec.shares import SPLIT

MAX_SHOTS = 10_000_000
POLICIES = ("balanced", "latency", "cost", "availability", "deterministic")

NAME = Text(128)
TARGET = Text(
    1024,
    pattern=rf"[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9_.-]+)*|{SPLIT}",
    expected="a target such as `auto`, `sim:auto`, `vendor:device` or `split(sim:mps, vendor:device)`",
)
SEED = Integer(0, 2**64 - 1)
PRIORITY = Integer(0, 100)
INPUTS = MapOf(JsonValue(), key=r"[A-Za-z_][A-Za-z0-9_]*")
METADATA_MAP = MapOf(Text(4096, min_length=0))
NOISE = Text(64 * 1024, multiline=True)
NOISE_OF_V01 = Text(128)

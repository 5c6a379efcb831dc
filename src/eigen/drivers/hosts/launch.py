"""`Launch`: how a driver's process is started, and what it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_SECONDS = 120.0
"""What a driver gets to load its engine and greet."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command, which gets `--socket PATH` behind it; what the environment has besides; the folder it runs in.

    `memory_bytes` is what the process may hold (None: what there is); `threads` how many processors the engine should
    use (0: all); `cpus` how many it may (0: all). `holds` is a file whose lock the process has while it lives.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: Path | None = None
    memory_bytes: int | None = None
    threads: int = 0
    start_seconds: float = START_SECONDS
    holds: Path | None = None
    cpus: int = 0

"""The counted limits of the language: the verdict is the same on every host, because nothing here is timed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit with its default; units stand in the names."""

    source_bytes: int = 256 * 1024
    source_lines: int = 20_000
    line_characters: int = 10 * 1024
    nesting_depth: int = 100
    syntax_nodes: int = 100_000
    steps: int = 10_000_000
    operations: int = 2_000_000
    integer_bits: int = 4_096
    string_bytes: int = 4_096
    container_elements: int = 100_000
    array_elements: int = 1_000_000
    call_depth: int = 64
    diagnostics: int = 20
    loop_iterations: int = 1_000
    log_lines: int = 1_000


DEFAULT_LIMITS = Limits()

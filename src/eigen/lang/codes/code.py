"""One row of the table of diagnostic codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Code:
    """A diagnostic code `E0xxx` (error) or `W0xx` (warning).

    `example` is a whole program whose check reports this code; `inputs` are the job inputs it is checked with.
    """

    name: str
    title: str
    explanation: str
    example: str | bytes
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])

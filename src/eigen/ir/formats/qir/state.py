"""What a program knows while it is evaluated: values by name, and what was there before, for when a branch ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.ir.formats.qir.flow import Flow
    from eigen.ir.formats.qir.module import Function
    from eigen.ir.formats.qir.values import Json, Value


class Known:
    """Values by name. `mark` is a moment that `back_to` returns to."""

    def __init__(self, values: dict[str, Value] | None = None) -> None:
        self.values = values or {}
        self._undo: list[tuple[str, Value | None]] = []

    def write(self, name: str, value: Value) -> None:
        """A value, in place of the one before."""
        self._undo.append((name, self.values.get(name)))
        self.values[name] = value

    def mark(self) -> int:
        """This moment."""
        return len(self._undo)

    def before(self, mark: int) -> dict[str, Value | None]:
        """What was written since the mark: what it was then, or None."""
        found: dict[str, Value | None] = {}
        for name, value in self._undo[mark:]:
            found.setdefault(name, value)
        return found

    def back_to(self, mark: int) -> None:
        """Takes back what was written since the mark."""
        while len(self._undo) > mark:
            name, value = self._undo.pop()
            if value is None:
                del self.values[name]
            else:
                self.values[name] = value


@dataclass(slots=True)
class Frame:
    """A function at work."""

    function: Function
    flow: Flow
    known: Known
    types: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Arm:
    """One way of a branch: what it does, what it brings to where the ways meet, and what it leaves in memory."""

    out: list[Json]
    returned: dict[str, Value]
    memory: dict[str, Value]

"""Fuel: the counted steps of one compilation, charged before the work is done."""

from __future__ import annotations

from eigen.lang.diagnostics import NOWHERE, Diagnostic, Failure, Span


class Exhausted(Failure):
    """No fuel is left: the compilation ends, nothing recovers from it."""


class Fuel:
    """A number of steps. `span` is the statement being evaluated, for the diagnostic."""

    __slots__ = ("left", "size", "span")

    def __init__(self, size: int) -> None:
        self.size = size
        self.left = size
        self.span: Span = NOWHERE

    def charge(self, amount: int) -> None:
        """Take steps; raises the diagnostic E0601 when they are not there."""
        self.left -= amount
        if self.left < 0:
            raise Exhausted(
                Diagnostic(
                    "E0601",
                    f"evaluating the program takes more than {self.size} steps",
                    self.span,
                    hint="shorten the loops, or let the circuit repeat instead of the program",
                )
            )

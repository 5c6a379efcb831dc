"""Frames of running functions, and the signals with which statements end a block early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value


class Frame:
    """The variables of one call. `parent` is the frame of the function (or module) around the definition."""

    __slots__ = ("given", "loop", "parent", "recover", "vars")

    def __init__(self, parent: Frame | None, values: dict[str, Any]) -> None:
        self.vars = values
        self.parent = parent
        self.recover = False  # whether checking goes on after a statement that failed
        self.loop = False  # whether the innermost loop is being written as a run-time loop
        self.given: tuple[Value, ...] = ()  # the arguments of the call: others may hold them too


class Signal:
    """Why a block ended early: `break`, `continue`, or the loop's condition for going on."""

    __slots__ = ("again", "span")

    def __init__(self, again: Value, span: Span | None = None) -> None:
        self.again = again  # True: continue; False: break; a Dyn: known at run time
        self.span = span


BREAK = Signal(False)
CONTINUE = Signal(True)


class Return:
    """A function ended with a value."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class NeedsRuntimeLoopError(Exception):
    """A static loop meets `break` or `continue` under a run-time condition: it is written as a run-time loop."""


if TYPE_CHECKING:
    Expression = Callable[[Frame], Value]
    Statement = Callable[[Frame], "Signal | Return | None"]
    Store = Callable[[Frame, Value], None]

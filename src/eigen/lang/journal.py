"""What a branch or loop with a run-time condition changes in lists and dicts made before it.

While such a block is evaluated, every change of a container in place is announced here first: a branch keeps a
copy so that the other branch starts from the same state; a loop, or a function that runs many times, refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.diagnostics import Span
from eigen.lang.values import fail

if TYPE_CHECKING:
    from eigen.lang.context import Context


class Journal:
    """The changes of one block. `refusal` says why changes of outer containers are not possible, or is empty."""

    __slots__ = ("changed", "made", "outer", "refusal")

    def __init__(self, outer: Journal | None, refusal: str = "") -> None:
        self.outer = outer
        self.refusal = refusal
        self.made: dict[int, Any] = {}  # containers made in the block, kept alive so that ids stay theirs
        self.changed: dict[int, tuple[Any, Any]] = {}  # container, copy of its content before

    def change(self, container: Any, span: Span) -> None:
        """A container is about to be changed in place; E0504 where that is not possible."""
        if id(container) in self.made:
            return
        if self.refusal:
            fail(
                "E0504",
                f"a {type(container).__name__} made outside cannot be changed in {self.refusal}",
                span,
                hint="assign a new value to the variable, such as `x = x + [y]`",
            )
        if self.outer is not None:
            self.outer.change(container, span)
        if id(container) not in self.changed:
            self.changed[id(container)] = (container, container.copy())

    def take_back(self) -> dict[int, tuple[Any, Any]]:
        """Undo the changes; gives each changed container with the content the block left in it."""
        left: dict[int, tuple[Any, Any]] = {}
        for key, (container, before) in self.changed.items():
            left[key] = (container, container.copy())
            refill(container, before)
        return left


def refill(container: Any, content: Any) -> None:
    """Give a list or dict another content."""
    container.clear()
    if isinstance(container, list):
        container.extend(content)  # pyright: ignore[reportUnknownMemberType]
    else:
        container.update(content)


def announce(ctx: Context, container: Any, span: Span) -> None:
    """A list or dict is about to be changed in place."""
    if ctx.journal is not None:
        ctx.journal.change(container, span)


def own(ctx: Context, value: Any) -> Any:
    """Note that a container was just made; it may be changed freely by the block that made it."""
    if ctx.journal is not None and isinstance(value, (list, dict)):
        ctx.journal.made[id(value)] = value  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]

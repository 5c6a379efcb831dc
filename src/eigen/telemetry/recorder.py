"""The `Recorder` Protocol: what records spans and sends them away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

Attribute = str | int | float | bool


class Recording(Protocol):
    """A span that is being recorded."""

    def trace_context(self) -> str:
        """Its `traceparent`."""
        ...

    def set(self, name: str, value: Attribute) -> None:
        """Add an attribute."""
        ...

    def end(self, error: BaseException | None) -> None:
        """Its end, with what went wrong."""
        ...


class Recorder(Protocol):
    """Records spans and sends them away."""

    def begin(self, name: str, kind: str, parent: str, attributes: Mapping[str, Attribute]) -> Recording:
        """Begin a span under a valid `traceparent`, or a root for `""`."""
        ...

    def close(self) -> None:
        """Send what is left."""
        ...

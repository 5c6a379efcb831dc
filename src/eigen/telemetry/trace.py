"""Spans and the W3C trace context (https://www.w3.org/TR/trace-context/) of the work at hand, by context variables.

Ids exist inside every span, so that log lines and stored jobs carry them; whether a span is also recorded and sent
away is the business of a `Recorder` (`otlp`).
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING, Self

from eigen.telemetry.logs import STAMPS, log, stamps, writes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token
    from types import TracebackType

    from eigen.telemetry.recorder import Attribute, Recorder, Recording

KINDS = ("internal", "server", "client")
MAX_CHILDREN = 256
"""How many spans directly under one span are recorded: a loop of a million evaluations must not become a million
spans. How many were left out is an attribute of the span above."""
_HEX = frozenset("0123456789abcdef")


_current: ContextVar[Span | None] = ContextVar("eigen_span", default=None)
_recorder: Recorder | None = None


class Span:
    """A named stretch of work; `with` begins and ends it. Log lines inside carry its ids.

    An internal span stands under the explicit `parent`, else under the current span; a server span only under the
    explicit one. Where there is none it begins a trace, except for a client span that nobody records: a caller that
    does not trace must not decide for the server whether it does.
    """

    __slots__ = (
        "_attributes",
        "_children",
        "_kind",
        "_name",
        "_parent",
        "_recording",
        "_started",
        "_tokens",
        "span_id",
        "traceparent",
    )

    def __init__(self, name: str, kind: str, parent: str, attributes: dict[str, Attribute]) -> None:
        self._name, self._kind, self._parent, self._attributes = name, kind, parent, attributes
        self._recording: Recording | None = None
        self._tokens: tuple[Token[Span | None], Token[Mapping[str, str]]] | None = None
        self._started = 0.0
        self._children = 0
        self.traceparent = ""
        """What travels to those who work under this span."""
        self.span_id = ""

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits; empty outside a trace."""
        return self.traceparent[3:35]

    def set(self, **attributes: Attribute) -> None:
        """Add attributes that become known on the way."""
        self._attributes.update(attributes)
        if self._recording is not None:
            for name, value in attributes.items():
                self._recording.set(name, value)

    def __enter__(self) -> Self:
        parent = valid_traceparent(self._parent)
        if not parent and self._kind != "server" and (around := _current.get()) is not None:
            parent = around.adopt()
        self._begin(parent)
        if self.traceparent:
            token = _current.set(self)
            self._tokens = token, stamps.set({**stamps.get({}), **self._stamps()})
        if writes("debug"):
            self._started = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started:
            log("debug", f"{self._name} took {(perf_counter() - self._started) * 1000:.3f} ms")
        if self._tokens is not None:
            try:
                _current.reset(self._tokens[0])
                stamps.reset(self._tokens[1])
            except ValueError:
                pass  # an asynchronous generator that another task closes: its context is gone with it
        if self._recording is not None:
            if self._children > MAX_CHILDREN:
                self._recording.set("children_left_out", self._children - MAX_CHILDREN)
            self._recording.end(error)

    def adopt(self) -> str:
        """The `traceparent` for one more span directly under this one."""
        self._children += 1
        if self._recording is None or self._children <= MAX_CHILDREN:
            return self.traceparent
        return f"{self.traceparent[:-2]}00"

    def _begin(self, parent: str) -> None:
        if _recorder is not None:
            self._recording = _recorder.begin(self._name, self._kind, parent, self._attributes)
            self.traceparent = self._recording.trace_context()
            self.span_id = self.traceparent[36:52]
        elif parent:
            # Nobody records this span: those who work under it stand under the last one that somebody records.
            self.traceparent, self.span_id = parent, os.urandom(8).hex()
        elif self._kind != "client":
            ids = os.urandom(24).hex()
            self.traceparent, self.span_id = f"00-{ids[:32]}-{ids[32:]}-00", ids[32:]

    def _stamps(self) -> dict[str, str]:
        found = {"trace_id": self.trace_id, "span_id": self.span_id}
        if self._kind == "internal":
            found["stage"] = self._name
        for name in STAMPS:
            if name in self._attributes:
                found[name] = str(self._attributes[name])
        return found


def span(name: str, kind: str = "internal", parent: str = "", **attributes: Attribute) -> Span:
    """A span to be used with `with`, in synchronous and asynchronous code.

    `kind` is `internal`, `server` or `client`; `parent` a `traceparent`, one that is malformed counts as none.
    """
    return Span(name, kind, parent, attributes)


def untraced(name: str) -> Span:
    """A span that nobody records, nor what stands under it: for those who only ask whether we live."""
    ids = os.urandom(24).hex()
    return Span(name, "server", f"00-{ids[:32]}-{ids[32:]}-00", {})


def traceparent() -> str:
    """The W3C `traceparent` of the current span; empty outside any."""
    here = _current.get()
    return "" if here is None else here.traceparent


def trace_id() -> str:
    """The id of the current trace, 32 hexadecimal digits; empty outside any span."""
    return traceparent()[3:35]


def record_with(recorder: Recorder | None) -> Recorder | None:
    """Record spans from now on with this; returns what recorded them before."""
    global _recorder
    before, _recorder = _recorder, recorder
    return before


def recording() -> bool:
    """Whether the spans of this process are recorded."""
    return _recorder is not None


def valid_traceparent(text: str) -> str:
    """The `traceparent` in the form of version 00, or empty when it is malformed (trace context, section 3.2)."""
    parts = text.split("-")
    if len(parts) < 4 or (parts[0] == "00" and len(parts) > 4) or len(text) > 512:
        return ""
    version, trace, parent, flags = parts[:4]
    if any(not _HEX.issuperset(part) for part in parts[:4]) or version == "ff":
        return ""
    if (len(version), len(trace), len(parent), len(flags)) != (2, 32, 16, 2):
        return ""
    if not trace.strip("0") or not parent.strip("0"):
        return ""
    return f"00-{trace}-{parent}-0{int(flags, 16) & 1}"

"""Binds a servicer to a service of eigen.internal.v1: each RPC `GetThing` is the method `get_thing` of the servicer.

Around every call: a server span under the caller's `traceparent`, the identity, and errors as statuses. A method that
is no coroutine runs in a thread.
"""

from __future__ import annotations

import asyncio
import re
import threading
from contextvars import ContextVar, copy_context
from functools import partial
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import TYPE_CHECKING, Any

from eigen._core import CoreError
from eigen.errors import EigenError
from eigen.roles.failures import abort
from eigen.roles.identity import TRACE, caller_of
from eigen.telemetry import log, span
from eigen.wire.stubs import handlers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from concurrent.futures import Executor

    import grpc
    from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
    from grpc.aio import ServicerContext

    from eigen.types import Caller


_wanted: ContextVar[threading.Event] = ContextVar("wanted")


def check_wanted() -> None:
    """Within a call that runs in a thread: raises EIGEN_RUN_CANCELLED when the other role has cancelled it."""
    if not _wanted.get().is_set():
        raise EigenError("EIGEN_RUN_CANCELLED", "nobody waits for the answer any more")


def bound(service: ServiceDescriptor, servicer: object, pool: Executor) -> grpc.GenericRpcHandler:
    """The handlers of every method of a service. Where the servicer has `for_roles`, its methods get the caller of the
    request, and refuse one without; all but those that `for_roles` names."""

    def behaviour(method: MethodDescriptor) -> Callable[..., Any]:
        name = f"{service.name}/{method.name}"
        function, asks = getattr(servicer, _snake(method.name)), _asks_caller(servicer, method)
        return _stream(name, function, asks) if method.server_streaming else _unary(name, function, asks, pool)

    return handlers(service, behaviour)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _asks_caller(servicer: object, method: MethodDescriptor) -> bool:
    for_roles: frozenset[str] | None = getattr(servicer, "for_roles", None)
    return for_roles is not None and method.name not in for_roles


def _unary(name: str, function: Callable[..., Any], asks: bool, pool: Executor) -> Callable[..., Awaitable[Any]]:
    is_async = iscoroutinefunction(function)

    async def answer(request: Any, context: ServicerContext[Any, Any]) -> Any:
        metadata = _metadata(context)
        with span(name, kind="server", parent=metadata.get(TRACE, "")):
            try:
                call = partial(function, request, *_caller(metadata, asks))
                if is_async:
                    return await call()
                loop, wanted = asyncio.get_running_loop(), threading.Event()
                wanted.set()
                _wanted.set(wanted)
                try:
                    return await loop.run_in_executor(pool, partial(copy_context().run, call))
                finally:
                    wanted.clear()
            except Exception as error:
                failure = _failure(name, error)
        return await abort(context, failure)

    return answer


def _stream(name: str, function: Callable[..., Any], asks: bool) -> Callable[..., AsyncGenerator[Any]]:
    assert isasyncgenfunction(function)

    async def answer(request: Any, context: ServicerContext[Any, Any]) -> AsyncGenerator[Any]:
        metadata = _metadata(context)
        with span(name, kind="server", parent=metadata.get(TRACE, "")):
            try:
                replies = function(request, *_caller(metadata, asks))
                try:
                    async for reply in replies:
                        yield reply
                finally:
                    await replies.aclose()
                return
            except Exception as error:
                failure = _failure(name, error)
        await abort(context, failure)

    return answer


def _metadata(context: ServicerContext[Any, Any]) -> dict[str, str]:
    return {name: value for name, value in context.invocation_metadata() or () if isinstance(value, str)}


def _caller(metadata: dict[str, str], asks: bool) -> tuple[Caller, ...]:
    if not asks:
        return ()
    caller = caller_of(metadata)
    if caller is None:
        raise EigenError("EIGEN_REQUEST_INVALID", "the call of a role names nobody for whom it is made")
    return (caller,)


def _failure(name: str, error: Exception) -> EigenError:
    """The error to tell the other role; what is no error of ours is a defect, logged here where it happened."""
    if isinstance(error, EigenError):
        return error
    if isinstance(error, CoreError):
        return EigenError.from_core(error)
    if isinstance(error, (MemoryError, RecursionError)):
        what = "memory" if isinstance(error, MemoryError) else "nesting"
        return EigenError("EIGEN_LIMIT_EXCEEDED", f"the request needs more {what} than there is")
    from traceback import format_exception

    log("error", f"defect in {name}: {error!r}", traceback="".join(format_exception(error)))
    return EigenError("EIGEN_INTERNAL", f"{type(error).__name__} in `{name}`")

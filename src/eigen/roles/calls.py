"""Calls of one role to another: channels, and patience while the other side restarts.

A call that can be repeated without harm is made again while the other role is away, for `PATIENCE_SECONDS`; then it is
EIGEN_SERVER_UNREACHABLE. Anything the other role answered is final.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

import grpc

from eigen.api.identity.tls import internal_channel_credentials
from eigen.errors import EigenError
from eigen.roles.failures import ERROR_BYTES, failure_of, is_away
from eigen.roles.identity import metadata_of
from eigen.roles.server import MESSAGE_BYTES
from eigen.telemetry import span
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from google.protobuf.descriptor import ServiceDescriptor
    from google.protobuf.message import Message

    from eigen.config import Settings
    from eigen.types import Caller

PATIENCE_SECONDS = 30.0
"""How long a role may be away before its absence is an answer: a restart takes seconds."""

WORKER_PATIENCE_SECONDS = 5.0
"""How long a worker waits for the compiler or the drivers within a job; then the job rests, and can be cancelled."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

LOOK_SECONDS = 0.1
"""How often one looks whether a reply is still wanted."""

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_metadata_size", 2 * ERROR_BYTES),
    ("grpc.absolute_max_metadata_size", 2 * ERROR_BYTES),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 10_000),  # a peer whose machine is gone is noticed
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
)


class Patience:
    """The pauses of one call between its attempts."""

    def __init__(self, seconds: float = PATIENCE_SECONDS) -> None:
        self._until = time.monotonic() + seconds
        self._pause = FIRST_PAUSE_SECONDS

    def after(self, error: EigenError) -> float:
        """How long to wait before the next attempt; raises `error` when there is to be none."""
        if not is_away(error) or time.monotonic() + self._pause > self._until:
            raise error
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        return pause * random.uniform(0.5, 1.0)


class AsyncRole:
    """Another role, asked from an event loop. `name` is how it is called in errors."""

    def __init__(self, settings: Settings, setting: str, service: ServiceDescriptor) -> None:
        address: str = getattr(settings, setting)
        credentials = internal_channel_credentials(settings)
        self.name = setting.removesuffix("_address")
        self._service = service
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(address, CHANNEL_OPTIONS)
        else:
            self._channel = grpc.aio.secure_channel(address, credentials, CHANNEL_OPTIONS)
        self._stub = Stub(self._channel, service)

    async def call(
        self,
        method: str,
        request: Message,
        caller: Caller | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
        timeout: float | None = None,
        repeatable: bool = True,
    ) -> Any:
        """The reply to a request. One that is not `repeatable` waits for the role, but is made once."""
        waits = Patience(patience)
        if not repeatable:
            await self._connected(patience)
        while True:
            try:
                with span(f"{self._service.name}/{method}", kind="client"):
                    return await getattr(self._stub, method)(request, metadata=metadata_of(caller), timeout=timeout)
            except grpc.aio.AioRpcError as error:
                failure = failure_of(error, self.name)
            if not repeatable:
                raise failure
            await asyncio.sleep(waits.after(failure))

    async def stream(self, method: str, request: Message, caller: Caller) -> AsyncGenerator[Any]:
        """The replies of one stream, without patience; EIGEN_SERVER_UNREACHABLE when it breaks."""
        call: Any = None
        try:
            with span(f"{self._service.name}/{method}", kind="client"):
                call = getattr(self._stub, method)(request, metadata=metadata_of(caller))
            async for reply in call:
                yield reply
        except grpc.aio.AioRpcError as error:
            raise failure_of(error, self.name) from None
        finally:
            if call is not None:
                call.cancel()

    async def close(self) -> None:
        """Release the channel."""
        await self._channel.close()

    async def _connected(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._channel.channel_ready(), seconds)
        except TimeoutError:
            message = f"the role `{self.name}` does not answer"
            raise EigenError("EIGEN_SERVER_UNREACHABLE", message) from None


class Role:
    """Another role, asked from threads."""

    def __init__(self, settings: Settings, setting: str, service: ServiceDescriptor) -> None:
        address: str = getattr(settings, setting)
        credentials = internal_channel_credentials(settings)
        self.name = setting.removesuffix("_address")
        self._service = service
        if credentials is None:
            self._channel = grpc.insecure_channel(address, CHANNEL_OPTIONS)
        else:
            self._channel = grpc.secure_channel(address, credentials, CHANNEL_OPTIONS)
        self._stub = Stub(self._channel, service)

    def call(
        self,
        method: str,
        request: Message,
        *,
        patience: float = PATIENCE_SECONDS,
        timeout: float | None = None,
        check: Callable[[], object] | None = None,
    ) -> Any:
        """The reply to a request that can be repeated without harm. `check` is called now and then; what it raises
        cancels the call."""
        waits = Patience(patience)
        while True:
            ask = getattr(self._stub, method)
            try:
                if check is None:
                    return ask(request, metadata=metadata_of(), timeout=timeout)
                return _reply(ask.future(request, metadata=metadata_of(), timeout=timeout), check)
            except grpc.RpcError as error:
                failure = failure_of(error, self.name)
            time.sleep(waits.after(failure))

    def close(self) -> None:
        """Release the channel."""
        self._channel.close()


def _reply(call: Any, check: Callable[[], object]) -> Any:
    """The result of a call under way, which ends with whoever waits for it."""
    try:
        while True:
            check()
            try:
                return call.result(timeout=LOOK_SECONDS)
            except grpc.FutureTimeoutError:
                continue
    finally:
        call.cancel()  # of no effect on one that has ended

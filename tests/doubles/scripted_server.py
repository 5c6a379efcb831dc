"""A gRPC server that answers by a script: for what a healthy server never does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc

from eigen.wire.errors import message_of, trailers
from eigen.wire.messages import SERVICES
from eigen.wire.stubs import handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.descriptor import MethodDescriptor

    from eigen.errors import EigenError


class ScriptedServer:
    """Answers on a free port of loopback. `script[method]` is a function of (request, context); `calls` are recorded.

    A streaming method's function is a generator.
    """

    def __init__(self, script: dict[str, Callable[[Any, Any], Any]], *, address: str = "127.0.0.1:0") -> None:
        self.script = script
        self.calls: list[tuple[str, Any, dict[str, Any]]] = []
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers([handlers(service, self._behaviour) for service in SERVICES])
        self.port = self._server.add_insecure_port(address)
        self._server.start()

    @property
    def endpoint(self) -> str:
        return f"grpc://127.0.0.1:{self.port}"

    def requests(self, method: str) -> list[Any]:
        """The requests that came for a method, in order."""
        return [request for name, request, _ in self.calls if name == method]

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.stop(0).wait()

    def _behaviour(self, method: MethodDescriptor) -> Callable[[Any, Any], Any]:
        def unary(request: Any, context: Any) -> Any:
            self.calls.append((method.name, request, dict(context.invocation_metadata())))
            return self.script[method.name](request, context)

        def stream(request: Any, context: Any) -> Iterator[Any]:
            self.calls.append((method.name, request, dict(context.invocation_metadata())))
            yield from self.script[method.name](request, context)

        return stream if method.server_streaming else unary


def refuse(context: Any, error: EigenError) -> Any:
    """End a call with an error of ours, as the real server does."""
    context.set_trailing_metadata(trailers(error))
    context.abort(grpc.StatusCode[error.status.name], message_of(error))

"""Client stubs and server handlers, made from the descriptors of the services; both serve `grpc` and `grpc.aio`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

    Deserializer = Callable[[bytes], Any]


class Stub:
    """The methods of one service on a channel, each an attribute of its name: `stub.SubmitJob(request, timeout=5)`.

    On a `grpc.aio` channel the calls are awaited; streams are iterated in both.
    """

    def __init__(self, channel: Any, service: ServiceDescriptor) -> None:
        for method in service.methods:
            make = channel.unary_stream if method.server_streaming else channel.unary_unary
            call = make(
                path_of(method),
                request_serializer=GetMessageClass(method.input_type).SerializeToString,
                response_deserializer=GetMessageClass(method.output_type).FromString,
            )
            setattr(self, method.name, call)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def path_of(method: MethodDescriptor) -> str:
    """The path of a method: `/eigen.api.v1.JobService/SubmitJob`."""
    return f"/{method.containing_service.full_name}/{method.name}"


def handlers(
    service: ServiceDescriptor,
    behaviour: Callable[[MethodDescriptor], Any],
    *,
    deserializer: Callable[[type[Any]], Deserializer] | None = None,
) -> grpc.GenericRpcHandler:
    """The handler of a service for `server.add_generic_rpc_handlers`.

    `behaviour(method)` gives the function `(request, context)` of each method: every method must have one.
    `deserializer` reads the bytes of a request of some message class; by default bytes that are no such message end
    the call before its function is asked.
    """
    read = deserializer or _from_string
    table: dict[str, Any] = {}
    for method in service.methods:
        make = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
        table[method.name] = make(
            behaviour(method),
            request_deserializer=read(GetMessageClass(method.input_type)),
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )
    return grpc.method_handlers_generic_handler(service.full_name, table)


def _from_string(message: type[Any]) -> Deserializer:
    return message.FromString

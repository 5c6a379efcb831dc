"""What a message and the trailer of an error may weigh, and the options of channels and servers that follow."""

from __future__ import annotations

MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest message, both ways."""

TRAILER_BYTES = 4 * 1024
"""What an error may weigh for a client that says nothing: gRPC gives the metadata of a call 8 KiB."""

LARGE_TRAILER_BYTES = 256 * 1024
"""The most that an error weighs for a client that asks for more."""

ACCEPT_ERROR_BYTES = "accept-error-bytes"
"""The request metadata by which a client says what the trailer of an error may weigh."""

_MESSAGES = (
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
)

SERVER_OPTIONS: tuple[tuple[str, int], ...] = (
    *_MESSAGES,
    ("grpc.max_metadata_size", 32 * 1024),
    ("grpc.so_reuseport", 0),
)

PUBLIC_OPTIONS: tuple[tuple[str, int], ...] = (
    *SERVER_OPTIONS,
    ("grpc.server_handshake_timeout_ms", 20_000),
    ("grpc.max_connection_idle_ms", 300_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.max_allowed_incoming_connections", 4096),
)
"""For a server that strangers reach: connections that do nothing, or whose other end is gone, do not stay."""

CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    *_MESSAGES,
    ("grpc.max_metadata_size", LARGE_TRAILER_BYTES * 2),
    ("grpc.absolute_max_metadata_size", LARGE_TRAILER_BYTES * 4),
)
"""For the channels of our own clients, which send `ACCEPT_ERROR_BYTES: LARGE_TRAILER_BYTES`."""

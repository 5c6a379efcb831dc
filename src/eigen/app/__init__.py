"""The composition root: the only package that knows every concrete class.

`connect` picks the transport, and without an endpoint composes the kernel in the caller's process, on a data directory.
Each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.app.compilation import keep_compiled, make_compile, make_compiler_pool, proposers
    from eigen.app.connecting import connect, connect_async, connect_with
    from eigen.app.database import check_database, look_into_cache, open_cache, open_database, open_identity
    from eigen.app.devices import make_registry, memory_limit_bytes, warm_drivers
    from eigen.app.embedded import EmbeddedTransport
    from eigen.app.exported import verify_folder
    from eigen.app.files import check_files, close_files, open_bucket, open_files, open_signing_keys
    from eigen.app.judge import LocalJudge
    from eigen.app.ports import open_ports
    from eigen.app.prices import read_prices

__all__ = [
    "EmbeddedTransport",
    "LocalJudge",
    "check_database",
    "check_files",
    "close_files",
    "connect",
    "connect_async",
    "connect_with",
    "keep_compiled",
    "look_into_cache",
    "make_compile",
    "make_compiler_pool",
    "make_registry",
    "memory_limit_bytes",
    "open_bucket",
    "open_cache",
    "open_database",
    "open_files",
    "open_identity",
    "open_ports",
    "open_signing_keys",
    "proposers",
    "read_prices",
    "verify_folder",
    "warm_drivers",
]

_ROOMS = {
    "compilation": ("keep_compiled", "make_compile", "make_compiler_pool", "proposers"),
    "connecting": ("connect", "connect_async", "connect_with"),
    "database": ("check_database", "look_into_cache", "open_cache", "open_database", "open_identity"),
    "devices": ("make_registry", "memory_limit_bytes", "warm_drivers"),
    "embedded": ("EmbeddedTransport",),
    "exported": ("verify_folder",),
    "files": ("check_files", "close_files", "open_bucket", "open_files", "open_signing_keys"),
    "judge": ("LocalJudge",),
    "ports": ("open_ports",),
    "prices": ("read_prices",),
}


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"eigen.app.{room}"), name)
    raise AttributeError(f"module `eigen.app` has no attribute `{name}`")

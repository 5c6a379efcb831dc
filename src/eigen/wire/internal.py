"""The generated messages of `eigen.internal.v1`: what the roles say to each other."""

from __future__ import annotations

from eigen.wire.gen.internal.v1 import internal_pb2 as pb

__all__ = ["pb"]

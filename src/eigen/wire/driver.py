"""The generated messages of `eigen.driver.v1`: what a driver in a process of its own is asked."""

from __future__ import annotations

from eigen.wire.gen.driver.v1 import driver_pb2 as pb

__all__ = ["pb"]

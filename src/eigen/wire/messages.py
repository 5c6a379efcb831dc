"""The generated messages of `eigen.api.v1` under short names, one per file of `proto/eigen/api/v1`."""

from __future__ import annotations

from eigen.wire.gen.api.v1 import compilation_service_pb2 as compilation
from eigen.wire.gen.api.v1 import device_service_pb2 as devices
from eigen.wire.gen.api.v1 import job_service_pb2 as jobs
from eigen.wire.gen.api.v1 import job_spec_pb2 as specs
from eigen.wire.gen.api.v1 import session_service_pb2 as sessions
from eigen.wire.gen.api.v1 import types_pb2 as types

__all__ = ["SERVICES", "compilation", "devices", "jobs", "sessions", "specs", "types"]

SERVICES = (
    jobs.DESCRIPTOR.services_by_name["JobService"],
    devices.DESCRIPTOR.services_by_name["DeviceService"],
    compilation.DESCRIPTOR.services_by_name["CompilationService"],
    sessions.DESCRIPTOR.services_by_name["SessionService"],
)
"""The descriptors of the public services: stubs, handlers, reflection and the tests of every method read them."""

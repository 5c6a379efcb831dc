"""The messages of `eigen.driver.v1`, made from the descriptors beside this file, in a pool of their own: generated code
would bind them to a few versions of protobuf."""

from __future__ import annotations

import pkgutil
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "eigen.driver.v1"
SERVICE = f"{PACKAGE}.Driver"
PROTOCOL = 1

_POOL = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(pkgutil.get_data(__name__, "driver.pb") or b"").file:
    _POOL.Add(_file)

METHODS = tuple(_POOL.FindServiceByName(SERVICE).methods)


def message(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))


def request_of(method: Any) -> Any:
    """The class of what a method is asked with."""
    return message_factory.GetMessageClass(method.input_type)

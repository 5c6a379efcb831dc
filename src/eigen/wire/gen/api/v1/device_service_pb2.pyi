import datetime

from eigen.wire.gen.api.v1 import types_pb2 as _types_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListDevicesRequest(_message.Message):
    __slots__ = ("backend_type", "envelope")
    BACKEND_TYPE_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    backend_type: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, backend_type: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ListDevicesResponse(_message.Message):
    __slots__ = ("devices",)
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedCompositeFieldContainer[_types_pb2.DeviceInfo]
    def __init__(self, devices: _Optional[_Iterable[_Union[_types_pb2.DeviceInfo, _Mapping]]] = ...) -> None: ...

class GetDeviceDetailsRequest(_message.Message):
    __slots__ = ("device_id", "envelope")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, device_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class GetDeviceDetailsResponse(_message.Message):
    __slots__ = ("device",)
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    device: _types_pb2.DeviceInfo
    def __init__(self, device: _Optional[_Union[_types_pb2.DeviceInfo, _Mapping]] = ...) -> None: ...

class GetDeviceStatusRequest(_message.Message):
    __slots__ = ("device_id", "envelope")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, device_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class GetDeviceStatusResponse(_message.Message):
    __slots__ = ("device_id", "status", "queue_depth", "estimated_wait_sec", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_WAIT_SEC_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    status: _types_pb2.DeviceStatus
    queue_depth: int
    estimated_wait_sec: int
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, device_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.DeviceStatus, str]] = ..., queue_depth: _Optional[int] = ..., estimated_wait_sec: _Optional[int] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ReserveDeviceRequest(_message.Message):
    __slots__ = ("device_id", "ttl_seconds", "purpose", "envelope")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    TTL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    ttl_seconds: int
    purpose: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, device_id: _Optional[str] = ..., ttl_seconds: _Optional[int] = ..., purpose: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ReserveDeviceResponse(_message.Message):
    __slots__ = ("reservation_id", "expires_at", "reservation")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    expires_at: _timestamp_pb2.Timestamp
    reservation: Reservation
    def __init__(self, reservation_id: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reservation: _Optional[_Union[Reservation, _Mapping]] = ...) -> None: ...

class Reservation(_message.Message):
    __slots__ = ("reservation_id", "device_id", "tenant_id", "project_id", "subject", "purpose", "created_at", "expires_at")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    device_id: str
    tenant_id: str
    project_id: str
    subject: str
    purpose: str
    created_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, reservation_id: _Optional[str] = ..., device_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., project_id: _Optional[str] = ..., subject: _Optional[str] = ..., purpose: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReleaseReservationRequest(_message.Message):
    __slots__ = ("reservation_id", "envelope")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, reservation_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ReleaseReservationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CalibrateDeviceRequest(_message.Message):
    __slots__ = ("device_id", "envelope")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, device_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class CalibrateDeviceResponse(_message.Message):
    __slots__ = ("calibration_json",)
    CALIBRATION_JSON_FIELD_NUMBER: _ClassVar[int]
    calibration_json: bytes
    def __init__(self, calibration_json: _Optional[bytes] = ...) -> None: ...

import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_PENDING: _ClassVar[JobState]
    JOB_STATE_COMPILING: _ClassVar[JobState]
    JOB_STATE_QUEUED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_DONE: _ClassVar[JobState]
    JOB_STATE_ERROR: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]
    JOB_STATE_TIMEOUT: _ClassVar[JobState]

class DeviceStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEVICE_STATUS_UNSPECIFIED: _ClassVar[DeviceStatus]
    DEVICE_STATUS_ONLINE: _ClassVar[DeviceStatus]
    DEVICE_STATUS_OFFLINE: _ClassVar[DeviceStatus]
    DEVICE_STATUS_CALIBRATING: _ClassVar[DeviceStatus]
    DEVICE_STATUS_MAINTENANCE: _ClassVar[DeviceStatus]
    DEVICE_STATUS_ERROR_STATUS: _ClassVar[DeviceStatus]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_PENDING: JobState
JOB_STATE_COMPILING: JobState
JOB_STATE_QUEUED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_DONE: JobState
JOB_STATE_ERROR: JobState
JOB_STATE_CANCELLED: JobState
JOB_STATE_TIMEOUT: JobState
DEVICE_STATUS_UNSPECIFIED: DeviceStatus
DEVICE_STATUS_ONLINE: DeviceStatus
DEVICE_STATUS_OFFLINE: DeviceStatus
DEVICE_STATUS_CALIBRATING: DeviceStatus
DEVICE_STATUS_MAINTENANCE: DeviceStatus
DEVICE_STATUS_ERROR_STATUS: DeviceStatus

class ApiRequestEnvelope(_message.Message):
    __slots__ = ("contract_version", "request_id", "idempotency_key", "traceparent", "deadline", "tenant_id", "project_id", "client_version")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    contract_version: str
    request_id: str
    idempotency_key: str
    traceparent: str
    deadline: _duration_pb2.Duration
    tenant_id: str
    project_id: str
    client_version: str
    def __init__(self, contract_version: _Optional[str] = ..., request_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., traceparent: _Optional[str] = ..., deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., tenant_id: _Optional[str] = ..., project_id: _Optional[str] = ..., client_version: _Optional[str] = ...) -> None: ...

class JobStatus(_message.Message):
    __slots__ = ("job_id", "state", "stage", "progress", "message", "created_at", "updated_at", "error_code", "error_summary", "error_details_ref", "topology", "name", "target", "priority", "device_id", "attempts", "event_seq", "resumed_from", "error_json", "reservation_id", "tenant_id", "project_id", "progress_exact", "replay_of", "steps", "workflow", "step", "item")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_SUMMARY_FIELD_NUMBER: _ClassVar[int]
    ERROR_DETAILS_REF_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    EVENT_SEQ_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FROM_FIELD_NUMBER: _ClassVar[int]
    ERROR_JSON_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_EXACT_FIELD_NUMBER: _ClassVar[int]
    REPLAY_OF_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    state: JobState
    stage: str
    progress: float
    message: str
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    error_code: str
    error_summary: str
    error_details_ref: str
    topology: TopologyEnvelope
    name: str
    target: str
    priority: int
    device_id: str
    attempts: int
    event_seq: int
    resumed_from: str
    error_json: bytes
    reservation_id: str
    tenant_id: str
    project_id: str
    progress_exact: float
    replay_of: str
    steps: int
    workflow: str
    step: str
    item: int
    def __init__(self, job_id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., stage: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error_code: _Optional[str] = ..., error_summary: _Optional[str] = ..., error_details_ref: _Optional[str] = ..., topology: _Optional[_Union[TopologyEnvelope, _Mapping]] = ..., name: _Optional[str] = ..., target: _Optional[str] = ..., priority: _Optional[int] = ..., device_id: _Optional[str] = ..., attempts: _Optional[int] = ..., event_seq: _Optional[int] = ..., resumed_from: _Optional[str] = ..., error_json: _Optional[bytes] = ..., reservation_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., project_id: _Optional[str] = ..., progress_exact: _Optional[float] = ..., replay_of: _Optional[str] = ..., steps: _Optional[int] = ..., workflow: _Optional[str] = ..., step: _Optional[str] = ..., item: _Optional[int] = ...) -> None: ...

class JobUpdate(_message.Message):
    __slots__ = ("job_id", "state", "stage", "progress", "message", "event_seq", "timestamp", "topology", "data_json", "progress_exact")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EVENT_SEQ_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_FIELD_NUMBER: _ClassVar[int]
    DATA_JSON_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_EXACT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    state: JobState
    stage: str
    progress: float
    message: str
    event_seq: int
    timestamp: _timestamp_pb2.Timestamp
    topology: TopologyEnvelope
    data_json: bytes
    progress_exact: float
    def __init__(self, job_id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., stage: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., event_seq: _Optional[int] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., topology: _Optional[_Union[TopologyEnvelope, _Mapping]] = ..., data_json: _Optional[bytes] = ..., progress_exact: _Optional[float] = ...) -> None: ...

class TopologyEnvelope(_message.Message):
    __slots__ = ("contract_version", "lineage_version", "cluster_id", "worker_id", "partition_id", "attempt")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_ID_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    PARTITION_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    contract_version: str
    lineage_version: str
    cluster_id: str
    worker_id: str
    partition_id: str
    attempt: int
    def __init__(self, contract_version: _Optional[str] = ..., lineage_version: _Optional[str] = ..., cluster_id: _Optional[str] = ..., worker_id: _Optional[str] = ..., partition_id: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class EigenLangSource(_message.Message):
    __slots__ = ("source", "entrypoint", "sha256")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENTRYPOINT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    source: bytes
    entrypoint: str
    sha256: str
    def __init__(self, source: _Optional[bytes] = ..., entrypoint: _Optional[str] = ..., sha256: _Optional[str] = ...) -> None: ...

class QasmSource(_message.Message):
    __slots__ = ("source", "version")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    source: bytes
    version: str
    def __init__(self, source: _Optional[bytes] = ..., version: _Optional[str] = ...) -> None: ...

class AqoRef(_message.Message):
    __slots__ = ("qfs_ref",)
    QFS_REF_FIELD_NUMBER: _ClassVar[int]
    qfs_ref: str
    def __init__(self, qfs_ref: _Optional[str] = ...) -> None: ...

class DeviceInfo(_message.Message):
    __slots__ = ("device_id", "name", "backend_type", "status", "queue_depth", "estimated_wait_sec", "capabilities", "num_qubits", "gates", "coupling", "features", "max_shots", "expected_wait_seconds", "properties_json")
    class CapabilitiesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BACKEND_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_WAIT_SEC_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    NUM_QUBITS_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    COUPLING_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    MAX_SHOTS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_WAIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_JSON_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    name: str
    backend_type: str
    status: DeviceStatus
    queue_depth: int
    estimated_wait_sec: int
    capabilities: _containers.ScalarMap[str, str]
    num_qubits: int
    gates: _containers.RepeatedScalarFieldContainer[str]
    coupling: _containers.RepeatedScalarFieldContainer[int]
    features: _containers.RepeatedScalarFieldContainer[str]
    max_shots: int
    expected_wait_seconds: float
    properties_json: bytes
    def __init__(self, device_id: _Optional[str] = ..., name: _Optional[str] = ..., backend_type: _Optional[str] = ..., status: _Optional[_Union[DeviceStatus, str]] = ..., queue_depth: _Optional[int] = ..., estimated_wait_sec: _Optional[int] = ..., capabilities: _Optional[_Mapping[str, str]] = ..., num_qubits: _Optional[int] = ..., gates: _Optional[_Iterable[str]] = ..., coupling: _Optional[_Iterable[int]] = ..., features: _Optional[_Iterable[str]] = ..., max_shots: _Optional[int] = ..., expected_wait_seconds: _Optional[float] = ..., properties_json: _Optional[bytes] = ...) -> None: ...

class ArtifactInfo(_message.Message):
    __slots__ = ("path", "ref", "sha256", "size_bytes", "media_type")
    PATH_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    path: str
    ref: str
    sha256: str
    size_bytes: int
    media_type: str
    def __init__(self, path: _Optional[str] = ..., ref: _Optional[str] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ..., media_type: _Optional[str] = ...) -> None: ...

class ErrorDetail(_message.Message):
    __slots__ = ("error_json",)
    ERROR_JSON_FIELD_NUMBER: _ClassVar[int]
    error_json: bytes
    def __init__(self, error_json: _Optional[bytes] = ...) -> None: ...

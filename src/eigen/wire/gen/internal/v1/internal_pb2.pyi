from eigen.wire.gen.api.v1 import types_pb2 as _types_pb2
from eigen.wire.gen.driver.v1 import driver_pb2 as _driver_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CircuitFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CIRCUIT_FORMAT_UNSPECIFIED: _ClassVar[CircuitFormat]
    CIRCUIT_FORMAT_AQO_JSON: _ClassVar[CircuitFormat]
    CIRCUIT_FORMAT_AQO_PROTO: _ClassVar[CircuitFormat]
    CIRCUIT_FORMAT_QASM3_TEXT: _ClassVar[CircuitFormat]
    CIRCUIT_FORMAT_BACKEND_NATIVE: _ClassVar[CircuitFormat]
CIRCUIT_FORMAT_UNSPECIFIED: CircuitFormat
CIRCUIT_FORMAT_AQO_JSON: CircuitFormat
CIRCUIT_FORMAT_AQO_PROTO: CircuitFormat
CIRCUIT_FORMAT_QASM3_TEXT: CircuitFormat
CIRCUIT_FORMAT_BACKEND_NATIVE: CircuitFormat

class CircuitPayload(_message.Message):
    __slots__ = ("format", "data")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    format: CircuitFormat
    data: bytes
    def __init__(self, format: _Optional[_Union[CircuitFormat, str]] = ..., data: _Optional[bytes] = ...) -> None: ...

class ListDevicesRequest(_message.Message):
    __slots__ = ("backend_type",)
    BACKEND_TYPE_FIELD_NUMBER: _ClassVar[int]
    backend_type: str
    def __init__(self, backend_type: _Optional[str] = ...) -> None: ...

class ListDevicesResponse(_message.Message):
    __slots__ = ("devices",)
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedCompositeFieldContainer[_types_pb2.DeviceInfo]
    def __init__(self, devices: _Optional[_Iterable[_Union[_types_pb2.DeviceInfo, _Mapping]]] = ...) -> None: ...

class GetDeviceStatusRequest(_message.Message):
    __slots__ = ("device_id",)
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    def __init__(self, device_id: _Optional[str] = ...) -> None: ...

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

class ExecuteCircuitRequest(_message.Message):
    __slots__ = ("job_id", "device_id", "payload", "shots", "options")
    class OptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    device_id: str
    payload: CircuitPayload
    shots: int
    options: _containers.ScalarMap[str, str]
    def __init__(self, job_id: _Optional[str] = ..., device_id: _Optional[str] = ..., payload: _Optional[_Union[CircuitPayload, _Mapping]] = ..., shots: _Optional[int] = ..., options: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ExecuteCircuitResponse(_message.Message):
    __slots__ = ("counts", "execution_time_sec", "metadata")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TIME_SEC_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.ScalarMap[str, int]
    execution_time_sec: float
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, counts: _Optional[_Mapping[str, int]] = ..., execution_time_sec: _Optional[float] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CalibrateDeviceRequest(_message.Message):
    __slots__ = ("device_id", "options")
    class OptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    options: _containers.ScalarMap[str, str]
    def __init__(self, device_id: _Optional[str] = ..., options: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CalibrateDeviceResponse(_message.Message):
    __slots__ = ("calibration_ref", "calibration_json")
    CALIBRATION_REF_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_JSON_FIELD_NUMBER: _ClassVar[int]
    calibration_ref: str
    calibration_json: bytes
    def __init__(self, calibration_ref: _Optional[str] = ..., calibration_json: _Optional[bytes] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ("target",)
    TARGET_FIELD_NUMBER: _ClassVar[int]
    target: str
    def __init__(self, target: _Optional[str] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("devices", "rejected_json")
    class RejectedJsonEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    REJECTED_JSON_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedCompositeFieldContainer[DescribedDevice]
    rejected_json: _containers.ScalarMap[str, bytes]
    def __init__(self, devices: _Optional[_Iterable[_Union[DescribedDevice, _Mapping]]] = ..., rejected_json: _Optional[_Mapping[str, bytes]] = ...) -> None: ...

class DescribedDevice(_message.Message):
    __slots__ = ("device_json", "driver", "driver_version", "batches")
    DEVICE_JSON_FIELD_NUMBER: _ClassVar[int]
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    DRIVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    device_json: bytes
    driver: str
    driver_version: str
    batches: bool
    def __init__(self, device_json: _Optional[bytes] = ..., driver: _Optional[str] = ..., driver_version: _Optional[str] = ..., batches: _Optional[bool] = ...) -> None: ...

class WorkRequest(_message.Message):
    __slots__ = ("device_id", "key", "work")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    key: str
    work: _driver_pb2.Work
    def __init__(self, device_id: _Optional[str] = ..., key: _Optional[str] = ..., work: _Optional[_Union[_driver_pb2.Work, _Mapping]] = ...) -> None: ...

class WorkReply(_message.Message):
    __slots__ = ("result", "missing")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    result: _driver_pb2.WorkResult
    missing: _driver_pb2.MissingDocuments
    def __init__(self, result: _Optional[_Union[_driver_pb2.WorkResult, _Mapping]] = ..., missing: _Optional[_Union[_driver_pb2.MissingDocuments, _Mapping]] = ...) -> None: ...

class SubmitWorkReply(_message.Message):
    __slots__ = ("handle", "missing")
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    handle: str
    missing: _driver_pb2.MissingDocuments
    def __init__(self, handle: _Optional[str] = ..., missing: _Optional[_Union[_driver_pb2.MissingDocuments, _Mapping]] = ...) -> None: ...

class BatchWorkRequest(_message.Message):
    __slots__ = ("device_id", "key", "works")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    WORKS_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    key: str
    works: _containers.RepeatedCompositeFieldContainer[_driver_pb2.Work]
    def __init__(self, device_id: _Optional[str] = ..., key: _Optional[str] = ..., works: _Optional[_Iterable[_Union[_driver_pb2.Work, _Mapping]]] = ...) -> None: ...

class ResultsReply(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_driver_pb2.WorkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_driver_pb2.WorkResult, _Mapping]]] = ...) -> None: ...

class HandleRequest(_message.Message):
    __slots__ = ("driver", "handle")
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    driver: str
    handle: str
    def __init__(self, driver: _Optional[str] = ..., handle: _Optional[str] = ...) -> None: ...

class PollReply(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class ResultRequest(_message.Message):
    __slots__ = ("driver", "handle", "timeout_sec")
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SEC_FIELD_NUMBER: _ClassVar[int]
    driver: str
    handle: str
    timeout_sec: float
    def __init__(self, driver: _Optional[str] = ..., handle: _Optional[str] = ..., timeout_sec: _Optional[float] = ...) -> None: ...

class AdoptRequest(_message.Message):
    __slots__ = ("driver", "key")
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    driver: str
    key: str
    def __init__(self, driver: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class AdoptReply(_message.Message):
    __slots__ = ("handle",)
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    handle: str
    def __init__(self, handle: _Optional[str] = ...) -> None: ...

class CancelWorkReply(_message.Message):
    __slots__ = ("cancelled",)
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    cancelled: bool
    def __init__(self, cancelled: _Optional[bool] = ...) -> None: ...

class CompileRequest(_message.Message):
    __slots__ = ("source", "filename", "format", "entrypoint", "inputs_json", "options_json", "datasets", "parameters")
    class DatasetsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    ENTRYPOINT_FIELD_NUMBER: _ClassVar[int]
    INPUTS_JSON_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    source: str
    filename: str
    format: str
    entrypoint: str
    inputs_json: bytes
    options_json: bytes
    datasets: _containers.ScalarMap[str, bytes]
    parameters: _containers.RepeatedCompositeFieldContainer[OpenParameter]
    def __init__(self, source: _Optional[str] = ..., filename: _Optional[str] = ..., format: _Optional[str] = ..., entrypoint: _Optional[str] = ..., inputs_json: _Optional[bytes] = ..., options_json: _Optional[bytes] = ..., datasets: _Optional[_Mapping[str, bytes]] = ..., parameters: _Optional[_Iterable[_Union[OpenParameter, _Mapping]]] = ...) -> None: ...

class OpenParameter(_message.Message):
    __slots__ = ("name", "length")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    name: str
    length: int
    def __init__(self, name: _Optional[str] = ..., length: _Optional[int] = ...) -> None: ...

class CompileReply(_message.Message):
    __slots__ = ("program", "circuit", "report_json")
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    program: bytes
    circuit: bytes
    report_json: bytes
    def __init__(self, program: _Optional[bytes] = ..., circuit: _Optional[bytes] = ..., report_json: _Optional[bytes] = ...) -> None: ...

class Empty(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Submission(_message.Message):
    __slots__ = ("spec_json", "files", "warnings")
    class FilesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    SPEC_JSON_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    spec_json: bytes
    files: _containers.ScalarMap[str, bytes]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, spec_json: _Optional[bytes] = ..., files: _Optional[_Mapping[str, bytes]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class SubmitJobRequest(_message.Message):
    __slots__ = ("job", "idempotency_key", "reservation_id")
    JOB_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    job: Submission
    idempotency_key: str
    reservation_id: str
    def __init__(self, job: _Optional[_Union[Submission, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., reservation_id: _Optional[str] = ...) -> None: ...

class BatchEntry(_message.Message):
    __slots__ = ("job", "idempotency_key", "reservation_id")
    JOB_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    job: Submission
    idempotency_key: str
    reservation_id: str
    def __init__(self, job: _Optional[_Union[Submission, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., reservation_id: _Optional[str] = ...) -> None: ...

class SubmitJobsRequest(_message.Message):
    __slots__ = ("jobs", "idempotency_key")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[BatchEntry]
    idempotency_key: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[BatchEntry, _Mapping]]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class EstimateJobRequest(_message.Message):
    __slots__ = ("job", "targets")
    JOB_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    job: Submission
    targets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, job: _Optional[_Union[Submission, _Mapping]] = ..., targets: _Optional[_Iterable[str]] = ...) -> None: ...

class ReplayRequest(_message.Message):
    __slots__ = ("job_id", "idempotency_key")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    idempotency_key: str
    def __init__(self, job_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResumeRequest(_message.Message):
    __slots__ = ("job_id", "limits_json", "idempotency_key")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    LIMITS_JSON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    limits_json: bytes
    idempotency_key: str
    def __init__(self, job_id: _Optional[str] = ..., limits_json: _Optional[bytes] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class JobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class DecideRequest(_message.Message):
    __slots__ = ("job_id", "decision", "key")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    decision: str
    key: str
    def __init__(self, job_id: _Optional[str] = ..., decision: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("job_id", "after")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    after: int
    def __init__(self, job_id: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class JobViewReply(_message.Message):
    __slots__ = ("job_json",)
    JOB_JSON_FIELD_NUMBER: _ClassVar[int]
    job_json: bytes
    def __init__(self, job_json: _Optional[bytes] = ...) -> None: ...

class JobResultsReply(_message.Message):
    __slots__ = ("results_json",)
    RESULTS_JSON_FIELD_NUMBER: _ClassVar[int]
    results_json: bytes
    def __init__(self, results_json: _Optional[bytes] = ...) -> None: ...

class JobEventReply(_message.Message):
    __slots__ = ("event_json",)
    EVENT_JSON_FIELD_NUMBER: _ClassVar[int]
    event_json: bytes
    def __init__(self, event_json: _Optional[bytes] = ...) -> None: ...

class JsonReply(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    def __init__(self, json: _Optional[bytes] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("states", "name", "limit", "before", "workflow")
    STATES_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[str]
    name: str
    limit: int
    before: str
    workflow: str
    def __init__(self, states: _Optional[_Iterable[str]] = ..., name: _Optional[str] = ..., limit: _Optional[int] = ..., before: _Optional[str] = ..., workflow: _Optional[str] = ...) -> None: ...

class ListJobsReply(_message.Message):
    __slots__ = ("jobs_json",)
    JOBS_JSON_FIELD_NUMBER: _ClassVar[int]
    jobs_json: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, jobs_json: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ArtifactsReply(_message.Message):
    __slots__ = ("artifacts_json",)
    ARTIFACTS_JSON_FIELD_NUMBER: _ClassVar[int]
    artifacts_json: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, artifacts_json: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ArtifactRequest(_message.Message):
    __slots__ = ("job_id", "path")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    path: str
    def __init__(self, job_id: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class ArtifactChunk(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class DevicesReply(_message.Message):
    __slots__ = ("devices_json",)
    DEVICES_JSON_FIELD_NUMBER: _ClassVar[int]
    devices_json: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, devices_json: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DeviceRequest(_message.Message):
    __slots__ = ("device_id",)
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    def __init__(self, device_id: _Optional[str] = ...) -> None: ...

class DeviceReply(_message.Message):
    __slots__ = ("device_json",)
    DEVICE_JSON_FIELD_NUMBER: _ClassVar[int]
    device_json: bytes
    def __init__(self, device_json: _Optional[bytes] = ...) -> None: ...

class ReserveRequest(_message.Message):
    __slots__ = ("device_id", "ttl_seconds", "purpose")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    TTL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    ttl_seconds: int
    purpose: str
    def __init__(self, device_id: _Optional[str] = ..., ttl_seconds: _Optional[int] = ..., purpose: _Optional[str] = ...) -> None: ...

class ReservationReply(_message.Message):
    __slots__ = ("reservation_json",)
    RESERVATION_JSON_FIELD_NUMBER: _ClassVar[int]
    reservation_json: bytes
    def __init__(self, reservation_json: _Optional[bytes] = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("reservation_id",)
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    def __init__(self, reservation_id: _Optional[str] = ...) -> None: ...

class CompileJobRequest(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Submission
    def __init__(self, job: _Optional[_Union[Submission, _Mapping]] = ...) -> None: ...

class OptimizeRequest(_message.Message):
    __slots__ = ("circuit", "level", "target")
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    circuit: bytes
    level: int
    target: str
    def __init__(self, circuit: _Optional[bytes] = ..., level: _Optional[int] = ..., target: _Optional[str] = ...) -> None: ...

class CompiledReply(_message.Message):
    __slots__ = ("program", "circuit", "report_json")
    PROGRAM_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    program: bytes
    circuit: bytes
    report_json: bytes
    def __init__(self, program: _Optional[bytes] = ..., circuit: _Optional[bytes] = ..., report_json: _Optional[bytes] = ...) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ("job", "parameters")
    JOB_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    job: Submission
    parameters: _containers.RepeatedCompositeFieldContainer[OpenParameter]
    def __init__(self, job: _Optional[_Union[Submission, _Mapping]] = ..., parameters: _Optional[_Iterable[_Union[OpenParameter, _Mapping]]] = ...) -> None: ...

class SessionReply(_message.Message):
    __slots__ = ("session_json",)
    SESSION_JSON_FIELD_NUMBER: _ClassVar[int]
    session_json: bytes
    def __init__(self, session_json: _Optional[bytes] = ...) -> None: ...

class SessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("session_id", "values_json", "index", "gradient")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_JSON_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    values_json: bytes
    index: int
    gradient: bool
    def __init__(self, session_id: _Optional[str] = ..., values_json: _Optional[bytes] = ..., index: _Optional[int] = ..., gradient: _Optional[bool] = ...) -> None: ...

class EvaluationReply(_message.Message):
    __slots__ = ("evaluation_json",)
    EVALUATION_JSON_FIELD_NUMBER: _ClassVar[int]
    evaluation_json: bytes
    def __init__(self, evaluation_json: _Optional[bytes] = ...) -> None: ...

class FindKeyRequest(_message.Message):
    __slots__ = ("key_id",)
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    def __init__(self, key_id: _Optional[str] = ...) -> None: ...

class ApiKeyReply(_message.Message):
    __slots__ = ("key_json",)
    KEY_JSON_FIELD_NUMBER: _ClassVar[int]
    key_json: bytes
    def __init__(self, key_json: _Optional[bytes] = ...) -> None: ...

class AnyKeyReply(_message.Message):
    __slots__ = ("any",)
    ANY_FIELD_NUMBER: _ClassVar[int]
    any: bool
    def __init__(self, any: _Optional[bool] = ...) -> None: ...

class AuditRequest(_message.Message):
    __slots__ = ("entry_json",)
    ENTRY_JSON_FIELD_NUMBER: _ClassVar[int]
    entry_json: bytes
    def __init__(self, entry_json: _Optional[bytes] = ...) -> None: ...

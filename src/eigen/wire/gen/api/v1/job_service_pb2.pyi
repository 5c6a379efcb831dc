import datetime

from eigen.wire.gen.api.v1 import job_spec_pb2 as _job_spec_pb2
from eigen.wire.gen.api.v1 import types_pb2 as _types_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WorkloadFamilyKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKLOAD_FAMILY_KIND_UNSPECIFIED: _ClassVar[WorkloadFamilyKind]
    WORKLOAD_FAMILY_KIND_QUANTUM_JOB: _ClassVar[WorkloadFamilyKind]
    WORKLOAD_FAMILY_KIND_HYBRID_WORKFLOW: _ClassVar[WorkloadFamilyKind]
    WORKLOAD_FAMILY_KIND_DISTRIBUTED_JOB: _ClassVar[WorkloadFamilyKind]
    WORKLOAD_FAMILY_KIND_BENCHMARK_JOB: _ClassVar[WorkloadFamilyKind]
    WORKLOAD_FAMILY_KIND_PIPELINE_JOB: _ClassVar[WorkloadFamilyKind]
    WORKLOAD_FAMILY_KIND_REPLAY_JOB: _ClassVar[WorkloadFamilyKind]

class CheckVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_VERDICT_UNSPECIFIED: _ClassVar[CheckVerdict]
    CHECK_VERDICT_PASS: _ClassVar[CheckVerdict]
    CHECK_VERDICT_FAIL: _ClassVar[CheckVerdict]
    CHECK_VERDICT_NOT_CHECKED: _ClassVar[CheckVerdict]
WORKLOAD_FAMILY_KIND_UNSPECIFIED: WorkloadFamilyKind
WORKLOAD_FAMILY_KIND_QUANTUM_JOB: WorkloadFamilyKind
WORKLOAD_FAMILY_KIND_HYBRID_WORKFLOW: WorkloadFamilyKind
WORKLOAD_FAMILY_KIND_DISTRIBUTED_JOB: WorkloadFamilyKind
WORKLOAD_FAMILY_KIND_BENCHMARK_JOB: WorkloadFamilyKind
WORKLOAD_FAMILY_KIND_PIPELINE_JOB: WorkloadFamilyKind
WORKLOAD_FAMILY_KIND_REPLAY_JOB: WorkloadFamilyKind
CHECK_VERDICT_UNSPECIFIED: CheckVerdict
CHECK_VERDICT_PASS: CheckVerdict
CHECK_VERDICT_FAIL: CheckVerdict
CHECK_VERDICT_NOT_CHECKED: CheckVerdict

class SubmitJobRequest(_message.Message):
    __slots__ = ("name", "eigen_lang", "qasm", "aqo_ref", "target", "priority", "compiler_options", "metadata", "dependencies", "tenant", "reservation_id", "envelope", "workload", "spec", "files")
    class CompilerOptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class FilesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    class TenantQuotaEnvelope(_message.Message):
        __slots__ = ("contract_version", "tenant_id", "project_id", "tenant_max_queued_jobs", "project_max_queued_jobs")
        CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
        TENANT_ID_FIELD_NUMBER: _ClassVar[int]
        PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
        TENANT_MAX_QUEUED_JOBS_FIELD_NUMBER: _ClassVar[int]
        PROJECT_MAX_QUEUED_JOBS_FIELD_NUMBER: _ClassVar[int]
        contract_version: str
        tenant_id: str
        project_id: str
        tenant_max_queued_jobs: int
        project_max_queued_jobs: int
        def __init__(self, contract_version: _Optional[str] = ..., tenant_id: _Optional[str] = ..., project_id: _Optional[str] = ..., tenant_max_queued_jobs: _Optional[int] = ..., project_max_queued_jobs: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    EIGEN_LANG_FIELD_NUMBER: _ClassVar[int]
    QASM_FIELD_NUMBER: _ClassVar[int]
    AQO_REF_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    COMPILER_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    WORKLOAD_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    name: str
    eigen_lang: _types_pb2.EigenLangSource
    qasm: _types_pb2.QasmSource
    aqo_ref: _types_pb2.AqoRef
    target: str
    priority: int
    compiler_options: _containers.ScalarMap[str, str]
    metadata: _containers.ScalarMap[str, str]
    dependencies: _containers.RepeatedScalarFieldContainer[str]
    tenant: SubmitJobRequest.TenantQuotaEnvelope
    reservation_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    workload: WorkloadContract
    spec: _job_spec_pb2.JobSpec
    files: _containers.ScalarMap[str, bytes]
    def __init__(self, name: _Optional[str] = ..., eigen_lang: _Optional[_Union[_types_pb2.EigenLangSource, _Mapping]] = ..., qasm: _Optional[_Union[_types_pb2.QasmSource, _Mapping]] = ..., aqo_ref: _Optional[_Union[_types_pb2.AqoRef, _Mapping]] = ..., target: _Optional[str] = ..., priority: _Optional[int] = ..., compiler_options: _Optional[_Mapping[str, str]] = ..., metadata: _Optional[_Mapping[str, str]] = ..., dependencies: _Optional[_Iterable[str]] = ..., tenant: _Optional[_Union[SubmitJobRequest.TenantQuotaEnvelope, _Mapping]] = ..., reservation_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ..., workload: _Optional[_Union[WorkloadContract, _Mapping]] = ..., spec: _Optional[_Union[_job_spec_pb2.JobSpec, _Mapping]] = ..., files: _Optional[_Mapping[str, bytes]] = ...) -> None: ...

class WorkloadContract(_message.Message):
    __slots__ = ("kind", "execution_profile", "replayable", "topology")
    KIND_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_PROFILE_FIELD_NUMBER: _ClassVar[int]
    REPLAYABLE_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_FIELD_NUMBER: _ClassVar[int]
    kind: WorkloadFamilyKind
    execution_profile: str
    replayable: bool
    topology: WorkloadTopology
    def __init__(self, kind: _Optional[_Union[WorkloadFamilyKind, str]] = ..., execution_profile: _Optional[str] = ..., replayable: _Optional[bool] = ..., topology: _Optional[_Union[WorkloadTopology, _Mapping]] = ...) -> None: ...

class WorkloadTopology(_message.Message):
    __slots__ = ("cluster_id", "partition_count", "partition_ids", "preferred_workers")
    CLUSTER_ID_FIELD_NUMBER: _ClassVar[int]
    PARTITION_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTITION_IDS_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_WORKERS_FIELD_NUMBER: _ClassVar[int]
    cluster_id: str
    partition_count: int
    partition_ids: _containers.RepeatedScalarFieldContainer[str]
    preferred_workers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, cluster_id: _Optional[str] = ..., partition_count: _Optional[int] = ..., partition_ids: _Optional[_Iterable[str]] = ..., preferred_workers: _Optional[_Iterable[str]] = ...) -> None: ...

class SubmitJobResponse(_message.Message):
    __slots__ = ("job_id", "status", "warnings")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    status: _types_pb2.JobStatus
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, job_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.JobStatus, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class SubmitJobsRequest(_message.Message):
    __slots__ = ("jobs", "envelope")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[SubmitJobRequest]
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, jobs: _Optional[_Iterable[_Union[SubmitJobRequest, _Mapping]]] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class SubmitJobsResponse(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[SubmitJobResponse]
    def __init__(self, jobs: _Optional[_Iterable[_Union[SubmitJobResponse, _Mapping]]] = ...) -> None: ...

class EstimateJobRequest(_message.Message):
    __slots__ = ("eigen_lang", "qasm", "aqo_ref", "target", "targets", "envelope", "spec", "files")
    class FilesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    EIGEN_LANG_FIELD_NUMBER: _ClassVar[int]
    QASM_FIELD_NUMBER: _ClassVar[int]
    AQO_REF_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    eigen_lang: _types_pb2.EigenLangSource
    qasm: _types_pb2.QasmSource
    aqo_ref: _types_pb2.AqoRef
    target: str
    targets: _containers.RepeatedScalarFieldContainer[str]
    envelope: _types_pb2.ApiRequestEnvelope
    spec: _job_spec_pb2.JobSpec
    files: _containers.ScalarMap[str, bytes]
    def __init__(self, eigen_lang: _Optional[_Union[_types_pb2.EigenLangSource, _Mapping]] = ..., qasm: _Optional[_Union[_types_pb2.QasmSource, _Mapping]] = ..., aqo_ref: _Optional[_Union[_types_pb2.AqoRef, _Mapping]] = ..., target: _Optional[str] = ..., targets: _Optional[_Iterable[str]] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ..., spec: _Optional[_Union[_job_spec_pb2.JobSpec, _Mapping]] = ..., files: _Optional[_Mapping[str, bytes]] = ...) -> None: ...

class EstimateJobResponse(_message.Message):
    __slots__ = ("document", "chosen", "warnings")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    chosen: str
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, document: _Optional[bytes] = ..., chosen: _Optional[str] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class GetJobStatusRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class GetJobStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.JobStatus
    def __init__(self, status: _Optional[_Union[_types_pb2.JobStatus, _Mapping]] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("accepted", "status")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    status: _types_pb2.JobStatus
    def __init__(self, accepted: _Optional[bool] = ..., status: _Optional[_Union[_types_pb2.JobStatus, _Mapping]] = ...) -> None: ...

class DecideJobRequest(_message.Message):
    __slots__ = ("job_id", "decision", "key", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    decision: str
    key: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., decision: _Optional[str] = ..., key: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class DecideJobResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.JobStatus
    def __init__(self, status: _Optional[_Union[_types_pb2.JobStatus, _Mapping]] = ...) -> None: ...

class StreamJobUpdatesRequest(_message.Message):
    __slots__ = ("job_id", "last_event_seq", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_EVENT_SEQ_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    last_event_seq: int
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., last_event_seq: _Optional[int] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class StreamJobUpdatesResponse(_message.Message):
    __slots__ = ("update",)
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    update: _types_pb2.JobUpdate
    def __init__(self, update: _Optional[_Union[_types_pb2.JobUpdate, _Mapping]] = ...) -> None: ...

class GetJobResultsRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class GetJobResultsResponse(_message.Message):
    __slots__ = ("job_id", "state", "counts", "metadata", "error_code", "error_summary", "error_details_ref", "completed_at", "outputs", "circuits", "artifacts", "results_ref", "truncated", "document")
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
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_SUMMARY_FIELD_NUMBER: _ClassVar[int]
    ERROR_DETAILS_REF_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    CIRCUITS_FIELD_NUMBER: _ClassVar[int]
    ARTIFACTS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_REF_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    state: _types_pb2.JobState
    counts: _containers.ScalarMap[str, int]
    metadata: _containers.ScalarMap[str, str]
    error_code: str
    error_summary: str
    error_details_ref: str
    completed_at: _timestamp_pb2.Timestamp
    outputs: _struct_pb2.Struct
    circuits: _containers.RepeatedCompositeFieldContainer[CircuitResult]
    artifacts: _containers.RepeatedCompositeFieldContainer[_types_pb2.ArtifactInfo]
    results_ref: str
    truncated: bool
    document: bytes
    def __init__(self, job_id: _Optional[str] = ..., state: _Optional[_Union[_types_pb2.JobState, str]] = ..., counts: _Optional[_Mapping[str, int]] = ..., metadata: _Optional[_Mapping[str, str]] = ..., error_code: _Optional[str] = ..., error_summary: _Optional[str] = ..., error_details_ref: _Optional[str] = ..., completed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., circuits: _Optional[_Iterable[_Union[CircuitResult, _Mapping]]] = ..., artifacts: _Optional[_Iterable[_Union[_types_pb2.ArtifactInfo, _Mapping]]] = ..., results_ref: _Optional[str] = ..., truncated: _Optional[bool] = ..., document: _Optional[bytes] = ...) -> None: ...

class CircuitResult(_message.Message):
    __slots__ = ("name", "counts", "document")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    counts: _containers.ScalarMap[str, int]
    document: bytes
    def __init__(self, name: _Optional[str] = ..., counts: _Optional[_Mapping[str, int]] = ..., document: _Optional[bytes] = ...) -> None: ...

class GetDispatchRationaleRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class DispatchRationale(_message.Message):
    __slots__ = ("version", "policy_version", "reason_codes", "selected_backend", "selected_queue", "attributes", "timeline_ref", "logs_ref", "trace_id", "trace_ref")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_CODES_FIELD_NUMBER: _ClassVar[int]
    SELECTED_BACKEND_FIELD_NUMBER: _ClassVar[int]
    SELECTED_QUEUE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_REF_FIELD_NUMBER: _ClassVar[int]
    LOGS_REF_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_REF_FIELD_NUMBER: _ClassVar[int]
    version: str
    policy_version: str
    reason_codes: _containers.RepeatedScalarFieldContainer[str]
    selected_backend: str
    selected_queue: str
    attributes: _containers.ScalarMap[str, str]
    timeline_ref: str
    logs_ref: str
    trace_id: str
    trace_ref: str
    def __init__(self, version: _Optional[str] = ..., policy_version: _Optional[str] = ..., reason_codes: _Optional[_Iterable[str]] = ..., selected_backend: _Optional[str] = ..., selected_queue: _Optional[str] = ..., attributes: _Optional[_Mapping[str, str]] = ..., timeline_ref: _Optional[str] = ..., logs_ref: _Optional[str] = ..., trace_id: _Optional[str] = ..., trace_ref: _Optional[str] = ...) -> None: ...

class GetDispatchRationaleResponse(_message.Message):
    __slots__ = ("rationale", "document")
    RATIONALE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    rationale: DispatchRationale
    document: bytes
    def __init__(self, rationale: _Optional[_Union[DispatchRationale, _Mapping]] = ..., document: _Optional[bytes] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "states", "name", "envelope", "workflow")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[_types_pb2.JobState]
    name: str
    envelope: _types_pb2.ApiRequestEnvelope
    workflow: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_types_pb2.JobState, str]]] = ..., name: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ..., workflow: _Optional[str] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[_types_pb2.JobStatus]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[_types_pb2.JobStatus, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetJobLogsRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class GetJobLogsResponse(_message.Message):
    __slots__ = ("timestamp", "level", "message", "document")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    timestamp: str
    level: str
    message: str
    document: bytes
    def __init__(self, timestamp: _Optional[str] = ..., level: _Optional[str] = ..., message: _Optional[str] = ..., document: _Optional[bytes] = ...) -> None: ...

class ListArtifactsRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ListArtifactsResponse(_message.Message):
    __slots__ = ("artifacts",)
    ARTIFACTS_FIELD_NUMBER: _ClassVar[int]
    artifacts: _containers.RepeatedCompositeFieldContainer[_types_pb2.ArtifactInfo]
    def __init__(self, artifacts: _Optional[_Iterable[_Union[_types_pb2.ArtifactInfo, _Mapping]]] = ...) -> None: ...

class GetArtifactRequest(_message.Message):
    __slots__ = ("job_id", "path", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    path: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., path: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class GetArtifactResponse(_message.Message):
    __slots__ = ("artifact", "data")
    ARTIFACT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    artifact: _types_pb2.ArtifactInfo
    data: bytes
    def __init__(self, artifact: _Optional[_Union[_types_pb2.ArtifactInfo, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class ReplayJobRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ReplayJobResponse(_message.Message):
    __slots__ = ("job_id", "status")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    status: _types_pb2.JobStatus
    def __init__(self, job_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.JobStatus, _Mapping]] = ...) -> None: ...

class ResumeJobRequest(_message.Message):
    __slots__ = ("job_id", "max_shots", "max_seconds", "queue_seconds", "execution_seconds", "max_cost", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_SHOTS_FIELD_NUMBER: _ClassVar[int]
    MAX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MAX_COST_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    max_shots: int
    max_seconds: float
    queue_seconds: float
    execution_seconds: float
    max_cost: float
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., max_shots: _Optional[int] = ..., max_seconds: _Optional[float] = ..., queue_seconds: _Optional[float] = ..., execution_seconds: _Optional[float] = ..., max_cost: _Optional[float] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ResumeJobResponse(_message.Message):
    __slots__ = ("job_id", "status")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    status: _types_pb2.JobStatus
    def __init__(self, job_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.JobStatus, _Mapping]] = ...) -> None: ...

class VerifyJobRequest(_message.Message):
    __slots__ = ("job_id", "envelope")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, job_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class JobCheck(_message.Message):
    __slots__ = ("name", "verdict", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    verdict: CheckVerdict
    detail: str
    def __init__(self, name: _Optional[str] = ..., verdict: _Optional[_Union[CheckVerdict, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class VerifyJobResponse(_message.Message):
    __slots__ = ("job_id", "verified", "checks")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    verified: bool
    checks: _containers.RepeatedCompositeFieldContainer[JobCheck]
    def __init__(self, job_id: _Optional[str] = ..., verified: _Optional[bool] = ..., checks: _Optional[_Iterable[_Union[JobCheck, _Mapping]]] = ...) -> None: ...

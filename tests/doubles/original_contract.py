"""The public contract of the original project as a client of it knows it: messages built from its field numbers alone.

Written down by hand from the contract, in a descriptor pool of its own: nothing of `eigen.wire` is used.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2 as pb
from google.protobuf import duration_pb2, timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "eigen.api.v1"
ENVELOPE = ("envelope", "ApiRequestEnvelope")
TIMESTAMP = "google.protobuf.Timestamp"

_STATES = ("UNSPECIFIED", "PENDING", "COMPILING", "QUEUED", "RUNNING", "DONE", "ERROR", "CANCELLED", "TIMEOUT")
_STATUSES = ("UNSPECIFIED", "ONLINE", "OFFLINE", "CALIBRATING", "MAINTENANCE", "ERROR_STATUS")
_KINDS = ("QUANTUM_JOB", "HYBRID_WORKFLOW", "DISTRIBUTED_JOB", "BENCHMARK_JOB", "PIPELINE_JOB", "REPLAY_JOB")

ENUMS: dict[str, list[str]] = {
    "JobState": [f"JOB_STATE_{name}" for name in _STATES],
    "DeviceStatus": [f"DEVICE_STATUS_{name}" for name in _STATUSES],
    "WorkloadFamilyKind": [f"WORKLOAD_FAMILY_KIND_{name}" for name in ("UNSPECIFIED", *_KINDS)],
}

MESSAGES: dict[str, dict[int, tuple[str, str]]] = {
    "ApiRequestEnvelope": {
        1: ("contract_version", "string"),
        2: ("request_id", "string"),
        3: ("idempotency_key", "string"),
        4: ("traceparent", "string"),
        5: ("deadline", "google.protobuf.Duration"),
        6: ("tenant_id", "string"),
        7: ("project_id", "string"),
        8: ("client_version", "string"),
    },
    "TopologyEnvelope": {
        1: ("contract_version", "string"),
        2: ("lineage_version", "string"),
        3: ("cluster_id", "string"),
        4: ("worker_id", "string"),
        5: ("partition_id", "string"),
        6: ("attempt", "uint32"),
    },
    "JobStatus": {
        1: ("job_id", "string"),
        2: ("state", "JobState"),
        3: ("stage", "string"),
        4: ("progress", "float"),
        5: ("message", "string"),
        6: ("created_at", TIMESTAMP),
        7: ("updated_at", TIMESTAMP),
        20: ("error_code", "string"),
        21: ("error_summary", "string"),
        22: ("error_details_ref", "string"),
        23: ("topology", "TopologyEnvelope"),
    },
    "JobUpdate": {
        1: ("job_id", "string"),
        2: ("state", "JobState"),
        3: ("stage", "string"),
        4: ("progress", "float"),
        5: ("message", "string"),
        6: ("event_seq", "uint64"),
        7: ("timestamp", TIMESTAMP),
        8: ("topology", "TopologyEnvelope"),
    },
    "EigenLangSource": {1: ("source", "bytes"), 2: ("entrypoint", "string"), 3: ("sha256", "string")},
    "QasmSource": {1: ("source", "bytes"), 2: ("version", "string")},
    "AqoRef": {1: ("qfs_ref", "string")},
    "DeviceInfo": {
        1: ("device_id", "string"),
        2: ("name", "string"),
        3: ("backend_type", "string"),
        4: ("status", "DeviceStatus"),
        5: ("queue_depth", "int32"),
        6: ("estimated_wait_sec", "int32"),
        7: ("capabilities", "map<string, string>"),
    },
    "WorkloadTopology": {
        1: ("cluster_id", "string"),
        2: ("partition_count", "int32"),
        3: ("partition_ids", "repeated string"),
        4: ("preferred_workers", "repeated string"),
    },
    "WorkloadContract": {
        1: ("kind", "WorkloadFamilyKind"),
        2: ("execution_profile", "string"),
        3: ("replayable", "bool"),
        4: ("topology", "WorkloadTopology"),
    },
    "SubmitJobRequest": {
        1: ("name", "string"),
        2: ("eigen_lang", "EigenLangSource"),
        3: ("qasm", "QasmSource"),
        4: ("aqo_ref", "AqoRef"),
        5: ("target", "string"),
        6: ("priority", "int32"),
        7: ("compiler_options", "map<string, string>"),
        8: ("metadata", "map<string, string>"),
        9: ("dependencies", "repeated string"),
        10: ("tenant", "TenantQuotaEnvelope"),
        11: ("reservation_id", "string"),
        12: ENVELOPE,
        13: ("workload", "WorkloadContract"),
    },
    "SubmitJobResponse": {1: ("job_id", "string"), 2: ("status", "JobStatus")},
    "GetJobStatusRequest": {1: ("job_id", "string"), 10: ENVELOPE},
    "GetJobStatusResponse": {1: ("status", "JobStatus")},
    "CancelJobRequest": {1: ("job_id", "string"), 10: ENVELOPE},
    "CancelJobResponse": {1: ("accepted", "bool")},
    "StreamJobUpdatesRequest": {1: ("job_id", "string"), 2: ("last_event_seq", "uint64"), 10: ENVELOPE},
    "StreamJobUpdatesResponse": {1: ("update", "JobUpdate")},
    "GetJobResultsRequest": {1: ("job_id", "string"), 10: ENVELOPE},
    "GetJobResultsResponse": {
        1: ("job_id", "string"),
        2: ("state", "JobState"),
        10: ("counts", "map<string, int64>"),
        11: ("metadata", "map<string, string>"),
        20: ("error_code", "string"),
        21: ("error_summary", "string"),
        22: ("error_details_ref", "string"),
        30: ("completed_at", TIMESTAMP),
    },
    "GetDispatchRationaleRequest": {1: ("job_id", "string"), 10: ENVELOPE},
    "DispatchRationale": {
        1: ("version", "string"),
        2: ("policy_version", "string"),
        3: ("reason_codes", "repeated string"),
        4: ("selected_backend", "string"),
        5: ("selected_queue", "string"),
        6: ("attributes", "map<string, string>"),
        7: ("timeline_ref", "string"),
        8: ("logs_ref", "string"),
        9: ("trace_id", "string"),
        10: ("trace_ref", "string"),
    },
    "GetDispatchRationaleResponse": {1: ("rationale", "DispatchRationale")},
    "ListDevicesRequest": {1: ("backend_type", "string"), 10: ENVELOPE},
    "ListDevicesResponse": {1: ("devices", "repeated DeviceInfo")},
    "GetDeviceDetailsRequest": {1: ("device_id", "string"), 10: ENVELOPE},
    "GetDeviceDetailsResponse": {1: ("device", "DeviceInfo")},
    "GetDeviceStatusRequest": {1: ("device_id", "string"), 10: ENVELOPE},
    "GetDeviceStatusResponse": {
        1: ("device_id", "string"),
        2: ("status", "DeviceStatus"),
        3: ("queue_depth", "int32"),
        4: ("estimated_wait_sec", "int32"),
        5: ("metadata", "map<string, string>"),
    },
    "ReserveDeviceRequest": {
        1: ("device_id", "string"),
        2: ("ttl_seconds", "int32"),
        3: ("purpose", "string"),
        10: ENVELOPE,
    },
    "ReserveDeviceResponse": {1: ("reservation_id", "string"), 2: ("expires_at", TIMESTAMP)},
}

NESTED: dict[str, dict[int, tuple[str, str]]] = {
    "TenantQuotaEnvelope": {
        1: ("contract_version", "string"),
        2: ("tenant_id", "string"),
        3: ("project_id", "string"),
        4: ("tenant_max_queued_jobs", "uint32"),
        5: ("project_max_queued_jobs", "uint32"),
    }
}

_SERVICES = {
    "JobService": (
        "SubmitJob",
        "GetJobStatus",
        "CancelJob",
        "StreamJobUpdates",
        "GetJobResults",
        "GetDispatchRationale",
    ),
    "DeviceService": ("ListDevices", "GetDeviceDetails", "GetDeviceStatus", "ReserveDevice"),
}

METHODS: dict[str, tuple[str, str, bool]] = {
    f"{service}/{name}": (f"{name}Request", f"{name}Response", name == "StreamJobUpdates")
    for service, names in _SERVICES.items()
    for name in names
}

_SCALARS = {
    "string": pb.FieldDescriptorProto.TYPE_STRING,
    "bytes": pb.FieldDescriptorProto.TYPE_BYTES,
    "bool": pb.FieldDescriptorProto.TYPE_BOOL,
    "float": pb.FieldDescriptorProto.TYPE_FLOAT,
    "int32": pb.FieldDescriptorProto.TYPE_INT32,
    "int64": pb.FieldDescriptorProto.TYPE_INT64,
    "uint32": pb.FieldDescriptorProto.TYPE_UINT32,
    "uint64": pb.FieldDescriptorProto.TYPE_UINT64,
}


@cache
def _pool() -> DescriptorPool:
    file = pb.FileDescriptorProto(name="original.proto", package=PACKAGE, syntax="proto3")
    file.dependency.extend(["google/protobuf/timestamp.proto", "google/protobuf/duration.proto"])
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=value, number=number)
    for name, fields in (MESSAGES | NESTED).items():
        message = file.message_type.add(name=name)
        if name == "SubmitJobRequest":
            message.oneof_decl.add(name="program")
        for number, (field, kind) in fields.items():
            added = _field(message, number, field, kind)
            if name == "SubmitJobRequest" and number in {2, 3, 4}:
                added.oneof_index = 0
    pool = DescriptorPool()
    for known in (timestamp_pb2, duration_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def _field(message: pb.DescriptorProto, number: int, name: str, kind: str) -> pb.FieldDescriptorProto:
    repeated = kind.startswith(("repeated ", "map<"))
    label = pb.FieldDescriptorProto.LABEL_REPEATED if repeated else pb.FieldDescriptorProto.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, label=label)
    kind = kind.removeprefix("repeated ")
    if kind.startswith("map<"):
        key, value = kind[4:-1].split(", ")
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _field(entry, 1, "key", key)
        _field(entry, 2, "value", value)
        field.type = pb.FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{message.name}.{entry.name}"
    elif kind in _SCALARS:
        field.type = _SCALARS[kind]
    elif kind in ENUMS:
        field.type, field.type_name = pb.FieldDescriptorProto.TYPE_ENUM, f".{PACKAGE}.{kind}"
    else:
        field.type = pb.FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{kind}" if kind.startswith("google.") else f".{PACKAGE}.{kind}"
    return field


def message(name: str) -> Any:
    """The class of a message of the original contract."""
    return GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


class OriginalClient:
    """Calls the methods of the original contract on a channel, with its own messages."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def call(self, path: str, *, timeout: float = 30.0, **fields: Any) -> Any:
        """Call `Service/Method` with these fields of its request."""
        request, response, streams = METHODS[path]
        make = self._channel.unary_stream if streams else self._channel.unary_unary
        ask = make(
            f"/{PACKAGE}.{path}",
            request_serializer=message(request).SerializeToString,
            response_deserializer=message(response).FromString,
        )
        return ask(message(request)(**fields), timeout=timeout)

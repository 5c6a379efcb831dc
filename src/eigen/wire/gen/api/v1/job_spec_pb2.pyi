from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobSpec(_message.Message):
    __slots__ = ("api_version", "kind", "metadata", "spec", "runtime", "resources", "scheduling", "budget", "artifacts")
    class Metadata(_message.Message):
        __slots__ = ("name", "namespace", "labels", "annotations")
        class LabelsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        class AnnotationsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        NAME_FIELD_NUMBER: _ClassVar[int]
        NAMESPACE_FIELD_NUMBER: _ClassVar[int]
        LABELS_FIELD_NUMBER: _ClassVar[int]
        ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
        name: str
        namespace: str
        labels: _containers.ScalarMap[str, str]
        annotations: _containers.ScalarMap[str, str]
        def __init__(self, name: _Optional[str] = ..., namespace: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., annotations: _Optional[_Mapping[str, str]] = ...) -> None: ...
    class Spec(_message.Message):
        __slots__ = ("program", "entrypoint", "target", "shots", "seed", "max_iters", "inputs", "inputs_json", "input_refs", "noise_model", "priority", "compiler", "sweep", "sweep_json", "workload", "dependencies", "metadata", "device_options", "cache")
        class InputRefsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: JobSpec.InputRef
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[JobSpec.InputRef, _Mapping]] = ...) -> None: ...
        class MetadataEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        PROGRAM_FIELD_NUMBER: _ClassVar[int]
        ENTRYPOINT_FIELD_NUMBER: _ClassVar[int]
        TARGET_FIELD_NUMBER: _ClassVar[int]
        SHOTS_FIELD_NUMBER: _ClassVar[int]
        SEED_FIELD_NUMBER: _ClassVar[int]
        MAX_ITERS_FIELD_NUMBER: _ClassVar[int]
        INPUTS_FIELD_NUMBER: _ClassVar[int]
        INPUTS_JSON_FIELD_NUMBER: _ClassVar[int]
        INPUT_REFS_FIELD_NUMBER: _ClassVar[int]
        NOISE_MODEL_FIELD_NUMBER: _ClassVar[int]
        PRIORITY_FIELD_NUMBER: _ClassVar[int]
        COMPILER_FIELD_NUMBER: _ClassVar[int]
        SWEEP_FIELD_NUMBER: _ClassVar[int]
        SWEEP_JSON_FIELD_NUMBER: _ClassVar[int]
        WORKLOAD_FIELD_NUMBER: _ClassVar[int]
        DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
        METADATA_FIELD_NUMBER: _ClassVar[int]
        DEVICE_OPTIONS_FIELD_NUMBER: _ClassVar[int]
        CACHE_FIELD_NUMBER: _ClassVar[int]
        program: JobSpec.Program
        entrypoint: str
        target: str
        shots: int
        seed: int
        max_iters: int
        inputs: _struct_pb2.Struct
        inputs_json: bytes
        input_refs: _containers.MessageMap[str, JobSpec.InputRef]
        noise_model: str
        priority: int
        compiler: JobSpec.Compiler
        sweep: _struct_pb2.Struct
        sweep_json: bytes
        workload: JobSpec.Workload
        dependencies: _containers.RepeatedScalarFieldContainer[str]
        metadata: _containers.ScalarMap[str, str]
        device_options: _struct_pb2.Struct
        cache: str
        def __init__(self, program: _Optional[_Union[JobSpec.Program, _Mapping]] = ..., entrypoint: _Optional[str] = ..., target: _Optional[str] = ..., shots: _Optional[int] = ..., seed: _Optional[int] = ..., max_iters: _Optional[int] = ..., inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., inputs_json: _Optional[bytes] = ..., input_refs: _Optional[_Mapping[str, JobSpec.InputRef]] = ..., noise_model: _Optional[str] = ..., priority: _Optional[int] = ..., compiler: _Optional[_Union[JobSpec.Compiler, _Mapping]] = ..., sweep: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., sweep_json: _Optional[bytes] = ..., workload: _Optional[_Union[JobSpec.Workload, _Mapping]] = ..., dependencies: _Optional[_Iterable[str]] = ..., metadata: _Optional[_Mapping[str, str]] = ..., device_options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., cache: _Optional[str] = ...) -> None: ...
    class Program(_message.Message):
        __slots__ = ("path", "source", "ref", "format", "sha256")
        PATH_FIELD_NUMBER: _ClassVar[int]
        SOURCE_FIELD_NUMBER: _ClassVar[int]
        REF_FIELD_NUMBER: _ClassVar[int]
        FORMAT_FIELD_NUMBER: _ClassVar[int]
        SHA256_FIELD_NUMBER: _ClassVar[int]
        path: str
        source: str
        ref: str
        format: str
        sha256: str
        def __init__(self, path: _Optional[str] = ..., source: _Optional[str] = ..., ref: _Optional[str] = ..., format: _Optional[str] = ..., sha256: _Optional[str] = ...) -> None: ...
    class InputRef(_message.Message):
        __slots__ = ("uri", "sha256")
        URI_FIELD_NUMBER: _ClassVar[int]
        SHA256_FIELD_NUMBER: _ClassVar[int]
        uri: str
        sha256: str
        def __init__(self, uri: _Optional[str] = ..., sha256: _Optional[str] = ...) -> None: ...
    class Compiler(_message.Message):
        __slots__ = ("optimization_level", "basis", "layout", "verify", "schedule", "decouple", "tolerance")
        OPTIMIZATION_LEVEL_FIELD_NUMBER: _ClassVar[int]
        BASIS_FIELD_NUMBER: _ClassVar[int]
        LAYOUT_FIELD_NUMBER: _ClassVar[int]
        VERIFY_FIELD_NUMBER: _ClassVar[int]
        SCHEDULE_FIELD_NUMBER: _ClassVar[int]
        DECOUPLE_FIELD_NUMBER: _ClassVar[int]
        TOLERANCE_FIELD_NUMBER: _ClassVar[int]
        optimization_level: int
        basis: _containers.RepeatedScalarFieldContainer[str]
        layout: _struct_pb2.Value
        verify: bool
        schedule: str
        decouple: str
        tolerance: float
        def __init__(self, optimization_level: _Optional[int] = ..., basis: _Optional[_Iterable[str]] = ..., layout: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., verify: _Optional[bool] = ..., schedule: _Optional[str] = ..., decouple: _Optional[str] = ..., tolerance: _Optional[float] = ...) -> None: ...
    class Workload(_message.Message):
        __slots__ = ("kind", "steps", "replay_of", "steps_json", "outputs_json", "on_failure", "parallel")
        KIND_FIELD_NUMBER: _ClassVar[int]
        STEPS_FIELD_NUMBER: _ClassVar[int]
        REPLAY_OF_FIELD_NUMBER: _ClassVar[int]
        STEPS_JSON_FIELD_NUMBER: _ClassVar[int]
        OUTPUTS_JSON_FIELD_NUMBER: _ClassVar[int]
        ON_FAILURE_FIELD_NUMBER: _ClassVar[int]
        PARALLEL_FIELD_NUMBER: _ClassVar[int]
        kind: str
        steps: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
        replay_of: str
        steps_json: bytes
        outputs_json: bytes
        on_failure: str
        parallel: int
        def __init__(self, kind: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ..., replay_of: _Optional[str] = ..., steps_json: _Optional[bytes] = ..., outputs_json: _Optional[bytes] = ..., on_failure: _Optional[str] = ..., parallel: _Optional[int] = ...) -> None: ...
    class Runtime(_message.Message):
        __slots__ = ("retry", "timeout", "isolation", "delivery")
        RETRY_FIELD_NUMBER: _ClassVar[int]
        TIMEOUT_FIELD_NUMBER: _ClassVar[int]
        ISOLATION_FIELD_NUMBER: _ClassVar[int]
        DELIVERY_FIELD_NUMBER: _ClassVar[int]
        retry: JobSpec.Retry
        timeout: JobSpec.Timeout
        isolation: str
        delivery: str
        def __init__(self, retry: _Optional[_Union[JobSpec.Retry, _Mapping]] = ..., timeout: _Optional[_Union[JobSpec.Timeout, _Mapping]] = ..., isolation: _Optional[str] = ..., delivery: _Optional[str] = ...) -> None: ...
    class Retry(_message.Message):
        __slots__ = ("max_attempts", "backoff")
        MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
        BACKOFF_FIELD_NUMBER: _ClassVar[int]
        max_attempts: int
        backoff: float
        def __init__(self, max_attempts: _Optional[int] = ..., backoff: _Optional[float] = ...) -> None: ...
    class Timeout(_message.Message):
        __slots__ = ("queue_seconds", "execution_seconds")
        QUEUE_SECONDS_FIELD_NUMBER: _ClassVar[int]
        EXECUTION_SECONDS_FIELD_NUMBER: _ClassVar[int]
        queue_seconds: float
        execution_seconds: float
        def __init__(self, queue_seconds: _Optional[float] = ..., execution_seconds: _Optional[float] = ...) -> None: ...
    class Resources(_message.Message):
        __slots__ = ("cpu", "memory_mb", "gpu", "quantum")
        CPU_FIELD_NUMBER: _ClassVar[int]
        MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
        GPU_FIELD_NUMBER: _ClassVar[int]
        QUANTUM_FIELD_NUMBER: _ClassVar[int]
        cpu: float
        memory_mb: int
        gpu: int
        quantum: JobSpec.Quantum
        def __init__(self, cpu: _Optional[float] = ..., memory_mb: _Optional[int] = ..., gpu: _Optional[int] = ..., quantum: _Optional[_Union[JobSpec.Quantum, _Mapping]] = ...) -> None: ...
    class Quantum(_message.Message):
        __slots__ = ("qubits", "minimum_fidelity", "max_fidelity_loss")
        QUBITS_FIELD_NUMBER: _ClassVar[int]
        MINIMUM_FIDELITY_FIELD_NUMBER: _ClassVar[int]
        MAX_FIDELITY_LOSS_FIELD_NUMBER: _ClassVar[int]
        qubits: int
        minimum_fidelity: float
        max_fidelity_loss: float
        def __init__(self, qubits: _Optional[int] = ..., minimum_fidelity: _Optional[float] = ..., max_fidelity_loss: _Optional[float] = ...) -> None: ...
    class Scheduling(_message.Message):
        __slots__ = ("policy", "deadline")
        POLICY_FIELD_NUMBER: _ClassVar[int]
        DEADLINE_FIELD_NUMBER: _ClassVar[int]
        policy: str
        deadline: _struct_pb2.Value
        def __init__(self, policy: _Optional[str] = ..., deadline: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    class Budget(_message.Message):
        __slots__ = ("max_cost", "max_shots", "max_seconds")
        MAX_COST_FIELD_NUMBER: _ClassVar[int]
        MAX_SHOTS_FIELD_NUMBER: _ClassVar[int]
        MAX_SECONDS_FIELD_NUMBER: _ClassVar[int]
        max_cost: float
        max_shots: int
        max_seconds: float
        def __init__(self, max_cost: _Optional[float] = ..., max_shots: _Optional[int] = ..., max_seconds: _Optional[float] = ...) -> None: ...
    class Artifacts(_message.Message):
        __slots__ = ("retention",)
        RETENTION_FIELD_NUMBER: _ClassVar[int]
        retention: _struct_pb2.Value
        def __init__(self, retention: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    API_VERSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    SCHEDULING_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    ARTIFACTS_FIELD_NUMBER: _ClassVar[int]
    api_version: str
    kind: str
    metadata: JobSpec.Metadata
    spec: JobSpec.Spec
    runtime: JobSpec.Runtime
    resources: JobSpec.Resources
    scheduling: JobSpec.Scheduling
    budget: JobSpec.Budget
    artifacts: JobSpec.Artifacts
    def __init__(self, api_version: _Optional[str] = ..., kind: _Optional[str] = ..., metadata: _Optional[_Union[JobSpec.Metadata, _Mapping]] = ..., spec: _Optional[_Union[JobSpec.Spec, _Mapping]] = ..., runtime: _Optional[_Union[JobSpec.Runtime, _Mapping]] = ..., resources: _Optional[_Union[JobSpec.Resources, _Mapping]] = ..., scheduling: _Optional[_Union[JobSpec.Scheduling, _Mapping]] = ..., budget: _Optional[_Union[JobSpec.Budget, _Mapping]] = ..., artifacts: _Optional[_Union[JobSpec.Artifacts, _Mapping]] = ...) -> None: ...

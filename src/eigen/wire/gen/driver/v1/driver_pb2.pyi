from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HandshakeRequest(_message.Message):
    __slots__ = ("protocols", "caller", "config_json", "folder", "message_bytes", "threads")
    PROTOCOLS_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    CONFIG_JSON_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    protocols: _containers.RepeatedScalarFieldContainer[int]
    caller: str
    config_json: bytes
    folder: str
    message_bytes: int
    threads: int
    def __init__(self, protocols: _Optional[_Iterable[int]] = ..., caller: _Optional[str] = ..., config_json: _Optional[bytes] = ..., folder: _Optional[str] = ..., message_bytes: _Optional[int] = ..., threads: _Optional[int] = ...) -> None: ...

class HandshakeReply(_message.Message):
    __slots__ = ("protocol", "name", "version")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    name: str
    version: str
    def __init__(self, protocol: _Optional[int] = ..., name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class GetDevicesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetDevicesReply(_message.Message):
    __slots__ = ("devices", "version")
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedCompositeFieldContainer[Device]
    version: str
    def __init__(self, devices: _Optional[_Iterable[_Union[Device, _Mapping]]] = ..., version: _Optional[str] = ...) -> None: ...

class Device(_message.Message):
    __slots__ = ("id", "name", "backend_type", "num_qubits", "gates", "coupling", "features", "max_shots", "status", "queue_depth", "estimated_wait_sec", "properties_json")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BACKEND_TYPE_FIELD_NUMBER: _ClassVar[int]
    NUM_QUBITS_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    COUPLING_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    MAX_SHOTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_WAIT_SEC_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_JSON_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    backend_type: str
    num_qubits: int
    gates: _containers.RepeatedScalarFieldContainer[str]
    coupling: _containers.RepeatedScalarFieldContainer[int]
    features: _containers.RepeatedScalarFieldContainer[str]
    max_shots: int
    status: str
    queue_depth: int
    estimated_wait_sec: float
    properties_json: bytes
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., backend_type: _Optional[str] = ..., num_qubits: _Optional[int] = ..., gates: _Optional[_Iterable[str]] = ..., coupling: _Optional[_Iterable[int]] = ..., features: _Optional[_Iterable[str]] = ..., max_shots: _Optional[int] = ..., status: _Optional[str] = ..., queue_depth: _Optional[int] = ..., estimated_wait_sec: _Optional[float] = ..., properties_json: _Optional[bytes] = ...) -> None: ...

class DeviceRequest(_message.Message):
    __slots__ = ("device_id",)
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    def __init__(self, device_id: _Optional[str] = ...) -> None: ...

class DeviceStatusReply(_message.Message):
    __slots__ = ("status", "queue_depth", "estimated_wait_sec")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_WAIT_SEC_FIELD_NUMBER: _ClassVar[int]
    status: str
    queue_depth: int
    estimated_wait_sec: float
    def __init__(self, status: _Optional[str] = ..., queue_depth: _Optional[int] = ..., estimated_wait_sec: _Optional[float] = ...) -> None: ...

class CalibrateReply(_message.Message):
    __slots__ = ("calibration_json",)
    CALIBRATION_JSON_FIELD_NUMBER: _ClassVar[int]
    calibration_json: bytes
    def __init__(self, calibration_json: _Optional[bytes] = ...) -> None: ...

class Document(_message.Message):
    __slots__ = ("sha256", "data")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    data: bytes
    def __init__(self, sha256: _Optional[bytes] = ..., data: _Optional[bytes] = ...) -> None: ...

class Work(_message.Message):
    __slots__ = ("circuit", "values", "sample", "expectation", "gradient", "probability", "evolution", "modes", "options_json")
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    EXPECTATION_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    EVOLUTION_FIELD_NUMBER: _ClassVar[int]
    MODES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    circuit: Document
    values: _containers.RepeatedScalarFieldContainer[float]
    sample: SampleWork
    expectation: ExpectationWork
    gradient: GradientWork
    probability: ProbabilityWork
    evolution: EvolutionWork
    modes: ModesWork
    options_json: bytes
    def __init__(self, circuit: _Optional[_Union[Document, _Mapping]] = ..., values: _Optional[_Iterable[float]] = ..., sample: _Optional[_Union[SampleWork, _Mapping]] = ..., expectation: _Optional[_Union[ExpectationWork, _Mapping]] = ..., gradient: _Optional[_Union[GradientWork, _Mapping]] = ..., probability: _Optional[_Union[ProbabilityWork, _Mapping]] = ..., evolution: _Optional[_Union[EvolutionWork, _Mapping]] = ..., modes: _Optional[_Union[ModesWork, _Mapping]] = ..., options_json: _Optional[bytes] = ...) -> None: ...

class SampleWork(_message.Message):
    __slots__ = ("shots", "seed")
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    shots: int
    seed: int
    def __init__(self, shots: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class ExpectationWork(_message.Message):
    __slots__ = ("observable", "shots", "seed")
    OBSERVABLE_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    observable: Document
    shots: int
    seed: int
    def __init__(self, observable: _Optional[_Union[Document, _Mapping]] = ..., shots: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class GradientWork(_message.Message):
    __slots__ = ("observable",)
    OBSERVABLE_FIELD_NUMBER: _ClassVar[int]
    observable: Document
    def __init__(self, observable: _Optional[_Union[Document, _Mapping]] = ...) -> None: ...

class ProbabilityWork(_message.Message):
    __slots__ = ("bits", "shots", "seed")
    BITS_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    bits: str
    shots: int
    seed: int
    def __init__(self, bits: _Optional[str] = ..., shots: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class EvolutionWork(_message.Message):
    __slots__ = ("evolution", "shots", "seed", "settings_json")
    EVOLUTION_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    evolution: Document
    shots: int
    seed: int
    settings_json: bytes
    def __init__(self, evolution: _Optional[_Union[Document, _Mapping]] = ..., shots: _Optional[int] = ..., seed: _Optional[int] = ..., settings_json: _Optional[bytes] = ...) -> None: ...

class ModesWork(_message.Message):
    __slots__ = ("modes", "shots", "seed")
    MODES_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    modes: Document
    shots: int
    seed: int
    def __init__(self, modes: _Optional[_Union[Document, _Mapping]] = ..., shots: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("device_id", "key", "works")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    WORKS_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    key: str
    works: _containers.RepeatedCompositeFieldContainer[Work]
    def __init__(self, device_id: _Optional[str] = ..., key: _Optional[str] = ..., works: _Optional[_Iterable[_Union[Work, _Mapping]]] = ...) -> None: ...

class SubmitReply(_message.Message):
    __slots__ = ("handle", "missing")
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    handle: str
    missing: MissingDocuments
    def __init__(self, handle: _Optional[str] = ..., missing: _Optional[_Union[MissingDocuments, _Mapping]] = ...) -> None: ...

class MissingDocuments(_message.Message):
    __slots__ = ("sha256",)
    SHA256_FIELD_NUMBER: _ClassVar[int]
    sha256: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, sha256: _Optional[_Iterable[bytes]] = ...) -> None: ...

class HandleRequest(_message.Message):
    __slots__ = ("handle",)
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    handle: str
    def __init__(self, handle: _Optional[str] = ...) -> None: ...

class PollReply(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class ResultRequest(_message.Message):
    __slots__ = ("handle", "timeout_sec")
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SEC_FIELD_NUMBER: _ClassVar[int]
    handle: str
    timeout_sec: float
    def __init__(self, handle: _Optional[str] = ..., timeout_sec: _Optional[float] = ...) -> None: ...

class ResultReply(_message.Message):
    __slots__ = ("results", "file")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    results: WorkResults
    file: File
    def __init__(self, results: _Optional[_Union[WorkResults, _Mapping]] = ..., file: _Optional[_Union[File, _Mapping]] = ...) -> None: ...

class File(_message.Message):
    __slots__ = ("name", "sha256")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    name: str
    sha256: bytes
    def __init__(self, name: _Optional[str] = ..., sha256: _Optional[bytes] = ...) -> None: ...

class WorkResults(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[WorkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[WorkResult, _Mapping]]] = ...) -> None: ...

class WorkResult(_message.Message):
    __slots__ = ("counts", "value", "standard_error", "gradient", "has_gradient", "execution_time_sec", "metadata_json", "series", "samples")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    STANDARD_ERROR_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    HAS_GRADIENT_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TIME_SEC_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    counts: Counts
    value: float
    standard_error: float
    gradient: _containers.RepeatedScalarFieldContainer[float]
    has_gradient: bool
    execution_time_sec: float
    metadata_json: bytes
    series: Series
    samples: Samples
    def __init__(self, counts: _Optional[_Union[Counts, _Mapping]] = ..., value: _Optional[float] = ..., standard_error: _Optional[float] = ..., gradient: _Optional[_Iterable[float]] = ..., has_gradient: _Optional[bool] = ..., execution_time_sec: _Optional[float] = ..., metadata_json: _Optional[bytes] = ..., series: _Optional[_Union[Series, _Mapping]] = ..., samples: _Optional[_Union[Samples, _Mapping]] = ...) -> None: ...

class Counts(_message.Message):
    __slots__ = ("num_clbits", "keys", "values")
    NUM_CLBITS_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    num_clbits: int
    keys: bytes
    values: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, num_clbits: _Optional[int] = ..., keys: _Optional[bytes] = ..., values: _Optional[_Iterable[int]] = ...) -> None: ...

class Samples(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class Series(_message.Message):
    __slots__ = ("values", "errors", "has_errors")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    HAS_ERRORS_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    errors: _containers.RepeatedScalarFieldContainer[float]
    has_errors: bool
    def __init__(self, values: _Optional[_Iterable[float]] = ..., errors: _Optional[_Iterable[float]] = ..., has_errors: _Optional[bool] = ...) -> None: ...

class AdoptRequest(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class AdoptReply(_message.Message):
    __slots__ = ("handle",)
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    handle: str
    def __init__(self, handle: _Optional[str] = ...) -> None: ...

class CancelReply(_message.Message):
    __slots__ = ("cancelled",)
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    cancelled: bool
    def __init__(self, cancelled: _Optional[bool] = ...) -> None: ...

class HealthRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class HealthReply(_message.Message):
    __slots__ = ("resident_bytes", "running")
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    resident_bytes: int
    running: int
    def __init__(self, resident_bytes: _Optional[int] = ..., running: _Optional[int] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("code", "message", "where", "hint")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    where: str
    hint: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., where: _Optional[str] = ..., hint: _Optional[str] = ...) -> None: ...

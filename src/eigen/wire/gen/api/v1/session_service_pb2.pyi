import datetime

from eigen.wire.gen.api.v1 import job_spec_pb2 as _job_spec_pb2
from eigen.wire.gen.api.v1 import types_pb2 as _types_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenSessionRequest(_message.Message):
    __slots__ = ("eigen_lang", "qasm", "aqo_ref", "target", "parameters", "envelope", "spec", "files")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
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
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    eigen_lang: _types_pb2.EigenLangSource
    qasm: _types_pb2.QasmSource
    aqo_ref: _types_pb2.AqoRef
    target: str
    parameters: _containers.ScalarMap[str, int]
    envelope: _types_pb2.ApiRequestEnvelope
    spec: _job_spec_pb2.JobSpec
    files: _containers.ScalarMap[str, bytes]
    def __init__(self, eigen_lang: _Optional[_Union[_types_pb2.EigenLangSource, _Mapping]] = ..., qasm: _Optional[_Union[_types_pb2.QasmSource, _Mapping]] = ..., aqo_ref: _Optional[_Union[_types_pb2.AqoRef, _Mapping]] = ..., target: _Optional[str] = ..., parameters: _Optional[_Mapping[str, int]] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ..., spec: _Optional[_Union[_job_spec_pb2.JobSpec, _Mapping]] = ..., files: _Optional[_Mapping[str, bytes]] = ...) -> None: ...

class OpenSessionResponse(_message.Message):
    __slots__ = ("session", "warnings")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    session: Session
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("session_id", "device_id", "parameters", "program_sha256", "has_gradient", "expires_at", "seed")
    class Parameter(_message.Message):
        __slots__ = ("name", "length")
        NAME_FIELD_NUMBER: _ClassVar[int]
        LENGTH_FIELD_NUMBER: _ClassVar[int]
        name: str
        length: int
        def __init__(self, name: _Optional[str] = ..., length: _Optional[int] = ...) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_SHA256_FIELD_NUMBER: _ClassVar[int]
    HAS_GRADIENT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    device_id: str
    parameters: _containers.RepeatedCompositeFieldContainer[Session.Parameter]
    program_sha256: str
    has_gradient: bool
    expires_at: _timestamp_pb2.Timestamp
    seed: int
    def __init__(self, session_id: _Optional[str] = ..., device_id: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[Session.Parameter, _Mapping]]] = ..., program_sha256: _Optional[str] = ..., has_gradient: _Optional[bool] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seed: _Optional[int] = ...) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("session_id", "values", "index", "gradient", "envelope")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    values: _containers.RepeatedCompositeFieldContainer[NamedValues]
    index: int
    gradient: bool
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, session_id: _Optional[str] = ..., values: _Optional[_Iterable[_Union[NamedValues, _Mapping]]] = ..., index: _Optional[int] = ..., gradient: _Optional[bool] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class NamedValues(_message.Message):
    __slots__ = ("name", "values", "array")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    ARRAY_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.RepeatedScalarFieldContainer[float]
    array: bool
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[float]] = ..., array: _Optional[bool] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("evaluation",)
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    evaluation: Evaluation
    def __init__(self, evaluation: _Optional[_Union[Evaluation, _Mapping]] = ...) -> None: ...

class Evaluation(_message.Message):
    __slots__ = ("session_id", "index", "outputs_json", "gradient", "counts", "seed", "metadata_json")
    class Gradient(_message.Message):
        __slots__ = ("values",)
        VALUES_FIELD_NUMBER: _ClassVar[int]
        values: _containers.RepeatedCompositeFieldContainer[NamedValues]
        def __init__(self, values: _Optional[_Iterable[_Union[NamedValues, _Mapping]]] = ...) -> None: ...
    class Counts(_message.Message):
        __slots__ = ("counts",)
        class CountsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: int
            def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
        COUNTS_FIELD_NUMBER: _ClassVar[int]
        counts: _containers.ScalarMap[str, int]
        def __init__(self, counts: _Optional[_Mapping[str, int]] = ...) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_JSON_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    index: int
    outputs_json: bytes
    gradient: Evaluation.Gradient
    counts: Evaluation.Counts
    seed: int
    metadata_json: bytes
    def __init__(self, session_id: _Optional[str] = ..., index: _Optional[int] = ..., outputs_json: _Optional[bytes] = ..., gradient: _Optional[_Union[Evaluation.Gradient, _Mapping]] = ..., counts: _Optional[_Union[Evaluation.Counts, _Mapping]] = ..., seed: _Optional[int] = ..., metadata_json: _Optional[bytes] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("session_id", "envelope")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, session_id: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class CloseSessionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

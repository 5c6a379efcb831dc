from eigen.wire.gen.api.v1 import job_spec_pb2 as _job_spec_pb2
from eigen.wire.gen.api.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CompileCircuitRequest(_message.Message):
    __slots__ = ("eigen_lang", "qasm", "aqo_ref", "target", "envelope", "spec", "files")
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
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    eigen_lang: _types_pb2.EigenLangSource
    qasm: _types_pb2.QasmSource
    aqo_ref: _types_pb2.AqoRef
    target: str
    envelope: _types_pb2.ApiRequestEnvelope
    spec: _job_spec_pb2.JobSpec
    files: _containers.ScalarMap[str, bytes]
    def __init__(self, eigen_lang: _Optional[_Union[_types_pb2.EigenLangSource, _Mapping]] = ..., qasm: _Optional[_Union[_types_pb2.QasmSource, _Mapping]] = ..., aqo_ref: _Optional[_Union[_types_pb2.AqoRef, _Mapping]] = ..., target: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ..., spec: _Optional[_Union[_job_spec_pb2.JobSpec, _Mapping]] = ..., files: _Optional[_Mapping[str, bytes]] = ...) -> None: ...

class CompileCircuitResponse(_message.Message):
    __slots__ = ("program_json", "circuit_aqo", "report_json", "warnings")
    PROGRAM_JSON_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_AQO_FIELD_NUMBER: _ClassVar[int]
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    program_json: bytes
    circuit_aqo: bytes
    report_json: bytes
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, program_json: _Optional[bytes] = ..., circuit_aqo: _Optional[bytes] = ..., report_json: _Optional[bytes] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class OptimizeCircuitRequest(_message.Message):
    __slots__ = ("aqo_json", "aqo_ref", "level", "target", "envelope")
    AQO_JSON_FIELD_NUMBER: _ClassVar[int]
    AQO_REF_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    aqo_json: bytes
    aqo_ref: _types_pb2.AqoRef
    level: int
    target: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, aqo_json: _Optional[bytes] = ..., aqo_ref: _Optional[_Union[_types_pb2.AqoRef, _Mapping]] = ..., level: _Optional[int] = ..., target: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class OptimizeCircuitResponse(_message.Message):
    __slots__ = ("circuit_aqo", "report_json")
    CIRCUIT_AQO_FIELD_NUMBER: _ClassVar[int]
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    circuit_aqo: bytes
    report_json: bytes
    def __init__(self, circuit_aqo: _Optional[bytes] = ..., report_json: _Optional[bytes] = ...) -> None: ...

class ValidateCircuitRequest(_message.Message):
    __slots__ = ("eigen_lang", "qasm", "aqo_ref", "aqo_json", "target", "envelope")
    EIGEN_LANG_FIELD_NUMBER: _ClassVar[int]
    QASM_FIELD_NUMBER: _ClassVar[int]
    AQO_REF_FIELD_NUMBER: _ClassVar[int]
    AQO_JSON_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    eigen_lang: _types_pb2.EigenLangSource
    qasm: _types_pb2.QasmSource
    aqo_ref: _types_pb2.AqoRef
    aqo_json: bytes
    target: str
    envelope: _types_pb2.ApiRequestEnvelope
    def __init__(self, eigen_lang: _Optional[_Union[_types_pb2.EigenLangSource, _Mapping]] = ..., qasm: _Optional[_Union[_types_pb2.QasmSource, _Mapping]] = ..., aqo_ref: _Optional[_Union[_types_pb2.AqoRef, _Mapping]] = ..., aqo_json: _Optional[bytes] = ..., target: _Optional[str] = ..., envelope: _Optional[_Union[_types_pb2.ApiRequestEnvelope, _Mapping]] = ...) -> None: ...

class ValidateCircuitResponse(_message.Message):
    __slots__ = ("valid", "diagnostics", "error_json")
    VALID_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    ERROR_JSON_FIELD_NUMBER: _ClassVar[int]
    valid: bool
    diagnostics: _containers.RepeatedCompositeFieldContainer[Diagnostic]
    error_json: bytes
    def __init__(self, valid: _Optional[bool] = ..., diagnostics: _Optional[_Iterable[_Union[Diagnostic, _Mapping]]] = ..., error_json: _Optional[bytes] = ...) -> None: ...

class Diagnostic(_message.Message):
    __slots__ = ("code", "message", "hint", "line", "column", "severity")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    hint: str
    line: int
    column: int
    severity: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., severity: _Optional[str] = ...) -> None: ...

"""CompilationService: the compiler alone. Nothing runs and nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.api.grpc.programs import apart, plain_document, program_of, program_text, referred
from eigen.api.validation import validate
from eigen.errors import EigenError
from eigen.jobspec import from_document
from eigen.wire.convert.sessions import compiled_to_wire, optimized_to_wire
from eigen.wire.convert.values import to_json
from eigen.wire.messages import compilation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.api.grpc.call import Call

DEFAULT_LEVEL = 1


async def compile_circuit(call: Call, request: compilation.CompileCircuitRequest) -> compilation.CompileCircuitResponse:
    """A program as the kernel would keep it."""
    job = await program_of(call, request)
    document = await call.service.compile(call.caller, job)
    return compiled_to_wire(document, job.warnings)


async def optimize(call: Call, request: compilation.OptimizeCircuitRequest) -> compilation.OptimizeCircuitResponse:
    """A circuit, simplified and lowered to a device."""
    if request.WhichOneof("circuit") is None:
        raise EigenError("EIGEN_REQUEST_INVALID", "the circuit is missing", where="aqo_json")
    circuit = request.aqo_json
    if request.HasField("aqo_ref"):
        circuit = await referred(call, request.aqo_ref)
    level = request.level if request.HasField("level") else DEFAULT_LEVEL
    document = await call.service.optimize(call.caller, circuit, level=level, target=request.target)
    return optimized_to_wire(document)


async def validate_circuit(
    call: Call, request: compilation.ValidateCircuitRequest
) -> compilation.ValidateCircuitResponse:
    """Whether a program compiles; if it does not, that is the answer and no failure of the call."""
    text, kind = await program_text(call, request)
    job = await apart(request.ByteSize(), from_document, plain_document(request, kind), program=text)
    verdict = await validate(call.service, call.caller, job)
    if verdict.error is None:
        report: Mapping[str, Any] = verdict.report or {}
        return compilation.ValidateCircuitResponse(valid=True, diagnostics=_diagnostics(report.get("diagnostics", ())))
    found = _diagnostics(verdict.error.details.get("diagnostics", []))
    if not found:
        error = verdict.error
        found = [_diagnostic(error.to_json())]
    return compilation.ValidateCircuitResponse(diagnostics=found, error_json=to_json(verdict.error.to_json()))


def _diagnostics(entries: Iterable[Any]) -> list[compilation.Diagnostic]:
    return [_diagnostic(entry) for entry in entries]


def _diagnostic(entry: Mapping[str, Any]) -> compilation.Diagnostic:
    """A diagnostic of the language; its columns count from 0, those of the wire from 1."""
    span: Mapping[str, Any] = entry.get("span") or {}
    return compilation.Diagnostic(
        code=str(entry.get("code", "")),
        message=str(entry.get("message", "")),
        hint=str(entry.get("hint", "")),
        line=int(span.get("line", 0)),
        column=int(span["column"]) + 1 if "column" in span else 0,
        severity=str(entry.get("severity", "error")),
    )


OPERATIONS = {
    "CompileCircuit": compile_circuit,
    "OptimizeCircuit": optimize,
    "ValidateCircuit": validate_circuit,
}

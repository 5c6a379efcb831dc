"""Sessions, their evaluations and compiled programs on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.types import CompiledDocument, Evaluation, Session
from eigen.wire import messages
from eigen.wire.convert.values import from_json, moment, text_of, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.types import Json


def session_to_wire(session: Session) -> messages.sessions.Session:
    """A session that was opened."""
    kind = messages.sessions.Session.Parameter
    return messages.sessions.Session(
        session_id=session.session_id,
        device_id=session.device_id,
        parameters=[kind(name=name, length=length) for name, length in session.parameters],
        program_sha256=session.program_sha256,
        has_gradient=session.has_gradient,
        expires_at=moment(session.expires_at),
        seed=session.seed,
    )


def session_from_wire(message: messages.sessions.Session) -> Session:
    """The session that `session_to_wire` wrote."""
    return Session(
        session_id=message.session_id,
        device_id=message.device_id,
        parameters=tuple((entry.name, entry.length) for entry in message.parameters),
        program_sha256=message.program_sha256,
        has_gradient=message.has_gradient,
        expires_at=text_of(message, "expires_at"),
        seed=message.seed,
    )


def values_to_wire(values: Mapping[str, Json]) -> list[messages.sessions.NamedValues]:
    """Numbers and flat arrays of numbers by name; EIGEN_REQUEST_INVALID for anything else."""
    found: list[messages.sessions.NamedValues] = []
    for name, value in values.items():
        is_array = isinstance(value, list | tuple)
        given: list[Any] = list(value) if is_array else [value]  # pyright: ignore[reportUnknownArgumentType]
        try:
            numbers = [float(item) for item in given]
        except (TypeError, ValueError, OverflowError) as error:
            message = f"the value of `{name}` is not a number or a list of numbers"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where=name) from error
        found.append(messages.sessions.NamedValues(name=name, values=numbers, array=is_array))
    return found


def values_from_wire(entries: Iterable[messages.sessions.NamedValues]) -> dict[str, Json]:
    """The values by name; EIGEN_REQUEST_INVALID for a name that occurs twice, or a number that is none or several."""
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.name in found:
            raise EigenError("EIGEN_REQUEST_INVALID", f"the parameter `{entry.name[:80]}` is given twice")
        if not entry.array and len(entry.values) != 1:
            message = f"the parameter `{entry.name[:80]}` is given {len(entry.values)} numbers"
            raise EigenError("EIGEN_REQUEST_INVALID", message, hint="set `array` for an array")
        found[entry.name] = list(entry.values) if entry.array else entry.values[0]
    return found


def evaluation_to_wire(evaluation: Evaluation) -> messages.sessions.Evaluation:
    """What one evaluation gave."""
    kind = messages.sessions.Evaluation
    gradient = None if evaluation.gradient is None else kind.Gradient(values=values_to_wire(evaluation.gradient))
    return kind(
        session_id=evaluation.session_id,
        index=evaluation.index,
        outputs_json=to_json(evaluation.outputs),
        gradient=gradient,
        counts=None if evaluation.counts is None else kind.Counts(counts=evaluation.counts),
        seed=evaluation.seed,
        metadata_json=to_json(dict(evaluation.metadata)),
    )


def evaluation_from_wire(message: messages.sessions.Evaluation) -> Evaluation:
    """The evaluation that `evaluation_to_wire` wrote."""
    return Evaluation(
        session_id=message.session_id,
        index=message.index,
        outputs=from_json(message.outputs_json),
        gradient=values_from_wire(message.gradient.values) if message.HasField("gradient") else None,
        counts=dict(message.counts.counts) if message.HasField("counts") else None,
        seed=message.seed,
        metadata=from_json(message.metadata_json) if message.metadata_json else {},
    )


def compiled_to_wire(
    document: CompiledDocument, warnings: Sequence[str] = ()
) -> messages.compilation.CompileCircuitResponse:
    """A compiled program."""
    return messages.compilation.CompileCircuitResponse(
        program_json=document.program,
        circuit_aqo=document.circuit,
        report_json=to_json(dict(document.report)),
        warnings=warnings,
    )


def compiled_from_wire(message: messages.compilation.CompileCircuitResponse) -> CompiledDocument:
    """The program that `compiled_to_wire` wrote."""
    return CompiledDocument(
        program=message.program_json,
        circuit=message.circuit_aqo if message.HasField("circuit_aqo") else None,
        report=from_json(message.report_json),
    )


def optimized_to_wire(document: CompiledDocument) -> messages.compilation.OptimizeCircuitResponse:
    """An optimised circuit."""
    return messages.compilation.OptimizeCircuitResponse(
        circuit_aqo=document.circuit or b"", report_json=to_json(dict(document.report))
    )


def optimized_from_wire(message: messages.compilation.OptimizeCircuitResponse) -> CompiledDocument:
    """The circuit that `optimized_to_wire` wrote; there is no program."""
    return CompiledDocument(program=b"", circuit=message.circuit_aqo, report=from_json(message.report_json))

"""SessionService: a program held open for an optimiser on the caller's side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.api.grpc.call import SURFACE
from eigen.api.grpc.programs import program_of
from eigen.wire.convert import sessions as convert
from eigen.wire.messages import sessions

if TYPE_CHECKING:
    from eigen.api.grpc.call import Call


async def open_session(call: Call, request: sessions.OpenSessionRequest) -> sessions.OpenSessionResponse:
    """Compile, place and lower a program whose parameters stay open."""
    job = await program_of(call, request)
    session = await call.service.open_session(call.caller, job, dict(request.parameters), surface=SURFACE)
    return sessions.OpenSessionResponse(session=convert.session_to_wire(session), warnings=job.warnings)


async def evaluate(call: Call, request: sessions.EvaluateRequest) -> sessions.EvaluateResponse:
    """Run it at these values."""
    evaluation = await call.service.evaluate(
        call.caller,
        request.session_id,
        convert.values_from_wire(request.values),
        index=request.index if request.HasField("index") else None,
        gradient=request.gradient,
    )
    return sessions.EvaluateResponse(evaluation=convert.evaluation_to_wire(evaluation))


async def close(call: Call, request: sessions.CloseSessionRequest) -> sessions.CloseSessionResponse:
    """Forget it."""
    await call.service.close_session(call.caller, request.session_id)
    return sessions.CloseSessionResponse()


OPERATIONS = {"OpenSession": open_session, "Evaluate": evaluate, "CloseSession": close}

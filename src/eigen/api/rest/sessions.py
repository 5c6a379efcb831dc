"""Sessions: a program compiled, placed and lowered once, evaluated at many parameter values."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from eigen.api.rest import forms
from eigen.api.rest.bodies import Body, reading
from eigen.api.rest.door import SURFACE, Asking, Serving, known_query
from eigen.api.rest.openapi import says, takes
from eigen.api.rest.submissions import ProgramBody, job_of

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], dependencies=[Depends(known_query)])
SessionId = Annotated[str, Path(description="the id of the session")]
MAX_SEQ = 2**63 - 1


class SessionBody(ProgramBody):
    """A job, and the parameters of its entry point that stay open."""

    parameters: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(
        description="by name, how many numbers each takes: 0 is a single number, n an array of n"
    )


class EvaluateBody(Body):
    """Where to evaluate."""

    values: dict[str, Any] = Field(description="by name, a number or an array of numbers for every open parameter")
    index: int | None = Field(
        default=None, ge=0, le=MAX_SEQ, description="the same index has the same seed; null takes the next one"
    )
    gradient: bool = Field(default=False, description="also the derivatives of the number that the program returns")


@router.post(
    "",
    operation_id="OpenSession",
    status_code=201,
    response_model=forms.Session,
    responses=says(400, 401, 403, 404, 409, 412, 415, 422, 429, created="the session"),
    openapi_extra=takes(SessionBody),
)
async def open_session(
    asking: Asking, service: Serving, body: Annotated[SessionBody, Depends(reading(SessionBody))]
) -> Response:
    """Compile, place and lower a program whose parameters stay open."""
    job = await job_of(body)
    session = await service.open_session(asking, job, body.parameters, surface=SURFACE)
    where = f"/v1/sessions/{session.session_id}"
    return JSONResponse(forms.session(session), status_code=201, headers={"Location": where})


@router.post(
    "/{session_id}/evaluations",
    operation_id="Evaluate",
    response_model=forms.Evaluation,
    responses=says(400, 401, 403, 404, 409, 412, 415, 429),
    openapi_extra=takes(EvaluateBody),
)
async def evaluate(
    session_id: SessionId,
    asking: Asking,
    service: Serving,
    body: Annotated[EvaluateBody, Depends(reading(EvaluateBody))],
) -> Response:
    """Run the session's program at these values."""
    found = await service.evaluate(asking, session_id, body.values, index=body.index, gradient=body.gradient)
    return JSONResponse(forms.evaluation(found))


@router.delete(
    "/{session_id}",
    operation_id="CloseSession",
    status_code=204,
    response_class=Response,
    responses=says(400, 401, 403),
)
async def close_session(session_id: SessionId, asking: Asking, service: Serving) -> Response:
    """Forget a session; one that is not there is no error."""
    await service.close_session(asking, session_id)
    return Response(status_code=204)

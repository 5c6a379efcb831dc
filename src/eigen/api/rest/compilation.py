"""Compiling without running: nothing is kept."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from eigen.api.rest import forms
from eigen.api.rest.bodies import Body, reading
from eigen.api.rest.door import Asking, Serving, known_query
from eigen.api.rest.openapi import says, takes
from eigen.api.rest.submissions import ProgramBody, job_of, program_of
from eigen.api.validation import validate

router = APIRouter(prefix="/v1", tags=["compilation"], dependencies=[Depends(known_query)])


class EstimateBody(ProgramBody):
    """A job, and where it is asked about."""

    targets: list[str] = Field(
        default_factory=list,
        description="names of devices, or shapes such as `line:20`; every device when there are none",
    )


class OptimizeBody(Body):
    """A circuit, and what to do with it."""

    circuit: dict[str, Any] = Field(description="the circuit as an AQO document")
    level: int = Field(default=2, ge=0, le=3, description="how hard to try: 0 (nothing) to 3")
    target: str = Field(default="", description="the device to lower to; empty: the circuit keeps its gates and qubits")


@router.post(
    "/compile",
    operation_id="CompileCircuit",
    response_model=forms.Compiled,
    responses=says(400, 401, 403, 412, 415, 422, 429),
    openapi_extra=takes(ProgramBody, yaml=True),
)
async def compile_program(request: Request, asking: Asking, service: Serving) -> Response:
    """Compile a job's program; a program that does not compile is a problem with its diagnostics."""
    return JSONResponse(forms.compiled(await service.compile(asking, await program_of(request))))


@router.post(
    "/estimate",
    operation_id="EstimateJob",
    response_model=dict[str, object],
    responses=says(400, 401, 403, 404, 412, 415, 422, 429),
    openapi_extra=takes(EstimateBody),
)
async def estimate(
    asking: Asking, service: Serving, body: Annotated[EstimateBody, Depends(reading(EstimateBody))]
) -> Response:
    """What a job would take on each device, before it is submitted: what `eigen estimate --json` prints."""
    return JSONResponse(dict(await service.estimate(asking, await job_of(body), body.targets)))


@router.post(
    "/optimize",
    operation_id="OptimizeCircuit",
    response_model=forms.Optimized,
    responses=says(400, 401, 403, 404, 412, 415, 429),
    openapi_extra=takes(OptimizeBody),
)
async def optimize(
    asking: Asking, service: Serving, body: Annotated[OptimizeBody, Depends(reading(OptimizeBody))]
) -> Response:
    """Simplify a circuit and lower it to a device."""
    circuit = json.dumps(body.circuit, separators=(",", ":"), ensure_ascii=False).encode()
    found = await service.optimize(asking, circuit, level=body.level, target=body.target)
    return JSONResponse(forms.optimized(found))


@router.post(
    "/validate",
    operation_id="ValidateCircuit",
    response_model=forms.Validation,
    responses=says(400, 401, 403, 412, 415, 422, 429),
    openapi_extra=takes(ProgramBody, yaml=True),
)
async def validate_program(request: Request, asking: Asking, service: Serving) -> Response:
    """Whether a job's program compiles; one that does not is an answer here, not a problem."""
    return JSONResponse(forms.validation(await validate(service, asking, await program_of(request))))

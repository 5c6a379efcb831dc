"""For those who run the server: is it alive, is it ready, what does it count."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from eigen import telemetry
from eigen.api.permissions import require
from eigen.api.rest import forms
from eigen.api.rest.door import Asking, Serving, door_of, known_query
from eigen.api.rest.openapi import says
from eigen.errors import EigenError
from eigen.telemetry.metrics import CONTENT_TYPE

router = APIRouter(tags=["operations"], dependencies=[Depends(known_query)])


@router.get("/healthz", operation_id="Health", response_model=forms.Health, responses=says(400))
async def health() -> Response:
    """The process answers. No token is needed."""
    return JSONResponse(forms.Health(status="ok"))


@router.get("/readyz", operation_id="Ready", response_model=forms.Health, responses=says(400, 503))
async def ready(request: Request, service: Serving) -> Response:
    """Work can be taken: the kernel and its store answer, and the server is not about to stop. No token is needed."""
    if door_of(request).draining.is_set():
        raise EigenError("EIGEN_SERVER_UNREACHABLE", "the server is stopping")
    await service.ready()
    return JSONResponse(forms.Health(status="ready"))


@router.get(
    "/metrics",
    operation_id="Metrics",
    response_class=Response,
    responses=says(400, 401, 403, content={"text/plain": {"schema": {"type": "string"}}}),
)
async def metrics(asking: Asking) -> Response:
    """The metrics in the text format of Prometheus; needs the permission `metrics:read`."""
    require(asking, "metrics:read")
    return Response(telemetry.exposition(), headers={"Content-Type": CONTENT_TYPE})

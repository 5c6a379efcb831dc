"""What the framework refuses, in our words: unknown routes, wrong methods, values that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from eigen.api.rest.problems import answer, invalid
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

MAX_SHOWN = 20


def install(app: FastAPI) -> None:
    """Make every refusal of the app a problem."""
    app.add_exception_handler(EigenError, _ours)
    app.add_exception_handler(RequestValidationError, _misfit)
    app.add_exception_handler(HTTPException, _refused)


def misfits(errors: Iterable[Mapping[str, Any]], *, drop: int = 0) -> EigenError:
    """One error for everything that pydantic complains about; `drop` leaves out the first parts of each path."""
    found: list[dict[str, str]] = []
    for error in errors:
        place = _path(error["loc"][drop:])
        found.append({"field": place, "description": str(error["msg"])})
        if len(found) == MAX_SHOWN:
            break
    said = "; ".join(f"{entry['field']}: {entry['description']}" for entry in found)
    first = found[0]["field"] if found else ""
    return EigenError("EIGEN_REQUEST_INVALID", said, where=first, details={"field_violations": found})


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, EigenError)
    return answer(error, asked=request.headers.get("authorization", ""))


async def _misfit(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(misfits(cast("Sequence[Mapping[str, Any]]", error.errors()), drop=1))


async def _refused(request: Request, error: Exception) -> Response:
    """404, 405 and their like keep the status that HTTP has for them."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, EigenError):
        return answer(error.__cause__, status=error.status_code)
    path, method = request.url.path[:200], request.method[:20]
    message = {
        404: f"there is nothing at `{path}`",
        405: f"`{method}` is not what `{path}` takes",
    }.get(error.status_code, str(error.detail))
    hint = "`/openapi.json` lists every route" if error.status_code in (404, 405) else ""
    return answer(invalid(message, hint=hint), status=error.status_code, headers=error.headers)


def _path(parts: Sequence[str | int]) -> str:
    shown = ""
    for part in parts:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown[:200] or "(body)"

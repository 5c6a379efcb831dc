"""Errors as RFC 9457 problem+json: the codes and words of `EigenError`, with the HTTP status of its table."""

from __future__ import annotations

import json
from math import ceil
from typing import TYPE_CHECKING, Any, NotRequired

from starlette.responses import Response
from typing_extensions import TypedDict

from eigen.api.disclosure import disclosed
from eigen.errors import ERRORS, EigenError
from eigen.wire.errors import retry_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"


class FieldError(TypedDict):
    """What is wrong with one field of the request; `field` is its path, as in `spec.inputs.theta[2]`."""

    field: str
    description: str
    kind: NotRequired[str]
    hint: NotRequired[str]
    line: NotRequired[int]
    source: NotRequired[str]
    column: NotRequired[int]


class Problem(TypedDict):
    """A problem (RFC 9457): the same code, message and hint as on every other surface."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: NotRequired[str]
    hint: NotRequired[str]
    errors: NotRequired[list[FieldError]]
    details: NotRequired[dict[str, Any]]
    retry_after: NotRequired[int]


def problem(error: EigenError, *, status: int | None = None) -> Problem:
    """The problem of an error; `status` where HTTP has a more exact one than the table."""
    error = disclosed(error)
    form = Problem(
        type=f"urn:eigen:error:{error.code}",
        title=ERRORS[error.code].summary,
        status=status or (422 if _asks_too_much(error) else error.status.http),
        detail=error.message,
        code=error.code,
    )
    if error.where:
        form["where"] = error.where
    if error.hint:
        form["hint"] = error.hint
    details = dict(error.details)
    if violations := details.pop("field_violations", None):
        form["errors"] = violations
    if details:
        form["details"] = details
    seconds = retry_seconds(error)
    if seconds is not None:
        form["retry_after"] = ceil(seconds)
    return form


def _asks_too_much(error: EigenError) -> bool:
    """Whether a document asks for what this installation lacks: its author can change that, so it is no 501."""
    return error.code == "EIGEN_NOT_AVAILABLE" and "field_violations" in error.details


def answer(
    error: EigenError, *, status: int | None = None, headers: Mapping[str, str] | None = None, asked: str = ""
) -> Response:
    """The response that tells of an error; `asked` is the request's authorization header."""
    form = problem(error, status=status)
    sent = dict(headers or {})
    if form["status"] == 401:
        sent["WWW-Authenticate"] = 'Bearer realm="eigen"' + (', error="invalid_token"' if asked else "")
    if "retry_after" in form:
        sent["Retry-After"] = str(form["retry_after"])
    body = json.dumps(form, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return Response(body, status_code=form["status"], headers=sent, media_type=MEDIA_TYPE)


def invalid(message: str, *, where: str = "", hint: str = "") -> EigenError:
    """A malformed request."""
    return EigenError("EIGEN_REQUEST_INVALID", message, where=where, hint=hint)

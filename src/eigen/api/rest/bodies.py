"""Reading a request's body: its media type, strict JSON, and the shape that the route asks for."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException

from eigen.api.rest.problems import invalid
from eigen.api.rest.refusals import misfits
from eigen.jobspec.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 100
MAX_VALUES = 4_000_000
LARGE_BYTES = 256 * 1024  # parsed in a thread, so that others are not kept waiting
JSON = "application/json"
YAML = "application/yaml"

M = TypeVar("M", bound="Body")


class Body(BaseModel):
    """A JSON object in which every key is known and has its exact type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def reading(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """The dependency that reads a JSON body of this shape."""

    async def read(request: Request) -> M:
        media_type(request, JSON)
        return shaped(model, await json_value(request))

    return read


def media_type(request: Request, *accepted: str) -> str:
    """The body's media type, without parameters; 415 when it is another one."""
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in accepted:
        said = " or ".join(f"`{name}`" for name in accepted)
        error = invalid(f"the body must be {said}, not `{found[:60]}`", where="content-type")
        raise HTTPException(415, error.message) from error
    return found


async def json_value(request: Request) -> Any:
    """The JSON value of the body."""
    data = await request.body()
    read = partial(read_json, data, "body", max_depth=MAX_DEPTH, max_values=MAX_VALUES)
    return await asyncio.to_thread(read) if len(data) > LARGE_BYTES else read()


def shaped(model: type[M], value: Any) -> M:
    """A value in the shape of a model; EIGEN_REQUEST_INVALID with everything that does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise misfits(error.errors(include_url=False, include_context=False, include_input=False)) from error


def decoded(files: Mapping[str, str]) -> dict[str, bytes]:
    """Files sent as base64 text."""
    found: dict[str, bytes] = {}
    for name, text in files.items():
        try:
            found[name] = b64decode(text, validate=True)
        except ValueError as error:
            raise invalid(f"the file `{name[:80]}` is not base64", where=f"files.{name[:80]}") from error
    return found

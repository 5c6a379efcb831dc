"""The OpenAPI document: what the routes say of themselves, plus bodies, problems, security and the job's own schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

if TYPE_CHECKING:
    from fastapi import FastAPI

    from eigen.api.rest.bodies import Body

REF = "#/components/schemas/"
PROBLEM = {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}}
MEANING = {
    204: "nothing more will come",
    304: "the bytes have not changed",
    400: "the request is malformed, or what it asks for is not valid",
    401: "no valid token (`WWW-Authenticate`)",
    403: "the caller may not do that",
    404: "there is no such thing, or it is another tenant's: the answers are the same",
    409: "the device failed",
    412: "the state of things does not allow it (`Retry-After` where waiting helps)",
    415: "the body has another media type",
    416: "the cursor lies outside the job's log",
    422: "the document asks for what this installation does not have",
    429: "a limit is exceeded: the message names it and the value",
    503: "the server cannot take work now (`Retry-After`)",
}
EMPTY = frozenset({204, 304})
EVERYWHERE = {
    500: "a defect of Eigen OS, or stored data that is damaged",
    503: MEANING[503],
    504: "the answer did not come before the deadline (`Request-Timeout`)",
}
HEADERS = {
    "traceparent": "the W3C trace context that the request belongs to",
    "X-Request-Id": "a name for the request, given back with the answer and in the server's log",
    "Request-Timeout": "seconds after which the caller no longer wants an answer; a stream ends then",
}
PUBLIC = frozenset({"/healthz", "/readyz", "/openapi.json"})
EXAMPLE = """\
from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(shots=1000, seed=7)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""


_EXAMPLE_JOB = {
    "apiVersion": "eigen.os/v1",
    "kind": "QuantumJob",
    "metadata": {"name": "bell"},
    "spec": {"program": {"source": EXAMPLE}},
}


def says(*statuses: int, created: str = "", content: dict[str, Any] | None = None) -> dict[int | str, dict[str, Any]]:
    """The responses of a route besides its ordinary one: a problem each, except 204 and 304."""
    said: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        said[status] = {"description": MEANING[status]} | ({} if status in EMPTY else {"content": PROBLEM})
    if created:
        said[201] = {
            "description": created,
            "headers": {"Location": {"description": "its address", "schema": {"type": "string"}}},
        }
    if content is not None:
        said[200] = {"description": "Successful Response", "content": content}
    return said


def takes(model: type[Body], *, yaml: bool = False) -> dict[str, Any]:
    """The request body of a route, for its `openapi_extra`."""
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": f"{REF}{model.__name__}"}}}
    if yaml:
        description = "a job.yaml whose program stands in it"
        content["application/yaml"] = {"schema": {"type": "string", "description": description}}
    if yaml:
        content["application/json"]["example"] = {"job": _EXAMPLE_JOB}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the app."""
    from fastapi.openapi.utils import get_openapi

    document: dict[str, Any] = get_openapi(
        title="Eigen OS",
        version=app.version,
        summary="Hybrid quantum-classical programs, run to the end",
        description=_DESCRIPTION,
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_schemas())
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "an API key, or a token of the OIDC issuer"}
    }
    components["parameters"] = {
        name: {"name": name, "in": "header", "required": False, "description": said, "schema": {"type": "string"}}
        for name, said in HEADERS.items()
    }
    for path, operations in document["paths"].items():
        for operation in cast("dict[str, dict[str, Any]]", operations).values():
            _complete(path, operation)
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    """What holds for every operation: security, common headers, and the answers that may always come."""
    operation["security"] = [] if path in PUBLIC else [{"bearer": []}]
    for parameter in operation.get("parameters", ()):
        _without_null(parameter["schema"])
    operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in HEADERS)
    responses = operation["responses"]
    if responses.get("422", {}).get("description") == "Validation Error":  # FastAPI's own: ours is a 400
        del responses["422"]
    for status, meaning in EVERYWHERE.items():
        responses.setdefault(str(status), {"description": meaning, "content": PROBLEM})
    operation["responses"] = dict(sorted(responses.items()))


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter is left out, never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.update(kinds[0])


def _schemas() -> dict[str, Any]:
    """The schemas that FastAPI does not see: bodies, problems, and the documents of jobs."""
    from eigen.api.graphql.http import GraphQLBody
    from eigen.api.rest.compilation import OptimizeBody
    from eigen.api.rest.devices import ReserveBody
    from eigen.api.rest.problems import Problem
    from eigen.api.rest.sessions import EvaluateBody, SessionBody
    from eigen.api.rest.submissions import ProgramBody, SubmitBody

    bodies = (SubmitBody, ProgramBody, OptimizeBody, ReserveBody, SessionBody, EvaluateBody, GraphQLBody)
    _, found = models_json_schema([(body, "validation") for body in bodies], ref_template=REF + "{model}")
    schemas: dict[str, Any] = dict(found["$defs"])
    for name in ("ProgramBody", "SubmitBody", "SessionBody"):
        schemas[name]["properties"]["job"] = {"$ref": f"{REF}JobDocument"}
    problem = TypeAdapter(Problem).json_schema(ref_template=REF + "{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    return schemas | _job_document()


def _job_document() -> dict[str, Any]:
    """The published schema of job.yaml, its parts as schemas of their own."""
    from eigen.jobspec import job_schema

    schema = job_schema()
    names = {"v1": "JobV1", "v0.1": "JobV01", "on_job": "JobShort"}
    parts = {names[name]: part for name, part in schema["$defs"].items()}
    forms = [{"$ref": REF + name} for name in parts]
    return {"JobDocument": {"title": "JobDocument", "description": "a job.yaml as JSON", "oneOf": forms}, **parts}


_DESCRIPTION = """\
Submit programs, follow them, and read what they left. The same operations exist as gRPC (`eigen.api.v1`) and as
GraphQL (`POST /graphql`).

Errors are `application/problem+json` (RFC 9457) with the stable `code` that every surface uses. Whole numbers are
written in full, up to 64 bits. Times are RFC 3339 in UTC. Unknown query parameters and unknown keys of a body are
errors.
"""

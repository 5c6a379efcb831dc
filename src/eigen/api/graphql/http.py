"""`POST /graphql`: one operation a request, as JSON (GraphQL over HTTP). Not a browser's toy: there is no page here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from strawberry.types.execution import PreExecutionError

from eigen.api.graphql.context import Context
from eigen.api.graphql.schema import Graph
from eigen.api.rest.bodies import Body, reading
from eigen.api.rest.door import Asking, door_of, known_query, plain_headers
from eigen.api.rest.openapi import says, takes
from eigen.errors import EigenError

GRAPHQL_JSON = "application/graphql-response+json"


class GraphQLBody(Body):
    """One GraphQL operation."""

    query: str = Field(min_length=1, description="the document, at most 64 Ki characters")
    variables: dict[str, Any] | None = Field(default=None, description="the values of its variables")
    operationName: str | None = Field(  # noqa: N815  # the name that GraphQL gives it
        default=None, description="which of several operations to execute"
    )
    extensions: dict[str, Any] | None = Field(default=None, description="none are known: leave it out, or empty")


def make_router(schema: Graph) -> APIRouter:
    """The route that answers operations of a schema."""
    router = APIRouter(tags=["graphql"], dependencies=[Depends(known_query)])

    @router.post(
        "/graphql",
        operation_id="GraphQL",
        response_model=dict[str, object],
        responses=says(400, 401, 403, 415, 429),
        openapi_extra=takes(GraphQLBody),
    )
    async def graphql(  # pyright: ignore[reportUnusedFunction]  # FastAPI uses it
        request: Request,
        _asking: Asking,
        body: Annotated[GraphQLBody, Depends(reading(GraphQLBody))],
        accept: Annotated[str, Header(description=f"`{GRAPHQL_JSON}` asks for the media type of the standard")] = "",
    ) -> Response:
        """Execute a query or a mutation. Errors come in the answer, with their code in `extensions`."""
        if body.extensions:
            raise EigenError("EIGEN_REQUEST_INVALID", "no extensions of GraphQL are known here", where="extensions")
        result = await schema.execute(
            body.query,
            variable_values=body.variables,
            operation_name=body.operationName,
            context_value=Context(door_of(request), plain_headers(request.headers)),
        )
        answer: dict[str, Any] = {} if isinstance(result, PreExecutionError) else {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        if GRAPHQL_JSON in accept:
            return JSONResponse(answer, status_code=200 if "data" in answer else 400, media_type=GRAPHQL_JSON)
        return JSONResponse(answer)

    return router

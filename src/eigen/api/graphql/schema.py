"""The schema: the graph within its bounds, with errors in our words. Nothing is executed that was not weighed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import strawberry
from graphql import GraphQLError, OperationType
from strawberry.extensions import SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionResult, PreExecutionError

from eigen.api.disclosure import disclosed
from eigen.api.graphql.bounds import check, chosen, parsed
from eigen.api.graphql.context import Context
from eigen.api.graphql.operations import Mutation, Query, Subscription
from eigen.api.graphql.scalars import SCALARS
from eigen.errors import EigenError
from eigen.telemetry import log
from eigen.wire.errors import retry_seconds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from graphql import GraphQLSchema
    from strawberry.types import ExecutionContext


class Graph(strawberry.Schema):
    """Strawberry's schema behind our bounds."""

    async def execute(self, query: str | None, *args: Any, **options: Any) -> ExecutionResult:
        """Answer a query or a mutation; errors are in the answer."""
        try:
            if await self._admit(query, options) is OperationType.SUBSCRIPTION:
                raise EigenError("EIGEN_REQUEST_INVALID", "a subscription needs a socket (`graphql-transport-ws`)")
        except EigenError as error:
            return PreExecutionError(data=None, errors=[told(error)])
        result = await super().execute(query, *args, **options)
        return _spoken(result)

    async def stream(self, query: str | None, *args: Any, **options: Any) -> AsyncGenerator[ExecutionResult]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Answer whatever a socket asks, subscriptions with one result for each event."""
        try:
            await self._admit(query, options)
        except EigenError as error:
            return _refused(error)
        source = cast("AsyncGenerator[ExecutionResult]", await super().stream(query, *args, **options))
        return _each_spoken(source)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Strawberry would log every error with its traceback; `told` logs those that are defects."""

    @property
    def core(self) -> GraphQLSchema:
        """graphql-core's own schema."""
        return self._schema

    async def _admit(self, query: str | None, options: dict[str, Any]) -> OperationType:
        """Who asks, and whether what is asked lies within the bounds; gives the kind of operation."""
        context: Context = options["context_value"]
        await context.identify()
        settings = context.door.settings
        variables = cast("dict[str, Any] | None", options.get("variable_values")) or {}
        document = parsed(query or "")
        kind = chosen(document, options.get("operation_name"))
        check(document, self.core, variables, depth=settings.graphql_depth, cost=settings.graphql_cost)
        return kind


class Parsed(SchemaExtension):
    """Hands on the document that was weighed, so that it is parsed once."""

    def on_parse(self) -> Iterator[None]:
        """Before the parser would run."""
        context = self.execution_context
        context.graphql_document = parsed(context.query or "")
        yield


def make_schema() -> Graph:
    """The schema of every server."""
    return Graph(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[Parsed, ValidationCache],  # validating takes more than half of a small query
    )


def told(error: GraphQLError | EigenError) -> GraphQLError:
    """An error as callers read it: `extensions` carry code, hint, where and details; a defect is logged and masked."""
    if isinstance(error, EigenError):
        error = disclosed(error)
        return GraphQLError(error.message, extensions=_extensions(error))
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    at: dict[str, Any] = {"nodes": error.nodes, "source": error.source, "positions": error.positions}
    if isinstance(cause, EigenError):
        cause = disclosed(cause)
        return GraphQLError(cause.message, path=error.path, extensions=_extensions(cause), **at)
    if cause is None or error.path is None:
        refused = EigenError("EIGEN_REQUEST_INVALID", error.message[:1000])
        return GraphQLError(refused.message, path=error.path, extensions=_extensions(refused), **at)
    log("error", "a resolver failed", error=cause)
    defect = EigenError("EIGEN_INTERNAL", "a part of the query failed; the server's log says why")
    return GraphQLError(defect.message, path=error.path, extensions=_extensions(defect), **at)


def _extensions(error: EigenError) -> dict[str, Any]:
    found = {key: value for key, value in error.to_json().items() if key != "message"}
    seconds = retry_seconds(error)
    if seconds is not None:
        found["retryAfter"] = seconds
    return found


def _spoken(result: ExecutionResult) -> ExecutionResult:
    if result.errors:
        result.errors = [told(error) for error in result.errors]
    return result


async def _each_spoken(source: AsyncGenerator[ExecutionResult]) -> AsyncGenerator[ExecutionResult]:
    try:
        async for result in source:
            yield _spoken(result)
    finally:
        await source.aclose()


async def _refused(error: EigenError) -> AsyncGenerator[ExecutionResult]:
    yield PreExecutionError(data=None, errors=[told(error)])

"""The reference pages of the three surfaces, from the protos, the OpenAPI document and the GraphQL schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PROTO = Path(__file__).parent.parent / "proto"
WIDELY_KNOWN = ("JobV1", "JobV01", "JobShort")
"""Schemas of job.yaml, which has pages of its own."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


# ---- gRPC --------------------------------------------------------------------------------------------------


def grpc() -> str:
    """Every service and message of eigen.api.v1, with the comments of the protos."""
    files = [file for file in _descriptors().file if file.package == "eigen.api.v1"]
    parts = [
        "# gRPC: eigen.api.v1\n\nThe protos are in `proto/eigen/api/v1`. Every request carries an `envelope` with the "
        "contract version, a request id, an\nidempotency key, the trace context and a deadline. Errors are "
        "`google.rpc.Status` with `ErrorInfo` (its reason is the\n[error code](errors.md)), `BadRequest` and "
        "`RetryInfo`. The token travels as the metadata `authorization: Bearer TOKEN`.\nHealth checking and "
        "reflection are answered too."
    ]
    for file in files:
        said = _comments(file)
        for number, service in enumerate(file.service):
            rows = [
                (
                    f"`{method.name}`",
                    _called(method.input_type, method.client_streaming),
                    _called(method.output_type, method.server_streaming),
                    said.get((6, number, 2, place), ""),
                )
                for place, method in enumerate(service.method)
            ]
            heading = f"## {service.name}\n\n{said.get((6, number), '')}".rstrip()
            parts += [heading, table(("method", "request", "response", "note"), rows)]
    parts.append("## Messages")
    for file in files:
        said = _comments(file)
        for number, message in enumerate(file.message_type):
            parts += _message(message, message.name, (4, number), said)
        for number, values in enumerate(file.enum_type):
            parts += _values(values, values.name, (5, number), said)
    return "\n\n".join(parts)


@cache
def _descriptors() -> Any:
    """The protos as descriptors with their comments."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from grpc_tools import protoc

    names = sorted(str(path.relative_to(PROTO)) for path in PROTO.glob("eigen/api/v1/*.proto"))
    known = Path(protoc.__file__).parent / "_proto"
    with TemporaryDirectory() as folder:
        out = Path(folder, "set.bin")
        words = ["protoc", f"-I{PROTO}", f"-I{known}", "--include_source_info", f"--descriptor_set_out={out}", *names]
        if protoc.main(words) != 0:
            raise RuntimeError("the protos do not compile")
        return FileDescriptorSet.FromString(out.read_bytes())


def _comments(file: Any) -> dict[tuple[int, ...], str]:
    found: dict[tuple[int, ...], str] = {}
    for location in file.source_code_info.location:
        text = f"{location.leading_comments} {location.trailing_comments}"
        if text.strip():
            found[tuple(location.path)] = " ".join(text.split())
    return found


def _message(message: Any, name: str, path: tuple[int, ...], said: dict[tuple[int, ...], str]) -> Iterator[str]:
    entries = {f"{nested.name}": nested for nested in message.nested_type if nested.options.map_entry}
    rows = []
    for place, field in enumerate(message.field):
        note = said.get((*path, 2, place), "")
        if field.HasField("oneof_index") and not field.proto3_optional:
            note = f"one of `{message.oneof_decl[field.oneof_index].name}`. {note}".rstrip()
        rows.append((str(field.number), f"`{field.name}`", _type(field, entries), note))
    yield f"### {name}\n\n{said.get(path, '')}".rstrip()
    if rows:
        yield table(("number", "field", "type", "note"), rows)
    for place, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _message(nested, f"{name}.{nested.name}", (*path, 3, place), said)
    for place, values in enumerate(message.enum_type):
        yield from _values(values, f"{name}.{values.name}", (*path, 4, place), said)


def _values(values: Any, name: str, path: tuple[int, ...], said: dict[tuple[int, ...], str]) -> Iterator[str]:
    rows = [
        (str(value.number), f"`{value.name}`", said.get((*path, 2, place), ""))
        for place, value in enumerate(values.value)
    ]
    yield f"### {name}\n\n{said.get(path, '')}".rstrip()
    yield table(("number", "value", "note"), rows)


def _type(field: Any, entries: dict[str, Any]) -> str:
    entry = entries.get(field.type_name.rsplit(".", 1)[-1]) if field.type_name else None
    if entry is not None:
        key, value = (_type(part, {}) for part in entry.field)
        return f"map of {key} to {value}"
    name = _short(field.type_name) if field.type_name else field.Type.Name(field.type).removeprefix("TYPE_").lower()
    return f"list of {name}" if field.label == field.LABEL_REPEATED else name


def _called(name: str, streams: bool) -> str:
    return f"stream of {_short(name)}" if streams else _short(name)


def _short(name: str) -> str:
    name = name.removeprefix(".").removeprefix("eigen.api.v1.")
    return f"`{name}`" if name.startswith("google.") else f"[`{name}`](#{name.lower().replace('.', '')})"


# ---- REST --------------------------------------------------------------------------------------------------


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document that every server publishes."""
    from eigen.api.caller import NobodyAsked
    from eigen.api.rest.app import make_app
    from eigen.api.service import Service
    from eigen.config import Settings

    return make_app(Service(None), NobodyAsked(), settings=Settings()).openapi()  # type: ignore[arg-type]


def openapi_json() -> str:
    """The same as a file."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False)


def rest() -> str:
    """Every operation of REST, and the shapes of bodies and answers."""
    document = openapi()
    headers = table(
        ("header", "meaning"),
        ((f"`{name}`", entry["description"]) for name, entry in document["components"]["parameters"].items()),
    )
    parts = [
        f"# REST\n\n{document['info']['description'].strip()}\n\nThe same as a file: [openapi.json](openapi.json), "
        "which every server publishes at `/openapi.json`. The\n[guide](../guides/http-api.md) shows how it is used. "
        "Every request takes these headers, and `Authorization: Bearer TOKEN`:",
        headers,
    ]
    tag = ""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                parts.append(f"## {tag}")
            parts += _operation(method.upper(), path, operation)
    parts.append("## Shapes")
    for name, schema in sorted(document["components"]["schemas"].items()):
        if name not in WIDELY_KNOWN:
            parts += _shape(name, schema)
    return "\n\n".join(parts)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {operation['operationId']}\n\n`{method} {path}`\n\n{operation['description']}"
    rows = [
        (f"`{entry['name']}`", entry["in"], _kind(entry["schema"]), entry.get("description", ""))
        for entry in operation.get("parameters", ())
        if "$ref" not in entry
    ]
    if rows:
        yield table(("parameter", "in", "type", "meaning"), rows)
    if body := operation.get("requestBody"):
        yield "Body: " + "; ".join(f"`{kind}`: {_kind(entry['schema'])}" for kind, entry in body["content"].items())
    answers = []
    for status, response in operation["responses"].items():
        kinds = [f"`{kind}` {_kind(entry.get('schema', {}))}" for kind, entry in response.get("content", {}).items()]
        if int(status) < 300 or status == "304":
            answers.append((status, response["description"], "; ".join(kinds)))
    problems = ", ".join(status for status in operation["responses"] if int(status) >= 400)
    yield table(("status", "meaning", "body"), answers) + f"\n\nProblems: {problems}."


def _shape(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}\n\n{schema.get('description', '')}".rstrip()
    if "enum" in schema:
        yield ", ".join(f"`{value}`" for value in schema["enum"])
    needed = schema.get("required", ())
    rows = [
        (f"`{key}`", _kind(entry), "yes" if key in needed else "", entry.get("description", ""))
        for key, entry in schema.get("properties", {}).items()
    ]
    if rows:
        yield table(("key", "type", "always", "meaning"), rows)


def _kind(schema: dict[str, Any]) -> str:
    """The type of a schema in a word or two."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](openapi.json)" if name in WIDELY_KNOWN else f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(_kind(entry) for entry in schema[key])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))


# ---- GraphQL -----------------------------------------------------------------------------------------------


def sdl() -> str:
    """The GraphQL schema as a file."""
    from eigen.api.graphql.schema import make_schema

    return make_schema().as_str()


def graphql() -> str:
    """What can be asked of the graph, and its types."""
    from eigen.api.graphql.bounds import LIST_SIZE, MAX_BRACKETS, MAX_CHARACTERS, MAX_TOKENS, MUTATION_COST
    from eigen.api.graphql.schema import make_schema

    core = make_schema().core
    parts = [
        "# GraphQL\n\n`POST /graphql` takes one operation as JSON (`query`, `variables`, `operationName`); "
        "subscriptions go over a socket to the\nsame path with the protocol `graphql-transport-ws`, whose "
        '`connection_init` may carry `{"authorization": "Bearer TOKEN"}`.\nErrors stand in the answer with '
        "`extensions.code` ([errors](errors.md)), `hint`, `where` and `details`; the HTTP status is 200.\nThe schema "
        "as a file: [schema.graphql](schema.graphql).",
        "## Bounds\n\nCounted before anything runs: at most "
        f"{MAX_CHARACTERS:,} characters, {MAX_TOKENS:,} tokens and {MAX_BRACKETS} nested brackets; fields nest at "
        "most\n`graphql_depth` deep and cost at most `graphql_cost` ([settings](settings.md)). A field costs 1, times "
        f"the `first` of the pages\naround it, times {LIST_SIZE} for a list without pages; a mutation costs "
        f"{MUTATION_COST} more. Fragments and aliases count wherever they\noccur. Introspection is allowed once a "
        "query and must not go round in circles.",
    ]
    for heading, root in (
        ("Queries", core.query_type),
        ("Mutations", core.mutation_type),
        ("Subscriptions", core.subscription_type),
    ):
        assert root is not None
        rows = [
            (f"`{_signature(name, field)}`", f"`{field.type}`", field.description or "")
            for name, field in root.fields.items()
        ]
        parts += [f"## {heading}", table(("field", "type", "meaning"), rows)]
    parts.append("## Types")
    roots = {"Query", "Mutation", "Subscription"}
    for name, found in sorted(core.type_map.items()):
        if name.startswith("__") or name in roots or name in ("Int", "Float", "String", "Boolean", "ID"):
            continue
        parts.append(f"### {name}\n\n{found.description or ''}".rstrip())
        if hasattr(found, "fields"):
            rows = [
                (f"`{_signature(key, field)}`", f"`{field.type}`", field.description or "")
                for key, field in found.fields.items()
            ]
            parts.append(table(("field", "type", "meaning"), rows))
        elif hasattr(found, "values"):
            parts.append(", ".join(f"`{value}`" for value in found.values))
    return "\n\n".join(parts)


def _signature(name: str, field: Any) -> str:
    given = ", ".join(f"{key}: {entry.type}" for key, entry in getattr(field, "args", {}).items())
    return f"{name}({given})" if given else name


API_PAGES = {
    "api-grpc.md": grpc,
    "api-rest.md": rest,
    "api-graphql.md": graphql,
    "openapi.json": openapi_json,
    "schema.graphql": sdl,
}

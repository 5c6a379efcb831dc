"""GraphQL: every root field, and every field that is asked for rather than read, has a case here.

A field without one fails the suite. Another tenant's id answers with the bytes of an id that nobody has.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLObjectType

from doubles.forgeries import forged_keys
from doubles.front_door import BELL, document
from doubles.two_tenants import RESERVED, ROTATION, SECRET_NAME
from eigen.api.graphql.schema import make_schema
from eigen.api.permissions import allows
from eigen.types import Caller

if TYPE_CHECKING:
    from doubles.two_tenants import World

JOB = {"job": document(BELL, "of-bolt")}
HELD = {"job": document(ROTATION, "of-bolt")}
CIRCUIT = {"version": "0.1", "qubits": 1, "operations": [{"op": "RX", "q": [0], "params": {"theta": 0.5}}]}


@dataclass(frozen=True)
class Case:
    """An operation on one field; `$id` is whose id `kind` says."""

    permission: str
    text: str
    kind: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


def of_job(selection: str) -> Case:
    return Case("jobs:read", f"query($id: ID!) {{ job(id: $id) {{ {selection} }} }}", "job")


CASES: dict[str, Case] = {
    "Query.jobs": Case("jobs:read", "{ jobs(first: 100) { nodes { jobId name } endCursor } }"),
    "Query.job": of_job("jobId name state deviceId error { code }"),
    "Query.verification": Case("jobs:read", "query($id: ID!) { verification(id: $id) { jobId verified } }", "job"),
    "Mutation.replayJob": Case("jobs:submit", "mutation($id: ID!) { replayJob(id: $id) { jobId } }", "job"),
    "Mutation.resumeJob": Case("jobs:submit", "mutation($id: ID!) { resumeJob(id: $id) { jobId } }", "job"),
    "Query.devices": Case("devices:list", "{ devices { deviceId status queueDepth } }"),
    "Query.device": Case("devices:read", "query($device: ID!) { device(id: $device) { deviceId } }"),
    "Job.results": of_job("results { state outputs }"),
    "Job.events": of_job("events { nodes { eventSeq state } position }"),
    "Job.logs": of_job("logs"),
    "Job.artifacts": of_job("artifacts { path sha256 }"),
    "Job.artifact": of_job('artifact(path: "results/results.json")'),
    "Job.rationale": of_job("rationale"),
    "Mutation.submitJob": Case(
        "jobs:submit",
        "mutation($input: JobInput!) { submitJob(input: $input) { job { jobId } } }",
        variables={"input": JOB},
    ),
    "Mutation.submitJobs": Case(
        "jobs:submit",
        "mutation($inputs: [EntryInput!]!) { submitJobs(inputs: $inputs) { job { jobId } } }",
        variables={"inputs": [JOB]},
    ),
    "Mutation.decideJob": Case(
        "jobs:decide", 'mutation($id: ID!) { decideJob(id: $id, decision: "again") { jobId } }', "waiting job"
    ),
    "Mutation.cancelJob": Case("jobs:cancel", "mutation($id: ID!) { cancelJob(id: $id) { jobId } }", "waiting job"),
    "Mutation.reserveDevice": Case(
        "devices:reserve",
        "mutation($device: ID!) { reserveDevice(deviceId: $device, ttlSeconds: 60) { reservationId purpose } }",
    ),
    "Mutation.releaseReservation": Case(
        "devices:reserve", "mutation($id: ID!) { releaseReservation(reservationId: $id) }", "reservation"
    ),
    "Mutation.calibrateDevice": Case(
        "devices:calibrate", "mutation($device: ID!) { calibrateDevice(deviceId: $device) { changed } }"
    ),
    "Mutation.compile": Case(
        "jobs:compile",
        "mutation($input: JobInput!) { compile(input: $input) { report } }",
        variables={"input": JOB},
    ),
    "Mutation.estimate": Case(
        "jobs:compile",
        "mutation($input: JobInput!) { estimate(input: $input) }",
        variables={"input": JOB},
    ),
    "Mutation.optimize": Case(
        "jobs:compile",
        "mutation($circuit: JSON!) { optimize(circuit: $circuit) { report } }",
        variables={"circuit": CIRCUIT},
    ),
    "Mutation.validate": Case(
        "jobs:compile",
        "mutation($input: JobInput!) { validate(input: $input) { valid } }",
        variables={"input": JOB},
    ),
    "Mutation.openSession": Case(
        "jobs:evaluate",
        "mutation($input: JobInput!) { openSession(input: $input, parameters: {angle: 0}) { sessionId } }",
        variables={"input": HELD},
    ),
    "Mutation.evaluate": Case(
        "jobs:evaluate", "mutation($id: ID!) { evaluate(sessionId: $id, values: {angle: 0}) { outputs } }", "session"
    ),
    "Mutation.closeSession": Case("jobs:evaluate", "mutation($id: ID!) { closeSession(sessionId: $id) }", "session"),
    "Subscription.jobUpdates": Case(
        "jobs:read", "subscription($id: ID!) { jobUpdates(id: $id) { eventSeq state } }", "job"
    ),
}
WITH_ID = [name for name, case in CASES.items() if case.kind]
READ = {"Job": {"results", "events", "logs", "artifacts", "artifact", "rationale"}}
"""Fields of types that ask the kernel when they are selected; the others read what is there."""


async def converse(world: World, headers: dict[str, str], payload: dict[str, Any]) -> Any:
    """One operation over a socket: what came until it ended, or the code that the socket was closed with."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    protocol = "graphql-transport-ws"
    pairs = {"host": "127.0.0.1:8080", "sec-websocket-protocol": protocol, **headers}
    scope: dict[str, Any] = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        "subprotocols": [protocol],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    app = asyncio.create_task(world.door.app(scope, incoming.get, outgoing.put))

    def say(message: dict[str, Any]) -> None:
        incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    incoming.put_nowait({"type": "websocket.connect"})
    say({"type": "connection_init"})
    heard: list[Any] = []
    while True:
        message = await outgoing.get()
        if message["type"] == "websocket.close":
            heard.append(message.get("code"))
            break
        if message["type"] != "websocket.send":
            continue
        told = json.loads(message["text"])
        if told["type"] == "connection_ack":
            say({"type": "subscribe", "id": "1", "payload": payload})
            continue
        heard.append(told)
        if told["type"] in {"complete", "error"}:
            break
    incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await app
    return heard


def ask(world: World, name: str, who: str, about: str = "", **headers: str) -> Any:
    """What a field answers to the holder of a token (`""`: no token), about an id."""
    case = CASES[name]
    variables: dict[str, Any] = dict(case.variables)
    if case.kind:
        variables["id"] = about
    if "$device" in case.text:
        variables["device"] = RESERVED
    if who:
        headers["authorization"] = f"Bearer {world.tokens[who]}"
    payload = {"query": case.text, "variables": variables}
    if name.startswith("Subscription"):
        return world.run(converse(world, headers, payload))
    answer = world.run(world.door.client.post("/graphql", json=payload, headers=headers))
    return [answer.status_code, answer.json()]


def codes(answer: Any) -> set[str]:
    """Every error code in an answer."""
    found: set[str] = set()
    waiting = [answer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            code = value.get("code")
            found |= {code} if isinstance(code, str) and code.startswith("EIGEN_") else set()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def test_every_field_has_a_case() -> None:
    schema = make_schema()
    core = schema.core
    roots = [core.query_type, core.mutation_type, core.subscription_type]
    found = {f"{root.name}.{name}" for root in roots if root for name in root.fields}
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind not in roots and not kind.name.startswith("__"):
            asks = {name for name, value in kind.fields.items() if value.args} | READ.get(kind.name, set())
            assert asks <= kind.fields.keys()
            found |= {f"{kind.name}.{name}" for name in asks}
    assert found == set(CASES), f"without a case: {found - set(CASES)}; no field any more: {set(CASES) - found}"


def test_fields_that_ask_are_known() -> None:
    """`READ` names every resolver that is a coroutine."""
    from inspect import iscoroutinefunction

    from eigen.api.graphql.jobs import Job

    resolvers = {
        entry.name
        for entry in Job.__strawberry_definition__.fields  # pyright: ignore[reportAttributeAccessIssue]
        if entry.base_resolver is not None and iscoroutinefunction(entry.base_resolver.wrapped_func)
    }
    assert resolvers == READ["Job"]


@pytest.mark.parametrize("name", WITH_ID)
def test_what_is_anothers_answers_with_the_bytes_of_what_is_not_there(world: World, name: str) -> None:
    kind = CASES[name].kind
    answers = [
        json.dumps(ask(world, name, "other", tried)).replace(tried, "ID")
        for tried in (world.ids[kind], world.unknown(kind))
    ]
    assert answers[0] == answers[1]
    assert not world.leaks(answers[0].encode())
    if name != "Mutation.closeSession":
        assert any(code.endswith("_NOT_FOUND") for code in codes(json.loads(answers[0])))
    world.run(world.intact())


@pytest.mark.parametrize("name", CASES)
def test_no_answer_to_another_shows_anything_of_the_owners(world: World, name: str) -> None:
    kind = CASES[name].kind
    answer = ask(world, name, "other", world.unknown(kind) if kind else "")
    assert not world.leaks(json.dumps(answer).encode())


@pytest.mark.parametrize("name", CASES)
def test_without_a_valid_token_nothing_is_told(world: World, name: str) -> None:
    about = world.ids.get(CASES[name].kind, "")
    answers = [ask(world, name, "", about)]
    tokens = [*forged_keys(world.tokens["owner"]).values(), "eyJhbGciOiJub25lIn0.e30.", ""]
    answers += [ask(world, name, "", about, authorization=f"Bearer {token}") for token in tokens]
    answers.append(ask(world, name, "", about, **{"x-eigen-roles": "admin", "x-eigen-tenant": "acme"}))
    assert len({json.dumps(answer) for answer in answers}) == 1
    if name.startswith("Subscription"):
        assert answers[0] == [4403]
    else:
        assert answers[0][0] == 401
        assert codes(answers[0]) == {"EIGEN_AUTH_REQUIRED"}
    world.run(world.intact())


@pytest.mark.parametrize("who", ["reader", "nobody"])
@pytest.mark.parametrize("name", CASES)
def test_a_role_that_may_not_is_refused(world: World, name: str, who: str) -> None:
    case = CASES[name]
    role = Caller(roles={"reader": ("readonly",), "nobody": ("unknown",)}[who])
    answer = ask(world, name, who, world.ids.get(case.kind, ""), **{"x-eigen-roles": "admin"})
    if allows(role, case.permission):
        assert codes(answer) <= {"EIGEN_JOB_NOT_FOUND"}
    else:
        assert codes(answer) == {"EIGEN_AUTH_DENIED"}
    world.run(world.intact())


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.permission == "jobs:read"])
def test_the_owner_is_answered(world: World, name: str) -> None:
    """The refusals above have a counterpart."""
    answer = ask(world, name, "owner", world.ids.get(CASES[name].kind, ""))
    assert codes(answer) == set()
    if name == "Query.jobs":
        assert SECRET_NAME in json.dumps(answer)


def test_anothers_reservation_and_jobs_cannot_be_used(world: World) -> None:
    text = "mutation($input: JobInput!, $held: ID) { submitJob(input: $input, reservationId: $held) { job { jobId } } }"
    headers = {"authorization": f"Bearer {world.tokens['other']}"}

    def submit(job: Any, held: str | None, tried: str) -> str:
        payload = {"query": text, "variables": {"input": {"job": job}, "held": held}}
        answer = world.run(world.door.client.post("/graphql", json=payload, headers=headers))
        assert len(codes(answer.json())) == 1
        return answer.text.replace(tried, "ID")

    for kind in ("reservation", "job"):
        answers: set[str] = set()
        for tried in (world.ids[kind], world.unknown(kind)):
            if kind == "reservation":
                answers.add(submit(document(BELL), tried, tried))
            else:
                answers.add(submit(document(BELL, dependencies=[tried]), None, tried))
        assert len(answers) == 1

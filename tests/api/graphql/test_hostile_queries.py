"""Queries that mean harm: each is counted, refused with a code before anything runs, and costs little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doubles.front_door import FrontDoor, at_the_door, document
from eigen.api.graphql.bounds import check, parsed
from eigen.api.graphql.schema import make_schema
from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path

GRAPH = make_schema().core
BOMB = "query { ...f0 } " + " ".join(
    f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} devices {{ name }} }}" for i in range(40)
)
CHAIN = "fragment t{0} on __Type {{ ofType {{ ...t{1} }} interfaces {{ ...t{1} }} possibleTypes {{ ...t{1} }} }}"

HOSTILE = {
    "deep": "{ " + "jobs(first: 1) { nodes { " * 5 + "name" + " } }" * 5 + " }",
    "brackets": "{" * 500,
    "brackets in values": "{ job(id: " + "[" * 500 + "]" * 500 + ") { name } }",
    "tokens": "{" + " jobs" * 2_000 + " }",
    "characters": "{ # " + "x" * 70_000 + "\n devices { name } }",
    "pages in pages": "{ jobs(first: 1000) { nodes { events(first: 1000) { nodes { data } } } } }",
    "aliases": "{" + " ".join(f"a{i}: jobs(first: 1000) {{ nodes {{ name }} }}" for i in range(9)) + "}",
    "mutations": "mutation {" + " ".join(f'a{i}: closeSession(sessionId: "x")' for i in range(60)) + "}",
    "fragments that double": BOMB + " fragment f40 on Query { devices { name } }",
    "a fragment in itself": "{ ...f } fragment f on Query { devices { name } ...f }",
    "fragments in each other": "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }",
    "introspection in circles": "{ __schema { types { fields { type { fields { name } } } } } }",
    "introspection many times": "{ a: __schema { types { name } } b: __schema { types { name } } }",
    "introspection that triples": "{ __schema { types { ...t0 } } } "
    + " ".join(CHAIN.format(i, i + 1) for i in range(20))
    + " fragment t20 on __Type { name }",
    "a page of everything": "{ jobs(first: 99999999999999999999) { endCursor } }",
    "a number beyond doubles": 'mutation { evaluate(sessionId: "x", values: {a: 1e999}) { index } }',
    "a number of many digits": 'mutation { evaluate(sessionId: "x", values: {a: ' + "9" * 5000 + "}) { index } }",
    "nothing": "",
    "no text": "\u0000",
    "half a pair": '{ job(id: "\\ud800") { name } }',
    "two operations": "query a { devices { name } } query b { devices { name } }",
    "no operation": "fragment f on Query { devices { name } }",
    "a subscription by post": 'subscription { jobUpdates(id: "x") { state } }',
    "an unknown directive": "{ devices @defer { name } }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_refused_with_a_code(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was asked of the kernel")

    async def scenario(door: FrontDoor) -> None:
        for method in ("get", "list", "devices", "close_session", "evaluate", "watch"):
            monkeypatch.setattr(door.kernel, method, never)
        answer = await door.client.post("/graphql", json={"query": HOSTILE[name]})
        assert answer.status_code == (400 if name == "nothing" else 200)
        told = [answer.json()] if name == "nothing" else [error["extensions"] for error in answer.json()["errors"]]
        assert {entry["code"] for entry in told} <= {"EIGEN_LIMIT_EXCEEDED", "EIGEN_REQUEST_INVALID"}
        assert answer.json().get("data") is None

    at_the_door(tmp_path, scenario, workers=0)


@pytest.mark.parametrize(
    "body",
    [
        [{"query": "{ devices { name } }"}],
        {"query": 1},
        {"query": "{ devices { name } }", "variables": []},
        {"query": "{ devices { name } }", "operationName": 3},
        {"query": "{ devices { name } }", "extensions": {"persistedQuery": {"version": 1}}},
        {"query": "{ devices { name } }", "more": 1},
        {},
    ],
)
def test_bodies_that_are_no_operation(tmp_path: Path, body: Any) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.post("/graphql", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "EIGEN_REQUEST_INVALID")

    at_the_door(tmp_path, scenario, workers=0)


def cost(query: str, **variables: Any) -> int:
    """What a query costs: the lowest limit that lets it pass."""
    low, high = 0, 10**9
    while low < high:
        middle = (low + high) // 2
        try:
            check(parsed(query), GRAPH, variables, depth=32, cost=middle)
            high = middle
        except EigenError:
            low = middle + 1
    return low


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ devices { name } }", {}, 1 + 10),
        ("{ a: devices { name } b: devices { name } }", {}, 2 * (1 + 10)),
        ("{ jobs(first: 3) { endCursor nodes { name } } }", {}, 1 + 3 * (1 + 1 + 1)),
        ("{ jobs { endCursor } }", {}, 1 + 50),
        ("query($n: Int!) { jobs(first: $n) { endCursor } }", {"n": 7}, 1 + 7),
        ("query($n: Int! = 9) { jobs(first: $n) { endCursor } }", {}, 1 + 9),
        ("{ jobs(first: 2) { nodes { events(first: 5) { position } } } }", {}, 1 + 2 * (1 + 1 + 5)),
        ("{ ...f ...f } fragment f on Query { devices { name } }", {}, 2 * (1 + 10)),
        ("{ ... on Query { devices { name } } ... { devices { name } } }", {}, 2 * (1 + 10)),
        ('mutation { a: closeSession(sessionId: "x") b: closeSession(sessionId: "x") }', {}, 2 + 200),
        ("{ __schema { types { name kind } } }", {}, 4),
    ],
)
def test_what_queries_cost(query: str, variables: dict[str, Any], expected: int) -> None:
    assert cost(query, **variables) == expected


def test_depth_counts_through_fragments() -> None:
    nested = "{ ...f } fragment f on Query { jobs(first: 1) { nodes { ...g } } } "
    nested += "fragment g on Job { results { error { code } } }"
    check(parsed(nested), GRAPH, {}, depth=5, cost=100)
    with pytest.raises(EigenError, match="nests 5 deep; the limit `graphql_depth` is 4"):
        check(parsed(nested), GRAPH, {}, depth=4, cost=100)


def test_a_defect_of_a_resolver_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("the secret of the house")

    async def scenario(door: FrontDoor) -> None:
        monkeypatch.setattr(door.kernel, "list", broken)
        answer = await door.client.post("/graphql", json={"query": "{ jobs { endCursor } devices { name } }"})
        assert answer.json()["data"]["devices"]
        assert answer.json()["errors"][0]["extensions"]["code"] == "EIGEN_INTERNAL"
        assert "secret" not in answer.text

    at_the_door(tmp_path, scenario, workers=0)


def test_inputs_are_checked_as_bodies_are(tmp_path: Path) -> None:
    query = "mutation($i: JobInput!) { submitJob(input: $i) { job { jobId } } }"
    wrong: list[dict[str, Any]] = [
        {"job": []},
        {"job": document(), "files": [{"path": "input/data/x.json", "base64": "*"}]},
        {"job": document(), "filename": "a\nb"},
        {"job": document(), "more": 1},
        {"job": document(shotz=1)},
    ]

    async def scenario(door: FrontDoor) -> None:
        for given in wrong:
            answer = await door.client.post("/graphql", json={"query": query, "variables": {"i": given}})
            code = answer.json()["errors"][0]["extensions"]["code"]
            assert code in ("EIGEN_REQUEST_INVALID", "EIGEN_JOBSPEC_INVALID"), given

    at_the_door(tmp_path, scenario, workers=0)

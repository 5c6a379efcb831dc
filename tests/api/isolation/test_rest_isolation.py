"""REST: every route of the app has a case here; a route without one fails the suite.

Another tenant's id answers with the bytes of an id that nobody has; without a token, and with a role that may not, a
route answers nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from doubles.forgeries import forged_keys
from doubles.front_door import BELL, document
from doubles.two_tenants import OWNER, RESERVED, ROTATION, SECRET_NAME
from eigen.api.permissions import ROLES, allows
from eigen.api.rest.app import make_app
from eigen.config import Settings
from eigen.types import Caller, JobQuery

if TYPE_CHECKING:
    import httpx

    from doubles.two_tenants import World

VARYING = {"x-request-id", "date"}
BODY = {"job": document(BELL, "of-bolt")}
SESSION = {"job": document(ROTATION, "of-bolt"), "parameters": {"angle": 0}}
CIRCUIT = {"version": "0.1", "qubits": 1, "operations": [{"op": "RX", "q": [0], "params": {"theta": 0.5}}]}


@dataclass(frozen=True)
class Case:
    """A request that a route takes. `kind`: whose id stands in its path; `permission` empty: it is open to all."""

    permission: str
    kind: str = ""
    send: dict[str, Any] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)


CASES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/jobs"): Case("jobs:submit", send={"json": BODY}),
    ("POST", "/v1/jobs:batch"): Case("jobs:submit", send={"json": {"jobs": [BODY]}}),
    ("GET", "/v1/jobs"): Case("jobs:read"),
    ("GET", "/v1/jobs/{job_id}"): Case("jobs:read", "job"),
    ("GET", "/v1/jobs/{job_id}/results"): Case("jobs:read", "job"),
    ("GET", "/v1/jobs/{job_id}/logs"): Case("jobs:read", "job"),
    ("GET", "/v1/jobs/{job_id}/rationale"): Case("jobs:read", "job"),
    ("POST", "/v1/jobs/{job_id}/replay"): Case("jobs:submit", "job"),
    ("POST", "/v1/jobs/{job_id}/resume"): Case("jobs:submit", "job", send={"json": {}}),
    ("GET", "/v1/jobs/{job_id}/verification"): Case("jobs:read", "job"),
    ("GET", "/v1/jobs/{job_id}/events"): Case("jobs:read", "job"),
    ("POST", "/v1/jobs/{job_id}/decision"): Case("jobs:decide", "waiting job", send={"json": {"decision": "again"}}),
    ("POST", "/v1/jobs/{job_id}/cancel"): Case("jobs:cancel", "waiting job"),
    ("GET", "/v1/jobs/{job_id}/artifacts"): Case("jobs:read", "job"),
    ("GET", "/v1/jobs/{job_id}/artifacts/{path:path}"): Case("jobs:read", "job", path={"path": "results/results.json"}),
    ("GET", "/v1/devices"): Case("devices:list"),
    ("GET", "/v1/devices/{device_id}"): Case("devices:read", path={"device_id": RESERVED}),
    ("GET", "/v1/devices/{device_id}/status"): Case("devices:read", path={"device_id": RESERVED}),
    ("POST", "/v1/devices/{device_id}/calibrate"): Case("devices:calibrate", path={"device_id": RESERVED}),
    ("POST", "/v1/devices/{device_id}/reservations"): Case(
        "devices:reserve", path={"device_id": RESERVED}, send={"json": {"ttl_seconds": 60}}
    ),
    ("DELETE", "/v1/reservations/{reservation_id}"): Case("devices:reserve", "reservation"),
    ("POST", "/v1/compile"): Case("jobs:compile", send={"json": BODY}),
    ("POST", "/v1/estimate"): Case("jobs:compile", send={"json": BODY}),
    ("POST", "/v1/optimize"): Case("jobs:compile", send={"json": {"circuit": CIRCUIT}}),
    ("POST", "/v1/validate"): Case("jobs:compile", send={"json": BODY}),
    ("POST", "/v1/sessions"): Case("jobs:evaluate", send={"json": SESSION}),
    ("POST", "/v1/sessions/{session_id}/evaluations"): Case(
        "jobs:evaluate", "session", send={"json": {"values": {"angle": 0.0}}}
    ),
    ("DELETE", "/v1/sessions/{session_id}"): Case("jobs:evaluate", "session"),
    ("GET", "/metrics"): Case("metrics:read"),
    ("GET", "/healthz"): Case(""),
    ("GET", "/readyz"): Case(""),
    ("GET", "/openapi.json"): Case(""),
}
ELSEWHERE = {"/graphql"}
"""Routes that stand in a suite of their own."""

WITH_ID = [key for key, case in CASES.items() if case.kind]
CLOSED = [key for key, case in CASES.items() if case.permission]


def routes_of(routes: list[BaseRoute]) -> set[tuple[str, str]]:
    """Every method and path of an app, those it mounts or includes too; HEAD goes with GET."""
    found: set[tuple[str, str]] = set()
    for route in routes:
        included: Any = getattr(route, "original_router", None)
        if included is not None:
            prefix = getattr(route, "include_context").prefix  # noqa: B009 - private to FastAPI
            found |= {(method, prefix + path) for method, path in routes_of(included.routes)}
        elif isinstance(route, Mount):
            found |= {(method, route.path + path) for method, path in routes_of(list(route.routes))}
        elif isinstance(route, Route | APIRoute):
            found |= {(method, route.path) for method in (route.methods or set()) - {"HEAD"}}
        else:
            found.add(("*", str(getattr(route, "path", route))))
    return found


def ask(world: World, key: tuple[str, str], who: str, name: str = "", **headers: str) -> httpx.Response:
    """The answer of a route to the holder of a token (`""`: no token), about an id."""
    case, (method, template) = CASES[key], key
    path = template.replace("{path:path}", "{path}")
    words = dict.fromkeys(("job_id", "session_id", "reservation_id"), name) | case.path
    if who:
        headers["authorization"] = f"Bearer {world.tokens[who]}"
    return world.run(world.door.client.request(method, path.format(**words), headers=headers, **case.send))


def bytes_of(answer: httpx.Response, name: str) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted((key, value) for key, value in answer.headers.items() if key not in VARYING)
    return answer.status_code, headers, answer.content.replace(name.encode(), b"ID") if name else answer.content


def code(answer: httpx.Response) -> str:
    return answer.json()["code"]


def test_every_route_has_a_case() -> None:
    app = make_app(None, None, settings=Settings())  # pyright: ignore[reportArgumentType]
    found = {(method, path) for method, path in routes_of(app.routes) if path not in ELSEWHERE}
    assert found == set(CASES), f"without a case: {found - set(CASES)}; no route any more: {set(CASES) - found}"
    documented = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert {(method, path.replace("{path:path}", "{path}")) for method, path in found} >= documented - {
        entry for entry in documented if entry[1] in ELSEWHERE
    }
    for (_, path), case in CASES.items():
        assert bool(case.kind) == any(word in path for word in ("{job_id}", "{session_id}", "{reservation_id}"))


@pytest.mark.parametrize("key", WITH_ID, ids=" ".join)
def test_what_is_anothers_answers_with_the_bytes_of_what_is_not_there(world: World, key: tuple[str, str]) -> None:
    kind = CASES[key].kind
    theirs, nobodys = world.ids[kind], world.unknown(kind)
    found = bytes_of(ask(world, key, "other", theirs), theirs)
    assert found == bytes_of(ask(world, key, "other", nobodys), nobodys)
    assert found[0] == (204 if key == ("DELETE", "/v1/sessions/{session_id}") else 404)
    assert not world.leaks(found[2])
    world.run(world.intact())


@pytest.mark.parametrize("key", CASES, ids=" ".join)
def test_no_answer_to_another_shows_anything_of_the_owners(world: World, key: tuple[str, str]) -> None:
    answer = ask(world, key, "other", world.unknown(CASES[key].kind) if CASES[key].kind else "")
    assert not world.leaks(answer.content), key
    assert not world.leaks(str(answer.headers).encode())


@pytest.mark.parametrize("key", CLOSED, ids=" ".join)
def test_without_a_valid_token_nothing_is_told(world: World, key: tuple[str, str]) -> None:
    name = world.ids.get(CASES[key].kind, "")
    answers = [ask(world, key, "", name)]
    tokens = [*forged_keys(world.tokens["owner"]).values(), "eyJhbGciOiJub25lIn0.e30.", "", "x" * 5000]
    answers += [ask(world, key, "", name, authorization=f"Bearer {token}") for token in tokens]
    answers.append(
        ask(world, key, "", name, **{"x-eigen-sub": "x", "x-eigen-roles": "admin", "x-eigen-tenant": "acme"})
    )
    assert {answer.status_code for answer in answers} == {401}
    assert {code(answer) for answer in answers} == {"EIGEN_AUTH_REQUIRED"}
    assert len({answer.content for answer in answers}) == 1
    assert all("bearer" in answer.headers["www-authenticate"].lower() for answer in answers)
    world.run(world.intact())


@pytest.mark.parametrize("who", ["reader", "nobody"])
@pytest.mark.parametrize("key", CLOSED, ids=" ".join)
def test_a_role_that_may_not_is_refused(world: World, key: tuple[str, str], who: str) -> None:
    """Whether there is such an id is not told either; and a forged role in a header changes nothing."""
    case = CASES[key]
    role = Caller(roles={"reader": ("readonly",), "nobody": ("unknown",)}[who])
    answer = ask(world, key, who, world.ids.get(case.kind, ""), **{"x-eigen-roles": "admin"})
    if allows(role, case.permission):
        assert answer.status_code in {200, 404}
    else:
        assert (answer.status_code, code(answer)) == (403, "EIGEN_AUTH_DENIED")
    world.run(world.intact())


def test_the_owner_and_another_role_may(world: World) -> None:
    """The refusals above have a counterpart: the same requests by who may are no 401 and no 403."""
    for key, case in CASES.items():
        if case.permission and (case.permission.startswith("jobs:read") or case.permission.startswith("devices:l")):
            answer = ask(world, key, "owner", world.ids.get(case.kind, ""))
            assert answer.status_code == 200, key
    assert set(ROLES) == {"admin", "user", "readonly"}


def post(world: World, path: str, who: str = "other", *, body: Any, **headers: str) -> httpx.Response:
    headers["authorization"] = f"Bearer {world.tokens[who]}"
    return world.run(world.door.client.post(path, json=body, headers=headers))


@pytest.mark.parametrize(
    "body",
    [
        BODY | {"tenant": "acme"},
        BODY | {"tenant_id": "acme"},
        BODY | {"subject": "key:of-acme"},
        {"job": document(BELL) | {"tenant": "acme"}},
        {"job": document(BELL, tenant="acme")},
        {"job": document(BELL) | {"metadata": {"name": "x", "tenant": "acme"}}},
        {"job": document(BELL) | {"metadata": {"name": "x", "owner": "acme"}}},
    ],
    ids=range(7),
)
def test_whose_a_job_is_cannot_be_said_in_the_request(world: World, body: Any) -> None:
    answer = post(world, "/v1/jobs", body=body)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("query", ["tenant=acme", "tenant_id=acme", "project=default", "subject=x"])
def test_whose_jobs_are_listed_cannot_be_said_either(world: World, query: str) -> None:
    headers = {"authorization": f"Bearer {world.tokens['other']}"}
    answer = world.run(world.door.client.get(f"/v1/jobs?{query}", headers=headers))
    assert answer.status_code == 400
    assert "unknown query parameter" in answer.text


def test_a_list_is_of_the_callers_tenant_whatever_it_asks_for(world: World) -> None:
    for query in ("", "?limit=1000", f"?name={SECRET_NAME}", "?state=DONE", f"?before={world.ids['waiting job']}0"):
        headers = {"authorization": f"Bearer {world.tokens['other']}", "x-eigen-tenant": "acme"}
        answer = world.run(world.door.client.get(f"/v1/jobs{query}", headers=headers))
        assert answer.status_code == 200
        assert not world.leaks(answer.content.replace(query.encode() or b"\0", b"")), query


def test_an_idempotency_key_is_the_tenants_own(world: World) -> None:
    """The owner used `shared-key` for the same program: the other gets a job of its own, and learns of no conflict."""
    named = {"job": document(BELL, SECRET_NAME)}
    same = post(world, "/v1/jobs", body=named, **{"idempotency-key": "shared-key"})
    assert same.status_code == 201
    assert same.json()["job_id"] != world.ids["job"]
    another = post(world, "/v1/jobs", body={"job": document(BELL, "of-bolt-2")}, **{"idempotency-key": "key-of-bolt"})
    assert another.status_code == 201
    again = post(world, "/v1/jobs", body=named, **{"idempotency-key": "shared-key"})
    assert again.json()["job_id"] == same.json()["job_id"]
    mine = world.run(world.door.kernel.list(OWNER, JobQuery()))
    assert {job.job_id for job in mine} == {world.ids["job"], world.ids["waiting job"]}
    world.secrets.discard(SECRET_NAME)  # the other chose the same name
    world.secrets.discard(SECRET_NAME + "-2")


@pytest.mark.parametrize("kind", ["job", "waiting job"])
def test_anothers_job_cannot_be_depended_on(world: World, kind: str) -> None:
    answers = {
        bytes_of(post(world, "/v1/jobs", body={"job": document(BELL, dependencies=[name])}), name)[2]
        for name in (world.ids[kind], world.unknown(kind))
    }
    assert len(answers) == 1
    assert b"EIGEN_JOB_NOT_FOUND" in answers.pop()


def test_anothers_reservation_cannot_be_used(world: World) -> None:
    answers: set[Any] = set()
    for name in (world.ids["reservation"], world.unknown("reservation")):
        found = post(world, "/v1/jobs", body=BODY | {"reservation_id": name})
        asked = post(world, f"/v1/jobs?reservation_id={name}", body=BODY)
        assert bytes_of(found, name) == bytes_of(asked, name)
        answers.add((found.status_code, found.content.replace(name.encode(), b"ID")))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


@pytest.mark.parametrize("kind", ["program", "input"])
def test_anothers_files_cannot_be_named(world: World, kind: str) -> None:
    answers: set[Any] = set()
    for name in (world.ids["job"], world.unknown("job")):
        ref = f"qfs://jobs/{name}/input/program.eigen.py"
        job = document(BELL)
        if kind == "program":
            job["spec"]["program"] = {"ref": ref}
        else:
            job["spec"]["input_refs"] = {"data": {"uri": ref}}
        answer = post(world, "/v1/jobs", body={"job": job})
        answers.add((answer.status_code, answer.content.replace(name.encode(), b"ID")))
    assert len(answers) == 1
    assert answers.pop()[0] >= 400


def test_a_path_leads_to_no_other_job(world: World) -> None:
    """Files of the caller's own job by a path that climbs into the owner's."""
    own = post(world, "/v1/jobs", body=BODY).json()["job_id"]
    headers = {"authorization": f"Bearer {world.tokens['other']}"}
    for path in (
        "..%2F..%2F{}%2Fresults%2Fresults.json",
        "%2e%2e/{}/meta.json",
        "..%5c{}%5cmeta.json",
        "/{}/meta.json",
    ):
        url = f"/v1/jobs/{own}/artifacts/{path.format(world.ids['job'])}"
        answer = world.run(world.door.client.get(url, headers=headers))
        assert answer.status_code in {400, 404}, url
        assert not world.leaks(answer.content.replace(world.ids["job"].encode(), b"ID"))

"""The graph: the same answers as REST gives, one request for many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import get_introspection_query

from doubles.front_door import ENERGY, FrontDoor, at_the_door, document

if TYPE_CHECKING:
    from pathlib import Path

SUBMIT = "mutation($i: JobInput!, $k: String) { submitJob(input: $i, idempotencyKey: $k) { warnings job { jobId } } }"


async def ask(door: FrontDoor, query: str, **variables: Any) -> dict[str, Any]:
    """The answer to an operation."""
    answer = await door.client.post("/graphql", json={"query": query, "variables": variables})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.json()


async def submitted(door: FrontDoor, **variables: Any) -> str:
    """The id of a job that was stored through the graph."""
    answer = await ask(door, SUBMIT, i={"job": document()}, **variables)
    return str(answer["data"]["submitJob"]["job"]["jobId"])


def test_a_job_and_what_it_left_come_in_one_answer(tmp_path: Path) -> None:
    query = """query($id: ID!) { job(id: $id) {
        state deviceId eventSeq error { code }
        results { outputs counts metadata error { code } circuits }
        events(first: 2) { position nodes { eventSeq state } }
        logs(first: 1) artifacts { path sha256 sizeBytes } artifact(path: "results/results.json") rationale } }"""

    async def scenario(door: FrontDoor) -> None:
        job_id = await submitted(door)
        await door.ended(job_id)
        answer = await ask(door, query, id=job_id)
        assert "errors" not in answer
        job, at = answer["data"]["job"], f"/v1/jobs/{job_id}"
        results = (await door.client.get(f"{at}/results")).json()
        assert job["results"] == {key: results.get(key) for key in job["results"]}
        assert job["results"]["circuits"][0]["seed"] > 2**53
        assert job["events"] == {
            "position": 2,
            "nodes": [{"eventSeq": 1, "state": "PENDING"}, {"eventSeq": 2, "state": "COMPILING"}],
        }
        assert job["logs"] == (await door.client.get(f"{at}/logs")).json()["lines"][-1:]
        assert job["artifact"] == (await door.client.get(f"{at}/artifacts/results/results.json")).text
        assert job["rationale"] == (await door.client.get(f"{at}/rationale")).json()
        files = (await door.client.get(f"{at}/artifacts")).json()["artifacts"]
        assert [entry["sizeBytes"] for entry in job["artifacts"]] == [entry["size_bytes"] for entry in files]
        rest = await ask(door, "query($id: ID!) { job(id: $id) { events(after: 2) { position } } }", id=job_id)
        assert rest["data"]["job"]["events"]["position"] is None

    at_the_door(tmp_path, scenario)


def test_pages_of_jobs(tmp_path: Path) -> None:
    query = "query($a: String) { jobs(first: 2, after: $a, states: [PENDING]) { endCursor nodes { jobId name } } }"

    async def scenario(door: FrontDoor) -> None:
        made = [await submitted(door) for _ in range(3)]
        page = (await ask(door, query))["data"]["jobs"]
        rest = (await ask(door, query, a=page["endCursor"]))["data"]["jobs"]
        assert [job["jobId"] for job in page["nodes"] + rest["nodes"]] == made[::-1]
        assert rest["endCursor"] is None

    at_the_door(tmp_path, scenario, workers=0)


def test_what_changes_something(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await submitted(door, k="monday")
        assert await submitted(door, k="monday") == job_id
        cancelled = await ask(door, "mutation($id: ID!) { cancelJob(id: $id) { state } }", id=job_id)
        assert cancelled["data"]["cancelJob"]["state"] == "CANCELLED"
        held = await ask(
            door, 'mutation { reserveDevice(deviceId: "sim:statevector", ttlSeconds: 60) { reservationId deviceId } }'
        )
        reservation = held["data"]["reserveDevice"]["reservationId"]
        release = "mutation($r: ID!) { releaseReservation(reservationId: $r) }"
        assert (await ask(door, release, r=reservation))["data"] == {"releaseReservation": True}
        again = await ask(door, release, r=reservation)
        assert again["errors"][0]["extensions"]["code"] == "EIGEN_RESERVATION_NOT_FOUND"
        measured = await ask(door, 'mutation { calibrateDevice(deviceId: "sim:density") { changed } }')
        assert measured["data"]["calibrateDevice"] == {"changed": {}}

    at_the_door(tmp_path, scenario, workers=0)


def test_compiling(tmp_path: Path) -> None:
    query = """mutation($good: JobInput!, $bad: JobInput!, $c: JSON!) {
        compile(input: $good) { programSha256 circuitSha256 }
        a: validate(input: $good) { valid error { code } }
        b: validate(input: $bad) { valid error { code details } }
        optimize(circuit: $c, level: 1) { circuit } }"""
    turns = [{"op": "RX", "q": [0], "params": [0.25]}, {"op": "RX", "q": [0], "params": [0.5]}]

    async def scenario(door: FrontDoor) -> None:
        circuit = {"version": "0.1", "qubits": 1, "operations": turns}
        bad = {"job": document("x = = 1")}
        data = (await ask(door, query, good={"job": document()}, bad=bad, c=circuit))["data"]
        rest = (await door.client.post("/v1/compile", json={"job": document()})).json()
        assert data["compile"] == {
            "programSha256": rest["program_sha256"],
            "circuitSha256": rest["circuit_sha256"],
        }
        assert data["a"] == {"valid": True, "error": None}
        assert (data["b"]["valid"], data["b"]["error"]["code"]) == (False, "EIGEN_LANG_REJECTED")
        assert data["b"]["error"]["details"]["diagnostics"][0]["code"] == "E0101"
        assert len(data["optimize"]["circuit"]["operations"]) == 1

    at_the_door(tmp_path, scenario, workers=0)


def test_sessions_keep_whole_numbers(tmp_path: Path) -> None:
    run = """mutation($s: ID!, $v: JSON!, $i: Long) {
        evaluate(sessionId: $s, values: $v, index: $i, gradient: true) { index seed outputs gradient } }"""

    async def scenario(door: FrontDoor) -> None:
        open_ = "mutation($i: JobInput!, $p: JSON!) { openSession(input: $i, parameters: $p) { sessionId parameters } }"
        opened = (await ask(door, open_, i={"job": document(ENERGY)}, p={"angles": 2}))["data"]["openSession"]
        session, values = opened["sessionId"], {"angles": [0.1, 0.2]}
        far = 2**60 + 1
        told = (await ask(door, run, s=session, v=values, i=far))["data"]["evaluate"]
        assert told["index"] == far
        same = await door.client.post(f"/v1/sessions/{session}/evaluations", json={"values": values, "index": far})
        assert (told["seed"], told["outputs"]) == (same.json()["seed"], same.json()["outputs"])
        assert told["seed"] > 2**53
        text = (await ask(door, run, s=session, v=values, i=str(far)))["data"]["evaluate"]
        assert text == told
        for wrong in (-1, 2**64, 1.5, "x", True):
            answer = await ask(door, run, s=session, v=values, i=wrong)
            assert answer["errors"][0]["extensions"]["code"] == "EIGEN_REQUEST_INVALID", wrong
        gone = await ask(door, "mutation($s: ID!) { closeSession(sessionId: $s) }", s=session)
        assert gone["data"] == {"closeSession": True}

    at_the_door(tmp_path, scenario, workers=0)


def test_an_error_takes_only_its_own_part_along(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await ask(door, '{ devices { deviceId } job(id: "job_0") { state } device(id: "no:thing") { name } }')
        assert answer["data"]["devices"]
        assert (answer["data"]["job"], answer["data"]["device"]) == (None, None)
        found = {error["path"][0]: error["extensions"] for error in answer["errors"]}
        assert found["job"] == {
            "code": "EIGEN_JOB_NOT_FOUND",
            "where": "job_0",
            "hint": "`eigen list` shows the jobs",
        }
        assert found["device"]["code"] == "EIGEN_DEVICE_UNKNOWN"
        job_id = await submitted(door)
        early = await ask(door, "query($id: ID!) { job(id: $id) { state results { outputs } } }", id=job_id)
        assert early["data"]["job"] == {"state": "PENDING", "results": None}
        assert early["errors"][0]["extensions"]["code"] == "EIGEN_JOB_NOT_FINISHED"
        assert early["errors"][0]["extensions"]["retryAfter"] == 1

    at_the_door(tmp_path, scenario, workers=0)


def test_tools_may_ask_for_the_schema(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await ask(door, get_introspection_query())
        names = {entry["name"] for entry in answer["data"]["__schema"]["types"]}
        assert {"Query", "Mutation", "Subscription", "Long", "JSON", "Job"} <= names

    at_the_door(tmp_path, scenario, workers=0)


def test_the_media_type_of_the_standard_tells_refusals_by_status(tmp_path: Path) -> None:
    kind = "application/graphql-response+json"

    async def scenario(door: FrontDoor) -> None:
        for query, status in (("{ devices { name } }", 200), ("{ nothing }", 400), ("{", 400)):
            answer = await door.client.post("/graphql", json={"query": query}, headers={"Accept": kind})
            assert (answer.status_code, answer.headers["content-type"]) == (status, kind)
            assert ("data" in answer.json()) == (status == 200)

    at_the_door(tmp_path, scenario, workers=0)

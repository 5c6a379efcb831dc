"""GraphQL, by a plain HTTP client and a plain socket."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import httpx
from websockets.sync.client import connect as open_socket

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Generator

    from doubles.ten_programs import Case

FAILURE = "error { code message where hint details }"
JOB = f"""
    jobId name state stage progress message target deviceId priority createdAt updatedAt eventSeq attempts
    reservationId resumedFrom replayOf steps {FAILURE}
"""
RESULTS = f"jobId state outputs counts circuits metadata completedAt {FAILURE}"
EVENT = "jobId eventSeq state stage progress message timestamp data"
DEVICE = """
    deviceId name backendType status numQubits gates coupling features maxShots queueDepth estimatedWaitSec
    properties digest
"""


class Graph:
    def __init__(self, address: str, *, token: str = "") -> None:
        self._address = address
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=f"http://{address}", headers=self._headers, timeout=60)

    def submit(self, case: Case, *, key: str | None = None) -> str:
        given = job_input(case)
        query = """mutation ($job: JobInput!, $key: String) {
            submitJob(input: $job, idempotencyKey: $key) { job { jobId } }
        }"""
        return str(self._ask(query, job=given, key=key)["submitJob"]["job"]["jobId"])

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        query = """mutation ($jobs: [EntryInput!]!, $key: String) {
            submitJobs(inputs: $jobs, idempotencyKey: $key) { job { jobId } }
        }"""
        stored = self._ask(query, jobs=[job_input(case) for case in cases], key=key)["submitJobs"]
        return [each["job"]["jobId"] for each in stored]

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        query = "mutation ($job: JobInput!, $targets: [String!]) { estimate(input: $job, targets: $targets) }"
        return self._ask(query, job=job_input(case), targets=targets)["estimate"]

    def status(self, job_id: str) -> dict[str, Any]:
        return plain(self._ask(f"query ($id: ID!) {{ job(id: $id) {{ {JOB} }} }}", id=job_id)["job"])

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        query = f"subscription ($id: ID!, $after: Long!) {{ jobUpdates(id: $id, after: $after) {{ {EVENT} }} }}"
        protocol: Any = ["graphql-transport-ws"]
        with open_socket(f"ws://{self._address}/graphql", subprotocols=protocol) as socket:
            socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(socket.recv())["type"] == "connection_ack"
            payload = {"query": query, "variables": {"id": job_id, "after": after}}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            while True:
                message = json.loads(socket.recv(timeout=60))
                if message["type"] == "ping":
                    socket.send(json.dumps({"type": "pong"}))
                elif message["type"] == "complete":
                    return
                else:
                    given = message["payload"]
                    answer = checked({"errors": given} if message["type"] == "error" else given)
                    yield plain(answer["jobUpdates"])

    def results(self, job_id: str) -> dict[str, Any]:
        query = f"query ($id: ID!) {{ job(id: $id) {{ results {{ {RESULTS} }} }} }}"
        return plain(self._ask(query, id=job_id)["job"]["results"])

    def decide(self, job_id: str, decision: str) -> str:
        query = f'mutation ($id: ID!) {{ decideJob(id: $id, decision: "{decision}") {{ jobId }} }}'
        return self._ask(query, id=job_id)["decideJob"]["jobId"]

    def cancel(self, job_id: str) -> dict[str, Any]:
        return plain(self._ask(f"mutation ($id: ID!) {{ cancelJob(id: $id) {{ {JOB} }} }}", id=job_id)["cancelJob"])

    def explain(self, job_id: str) -> dict[str, Any]:
        return self._ask("query ($id: ID!) { job(id: $id) { rationale } }", id=job_id)["job"]["rationale"]

    def replay(self, job_id: str) -> str:
        return self._ask("mutation ($id: ID!) { replayJob(id: $id) { jobId } }", id=job_id)["replayJob"]["jobId"]

    def resume(self, job_id: str, **limits: float) -> str:
        words = "".join(f", {name.replace('_s', 'S')}: {value}" for name, value in limits.items())
        query = f"mutation ($id: ID!) {{ resumeJob(id: $id{words}) {{ jobId }} }}"
        return self._ask(query, id=job_id)["resumeJob"]["jobId"]

    def verify(self, job_id: str) -> dict[str, Any]:
        query = "query ($id: ID!) { verification(id: $id) { jobId verified checks { name verdict detail } } }"
        found = plain(self._ask(query, id=job_id)["verification"])
        for check in found["checks"]:
            check["verdict"] = check["verdict"].lower().replace("_", " ")
        return found

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        return self._ask("query ($id: ID!) { job(id: $id) { logs(first: 1000) } }", id=job_id)["job"]["logs"]

    def artifacts(self, job_id: str) -> list[dict[str, Any]]:
        query = "query ($id: ID!) { job(id: $id) { artifacts { path ref sha256 sizeBytes mediaType } } }"
        return [plain(entry) for entry in self._ask(query, id=job_id)["job"]["artifacts"]]

    def artifact(self, job_id: str, path: str) -> bytes:
        query = "query ($id: ID!, $path: String!) { job(id: $id) { artifact(path: $path) } }"
        return self._ask(query, id=job_id, path=path)["job"]["artifact"].encode()

    def names(self, name: str) -> list[str]:
        found = self._ask("query ($name: String) { jobs(name: $name) { nodes { jobId } } }", name=name)
        return [job["jobId"] for job in found["jobs"]["nodes"]]

    def device(self, device_id: str) -> dict[str, Any]:
        return plain(self._ask(f"query ($id: ID!) {{ device(id: $id) {{ {DEVICE} }} }}", id=device_id)["device"])

    def close(self) -> None:
        self._client.close()

    def _ask(self, query: str, **variables: Any) -> Any:
        answer = self._client.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return checked(answer.json())


def job_input(case: Case) -> dict[str, Any]:
    files = [{"path": path, "base64": b64encode(data).decode()} for path, data in case.files.items()]
    return {"job": case.document, "program": case.program, "filename": case.filename, "files": files}


def checked(answer: dict[str, Any]) -> Any:
    """The data of an answer; its first error raised."""
    for error in answer.get("errors", ()):
        told = dict(error["extensions"])
        told.pop("retryAfter", None)
        raise EigenError.from_json({"message": error["message"], **told})
    return answer["data"]


OPTIONAL = {"reservation_id", "resumed_from", "replay_of", "steps", "workflow", "step"}


def plain(value: dict[str, Any]) -> dict[str, Any]:
    """An object of the graph with the names of the house; what is empty there is left out there."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
        if name == "error":
            if item is not None:
                found[name] = {part: entry for part, entry in item.items() if entry}
        elif name == "item":
            found |= {} if item is None else {name: item}
        elif name not in OPTIONAL or item:
            found[name] = item
    return found

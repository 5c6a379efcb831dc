"""REST, by a plain HTTP client: the documented paths and bodies, no code of the SDK."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import httpx

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Generator

    from doubles.ten_programs import Case


class Rest:
    def __init__(self, address: str, *, token: str = "") -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=f"http://{address}/v1", headers=headers, timeout=60)

    def submit(self, case: Case, *, key: str | None = None) -> str:
        headers = {"Idempotency-Key": key} if key else {}
        return str(self._json("POST", "/jobs", json=body_of(case), headers=headers)["job_id"])

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"jobs": [body_of(case) for case in cases]}
        return [job["job_id"] for job in self._json("POST", "/jobs:batch", json=body, headers=headers)["jobs"]]

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        return self._json("POST", "/estimate", json=body_of(case) | {"targets": [*targets]})

    def status(self, job_id: str) -> dict[str, Any]:
        return self._json("GET", f"/jobs/{job_id}")

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        with self._client.stream("GET", f"/jobs/{job_id}/events", headers=headers) as answer:
            if answer.is_error:
                answer.read()
                raise told(answer)
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def results(self, job_id: str) -> dict[str, Any]:
        return self._json("GET", f"/jobs/{job_id}/results")

    def decide(self, job_id: str, decision: str) -> str:
        return self._json("POST", f"/jobs/{job_id}/decision", json={"decision": decision})["job_id"]

    def cancel(self, job_id: str) -> dict[str, Any]:
        return self._json("POST", f"/jobs/{job_id}/cancel")

    def explain(self, job_id: str) -> dict[str, Any]:
        return self._json("GET", f"/jobs/{job_id}/rationale")

    def replay(self, job_id: str) -> str:
        return self._json("POST", f"/jobs/{job_id}/replay")["job_id"]

    def resume(self, job_id: str, **limits: float) -> str:
        return self._json("POST", f"/jobs/{job_id}/resume", json=limits)["job_id"]

    def verify(self, job_id: str) -> dict[str, Any]:
        return self._json("GET", f"/jobs/{job_id}/verification")

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        return self._json("GET", f"/jobs/{job_id}/logs")["lines"]

    def artifacts(self, job_id: str) -> list[dict[str, Any]]:
        return self._json("GET", f"/jobs/{job_id}/artifacts")["artifacts"]

    def artifact(self, job_id: str, path: str) -> bytes:
        exact = path.replace("..", "%2E%2E")  # the HTTP client would resolve them
        return self._ask("GET", f"/jobs/{job_id}/artifacts/{exact}").content

    def names(self, name: str) -> list[str]:
        return [job["job_id"] for job in self._json("GET", "/jobs", params={"name": name})["jobs"]]

    def device(self, device_id: str) -> dict[str, Any]:
        return self._json("GET", f"/devices/{device_id}")

    def close(self) -> None:
        self._client.close()

    def _json(self, method: str, path: str, **request: Any) -> Any:
        return self._ask(method, path, **request).json()

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        answer = self._client.request(method, path, **request)
        if answer.is_error:
            raise told(answer)
        return answer


def body_of(case: Case) -> dict[str, Any]:
    files = {path: b64encode(data).decode() for path, data in case.files.items()}
    return {"job": case.document, "program": case.program, "filename": case.filename, "files": files}


def told(answer: httpx.Response) -> EigenError:
    """The error behind a problem+json."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    details = dict(problem.get("details", {}))
    if "errors" in problem:
        details["field_violations"] = problem["errors"]
    error = EigenError(
        problem["code"],
        problem["detail"],
        hint=problem.get("hint", ""),
        where=problem.get("where", ""),
        details=details,
    )
    assert answer.status_code == problem["status"] == error.status.http
    return error

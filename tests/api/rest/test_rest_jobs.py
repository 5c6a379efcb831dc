"""Jobs over REST: stored, listed, read back, cancelled, and the files they leave."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from doubles.front_door import BELL, FrontDoor, at_the_door, document

if TYPE_CHECKING:
    from pathlib import Path

YAML = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: from-yaml}\nspec:\n  program:\n    source: |\n"


def test_a_job_is_stored_run_and_read_back(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.post("/v1/jobs", json={"job": document(seed=3)})
        assert answer.status_code == 201
        job_id = answer.json()["job_id"]
        assert answer.headers["location"] == f"/v1/jobs/{job_id}"
        assert answer.json()["warnings"] == []
        assert answer.json()["state"] in {"PENDING", "COMPILING", "QUEUED", "RUNNING", "DONE"}  # it may have begun
        job = await door.ended(job_id)
        assert (job["state"], job["name"], job["device_id"]) == ("DONE", "bell", "sim:statevector")
        results = (await door.client.get(f"/v1/jobs/{job_id}/results")).json()
        assert sum(results["counts"].values()) == 500
        assert set(results["counts"]) == {"00", "11"}
        assert results["metadata"]["seed"] == 3
        lines = (await door.client.get(f"/v1/jobs/{job_id}/logs")).json()["lines"]
        assert next(line["message"] for line in lines if line["level"] == "info") == "submitted"
        rationale = (await door.client.get(f"/v1/jobs/{job_id}/rationale")).json()
        assert rationale["placement"]["device_id"] == "sim:statevector"

    at_the_door(tmp_path, scenario)


def test_a_job_yaml_that_holds_its_program(tmp_path: Path) -> None:
    text = YAML + "".join(f"      {line}\n" for line in BELL.splitlines())

    async def scenario(door: FrontDoor) -> None:
        headers = {"Content-Type": "application/yaml; charset=utf-8"}
        answer = await door.client.post("/v1/jobs", content=text, headers=headers)
        assert answer.status_code == 201, answer.text
        where = answer.headers["location"]
        assert (await door.client.get(f"{where}/artifacts/input/job.yaml")).text == text
        assert (await door.client.get(f"{where}/artifacts/input/program.eigen.py")).text == BELL
        wrong = await door.client.post("/v1/jobs", content="- 1", headers=headers)
        assert wrong.json()["code"] == "EIGEN_REQUEST_INVALID"

    at_the_door(tmp_path, scenario, workers=0)


def test_a_program_beside_its_job(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job = document()
        del job["spec"]["program"]
        answer = await door.client.post("/v1/jobs", json={"job": job, "program": "x = = 1", "filename": "mine.py"})
        ended = await door.ended(answer.json()["job_id"])
        assert ended["error"]["code"] == "EIGEN_LANG_REJECTED"
        assert ended["error"]["where"] == "mine.py:1:5"
        missing = await door.client.post("/v1/jobs", json={"job": job})
        assert missing.json()["errors"][0]["field"] == "spec.program"

    at_the_door(tmp_path, scenario)


def test_complaints_about_a_job_come_all_at_once_with_their_fields(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.post("/v1/jobs", json={"job": document(shotz=5, seed="x")})
        assert answer.status_code == 400
        problem = answer.json()
        assert problem["code"] == "EIGEN_JOBSPEC_INVALID"
        assert {entry["field"] for entry in problem["errors"]} == {"spec.shotz", "spec.seed"}
        assert answer.headers["content-type"] == "application/problem+json"

    at_the_door(tmp_path, scenario, workers=0)


def test_what_this_installation_lacks_is_no_fault_of_the_server(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.post("/v1/jobs", json={"job": document() | {"kind": "DistributedJob"}})
        assert (answer.status_code, answer.json()["code"]) == (422, "EIGEN_NOT_AVAILABLE")

    at_the_door(tmp_path, scenario, workers=0)


def test_an_idempotency_key_gives_the_same_job(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        key = {"Idempotency-Key": "monday"}
        assert await door.submit(**key) == await door.submit(**key)
        other = await door.client.post("/v1/jobs", json={"job": document(shots=5)}, headers=key)
        assert (other.status_code, other.json()["code"]) == (412, "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT")

    at_the_door(tmp_path, scenario, workers=0)


def test_pages_of_jobs_follow_their_links(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        made = [await door.submit(document(name="a b&c")) for _ in range(3)]
        await door.submit(document(name="other"))
        seen: list[str] = []
        following = "/v1/jobs?limit=2&name=a+b%26c&state=PENDING&state=DONE"
        while following:
            page = (await door.client.get(following)).json()
            seen += [job["job_id"] for job in page["jobs"]]
            following = page["next"]
        assert seen == made[::-1]
        assert (await door.client.get("/v1/jobs?state=DONE")).json() == {"jobs": [], "next_before": None, "next": None}

    at_the_door(tmp_path, scenario, workers=0)


def test_results_of_a_job_that_runs_are_worth_another_try(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        answer = await door.client.get(f"/v1/jobs/{job_id}/results")
        assert (answer.status_code, answer.json()["code"]) == (412, "EIGEN_JOB_NOT_FINISHED")
        assert answer.headers["retry-after"] == str(answer.json()["retry_after"])

    at_the_door(tmp_path, scenario, workers=0)


def test_a_job_is_cancelled_once(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        answer = await door.client.post(f"/v1/jobs/{job_id}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (202, "CANCELLED")
        again = await door.client.post(f"/v1/jobs/{job_id}/cancel")
        assert (again.status_code, again.json()["code"]) == (412, "EIGEN_JOB_FINISHED")
        results = await door.client.get(f"/v1/jobs/{job_id}/results")
        assert (results.status_code, results.json()["error"]["code"]) == (200, "EIGEN_RUN_CANCELLED")

    at_the_door(tmp_path, scenario, workers=0)


def test_artifacts_carry_their_digest_and_stay_files(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        await door.ended(job_id)
        at = f"/v1/jobs/{job_id}/artifacts"
        listed = {entry["path"]: entry for entry in (await door.client.get(at)).json()["artifacts"]}
        for path, entry in listed.items():
            answer = await door.client.get(f"{at}/{path}")
            assert answer.headers["etag"] == f'"{entry["sha256"]}"' == f'"{sha256(answer.content).hexdigest()}"'
            assert answer.headers["content-type"].split(";")[0] == entry["media_type"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-disposition"].startswith("attachment")
            same = await door.client.get(f"{at}/{path}", headers={"If-None-Match": answer.headers["etag"]})
            assert (same.status_code, same.content) == (304, b"")
        alias = await door.client.get(f"{at}/results.json")
        assert alias.headers["etag"] == f'"{listed["results/results.json"]["sha256"]}"'
        for path, code in (("nothing.json", "EIGEN_QFS_NOT_FOUND"), ("..%2f..%2feigen.db", "EIGEN_QFS_PATH")):
            answer = await door.client.get(f"{at}/{path}")
            assert answer.json()["code"] == code

    at_the_door(tmp_path, scenario)


def test_what_is_not_there_is_the_same_answer_everywhere(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        for path in ("", "/results", "/events", "/logs", "/rationale", "/artifacts", "/artifacts/x"):
            answer = await door.client.get(f"/v1/jobs/job_0/{path[1:]}".rstrip("/"))
            assert (answer.status_code, answer.json()["code"]) == (404, "EIGEN_JOB_NOT_FOUND"), path
        assert (await door.client.post("/v1/jobs/job_0/cancel")).status_code == 404

    at_the_door(tmp_path, scenario, workers=0)

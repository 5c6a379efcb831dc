"""Compiling, optimising and validating over REST, and sessions."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from doubles.front_door import ENERGY, FrontDoor, at_the_door, document

if TYPE_CHECKING:
    from pathlib import Path

TWICE = {
    "version": "0.1",
    "qubits": 1,
    "operations": [{"op": "RX", "q": [0], "params": [0.25]}, {"op": "RX", "q": [0], "params": [0.5]}],
}


def digest(value: Any) -> str:
    """sha256 of canonical JSON, as anyone can compute it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def test_a_compiled_program_comes_as_documents_of_known_digests(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        form = (await door.client.post("/v1/compile", json={"job": document()})).json()
        assert digest(form["program"]) == form["program_sha256"]
        assert digest(form["circuit"]) == form["circuit_sha256"]
        assert [entry["op"] for entry in form["circuit"]["operations"]] == ["H", "CX", "MEASURE"]
        job_id = await door.submit()
        await door.ended(job_id)
        kept = await door.client.get(f"/v1/jobs/{job_id}/artifacts/compiled/circuit.aqo.json")
        assert kept.headers["etag"] == f'"{form["circuit_sha256"]}"'

    at_the_door(tmp_path, scenario)


def test_a_program_that_does_not_compile_is_a_problem_or_a_verdict(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        body = {"job": document("x = = 1")}
        problem = await door.client.post("/v1/compile", json=body)
        assert (problem.status_code, problem.json()["code"]) == (400, "EIGEN_LANG_REJECTED")
        verdict = (await door.client.post("/v1/validate", json=body)).json()
        assert (verdict["valid"], verdict["report"]) == (False, None)
        assert verdict["error"]["details"]["diagnostics"] == problem.json()["details"]["diagnostics"]
        good = (await door.client.post("/v1/validate", json={"job": document()})).json()
        assert (good["valid"], good["error"]) == (True, None)
        assert good["report"]["diagnostics"] == []
        malformed = await door.client.post("/v1/validate", json={"job": document(shotz=1)})
        assert (malformed.status_code, malformed.json()["code"]) == (400, "EIGEN_JOBSPEC_INVALID")

    at_the_door(tmp_path, scenario, workers=0)


def test_a_circuit_is_simplified(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        form = (await door.client.post("/v1/optimize", json={"circuit": TWICE})).json()
        assert [entry["params"] for entry in form["circuit"]["operations"]] == [{"theta": 0.75}]
        assert digest(form["circuit"]) == form["circuit_sha256"]
        kept = (await door.client.post("/v1/optimize", json={"circuit": TWICE, "level": 0})).json()
        assert len(kept["circuit"]["operations"]) == 2
        for body, code in (
            ({"circuit": {"version": "0.1"}}, "EIGEN_AQO_INVALID"),
            ({"circuit": TWICE, "level": 4}, "EIGEN_REQUEST_INVALID"),
            ({"circuit": TWICE, "target": "sim:nothing"}, "EIGEN_DEVICE_UNKNOWN"),
            ({"circuit": TWICE, "optimise": 1}, "EIGEN_REQUEST_INVALID"),
        ):
            answer = await door.client.post("/v1/optimize", json=body)
            assert answer.json()["code"] == code, answer.text

    at_the_door(tmp_path, scenario, workers=0)


def test_a_session_is_opened_evaluated_and_closed(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        opened = await door.client.post("/v1/sessions", json={"job": document(ENERGY), "parameters": {"angles": 2}})
        assert (opened.status_code, opened.json()["parameters"]) == (201, {"angles": 2})
        at = opened.headers["location"]
        values = {"angles": [0.1, 0.2]}
        first = (await door.client.post(f"{at}/evaluations", json={"values": values, "gradient": True})).json()
        step = 1e-6
        moved = {"angles": [0.1 + step, 0.2]}
        second = (await door.client.post(f"{at}/evaluations", json={"values": moved})).json()
        assert (first["index"], second["index"], second["gradient"]) == (0, 1, None)
        assert abs((second["outputs"] - first["outputs"]) / step - first["gradient"]["angles"][0]) < 1e-5
        same = (await door.client.post(f"{at}/evaluations", json={"values": values, "index": 0})).json()
        assert (same["seed"], same["outputs"]) == (first["seed"], first["outputs"])
        assert first["seed"] > 2**53  # a number that doubles would not keep
        wrong = await door.client.post(f"{at}/evaluations", json={"values": {"angles": [0.1]}})
        assert (wrong.json()["code"], wrong.json()["where"]) == ("EIGEN_REQUEST_INVALID", "values.angles")
        assert [(await door.client.delete(at)).status_code for _ in range(2)] == [204, 204]
        gone = await door.client.post(f"{at}/evaluations", json={"values": values})
        assert (gone.status_code, gone.json()["code"]) == (404, "EIGEN_SESSION_NOT_FOUND")

    at_the_door(tmp_path, scenario, workers=0)

"""One system, whatever door one comes in by: the same programs give the same answers and the same refusals through
the command line, the SDK (blocking and asyncio), gRPC, REST and GraphQL; embedded, as one server, and as four roles.

The answers of the embedded SDK are what the others are held to. Ids, times, and how often progress was told - which
the clock decides - are left out of the comparison, nothing else is.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from server_processes import FourRoles, Whole

from doubles.surfaces import EMBEDDED, SURFACES, Surface
from doubles.ten_programs import BAD_DOCUMENT, BELL, CANCELLED, CASES, FAILS_AT_RUN_TIME, VQE, Case
from eigen.errors import EigenError
from eigen.jobspec import PROGRAM_ARTIFACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

MOMENTS = {
    "created_at",
    "updated_at",
    "completed_at",
    "timestamp",
    "at",
    "execution_time_sec",
    "trace_id",
    "expires_at",
    "event_seq",  # progress is told by the clock
    "seq",
}
DOORS = [
    f"{place}-{name}"
    for place, names in (("whole", SURFACES), ("roles", SURFACES), ("embedded", EMBEDDED))
    for name in names
]
PROGRAMS = {path.removeprefix("input/") for path in PROGRAM_ARTIFACTS.values()}
ANY_JOB = re.compile(r"job_[0-9A-HJKMNP-TV-Z]{26}")
DOORS.remove("embedded-sdk")  # what the others are held to


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("surfaces")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Generator[dict[str, str]]:
    with Whole(folder, env={"EIGEN_QFS_ROOT": str(folder / "whole")}) as server:
        yield server.addresses


@pytest.fixture(scope="module")
def roles(folder: Path) -> Generator[dict[str, str]]:
    with FourRoles(folder, env={"EIGEN_QFS_ROOT": str(folder / "roles")}) as servers:
        yield servers.addresses


@pytest.fixture(scope="module")
def expected(folder: Path) -> Generator[Callable[[Case], dict[str, Any]]]:
    """What a case must give: as the embedded SDK answers."""
    with closing(EMBEDDED["sdk"](folder / "expected")) as surface:
        yield cache(lambda case: record(surface, case))


@pytest.fixture
def surface(door: str, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[Surface]:
    place, _, name = door.partition("-")
    embedded = place == "embedded"
    with closing(
        EMBEDDED[name](tmp_path) if embedded else SURFACES[name](request.getfixturevalue(place), tmp_path)
    ) as it:
        yield it


def record(surface: Surface, case: Case) -> dict[str, Any]:
    """Everything that a surface says about a job, from handing it in to its end, without ids and moments."""
    try:
        job_id = surface.submit(case)
    except EigenError as error:
        return {"refused": complaint(error)}
    states: list[tuple[str, str]] = []
    with closing(surface.events(job_id)) as events:
        for number, event in enumerate(events, start=1):
            assert (event["event_seq"], event["job_id"]) == (number, job_id)
            if event["state"] == "RUNNING" and case.cancels and states[-1][0] != "RUNNING":
                assert surface.cancel(job_id)["state"] in {"RUNNING", "CANCELLED"}
            if not states or states[-1][0] != event["state"]:
                states.append((event["state"], event["message"]))
    assert len({state for state, _ in states}) == len(states)
    status, results, explained = surface.status(job_id), surface.results(job_id), surface.explain(job_id)
    assert status["event_seq"] == number
    if case.cancels:  # how far it came is a matter of time
        assert status["state"] == results["state"] == explained["state"]
        return {"states": states, "results": {"state": results["state"], "error": results["error"]}}
    files = {entry["path"]: entry for entry in surface.artifacts(job_id)}
    verified = surface.verify(job_id)
    kept = [path for path in files if path.startswith(("input/", "compiled/"))]
    return plain(
        job_id,
        {
            "states": states,
            "status": status,
            "results": results,
            "explained": explained,
            "verified": [(check["name"], check["verdict"]) for check in verified["checks"]],
            "files": sorted(files),
            "digests": {path: files[path]["sha256"] for path in kept},
            "programs": [surface.artifact(job_id, path).decode() for path in kept if is_program(path)],
            "logged": sorted({line["message"] for line in surface.logs(job_id) if told_always(line)}),
        },
    )


def told_always(line: dict[str, Any]) -> bool:
    """Whether a log line does not depend on how long something took, as those of progress do."""
    told = line["message"]
    by_the_clock = told.startswith("iteration ") or told.endswith((" of 6 points", " jobs have ended"))
    return line["level"] != "debug" and not by_the_clock


def is_program(path: str) -> bool:
    """Whether a file is the program of a job, or of a step of one."""
    return path.startswith("input/") and path.rpartition("/")[2] in PROGRAMS


def plain(job_id: str, value: Any) -> Any:
    """A value without moments, in which the job is called JOB, and another one ANOTHER."""
    if isinstance(value, dict):
        return {key: plain(job_id, item) for key, item in value.items() if key not in MOMENTS}
    if isinstance(value, list | tuple):
        return [plain(job_id, item) for item in value]
    return ANY_JOB.sub("ANOTHER", value.replace(job_id, "JOB")) if isinstance(value, str) else value


def differences(found: Any, expected: Any, place: str = "") -> list[str]:
    """Where two answers differ, one line each."""
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = [*expected, *(key for key in found if key not in expected)]
        return [line for key in keys for line in differences(found.get(key), expected.get(key), f"{place}.{key}")]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [line for index, (ours, theirs) in pairs for line in differences(ours, theirs, f"{place}[{index}]")]
    return [] if found == expected else [f"{place}: {found!r}, not {expected!r}"]


def complaint(error: EigenError) -> dict[str, Any]:
    """What a refusal says, without what the surface calls a document, and the place of a complaint in its text."""
    found = json.loads(json.dumps(error.to_json()))
    details = found.get("details", {})
    if details.pop("document", None):
        found.pop("where")
    for entry in details.get("field_violations", ()):
        for key in ("line", "column", "source"):
            entry.pop(key, None)
    return found


def refusal(act: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(EigenError) as caught:
        act()
    return complaint(caught.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("door", DOORS)
def test_every_door_gives_the_same_answers(
    surface: Surface, case: Case, expected: Callable[[Case], dict[str, Any]]
) -> None:
    found = record(surface, case)
    assert differences(found, expected(case)) == []
    if case.ending.startswith("EIGEN_"):
        assert found["refused"]["code"] == case.ending
    else:
        assert found["results"]["state"] == case.ending


@pytest.mark.parametrize("door", [*DOORS, "embedded-sdk"])
def test_every_door_refuses_in_the_same_words(surface: Surface) -> None:
    unknown = "job_01JD0000000000000000000000"
    missing = {"code": "EIGEN_JOB_NOT_FOUND", "message": f"there is no job `{unknown}`", "where": unknown}
    missing["hint"] = "`eigen list` shows the jobs"
    for act in (
        lambda: surface.status(unknown),
        lambda: surface.results(unknown),
        lambda: surface.cancel(unknown),
        lambda: surface.decide(unknown, "again"),
        lambda: surface.explain(unknown),
        lambda: surface.verify(unknown),
        lambda: surface.replay(unknown),
        lambda: surface.resume(unknown, max_shots=5),
        lambda: surface.logs(unknown),
        lambda: surface.artifacts(unknown),
        lambda: surface.artifact(unknown, "results/results.json"),
        lambda: list(surface.events(unknown)),
    ):
        assert refusal(act) == missing
    first = surface.submit(BELL, key="one")
    assert surface.submit(BELL, key="one") == first
    conflict = refusal(lambda: surface.submit(VQE, key="one"))
    assert conflict["code"] == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
    number = len(list(surface.events(first)))
    assert [event["event_seq"] for event in surface.events(first, number - 1)] == [number]
    assert list(surface.events(first, number)) == []
    assert surface.artifact(first, "input/spec.json")
    assert refusal(lambda: surface.cancel(first))["code"] == "EIGEN_JOB_FINISHED"
    assert refusal(lambda: surface.decide(first, "give_up"))["code"] == "EIGEN_JOB_FINISHED"
    assert refusal(lambda: surface.artifact(first, "no/such"))["code"] == "EIGEN_QFS_NOT_FOUND"
    assert refusal(lambda: surface.artifact(first, "../../etc"))["code"] == "EIGEN_QFS_PATH"
    assert refusal(lambda: list(surface.events(first, number + 1)))["code"] == "EIGEN_STREAM_CURSOR"
    assert refusal(lambda: surface.device("sim:abacus"))["code"] == "EIGEN_DEVICE_UNKNOWN"
    assert first in surface.names("bell")
    again = surface.replay(first)
    assert surface.status(again)["replay_of"] == first
    assert len(list(surface.events(again))) > 3
    assert surface.results(again)["metadata"]["replay"]["verdict"] == "identical"
    assert refusal(lambda: surface.resume(first))["code"] == "EIGEN_JOB_FINISHED"
    failed = surface.submit(FAILS_AT_RUN_TIME)
    assert len(list(surface.events(failed))) > 3
    assert surface.status(surface.resume(failed, max_seconds=0.5, max_shots=5))["resumed_from"] == failed


@pytest.mark.parametrize("door", [*DOORS, "embedded-sdk"])
def test_a_batch_is_taken_whole_or_refused_by_place(surface: Surface, door: str) -> None:
    key = f"batch of {door}"
    found = surface.submit_all([BELL, VQE, BELL], key=key)
    assert sorted({*found}) == found, "they are listed in another order than they were handed in"
    assert surface.submit_all([BELL, VQE, BELL], key=key) == found
    assert refusal(lambda: surface.submit_all([BELL, VQE], key=key))["code"] == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
    assert [surface.status(job_id)["name"] for job_id in found] == ["bell", VQE.name, "bell"]
    for job_id in (found[0], found[2]):
        assert [event["state"] for event in surface.events(job_id)][-1] == "DONE"
    before = surface.names("bell")
    refused = refusal(lambda: surface.submit_all([BELL, BAD_DOCUMENT, BELL, BAD_DOCUMENT]))
    assert (refused["code"], refused["where"]) == ("EIGEN_BATCH_REFUSED", "jobs[1]")
    entries = refused["details"]["jobs"]
    fields = [{each["field"] for each in entry["details"]["field_violations"]} for entry in entries]
    assert [(entry["index"], entry["code"]) for entry in entries] == [(n, "EIGEN_JOBSPEC_INVALID") for n in (1, 3)]
    assert fields == [{"spec.shots", "spec.priority"}] * 2
    assert surface.names("bell") == before


@pytest.mark.parametrize("door", [*DOORS, "embedded-sdk"])
def test_a_job_that_has_not_ended_has_no_results(surface: Surface) -> None:
    job_id = surface.submit(CANCELLED)
    early = refusal(lambda: surface.results(job_id))
    assert early["code"] == "EIGEN_JOB_NOT_FINISHED"
    assert surface.cancel(job_id)["job_id"] == job_id
    assert [event["state"] for event in surface.events(job_id)][-1] == "CANCELLED"


@pytest.mark.parametrize("place", ["whole", "roles"])
def test_an_estimate_is_the_same_through_every_door(place: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What the command and the SDK make here is what the server makes in a process of its own."""
    targets = ("sim:statevector", "sim:density", "line:5")
    found: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, make in SURFACES.items():
        with closing(make(request.getfixturevalue(place), tmp_path)) as surface:
            found[name] = json.loads(json.dumps(surface.estimate(VQE, *targets)))
            for each in found[name]["candidates"]:
                assert each.pop("wait_seconds", 0.0) >= 0.0
            unknown[name] = refusal(lambda it=surface: it.estimate(VQE, "sim:abacus"))["code"]
            assert refusal(lambda it=surface: it.estimate(BAD_DOCUMENT))["code"] == "EIGEN_JOBSPEC_INVALID"
    assert {each["device_id"] for each in found["cli"]["candidates"]} == {*targets}
    assert found["cli"]["program"]["evaluations"]["usual"] > 1
    for name, estimate in found.items():
        assert differences(estimate, found["cli"]) == [], name
    assert set(unknown.values()) == {"EIGEN_DEVICE_UNKNOWN"}


@pytest.mark.parametrize("place", ["whole", "roles"])
def test_a_device_is_the_same_through_every_door(place: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found: dict[str, dict[str, Any]] = {}
    for name, make in SURFACES.items():
        with closing(make(request.getfixturevalue(place), tmp_path)) as surface:
            device = surface.device("sim:statevector")
            found[name] = {key: value for key, value in device.items() if key not in {"digest", "estimated_wait_sec"}}
    assert all(device == found["sdk"] for device in found.values())

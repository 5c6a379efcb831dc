"""Work of which nobody knows what became, at a server: asked about, decided and told alike through every door."""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from server_processes import Whole

from doubles.forgetful_driver import LEDGER, install
from doubles.metered import METERED, MeteredDriver
from doubles.surfaces import SURFACES, Surface
from doubles.ten_programs import BELL, Case
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Generator

TESTS = Path(__file__).parent.parent
PAID = Case("paid", BELL.program, spec={"target": METERED.id, "shots": 50, "seed": 7})
ID = re.compile(r"job_[0-9A-Z]{26}(:[-0-9a-z]*)?")
MOMENTS = {"at", "submitted_at", "execution_time_sec", "handle", "completed_at"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("decisions")


@pytest.fixture(scope="module")
def doors(folder: Path) -> Generator[dict[str, Surface]]:
    """Every door of a server that has the driver."""
    install(folder / "plugins")
    path = os.pathsep.join([str(folder / "plugins"), str(TESTS), os.environ.get("PYTHONPATH", "")])
    env = {"EIGEN_QFS_ROOT": str(folder / "data"), "PYTHONPATH": path, LEDGER: str(folder / "ledger")}
    with Whole(folder, env=env) as server, ExitStack() as stack:
        yield {
            name: stack.enter_context(closing(make(server.addresses, folder / name))) for name, make in SURFACES.items()
        }


@pytest.fixture(scope="module")
def paid(folder: Path) -> MeteredDriver:
    """The provider as its ledger tells it."""
    return MeteredDriver(folder / "ledger")


def plain(value: Any) -> Any:
    """Without ids and moments."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in MOMENTS}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return ID.sub("JOB", value) if isinstance(value, str) else value


def undecided(surface: Surface) -> tuple[str, dict[str, Any]]:
    """A job that waits for a person, and what the surface says of it."""
    job_id = surface.submit(PAID)
    until = time.monotonic() + 120
    while surface.status(job_id)["stage"] != "awaiting_decision" and time.monotonic() < until:
        time.sleep(0.2)
    status, explained = surface.status(job_id), surface.explain(job_id)
    about = {"state": status["state"], "message": status["message"], "about": explained["queue"]["undecided"]}
    return job_id, about


def refused(surface: Surface, job_id: str) -> dict[str, Any]:
    """What is said to who decides now."""
    with pytest.raises(EigenError) as caught:
        surface.decide(job_id, "again")
    return plain(caught.value.to_json())


@pytest.mark.parametrize("decision", ["again", "give_up"])
def test_a_decision_is_the_same_through_every_door(
    doors: dict[str, Surface], paid: MeteredDriver, decision: str
) -> None:
    answers: dict[str, Any] = {}
    for name, surface in doors.items():
        job_id, about = undecided(surface)
        assert (about["state"], about["about"]["shots"]) == ("QUEUED", 50)
        assert surface.decide(job_id, decision) == job_id
        last = [*surface.events(job_id)][-1]
        results = surface.results(job_id)
        error = results.get("error")
        mine = [row for row in paid.rows() if row["key"].startswith(job_id)]
        answers[name] = plain(
            {
                "asked": about,
                "ended": last["state"],
                "counts": results["counts"],
                "error": error and {key: error[key] for key in ("code", "message")},
                "delivery": results["metadata"].get("delivery"),
                "cost": results["metadata"].get("cost"),
                "later": refused(surface, job_id),
                "paid": len(mine),
            }
        )
    first = answers["sdk"]
    for name, answer in answers.items():
        assert {key: value for key, value in answer.items() if value != first[key]} == {}, name
    assert (first["ended"], first["paid"]) == (("DONE", 2) if decision == "again" else ("ERROR", 1))
    assert first["later"]["code"] == "EIGEN_JOB_FINISHED"
    assert [entry["decision"] for entry in first["delivery"]["decisions"]] == [decision]
    if decision == "give_up":
        assert first["error"]["code"] == "EIGEN_RUN_UNDECIDED"

"""What a caller sees, and what the words give away: another tenant's job and one that never was answer the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.errors import EigenError
from eigen.kernel.kernel import Kernel
from eigen.types import OPERATOR, Caller, JobState

if TYPE_CHECKING:
    from conftest import Bench

ANNA = Caller("anna", ("user",), "acme", "chem")
ANTON = Caller("anton", ("user",), "acme")
AMIR = Caller("amir", ("user",), "acme", "bio")
BERT = Caller("bert", ("user",), "other", "chem")

NEVER = "job_00000000000000000000000000"

READS: dict[str, Callable[[Kernel, str], object]] = {
    "get": Kernel.get,
    "results": Kernel.results,
    "cancel": Kernel.cancel,
    "events": Kernel.events,
    "explain": Kernel.explain,
    "logs": Kernel.logs,
    "artifacts": Kernel.artifacts,
    "verify": Kernel.verify,
    "replay": Kernel.replay,
    "replayed": Kernel.replayed,
    "resume": Kernel.resume,
    "resumed": Kernel.resumed,
    "decide": lambda kernel, job_id: kernel.decide(job_id, "again"),
    "artifact": lambda kernel, job_id: kernel.artifact(job_id, "input/spec.json"),
}


def submit(bench: Bench, caller: Caller, **options: object) -> str:
    job = house.spec("bell", **options)
    return bench.kernel.of(caller).submit(job, house.files(job))


def test_every_way_to_a_job_is_tried_here() -> None:
    public = {name for name in vars(Kernel) if not name.startswith("_")}
    assert public == {*READS, "of", "submit", "submitted", "submit_all", "list"}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("stranger", [BERT, AMIR], ids=["tenant", "project"])
def test_what_is_not_mine_is_not_there(bench: Bench, read: str, stranger: Caller) -> None:
    job_id = submit(bench, ANNA)
    bench.run(job_id)
    errors: list[EigenError] = []
    for asked in (job_id, NEVER):
        with pytest.raises(EigenError) as caught:
            READS[read](bench.kernel.of(stranger), asked)
        errors.append(caught.value)
    theirs, nobodys = errors
    assert theirs.code == "EIGEN_JOB_NOT_FOUND"
    assert str(theirs.to_json()).replace(job_id, NEVER) == str(nobodys.to_json())


@pytest.mark.parametrize("caller", [ANNA, ANTON, OPERATOR], ids=["owner", "tenant", "operator"])
def test_what_is_mine_is_there(bench: Bench, caller: Caller) -> None:
    job_id = submit(bench, ANNA)
    bench.run(job_id)
    kernel = bench.kernel.of(caller)
    assert kernel.get(job_id).tenant == "acme"
    assert kernel.get(job_id).project == "chem"
    assert kernel.results(job_id).state is JobState.DONE
    assert [job.job_id for job in kernel.list()] == [job_id]
    assert kernel.artifact(job_id, "input/spec.json")


def test_lists_hold_what_is_the_callers_and_their_pages_are_full(bench: Bench) -> None:
    mine, others = [], []
    for _ in range(4):
        mine.append(submit(bench, ANNA))
        others.append(submit(bench, BERT))
    first = [job.job_id for job in bench.kernel.of(ANNA).list(limit=3)]
    rest = [job.job_id for job in bench.kernel.of(ANNA).list(limit=3, before=first[-1])]
    assert first + rest == sorted(mine, reverse=True)
    assert len(bench.kernel.list()) == 8
    assert bench.kernel.of(AMIR).list() == ()


def test_the_operators_jobs_belong_to_the_default_tenant_and_their_namespace(bench: Bench) -> None:
    job_id = submit(bench, OPERATOR, namespace="lab")
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert (row.tenant, row.project, row.subject) == ("default", "lab", "local")


def test_a_caller_of_no_project_submits_into_the_namespace(bench: Bench) -> None:
    assert bench.kernel.get(submit(bench, ANTON, namespace="bio")).project == "bio"
    assert [job.project for job in bench.kernel.of(AMIR).list()] == ["bio"]


def test_a_caller_bound_to_a_project_cannot_name_another(bench: Bench) -> None:
    assert bench.kernel.get(submit(bench, ANNA, namespace="chem")).project == "chem"
    with pytest.raises(EigenError) as caught:
        submit(bench, ANNA, namespace="bio")
    assert caught.value.code == "EIGEN_AUTH_DENIED"
    assert "`bio`" in caught.value.message


def test_a_job_cannot_wait_for_what_its_owner_cannot_see(bench: Bench) -> None:
    theirs = submit(bench, BERT)
    errors: list[EigenError] = []
    for other in (theirs, NEVER):
        with pytest.raises(EigenError) as caught:
            submit(bench, ANNA, dependencies=(other,))
        errors.append(caught.value)
    assert errors[0].code == "EIGEN_JOB_NOT_FOUND"
    assert str(errors[0].to_json()).replace(theirs, NEVER) == str(errors[1].to_json())
    assert bench.kernel.of(ANNA).list() == ()
    assert bench.kernel.get(submit(bench, BERT, dependencies=(theirs,))).state is JobState.PENDING


def test_idempotency_keys_of_two_tenants_or_projects_do_not_meet(bench: Bench) -> None:
    job = house.spec("bell")
    first, again, *others = [
        bench.kernel.of(caller).submit(job, house.files(job), idempotency_key="k")
        for caller in (ANNA, ANNA, BERT, AMIR)
    ]
    assert first == again
    assert len({first, *others}) == 3

"""`Service`: the permission comes first, and whatever changes something stands in the audit log, however it ended."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from eigen import telemetry
from eigen.api.permissions import PERMISSIONS, ROLES, allows, require
from eigen.api.service import Service
from eigen.errors import EigenError
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.types import AuditEntry

USER = Caller(subject="oidc:ada", roles=("user",), tenant="acme")
READER = Caller(subject="oidc:bob", roles=("readonly",), tenant="acme")


class AuditedKernel:
    """A kernel that can cancel jobs, or fail to, and whose audit log can be full."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.full = False
        self.answers: Any = None
        self.started = asyncio.Event()

    async def cancel(self, caller: Caller, job_id: str) -> Any:
        self.started.set()
        if isinstance(self.answers, BaseException):
            raise self.answers
        if self.answers == "hang":
            await asyncio.Event().wait()
        return job_id

    async def audit(self, entry: AuditEntry) -> None:
        if self.full:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is full")
        await asyncio.sleep(0)
        self.entries.append(entry)


@pytest.fixture
def kernel() -> AuditedKernel:
    return AuditedKernel()


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    telemetry.configure("error", stream)
    yield stream
    telemetry.silence()


def cancel(kernel: AuditedKernel, caller: Caller = USER, target: str = "job_1") -> Any:
    return asyncio.run(Service(kernel).cancel(caller, target, surface="rest"))  # pyright: ignore[reportArgumentType]


def test_what_was_done_is_recorded(kernel: AuditedKernel) -> None:
    assert cancel(kernel) == "job_1"
    (entry,) = kernel.entries
    assert (entry.subject, entry.tenant, entry.action, entry.target, entry.outcome, entry.surface) == (
        *("oidc:ada", "acme", "jobs:cancel", "job_1", "ok", "rest"),
    )
    assert entry.at.endswith("Z")


def test_what_was_refused_is_recorded_and_not_done(kernel: AuditedKernel) -> None:
    with pytest.raises(EigenError) as error:
        cancel(kernel, READER)
    assert error.value.code == "EIGEN_AUTH_DENIED"
    assert kernel.entries[0].outcome == "EIGEN_AUTH_DENIED"
    assert not kernel.started.is_set()


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(EigenError("EIGEN_JOB_FINISHED", "too late"), "EIGEN_JOB_FINISHED"), (ZeroDivisionError(), "ZeroDivisionError")],
    ids=str,
)
def test_what_failed_is_recorded(kernel: AuditedKernel, failure: Exception, outcome: str) -> None:
    kernel.answers = failure
    with pytest.raises(type(failure)):
        cancel(kernel)
    assert kernel.entries[0].outcome == outcome


def test_a_caller_that_goes_away_is_recorded(kernel: AuditedKernel) -> None:
    kernel.answers = "hang"

    async def scenario() -> None:
        task = asyncio.create_task(Service(kernel).cancel(USER, "job_1"))  # pyright: ignore[reportArgumentType]
        await kernel.started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert kernel.entries[0].outcome == "CancelledError"


def test_a_long_target_is_cut(kernel: AuditedKernel) -> None:
    cancel(kernel, target="x" * 10_000)
    assert len(kernel.entries[0].target) == 200


def test_an_audit_log_that_is_full_hides_no_answer_and_no_error(kernel: AuditedKernel, said: io.StringIO) -> None:
    kernel.full = True
    assert cancel(kernel) == "job_1"
    kernel.answers = EigenError("EIGEN_JOB_FINISHED", "too late")
    with pytest.raises(EigenError) as error:
        cancel(kernel)
    assert error.value.code == "EIGEN_JOB_FINISHED"
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [(line["message"], line["action"], line["target"]) for line in lines] == [
        ("the audit log cannot be written", "jobs:cancel", "job_1")
    ] * 2


def test_roles_hold_what_the_contract_says() -> None:
    def of(role: str) -> set[str]:
        return {permission for permission in PERMISSIONS if allows(Caller(roles=(role,)), permission)}

    assert of("admin") == set(PERMISSIONS)
    jobs = {permission for permission in PERMISSIONS if permission.startswith("jobs:")}
    assert of("user") == jobs | {"devices:list", "devices:read", "devices:reserve"}
    assert of("readonly") == {"jobs:read", "devices:list"}
    assert of("") == of("root") == set()
    assert set(ROLES) == {"admin", "user", "readonly"}


def test_a_denial_names_the_permission_and_the_roles() -> None:
    with pytest.raises(EigenError) as error:
        require(READER, "jobs:submit")
    assert "`jobs:submit`" in error.value.message
    assert "`readonly`" in error.value.message
    with pytest.raises(EigenError, match="no role"):
        require(Caller(roles=()), "jobs:read")

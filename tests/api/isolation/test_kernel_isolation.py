"""What the surfaces stand on: the kernel's answers to another tenant are those to an id that nobody has.

So for the kernel of the same process, and for one in another role, which learns of callers over the wire.
Every method of `AsyncKernel` is here, in a case or with the reason why it needs none: a new one fails the suite.
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest

from doubles.front_door import BELL, document
from doubles.two_tenants import OTHER, OWNER, RESERVED
from eigen.api.kernel import AsyncKernel
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.jobspec.batch import Entry
from eigen.jobspec.document import from_document
from eigen.roles.identity import caller_of, metadata_of
from eigen.roles.kernel_client import SERVICE, RemoteKernel
from eigen.roles.kernel_server import KernelServicer
from eigen.roles.server import RoleServer
from eigen.types import OPERATOR, Caller, JobQuery, ResumeLimits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from doubles.two_tenants import World


async def _drained(events: Any) -> list[Any]:
    return [event async for event in events]


FOREIGN: dict[str, tuple[str, Callable[[AsyncKernel, Caller, str], Awaitable[Any]]]] = {
    "get": ("job", lambda kernel, who, name: kernel.get(who, name)),
    "results": ("job", lambda kernel, who, name: kernel.results(who, name)),
    "watch": ("job", lambda kernel, who, name: _drained(kernel.watch(who, name))),
    "decide": ("waiting job", lambda kernel, who, name: kernel.decide(who, name, "again")),
    "cancel": ("waiting job", lambda kernel, who, name: kernel.cancel(who, name)),
    "logs": ("job", lambda kernel, who, name: kernel.logs(who, name)),
    "explain": ("job", lambda kernel, who, name: kernel.explain(who, name)),
    "replay": ("job", lambda kernel, who, name: kernel.replay(who, name)),
    "resume": ("job", lambda kernel, who, name: kernel.resume(who, name, ResumeLimits())),
    "verify": ("job", lambda kernel, who, name: kernel.verify(who, name)),
    "artifacts": ("job", lambda kernel, who, name: kernel.artifacts(who, name)),
    "artifact": ("job", lambda kernel, who, name: kernel.artifact(who, name, "results/results.json")),
    "release": ("reservation", lambda kernel, who, name: kernel.release(who, name)),
    "evaluate": ("session", lambda kernel, who, name: kernel.evaluate(who, name, {"angle": 0.0})),
    "close_session": ("session", lambda kernel, who, name: kernel.close_session(who, name)),
    "submit": (
        "reservation",
        lambda kernel, who, name: kernel.submit(who, from_document(document(BELL)), reservation_id=name),
    ),
    "submit, depending": (
        "job",
        lambda kernel, who, name: kernel.submit(who, from_document(document(BELL, dependencies=[name]))),
    ),
    "submit_all": (
        "reservation",
        lambda kernel, who, name: kernel.submit_all(who, [Entry(from_document(document(BELL)), None, name)]),
    ),
    "submit_all, depending": (
        "job",
        lambda kernel, who, name: kernel.submit_all(
            who, [Entry(from_document(document(BELL))), Entry(from_document(document(BELL, dependencies=[name])))]
        ),
    ),
    "list": ("job", lambda kernel, who, name: kernel.list(who, JobQuery(before=name))),
}
"""What the other tenant tries with an id."""

LISTS: dict[str, Callable[[AsyncKernel], Awaitable[Any]]] = {
    "list": lambda kernel: kernel.list(OTHER, JobQuery()),
    "devices": lambda kernel: kernel.devices(OTHER),
    "device": lambda kernel: kernel.device(OTHER, RESERVED),
    "reserve": lambda kernel: _refused(kernel.reserve(OTHER, RESERVED, 60, "")),
    "calibrate": lambda kernel: _refused(kernel.calibrate(OTHER, RESERVED)),
}
"""What shows several tenants' things side by side."""

OF_NOBODY = {
    "compile": "keeps nothing",
    "estimate": "keeps nothing, and sees the devices that `devices` shows",
    "optimize": "keeps nothing",
    "open_session": "makes something new of the caller's own",
    "find_key": "asked by the authenticator, before there is a caller",
    "any_key": "asked by the authenticator, before there is a caller",
    "audit": "written by the service, read by the operator alone",
    "ready": "names nothing",
    "close": "names nothing",
}
"""Methods without a case, and why."""


async def _refused(call: Awaitable[Any]) -> str:
    try:
        return repr(await call)
    except EigenError as error:
        return json.dumps(error.to_json())


@pytest.fixture(scope="module", params=["in this process", "in another role"])
def kernel(request: pytest.FixtureRequest, world: World) -> Iterator[AsyncKernel]:
    if request.param == "in this process":
        yield world.door.kernel
        return
    server = RoleServer(Settings(kernel_address="127.0.0.1:0"), "kernel_address", threads=4)
    server.add(SERVICE, KernelServicer(world.door.kernel))
    remote = world.run(_connect(server))
    yield remote
    world.run(remote.close())
    world.run(server.stop(0))


async def _connect(server: RoleServer) -> RemoteKernel:
    return RemoteKernel(Settings(kernel_address=await server.start()))


def test_every_method_of_the_kernel_has_a_case() -> None:
    methods = {name for name, _ in inspect.getmembers(AsyncKernel, inspect.isfunction) if not name.startswith("_")}
    named = {name.partition(",")[0] for name in FOREIGN} | set(LISTS) | set(OF_NOBODY)
    assert methods == named
    assert not set(OF_NOBODY) & ({name.partition(",")[0] for name in FOREIGN} | set(LISTS))


def compared(world: World, kernel: AsyncKernel, name: str, who: Caller) -> str:
    """The answer to an id of the owner's, which is the one to an id that nobody has, but for the id."""
    kind, attempt = FOREIGN[name]
    answers: list[str] = []
    for tried in (world.ids[kind], world.unknown(kind)):
        answer = world.run(_refused(attempt(kernel, who, tried)))
        answers.append(answer.replace(tried, "ID"))
    assert answers[0] == answers[1]
    world.run(world.intact())
    return answers[0]


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_another_tenants_answers_like_what_is_not_there(world: World, kernel: AsyncKernel, name: str) -> None:
    assert not world.leaks(compared(world, kernel, name, OTHER).encode())


@pytest.mark.parametrize("name", [name for name, (kind, _) in FOREIGN.items() if kind != "reservation"])
def test_so_does_what_is_another_projects(world: World, kernel: AsyncKernel, name: str) -> None:
    """A reservation holds for the tenant; jobs and sessions are the project's."""
    compared(world, kernel, name, Caller(subject="key:2", roles=("admin",), tenant=OWNER.tenant, project="another"))


@pytest.mark.parametrize("name", LISTS)
def test_what_is_side_by_side_shows_nothing_of_another(world: World, kernel: AsyncKernel, name: str) -> None:
    answer = repr(world.run(LISTS[name](kernel)))
    assert not world.leaks(answer.encode())


@pytest.mark.parametrize("name", ["reserve", "calibrate"])
def test_what_another_holds_is_left_alone(world: World, kernel: AsyncKernel, name: str) -> None:
    assert "EIGEN_DEVICE_RESERVED" in world.run(LISTS[name](kernel))
    assert RESERVED in world.run(kernel.calibrate(OWNER, RESERVED))
    assert RESERVED in world.run(kernel.calibrate(OPERATOR, RESERVED))


def test_the_owner_has_it_all(world: World, kernel: AsyncKernel) -> None:
    """The other tests compare refusals: here the same calls succeed."""
    assert [job.job_id for job in world.run(kernel.list(OWNER, JobQuery()))] == [
        world.ids["waiting job"],
        world.ids["job"],
    ]
    assert world.run(kernel.results(OWNER, world.ids["job"])).state.value == "DONE"
    assert len(world.run(_drained(kernel.watch(OWNER, world.ids["job"])))) > 3
    assert world.run(kernel.logs(OWNER, world.ids["job"]))
    assert world.run(kernel.explain(OWNER, world.ids["job"]))
    assert world.run(kernel.artifacts(OWNER, world.ids["job"]))
    world.run(world.intact())


@pytest.mark.parametrize(
    "who",
    [OWNER, OPERATOR, Caller(subject="oidc:Zoë, root", roles=(), tenant="a,b", project="x-eigen-tenant: c")],
    ids=["a tenant", "the operator", "odd names"],
)
def test_a_caller_reaches_another_role_as_it_is(who: Caller) -> None:
    assert caller_of(dict(metadata_of(who))) == who


@pytest.mark.parametrize("missing", ["x-eigen-sub", "x-eigen-tenant"])
def test_half_an_identity_is_nobodys_and_not_the_operators(missing: str) -> None:
    assert caller_of({name: value for name, value in metadata_of(OWNER) if name != missing}) is None

"""Two tenants at one server: what `acme` has there, and everything under which `bolt` might find it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from doubles.front_door import BELL, FrontDoor, document, front_door
from doubles.key_ring import KeyRing
from eigen.api.identity import authenticator
from eigen.config import Settings
from eigen.jobspec.document import from_document
from eigen.kernel import reservations
from eigen.kernel.worker import Worker
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine
    from pathlib import Path

    from eigen.api.caller import Authenticator

ROTATION = """\
from eigen_lang import *


@quantum_circuit
def turned(angle):
    q = QubitRegister(1)
    ry(angle, q[0])


@hybrid_program(seed=7)
def main(angle=0.0):
    return ExpectationValue(turned(angle), Observable({"Z": 1.0}))
"""

OWNER = Caller(subject="key:of-acme", roles=("user",), tenant="acme", project="")
OTHER = Caller(subject="key:of-bolt", roles=("admin",), tenant="bolt", project="")
SECRET_NAME = "acme-secret-name"
SECRET_PURPOSE = "acme-secret-purpose"
RESERVED = "sim:statevector"
"""The device that the owner holds."""


@dataclass
class World:
    """A running server, the tokens of both tenants, and the ids of what the owner has."""

    door: FrontDoor
    authenticator: Authenticator
    runner: asyncio.Runner
    tokens: dict[str, str]
    ids: dict[str, str]
    secrets: set[str] = field(default_factory=set)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of something asynchronous, in the one loop of this world."""
        return self.runner.run(asyncio.wait_for(work, 60))

    def unknown(self, kind: str) -> str:
        """An id of the same form as the owner's that nobody has."""
        known = self.ids[kind]
        return known[:-4] + ("0000" if not known.endswith("0000") else "1111")

    def leaks(self, text: bytes) -> list[str]:
        """What of the owner's stands in an answer."""
        return sorted(secret for secret in self.secrets if secret.encode() in text)

    async def intact(self) -> None:
        """Nobody has touched what the owner has; raises when somebody did."""
        kernel = self.door.kernel
        job = await kernel.get(OWNER, self.ids["job"])
        assert job.state.value == "DONE"
        waiting = await kernel.get(OWNER, self.ids["waiting job"])
        assert waiting.state.value == "PENDING"
        evaluation = await kernel.evaluate(OWNER, self.ids["session"], {"angle": 0.0}, index=0)
        assert evaluation.outputs == 1.0
        assert await kernel.artifact(OWNER, self.ids["job"], "results/results.json")
        assert reservations.held(self.door.ports, OWNER, self.ids["reservation"]).device_id == RESERVED


@asynccontextmanager
async def two_tenants(root: Path, runner: asyncio.Runner) -> AsyncGenerator[World]:
    """A server on the directory where `acme` has jobs, a session and a reservation, and `bolt` has nothing."""
    ring = KeyRing()
    tokens = {
        "owner": ring.make(tenant="acme", roles=("user",)),
        "other": ring.make(tenant="bolt", roles=("admin",)),
        "reader": ring.make(tenant="bolt", roles=("readonly",)),
        "nobody": ring.make(tenant="bolt", roles=("unknown",)),
    }
    asks = authenticator(Settings(auth="required"), ring)  # pyright: ignore[reportArgumentType]
    async with front_door(root, authenticator=asks, workers=0) as door:
        kernel = door.kernel
        done = await kernel.submit(OWNER, from_document(document(BELL, SECRET_NAME)), idempotency_key="shared-key")
        await asyncio.to_thread(Worker(door.ports, lease_seconds=30).run_until, done.job_id)
        session = await kernel.open_session(OWNER, from_document(document(ROTATION, SECRET_NAME)), {"angle": 0})
        held = await kernel.reserve(OWNER, RESERVED, 3600, SECRET_PURPOSE)
        waiting = await kernel.submit(OWNER, from_document(document(BELL, SECRET_NAME + "-2")))
        ids = {
            "job": done.job_id,
            "waiting job": waiting.job_id,
            "session": session.session_id,
            "reservation": held.reservation_id,
        }
        secrets = {*ids.values(), SECRET_NAME, SECRET_PURPOSE, "acme", "of-acme"}
        yield World(door, asks, runner, tokens, ids, secrets)

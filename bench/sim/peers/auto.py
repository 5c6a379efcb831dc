"""What `sim:auto` would run: the engine that the router chooses for the circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import eigen
from bench.choose.question import features_of
from bench.sim.native import native
from bench.sim.peers.ours import outcomes
from bench.sim.peers.protocol import Job, Prepared
from eigen import _core
from eigen.drivers.native import NativeDriver
from eigen.router import route
from eigen.router.features import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_STATE = ("stabilizer",)
"""Engines that have no amplitudes to compare."""
READ_SHOTS = 1024
"""A state is chosen for as if so many shots were drawn from it."""


class Auto:
    """The choice is made when the job is prepared. Every call begins with a new plan: engines keep their states."""

    name = "sim:auto"

    def __init__(self) -> None:
        self._chosen = ""

    def version(self) -> str:
        return eigen.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def facts(self) -> dict[str, Any]:
        return {"chosen": self._chosen}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        circuit = native(job.circuit)
        measured = circuit.measure_all()
        driver = NativeDriver()
        driver.initialize({})
        question = Question(measured, job.shots or READ_SHOTS, ())
        can = [device for device in driver.get_devices() if job.shots or device.properties["engine"] not in NO_STATE]
        self._chosen = route(features_of(question), can, "sim:auto").device_id
        engine: Any = next(device for device in driver.devices if device.id == self._chosen).properties["engine"]
        if job.output == "shots":
            return Prepared(lambda k: _core.Plan(measured, engine=engine).sample(shots=job.shots, seed=k), outcomes)

        def run(k: int) -> _core.Plan:
            plan = _core.Plan(circuit, engine=engine)
            plan.amplitude([], 0)
            return plan

        return Prepared(run, lambda plan: plan.state())


def peer(name: str) -> Auto:
    return Auto()

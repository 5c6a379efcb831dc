"""`LocalJudge`: the compiler and the router of this process, for estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.app.compilation import lower_circuit, proposers
from eigen.app.prices import read_prices
from eigen.app.routing import features_of, route_job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.config import Settings
    from eigen.estimate import Prices
    from eigen.ir import Circuit
    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.types import Device


class LocalJudge:
    """The compiler and the router of this process, for estimates: `eigen.client.estimating.Judge`."""

    def __init__(self, settings: Settings) -> None:
        self.default_target = settings.default_target
        self.default_shots = settings.default_shots
        self._settings = settings

    def lower(self, circuit: Circuit, device: Device, spec: JobSpec, program: Program) -> Any:
        """The circuit in the device's terms, at the job's level and with its compiler options."""
        level = spec.compiler.optimization_level
        level = program.options.optimization_level if level is None else level
        return lower_circuit(circuit, device, level=level, options=spec.compiler, proposers=proposers(self._settings))

    def refusals(self, program: Program, spec: JobSpec, devices: Sequence[Device], target: str) -> Mapping[str, str]:
        """Why devices that the target admits cannot run the program."""
        from eigen.router import refusals

        known = refusals(features_of(program, spec), devices, target, spec.policy or "balanced")
        return {**self._unbounded(spec, devices), **known}

    def admitted(self, devices: Sequence[Device], target: str) -> tuple[str, ...]:
        """The devices that a target can mean."""
        from eigen.router import resolve

        return resolve(target, devices).device_ids

    def choose(self, program: Program, spec: JobSpec, devices: Sequence[Device], target: str) -> str:
        """The device that a job of this target gets."""
        return route_job(program, spec, devices, target=target, withheld=self._unbounded(spec, devices)).device_id

    def _unbounded(self, spec: JobSpec, devices: Sequence[Device]) -> Mapping[str, str]:
        """The devices on which a limit of the cost could not be kept, which run no job that has one."""
        from eigen.kernel.effects.place import unbounded

        return unbounded(devices, spec.budget.max_cost)

    def prices(self) -> Prices:
        """The price sheets of the data directory."""
        return read_prices(self._settings)

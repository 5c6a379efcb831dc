"""The device of a job: what the router is asked, and its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.router import Features
    from eigen.types import Device, Placement


def route_job(
    program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str, withheld: Mapping[str, str]
) -> Placement:
    """The device that a job of this target gets, with the reasons; EIGEN_ROUTER_NO_DEVICE, EIGEN_DEVICE_UNKNOWN."""
    from eigen.router import route

    return route(features_of(program, spec), devices, target, spec.policy or "balanced", withheld=withheld)


def features_of(program: Program, spec: JobSpec) -> Features:
    """What the job asks of a device."""
    from eigen.router import Features

    features = Features.of(
        program, spec.shots, seed=spec.seed, noise_model=spec.noise_model, device_options=spec.device_options
    )
    if spec.min_qubits is not None and spec.min_qubits > features.num_qubits:
        return replace(features, num_qubits=spec.min_qubits)
    return features

"""What holds for a run: what the job asks for, else the program's own options, else the settings' defaults. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen._core import derive_seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.types import Json


def seed_of(spec: JobSpec, program: Program, *, entropy: int) -> tuple[int, str]:
    """The seed and where it came from: `job`, `program`, or the `entropy` that was drawn for the run."""
    if spec.seed is not None:
        return spec.seed, "job"
    if program.options.seed is not None:
        return program.options.seed, "program"
    return entropy, "entropy"


def seed_at(seed: int, index: int) -> int:
    """The seed of evaluation `index` of a session, or of point `index` of a sweep: both give the same answers."""
    return derive_seed(seed, "session", index)


def shots_of(spec: JobSpec, program: Program, *, default: int) -> int:
    """The shots of stages that name none themselves."""
    if spec.shots is not None:
        return spec.shots
    return default if program.options.shots is None else program.options.shots


def level_of(spec: JobSpec, program: Program) -> int:
    """The optimisation level."""
    level = spec.compiler.optimization_level
    return program.options.optimization_level if level is None else level


def work_options(spec: JobSpec, program: Program) -> Mapping[str, Json]:
    """The options of each piece of work."""
    noise = spec.noise_model if spec.noise_model is not None else program.options.noise_model
    return {**spec.device_options, **({} if noise is None else {"noise_model": noise})}

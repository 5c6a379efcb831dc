"""`Question`: work as a driver in a process of its own is asked for it, and what is made of its answers.

An estimate from shots is several questions, whose counts are put together here. A driver is foreign code: what it
answers is looked at before anything is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.drivers.estimates import sampled
from eigen.drivers.hosts.noise import canonical
from eigen.drivers.in_process import check_modes, check_work, refuse_evolution, refuse_modes
from eigen.errors import EigenError
from eigen.types import EvolutionWork, ExpectationWork, GradientWork, ModesWork, ProbabilityWork, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.drivers.estimates import Sampled
    from eigen.types import Device, Json, Work


@dataclass(frozen=True, slots=True)
class Question:
    """Work for a device: what travels (`works`), and for an estimate from shots how its counts are put together."""

    device: Device
    work: Work
    works: tuple[Work, ...]
    sampled: Sampled | None = None
    told: Mapping[str, Json] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, device: Device, work: Work) -> Question:
        """The question; what the device does not take is refused before it travels, as `check_work` does,
        EIGEN_NOISE_INVALID, EIGEN_DEVICE_OPTION."""
        _check(device, work)
        sent, told = canonical(device, work)
        if isinstance(sent, ExpectationWork | ProbabilityWork) and sent.shots is not None:
            parts = sampled(sent, sent.shots)
            return cls(device, work, parts.works, parts, told)
        return cls(device, work, (sent,), None, told)

    def answer(self, found: Sequence[WorkResult], lost: int) -> WorkResult:
        """What the answers come to, `lost` hosts having been lost on the way; EIGEN_DEVICE_FAILED for those that do
        not fit."""
        for work, result in zip(self.works, found, strict=True):
            _check_answer(self.device, work, result)
        result = found[0] if self.sampled is None else self._together(self.sampled, found)
        told = {**self.told, **({"hosts_lost": lost} if lost else {})}
        return replace(result, metadata={**result.metadata, **told}) if told else result

    def _together(self, parts: Sampled, found: Sequence[WorkResult]) -> WorkResult:
        counts = [result.counts for result in found if result.counts is not None]
        value, error = parts.value(counts)
        seconds = sum(result.execution_time_sec for result in found)
        said = dict(found[-1].metadata) if found else {}
        seed = self.work.seed if isinstance(self.work, ExpectationWork | ProbabilityWork) else 0
        return WorkResult(None, value, error, None, seconds, said | {"seed": seed})


def _check(device: Device, work: Work) -> None:
    """Refuse what the device does not take, before it travels."""
    if isinstance(work, EvolutionWork):
        if "evolution" not in device.features:
            raise refuse_evolution(device.id)
        return
    if isinstance(work, ModesWork):
        if "modes" not in device.features:
            raise refuse_modes(device.id)
        check_modes(device, work)
        return
    check_work(device, work)
    if isinstance(work, GradientWork) and "gradient" not in device.features:
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` has no gradients")
    if (isinstance(work, GradientWork) or work.shots is None) and "exact" not in device.features:
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` counts shots only")


def _check_answer(device: Device, work: Work, found: WorkResult) -> None:
    message = ""
    if isinstance(work, SampleWork):
        if found.counts is None or found.counts.num_clbits != work.circuit.num_clbits:
            message = "without the counts of the circuit's classical bits"
        elif found.counts.shots != work.shots:
            message = f"with {found.counts.shots} shots where {work.shots} were asked for"
    elif isinstance(work, EvolutionWork):
        message = "" if found.series is not None else "without a series"
    elif isinstance(work, ModesWork):
        message = _modes_complaint(work, found)
    elif found.value is None or not isfinite(found.value):
        message = "without a value"
    elif isinstance(work, GradientWork) and len(found.gradient or ()) != len(work.circuit.parameters):
        message = "without a derivative for each parameter"
    if message:
        raise EigenError("EIGEN_DEVICE_FAILED", f"`{device.id}` answered {message}")


def _modes_complaint(work: ModesWork, found: WorkResult) -> str:
    """What is wrong with an answer about modes."""
    columns, wanted = len(work.modes.columns), len(work.modes.observables)
    numbers = found.samples if columns else found.series
    count = columns * (work.shots or 0) if columns else wanted
    if numbers is None or len(numbers) != count or not all(map(isfinite, numbers)):
        return f"without {count} finite numbers"
    return ""

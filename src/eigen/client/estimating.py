"""Estimates by files of the caller, which describe devices or prices: the job is compiled where its kernel is, and all
devices are judged here. Whatever needs no such file, the kernel estimates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from eigen.errors import EigenError
from eigen.estimate import device_of, device_of_shape, estimate, joined, priced, read_sheet
from eigen.estimate.sheet import MAX_SHEET_BYTES
from eigen.ir.targets.target import is_shape
from eigen.jobspec.files import read_limited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.client.transport import Compilation
    from eigen.estimate import Estimate, Prices
    from eigen.estimate.pieces import Lowered
    from eigen.ir import Circuit
    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.types import Device

MAX_FILE_BYTES = 16 * 1024 * 1024


class Judge(Protocol):
    """The compiler and the router of this installation, and what its settings say."""

    default_target: str
    default_shots: int

    def lower(self, circuit: Circuit, device: Device, spec: JobSpec, program: Program) -> Lowered:
        """The circuit in the device's terms; raises EIGEN_COMPILER_UNSUPPORTED."""
        ...

    def refusals(self, program: Program, spec: JobSpec, devices: Sequence[Device], target: str) -> Mapping[str, str]:
        """Why devices that the target admits cannot run the program; EIGEN_DEVICE_UNKNOWN."""
        ...

    def admitted(self, devices: Sequence[Device], target: str) -> tuple[str, ...]:
        """The devices that a target can mean; EIGEN_DEVICE_UNKNOWN."""
        ...

    def choose(self, program: Program, spec: JobSpec, devices: Sequence[Device], target: str) -> str:
        """The device that a job of this target gets; EIGEN_ROUTER_NO_DEVICE."""
        ...

    def prices(self) -> Prices:
        """The price sheets of the data directory."""
        ...


def needs_files(targets: Sequence[str], sheets: Sequence[Path | str]) -> bool:
    """Whether an estimate is to be made here, by files that the kernel does not have."""
    return bool(sheets) or any(str(target).endswith(".json") for target in targets)


def estimated(
    judge: Judge,
    compiled: Compilation,
    spec: JobSpec,
    devices: Sequence[Device],
    *,
    targets: Sequence[str] = (),
    sheets: Sequence[Path | str] = (),
) -> Estimate:
    """The estimate of a compiled job on the devices that `targets` name, or on all; see `Client.estimate`."""
    program: Program = compiled.program
    prices = joined(
        [
            ("prices", judge.prices()),
            *(
                (str(path), read_sheet(read_limited(Path(path), MAX_SHEET_BYTES, "price sheet"), str(path)))
                for path in sheets
            ),
        ]
    )
    described = {text: found for text in targets if (found := _described(str(text))) is not None}
    everything = [priced(device, prices) for device in (*devices, *described.values())]
    wanted: dict[str, str] = {}  # device id -> the target that names it
    for text in targets or ("auto",):
        target = described[text].id if text in described else text
        wanted |= {name: target for name in judge.admitted(everything, target) if name not in wanted}
    refused: dict[str, str] = {}
    for target in dict.fromkeys(wanted.values()):
        reasons = judge.refusals(program, spec, everything, target)
        refused |= {name: reason for name, reason in reasons.items() if wanted.get(name) == target}
    chosen, why = _chosen(judge, program, spec, everything, [*dict.fromkeys(wanted.values())] if targets else [])
    known: dict[tuple[str, str], Lowered] = {}

    def lower(circuit: Circuit, device: Device) -> Lowered:
        """Once for all devices that take every gate anywhere."""
        key = (circuit.digest, device.id if device.gates or device.coupling else "")
        if key not in known:
            known[key] = judge.lower(circuit, device, spec, program)
        return known[key]

    options = program.options
    return estimate(
        program,
        [device for device in everything if device.id in wanted],
        shots=spec.shots or options.shots or judge.default_shots,
        max_iters=spec.max_iters,
        sweep=compiled.report.get("sweep"),
        noise=spec.noise_model if spec.noise_model is not None else options.noise_model,
        noise_method=str(spec.device_options.get("noise_method", "auto")),
        lower=lower,
        refusals=refused,
        chosen=chosen,
        why=why,
        budget=spec.budget,
    )


def _chosen(
    judge: Judge, program: Program, spec: JobSpec, devices: Sequence[Device], targets: Sequence[str]
) -> tuple[str | None, str]:
    """Where the job would run: by the one target that was asked about, else by the job's own."""
    if len(targets) > 1:
        return None, "several targets were asked about, of which a job names one"
    target = targets[0] if targets else spec.target or program.target_or(judge.default_target)
    try:
        return judge.choose(program, spec, devices, target), ""
    except EigenError as error:
        if error.code not in {"EIGEN_ROUTER_NO_DEVICE", "EIGEN_DEVICE_UNKNOWN"}:
            raise
        return None, error.message


def _described(text: str) -> Device | None:
    """The device of a JSON file or a shape; None for a target by its name."""
    if text.endswith(".json"):
        return device_of(read_limited(Path(text), MAX_FILE_BYTES, "device"), text)
    return device_of_shape(text) if is_shape(text) else None

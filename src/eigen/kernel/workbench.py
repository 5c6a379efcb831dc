"""`Workbench`: compile and optimise without a job. Nothing is run, nothing is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel.inputs import check_files, check_program, source_text
from eigen.kernel.sweep.compiling import compile_sweep
from eigen.types import CompiledDocument, Device

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.jobspec import Submission
    from eigen.kernel.ports import CompiledProgram, Ports
    from eigen.types import Json

MAX_TARGETS, MAX_TARGET = 64, 256
NO_DEVICE = "none"
"""The name, in reports, of the device that takes every gate between any qubits."""


class Workbench:
    """Turns sources and circuits into documents."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def compile(self, job: Submission, *, check: Callable[[], object] | None = None) -> CompiledDocument:
        """Compile a job's program; EIGEN_LANG_REJECTED with its diagnostics, and what `Kernel.submit` raises for
        files that are not the job's. What `check` raises ends it."""
        return self.program(job, check=check).to_document()

    def program(
        self,
        job: Submission,
        parameters: Mapping[str, int] | None = None,
        *,
        check: Callable[[], object] | None = None,
    ) -> CompiledProgram:
        """The compiled program of a job, with `parameters` of its entry point left open."""
        from eigen._core import CoreError
        from eigen.jobspec.datasets import load_stored

        spec = job.spec
        check_program(spec)
        check_files(spec, job.files)
        try:
            compile_one = partial(
                self._ports.compile,
                source_text(job.files[spec.program.artifact], spec.program.filename),
                filename=spec.program.filename,
                format=spec.program.format,
                entrypoint=spec.entrypoint,
                datasets={ref.name: load_stored(ref.name, job.files[ref.artifact]) for ref in spec.input_refs},
                options=spec.options(),
                check=check,
            )
            if spec.sweep is not None:
                return compile_sweep(compile_one, spec)
            return compile_one(inputs=spec.inputs, parameters=parameters)
        except CoreError as error:
            raise EigenError.from_core(error) from None

    def estimate(
        self,
        job: Submission,
        devices: Sequence[Device],
        targets: Sequence[str] = (),
        *,
        check: Callable[[], object] | None = None,
    ) -> Mapping[str, Json]:
        """What a job would take on devices, as the JSON that `eigen estimate` prints; what `compile` raises,
        EIGEN_DEVICE_UNKNOWN, EIGEN_REQUEST_INVALID for targets that name no device and no shape."""
        if self._ports.estimate is None:
            raise EigenError("EIGEN_NOT_AVAILABLE", "this kernel makes no estimates")
        for target in targets[: MAX_TARGETS + 1]:
            if len(target) > MAX_TARGET or target.endswith(".json"):
                message = f"`{target[:60]}` is no name of a device and no shape such as `line:20`"
                raise EigenError("EIGEN_REQUEST_INVALID", message, where="targets")
        if len(targets) > MAX_TARGETS:
            message = f"an estimate is asked about `{len(targets)}` targets, and `{MAX_TARGETS}` are the most"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where="targets")
        return self._ports.estimate(self.compile(job, check=check), job.spec, devices, targets, check=check)

    def optimize(self, circuit: bytes, *, level: int, target: str = "") -> CompiledDocument:
        """A circuit in AQO, simplified at `level` (0 to 3) and lowered to the device `target`; without a target it
        keeps its gates and qubits.

        Raises EIGEN_AQO_INVALID, EIGEN_AQO_UNSUPPORTED, EIGEN_DEVICE_UNKNOWN, EIGEN_REQUEST_INVALID for another
        level, EIGEN_COMPILER_UNSUPPORTED. The document has no program: `program` is empty.
        """
        from eigen._core import CoreError
        from eigen.ir import Circuit

        if level not in range(4):
            raise EigenError("EIGEN_REQUEST_INVALID", f"the optimisation level is 0, 1, 2 or 3, not `{level}`")
        try:
            given = Circuit.from_aqo(circuit)
        except CoreError as error:
            raise EigenError.from_core(error) from None
        device = self._device(target) if target else Device(NO_DEVICE, NO_DEVICE, NO_DEVICE, given.num_qubits)
        lowered = self._ports.lower(given, device, level=level)
        report = {**lowered.report, "qubit_map": list(lowered.qubit_map)}
        return CompiledDocument(b"", lowered.circuit.to_aqo(), report)

    def _device(self, target: str) -> Device:
        for device in self._ports.devices.driver_for(target).get_devices():
            if device.id == target:
                return device
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{target[:80]}`", where="target")

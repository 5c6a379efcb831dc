"""The compiler in another process: a `Compile` function for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.ir import Circuit
from eigen.ir.program import Program
from eigen.jobspec.datasets import dump_dataset
from eigen.roles.calls import WORKER_PATIENCE_SECONDS, Role
from eigen.types import CompiledDocument
from eigen.wire.internal import pb
from eigen.wire.plain import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.config import Settings
    from eigen.types import Dataset, Json

SERVICE = pb.DESCRIPTOR.services_by_name["CompilerService"]


@dataclass(frozen=True, slots=True)
class CompiledElsewhere:
    """A `CompiledProgram` that came from the compiler role."""

    program: Program
    circuit: Circuit | None
    report: Mapping[str, Json]

    def to_document(self) -> CompiledDocument:
        """Program, main circuit and report as documents."""
        circuit = None if self.circuit is None else self.circuit.to_aqo()
        return CompiledDocument(self.program.to_json(), circuit, dict(self.report))


class RemoteCompiler:
    """Calls the role `compiler`; an instance is a `Compile`."""

    def __init__(self, settings: Settings, *, patience: float = WORKER_PATIENCE_SECONDS) -> None:
        self._role = Role(settings, "compiler_address", SERVICE)
        self._patience = patience

    def __call__(
        self,
        source: str,
        *,
        filename: str,
        format: str,
        entrypoint: str | None,
        inputs: Mapping[str, Json],
        datasets: Mapping[str, Dataset],
        options: Mapping[str, Json],
        parameters: Mapping[str, int] | None = None,
        check: Callable[[], object] | None = None,
    ) -> CompiledElsewhere:
        """Compile; raises what compiling raises, EIGEN_SERVER_UNREACHABLE when the role stays away, and what `check`
        raises, which ends the compilation there too."""
        opened = [pb.OpenParameter(name=name, length=length) for name, length in (parameters or {}).items()]
        request = pb.CompileRequest(
            source=source,
            filename=filename,
            format=format,
            entrypoint=entrypoint,
            inputs_json=to_json(dict(inputs)),
            options_json=to_json(dict(options)),
            datasets={name: dump_dataset(dataset) for name, dataset in datasets.items()},
            parameters=opened,
        )
        reply: pb.CompileReply = self._role.call("Compile", request, patience=self._patience, check=check)
        circuit = Circuit.from_aqo(reply.circuit) if reply.HasField("circuit") else None
        return CompiledElsewhere(Program.from_json(reply.program), circuit, from_json(reply.report_json))

    def close(self) -> None:
        """Release the channel."""
        self._role.close()

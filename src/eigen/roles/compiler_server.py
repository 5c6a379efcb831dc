"""The role `compiler`: `CompilerService` of eigen.internal.v1 over a compile function. It keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.jobspec import load_stored
from eigen.roles.binding import check_wanted
from eigen.wire.internal import pb
from eigen.wire.plain import from_json, to_json

if TYPE_CHECKING:
    from eigen.kernel.ports import Compile


class CompilerServicer:
    """The one method of CompilerService."""

    def __init__(self, compile_source: Compile) -> None:
        self._compile = compile_source

    def compile(self, asked: pb.CompileRequest) -> pb.CompileReply:
        """Source text to program; EIGEN_LANG_REJECTED with its diagnostics in the details."""
        compiled = self._compile(
            asked.source,
            filename=asked.filename,
            format=asked.format,
            entrypoint=asked.entrypoint if asked.HasField("entrypoint") else None,
            inputs=from_json(asked.inputs_json),
            datasets={name: load_stored(name, data) for name, data in asked.datasets.items()},
            options=from_json(asked.options_json),
            parameters={entry.name: entry.length for entry in asked.parameters} or None,
            check=check_wanted,
        )
        document = compiled.to_document()
        report = to_json(dict(document.report))
        return pb.CompileReply(program=document.program, circuit=document.circuit, report_json=report)

"""Compile a job's source to its stored program. What is stored already is taken as it is.

The files are written behind: nothing rests on them until an evaluation is recorded or paid for. Whoever claims the job
after a crash that came sooner compiles again.
"""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.kernel.events import Compiled
from eigen.kernel.failpoints import hit
from eigen.kernel.inputs import source_text
from eigen.kernel.lease import RunInterruptedError
from eigen.kernel.receipt import PROGRAM, REPORT
from eigen.kernel.sweep.compiling import compile_sweep
from eigen.kernel.sweep.plan import SECTION, in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.ir.program import Program
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.types import CompiledDocument, Json

CIRCUIT = "compiled/circuit.aqo.json"


def compile_program(ports: Ports, lease: Lease) -> Compiled:
    """Compile and store program, main circuit and report: all three or none."""
    job_id = lease.job.job_id
    made = _compile_and_store(ports, lease) if ports.artifacts.info(job_id, PROGRAM) is None else None
    report: Mapping[str, Json] = json.loads(ports.artifacts.get(job_id, REPORT)) if made is None else made
    program = load_program(ports, lease)
    circuits = len(program.circuits)
    message = f"compiled: {circuits} circuit{'' if circuits == 1 else 's'}, {program.num_qubits} qubits"
    data: dict[str, Any] = {
        "circuits": circuits,
        "num_qubits": program.num_qubits,
        "program_sha256": lease.workspace.program_sha256 or program.digest,
    }
    if (swept := report.get(SECTION)) is not None:
        message += f"; {swept['points']} points, {in_words(swept)}"
        data["sweep"] = {**swept, "variants": len(swept["variants"])}
    if report.get("diagnostics"):  # only warnings: with errors there is no program
        data["diagnostics"] = report["diagnostics"]
    return Compiled(ports.clock.now(), message, data)


def load_program(ports: Ports, lease: Lease) -> Program:
    """The program of the job, read once per lease; one that was never stored, and of which nothing was recorded, is
    compiled."""
    from eigen.ir.program import Program

    job, workspace = lease.job, lease.workspace
    if workspace.program is None and not job.evaluations and ports.artifacts.info(job.job_id, PROGRAM) is None:
        _compile_and_store(ports, lease)
    if workspace.program is None:
        workspace.program = Program.from_json(ports.artifacts.get(job.job_id, PROGRAM))
    return workspace.program


def _compile_and_store(ports: Ports, lease: Lease) -> Mapping[str, Json]:
    """The report of the compilation."""
    from eigen.jobspec.datasets import load_stored

    job_id, spec = lease.job.job_id, JobSpec.from_json(lease.job.spec)

    def data(path: str) -> bytes:
        return ports.artifacts.get(job_id, path)

    compile_one = partial(
        ports.compile,
        source_text(data(spec.program.artifact), spec.program.filename),
        filename=spec.program.filename,
        format=spec.program.format,
        entrypoint=spec.entrypoint,
        datasets={ref.name: load_stored(ref.name, data(ref.artifact)) for ref in spec.input_refs},
        options=spec.options(),
        check=lease.check,
    )
    compiled = compile_one(inputs=spec.inputs) if spec.sweep is None else compile_sweep(compile_one, spec)
    hit("compile.compiled")
    document = compiled.to_document()
    lease.workspace.program = compiled.program
    lease.workspace.program_sha256 = sha256(document.program).hexdigest()
    lease.storing.begin(lambda: _store(ports, job_id, document))
    return document.report


def _store(ports: Ports, job_id: str, compiled: CompiledDocument) -> None:
    files = {
        PROGRAM: compiled.program,
        REPORT: json.dumps(dict(compiled.report), indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n",
    }
    if compiled.circuit is not None:
        files[CIRCUIT] = compiled.circuit
    try:
        ports.artifacts.put_all(job_id, files)
    except EigenError as error:
        # A worker that lost its lease stored its own a moment ago, equally good and complete: the next claim takes it.
        if error.code != "EIGEN_QFS_EXISTS" or ports.artifacts.info(job_id, PROGRAM) is None:
            raise
        raise RunInterruptedError("stopped") from error
    hit("compile.stored")

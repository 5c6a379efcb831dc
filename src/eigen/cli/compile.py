"""`eigen compile PROGRAM`: compile without running; report what came out, and write it with `-o`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect, job_fields, job_options
from eigen.cli.commands import COMMANDS
from eigen.cli.compile_device import VERIFY, compiled_for, mapped_text, target_of
from eigen.errors import EigenError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from eigen.client.transport import Compilation
    from eigen.ir import Circuit

AQO_VERSIONS = ("0.1", "1.0.0", "1.1")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("compile", COMMANDS["compile"].summary, remote=True)
    command.add_argument("program", metavar="PROGRAM", help="a program, a circuit (OpenQASM, AQO, …), or a job.yaml")
    command.add_argument(
        "-o", "--output", metavar="FILE", help="write the main circuit (AQO, or what the name ends in), or the program"
    )
    command.add_argument(
        "--emit", choices=("aqo", "program"), default="aqo", help="what `-o` writes; the circuit by default"
    )
    command.add_argument("--aqo-version", metavar="VERSION", help=f"one of {', '.join(AQO_VERSIONS)}")
    command.add_argument(
        "--basis", metavar="GATES", help="optimise the main circuit in these gates, and let -o write it"
    )
    command.add_argument(
        "--device",
        metavar="DEVICE",
        help="compile the main circuit for it, and let -o write it: all:20, line:20, ring:20, grid:5x5, heavy-hex:127, "
        "a JSON file of couplings, or a device of `eigen devices`",
    )
    command.add_argument("--layout", metavar="QUBITS", help="where the qubits start on the device, such as 3,0,1")
    command.add_argument(
        "--verify", choices=VERIFY, help="how to compare what is for the device with the circuit; cheap by default"
    )
    command.add_argument(
        "--schedule", choices=("asap", "alap"), help="write idle time as delays, by the durations of gates"
    )
    command.add_argument(
        "--decouple", choices=("XX", "XY4"), help="fill idle time with pulses that undo slow phase noise"
    )
    command.add_argument(
        "--tolerance", metavar="ERROR", help="leave rotations out that together do no more than this; 1e-8 by default"
    )
    command.add_argument("--explain", action="store_true", help="print what each optimisation pass leaves of it")
    job_options(command)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.failure import report as report_failure
    from eigen.cli.output import say, show, show_json
    from eigen.cli.reading import read

    if options.aqo_version not in (None, *AQO_VERSIONS):
        message = f"there is no AQO version `{options.aqo_version[:20]}`"
        raise EigenError("EIGEN_USAGE", message, hint=f"one of {', '.join(AQO_VERSIONS)}")
    job = read(options.program, job_fields(options))
    with connect(options) as client:
        started = time.perf_counter()
        try:
            compiled = client.compile(job)
        except EigenError as error:
            source = job.files[job.spec.program.artifact].decode("utf-8", "replace")
            return report_failure(error, as_json=options.json, source=source)
        seconds = time.perf_counter() - started
        target = None if options.device is None else target_of(options.device, options.basis, client)
    report = {**compiled.report, "program_sha256": compiled.program.digest, "compile_seconds": round(seconds, 6)}
    circuit, passes, mapped = compiled.circuit, None, None
    if target is not None:
        mapped = compiled_for(compiled.circuit, target, options)
        circuit, passes = mapped.circuit, [stage.to_json() for stage in mapped.stages]
        report |= {"device": target.name, **mapped.to_json()}
    elif options.layout or options.schedule or options.decouple or options.verify or options.tolerance:
        message = "layouts, schedules, pulses, `--verify` and `--tolerance` are for a device"
        raise EigenError("EIGEN_USAGE", message, hint="name it with `--device`")
    elif options.explain or options.basis is not None:
        circuit, passes = _optimised(compiled, options.basis, options.optimization_level)
        report["passes"] = passes
    if options.output:
        circuit = compiled.circuit if options.basis is None and mapped is None else circuit
        data = _emit(compiled, circuit, options)
        _write(Path(options.output), data)
        report["output"] = options.output
    if options.json:
        show_json(report)
        return 0
    _show_warnings(report, job.files[job.spec.program.artifact], job.spec.program.filename)
    show(_text(compiled, report))
    if mapped is not None and target is not None:
        show("\n" + mapped_text(mapped, target, explain=options.explain))
    elif passes is not None:
        show("\n" + _passes_text(passes))
    if options.output:
        say(f"wrote {options.output}")
    return 0


def _optimised(
    compiled: Compilation, basis: str | None, level: str | None
) -> tuple[Circuit | None, list[dict[str, Any]]]:
    """The main circuit after the passes, at level 2 unless another one is asked for, and the size after each."""
    if compiled.circuit is None:
        message = "the program has no circuit to optimise"
        raise EigenError("EIGEN_USAGE", message, hint="leave out `--basis` and `--explain`")
    from eigen.ir import core_errors, optimise

    gates = None if basis is None else basis.replace(",", " ").split()
    with core_errors("--basis"):
        circuit, steps = optimise(compiled.circuit, 2 if level is None else int(level), gates, new_pairs=True)
    sizes: list[dict[str, Any]] = [
        {"pass": step.name, "gates": step.gates, "two_qubit_gates": step.two_qubit_gates, "depth": step.depth}
        for step in steps
    ]
    return circuit, sizes


def _passes_text(passes: Sequence[dict[str, Any]]) -> str:
    from eigen.cli.output import table

    return table([[str(value) for value in row.values()] for row in passes], ["pass", "gates", "two-qubit", "depth"])


def _emit(compiled: Compilation, circuit: Circuit | None, options: argparse.Namespace) -> bytes:
    """What `-o` writes: the program, or the circuit in the format that the name of the file speaks for."""
    if options.emit == "program":
        return compiled.program.to_json()
    if circuit is None:
        message = "the program has no single circuit to write as AQO"
        raise EigenError("EIGEN_AQO_UNSUPPORTED", message, hint="write the whole program with `--emit program`")
    from eigen.ir.formats.table import of_suffix

    row = of_suffix(options.output)
    if row is None or row.name == "aqo":
        from eigen.ir.formats.aqo import dump

        return dump(circuit, version=options.aqo_version)
    return row.codec().dump(circuit)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{path}` cannot be written: {error.strerror}") from error


def _show_warnings(report: dict[str, Any], source: bytes, filename: str) -> None:
    diagnostics = report.get("diagnostics")
    if diagnostics:
        from eigen.cli.failure import render_diagnostics
        from eigen.cli.output import say

        say(render_diagnostics(diagnostics, source.decode("utf-8", "replace"), filename=filename))


def _text(compiled: Compilation, report: dict[str, Any]) -> str:
    from eigen.cli.output import pairs

    program, circuit = compiled.program, compiled.circuit
    stages = [node.op for node in program.body.walk() if node.op in _STAGES]
    values: dict[str, Any] = {
        "program": report["program_sha256"],
        "entry point": program.entrypoint,
        "circuits": len(program.circuits),
        "stages": " → ".join(stages[:8]) + (" …" if len(stages) > 8 else ""),
        "compile time": f"{report['compile_seconds'] * 1000:.1f} ms",
    }
    if circuit is not None:
        gates = ", ".join(f"{name} {count}" for name, count in sorted(circuit.count_ops().items()))
        values |= {
            "main circuit": circuit.digest,
            "qubits": circuit.num_qubits,
            "operations": len(circuit),
            "depth": circuit.depth,
            "gates": gates if len(gates) <= 100 else gates[:97] + "...",
            "parameters": len(circuit.parameters),
        }
    return pairs(values)


_STAGES = frozenset({"run", "expectation", "probability", "evolve", "modes", "minimize", "branch", "loop", "map"})

"""`eigen tomography PROGRAM`: the state that a device leaves at the end of a circuit, and its fidelity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, connect, job_fields, job_options, whole, whole_list
from eigen.cli.commands import COMMANDS
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.reconstruction import Tomography

WIDEST_SHOWN = 2
MOST_EIGENVALUES = 8


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("tomography", COMMANDS["tomography"].summary, remote=True)
    command.add_argument("program", metavar="PROGRAM", help="a circuit (OpenQASM, AQO, …), or a program that runs one")
    command.add_argument("--qubits", metavar="Q0,Q1,…", help="whose state: 1 to 6 qubits; all by default")
    command.add_argument("--resamples", metavar="N", default="500", help="of the bootstrap, 0 for none; 500")
    command.add_argument("--idempotency-key", metavar="KEY", help="the same key goes on with the same job")
    job_options(command)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.output import say, show, show_json
    from eigen.reconstruction import tomography

    if options.sweep or options.zip:
        raise EigenError("EIGEN_USAGE", "tomography is a sweep itself", hint="leave `--sweep` and `--zip` out")
    fields = job_fields(options)
    with connect(options) as client:
        found = tomography(
            options.program,
            client=client,
            qubits=whole_list(options.qubits, "--qubits"),
            resamples=whole(options.resamples, "--resamples") or 0,
            idempotency_key=options.idempotency_key,
            **fields,
        )
    if options.json:
        show_json(found.to_json())
        return 0
    for warning in found.warnings:
        say(f"warning: {warning}")
    show(tomography_text(found))
    return 0


def tomography_text(found: Tomography) -> str:
    """The result for a person to read."""
    from eigen.cli.output import pairs

    rows = {
        "job": f"{found.job_id} on {found.device}",
        "measured": f"{len(found.settings)} settings of qubits {', '.join(map(str, found.qubits))}, "
        f"{found.shots:,} shots each, seed {found.seed}",
    }
    if found.fidelity is not None:
        interval = f", 95 % from {found.interval[0]:.4f} to {found.interval[1]:.4f}" if found.interval else ""
        how = f" ({found.resamples} resamples)" if found.interval else ""
        rows["fidelity"] = f"{found.fidelity:.4f} after projection{interval}{how}"
    if found.direct_fidelity is not None:
        rows["direct"] = f"{found.direct_fidelity:.4f} +- {found.direct_error:.4f}, without projection on states"
    rows["purity"] = f"{found.purity:.4f}"
    shown = " ".join(f"{max(value, 0.0):.4f}" for value in found.eigenvalues[:MOST_EIGENVALUES])
    rows["eigenvalues"] = shown + (" …" if len(found.eigenvalues) > MOST_EIGENVALUES else "")
    if len(found.qubits) > WIDEST_SHOWN:
        return f"{pairs(rows)}\nthe density matrix is in `--json`"
    matrix = "\n".join("  ".join(f"{entry:+.4f}" for entry in row) for row in found.density_matrix.tolist())
    return f"{pairs(rows)}\n{matrix}"

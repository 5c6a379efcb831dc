"""`eigen verify-equivalence A B`: whether two circuits are the same, and what shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, number, whole, whole_list
from eigen.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.circuit import Circuit

EPILOG = "Exit codes: 0 equal, 1 different, 2 undecided or an error."
VERDICTS = {"equal": 0, "different": 1, "undecided": 2}


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("verify-equivalence", COMMANDS["verify-equivalence"].summary, epilog=EPILOG)
    command.add_argument("first", metavar="A", help="a file with a circuit")
    command.add_argument("second", metavar="B", help="another")
    command.add_argument("--phase", action="store_true", help="the global phase counts")
    command.add_argument("--allow-idle", action="store_true", help="the narrower circuit gets idle qubits and bits")
    command.add_argument("--layout", metavar="Q0,Q1,…", help="the qubit of B on which each qubit of A ends")
    command.add_argument("--tolerance", metavar="X", default="1e-8", help="the distance that counts as rounding; 1e-8")
    command.add_argument("--seed", metavar="N", default="0", help="the seed of everything random; 0")
    command.add_argument("--probes", metavar="N", default="16", help="product states where nothing else fits; 16")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.output import show, show_json
    from eigen.ir.equivalence import equivalence

    certificate = equivalence(
        circuit_of(options.first),
        circuit_of(options.second),
        up_to_phase=not options.phase,
        layout=whole_list(options.layout, "--layout"),
        allow_idle=options.allow_idle,
        tolerance=number(options.tolerance, "--tolerance") or 0.0,
        seed=whole(options.seed, "--seed") or 0,
        probes=whole(options.probes, "--probes") or 0,
    )
    if options.json:
        show_json(certificate.to_json())
    else:
        show(str(certificate))
    return VERDICTS[certificate.verdict]


def circuit_of(name: str) -> Circuit:
    """The circuit of a file of any format that is read."""
    from pathlib import Path

    from eigen.ir.formats import load

    return load(Path(name))

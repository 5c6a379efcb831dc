"""`eigen state PROGRAM`: the state that a circuit leaves, for a person or as a document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eigen.cli.arguments import Parser, job_options, number
from eigen.cli.commands import COMMANDS
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

MOST_SHOWN = 32


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("state", COMMANDS["state"].summary, remote=True)
    command.add_argument("what", metavar="PROGRAM | ID", help="a program file, or the id of a job")
    command.add_argument("--circuit", metavar="N", default="0", help="which circuit of the program, from 0")
    command.add_argument("--least", metavar="X", default="1e-14", help="amplitudes to leave out: smaller ones; 1e-14")
    command.add_argument("-o", "--output", metavar="FILE", help="write the document to a file")
    command.add_argument("--packed", action="store_true", help="with --output: the amplitudes in FILE.c16 beside it")
    job_options(command)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.output import say, show
    from eigen.cli.visualize import circuit_of, program_of
    from eigen.ir.states import final_state, to_json

    if options.packed and not options.output:
        raise EigenError("EIGEN_USAGE", "`--packed` writes a second file: name the first with `--output`")
    least = number(options.least, "--least") or 0.0
    state = final_state(circuit_of(program_of(options), options.circuit))
    if options.output:
        _write(state, Path(options.output), least, is_packed=options.packed)
        say(f"wrote {options.output}")
    elif options.json:
        show(to_json(state, least=least).decode())
    else:
        show(_text(state, least))
    return 0


def _write(state: NDArray[np.complex128], path: Path, least: float, *, is_packed: bool) -> None:
    from eigen.ir.states import to_json, to_packed

    try:
        if is_packed:
            beside = path.with_name(f"{path.name}.c16")
            document, array = to_packed(state, beside.name)
            beside.write_bytes(array)
        else:
            document = to_json(state, least=least)
        path.write_bytes(document)
    except OSError as error:
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{path}` cannot be written: {error.strerror}") from error


def _text(state: NDArray[np.complex128], least: float) -> str:
    """The largest amplitudes with their probabilities, in the order of the basis states."""
    import numpy as np

    from eigen.cli.output import table

    sizes = np.abs(state)
    kept = np.flatnonzero(sizes >= least)
    largest = np.sort(kept[np.argsort(-sizes[kept], kind="stable")[:MOST_SHOWN]])
    width = len(state).bit_length() - 1
    rows = [
        (f"{index:0{width}b}", f"{state[index].real:+.6f} {state[index].imag:+.6f}i", f"{sizes[index] ** 2:.6f}")
        for index in largest.tolist()
    ]
    shown = table(rows, ("STATE", "AMPLITUDE", "PROBABILITY"))
    return shown if len(kept) <= MOST_SHOWN else f"{shown}\n{len(kept) - MOST_SHOWN:,} smaller ones are in `--json`"

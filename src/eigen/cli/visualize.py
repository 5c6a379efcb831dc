"""`eigen visualize PROGRAM|ID`: a circuit as text or SVG, or the program's stages as a graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, connect, job_fields, job_options
from eigen.cli.commands import COMMANDS
from eigen.errors import EigenError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

JOB_ID = re.compile(r"job_[0-9A-Z]{26}")


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("visualize", COMMANDS["visualize"].summary, remote=True)
    command.add_argument("what", metavar="PROGRAM | ID", help="a program file, or the id of a job")
    command.add_argument("--format", choices=("text", "svg", "dag"), default="text", help="dag: the program's stages")
    command.add_argument("--circuit", metavar="N", default="0", help="which circuit of the program, from 0")
    command.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of stdout")
    job_options(command)
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    drawing = _draw(program_of(options), options)
    from eigen.cli.output import say, show, show_json

    if options.output:
        try:
            with open(options.output, "w", encoding="utf-8") as file:
                file.write(drawing + "\n")
        except OSError as error:
            raise EigenError("EIGEN_FILE_UNREADABLE", f"`{options.output}`: {error.strerror}") from error
        say(f"wrote {options.output}")
    elif options.json:
        show_json({"format": options.format, "drawing": drawing})
    else:
        show(drawing)
    return 0


def program_of(options: argparse.Namespace) -> Any:
    """The compiled program of a job, or of a file."""
    from eigen.ir.program import Program

    with connect(options) as client:
        if JOB_ID.fullmatch(options.what):
            return Program.from_json(client.artifact(options.what, "compiled/program.json"))
        from eigen.cli.reading import read

        return client.compile(read(options.what, job_fields(options))).program


def _draw(program: Any, options: argparse.Namespace) -> str:
    if options.format == "dag":
        from eigen.cli.stages import draw_stages

        return draw_stages(program)
    from eigen.ir.drawing import draw_svg, draw_text

    circuit = circuit_of(program, options.circuit)
    return draw_svg(circuit) if options.format == "svg" else draw_text(circuit, width=_width())


def circuit_of(program: Any, number: str) -> Any:
    """The circuit of that number, from 0."""
    count = len(program.circuits)
    if count == 0:
        hint = "see its stages: `eigen visualize --format dag`"
        raise EigenError("EIGEN_USAGE", "the program has no circuit", hint=hint)
    if not number.isdecimal() or int(number[:9]) >= count:
        message = f"there is no circuit `{number[:20]}`: the program has {count}, counted from 0"
        raise EigenError("EIGEN_USAGE", message)
    return program.circuits[int(number)]


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((120, 24)).columns

"""`eigen convert IN OUT`: a circuit from one format to another, read back and compared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser
from eigen.cli.commands import COMMANDS
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.formats import Format

STANDARD = "-"
"""IN: stdin; OUT: stdout."""


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("convert", COMMANDS["convert"].summary)
    command.add_argument("source", metavar="IN", help="the file of a circuit, or - for stdin")
    command.add_argument("target", metavar="OUT", help="the file to write, or - for stdout")
    command.add_argument(
        "--from", dest="from_format", metavar="FORMAT", help="what IN is; by default what it looks like"
    )
    command.add_argument("--to", dest="to_format", metavar="FORMAT", help="what OUT shall be; by default by its name")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    from eigen.cli.failure import report as report_failure
    from eigen.cli.output import say, show_json
    from eigen.ir.formats import load
    from eigen.ir.formats.conversion import convert
    from eigen.ir.formats.table import named, of_text

    to = _target(options.to_format, options.target)
    if options.json and options.target == STANDARD:
        raise EigenError("EIGEN_USAGE", "`--json` and the circuit cannot both go to stdout", hint="name a file for OUT")
    where = "<stdin>" if options.source == STANDARD else options.source
    data = _read(options.source)
    came_from = of_text(data, where=where) if options.from_format is None else named(options.from_format)
    try:
        circuit = load(data, came_from.name, where=where)
    except EigenError as error:
        return report_failure(error, as_json=options.json, source=data.decode("utf-8", "replace"))
    done = convert(circuit, to.name)
    report: dict[str, Any] = {
        "from": came_from.name,
        "to": to.name,
        "qubits": circuit.num_qubits,
        "clbits": circuit.num_clbits,
        "operations": len(circuit),
        "digest": circuit.digest,
        "certificate": done.certificate.to_json(),
    }
    _write(options.target, done.document)
    if options.json:
        show_json({**report, "output": options.target})
    else:
        say(_sentence(report, options.target))
        say(str(done.certificate))
    return 0


def _target(name: str | None, path: str) -> Format:
    """The format to write: the one named, else that of the file name."""
    from eigen.ir.formats.table import FORMATS, named, of_suffix

    if name is not None:
        return named(name)
    found = None if path == STANDARD else of_suffix(path)
    if found is None:
        hint = f"say it with --to: {', '.join(FORMATS)}"
        raise EigenError("EIGEN_USAGE", f"the name `{path[-60:]}` does not say which format to write", hint=hint)
    return found


def _read(path: str) -> bytes:
    from eigen.ir.formats import MAX_TEXT_BYTES, read

    if path != STANDARD:
        return read(Path(path))
    data = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        raise EigenError("EIGEN_LIMIT_EXCEEDED", f"a document of a circuit has at most {MAX_TEXT_BYTES} bytes")
    return data


def _write(path: str, document: bytes) -> None:
    if path == STANDARD:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return
    try:
        Path(path).write_bytes(document)
    except OSError as error:
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{path}` cannot be written: {error.strerror}") from error


def _sentence(report: dict[str, Any], path: str) -> str:
    from eigen.cli.output import plural

    size = f"{plural(report['qubits'], 'qubit')}, {plural(report['operations'], 'operation')}"
    return f"wrote {path}: {report['from']} to {report['to']}, {size}"

"""Source text to `Compiled`: checks, parser process, evaluation, report. Circuits of text formats become programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.formats.table import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.compiler.parser_process import Parsing
    from eigen.ir import Circuit
    from eigen.ir.program import Program
    from eigen.lang.diagnostics import Diagnostic
    from eigen.lang.limits import Limits
    from eigen.types import CompiledDocument, Dataset, Json

    StartParser = Callable[[str, Limits], Parsing]

MAX_NAME = 128


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program with its main circuit (the one that is sampled last), warnings, and a report as JSON."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]
    report: Mapping[str, Json]
    circuit: Circuit | None

    def to_document(self) -> CompiledDocument:
        """Program, main circuit and report as documents."""
        from eigen.types import CompiledDocument

        circuit = None if self.circuit is None else self.circuit.to_aqo()
        return CompiledDocument(self.program.to_json(), circuit, dict(self.report))


def compile_program(
    source: str | bytes,
    *,
    filename: str = "program.eigen.py",
    format: str = "eigen-lang",
    entrypoint: str | None = None,
    inputs: Mapping[str, Json] | None = None,
    datasets: Mapping[str, Dataset] | None = None,
    options: Mapping[str, Json] | None = None,
    parameters: Mapping[str, int] | None = None,
    limits: Limits | None = None,
    parser: StartParser | None = None,
) -> Compiled:
    """Compile a program. The result depends on the arguments alone, not on host, process, locale or directory.

    `format` is `eigen-lang` or a text format of circuits. `parameters` of the entry point, or of a circuit, stay open
    and are given when the program runs: name to length, 0 for a number. `limits` decide only whether a program is
    refused, never what it becomes. `parser` starts the parser; the default is a process of its own for this one text.
    Raises EIGEN_REQUEST_INVALID for `parameters` that mean nothing, EIGEN_LANG_REJECTED with
    `details["diagnostics"]` (JSON, in source order), or the errors of the circuit's format.
    """
    check_parameters(parameters or {})
    if format in FORMATS:
        from eigen.compiler.circuits import compile_circuit

        return compile_circuit(source, format, filename, inputs or {}, parameters or {})
    if format != "eigen-lang":
        hint = f"one of eigen-lang, {', '.join(FORMATS)}"
        raise EigenError("EIGEN_JOBSPEC_INVALID", f"unknown program format `{format}`", hint=hint)
    bound = {"inputs": inputs, "datasets": datasets, "options": options, "parameters": parameters}
    return _compile_text(source, filename, entrypoint, bound, limits, parser)


def check_parameters(parameters: Mapping[str, int]) -> None:
    """Refuse names and lengths that are none, and more numbers than a program may leave open.

    Raises EIGEN_REQUEST_INVALID and EIGEN_LIMIT_EXCEEDED.
    """
    from eigen.ir.wellformed import MAX_PARAMETERS

    numbers = 0
    for name, length in parameters.items():
        shown = ascii(name[:40])[1:-1]
        if len(name) > MAX_NAME or not name.isprintable():
            message = f"the name of a parameter is at most {MAX_NAME} printable characters, not `{shown}`"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where="parameters")
        if isinstance(length, bool) or not isinstance(length, int) or not 0 <= length <= MAX_PARAMETERS:  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"the length of the parameter `{shown}` is a whole number from 0 to {MAX_PARAMETERS}"
            raise EigenError("EIGEN_REQUEST_INVALID", f"{message}, not `{length!r:.40}`", where=f"parameters.{shown}")
        numbers += length or 1
    if numbers > MAX_PARAMETERS:
        message = f"numbers of the open parameters: `{numbers}` is beyond the limit {MAX_PARAMETERS}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where="parameters")


def _compile_text(
    source: str | bytes,
    filename: str,
    entrypoint: str | None,
    bound: Mapping[str, Mapping[str, Any] | None],
    limits: Limits | None,
    start: StartParser | None,
) -> Compiled:
    from eigen.compiler.parser_process import ParserProcess
    from eigen.lang.limits import DEFAULT_LIMITS
    from eigen.lang.source import TextRefusedError, read_source

    limits = limits or DEFAULT_LIMITS
    try:
        text = read_source(source, limits)
        parser = (start or ParserProcess)(text, limits)
        from eigen.compiler.report import main_circuit, make_report  # both are loaded while the child parses
        from eigen.lang.check import check

        tree = parser.result()
    except TextRefusedError as refused:
        raise rejected([refused.diagnostic], filename) from None
    result = check(tree, entrypoint=entrypoint, limits=limits, **bound)
    if result.program is None:
        raise rejected(result.diagnostics, filename)
    report = make_report(result.program, filename=filename)
    report["steps"] = result.steps
    report["operations"] = result.operations
    report["draws"] = [dict(draw) for draw in result.draws]
    report["diagnostics"] = [item.to_json(filename) for item in result.diagnostics]
    return Compiled(result.program, result.diagnostics, report, main_circuit(result.program))


def rejected(diagnostics: Sequence[Diagnostic], filename: str) -> EigenError:
    """The error for a program that does not compile: the diagnostics as JSON and, of the first, its place."""
    errors = [item for item in diagnostics if item.is_error]
    first = errors[0] if errors else None
    count = len(errors)
    message = f"`{filename}` does not compile: {count} error{'' if count == 1 else 's'}"
    if first is not None:
        message += f"; first {first.code}: {first.message}"
    details: dict[str, Any] = {"diagnostics": [item.to_json(filename) for item in diagnostics], "filename": filename}
    where = f"{filename}:{first.span.line}:{first.span.column + 1}" if first and first.span.line else filename
    return EigenError("EIGEN_LANG_REJECTED", message, where=where, details=details)

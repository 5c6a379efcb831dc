"""Source text to `Compiled`: checks, parser process, evaluation, report. AQO documents become programs too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir import Circuit
    from eigen.ir.program import Program
    from eigen.lang.diagnostics import Diagnostic
    from eigen.lang.limits import Limits
    from eigen.types import Dataset, Json

FORMATS = ("eigen-lang", "aqo")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program with its main circuit (the one that is sampled last), warnings, and a report as JSON."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]
    report: Mapping[str, Json]
    circuit: Circuit | None


def compile_program(
    source: str | bytes,
    *,
    filename: str = "program.eigen.py",
    format: str = "eigen-lang",
    entrypoint: str | None = None,
    inputs: Mapping[str, Json] | None = None,
    datasets: Mapping[str, Dataset] | None = None,
    options: Mapping[str, Json] | None = None,
    limits: Limits | None = None,
) -> Compiled:
    """Compile a program. The result depends on the arguments alone, not on host, process, locale or directory.

    `limits` decide only whether a program is refused, never what it becomes.
    Raises EIGEN_LANG_REJECTED with `details["diagnostics"]` (JSON, in source order), or the errors of AQO.
    """
    if format == "aqo":
        from eigen.compiler.aqo import compile_aqo

        return compile_aqo(source, inputs or {})
    if format != "eigen-lang":
        raise EigenError(
            "EIGEN_JOBSPEC_INVALID", f"unknown program format `{format}`", hint=f"one of {', '.join(FORMATS)}"
        )
    return _compile_text(source, filename, entrypoint, inputs or {}, datasets or {}, options or {}, limits)


def _compile_text(
    source: str | bytes,
    filename: str,
    entrypoint: str | None,
    inputs: Mapping[str, Json],
    datasets: Mapping[str, Dataset],
    options: Mapping[str, Json],
    limits: Limits | None,
) -> Compiled:
    from eigen.compiler.parser_process import ParserProcess
    from eigen.lang.limits import DEFAULT_LIMITS
    from eigen.lang.source import TextRefusedError, read_source

    limits = limits or DEFAULT_LIMITS
    try:
        text = read_source(source, limits)
        parser = ParserProcess(text, limits)
        from eigen.compiler.report import main_circuit, make_report  # both are loaded while the child parses
        from eigen.lang.check import check

        tree = parser.result()
    except TextRefusedError as refused:
        raise rejected([refused.diagnostic], filename) from None
    result = check(tree, entrypoint=entrypoint, inputs=inputs, datasets=datasets, options=options, limits=limits)
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

"""Checking and running small programs in this process, for the tests of the language."""

from __future__ import annotations

from typing import Any

from doubles.plan_engine import run_program
from eigen.ir.values import to_plain
from eigen.lang.check import LangResult, check
from eigen.lang.diagnostics import Diagnostic, Span, render_all
from eigen.lang.limits import DEFAULT_LIMITS, Limits
from eigen.lang.parse import Refused, parse_text
from eigen.lang.source import TextRefusedError, read_source
from eigen.lang.tree import checked_tree


def checked(source: str | bytes, *, limits: Limits = DEFAULT_LIMITS, **settings: Any) -> LangResult:
    """What the checker says of a program; refusals of the text count as diagnostics too."""
    try:
        text = read_source(source, limits)
        data = parse_text(
            text,
            depth=limits.nesting_depth,
            nodes=limits.syntax_nodes,
            integer_bits=limits.integer_bits,
            string_bytes=limits.string_bytes,
        )
    except TextRefusedError as refused:
        return LangResult(None, (refused.diagnostic,))
    except Refused as refused:
        return LangResult(None, (Diagnostic(refused.code, refused.message, Span(*refused.span)),))
    return check(checked_tree(data, text), limits=limits, **settings)


def codes(source: str | bytes, **settings: Any) -> list[str]:
    """The codes of the errors of a program."""
    return [item.code for item in checked(source, **settings).errors]


def outputs(source: str, *, seed: int = 1, shots: int | None = 100, plain: bool = True, **settings: Any) -> Any:
    """What a program returns when it runs on the simulator."""
    result = checked(source, **settings)
    assert result.program is not None, render_all(result.diagnostics, source, filename="program")
    value = run_program(result.program, seed=seed, shots=shots).output
    return to_plain(value) if plain else value


def main(body: str) -> str:
    """A program whose entry point has this body."""
    lines = "\n".join(f"    {line}" if line else "" for line in body.strip("\n").split("\n"))
    return f"from eigen_lang import *\n\n\n@hybrid_program(shots=100, seed=1)\ndef main():\n{lines}\n"

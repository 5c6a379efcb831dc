"""Checking and running small programs in the tests of the library, in this process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from eigen.lang.check import LangResult, check
from eigen.lang.limits import DEFAULT_LIMITS
from eigen.lang.parse import parse_text
from eigen.lang.source import read_source
from eigen.lang.tree import checked_tree


def checked(text: str, **settings: Any) -> LangResult:
    """What the checker says of a program."""
    limits = asdict(DEFAULT_LIMITS)
    source = read_source(text, DEFAULT_LIMITS)
    data = parse_text(
        source,
        depth=limits["nesting_depth"],
        nodes=limits["syntax_nodes"],
        integer_bits=limits["integer_bits"],
        string_bytes=limits["string_bytes"],
    )
    return check(checked_tree(data, source), **settings)


def codes(*lines: str) -> list[str]:
    """The codes that the body of a main function gives."""
    body = "\n".join(f"    {line}" for line in lines)
    result = checked(f"from eigen_lang import *\n\n\n@hybrid_program(shots=10)\ndef main():\n{body}\n")
    return [item.code for item in result.diagnostics]

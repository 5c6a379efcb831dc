"""The lines of Stim's circuit language: names, tags, arguments, targets, blocks of REPEAT; nothing is interpreted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.places import at
from eigen.ir.formats.stim.gates import ALIASES, ESCAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 100  # of blocks inside blocks
MAX_LINES = 400_000
LINE = re.compile(
    r"\s*(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\[(?P<tag>[^\]\r\n]*)\])?(?:\((?P<args>[^()]*)\))?(?P<rest>(?:\s[^#]*)?)(?:#.*)?",
)
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction; of a REPEAT, `body` are those of its block and `targets` its count."""

    name: str
    tag: str
    arguments: tuple[float, ...]
    targets: tuple[str, ...]
    line: int
    column: int
    body: tuple[Line, ...] = ()


def parse(text: str, where: str) -> list[Line]:
    """The instructions of a document. Raises EIGEN_FORMAT_INVALID and EIGEN_LIMIT_EXCEEDED with their place."""
    if text.count("\n") > MAX_LINES:
        raise EigenError("EIGEN_LIMIT_EXCEEDED", f"a document has at most `{MAX_LINES}` lines", where=where)
    open_blocks: list[tuple[Line, list[Line]]] = []
    lines: list[Line] = []
    for number, content in _lines(text):
        if content.strip() == "}":
            if not open_blocks:
                raise at(number, content.index("}") + 1, "EIGEN_FORMAT_INVALID", "`}` closes no block", where=where)
            head, outer = open_blocks.pop()
            outer.append(Line(head.name, head.tag, head.arguments, head.targets, head.line, head.column, tuple(lines)))
            lines = outer
            continue
        opens = content.endswith("{")
        found = _instruction(content[:-1] if opens else content, number, where)
        if opens != (found.name == "REPEAT"):
            message = "a block is opened by `REPEAT count {`"
            raise at(number, found.column, "EIGEN_FORMAT_INVALID", message, where=where)
        if not opens:
            lines.append(found)
            continue
        if len(open_blocks) == MAX_DEPTH:
            message = f"blocks inside blocks beyond `{MAX_DEPTH}`"
            raise at(number, found.column, "EIGEN_LIMIT_EXCEEDED", message, where=where)
        open_blocks.append((found, lines))
        lines = []
    if open_blocks:
        head = open_blocks[-1][0]
        raise at(head.line, head.column, "EIGEN_FORMAT_INVALID", "the block of this REPEAT is not closed", where=where)
    return lines


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Numbers and contents of the lines that say something, without comments and white space at the end."""
    for number, line in enumerate(text.split("\n"), 1):
        kept = line.rstrip()
        if "#" in kept:
            kept = _without_comment(kept)
        if kept.strip():
            yield number, kept


def _without_comment(line: str) -> str:
    """The line up to a `#` outside of a tag."""
    inside = False
    for index, mark in enumerate(line):
        inside = mark == "[" or (inside and mark != "]")
        if mark == "#" and not inside:
            return line[:index].rstrip()
    return line


def _instruction(content: str, number: int, where: str) -> Line:
    found = LINE.fullmatch(content)
    column = len(content) - len(content.lstrip()) + 1
    if found is None:
        raise at(number, column, "EIGEN_FORMAT_INVALID", "this is no instruction of Stim", where=where)
    name = found["name"].upper()
    arguments: list[float] = []
    for part in found["args"].split(",") if found["args"] and found["args"].strip() else ():
        if NUMBER.fullmatch(part.strip()) is None:
            raise at(number, column, "EIGEN_FORMAT_INVALID", "an argument in parentheses is no number", where=where)
        arguments.append(float(part))
    tag = re.sub(r"\\(.)", lambda mark: ESCAPES.get(mark[1], mark[0]), found["tag"] or "")
    return Line(ALIASES.get(name, name), tag, tuple(arguments), tuple(found["rest"].split()), number, column)

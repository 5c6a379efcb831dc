"""The statements of Quil: lines as tokens, with their places. Nothing is interpreted."""

from __future__ import annotations

import re
from sys import intern
from typing import NamedTuple

from eigen.errors import EigenError
from eigen.ir.formats.places import at

_NAME = r"[A-Za-z_](?:\w|-(?=\w))*"
TOKEN = re.compile(
    rf"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>{_NAME})|[ \t\r]+|#.*|(?P<end>;)"
    rf"|(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<formal>%{_NAME})|(?P<label>@{_NAME})|(?P<mark>[()\[\],:+\-*/^!$])",
    re.ASCII,
)
MAX_LINES = 400_000


class Token(NamedTuple):
    """A word, a number or a mark; columns count from 1."""

    kind: str
    text: str
    column: int


class Statement(NamedTuple):
    """One instruction; `is_inner` is set for the indented lines of a definition."""

    tokens: tuple[Token, ...]
    line: int
    is_inner: bool

    @property
    def name(self) -> str:
        """The first word."""
        return self.tokens[0].text


def statements(data: bytes, where: str) -> list[Statement]:
    """The statements of a document. Raises EIGEN_FORMAT_INVALID with the place, EIGEN_LIMIT_EXCEEDED."""
    if data.count(b"\n") + data.count(b";") > MAX_LINES:
        message = f"a program has at most `{MAX_LINES}` lines and statements"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=where)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise EigenError("EIGEN_FORMAT_INVALID", "the document is no text in UTF-8", where=where) from None
    found: list[Statement] = []
    for number, line in enumerate(text.split("\n"), 1):
        is_inner = line.startswith(("\t", "    "))
        tokens: list[Token] = []
        position = 0
        for match in TOKEN.finditer(line):
            if match.start() != position:
                break
            position, kind = match.end(), match.lastgroup
            if kind == "end":
                found += [Statement(tuple(tokens), number, is_inner)] if tokens else []
                tokens = []
            elif kind is not None:
                tokens.append(Token(kind, intern(match[0]), match.start() + 1))
        if position != len(line):
            raise at(number, position + 1, "EIGEN_FORMAT_INVALID", "this is no word of Quil", where=where)
        if tokens:
            found.append(Statement(tuple(tokens), number, is_inner))
    return found

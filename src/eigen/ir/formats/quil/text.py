"""The statements of Quil: lines as tokens, with their places. Nothing is interpreted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from eigen.errors import EigenError
from eigen.ir.formats.places import at

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_](?:\w|-(?=\w))*)|(?P<string>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<formal>%[A-Za-z_](?:\w|-(?=\w))*)|(?P<label>@[A-Za-z_](?:\w|-(?=\w))*)|(?P<mark>[()\[\],:+\-*/^!$])",
    re.ASCII,
)


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
    """The statements of a document. Raises EIGEN_FORMAT_INVALID with the place."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise EigenError("EIGEN_FORMAT_INVALID", "the document is no text in UTF-8", where=where) from None
    found: list[Statement] = []
    for number, line in enumerate(text.split("\n"), 1):
        is_inner = line.startswith(("\t", "    "))
        tokens: list[Token] = []
        for token in _tokens(line, number, where):
            if token is None:
                found += [Statement(tuple(tokens), number, is_inner)] if tokens else []
                tokens = []
            else:
                tokens.append(token)
        found += [Statement(tuple(tokens), number, is_inner)] if tokens else []
    return found


def _tokens(line: str, number: int, where: str) -> Iterator[Token | None]:
    """Tokens of a line, None for each `;` between statements."""
    position = 0
    while position < len(line):
        mark = line[position]
        if mark in " \t\r":
            position += 1
        elif mark == "#":
            return
        elif mark == ";":
            yield None
            position += 1
        else:
            token = TOKEN.match(line, position)
            if token is None:
                raise at(number, position + 1, "EIGEN_FORMAT_INVALID", "this is no word of Quil", where=where)
            yield Token(str(token.lastgroup), token[0], position + 1)
            position = token.end()

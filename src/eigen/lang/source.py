"""Checks of a program's text before it is parsed: encoding, size, brackets, characters. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eigen.lang.diagnostics import NOWHERE, Diagnostic, Span

if TYPE_CHECKING:
    from eigen.lang.limits import Limits

_STRING = (
    r"[a-zA-Z]{0,2}(?:"
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|'
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|"
    r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'
    r"'[^'\\\n]*(?:\\.[^'\\\n]*)*')"
)
_TOKEN = re.compile(rf"(#[^\n]*)|({_STRING})|([(\[{{])|([)\]}}])|([^\x00-\x7f])|[\"']|[A-Za-z_0-9]+", re.DOTALL)
_COOKIE = re.compile(r"[ \t]*#.*?coding[:=][ \t]*([-\w.]+)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class TextRefusedError(Exception):
    """The text is refused before parsing; carries the diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def read_source(source: str | bytes, limits: Limits) -> str:
    r"""The checked text with `\n` line ends. Raises TextRefusedError with E0102, E0103, E0104 or E0106."""
    text = _decode(source, limits)
    _check_encoding(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _check_size(text, limits)
    found = _CONTROL.search(text)
    if found:
        raise _refused("E0102", f"the text holds the control character `U+{ord(found[0]):04X}`", text, found.start())
    _scan(text, limits.nesting_depth)
    return text


def _decode(source: str | bytes, limits: Limits) -> str:
    try:
        data = source.encode("utf-8") if isinstance(source, str) else source
        size = len(data)
        text = source if isinstance(source, str) else data.decode("utf-8")
    except UnicodeError as error:
        line = _line_of(source, error.start) if isinstance(error, (UnicodeDecodeError, UnicodeEncodeError)) else 0
        raise TextRefusedError(
            Diagnostic("E0102", "the text is not UTF-8", Span(line, 0, line, 1), hint="save the file as UTF-8")
        ) from None
    if size > limits.source_bytes:
        raise TextRefusedError(
            Diagnostic(
                "E0103",
                f"the source has {size} bytes; the limit is {limits.source_bytes}",
                NOWHERE,
                hint="put data into inputs or data sets",
            )
        )
    return text


def _line_of(source: str | bytes, position: int) -> int:
    head = source[:position]
    return (head.count("\n") if isinstance(head, str) else head.count(b"\n")) + 1


def _check_encoding(text: str) -> None:
    if text.startswith("\ufeff"):
        raise _refused("E0102", "the text starts with a byte order mark", text, 0, hint="save the file as plain UTF-8")
    for line in text[:2048].split("\n", 2)[:2]:
        cookie = _COOKIE.match(line)
        if cookie and cookie[1].lower() not in {"utf-8", "utf8"}:
            raise _refused(
                "E0102",
                f"the text declares the encoding `{cookie[1][:40]}`",
                text,
                text.index(line),
                hint="remove the declaration: programs are UTF-8",
            )


def _check_size(text: str, limits: Limits) -> None:
    lines = text.split("\n")
    if len(lines) > limits.source_lines + 1:
        raise TextRefusedError(
            Diagnostic("E0103", f"the source has {len(lines)} lines; the limit is {limits.source_lines}", NOWHERE)
        )
    for number, line in enumerate(lines, 1):
        if len(line) > limits.line_characters:
            raise TextRefusedError(
                Diagnostic(
                    "E0103",
                    f"the line has {len(line)} characters; the limit is {limits.line_characters}",
                    Span(number, 0, number, 1),
                )
            )


def _scan(text: str, depth_limit: int) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[2]:
            _check_format_string(token[2], text, token.start())
        elif token[3]:
            depth += 1
            if depth > depth_limit:
                raise _refused("E0104", f"brackets nest deeper than {depth_limit} levels", text, token.start())
        elif token[4]:
            depth = max(0, depth - 1)
        elif token[5]:
            raise _not_ascii(token[5], text, token.start())
        elif token[0] in {'"', "'"}:
            return  # an unterminated string: the parser names it


def _check_format_string(token: str, text: str, position: int) -> None:
    """In an f-string, braces hold ASCII only and are balanced before the closing quote."""
    prefix = token[: min(token.find('"') % 4, token.find("'") % 4)].lower()
    if "f" not in prefix and "t" not in prefix:
        return
    depth = 0
    plain = token.replace("{{", "  ").replace("}}", "  ")
    for offset, char in enumerate(plain):
        if char in "{}":
            depth += 1 if char == "{" else -1
        elif depth > 0 and not char.isascii():
            raise _not_ascii(char, text, position + offset)
    if depth > 0 and "{{" not in token and "}}" not in token:
        raise _refused(
            "E0101",
            "a quote inside the braces of an f-string ends the string",
            text,
            position,
            hint="use the other kind of quotes inside the braces",
        )


def _not_ascii(char: str, text: str, position: int) -> TextRefusedError:
    return _refused(
        "E0106",
        f"the character `{char}` (U+{ord(char):04X}) stands outside strings and comments",
        text,
        position,
        hint="names are ASCII: use the plain Latin letters, or move the text into a string",
    )


def _refused(code: str, message: str, text: str, position: int, *, hint: str = "") -> TextRefusedError:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1)
    return TextRefusedError(Diagnostic(code, message, Span(line, column, line, column + 1), hint=hint))

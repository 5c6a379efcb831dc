"""LLVM text as tokens, one after the other, with the grammar of types and values; instructions are `parsing`."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from eigen.errors import EigenError
from eigen.ir.formats.places import at
from eigen.ir.formats.qir.module import Operand

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r"(?:[-a-zA-Z$._0-9]+|\"[^\"\n]*\")"
_ARGUMENT = r"[^()\n,]*(?:\([^()\n,]*\))?"
_CALL = rf"(?:tail )?call void @[\w.$]+\({_ARGUMENT}(?:, {_ARGUMENT})*\)(?: #\d+)?(?=[ \t]*\n)"
TOKEN = re.compile(
    rf"\s+|;[^\n]*|(?P<call>{_CALL})|(?P<label>{_NAME}:)|(?P<string>c?\"[^\"]*\")|(?P<local>%{_NAME})"
    rf"|(?P<global>@{_NAME})|(?P<comdat>\${_NAME})|(?P<meta>!{_NAME}?)|(?P<group>\#\d+)"
    r"|(?P<hex>0x[KLMHR]?[0-9a-fA-F]+)|(?P<float>[-+]?\d+\.\d*(?:[eE][-+]?\d+)?)|(?P<int>-?\d+)"
    r"|(?P<word>[a-zA-Z_][\w.]*)|(?P<mark>\.\.\.|[()\[\]{}<>,=*|])",
    re.ASCII,
)
ESCAPE = re.compile(r"\\([0-9a-fA-F]{2}|\\)")
MAX_TOKENS = 6_000_000
MAX_DEPTH = 60  # of types and constants inside each other
MAX_DIGITS = 40
SCALAR = re.compile(r"i[1-9]\d{0,7}|void|double|float|half|bfloat|fp128|x86_fp80|ptr|label|metadata|token|opaque")
CASTS = {"inttoptr", "bitcast", "addrspacecast", "ptrtoint"}
WORDS = {"true", "false", "null", "undef", "poison", "zeroinitializer", "none", "getelementptr", *CASTS}
OPEN, CLOSED = set("([{<"), set(")]}>")
END = "end"


class Token(NamedTuple):
    """A word, a name, a number or a mark; `place` is its index in the text. A whole call on a line of its own is one
    too, since most lines are such."""

    kind: str
    text: str
    place: int


class Tokens:
    """Reads tokens, types and values from the front of a text. `here` is the next token."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._found = self._scan()
        self._depth = 0
        self.here = next(self._found)
        self._ahead: Token | None = None

    def _scan(self) -> Iterator[Token]:
        position = count = 0
        for match in TOKEN.finditer(self._text):
            if match.start() != position:
                break
            position, kind = match.end(), match.lastgroup
            if kind is None:
                continue
            count += 1
            if count > MAX_TOKENS:
                raise self.error("EIGEN_LIMIT_EXCEEDED", f"a module has at most `{MAX_TOKENS}` words", position)
            yield Token(kind, match[0], match.start())
        if position != len(self._text):
            raise self.invalid("this is no word of LLVM's language", position)
        while True:
            yield Token(END, "", position)

    def next(self) -> Token:
        """The next token, which is then behind."""
        token, ahead = self.here, self._ahead
        self.here, self._ahead = next(self._found) if ahead is None else ahead, None
        return token

    def after(self) -> Token:
        """The token behind the next one."""
        if self._ahead is None:
            self._ahead = next(self._found)
        return self._ahead

    def take(self, *texts: str) -> bool:
        """Whether the next token is one of these, which is then behind; strings and names of values never are."""
        if self.here.text in texts and self.here.kind in {"word", "mark"}:
            self.next()
            return True
        return False

    def expect(self, text: str) -> None:
        """A mark or word that must come now."""
        if not self.take(text):
            raise self.invalid(f"`{text}` is missing")

    def name(self, kind: str) -> str:
        """A name of a kind, without its sign and its quotes."""
        token = self.next()
        if token.kind != kind:
            raise self.invalid(f"a name of the kind `{kind}` is missing", token.place)
        return bare(token.text[:-1] if kind == "label" else token.text[1:])

    def skip_group(self) -> None:
        """The bracket that opens here, with all that it holds."""
        depth = 0
        while self.here.kind != END:
            text = self.next().text
            depth += (text in OPEN) - (text in CLOSED)
            if not depth:
                return
        raise self.invalid("a bracket that is not closed")

    def skip_words(self, words: set[str]) -> None:
        """Numbers of attribute groups, and some words."""
        while self.here.kind == "group" or (self.here.kind == "word" and self.here.text in words):
            self.next()

    # ---- types and values --------------------------------------------------------------------------------------

    def is_type(self) -> bool:
        """Whether a type begins here."""
        kind, text = self.here.kind, self.here.text
        return kind == "local" or (kind == "mark" and text in OPEN - {"("}) or SCALAR.fullmatch(text) is not None

    def type(self) -> str:
        """A type; every pointer is `ptr`, a function is its result."""
        if not self.is_type():
            raise self.invalid("a type is missing")
        found = self._aggregate() if self.here.kind == "mark" else self.next().text
        while True:
            if self.here.text == "addrspace":
                self.next()
                self.skip_group()
            elif self.take("*"):
                found = "ptr"
            elif self.here.text == "(" and self.here.kind == "mark":
                self.skip_group()
            else:
                return found

    def _aggregate(self) -> str:
        place, text = self.here.place, self.here.text
        if text == "[":
            self.next()
            count = self.next()
            self.expect("x")
            self._enter()
            inner = self.type()
            self._depth -= 1
            self.expect("]")
            return f"[{count.text[:20]} x {inner[:20]}]"
        self.skip_group()
        return f"aggregate at {place}"

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error("EIGEN_LIMIT_EXCEEDED", f"types or constants inside each other beyond `{MAX_DEPTH}`")

    def typed(self) -> Operand:
        """A type, attributes, which are passed over, and a value."""
        kind = self.type()
        self.skip_attributes()
        return self.value(kind)

    def skip_attributes(self) -> None:
        """Words such as `nonnull`, `align 8` and `dereferenceable(8)`."""
        while (self.here.kind in {"word", "group"} and self.here.text not in WORDS) or self.here.text[:1] == '"':
            is_align = self.next().text == "align"
            if self.here.text in {"(", "="}:
                self.next() if self.here.text == "=" else self.skip_group()
            elif is_align and self.here.kind == "int":
                self.next()

    def value(self, kind: str) -> Operand:
        """A value of a type."""
        token = self.next()
        text = token.text
        if token.kind in {"local", "global"}:
            return Operand(token.kind, bare(text[1:]), kind)
        if token.kind in {"int", "float", "hex"}:
            return self._number(token, kind)
        if text in {"true", "false"}:
            return Operand("int", int(text == "true"), kind)
        if text in {"null", "zeroinitializer", "none"}:
            number = "pointer" if kind == "ptr" else "float" if kind in {"double", "float", "half"} else "int"
            return Operand(number, 0.0 if number == "float" else 0, kind)
        if text in {"undef", "poison"}:
            return Operand("undef", None, kind)
        if token.kind == "string" and text.startswith("c"):
            return Operand("string", unescaped(text[2:-1]), kind)
        if text in CASTS and token.kind == "word":
            return self._cast(kind)
        if text == "getelementptr":
            return self._element(kind)
        if token.kind == "mark" and text in OPEN:
            raise self.error("EIGEN_FORMAT_UNSUPPORTED", "constants of several values are not read", token.place)
        raise self.invalid("a value is missing", token.place)

    def array(self, kind: str) -> Operand:
        """`[ptr null, ptr @x]`: values of one type."""
        self.expect("[")
        found: list[Operand] = []
        while not self.take("]"):
            found.append(self.typed())
            if not self.take(",") and self.here.text != "]":
                raise self.invalid("an array that is not closed")
        return Operand("array", tuple(found), kind)

    def _number(self, token: Token, kind: str) -> Operand:
        text = token.text
        if token.kind == "int":
            if len(text) > MAX_DIGITS or not kind.startswith("i"):
                raise self.invalid(f"`{text[:MAX_DIGITS]}` is no value of the type `{kind[:20]}`", token.place)
            return Operand("int", int(text), kind)
        if kind not in {"double", "float"} or len(text) > 400 or text[2:3] in set("KLMHR"):
            raise self.invalid(f"`{text[:20]}` is no value of the type `{kind[:20]}`", token.place)
        if token.kind == "float":
            return Operand("float", float(text), kind)
        if len(text) > 18:
            raise self.invalid("a number with more than 16 hexadecimal digits is none", token.place)
        return Operand("float", struct.unpack(">d", int(text, 16).to_bytes(8, "big"))[0], kind)

    def _cast(self, kind: str) -> Operand:
        """`inttoptr (i64 1 to ptr)` and its like: what is inside."""
        self._enter()
        self.expect("(")
        inner = self.typed()
        self.expect("to")
        self.type()
        self.expect(")")
        self._depth -= 1
        return (
            Operand("pointer", inner.value, kind)
            if inner.kind == "int" and kind == "ptr"
            else inner._replace(type=kind)
        )

    def _element(self, kind: str) -> Operand:
        """`getelementptr inbounds (T, ptr @label, i32 0, i32 0)`: the global that it begins at."""
        self._enter()
        while self.take("inbounds", "nuw", "nusw", "inrange"):
            pass
        self.expect("(")
        self.type()
        self.expect(",")
        base = self.typed()
        while self.take(","):
            index = self.typed()
            if index.kind != "int" or index.value:
                raise self.error("EIGEN_FORMAT_UNSUPPORTED", "an address inside of a constant is not read")
        self.expect(")")
        self._depth -= 1
        return base._replace(type=kind)

    # ---- errors ------------------------------------------------------------------------------------------------

    def invalid(self, message: str, place: int | None = None) -> EigenError:
        """EIGEN_FORMAT_INVALID at a place of the text, by default here."""
        return self.error("EIGEN_FORMAT_INVALID", message, place)

    def error(self, code: str, message: str, place: int | None = None, hint: str = "") -> EigenError:
        """An error at a place of the text."""
        return placed_at(self._text, self.here.place if place is None else place, code, message, self._where, hint)


def placed_at(text: str, place: int, code: str, message: str, where: str, hint: str = "") -> EigenError:
    """An error with the line and the column of an index."""
    line = text.count("\n", 0, place) + 1
    return at(line, place - text.rfind("\n", 0, place), code, message, where=where, hint=hint)


def bare(name: str) -> str:
    """A name without quotes and escapes."""
    return unescaped(name[1:-1]).decode("utf-8", "replace") if name.startswith('"') else name


def unescaped(text: str) -> bytes:
    """The bytes of a string; `\\0A` is one of them."""
    if "\\" not in text:
        return text.encode()
    parts = ESCAPE.split(text)
    return b"".join(
        part.encode() if not odd % 2 else b"\\" if part == "\\" else bytes([int(part, 16)])
        for odd, part in enumerate(parts)
    )

"""`COMPUTE` as instructions of LLVM on `i1`, `i64` and `double`.

Our whole numbers have 128 bits, those here 64: each expression comes with the range that its value must lie in, so that
an operation which needs all of a number is written only where 64 bits are all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.ir.formats.objects import refused
from eigen.ir.formats.qir.cells import NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.errors import EigenError

WORD = 64
MOST_POWER = 64
LEAST, MOST = -(1 << 63), (1 << 63) - 1
SIMPLE = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor"}
LOGIC = {"&", "|", "^"}
EXACT = {"/": ("sdiv", "udiv"), "%": ("srem", "urem"), ">>": ("ashr", "lshr")}
REAL = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv", "%": "frem"}
PREDICATES = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le"}


@dataclass(frozen=True, slots=True)
class Term:
    """A value in a register: of an `i64` all that fits, the number itself lying between `least` and `most`."""

    kind: str
    text: str
    least: int = 0
    most: int = 1

    @property
    def is_signed(self) -> bool:
        """Whether 64 bits with a sign are the number."""
        return self.least >= LEAST and self.most <= MOST

    @property
    def is_unsigned(self) -> bool:
        """Whether 64 bits without a sign are the number."""
        return self.least >= 0 and self.most >> WORD == 0


class Computation:
    """Writes expressions. `made` writes an instruction and gives its register; `read` gives bits as a term."""

    def __init__(self, made: Callable[[str], str], read: Callable[[list[int], str], Term]) -> None:
        self._made = made
        self._read = read

    def term(self, node: dict[str, Any]) -> Term:
        """The value of an expression, as AQO writes it. Raises EIGEN_FORMAT_UNSUPPORTED, which names the operation."""
        if "int" in node:
            value = node["int"]
            return Term("i64", str(_signed(value)), value, value)
        if "float" in node:
            return Term("double", real(node["float"]))
        if "as" in node:
            return self._read(node["bits"], node["as"])
        name, of = node["do"], [self.term(part) for part in node["of"]]
        if name == "wrap":
            return self.wrapped(of[0], node["bits"], node["signed"])
        if len(of) == 1:
            return self._one(name, of[0])
        if of[0].kind == "double":
            return self._fractions(name, *of)
        if name in PREDICATES:
            return self._compared(name, *of)
        if name in LOGIC and of[0].kind == of[1].kind == "i1":
            return Term("i1", self._made(f"{SIMPLE[name]} i1 {of[0].text}, {of[1].text}"))
        return self._whole(name, self.word(of[0]), self.word(of[1]))

    def word(self, term: Term) -> Term:
        """A truth value as a number."""
        if term.kind != "i1":
            return term
        return Term("i64", self._made(f"zext i1 {term.text} to i64"), term.least, term.most)

    def truth(self, term: Term) -> str:
        """The lowest bit of a number."""
        return term.text if term.kind == "i1" else self._made(f"trunc i64 {term.text} to i1")

    def wrapped(self, term: Term, bits: int, is_signed: bool) -> Term:
        """A number modulo 2^bits."""
        least, most = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if is_signed else (0, (1 << bits) - 1)
        if least <= term.least and term.most <= most:
            return term
        word = self.word(term)
        text = word.text
        if bits < WORD and is_signed:
            moved = self._made(f"shl i64 {text}, {WORD - bits}")
            text = self._made(f"ashr i64 {moved}, {WORD - bits}")
        elif bits < WORD:
            text = self._made(f"and i64 {text}, {most}")
        return Term("i64", text, least, most)

    # ---- one value ---------------------------------------------------------------------------------------------

    def _one(self, name: str, of: Term) -> Term:
        if name == "neg" and of.kind == "double":
            return Term("double", self._made(f"fneg double {of.text}"))
        if name in {"neg", "invert"}:
            word = self.word(of)
            if name == "neg":
                return Term("i64", self._made(f"sub i64 0, {word.text}"), -word.most, -word.least)
            return Term("i64", self._made(f"xor i64 {word.text}, -1"), ~word.most, ~word.least)
        if name == "not":
            if of.kind == "i1":
                return Term("i1", self._made(f"xor i1 {of.text}, true"))
            self._exact("not", of)
            return Term("i1", self._made(f"icmp eq i64 {of.text}, 0"))
        if name == "float":
            return self._fraction(of)
        if name == "int":
            return Term("i64", self._made(f"fptosi double {of.text} to i64"), LEAST, MOST)
        if name in {"floor", "ceiling"}:
            return self._rounded(name, of)
        if name == "popcount":
            return self._ones(self.word(of))
        raise _beyond(name)

    def _fraction(self, of: Term) -> Term:
        if of.kind == "i1":
            return Term("double", self._made(f"uitofp i1 {of.text} to double"))
        cast = "sitofp" if self._exact("float", of) else "uitofp"
        return Term("double", self._made(f"{cast} i64 {of.text} to double"))

    def _rounded(self, name: str, of: Term) -> Term:
        """The whole number towards zero, one further where that is on the wrong side."""
        whole = self._made(f"fptosi double {of.text} to i64")
        near = self._made(f"sitofp i64 {whole} to double")
        is_floor = name == "floor"
        wrong = self._made(f"fcmp {'ogt' if is_floor else 'olt'} double {near}, {of.text}")
        step = self._made(f"uitofp i1 {wrong} to double")
        return Term("double", self._made(f"{'fsub' if is_floor else 'fadd'} double {near}, {step}"))

    def _ones(self, of: Term) -> Term:
        """The number of ones, added up in pairs, fours, and so on."""
        if not of.is_unsigned:
            raise _beyond("popcount of a number below 0")
        text = of.text
        for shift, mask in ((1, 0x5555555555555555), (2, 0x3333333333333333), (4, 0x0F0F0F0F0F0F0F0F)):
            moved = self._made(f"lshr i64 {text}, {shift}")
            low, high = (self._made(f"and i64 {part}, {mask}") for part in (text, moved))
            text = self._made(f"add i64 {low}, {high}")
        total = self._made(f"mul i64 {text}, {0x0101010101010101}")
        return Term("i64", self._made(f"lshr i64 {total}, 56"), 0, WORD)

    # ---- two values --------------------------------------------------------------------------------------------

    def _fractions(self, name: str, x: Term, y: Term) -> Term:
        if name in PREDICATES:
            predicate = "une" if name == "!=" else f"o{PREDICATES[name]}"
            return Term("i1", self._made(f"fcmp {predicate} double {x.text}, {y.text}"))
        if name not in REAL:
            raise _beyond(name)
        return Term("double", self._made(f"{REAL[name]} double {x.text}, {y.text}"))

    def _compared(self, name: str, x: Term, y: Term) -> Term:
        if x.kind == y.kind == "i1" and name in {"==", "!="}:
            differ = self._made(f"xor i1 {x.text}, {y.text}")
            return Term("i1", differ if name == "!=" else self._made(f"xor i1 {differ}, true"))
        x, y = self.word(x), self.word(y)
        is_signed = self._exact(name, x, y)
        predicate = PREDICATES[name] if name in {"==", "!="} else f"{'s' if is_signed else 'u'}{PREDICATES[name]}"
        return Term("i1", self._made(f"icmp {predicate} i64 {x.text}, {y.text}"))

    def _whole(self, name: str, x: Term, y: Term) -> Term:
        if name in EXACT:
            return self._exactly(name, x, y)
        if name == "**":
            return self._power(x, y)
        if name == "<<":
            return self._left(x, y)
        text = self._made(f"{SIMPLE[name]} i64 {x.text}, {y.text}")
        return Term("i64", text, *_range(name, x, y))

    def _exactly(self, name: str, x: Term, y: Term) -> Term:
        """Division, remainder and the shift to the right, which need all of a number."""
        if name == ">>":
            is_signed = self._exact(name, x)
            distance = self._distance(y)
            far = "ashr" if is_signed else "lshr"
            # Beyond the last bit there is the sign, as at the last.
            text = self._made(f"{far} i64 {x.text}, {distance}")
            return Term("i64", text, min(x.least, 0), max(x.most, 0))
        if y.least == y.most == 0:
            raise _beyond(f"{name} by zero")
        is_signed = self._exact(name, x, y)
        text = self._made(f"{EXACT[name][not is_signed]} i64 {x.text}, {y.text}")
        size = max(abs(x.least), abs(x.most))
        return Term("i64", text, 0 if x.least >= 0 and y.least >= 0 else -size, size)

    def _left(self, x: Term, y: Term) -> Term:
        if y.least == y.most and y.least >= WORD:
            return Term("i64", "0", min(x.least << y.least, 0), max(x.most << y.least, 0)) if y.least < 128 else ZERO
        if y.least < 0 or y.most >= WORD:
            raise _beyond("a shift to the left by more than 63 places")
        text = self._made(f"shl i64 {x.text}, {y.text}")
        return Term("i64", text, min(x.least << y.most, x.least), max(x.most << y.most, x.most))

    def _distance(self, y: Term) -> str:
        if y.least == y.most and y.least >= 0:
            return str(min(y.least, WORD - 1))
        if y.least < 0 or y.most >= WORD:
            raise _beyond("a shift to the right by more than 63 places")
        return y.text

    def _power(self, x: Term, y: Term) -> Term:
        """A known power, multiplied out."""
        if y.least != y.most or not 0 <= y.least <= MOST_POWER:
            raise _beyond("a power that is not known, or over 64")
        total = Term("i64", "1", 1, 1)
        for _ in range(y.least):
            total = self._whole("*", total, x)
        return total

    def _exact(self, name: str, *terms: Term) -> bool:
        """Whether numbers are taken with a sign. Raises EIGEN_FORMAT_UNSUPPORTED where 64 bits are not all of them."""
        if all(term.is_signed for term in terms):
            return True
        if all(term.is_unsigned for term in terms):
            return False
        raise _beyond(f"{name} of numbers of more than 64 bits")


ZERO = Term("i64", "0", 0, 0)


def _range(name: str, x: Term, y: Term) -> tuple[int, int]:
    """What a sum, a product or an operation on bits can be."""
    if name in LOGIC:
        if x.least >= 0 and y.least >= 0:
            return 0, min(x.most, y.most) if name == "&" else (1 << max(x.most, y.most).bit_length()) - 1
        if name == "&" and max(x.least, y.least) >= 0:
            return 0, x.most if x.least >= 0 else y.most
        bits = max(value.bit_length() for value in (x.least, x.most, y.least, y.most))
        return -(1 << bits), (1 << bits) - 1
    if name == "+":
        return x.least + y.least, x.most + y.most
    if name == "-":
        return x.least - y.most, x.most - y.least
    corners = [a * b for a in (x.least, x.most) for b in (y.least, y.most)]
    return min(corners), max(corners)


def _signed(value: int) -> int:
    """The lowest 64 bits of a number, as LLVM writes them."""
    low = value & (1 << WORD) - 1
    return low - (1 << WORD) if low >> (WORD - 1) else low


def real(value: float) -> str:
    """A number with all its digits; LLVM wants a point before an exponent."""
    text = repr(float(value))
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def _beyond(name: str) -> EigenError:
    return refused(NAME, f"`COMPUTE` with `{name}`, which QIR has no instruction for", "write AQO or OpenQASM 3")

"""The conditions of `when`: comparisons of references and literals, joined by `and`, `or` and `not`.

A small reader of its own: nothing of it is Python. `steps.scan.outputs.energy < -1.1 and not inputs.quick`; texts stand
in quotation marks, numbers may be added, subtracted, multiplied and divided, and `len`, `abs`, `min` and `max` are
there. What has another type than is asked for is an error, never false.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec.workflow.references import MisreferenceError, Reference, look_up, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.jobspec.workflow.references import Scope
    from eigen.types import Json

MAX_TEXT = 1024
MAX_DEPTH = 32
COMPARISONS = ("==", "!=", "<=", ">=", "<", ">", "in")
FUNCTIONS = {"len": 1, "abs": 1, "min": 0, "max": 0}
"""How many arguments each takes; 0: one list, or two numbers and more."""

WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")|(?P<braces>\$\{[^}]*\})"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*(?:\.(?:[A-Za-z0-9_-]+|\*))*)|(?P<mark>==|!=|<=|>=|[<>()+*/,-]))"
)


class MiswrittenError(ValueError):
    """A condition that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, `true`, `false` or `null`."""

    value: Json


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation and what it is applied to."""

    name: str
    operands: tuple[Node, ...]


Node = Literal | Reference | Operation


def condition(text: str) -> Node:
    """The condition that a text says; `MiswrittenError`."""
    if len(text) > MAX_TEXT:
        raise MiswrittenError(f"a condition has at most {MAX_TEXT} characters")
    reader = _Reader(list(_tokens(text)))
    found = reader.either(0)
    reader.end()
    return found


def references_in(node: Node) -> Iterator[Reference]:
    """Every reference of a condition."""
    if isinstance(node, Reference):
        yield node
    elif isinstance(node, Operation):
        for operand in node.operands:
            yield from references_in(operand)


def holds(text: str, scope: Scope) -> bool:
    """Whether a condition holds; EIGEN_WORKFLOW_REFERENCE when it has no value or none that is true or false."""
    value = _value(condition(text), scope)
    if not isinstance(value, bool):
        raise _refused(f"the condition `{text[:200]}` is neither true nor false, but {_shown(value)}")
    return value


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise MiswrittenError(f"`{text[at : at + 20].strip()}` cannot be read here")
        kind = str(match.lastgroup)
        yield kind, match[kind]
        at = match.end()


class _Reader:
    """Reads by precedence: or, and, not, comparison, sum, product, sign."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise MiswrittenError(f"`{self._tokens[self._at][1][:40]}` is too much")

    def either(self, depth: int) -> Node:
        return self._chain(("or",), self.both, depth)

    def both(self, depth: int) -> Node:
        return self._chain(("and",), self.negation, depth)

    def negation(self, depth: int) -> Node:
        if self._take("not"):
            return Operation("not", (self.negation(self._deeper(depth)),))
        return self.comparison(depth)

    def comparison(self, depth: int) -> Node:
        left = self.total(depth)
        name = self._one_of(COMPARISONS)
        if name is None:
            return left
        right = self.total(depth)
        if self._next() in COMPARISONS:
            raise MiswrittenError("comparisons cannot be chained: join two by `and`")
        return Operation(name, (left, right))

    def total(self, depth: int) -> Node:
        return self._chain(("+", "-"), self.product, depth)

    def product(self, depth: int) -> Node:
        return self._chain(("*", "/"), self.signed, depth)

    def signed(self, depth: int) -> Node:
        if self._take("-"):
            return Operation("negative", (self.signed(self._deeper(depth)),))
        return self.atom(depth)

    def atom(self, depth: int) -> Node:
        if self._at >= len(self._tokens):
            raise MiswrittenError("the condition ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return Literal(float(text) if set(text) & set(".eE") else int(text))
        if kind == "text":
            return Literal(text[1:-1])
        if kind == "braces":
            return _named(text[2:-1])
        if kind == "name" and text not in {"and", "or", "not", "in"}:
            return self._word(text, depth)
        if text == "(":
            inner = self.either(self._deeper(depth))
            self._expect(")")
            return inner
        raise MiswrittenError(f"`{text[:40]}` cannot stand here")

    def _word(self, text: str, depth: int) -> Node:
        if text in WORDS:
            return Literal(WORDS[text])
        if self._next() == "(":
            return self._call(text, depth)
        return _named(text)

    def _call(self, name: str, depth: int) -> Node:
        if name not in FUNCTIONS:
            raise MiswrittenError(f"there is no function `{name[:40]}`, but {', '.join(FUNCTIONS)}")
        self._at += 1
        operands = [self.either(self._deeper(depth))]
        while self._take(","):
            operands.append(self.either(self._deeper(depth)))
        self._expect(")")
        if FUNCTIONS[name] and len(operands) != FUNCTIONS[name]:
            raise MiswrittenError(f"`{name}` takes one value")
        return Operation(name, tuple(operands))

    def _chain(self, names: tuple[str, ...], operand: Any, depth: int) -> Node:
        found: Node = operand(depth)
        links = 0
        while (name := self._one_of(names)) is not None:
            links += 1
            found = Operation(name, (found, operand(depth)))
            self._deeper(links)
        return found

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] in {("mark", text), ("name", text)}:
            self._at += 1
            return True
        return False

    def _one_of(self, names: tuple[str, ...]) -> str | None:
        return next((name for name in names if self._take(name)), None)

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise MiswrittenError(f"a `{text}` is missing")

    def _deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise MiswrittenError(f"a condition is at most {MAX_DEPTH} deep")
        return depth + 1


def _named(text: str) -> Reference:
    try:
        return reference(text)
    except MisreferenceError as error:
        raise MiswrittenError(str(error)) from None


def _value(node: Node, scope: Scope) -> Json:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Reference):
        return look_up(node, scope)
    if node.name in {"and", "or"}:
        left = _truth(_value(node.operands[0], scope))
        if left == (node.name == "or"):
            return left
        return _truth(_value(node.operands[1], scope))
    values = [_value(operand, scope) for operand in node.operands]
    if node.name == "not":
        return not _truth(values[0])
    if node.name in FUNCTIONS:
        return _function(node.name, values)
    if node.name in COMPARISONS:
        return _compared(node.name, values[0], values[1])
    return _computed(node.name, [_number(value) for value in values])


def _compared(name: str, left: Json, right: Json) -> bool:
    if name in {"==", "!="}:
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return same == (name == "==")
    if name == "in":
        if isinstance(right, list):
            return left in right
        if isinstance(left, str) and isinstance(right, str | dict):
            return left in right
        raise _refused(f"{_shown(left)} cannot be `in` {_shown(right)}")
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = _number(left), _number(right)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[name]


def _computed(name: str, values: list[float]) -> float:
    first, last = values[0], values[-1]
    try:
        if name == "negative":
            found = -first
        elif name == "+":
            found = first + last
        elif name == "-":
            found = first - last
        else:
            found = first * last if name == "*" else first / last
    except (ZeroDivisionError, OverflowError):
        raise _refused(f"`{first} {name} {last}` has no value") from None
    if isinstance(found, int) and found.bit_length() > MAX_TEXT:
        raise _refused(f"`{name}` gives a number of more than {MAX_TEXT} bits")
    if isinstance(found, float) and not math.isfinite(found):
        raise _refused(f"`{first} {name} {last}` is not a finite number")
    return found


def _function(name: str, values: list[Json]) -> Json:
    if name == "len":
        if not isinstance(values[0], list | dict | str):
            raise _refused(f"{_shown(values[0])} has no length")
        return len(values[0])  # pyright: ignore[reportUnknownArgumentType]
    if name == "abs":
        return abs(_number(values[0]))
    first: Any = values[0]
    given: Any = first if len(values) == 1 and isinstance(first, list) else values  # pyright: ignore[reportUnknownVariableType]
    numbers = [_number(value) for value in given]
    if not numbers:
        raise _refused(f"`{name}` of nothing has no value")
    return min(numbers) if name == "min" else max(numbers)


def _truth(value: Json) -> bool:
    if not isinstance(value, bool):
        raise _refused(f"{_shown(value)} is neither true nor false")
    return value


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"{_shown(value)} is no number")
    return value


def _shown(value: Json) -> str:
    from json import dumps

    text = dumps(value)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _refused(message: str) -> EigenError:
    return EigenError("EIGEN_WORKFLOW_REFERENCE", message, where="when")

"""The syntax tree as the evaluator reads it: the lists of `parse.py`, checked after their way through a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eigen.lang.parse import FIELDS

TreeNode = list[Any]


class MalformedTreeError(Exception):
    """What came out of the parser is not a tree."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed program: its statements and its checked text."""

    body: list[TreeNode]
    text: str


def checked_tree(data: Any, text: str) -> Tree:
    """The tree from a parser's answer; raises MalformedTreeError when its shape is wrong."""
    if not isinstance(data, list):
        raise MalformedTreeError
    stack: list[Any] = list(data)  # pyright: ignore[reportUnknownArgumentType]
    while stack:
        node = stack.pop()
        if not isinstance(node, list) or len(node) < 5 or not isinstance(node[0], str):  # pyright: ignore[reportUnknownArgumentType]
            raise MalformedTreeError
        _check_node(node, stack)  # pyright: ignore[reportUnknownArgumentType]
    return Tree(data, text)  # pyright: ignore[reportUnknownArgumentType]


def _check_node(node: TreeNode, stack: list[Any]) -> None:
    if not (type(node[1]) is type(node[2]) is type(node[3]) is type(node[4]) is int):
        raise MalformedTreeError
    kind = node[0]
    fields = FIELDS.get(kind)
    if fields is None:
        return
    if kind == "If":
        _check_branches(node, stack)
        return
    expected = [how for _, how in fields if how != "skip"]
    if len(node) != 5 + len(expected):
        raise MalformedTreeError
    for value, how in zip(node[5:], expected, strict=True):
        _CHECKS[how](value, stack)


def _check_branches(node: TreeNode, stack: list[Any]) -> None:
    if len(node) != 7:
        raise MalformedTreeError
    for pair in _items(node[5]):
        test, body = _items(pair, 2)
        stack.append(test)
        stack.extend(_items(body))
    stack.extend(_items(node[6]))


def _items(value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (length is not None and len(value) != length):  # pyright: ignore[reportUnknownArgumentType]
        raise MalformedTreeError
    return value  # pyright: ignore[reportUnknownVariableType]


def _one(value: Any, stack: list[Any]) -> None:
    stack.append(value)


def _many(value: Any, stack: list[Any]) -> None:
    stack.extend(item for item in _items(value) if item is not None)


def _maybe(value: Any, stack: list[Any]) -> None:
    if value is not None:
        stack.append(value)


def _word(value: Any, stack: list[Any]) -> None:
    if not isinstance(value, str):
        raise MalformedTreeError


def _text(value: Any, stack: list[Any]) -> None:
    if value is not None and not isinstance(value, str):
        raise MalformedTreeError


def _number(value: Any, stack: list[Any]) -> None:
    if type(value) is not int:
        raise MalformedTreeError


def _words(value: Any, stack: list[Any]) -> None:
    for item in _items(value):
        _word(item, stack)


def _constant(value: Any, stack: list[Any]) -> None:
    if isinstance(value, list):
        raise MalformedTreeError


def _span(value: Any) -> None:
    for item in _items(value, 4):
        _number(item, [])


def _parameters(value: Any, stack: list[Any]) -> None:
    for item in _items(value):
        name, kind, default, span = _items(item, 4)
        _word(name, stack)
        _word(kind, stack)
        _maybe(default, stack)
        _span(span)


def _aliases(value: Any, stack: list[Any]) -> None:
    for item in _items(value):
        name, alias, span = _items(item, 3)
        _word(name, stack)
        _text(alias, stack)
        _span(span)


def _keywords(value: Any, stack: list[Any]) -> None:
    for item in _items(value):
        name, node, span = _items(item, 3)
        _text(name, stack)
        stack.append(node)
        _span(span)


def _generators(value: Any, stack: list[Any]) -> None:
    for item in _items(value):
        target, iterable, conditions, _ = _items(item, 4)
        stack.append(target)
        stack.append(iterable)
        stack.extend(_items(conditions))


_CHECKS = {
    "node": _one,
    "nodes": _many,
    "optional": _maybe,
    "word": _word,
    "text": _text,
    "number": _number,
    "operator": _word,
    "operators": _words,
    "constant": _constant,
    "parameters": _parameters,
    "aliases": _aliases,
    "keywords": _keywords,
    "generators": _generators,
}

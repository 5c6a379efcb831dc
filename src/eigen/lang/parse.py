"""Program text to a compact syntax tree: lists of plain values that travel as JSON. Pure; imports only `ast`.

This file is also run by its path in an isolated child process (`eigen.compiler.parser_process`), so it imports
nothing of ours. A node is `[kind, line, column, end_line, end_column, *fields]`, lines from 1, columns from 0 in
characters; the fields of each kind stand in `FIELDS`. A construct that is not in `FIELDS` has no fields: the
checker refuses it by its kind.
"""

from __future__ import annotations

import ast
from typing import Any

FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    # statements: (field of the Python node, how it is written)
    "FunctionDef": (
        ("name", "word"),
        ("args", "parameters"),
        ("body", "nodes"),
        ("decorator_list", "nodes"),
        ("returns", "skip"),
    ),
    "Return": (("value", "optional"),),
    "Assign": (("targets", "nodes"), ("value", "node")),
    "AugAssign": (("target", "node"), ("op", "operator"), ("value", "node")),
    "AnnAssign": (("target", "node"), ("value", "optional")),
    "For": (("target", "node"), ("iter", "node"), ("body", "nodes"), ("orelse", "nodes")),
    "While": (("test", "node"), ("body", "nodes"), ("orelse", "nodes")),
    "If": (("test", "branches"),),
    "Assert": (("test", "node"), ("msg", "optional")),
    "Import": (("names", "aliases"),),
    "ImportFrom": (("module", "text"), ("names", "aliases"), ("level", "number")),
    "Expr": (("value", "node"),),
    "Pass": (),
    "Break": (),
    "Continue": (),
    # expressions
    "BoolOp": (("op", "operator"), ("values", "nodes")),
    "NamedExpr": (("target", "node"), ("value", "node")),
    "BinOp": (("left", "node"), ("op", "operator"), ("right", "node")),
    "UnaryOp": (("op", "operator"), ("operand", "node")),
    "Lambda": (("args", "parameters"), ("body", "node")),
    "IfExp": (("test", "node"), ("body", "node"), ("orelse", "node")),
    "Dict": (("keys", "nodes"), ("values", "nodes")),
    "Set": (("elts", "nodes"),),
    "ListComp": (("elt", "node"), ("generators", "generators")),
    "SetComp": (("elt", "node"), ("generators", "generators")),
    "GeneratorExp": (("elt", "node"), ("generators", "generators")),
    "DictComp": (("key", "node"), ("value", "node"), ("generators", "generators")),
    "Compare": (("left", "node"), ("ops", "operators"), ("comparators", "nodes")),
    "Call": (("func", "node"), ("args", "nodes"), ("keywords", "keywords")),
    "FormattedValue": (("value", "node"), ("conversion", "number"), ("format_spec", "optional")),
    "JoinedStr": (("values", "nodes"),),
    "Constant": (("value", "constant"),),
    "Attribute": (("value", "node"), ("attr", "word")),
    "Subscript": (("value", "node"), ("slice", "node")),
    "Starred": (("value", "node"),),
    "Name": (("id", "word"),),
    "List": (("elts", "nodes"),),
    "Tuple": (("elts", "nodes"),),
    "Slice": (("lower", "optional"), ("upper", "optional"), ("step", "optional")),
}


class Refused(Exception):  # noqa: N818 - a verdict, not an error
    """The text is refused: code, message and place."""

    def __init__(self, code: str, message: str, span: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.span = span


def parse_text(text: str, *, depth: int, nodes: int, integer_bits: int, string_bytes: int) -> list[Any]:
    """The tree of a program: a list of statement nodes. Raises `Refused`."""
    try:
        module = ast.parse(text, feature_version=(3, 11))
    except SyntaxError as error:
        raise _syntax_error(error, text) from None
    except (RecursionError, MemoryError):
        raise Refused("E0104", f"the program nests deeper than {depth} levels") from None
    except (ValueError, UnicodeError) as error:
        raise Refused("E0101", f"the text cannot be read: {error}") from None
    _measure(module, depth, nodes)
    return _Writer(text, integer_bits, string_bytes).nodes(module.body)


def _syntax_error(error: SyntaxError, text: str) -> Refused:
    message = error.msg.partition(" (<unknown>")[0]
    if "too many" in message and ("nested" in message or "levels" in message):
        return Refused("E0104", message, _place(error, text))
    return Refused("E0101", message, _place(error, text))


def _place(error: SyntaxError, text: str) -> tuple[int, int, int, int]:
    line = error.lineno or 1
    column = max(0, (error.offset or 1) - 1)
    end_line = error.end_lineno or line
    end_column = max(0, (error.end_offset or 0) - 1)
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    last = text.count("\n") + 1
    return (min(line, last), column, min(end_line, last), end_column)


def _measure(module: ast.Module, depth_limit: int, node_limit: int) -> None:
    """Count nodes and depth without recursion; an `elif` is as deep as its `if`."""
    count = 0
    stack: list[tuple[ast.AST, int]] = [(module, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)):
            continue
        count += 1
        if count > node_limit:
            raise Refused("E0105", f"the program has more than {node_limit} syntax nodes")
        if depth > depth_limit:
            raise Refused("E0104", f"the program nests deeper than {depth_limit} levels", _rough_span(node))
        chained = isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
        for child in ast.iter_child_nodes(node):
            same = chained and isinstance(node, ast.If) and child is node.orelse[0]
            stack.append((child, depth if same else depth + 1))


def _rough_span(node: ast.AST) -> tuple[int, int, int, int]:
    line = getattr(node, "lineno", 0)
    return (line, 0, line, 1) if line else (0, 0, 0, 0)


class _Writer:
    """Writes Python nodes as lists; recursion is bounded by the depth already checked."""

    def __init__(self, text: str, integer_bits: int, string_bytes: int) -> None:
        self._lines = text.split("\n")
        self._ascii = text.isascii()
        self._bits = integer_bits
        self._bytes = string_bytes
        self._outer: list[int] | None = None  # the span of the f-string around, whose parts have no own places

    def nodes(self, items: list[Any]) -> list[Any]:
        return [None if item is None else self.node(item) for item in items]

    def node(self, node: Any) -> list[Any]:
        kind = type(node).__name__
        span = self._outer or self._span(node)
        fields = FIELDS.get(kind)
        if fields is None:
            return [kind, *span]
        if kind == "If":
            return [kind, *span, *self._branches(node)]
        if kind != "JoinedStr" or self._outer:
            return [
                kind,
                *span,
                *(self._field(getattr(node, name, None), how) for name, how in fields if how != "skip"),
            ]
        self._outer = span
        try:
            return [kind, *span, self.nodes(node.values)]
        finally:
            self._outer = None

    def _field(self, value: Any, how: str) -> Any:
        if how == "node":
            return self.node(value)
        if how == "nodes":
            return self.nodes(value)
        if how == "optional":
            return None if value is None else self.node(value)
        if how in {"word", "text", "number"}:
            return value
        if how == "operator":
            return type(value).__name__
        if how == "operators":
            return [type(item).__name__ for item in value]
        return getattr(self, "_" + how)(value)

    def _branches(self, node: ast.If) -> list[Any]:
        pairs: list[Any] = []
        while True:
            pairs.append([self.node(node.test), self.nodes(node.body)])
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                return [pairs, self.nodes(node.orelse)]
            node = node.orelse[0]

    def _parameters(self, args: ast.arguments) -> list[Any]:
        """`[[name, kind, default or None, span], …]`, kind one of any, keyword, *, **, position."""
        plain = [*((arg, "position") for arg in args.posonlyargs), *((arg, "any") for arg in args.args)]
        missing = len(plain) - len(args.defaults)
        written = [
            self._parameter(arg, kind, args.defaults[place - missing] if place >= missing else None)
            for place, (arg, kind) in enumerate(plain)
        ]
        if args.vararg:
            written.append(self._parameter(args.vararg, "*", None))
        written += [
            self._parameter(arg, "keyword", default)
            for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        ]
        if args.kwarg:
            written.append(self._parameter(args.kwarg, "**", None))
        return written

    def _parameter(self, arg: ast.arg, kind: str, default: Any) -> list[Any]:
        return [arg.arg, kind, None if default is None else self.node(default), self._span(arg)]

    def _aliases(self, names: list[ast.alias]) -> list[Any]:
        return [[alias.name, alias.asname, self._span(alias)] for alias in names]

    def _keywords(self, keywords: list[ast.keyword]) -> list[Any]:
        return [[item.arg, self.node(item.value), self._outer or self._span(item)] for item in keywords]

    def _generators(self, generators: list[ast.comprehension]) -> list[Any]:
        return [
            [self.node(item.target), self.node(item.iter), self.nodes(item.ifs), bool(item.is_async)]
            for item in generators
        ]

    def _constant(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if value.bit_length() <= self._bits else {"bad": f"an integer of more than {self._bits} bits"}
        if isinstance(value, float):
            return value if value - value == 0 else {"bad": "a number too large for a float"}
        if isinstance(value, complex):
            return {"imaginary": value.imag} if value.imag - value.imag == 0 else {"bad": "a number too large"}
        if isinstance(value, str):
            return self._text(value)
        return {"bad": "a bytes constant"} if isinstance(value, bytes) else {"bad": "`...`"}

    def _text(self, value: str) -> Any:
        try:
            size = len(value.encode("utf-8"))
        except UnicodeEncodeError:
            return {"bad": "a string with a lone surrogate"}
        # A docstring may be long: it is never a value. The checker decides, so the length is only marked here.
        return value if size <= self._bytes else {"long": size}

    def _span(self, node: Any) -> list[int]:
        line, end_line = node.lineno, node.end_lineno
        column, end_column = node.col_offset, node.end_col_offset
        if self._ascii:
            return [line, column, end_line, end_column]
        return [line, self._characters(line, column), end_line, self._characters(end_line, end_column)]

    def _characters(self, line: int, column: int) -> int:
        """A column in characters, from CPython's column in UTF-8 bytes."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return column if text.isascii() else len(text.encode("utf-8")[:column].decode("utf-8", "ignore"))


def main() -> None:
    """The child process: limits and text on stdin as JSON, the tree or the refusal on stdout as JSON."""
    import json
    import resource
    import sys

    request = json.loads(sys.stdin.buffer.read())
    for name, amount in request["resources"].items():
        resource.setrlimit(getattr(resource, name), (amount, amount))
    try:
        answer: dict[str, Any] = {"tree": parse_text(request["text"], **request["limits"])}
    except Refused as refused:
        answer = {"refused": [refused.code, refused.message, list(refused.span)]}
    except (RecursionError, MemoryError):
        answer = {"refused": ["E0104", "the program nests too deeply", [0, 0, 0, 0]]}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True, allow_nan=False, separators=(",", ":")))
    sys.stdout.flush()


if __name__ == "__main__":
    main()

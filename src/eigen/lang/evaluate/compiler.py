"""From tree to closures: the checker's walk over the whole program, before anything is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from eigen.errors import suggest
from eigen.lang.diagnostics import Diagnostic, Failure, Span
from eigen.lang.evaluate.names import Scope
from eigen.lang.syntax import FORBIDDEN_BUILTINS, SYNTAX, UNKNOWN
from eigen.lang.values import Inert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.lang.context import Context
    from eigen.lang.evaluate.frame import Expression, Frame
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


def span_of(node: TreeNode) -> Span:
    """The place of a node."""
    return Span(node[1], node[2], node[3], node[4])


class Compiler:
    """Compiles nodes to closures and collects refusals. `weight` counts expression nodes, the price of running."""

    def __init__(self, ctx: Context, *, builtins: Mapping[str, Value], prelude: Mapping[str, Value]) -> None:
        self.ctx = ctx
        self.builtins = builtins
        self.prelude = prelude
        self.imported: set[str] = set()
        self.scope = Scope("module", None)
        self.weight = 0

    # ---- dispatch ----------------------------------------------------------------------------------------

    def expression(self, node: TreeNode) -> Expression:
        """The closure that evaluates an expression."""
        from eigen.lang.evaluate.expressions import EXPRESSIONS

        self.weight += 1
        compile_node = EXPRESSIONS.get(node[0])
        if compile_node is None:
            return self.refuse_construct(node)
        return compile_node(self, node)

    def optional(self, node: TreeNode | None) -> Expression | None:
        """As `expression`; None stays None."""
        return None if node is None else self.expression(node)

    # ---- refusals ----------------------------------------------------------------------------------------

    def refuse(self, code: str, message: str, span: Span, *, hint: str = "") -> Expression:
        """Report a refusal; the closure fails silently, should it ever run."""
        self.ctx.report(Failure(Diagnostic(code, message, span, hint=hint)))

        def refused(frame: Frame) -> NoReturn:
            raise Failure(None)

        return refused

    def refuse_construct(self, node: TreeNode) -> Expression:
        """Refuse a construct by the table of syntax."""
        construct = SYNTAX.get(node[0], UNKNOWN)
        span = span_of(node)
        if span.end_line > span.line:  # point at the first line of a block
            text = self.source_line(span.line)
            span = Span(span.line, span.column, span.line, max(span.column + 1, len(text)))
        return self.refuse(
            construct.code or "E0212",
            f"{construct.title if construct is UNKNOWN else f'`{construct.title}`'} is not part of the language",
            span,
            hint=construct.note,
        )

    def source_line(self, line: int) -> str:
        """A line of the source, from 1."""
        lines = self.lines
        return lines[line - 1] if 1 <= line <= len(lines) else ""

    lines: list[str]

    # ---- names -------------------------------------------------------------------------------------------

    def outer_name(self, name: str, span: Span) -> Value:
        """The value of a name that no scope binds: a built-in or a name of the language; Failure when unknown."""
        if name in self.builtins:
            return self.builtins[name]
        if name in self.prelude:
            if name not in self.imported and not isinstance(self.prelude[name], Inert):
                self.ctx.warn(
                    "W001",
                    f"`{name}` is used without an import",
                    span,
                    hint=f"add `from eigen_lang import {name}`: then the program also runs as plain Python",
                    key=name,
                )
            return self.prelude[name]
        return None

    def is_outer(self, name: str) -> bool:
        """Whether a name is a built-in or a name of the language."""
        return name in self.builtins or name in self.prelude

    def refuse_name(self, name: str, span: Span) -> Expression:
        """E0301, E0209 or E0213 for a name that means nothing."""
        if name.startswith("__"):
            return self.refuse(
                "E0213" if name in FORBIDDEN_BUILTINS else "E0209",
                f"the name `{name}` is not part of the language",
                span,
                hint=FORBIDDEN_BUILTINS.get(name, ""),
            )
        if name in FORBIDDEN_BUILTINS:
            return self.refuse(
                "E0213", f"the built-in `{name}` is not part of the language", span, hint=FORBIDDEN_BUILTINS[name]
            )
        known = [*dict.fromkeys([*self.scope.visible(), *self.prelude, *self.builtins])]
        hint = _IMPORTS.get(name) or suggest(name, known)
        return self.refuse("E0301", f"the name `{name}` is not defined", span, hint=hint)


_IMPORTS: dict[str, str] = {
    "np": "add `import numpy as np`",
    "numpy": "add `import numpy as np`",
    "math": "add `import math`",
    "pi": "write `math.pi` with `import math`, or `np.pi` with `import numpy as np`",
}


def words(value: Any) -> str:
    """A short form of a static value for messages."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"

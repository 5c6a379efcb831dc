"""User functions: definition, closures, binding of arguments, calls with counted depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen.lang.binding import Parameter, bind_parameters
from eigen.lang.diagnostics import Diagnostic, Failure
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.frame import Frame, Return
from eigen.lang.evaluate.names import Scope, bound_names, walk
from eigen.lang.fuel import Exhausted
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Expression, Statement
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Call, Value


CALL_STEPS = 8
"""What entering a function costs, in steps."""


class Function(Object):
    """A function of the program. `reads` are the parameters that its body mentions."""

    type_name: ClassVar[str] = "function"
    __slots__ = ("body", "doc", "expression", "frame", "name", "parameters", "reads", "span")

    def __init__(
        self,
        name: str,
        parameters: tuple[Parameter, ...],
        frame: Frame,
        span: Span,
        *,
        body: Statement | None = None,
        expression: Expression | None = None,
        reads: frozenset[str] = frozenset(),
        doc: str = "",
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.frame = frame
        self.span = span
        self.body = body
        self.expression = expression
        self.reads = reads
        self.doc = doc

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"the function `{self.name}`"

    def attributes(self) -> tuple[str, ...]:
        """A function has none that a program may read."""
        return ()

    def call(self, ctx: Context, call: Call) -> Value:
        """Call with arguments bound as Python does."""
        named = call if call.name else _named(call, self.name)
        values = bind_parameters(named, self.parameters)
        return self.enter(ctx, values, call.span)

    def enter(self, ctx: Context, values: tuple[Value, ...], span: Span, *, recover: bool = False) -> Value:
        """Run the body with bound parameter values."""
        variables = {parameter.name: value for parameter, value in zip(self.parameters, values, strict=True)}
        frame = Frame(self.frame, variables)
        frame.given = values
        return self.run(ctx, frame, span, recover=recover)

    def run(self, ctx: Context, frame: Frame, span: Span, *, recover: bool = False) -> Value:
        """Run the body in a frame that holds the parameters."""
        frame.recover = recover
        if ctx.call_depth >= ctx.limits.call_depth:
            ctx.fail("E0607", f"calls nest deeper than {ctx.limits.call_depth}", span)
        ctx.call_depth += 1
        ctx.charge(CALL_STEPS)
        try:
            if self.expression is not None:
                return self.expression(frame)
            assert self.body is not None
            signal = self.body(frame)
        except Failure as failure:
            raise _called_from(failure, self, span) from None
        finally:
            ctx.call_depth -= 1
        return signal.value if isinstance(signal, Return) else None


def _named(call: Call, name: str) -> Call:
    from dataclasses import replace

    return replace(call, name=name)


def _called_from(failure: Failure, function: Function, span: Span) -> Failure:
    """Add where the function was called, up to three levels."""
    found = failure.diagnostic
    if found is None or span.line == 0 or found.span.line == 0 or found.span == span:
        return failure
    calls = [place for place, text in found.secondary if text.startswith("called ")]
    if len(calls) >= 3 or span in calls:
        return failure
    secondary = (*found.secondary, (span, f"called here (`{function.name}`)"))
    made = Diagnostic(found.code, found.message, found.span, found.label, secondary, found.hint)
    return Exhausted(made) if isinstance(failure, Exhausted) else Failure(made)


def _compile_parameters(
    c: Compiler, items: list[Any]
) -> tuple[list[tuple[str, str, Expression | None]], Callable[[Frame], tuple[Parameter, ...]]]:
    """Names with kinds, and a closure that evaluates the defaults where the function is defined."""
    made: list[tuple[str, str, Expression | None]] = []
    seen: set[str] = set()
    for name, kind, default, span in items:
        if name.startswith("__") and name.endswith("__"):
            c.refuse_name(name, _span(span))
        if name in seen:
            c.refuse("E0101", f"the parameter `{name}` stands twice", _span(span))
        seen.add(name)
        made.append((name, kind, c.optional(default)))

    def parameters(frame: Frame) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(
                name,
                "any" if kind == "position" else kind,
                default is None and kind not in {"*", "**"},
                default(frame) if default else None,
            )
            for name, kind, default in made
        )

    return made, parameters


def _span(parts: list[int]) -> Span:
    from eigen.lang.diagnostics import Span as Place

    return Place(*parts)


def _read_names(body: list[Any], names: list[str]) -> frozenset[str]:
    """Which parameters a body mentions, also in functions inside it."""
    wanted = set(names)
    return frozenset(node[5] for node in walk(body, into_functions=True) if node[0] == "Name" and node[5] in wanted)


def compile_function(c: Compiler, node: TreeNode) -> Callable[[Frame], Function]:
    """The closure that makes the function where its `def` stands."""
    from eigen.lang.evaluate.statements import compile_block

    name, body = node[5], node[7]
    span = span_of(node)
    head = span._replace(end_line=span.line, end_column=span.column + len("def ") + len(name))
    made, parameters = _compile_parameters(c, node[6])
    outer = c.scope
    names = [item[0] for item in made]
    c.scope = Scope("function", outer, {key: key for key in [*names, *bound_names(body)]})
    try:
        run = compile_block(c, body, function=True)
    finally:
        c.scope = outer
    reads = _read_names(body, names)
    doc = _docstring(body)

    def define(frame: Frame) -> Function:
        return Function(name, parameters(frame), frame, head, body=run, reads=reads, doc=doc)

    return define


def _docstring(body: list[Any]) -> str:
    if body and body[0][0] == "Expr" and body[0][5][0] == "Constant" and isinstance(body[0][5][5], str):
        return body[0][5][5].strip()
    return ""


def compile_lambda(c: Compiler, node: TreeNode) -> Expression:
    """The closure that makes a lambda."""
    span = span_of(node)
    made, parameters = _compile_parameters(c, node[5])
    outer = c.scope
    names = [item[0] for item in made]
    c.scope = Scope("function", outer, {key: key for key in [*names, *bound_names([node[6]])]})
    before = c.weight
    try:
        expression = c.expression(node[6])
    finally:
        c.scope = outer
    weight = c.weight - before
    c.weight = before
    reads, fuel = _read_names([node[6]], names), c.ctx.fuel

    def body(frame: Frame) -> Value:
        fuel.charge(weight)
        return expression(frame)

    return lambda frame: Function("<lambda>", parameters(frame), frame, span, expression=body, reads=reads)

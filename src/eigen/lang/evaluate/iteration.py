"""`for` and `while`: unrolled over static values, blocks of the circuit over measured bits, else run-time loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.evaluate.access import get_item, iterate
from eigen.lang.evaluate.assign import compile_store
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.comprehensions import row_type, rows_of
from eigen.lang.evaluate.decisions import conjunction
from eigen.lang.evaluate.fork import fork, fork_on_bits, is_conditional
from eigen.lang.evaluate.frame import BREAK, NeedsRuntimeLoopError, Return, Signal
from eigen.lang.evaluate.loops import write_loop
from eigen.lang.evaluate.names import bound_names, exits, grown_names
from eigen.lang.evaluate.operate import binary, compare, truth
from eigen.lang.journal import Journal
from eigen.lang.regions import Dyn

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Frame, Statement
    from eigen.lang.evaluate.statements import Block
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


class _Loop:
    """What `for` and `while` share: the body, the `else` block, and going on after `break` at run time."""

    def __init__(self, c: Compiler, node: TreeNode, body: list[Any], orelse: list[Any], block: Block, place: int):
        from eigen.lang.evaluate.statements import Block as Made
        from eigen.lang.evaluate.statements import fill_block

        self.c = c
        self.ctx = c.ctx
        self.span = span_of(node)._replace(end_line=node[1], end_column=node[2] + 3)
        self.body = fill_block(Made(c, "loop"), body)
        self.orelse = fill_block(Made(c, block.kind, (block, place)), orelse)
        self.leaves = exits(body)
        self.names = [*bound_names([node]), *grown_names(body)]

    def attempt(self, frame: Frame) -> Signal | Return | None:
        """One static iteration; NeedsRuntimeLoopError leaves everything as it was before it."""
        if not self.leaves[1]:
            return self.body.run(frame)
        ctx = self.ctx
        ctx.charge(4)
        mark, before = ctx.region.mark(), dict(frame.vars)
        circuit = ctx.circuit.snapshot() if ctx.circuit is not None else None
        outer = ctx.journal
        ctx.journal = Journal(outer)
        draws, outer_loop = dict(ctx.draw_counts), frame.loop
        frame.loop = False
        try:
            signal = self.body.run(frame)
        except NeedsRuntimeLoopError:
            if ctx.circuit is not None and ctx.circuit.snapshot() != circuit:
                ctx.fail(
                    "E0503",
                    "gates of the program's circuit cannot be repeated by a run-time value",
                    self.span,
                    hint="put the gates into a `@quantum_circuit` function, and `run` it in the loop",
                )
            ctx.journal.take_back()
            ctx.region.roll_back(mark)
            ctx.draw_counts = draws
            frame.vars = before
            raise
        finally:
            if outer is not None:
                outer.made.update(ctx.journal.made)
            ctx.journal = outer
            frame.loop = outer_loop
        return signal

    def refuse_else(self) -> None:
        """`else` after a loop that may break at run time has no static meaning."""
        if self.orelse.statements and self.leaves[1]:
            self.ctx.fail(
                "E0503",
                "`else` of a loop that may `break` at run time is not possible",
                self.span,
                hint="keep a flag in a variable and test it after the loop",
            )

    def again(self, frame: Frame, proceed: Callable[[Frame], Value]) -> Value:
        """One run-time iteration: the body, then whether `proceed` asks for another."""
        signal = self.body.run(frame)
        if isinstance(signal, Return):
            self.ctx.fail(
                "E0503",
                "`return` inside a run-time loop is not possible",
                self.span,
                hint="keep the value in a variable, `break`, and return it after the loop",
            )
        going: Value = signal.again if signal is not None else True
        if going is False:
            return False
        if going is True:
            return proceed(frame)
        return conjunction(self.ctx, frame, "and", going, proceed, self.span, self.span)[1]


# ---- while -------------------------------------------------------------------------------------------------


def compile_while(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    """`while test: …`."""
    before = c.weight
    test, test_span, ctx = c.expression(node[5]), span_of(node[5]), c.ctx
    price = 2 + c.weight - before
    loop = _Loop(c, node, node[6], node[7], block, place)

    def at_run_time(frame: Frame, condition: Value) -> Signal | Return | None:
        loop.refuse_else()

        def write(inner: Frame) -> None:
            write_loop(ctx, inner, loop.names, step, loop.span, bound=ctx.limits.loop_iterations)

        def step(inner: Frame) -> Value:
            return loop.again(inner, test)

        if isinstance(condition, Dyn):
            fork(ctx, frame, condition, (write, lambda inner: None), loop.span, lambda a, b: ())
        else:
            write(frame)
        return loop.orelse.run(frame)

    def run(frame: Frame) -> Signal | Return | None:
        while True:
            condition = test(frame)
            if isinstance(condition, Dyn):
                return at_run_time(frame, condition)
            bits = is_conditional(ctx, condition, test_span)
            if bits is not None:
                return _while_bits(ctx, frame, loop, bits, test, test_span)
            if not truth(ctx, condition, test_span):
                return loop.orelse.run(frame)
            ctx.charge(price)
            try:
                signal = loop.attempt(frame)
            except NeedsRuntimeLoopError:
                return at_run_time(frame, True)
            if signal is BREAK:
                return None
            if isinstance(signal, Return):
                return signal

    return run


def _while_bits(
    ctx: Context, frame: Frame, loop: _Loop, condition: Any, test: Callable[[Frame], Value], span: Span
) -> None:
    """`while` on measured bits: a loop inside the circuit; the body must measure into the same bits again."""
    scope = ctx.circuit
    if scope is None or loop.leaves != (False, False) or loop.orelse.statements:
        ctx.fail(
            "E0503",
            "a loop on measured bits holds gates only, without `return`, `break`, `continue` and `else`",
            span,
        )

    def body() -> None:
        scope.begin_while(ctx, condition, ctx.limits.loop_iterations, span)
        loop.body.run(frame)
        after = is_conditional(ctx, test(frame), span)
        if after != condition:
            ctx.fail(
                "E0502",
                "the loop tests other bits after its first iteration",
                span,
                hint="measure into the same bit again: `c = ClassicalRegister(1)`, `measure(q[0], c[0])`",
            )
        scope.end(ctx, span)

    fork_on_bits(ctx, frame, body, None, span)


# ---- for ---------------------------------------------------------------------------------------------------


def compile_for(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    """`for target in iterable: …`."""
    iterable, span, ctx = c.expression(node[6]), span_of(node[6]), c.ctx
    store = compile_store(c, node[5])
    loop = _Loop(c, node, node[7], node[8], block, place)
    counter = f"for@{node[1]}:{node[2]}"

    def run(frame: Frame) -> Signal | Return | None:
        source = iterable(frame)
        if isinstance(source, Dyn) and (source.length is None or source.type == "dict"):
            return _over_runtime(c, frame, loop, source, store, counter, span)
        items = iterate(ctx, source, span)
        charge = ctx.fuel.charge
        simple = not loop.leaves[1]
        body = loop.body.run
        for position, item in enumerate(items):
            charge(1)
            before = frame.vars
            if simple:
                store(frame, item)
                signal = body(frame)
            else:
                kept = dict(before)
                store(frame, item)
                try:
                    signal = loop.attempt(frame)
                except NeedsRuntimeLoopError:
                    frame.vars = kept
                    return _rest_at_run_time(ctx, frame, loop, items[position:], store, counter, span)
            if signal is BREAK:
                return None
            if isinstance(signal, Return):
                return signal
        return loop.orelse.run(frame)

    return run


def _rest_at_run_time(
    ctx: Context, frame: Frame, loop: _Loop, items: Any, store: Any, counter: str, span: Span
) -> None:
    """The remaining iterations of a static loop that breaks at run time."""
    loop.refuse_else()
    total = len(items)

    def element(inner: Frame, number: Value) -> Value:
        if isinstance(items, range):
            step = binary(ctx, "*", "mul", number, items.step, span) if items.step != 1 else number
            return binary(ctx, "+", "add", step, items.start, span) if items.start else step
        return get_item(ctx, ctx.reify(list(items), span), number, span)

    def is_more(number: Value) -> Value:
        return compare(ctx, "<", "lt", number, total, span)

    _count(ctx, frame, loop, store, counter, element, is_more, span, bound=total)


def _over_runtime(
    c: Compiler, frame: Frame, loop: _Loop, source: Dyn, store: Any, counter: str, span: Span
) -> Signal | Return | None:
    """A loop over a run-time value whose length is known only then."""
    ctx = c.ctx
    loop.refuse_else()
    rows = rows_of(c, source, span)
    total = ctx.emit("len", [rows], type="int", span=span)
    kind = row_type(source)

    def element(inner: Frame, number: Value) -> Value:
        return ctx.emit("index", [rows, number], type=kind, span=span)

    def is_more(number: Value) -> Value:
        return ctx.emit("lt", [number, total], type="bool", span=span)

    def write(inner: Frame) -> None:
        _count(ctx, inner, loop, store, counter, element, is_more, span, bound=ctx.limits.container_elements)

    some = ctx.emit("gt", [total, 0], type="bool", span=span)
    fork(ctx, frame, some, (write, lambda inner: None), span, lambda a, b: ())
    return loop.orelse.run(frame)


def _count(
    ctx: Context,
    frame: Frame,
    loop: _Loop,
    store: Any,
    counter: str,
    element: Callable[[Frame, Value], Value],
    is_more: Callable[[Value], Value],
    span: Span,
    *,
    bound: int,
) -> None:
    """A run-time loop that counts in a hidden variable."""
    frame.vars[counter] = 0

    def step(inner: Frame) -> Value:
        store(inner, element(inner, inner.vars[counter]))

        def proceed(after: Frame) -> Value:
            return is_more(after.vars[counter])

        inner.vars[counter] = binary(ctx, "+", "add", inner.vars[counter], 1, span)
        return loop.again(inner, proceed)

    write_loop(ctx, frame, [*loop.names, counter], step, span, bound=bound)
    frame.vars.pop(counter, None)

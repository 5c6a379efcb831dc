"""Statements to closures: blocks with recovery, assignment, `if`, `assert`, `return`, definitions, imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.diagnostics import Failure
from eigen.lang.evaluate.assign import compile_augmented, compile_store
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.fork import fork, fork_on_bits, is_conditional
from eigen.lang.evaluate.frame import BREAK, CONTINUE, NeedsRuntimeLoopError, Return, Signal
from eigen.lang.evaluate.functions import compile_function
from eigen.lang.evaluate.imports import compile_import, compile_import_from
from eigen.lang.evaluate.iteration import compile_for, compile_while
from eigen.lang.evaluate.names import bound_names, exits
from eigen.lang.evaluate.operate import truth
from eigen.lang.fuel import Exhausted
from eigen.lang.regions import Dyn
from eigen.lang.values import Builtin, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Expression, Frame, Statement
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


class Block:
    """Statements in order. `outer` is where a branch's block goes on: (block, place of the `if`).

    `kind` is `function`, `loop` or `module`: what the block's outermost block is the body of.
    """

    __slots__ = ("c", "kind", "outer", "statements")

    def __init__(self, c: Compiler, kind: str, outer: tuple[Block, int] | None = None) -> None:
        self.c = c
        self.kind = kind
        self.outer = outer
        self.statements: list[tuple[Statement, int, Span, TreeNode]] = []

    def run(self, frame: Frame, start: int = 0) -> Signal | Return | None:
        """Run the statements from one on; a signal ends the block."""
        fuel = self.c.ctx.fuel
        statements = self.statements
        for place in range(start, len(statements)):
            statement, weight, span, node = statements[place]
            fuel.span = span
            fuel.left -= weight
            if fuel.left < 0:
                fuel.charge(0)
            try:
                signal = statement(frame)
            except Failure as failure:
                self._recover(failure, frame, node)
                continue
            if signal is not None:
                return signal
        return None

    def finish(self, frame: Frame, start: int) -> Signal | Return | None:
        """Run from one statement on, and then what follows the blocks around, to the end of function or loop."""
        signal = self.run(frame, start)
        if signal is None and self.outer is not None:
            block, place = self.outer
            return block.finish(frame, place + 1)
        return signal

    def _recover(self, failure: Failure, frame: Frame, node: TreeNode) -> None:
        """Keep the diagnostic and go on after the statement, where that makes sense."""
        ctx = self.c.ctx
        recovers = frame.recover and self.kind != "loop" and ctx.journal is None and not ctx.conditional
        if not recovers or isinstance(failure, Exhausted):
            raise failure
        ctx.report(failure)
        if sum(item.is_error for item in ctx.diagnostics) >= ctx.limits.diagnostics:
            raise Exhausted(None)
        for name in bound_names([node]):
            frame.vars[name] = Undefined("", span_of(node), silent=True)


def fill_block(block: Block, body: list[Any]) -> Block:
    """Compile statements into a block."""
    c = block.c
    for place, node in enumerate(body):
        before = c.weight
        compile_statement = STATEMENTS.get(node[0])
        if compile_statement is None:
            refused = c.refuse_construct(node)
            statement: Statement = _evaluate_only(refused)
        else:
            statement = compile_statement(c, node, block, place)
        block.statements.append((statement, c.weight - before + 1, span_of(node), node))
        c.weight = before
    return block


def _evaluate_only(expression: Expression) -> Statement:
    def run(frame: Frame) -> None:
        expression(frame)

    return run


def compile_block(c: Compiler, body: list[Any], *, function: bool = False) -> Statement:
    """The body of a function, or of the module."""
    return fill_block(Block(c, "function" if function else "module"), body).run


# ---- simple statements -------------------------------------------------------------------------------------


def _expression(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    if node[5][0] == "Constant":  # a docstring, or `...`
        value: Any = node[5][5]
        if not isinstance(value, dict) or "long" in value:
            return lambda frame: None
    return _evaluate_only(c.expression(node[5]))


def _pass(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    return lambda frame: None


def _assign(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    value = c.expression(node[6])
    stores = [compile_store(c, target) for target in node[5]]
    if len(stores) == 1:
        only = stores[0]
        return lambda frame: only(frame, value(frame))

    def assign(frame: Frame) -> None:
        result = value(frame)
        for store in stores:
            store(frame, result)

    return assign


def _annotated(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    if node[6] is None:
        return lambda frame: None
    value, store = c.expression(node[6]), compile_store(c, node[5])
    return lambda frame: store(frame, value(frame))


def _augmented(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    return compile_augmented(c, node)


def _return(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    if c.scope.kind == "module":
        c.refuse("E0101", "`return` outside a function", span_of(node))
    value = c.optional(node[5])
    return lambda frame: Return(value(frame) if value else None)


def _break(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    if block.kind != "loop":
        c.refuse("E0101", "`break` outside a loop", span_of(node))
    return lambda frame: BREAK


def _continue(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    if block.kind != "loop":
        c.refuse("E0101", "`continue` outside a loop", span_of(node))
    return lambda frame: CONTINUE


def _assert(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    test, message = c.expression(node[5]), c.optional(node[6])
    span, ctx = span_of(node[5]), c.ctx

    def check(frame: Frame) -> None:
        condition = test(frame)
        if isinstance(condition, Dyn):
            ctx.fail_runtime(condition, "the condition of `assert`", span, hint="return the condition as a result")
        if not truth(ctx, condition, span):
            text = message(frame) if message else None
            detail = f": {text}" if isinstance(text, str) else ""
            ctx.fail("E0406", f"the assertion does not hold{detail}", span)

    return check


DECORATORS = frozenset({"hybrid_program", "quantum_circuit", "ansatz", "cost_function"})


def _define(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    define, name = compile_function(c, node), node[5]
    if name.startswith("__"):
        c.refuse_name(name, span_of(node)._replace(end_line=node[1], end_column=node[2] + 4 + len(name)))
    decorators = [(c.expression(item), span_of(item)) for item in node[8]]
    found = c.scope.find(name)
    slot, ctx = found[1] if found else name, c.ctx

    def run(frame: Frame) -> None:
        value: Value = define(frame)
        for decorator, span in reversed(decorators):
            applied = decorator(frame)
            if not (isinstance(applied, Builtin) and applied.name in DECORATORS):
                ctx.fail(
                    "E0210",
                    "this decorator is not part of the language",
                    span,
                    hint="the decorators are `@hybrid_program`, `@quantum_circuit`, `@ansatz`, `@cost_function`",
                )
            value = ctx.call(applied, (value,), span=span)
        frame.vars[slot] = value

    return run


# ---- if ----------------------------------------------------------------------------------------------------


def _if(c: Compiler, node: TreeNode, block: Block, place: int) -> Statement:
    if _is_main_guard(node):
        return lambda frame: None
    other = fill_block(Block(c, block.kind, (block, place)), node[6])
    chosen: Callable[[Frame], Signal | Return | None] = other.run

    def complete_other(frame: Frame) -> Signal | Return | None:
        return other.finish(frame, 0)

    complete: Callable[[Frame], Signal | Return | None] = complete_other
    has_else = bool(node[6])
    for test, body in reversed(node[5]):
        inner = fill_block(Block(c, block.kind, (block, place)), body)
        chosen, complete = _branch(c, test, inner, chosen, complete, block, place, exits([node]), has_else)
        has_else = True
    return chosen


def _is_main_guard(node: TreeNode) -> bool:
    """`if __name__ == "__main__":` — the block is for plain Python and is skipped."""
    if len(node[5]) != 1 or node[6]:
        return False
    test = node[5][0][0]
    if test[0] != "Compare" or test[6] != ["Eq"]:
        return False
    sides = [test[5], test[7][0]]
    names = [side[5] for side in sides if side[0] in {"Name", "Constant"}]
    return sorted(name for name in names if isinstance(name, str)) == ["__main__", "__name__"]


def _branch(
    c: Compiler,
    test_node: TreeNode,
    then: Block,
    other: Callable[[Frame], Any],
    other_complete: Callable[[Frame], Any],
    block: Block,
    place: int,
    leaves: tuple[bool, bool],
    has_else: bool,
) -> tuple[Callable[[Frame], Any], Callable[[Frame], Any]]:
    """One test of an `if`: the closure, and the one that also runs what follows the whole `if`."""
    test, span, ctx = c.expression(test_node), span_of(test_node), c.ctx
    leaves_block = leaves[0] or leaves[1]

    def decide(frame: Frame, finish: bool) -> Signal | Return | None:
        condition = test(frame)
        if condition is not True and condition is not False:
            if isinstance(condition, Dyn):
                if leaves_block or finish:
                    return leave_at_run_time(frame, condition)
                fork(ctx, frame, condition, (_quiet(then.run), _quiet(other)), span, lambda a, b: ())
                return None
            bits = is_conditional(ctx, condition, span)
            if bits is not None:
                on_bits(frame, bits)
                return block.finish(frame, place + 1) if finish else None
            condition = truth(ctx, condition, span)
        if finish:
            return then.finish(frame, 0) if condition else other_complete(frame)
        return then.run(frame) if condition else other(frame)

    def leave_at_run_time(frame: Frame, condition: Dyn) -> Signal | Return | None:
        if block.kind == "loop":
            if leaves[0]:
                ctx.fail(
                    "E0503",
                    "`return` in a loop cannot depend on a run-time value",
                    span,
                    hint="keep the value in a variable, `break`, and return it after the loop",
                    secondary=ctx.provenance(condition),
                )
            if not frame.loop:
                raise NeedsRuntimeLoopError

        def then_complete(inner: Frame) -> Signal | Return | None:
            return then.finish(inner, 0)

        runs = (then_complete, other_complete)
        kind = block.kind
        merged = fork(ctx, frame, condition, runs, span, lambda a, b: [(_left(a, kind), _left(b, kind))])[0]
        if isinstance(merged, Undefined):
            ctx.fail(merged.code, f"the result {merged.reason}", span, secondary=[(merged.span, merged.note)])
        return Signal(merged, span) if kind == "loop" else Return(merged)

    def on_bits(frame: Frame, condition: Any) -> None:
        scope = ctx.circuit
        if scope is None:
            ctx.fail("E0503", "there is no circuit here whose bits could decide", span)
        if leaves_block:
            ctx.fail(
                "E0503",
                "`return`, `break` and `continue` cannot depend on a measured bit",
                span,
                hint="write `while bit:` to repeat gates until the bit is 0",
            )

        def run_then() -> None:
            scope.begin_if(ctx, condition, span)
            then.run(frame)

        def run_else() -> None:
            if has_else:
                scope.begin_else(ctx, span)
                other(frame)
            scope.end(ctx, span)

        fork_on_bits(ctx, frame, run_then, run_else, span)

    return (lambda frame: decide(frame, False)), (lambda frame: decide(frame, True))


def _quiet(run: Callable[[Frame], Any]) -> Callable[[Frame], None]:
    def quiet(frame: Frame) -> None:
        run(frame)

    return quiet


def _left(signal: Signal | Return | None, kind: str) -> Value:
    """What a finished side gives: whether the loop goes on, or what the function returns."""
    if kind == "loop":
        return signal.again if isinstance(signal, Signal) else True
    return signal.value if isinstance(signal, Return) else None


STATEMENTS: dict[str, Callable[[Compiler, TreeNode, Block, int], Statement]] = {
    "Expr": _expression,
    "Pass": _pass,
    "Assign": _assign,
    "AnnAssign": _annotated,
    "AugAssign": _augmented,
    "Return": _return,
    "Break": _break,
    "Continue": _continue,
    "Assert": _assert,
    "FunctionDef": _define,
    "If": _if,
    "For": compile_for,
    "While": compile_while,
    "Import": compile_import,
    "ImportFrom": compile_import_from,
}

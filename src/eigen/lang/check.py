"""From a parsed program to a `Program`: module, entry point, inputs, evaluation, assembly. Pure."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from eigen.ir.program import Program, ProgramOptions
from eigen.lang.context import Context
from eigen.lang.diagnostics import Diagnostic, Failure, Span
from eigen.lang.entry import bind_inputs, choose_entry
from eigen.lang.evaluate.compiler import Compiler
from eigen.lang.evaluate.frame import Frame
from eigen.lang.evaluate.names import bound_names
from eigen.lang.evaluate.statements import compile_block
from eigen.lang.fuel import Exhausted, Fuel
from eigen.lang.limits import DEFAULT_LIMITS, Limits
from eigen.lang.modules.builtins import BUILTINS
from eigen.lang.prelude import PRELUDE
from eigen.lang.regions import RegionBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.lang.entry import Entry
    from eigen.lang.tree import Tree, TreeNode
    from eigen.types import Dataset


@dataclass(frozen=True, slots=True)
class LangResult:
    """What checking gives: a program (None when there are errors), the diagnostics in source order, statistics."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    steps: int = 0
    operations: int = 0
    draws: tuple[Mapping[str, Any], ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics for which the program is refused."""
        return tuple(item for item in self.diagnostics if item.is_error)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the library may know of the evaluation: the tree of the program."""

    source: str
    tree: list[TreeNode]


def check(
    tree: Tree,
    *,
    entrypoint: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    datasets: Mapping[str, Dataset] | None = None,
    options: Mapping[str, Any] | None = None,
    parameters: Mapping[str, int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LangResult:
    """Evaluate a program as far as it can be known now, and write the rest as a `Program`.

    `parameters` of the entry point stay open, to be given when the program runs: name to length, 0 for a number.
    `options` are those of the job: only `seed` matters here (for random draws). Never raises for what a program
    does; every mistake is a diagnostic.
    """
    digest = sha256(tree.text.encode("utf-8")).hexdigest()
    given = dict(options or {})
    seed = given.get("seed")

    def evaluated(*, deep: bool) -> tuple[Context, Program | None]:
        ctx = Context(
            limits=limits,
            fuel=Fuel(limits.steps),
            options=given,
            inputs=dict(inputs or {}),
            datasets=dict(datasets or {}),
            parameters=dict(parameters or {}),
            job_seed=seed if isinstance(seed, int) else int(digest[:15], 16),
            region=RegionBuilder(1),
            evaluator=Evaluation(tree.text, tree.body),
        )
        compiler = Compiler(ctx, builtins=BUILTINS, prelude=PRELUDE)
        compiler.lines = tree.text.split("\n")
        return ctx, _guarded(ctx, lambda: _program(ctx, compiler, tree, entrypoint, digest), deep=deep)

    try:
        ctx, program = evaluated(deep=False)
    except RecursionError:  # evaluating is pure: it can be done again from the start, with more room
        with _deep_recursion():
            ctx, program = evaluated(deep=True)
    diagnostics = sorted(ctx.diagnostics, key=lambda item: (not item.is_error, item.span, item.code))
    errors = any(item.is_error for item in diagnostics)
    return LangResult(
        None if errors else program,
        tuple(diagnostics[: limits.diagnostics]),
        ctx.fuel.size - max(ctx.fuel.left, 0),
        ctx.operations,
        tuple(ctx.draws),
    )


def _guarded(ctx: Context, run: Callable[[], Program | None], *, deep: bool) -> Program | None:
    try:
        return run()
    except Failure as failure:
        ctx.report(failure)
    except (MemoryError, RecursionError) as error:  # the counted limits come first; this is the last resort
        if isinstance(error, RecursionError) and not deep:
            raise
        ctx.report(
            Failure(Diagnostic("E0601", "evaluating the program takes more memory than there is", ctx.fuel.span))
        )
    return None


def _program(ctx: Context, compiler: Compiler, tree: Tree, entrypoint: str | None, digest: str) -> Program | None:
    compiler.scope.slots.update({name: name for name in bound_names(tree.body)})
    run_module = compile_block(compiler, tree.body)
    if any(item.is_error for item in ctx.diagnostics):
        return None
    module = Frame(None, {})
    module.recover = True
    run_module(module)
    if any(item.is_error for item in ctx.diagnostics):
        return None
    entry = choose_entry(module.vars, entrypoint)
    result = _run_entry(ctx, entry)
    if any(item.is_error for item in ctx.diagnostics):
        return None
    program = Program(
        circuits=tuple(ctx.circuits),
        observables=tuple(ctx.observables),
        evolutions=tuple(ctx.evolutions),
        modes=tuple(ctx.modes),
        body=ctx.region.finish([result]),
        entrypoint=entry.name,
        options=_options(entry.options),
        source_sha256=digest,
        inputs_sha256=_inputs_digest(ctx),
        parameters=tuple(
            (item.name, ctx.parameters[item.name]) for item in entry.function.parameters if item.name in ctx.parameters
        ),
    )
    program.verify()
    return program


def _run_entry(ctx: Context, entry: Entry) -> int:
    if isinstance(entry.options.get("seed"), int) and not isinstance(ctx.options.get("seed"), int):
        ctx.job_seed = entry.options["seed"]
    values = bind_inputs(ctx, entry)
    value = entry.function.enter(ctx, values, Span(0, 0, 0, 0), recover=True)
    if any(item.is_error for item in ctx.diagnostics):
        raise Exhausted(None)
    span = entry.function.span
    result = ctx.use(ctx.reify(value, span), span)
    _run_open_circuit(ctx, span)
    return result


def _run_open_circuit(ctx: Context, span: Span) -> None:
    """The program's own circuit runs at the end when it measures and nothing has read its bits."""
    from eigen.lang.library.bits import run_scope
    from eigen.lang.library.scope import Scope

    scope = ctx.circuit
    if not isinstance(scope, Scope) or not scope.implicit or scope.value is not None:
        return
    if scope.has_measurements:
        run_scope(ctx, scope, span)
    elif scope.writes:
        ctx.warn(
            "W002",
            "the circuit of the program is never measured, so it does not run",
            span,
            hint="add `return measure_all()`",
        )


def _options(options: Mapping[str, Any]) -> ProgramOptions:
    metadata: dict[Any, Any] = options.get("metadata") or {}
    level = options.get("optimization_level")
    return ProgramOptions(
        target=options.get("target"),
        shots=options.get("shots"),
        seed=options.get("seed"),
        optimization_level=1 if level is None else level,
        noise_model=options.get("noise_model"),
        metadata={str(key): str(value) for key, value in metadata.items()},
    )


def _inputs_digest(ctx: Context) -> str:
    """Identity of what was bound at compile time: inputs and data sets; empty when there is none."""
    from eigen.ir import canonical_json

    if not ctx.inputs and not ctx.datasets:
        return ""
    sets = {name: dataset.digest for name, dataset in ctx.datasets.items()}
    return sha256(canonical_json({"inputs": dict(ctx.inputs), "datasets": sets})).hexdigest()


# ---- recursion ---------------------------------------------------------------------------------------------

_DEEP = 60_000
"""Python frames that 64 nested calls of statements nested 100 deep can need; the counted limits bound it."""

_lock = Lock()
_active = 0
_usual = 1000


class _deep_recursion:  # noqa: N801 - a context manager
    """Room for closures calling closures. They are plain Python calls, which take no C stack.

    The limit is the whole process's: only a program that does not fit the usual one changes it, while it is evaluated.
    """

    def __enter__(self) -> None:
        global _active, _usual
        with _lock:
            if _active == 0:
                _usual = sys.getrecursionlimit()
                sys.setrecursionlimit(max(_usual, _DEEP))
            _active += 1

    def __exit__(self, *_: object) -> None:
        global _active
        with _lock:
            _active -= 1
            if _active == 0:
                sys.setrecursionlimit(_usual)

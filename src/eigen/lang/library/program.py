"""`@hybrid_program`: the entry point with its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen.errors import suggest
from eigen.ir.values import is_dict
from eigen.lang.library.functions import FunctionObject
from eigen.lang.values import Builtin, Call, Object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value

OPTIONS = ("compiler", "target", "shots", "optimization_level", "seed", "noise_model", "metadata")
COMPILERS = ("eigen", "auto", "default")
MAX_SHOTS = 10_000_000
MAX_METADATA = 64


class HybridProgram(FunctionObject):
    """A function decorated with `@hybrid_program`; `options` are checked and complete values, only those given."""

    type_name: ClassVar[str] = "hybrid program"

    def __init__(self, function: Value, name: str, span: Span, options: Mapping[str, Any]) -> None:
        super().__init__(function, name, span)
        self.options = options

    def call(self, ctx: Context, call: Call) -> Value:
        """The kernel enters a program, the program does not."""
        ctx.fail(
            "E0707",
            f"the program calls its entry point `{self.name}`",
            call.span,
            hint='put the call into an `if __name__ == "__main__":` block, or call a plain function',
        )


def hybrid_program(ctx: Context, call: Call) -> Value:
    """`@hybrid_program`, with or without options."""
    if len(call.args) == 1 and not call.kwargs and isinstance(call.args[0], Object):
        return _decorated(ctx, call.args[0], {}, call.span)
    if call.args:
        ctx.fail("E0706", "the options of `@hybrid_program` are given by name", call.span, hint="write `shots=1024`")
    options = {name: _checked(ctx, name, value, call) for name, value in call.kwargs.items()}

    def decorate(inner: Context, given: Call) -> Value:
        return _decorated(inner, given.args[0], options, given.span)

    return Builtin("hybrid_program", decorate)


def _decorated(ctx: Context, function: Value, options: Mapping[str, Any], span: Span) -> Value:
    from eigen.lang.reification import describe

    if not isinstance(function, Object) or isinstance(function, Builtin):
        ctx.fail("E0706", f"`@hybrid_program` decorates a function, not {describe(function)}", span)
    return HybridProgram(function, str(getattr(function, "name", "main")), span, options)


def _checked(ctx: Context, name: str, value: Value, call: Call) -> Value:
    span = call.span_of(name)
    if name not in OPTIONS:
        hint = suggest(name, OPTIONS) or f"the options are {', '.join(OPTIONS)}"
        ctx.fail("E0706", f"`@hybrid_program` has no option `{name}`", span, hint=hint)
    ctx.require_static(value, f"the option `{name}` of `@hybrid_program`", span)
    complaint = option_error(name, value)
    if complaint:
        ctx.fail("E0706", complaint, span)
    return value


def option_error(name: str, value: Value) -> str:
    """What is wrong with the value of an option; empty when it is right."""
    if name == "compiler":
        return "" if value in COMPILERS else f"`compiler` must be one of {', '.join(COMPILERS)}"
    if name == "optimization_level":
        return "" if _is_integer(value, 0, 3) else "`optimization_level` must be 0, 1, 2 or 3"
    if name == "shots":
        good = value is None or _is_integer(value, 1, MAX_SHOTS)
        return "" if good else f"`shots` must be None or an integer from 1 to {MAX_SHOTS}"
    if name == "seed":
        return (
            "" if value is None or _is_integer(value, 0, 2**63 - 1) else "`seed` must be an integer from 0 to 2^63 - 1"
        )
    if name in {"target", "noise_model"}:
        good = value is None or (isinstance(value, str) and bool(value.strip()))
        return "" if good else f"`{name}` must be a string"
    return "" if _is_metadata(value) else "`metadata` must be a dict of at most 64 strings, numbers or truth values"


def _is_integer(value: Value, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_metadata(value: Value) -> bool:
    if value is None:
        return True
    if not is_dict(value) or len(value) > MAX_METADATA:
        return False
    return all(
        isinstance(key, str)
        and len(key) <= 128
        and isinstance(item, (str, int, float, bool))
        and len(str(item)) <= 4096
        for key, item in value.items()
    )

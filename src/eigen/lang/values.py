"""The values of the language beyond plain Python ones: objects, functions, symbols, modules, calls.

Plain static values are those of `eigen.ir.values`; values known only at run time are `eigen.lang.regions.Dyn`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from eigen.lang.diagnostics import NOWHERE, Diagnostic, Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span

Value = Any

class_of: Callable[[Any], type[Any]] = type
"""`type`, with a result that a type checker in strict mode lets compare."""


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call, with the spans of each where known."""

    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]
    span: Span
    name: str = ""
    arg_spans: tuple[Span, ...] = ()
    kwarg_spans: Mapping[str, Span] = field(default_factory=dict[str, Any])

    def span_of(self, argument: int | str) -> Span:
        """Where an argument stands: by position, or by name; the whole call when unknown."""
        if isinstance(argument, str):
            return self.kwarg_spans.get(argument, self.span)
        return self.arg_spans[argument] if argument < len(self.arg_spans) else self.span


class Object:
    """Base of the language's own values. Every operation it does not define is a coded diagnostic."""

    type_name: ClassVar[str] = "object"

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"{'an' if self.type_name[:1] in 'aeiou' else 'a'} {self.type_name}"

    def attributes(self) -> Iterable[str]:
        """Attribute names, for did-you-mean."""
        return ()

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """`self.name`."""
        ctx.unknown_attribute(self.describe(), name, tuple(self.attributes()), span)

    def get_item(self, ctx: Context, key: Value, span: Span) -> Value:
        """`self[key]`; a slice arrives as a Python `slice` of static values."""
        del key
        ctx.fail("E0402", f"{self.describe()} cannot be indexed", span)

    def set_item(self, ctx: Context, key: Value, value: Value, span: Span) -> None:
        """`self[key] = value`."""
        del key, value
        ctx.fail("E0402", f"{self.describe()} cannot be changed by item assignment", span)

    def call(self, ctx: Context, call: Call) -> Value:
        """`self(...)`."""
        ctx.fail("E0402", f"{self.describe()} cannot be called", call.span)

    def iterate(self, ctx: Context, span: Span) -> Sequence[Value]:
        """The elements for `for`, unpacking and `list()`."""
        ctx.fail("E0402", f"{self.describe()} cannot be iterated over", span)

    def length(self, ctx: Context, span: Span) -> Value:
        """`len(self)`."""
        ctx.fail("E0402", f"{self.describe()} has no length", span)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """`self op other` (`other op self` when reflected); op as in the source: `+`, `==`, `in`, …

        NotImplemented lets the other operand try.
        """
        del ctx, op, other, reflected, span
        return NotImplemented

    def unary(self, ctx: Context, op: str, span: Span) -> Value:
        """`-self`, `+self`, `~self`; `not self` for a value that has a `condition`."""
        ctx.fail("E0402", f"`{op}` is not defined for {self.describe()}", span)

    def truth(self, ctx: Context, span: Span) -> bool:
        """`bool(self)` in `if`, `and`, `or`, `not` when the value has no `condition`."""
        ctx.fail("E0402", f"{self.describe()} has no truth value", span)

    def condition(self, ctx: Context, span: Span) -> Any | None:
        """The `Condition` on measured bits that this value stands for, or None for an ordinary value."""
        del ctx, span
        return None

    def reify(self, ctx: Context, span: Span) -> Value:
        """The value as a run-time operation or the program's result may hold it: a plain value or a Dyn."""
        ctx.fail(
            "E0506",
            f"{self.describe()} cannot be part of a result or of a run-time value",
            span,
            hint="return numbers, strings, lists, dicts, counts or run results",
        )

    def to_text(self, ctx: Context, span: Span) -> Value:
        """`str(self)` and `f"{self}"`: a str or a run-time str."""
        return ctx.to_text(self.reify(ctx, span), span)


@dataclass(frozen=True, slots=True, eq=False)
class Builtin(Object):
    """A function of the language, of the built-ins or of a module. `doc` and `signature` feed the reference."""

    type_name: ClassVar[str] = "function"

    name: str
    function: Callable[[Context, Call], Value]
    signature: str = ""
    doc: str = ""
    module: str = ""
    decorator: bool = False

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"the function `{self.name}`"

    def call(self, ctx: Context, call: Call) -> Value:
        """Call it."""
        return self.function(ctx, call)


@dataclass(frozen=True, slots=True, eq=False)
class TypeName(Object):
    """A type that appears as a value: `int`, `float`, `list`, … callable for conversion, for `isinstance`."""

    type_name: ClassVar[str] = "type"

    name: str
    function: Callable[[Context, Call], Value]
    matches: Callable[[Value], bool]
    signature: str = ""
    doc: str = ""

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"the type `{self.name}`"

    def call(self, ctx: Context, call: Call) -> Value:
        """Convert."""
        return self.function(ctx, call)


@dataclass(frozen=True, slots=True, eq=False)
class Inert(Object):
    """A name that is only ever written in annotations (`Optional`, `np.ndarray`); using it otherwise fails."""

    type_name: ClassVar[str] = "type annotation"

    name: str

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"`{self.name}`, which is only for annotations,"

    def get_item(self, ctx: Context, key: Value, span: Span) -> Value:
        """`Optional[int]` outside an annotation stays inert."""
        del ctx, key, span
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Module(Object):
    """An allowed module: a table of members, nothing behind it."""

    type_name: ClassVar[str] = "module"

    name: str
    members: Mapping[str, Value]

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"module `{self.name}`"

    def attributes(self) -> Iterable[str]:
        """The members."""
        return self.members

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """A member, or a diagnostic with did-you-mean."""
        value = self.members.get(name)
        if value is None:
            ctx.unknown_attribute(self.describe(), name, tuple(self.members), span)
        return value


class Undefined:
    """What a variable holds when only one side of a run-time branch assigns it, or its assignment failed."""

    __slots__ = ("code", "note", "reason", "silent", "span")

    def __init__(self, reason: str, span: Span, *, code: str = "E0302", note: str = "", silent: bool = False) -> None:
        self.reason = reason  # continues "the variable `x` …"
        self.span = span
        self.code = code
        self.note = note  # what to say at `span`
        self.silent = silent  # its cause was already reported


class Sym:
    """A number known when a circuit is bound: an affine expression over circuit parameters (`_core.Affine`)."""

    __slots__ = ("affine",)

    def __init__(self, affine: Any) -> None:
        self.affine = affine


def fail(
    code: str,
    message: str,
    span: Span = NOWHERE,
    *,
    label: str = "",
    hint: str = "",
    secondary: Sequence[tuple[Span, str]] = (),
) -> NoReturn:
    """Stop evaluating the statement with a diagnostic."""
    raise Failure(Diagnostic(code, message, span, label, tuple(secondary), hint))

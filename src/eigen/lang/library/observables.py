"""Observables as values of the language: Pauli sums and their arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Observable
from eigen.ir.values import is_dict, is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.arguments import ArgumentError, integer, number, show
from eigen.lang.library.guard import guarded
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value

MAX_QUBITS = 100_000


class ObservableValue(Object):
    """A weighted sum of Pauli strings on qubits 0 … n-1."""

    type_name: ClassVar[str] = "observable"
    __slots__ = ("observable",)

    def __init__(self, observable: Observable) -> None:
        self.observable = observable

    def describe(self) -> str:
        """How the value is named in messages."""
        return "an observable"

    def attributes(self) -> Iterable[str]:
        """Attributes."""
        return ("n_qubits", "num_qubits", "num_terms", "terms", "is_diagonal")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """`n_qubits`, `num_terms`, `terms` (dict from sparse label to weight), `is_diagonal`."""
        if name in {"n_qubits", "num_qubits"}:
            return self.observable.num_qubits
        if name == "is_diagonal":
            return self.observable.is_diagonal
        if name in {"num_terms", "terms"}:
            terms = self.observable.terms
            ctx.charge(len(terms))
            return len(terms) if name == "num_terms" else dict(terms)
        return super().get_attr(ctx, name, span)

    def length(self, ctx: Context, span: Span) -> Value:
        """The number of terms."""
        return self.get_attr(ctx, "num_terms", span)

    def unary(self, ctx: Context, op: str, span: Span) -> Value:
        """`-A`, `+A`."""
        if op == "-":
            return ObservableValue(guarded(ctx, span, lambda: -self.observable))
        return self if op == "+" else super().unary(ctx, op, span)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """`A + B`, `A - B`, `A * 2`, `2 * A`, `A / 2`, `A * B` and `A @ B` (product of Pauli sums), `A + 1`."""
        if op in {"==", "!="}:
            same = isinstance(other, ObservableValue) and self.observable == other.observable
            return same == (op == "==")
        left, right = (other, self) if reflected else (self, other)
        return guarded(ctx, span, _arithmetic, ctx, op, left, right)


def _arithmetic(ctx: Context, op: str, left: Value, right: Value) -> Value:
    a, b = _operand(left), _operand(right)
    if a is None or b is None or (isinstance(a, float) and isinstance(b, float)):
        return NotImplemented
    if op == "/" and isinstance(b, float) and isinstance(a, Observable):
        if not b:
            raise ArgumentError("division by zero")
        return ObservableValue(a * (1.0 / b))
    if op == "*" and isinstance(a, float) and isinstance(b, Observable):
        return ObservableValue(b * a)
    if op == "*" and isinstance(b, float) and isinstance(a, Observable):
        return ObservableValue(a * b)
    if op not in {"+", "-", "*", "@"}:
        return NotImplemented
    first, second = _same_width(a, b)
    ctx.charge(len(first.terms) * (len(second.terms) if op in "*@" else 1) + len(second.terms))
    if op == "+":
        return ObservableValue(first + second)
    return ObservableValue(first - second if op == "-" else first * second)


def _operand(value: Value) -> Observable | float | None:
    if isinstance(value, ObservableValue):
        return value.observable
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value, "the factor")
    return None


def _same_width(a: Observable | float, b: Observable | float) -> tuple[Observable, Observable]:
    """Both on the wider one's qubits; a number stands for itself times the identity."""
    width = max(item.num_qubits if isinstance(item, Observable) else 1 for item in (a, b))
    return widened(a, width), widened(b, width)


def widened(value: Observable | float, num_qubits: int) -> Observable:
    """The observable on more qubits: the identity acts on the new ones."""
    if not isinstance(value, Observable):
        return Observable.from_terms(num_qubits, [("", value)])
    return value if value.num_qubits == num_qubits else Observable.from_terms(num_qubits, value.terms)


def _label(value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"a Pauli string is a string such as `'Z0 Z1'` or `'ZZ'`, not `{show(value)}`")
    return " ".join(value.replace("*", " ").replace("@", " ").upper().split())


def _width_of(label: str) -> int:
    """The least number of qubits of a label: dense (`IZXY`) or sparse (`X0 Z3`)."""
    if not any(character.isdigit() for character in label):
        return len(label.replace(" ", ""))
    try:
        return 1 + max(int(word[1:]) for word in label.split())
    except ValueError:
        raise ArgumentError(f"`{label[:40]}` is not a Pauli string", "write `'X0 Z3'` or `'IZXY'`") from None


def from_terms(terms: Value, n_qubits: Value) -> Observable:
    """An observable from a dict {label: weight}, a list of (label, weight), or one label."""
    if isinstance(terms, str):
        pairs: list[tuple[Any, Any]] = [(terms, 1.0)]
    elif is_dict(terms):
        pairs = list(terms.items())
    elif is_list(terms) or is_tuple(terms):
        if not all((is_list(item) or is_tuple(item)) and len(item) == 2 for item in terms):
            raise ArgumentError("the terms of an observable are pairs (label, weight)")
        pairs = [(item[0], item[1]) for item in terms]
    else:
        raise ArgumentError(f"an observable is made from a dict of labels and weights, not `{show(terms)}`")
    read = [(_label(label), number(weight, f"the weight of `{show(label)}`")) for label, weight in pairs]
    needed = max((_width_of(label) for label, _ in read), default=0)
    width = max(needed, 1) if n_qubits is None else integer(n_qubits, "n_qubits", low=1, high=MAX_QUBITS)
    if needed > MAX_QUBITS:
        raise ArgumentError(f"an observable acts on at most {MAX_QUBITS} qubits")
    if needed > width:
        raise ArgumentError(f"a term acts on qubit {needed - 1}, but `n_qubits` is {width}")
    return Observable.from_terms(width, [(_sparse(label), weight) for label, weight in read])


def _sparse(label: str) -> str:
    """A label without its identities, as `X0 Z3`; the rightmost letter of a dense label acts on qubit 0."""
    if any(character.isdigit() for character in label):
        return " ".join(word for word in label.split() if word[0] != "I")
    letters = label.replace(" ", "")
    if letters.strip("IXYZ"):
        raise ArgumentError(f"`{label[:40]}` is not a Pauli string: its letters are I, X, Y and Z")
    return " ".join(f"{letter}{qubit}" for qubit, letter in enumerate(reversed(letters)) if letter != "I")


def observable(ctx: Context, call: Call) -> Value:
    """`Observable(terms, n_qubits=None)`."""
    terms, n_qubits = bind(call, "terms, n_qubits=None")
    if isinstance(terms, ObservableValue) and n_qubits is None:
        return terms
    ctx.require_static([terms, n_qubits], "an observable", call.span)
    if is_list(terms) or is_dict(terms) or is_tuple(terms):
        ctx.charge(4 * len(terms))
    return ObservableValue(guarded(ctx, call.span, from_terms, terms, n_qubits))


def pauli(ctx: Context, call: Call) -> Value:
    """`pauli(label, n_qubits=None)`."""
    label, n_qubits = bind(call, "label, n_qubits=None")
    ctx.require_static([label, n_qubits], "an observable", call.span)
    return ObservableValue(guarded(ctx, call.span, lambda: from_terms(_label(label), n_qubits)))


def observable_of(ctx: Context, value: Value, num_qubits: int, span: Span) -> Observable:
    """The observable that an argument stands for, on the qubits of a circuit; E0808 when it does not fit."""
    from eigen.lang.reification import describe

    if isinstance(value, (str, dict)):
        ctx.require_static(value, "an observable", span)
        found = guarded(ctx, span, from_terms, value, None)
    elif isinstance(value, ObservableValue):
        found = value.observable
    else:
        ctx.fail("E0808", f"expected an observable, not {describe(value)}", span, hint="write `pauli('Z0 Z1')`")
    if found.num_qubits > num_qubits:
        ctx.fail("E0808", f"the observable acts on {found.num_qubits} qubits, but the circuit has {num_qubits}", span)
    return widened(found, num_qubits)

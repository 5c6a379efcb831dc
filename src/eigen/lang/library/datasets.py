"""`load_dataset`: built-in data sets, and data that the job brings by digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from eigen.errors import suggest
from eigen.ir.values import Array
from eigen.lang.binding import bind
from eigen.lang.library.guard import guarded
from eigen.lang.library.samples import BUILT_IN, built_in_dataset
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value
    from eigen.types import Dataset


class DatasetValue(Object):
    """Rows of features with one label each."""

    type_name: ClassVar[str] = "data set"

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.dataset.labels)

    @property
    def width(self) -> int:
        """The number of features."""
        return len(self.dataset.features[0]) if self.dataset.features else 0

    def features(self, rows: Iterable[int] | None = None) -> Array:
        """The feature matrix of some rows: (rows, features)."""
        chosen = range(self.size) if rows is None else list(rows)
        flat = tuple(number for row in chosen for number in self.dataset.features[row])
        return Array((len(chosen), self.width), flat, "f")

    def labels(self, rows: Iterable[int] | None = None) -> Array:
        """The labels of some rows."""
        chosen = range(self.size) if rows is None else rows
        return Array.vector(self.dataset.labels[row] for row in chosen)

    def attributes(self) -> Iterable[str]:
        """Attributes."""
        return ("features", "labels", "n_samples", "n_features", "classes", "name", "digest")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """Its arrays, sizes, name and digest."""
        ctx.charge(self.size)
        found: dict[str, Value] = {
            "n_samples": self.size,
            "n_features": self.width,
            "name": self.dataset.name,
            "digest": self.dataset.digest,
            "classes": sorted(set(self.dataset.labels)),
        }
        if name == "features":
            ctx.charge(self.size * self.width)
            return self.features()
        if name == "labels":
            return self.labels()
        return found[name] if name in found else super().get_attr(ctx, name, span)

    def length(self, ctx: Context, span: Span) -> Value:
        """The number of rows."""
        del ctx, span
        return self.size

    def iterate(self, ctx: Context, span: Span) -> list[Value]:
        """(features, label) pairs; `features, labels = dataset` unpacks the two arrays only by attribute."""
        del span
        ctx.charge(self.size * (1 + self.width))
        return [
            (Array.vector(row), label) for row, label in zip(self.dataset.features, self.dataset.labels, strict=True)
        ]


def load_dataset(ctx: Context, call: Call) -> Value:
    """`load_dataset(name, n_samples=None, noise=None, seed=0, n_features=None)`."""
    name, *options = bind(call, "name, n_samples=None, noise=None, seed=0, n_features=None")
    ctx.require_static([name, *options], "a data set", call.span)
    if isinstance(name, str) and name in ctx.datasets:
        if call.kwargs or len(call.args) > 1:
            ctx.fail("E0812", f"the data set `{name}` comes with the job: it takes no options", call.span)
        found = ctx.datasets[name]
        ctx.charge(len(found.labels))
        return DatasetValue(found)
    if not isinstance(name, str) or name.lower() not in BUILT_IN:
        known = [*ctx.datasets, *BUILT_IN]
        shown = name if isinstance(name, str) else "?"
        listed = ", ".join(f"`{word}`" for word in known)
        hint = suggest(shown, known) or f"known are {listed}; the job brings others in `spec.input_refs`"
        ctx.fail("E0812", f"there is no data set `{shown}`", call.span, hint=hint)
    return DatasetValue(guarded(ctx, call.span, built_in_dataset, name, *options, charge=ctx.charge))

"""`SupervisedTask`: training a quantum model on mini-batches, scored on held-out rows beside a baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Philox, derive_seed
from eigen.ir.methods import METHODS
from eigen.ir.values import Array
from eigen.lang.binding import bind
from eigen.lang.context import RuntimeParameter
from eigen.lang.library.arguments import ArgumentError, choice, integer, number
from eigen.lang.library.baselines import linear_predictions
from eigen.lang.library.datasets import DatasetValue
from eigen.lang.library.expectation import check_shots
from eigen.lang.library.guard import guarded
from eigen.lang.library.minimize import initial_point, settings_of
from eigen.lang.library.models import QuantumModel
from eigen.lang.records import RECORDS
from eigen.lang.values import Builtin, Object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.regions import Dyn
    from eigen.lang.values import Call, Value

LOSSES = ("mse", "cross_entropy", "hinge")
METRICS = ("accuracy", "mse", "r2")
_FLOOR = 1e-9  # probabilities below it count as it, so that a logarithm stays finite

_SIGNATURE = (
    "model, dataset, loss='mse', optimizer='adam', metric='accuracy', batch_size=None, epochs=10, *, "
    "learning_rate=None, test_fraction=0.25, seed=0, shots=None, options=None"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The checked options of a task, and its split of the rows."""

    loss: str
    metric: str
    batch_size: int | None
    epochs: int
    seed: int
    shots: int | None
    classes: tuple[float, float] | None  # the labels of score > 0 and score < 0; None for regression
    train: tuple[int, ...]
    test: tuple[int, ...]


class SupervisedTask(Object):
    """A model, its data and how it is to be trained."""

    type_name: ClassVar[str] = "supervised task"

    def __init__(self, model: QuantumModel, dataset: DatasetValue, plan: Plan, attrs: dict[str, Any]) -> None:
        self.model = model
        self.dataset = dataset
        self.plan = plan
        self.attrs = attrs

    def attributes(self) -> Iterable[str]:
        """Attributes and methods."""
        return ("train", "n_train", "n_test")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """`train()`, `n_train`, `n_test`."""
        if name == "n_train":
            return len(self.plan.train)
        if name == "n_test":
            return len(self.plan.test)
        if name != "train":
            return super().get_attr(ctx, name, span)

        def train(inner: Context, call: Call) -> Value:
            (weights,) = bind(call, "initial_weights=None")
            return self.train(inner, weights, call.span)

        return Builtin("train", train, "train(initial_weights=None)")

    def train(self, ctx: Context, weights: Value, span: Span) -> Dyn:
        """The `minimize` stage over the training rows, then the scores: record:train."""
        plan, size = self.plan, self.model.num_params
        if weights is None:
            start: Value = Array.vector(0.1 * x for x in Philox(derive_seed(plan.seed, "weights")).normal(size))
        else:
            start, given = initial_point(ctx, weights, span)
            if given != size:
                ctx.fail("E0813", f"the model has {size} weights, but {given} are given", span)
        inputs = self._constant(ctx, self.dataset.features(plan.train), span)
        targets = self._constant(ctx, Array.vector(self._targets(plan.train)), span)
        found = self._minimize(ctx, start, inputs, targets, span)
        return self._record(ctx, found, inputs, span)

    # ---- lowering ----------------------------------------------------------------------------------------

    def _constant(self, ctx: Context, value: Array, span: Span) -> Dyn:
        """A data array as one value of the program, which regions capture instead of repeating it."""
        return ctx.emit("asarray", [value], attrs={"kind": "f"}, type="array", span=span, origin="the data set")

    def _targets(self, rows: Iterable[int]) -> list[float]:
        """What the score should be: +1 and -1 for the two classes, the label itself in a regression."""
        labels = self.dataset.dataset.labels
        if self.plan.classes is None:
            return [labels[row] for row in rows]
        return [1.0 if labels[row] == self.plan.classes[0] else -1.0 for row in rows]

    def _minimize(self, ctx: Context, start: Value, inputs: Dyn, targets: Dyn, span: Span) -> Dyn:
        batched = "batches" in self.attrs

        def loss(inner: Context, call: Call) -> Value:
            rows, wanted = inputs, targets
            if batched:
                batch = call.args[1]
                rows = inner.emit("index", [inputs, batch], type="array", span=span)
                wanted = inner.emit("index", [targets, batch], type="array", span=span)
            return self._loss(inner, self._scores(inner, rows, call.args[0], span), wanted, span)

        parameters = [RuntimeParameter("array", self.model.num_params, "the weights in training")]
        if batched:
            parameters.append(RuntimeParameter("array", None, "a batch of training rows"))
        traced = ctx.trace(Builtin("loss", loss), parameters, span=span)
        return ctx.emit(
            "minimize",
            [start, *traced.captures],
            attrs=self.attrs,
            type="record:minimize",
            regions=[traced.region],
            span=span,
            origin="training",
            lengths={"optimal_parameters": self.model.num_params},
        )

    def _scores(self, ctx: Context, rows: Value, weights: Value, span: Span) -> Dyn:
        """The model's score of each row: a `map` stage."""

        def score(inner: Context, call: Call) -> Value:
            return self.model.score(inner, call.args[0], weights, self.plan.shots, span)

        row = RuntimeParameter("array", self.dataset.width, "a row of the data set")
        traced = ctx.trace(Builtin("score", score), [row], span=span)
        return ctx.emit(
            "map", [rows, *traced.captures], type="array", regions=[traced.region], span=span, origin="the model"
        )

    def _loss(self, ctx: Context, scores: Dyn, targets: Value, span: Span) -> Value:
        """The mean loss of scores against targets."""
        if self.plan.loss == "mse":
            return ctx.emit("mse", [scores, targets], type="float", span=span)
        margin = ctx.emit("mul", [scores, targets], type="array", span=span)
        if self.plan.loss == "hinge":
            gap = ctx.emit("sub", [1.0, margin], type="array", span=span)
            kept = ctx.emit("maximum", [gap, 0.0], type="array", span=span)
            return ctx.emit("mean", [kept], type="float", span=span)
        chance = ctx.emit(
            "mul", [ctx.emit("add", [margin, 1.0], type="array", span=span), 0.5], type="array", span=span
        )
        clipped = ctx.emit("maximum", [chance, _FLOOR], type="array", span=span)
        mean = ctx.emit("mean", [ctx.emit("log", [clipped], type="array", span=span)], type="float", span=span)
        return ctx.emit("neg", [mean], type="float", span=span)

    # ---- the record --------------------------------------------------------------------------------------

    def _record(self, ctx: Context, found: Dyn, inputs: Dyn, span: Span) -> Dyn:
        plan = self.plan

        def field(name: str, kind: str, length: int | None = None) -> Dyn:
            return ctx.emit("getattr", [found], attrs={"name": name}, type=kind, span=span, length=length)

        searched = {
            name: field(name, kind, self.model.num_params if name == "optimal_parameters" else None)
            for name, kind in RECORDS["record:minimize"].fields.items()
        }
        weights = searched["optimal_parameters"]
        seen = self._predictions(ctx, inputs, weights, span)
        unseen = self._predictions(ctx, self._constant(ctx, self.dataset.features(plan.test), span), weights, span)
        train_labels, test_labels = self.dataset.labels(plan.train), self.dataset.labels(plan.test)
        fields: dict[str, Value] = {
            **searched,
            "weights": weights,
            "loss_history": searched["history"],
            "train_metric": ctx.emit(plan.metric, [seen, train_labels], type="float", span=span),
            "test_metric": ctx.emit(plan.metric, [unseen, test_labels], type="float", span=span),
            "baseline_metric": self._baseline(ctx, span),
            "metric": plan.metric,
            "predictions": unseen,
            "test_labels": test_labels,
        }
        size = self.model.num_params
        lengths = {
            "weights": size,
            "optimal_parameters": size,
            "predictions": len(plan.test),
            "test_labels": len(plan.test),
        }
        attrs = {"name": "train", "names": list(fields)}
        return ctx.emit(
            "record",
            list(fields.values()),
            attrs=attrs,
            type="record:train",
            span=span,
            origin="`train`",
            lengths=lengths,
        )

    def _predictions(self, ctx: Context, rows: Value, weights: Value, span: Span) -> Dyn:
        """The predicted labels of some rows."""
        scores = self._scores(ctx, rows, weights, span)
        if self.plan.classes is None:
            return scores
        upper, lower = self.plan.classes
        below = ctx.emit("lt", [scores, 0.0], type="array", span=span)
        return ctx.emit("where", [below, lower, upper], type="array", span=span)

    def _baseline(self, ctx: Context, span: Span) -> Value:
        """The metric of the classical baseline on the test rows: logistic regression, or least squares."""
        plan, data = self.plan, self.dataset
        ctx.charge(len(plan.train) * (data.width + 1) ** 2)
        truth = data.labels(plan.test)
        if plan.classes is not None:
            arguments = [data.features(plan.train), data.labels(plan.train), data.features(plan.test), truth]
            fit = ctx.emit("logistic_baseline", arguments, type="record:baseline", span=span, origin="the baseline")
            return ctx.emit("getattr", [fit], attrs={"name": "accuracy"}, type="float", span=span)
        rows, labels = data.dataset.features, data.dataset.labels
        predicted = linear_predictions(
            [rows[k] for k in plan.train], [labels[k] for k in plan.train], [rows[k] for k in plan.test]
        )
        return ctx.emit(plan.metric, [Array.vector(predicted), truth], type="float", span=span, origin="the baseline")


def supervised_task(ctx: Context, call: Call) -> Value:
    """`SupervisedTask(model, dataset, …)`."""
    from eigen.lang.reification import describe

    model, data, *rest = bind(call, _SIGNATURE)
    loss, optimizer, metric, batch_size, epochs, learning_rate, test_fraction, seed, shots, options = rest
    if not isinstance(model, QuantumModel):
        ctx.fail("E0813", f"`model` must be a `QuantumModel`, not {describe(model)}", call.span)
    if not isinstance(data, DatasetValue):
        ctx.fail("E0813", f"`dataset` must come from `load_dataset`, not {describe(data)}", call.span)
    ctx.require_static(rest, "an option of a task", call.span)
    ctx.charge(4 * data.size)
    split = guarded(ctx, call.span, _split, data, test_fraction, seed)
    plan: Plan = guarded(ctx, call.span, _plan, data, loss, metric, batch_size, epochs, seed, split)
    plan = replace(plan, shots=check_shots(ctx, shots, call.span))
    more = {} if learning_rate is None else {"learning_rate": learning_rate}
    attrs = settings_of(ctx, optimizer, model.num_params, call.span, options=options, more=more)
    return SupervisedTask(model, data, plan, _scheduled(ctx, plan, attrs, call.span))


def _scheduled(ctx: Context, plan: Plan, attrs: dict[str, Any], span: Span) -> dict[str, Any]:
    """The attributes with the number of epochs in the method's own terms."""
    rows = len(plan.train)
    if METHODS[attrs["method"]].batches:
        batches = {"count": rows, "size": min(plan.batch_size or rows, rows), "epochs": plan.epochs}
        return {**attrs, "batches": batches}
    if plan.batch_size is not None and plan.batch_size < rows:
        able = ", ".join(f"`{name}`" for name, method in METHODS.items() if method.batches)
        ctx.fail(
            "E0811",
            f"`{attrs['method']}` does not take mini-batches",
            span,
            hint=f"leave out `batch_size`, or use one of {able}",
        )
    return {**attrs, "max_iter": plan.epochs}


def _split(data: DatasetValue, test_fraction: Value, seed: Value) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Training and test rows: a seeded shuffle, the last `test_fraction` of it is held out."""
    fraction = number(test_fraction, "test_fraction")
    if not 0.0 < fraction < 1.0:
        raise ArgumentError(f"`test_fraction` must lie between 0 and 1, not `{fraction}`")
    held = max(1, round(fraction * data.size))
    if data.size - held < 1:
        raise ArgumentError(f"a data set of {data.size} rows leaves no row to train on")
    order = Philox(derive_seed(integer(seed, "seed", high=2**63 - 1), "split")).permutation(data.size)
    return tuple(order[: data.size - held]), tuple(order[data.size - held :])


def _plan(
    data: DatasetValue,
    loss: Value,
    metric: Value,
    batch_size: Value,
    epochs: Value,
    seed: int,
    split: tuple[tuple[int, ...], tuple[int, ...]],
) -> Plan:
    kind, score = choice(loss, "loss", LOSSES), choice(metric, "metric", METRICS)
    classes = None
    if score == "accuracy":
        labels = sorted(set(data.dataset.labels))
        if len(labels) != 2:
            raise ArgumentError(
                f"`metric='accuracy'` needs two classes, but the labels have {len(labels)} values",
                "use `metric='r2'` for a regression",
            )
        classes = (labels[0], labels[1])
    elif kind != "mse":
        raise ArgumentError(f"`loss='{kind}'` is for two classes: use `metric='accuracy'`")
    size = None if batch_size is None else integer(batch_size, "batch_size", low=1)
    return Plan(
        kind, score, size, integer(epochs, "epochs", low=1, high=100_000), seed, None, classes, split[0], split[1]
    )

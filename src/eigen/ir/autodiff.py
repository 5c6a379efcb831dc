"""Reverse-mode differentiation of a region: the exact gradient of its one real result by its first parameters.

Compute operations follow `eigen.ir.derivatives`; branches, loops and maps are differentiated along the way they
took; an `expectation` asks for its exact value and gradient through a function handed in. No device, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.array import Array
from eigen.ir.derivatives import CONSTANT, PULLBACKS, Cotangent, accumulate, flatten, restore
from eigen.ir.ops.arithmetic import truth
from eigen.ir.ops.containers import items_of
from eigen.ir.ops.limits import exceeded, extent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.program import Node, Region

Path = tuple[int, ...]

MAX_TAPE = 2_000_000
"""How many values the way forward may keep for the way back."""


# ---- whether -----------------------------------------------------------------------------------------------


def is_differentiable(
    region: Region,
    *,
    active: int = 1,
    has_gradient: Callable[[Node], bool] = lambda node: node.attrs.get("shots") is None,
) -> tuple[bool, str]:
    """Whether a region can be differentiated by its first `active` parameters, and if not, why.

    `has_gradient` tells of an `expectation` node whether its exact gradient can be had; by default whenever it is
    exact.
    """
    reason = _obstacle(region, _first(active, len(region.params)), has_gradient)[1]
    return reason == "", reason


def _first(active: int, count: int) -> list[bool]:
    return [position < active for position in range(count)]


def _obstacle(region: Region, active: Sequence[bool], has_gradient: Callable[[Node], bool]) -> tuple[list[bool], str]:
    """Which results of a region vary with its active parameters, and the first thing that cannot be differentiated."""
    varies = list(active)
    for node in region.nodes:
        inputs = [varies[index] for index in node.args]
        found, reason = _node_varies(node, inputs, has_gradient)
        if reason:
            return [], reason
        varies.append(found)
    return [varies[index] for index in region.results], ""


def _node_varies(node: Node, inputs: Sequence[bool], has_gradient: Callable[[Node], bool]) -> tuple[bool, str]:
    place = f" in line {node.line}" if node.line else ""
    if node.op == "minimize" and (any(inputs) or node.regions):
        return (True, f"a minimisation{place} has no derivative") if any(inputs) else (False, "")
    if node.op in {"branch", "loop", "map"}:
        return _regions_vary(node, inputs, has_gradient)
    if not any(inputs) or node.op in CONSTANT:
        return False, ""
    if node.op == "expectation":
        return True, "" if has_gradient(node) else f"the expectation value{place} has no exact gradient"
    if node.op in {"run", "probability", "evolve", "modes"}:
        return True, f"`{node.op}`{place} has no derivative"
    return True, "" if node.op in PULLBACKS else f"`{node.op}`{place} has no derivative"


def _regions_vary(node: Node, inputs: Sequence[bool], has_gradient: Callable[[Node], bool]) -> tuple[bool, str]:
    if node.op == "loop":
        return _loop_varies(node, inputs, has_gradient)
    given = inputs[1:] if node.op == "branch" else inputs
    varies = False
    for region in node.regions:
        results, reason = _obstacle(region, given, has_gradient)
        if reason:
            return True, reason
        varies = varies or any(results)
    return varies, ""


def _loop_varies(node: Node, inputs: Sequence[bool], has_gradient: Callable[[Node], bool]) -> tuple[bool, str]:
    carried = node.attrs["carried"]
    state = list(inputs[:carried])
    while True:
        results, reason = _obstacle(node.regions[0], [*state, *inputs[carried:]], has_gradient)
        if reason:
            return True, reason
        grown = [before or after for before, after in zip(state, results[1:], strict=True)]
        if grown == state:
            return any(state), ""
        state = grown


# ---- forward and back --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Frame:
    """One pass through a region: its values, which of them vary, and what the way back needs of each node."""

    region: Region
    values: list[Any]
    varies: list[bool]
    kept: dict[int, Any] = field(default_factory=dict[int, Any])

    @property
    def results(self) -> list[Any]:
        return [self.values[index] for index in self.region.results]

    @property
    def results_vary(self) -> list[bool]:
        return [self.varies[index] for index in self.region.results]


def value_and_gradient(
    region: Region,
    args: Sequence[Any],
    path: Path,
    *,
    evaluate: Callable[[Node, Sequence[Any], Path], Any],
    expectation: Callable[[Node, Sequence[Any], Path], tuple[float, Sequence[float]]],
) -> tuple[float, list[float]]:
    """The value of a region's one result and its gradient by the elements of its first argument; see `gradients`."""
    value, (slope,) = gradients(region, args, path, active=1, evaluate=evaluate, expectation=expectation)
    return value, slope


def gradients(
    region: Region,
    args: Sequence[Any],
    path: Path,
    *,
    active: int,
    evaluate: Callable[[Node, Sequence[Any], Path], Any],
    expectation: Callable[[Node, Sequence[Any], Path], tuple[float, Sequence[float]]],
) -> tuple[float, list[list[float]]]:
    """The value of a region's one result and, for each of its first `active` arguments, the derivatives by its
    elements, in order.

    `evaluate` gives the value of a node that does not vary or that has no region; `expectation` the value and
    the gradient of an `expectation` node that varies. `path` is the place of the region in its program. The region
    must be differentiable. Raises EIGEN_RUN_FAILED when the result is not a real number.
    """
    tape = _Tape(evaluate, expectation)
    frame = tape.forward(region, args, _first(active, len(args)), path)
    value = frame.results[0]
    number = value.data[0] if isinstance(value, Array) and value.size == 1 else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise EigenError("EIGEN_RUN_FAILED", f"an objective gives a real number, not a `{type(value).__name__}`")
    cotangents = tape.backward(frame, [restore(value, [1.0])])
    return float(number), [flatten(args[index], cotangents[index]) for index in range(active)]


class _Tape:
    """Runs regions forward, keeping frames, and backward over them."""

    def __init__(
        self,
        evaluate: Callable[[Node, Sequence[Any], Path], Any],
        expectation: Callable[[Node, Sequence[Any], Path], tuple[float, Sequence[float]]],
    ) -> None:
        self._evaluate = evaluate
        self._expectation = expectation
        self._kept = 0

    def forward(self, region: Region, args: Sequence[Any], varies: Sequence[bool], path: Path) -> _Frame:
        """Evaluate a region and keep what the way back needs."""
        frame = _Frame(region, list(args), list(varies))
        for position, node in enumerate(region.nodes):
            inputs = [frame.values[index] for index in node.args]
            active = [frame.varies[index] for index in node.args]
            value, moving = self._node(frame, position, node, inputs, active, (*path, position))
            frame.values.append(value)
            frame.varies.append(moving)
            self._kept += extent(value)
            if self._kept > MAX_TAPE:
                raise exceeded("values kept to differentiate a program", self._kept, MAX_TAPE)
        return frame

    def _node(
        self, frame: _Frame, position: int, node: Node, inputs: list[Any], active: list[bool], path: Path
    ) -> tuple[Any, bool]:
        if not any(active) or node.op in CONSTANT:
            return self._evaluate(node, inputs, path), False
        if node.op == "expectation":
            value, slope = self._expectation(node, inputs, path)
            frame.kept[position] = list(slope)
            return value, True
        if node.op == "branch":
            chosen = 0 if truth(inputs[0]) else 1
            inner = self.forward(node.regions[chosen], inputs[1:], active[1:], (*path, chosen))
            frame.kept[position] = inner
            return tuple(inner.results), any(inner.results_vary)
        if node.op == "map":
            return self._map(frame, position, node, inputs, active, path)
        if node.op == "loop":
            return self._loop(frame, position, node, inputs, active, path)
        return self._evaluate(node, inputs, path), True

    def _map(
        self, frame: _Frame, position: int, node: Node, inputs: list[Any], active: list[bool], path: Path
    ) -> tuple[Any, bool]:
        inner = [self.forward(node.regions[0], (row, *inputs[1:]), active, (*path, 0)) for row in items_of(inputs[0])]
        frame.kept[position] = inner
        return mapped([step.results[0] for step in inner], node.type), True

    def _loop(
        self, frame: _Frame, position: int, node: Node, inputs: list[Any], active: list[bool], path: Path
    ) -> tuple[Any, bool]:
        carried, bound = node.attrs["carried"], node.attrs["bound"]
        state, moving = inputs[:carried], active[:carried]
        inner: list[_Frame] = []
        while len(inner) < bound:
            step = self.forward(node.regions[0], (*state, *inputs[carried:]), (*moving, *active[carried:]), (*path, 0))
            inner.append(step)
            state, moving = step.results[1:], step.results_vary[1:]
            if not truth(step.results[0]):
                frame.kept[position] = inner
                return tuple(state), any(moving)
        raise EigenError("EIGEN_SIM_LOOP_BOUND", f"the loop did not end within its bound of `{bound}` rounds")

    def backward(self, frame: _Frame, results: Sequence[Cotangent]) -> list[Cotangent]:
        """Cotangents of a region's arguments from those of its results."""
        flow: list[Cotangent] = [None] * len(frame.values)
        for index, cotangent in zip(frame.region.results, results, strict=True):
            flow[index] = accumulate(flow[index], cotangent)
        offset = len(frame.region.params)
        for position in range(len(frame.region.nodes) - 1, -1, -1):
            cotangent = flow[offset + position]
            if cotangent is None or not frame.varies[offset + position]:
                continue
            node = frame.region.nodes[position]
            inputs = [frame.values[index] for index in node.args]
            found = self._pull(frame, position, node, inputs, frame.values[offset + position], cotangent)
            for index, part in zip(node.args, found, strict=True):
                if part is not None and frame.varies[index]:
                    flow[index] = accumulate(flow[index], part)
        return flow[:offset]

    def _pull(
        self, frame: _Frame, position: int, node: Node, inputs: list[Any], value: Any, cotangent: Cotangent
    ) -> Sequence[Cotangent]:
        kept: Any = frame.kept.get(position)
        if node.op == "expectation":
            return (restore(inputs[0], [cotangent * item for item in kept]),)
        if node.op == "branch":
            return (None, *self.backward(kept, cotangent))
        if node.op == "map":
            return self._pull_map(kept, inputs, value, cotangent)
        if node.op == "loop":
            return self._pull_loop(kept, node.attrs["carried"], cotangent)
        return PULLBACKS[node.op](inputs, node.attrs, value, cotangent)

    def _pull_map(
        self, frames: list[_Frame], inputs: list[Any], value: Any, cotangent: Cotangent
    ) -> Sequence[Cotangent]:
        rows: list[Cotangent] = []
        captures: list[Cotangent] = [None] * (len(inputs) - 1)
        for frame, part in zip(frames, cotangent, strict=True):
            row, *found = self.backward(frame, [part])
            rows.append(row)
            captures = [accumulate(a, b) for a, b in zip(captures, found, strict=True)]
        if isinstance(inputs[0], Array):
            rows = [x for item, part in zip(inputs[0].rows(), rows, strict=True) for x in flatten(item, part)]
        return rows, *captures

    def _pull_loop(self, frames: list[_Frame], carried: int, cotangent: Cotangent) -> Sequence[Cotangent]:
        state: list[Cotangent] = list(cotangent)
        captures: list[Cotangent] | None = None
        for frame in reversed(frames):
            found = self.backward(frame, [None, *state])
            state = found[:carried]
            rest = found[carried:]
            captures = rest if captures is None else [accumulate(a, b) for a, b in zip(captures, rest, strict=True)]
        return *state, *(captures or [])


def mapped(values: list[Any], kind: str) -> Any:
    """What a `map` of type `kind` gives: an array when every value is a float, else a list."""
    if all(type(value) is float for value in values) and (values or kind == "array"):
        return Array((len(values),), tuple(values))
    return values

"""Wide circuits, a few qubits at a time: W = A B^-1 grown from the inside, kept as a product of small unitaries.

The operations of `a` come from the left and those of `b`, inverted, from the right, both from their beginnings, so that
what corresponds cancels at once and W stays near the identity (Burgholzer and Wille, IEEE TCAD 40, 1810 (2021)). A
window is a set of wires that W does not act on separately. Where a window would grow too wide, nothing is decided.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, cast

from eigen.ir.equivalence.branches import Branch, branched
from eigen.ir.equivalence.certificate import Finding
from eigen.ir.equivalence.matrices import distance_from_phase, matrix_of, times
from eigen.ir.equivalence.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Operator = NDArray[np.complex128]
    Step = Operation | Branch

MOST_WIRES = 7
"""Wires of a window: its operator has 4^7 entries."""
SEPARABLE = 1e-11
"""Distance, in the Frobenius norm over 2^(k/2), within which a window of k wires counts as a product of two."""
ROUNDING = 4e-16


class TooWideError(Exception):
    """A window would have more wires than `MOST_WIRES`."""


class UnmatchedError(Exception):
    """A measurement, reset or branch has no counterpart where W is a phase."""


class Window:
    """Some wires, the unitary W on them (wire k is bit k of an index), and splits of them worth trying again."""

    __slots__ = ("operator", "splits", "wires")

    def __init__(self, wires: list[int], operator: Operator, splits: list[frozenset[int]]) -> None:
        self.wires = wires
        self.operator = operator
        self.splits = splits


def compare_windows(a: Sequence[Operation], b: Sequence[Operation], tolerance: float) -> Finding:
    """Both lists of gates, bound to numbers, from the front; raises TooWideError.

    W is the product of the windows that are left, so that equal to a phase means that each of them is a phase.
    """
    import numpy as np

    walk = _Walk(branched(b), tolerance)
    for operation in branched(a):
        walk.take(operation)
    walk.finish()
    windows = {id(window): window for window in walk.window_of.values()}
    total, largest, phase = walk.error, 0.0, walk.phase
    for window in windows.values():
        trace = complex(np.trace(window.operator))
        own = trace / abs(trace) if abs(trace) > 1e-12 else 1.0 + 0.0j
        error = distance_from_phase(window.operator)
        total, largest, phase = total + error, max(largest, error), phase * own
    told = f"cancelled in windows of up to {walk.widest} qubits"
    if total <= tolerance:
        return Finding("windows", True, total, True, phase, (told,))
    if largest > 2 * walk.error + tolerance:
        return Finding("windows", False, largest, True, phase)
    return Finding("windows", None, total, False, phase, (f"errors of {total:.1e} in sum are beyond the tolerance",))


class _Walk:
    """W so far, and what is left of `b`."""

    def __init__(self, b: Sequence[Step], tolerance: float) -> None:
        import numpy as np

        self.b = b
        self.tolerance = tolerance
        self.queues: defaultdict[int, deque[int]] = defaultdict(deque)
        for index, operation in enumerate(b):
            for wire in operation.wires:
                self.queues[wire].append(index)
        self.window_of: dict[int, Window] = {}
        self.identity = np.eye(2, dtype=complex)
        self.phase = 1.0 + 0.0j
        self.error = 0.0
        self.widest = 0
        self.matrices: dict[object, Operator] = {}

    def window(self, wire: int) -> Window:
        """The window of a wire."""
        if wire not in self.window_of:
            self.window_of[wire] = Window([wire], self.identity, [])
        return self.window_of[wire]

    def width(self, operation: Step) -> int:
        """Wires of the window that an operation makes."""
        return sum(len(window.wires) for window in {id(w): w for w in map(self.window, operation.qubits)}.values())

    def take(self, operation: Step) -> None:
        """The next operation of `a`, and what of `b` fits into the windows then; first of `b` what is narrower."""
        if isinstance(operation, Branch) or not operation.is_unitary:
            self.match(operation)
            return
        while self.width(operation) > 1:
            ready = [index for wire in operation.qubits for index in self.ready(self.window(wire))]
            narrower = [index for index in ready if self.width(self.b[index]) < self.width(operation)]
            if not narrower:
                break
            self.take_b(min(narrower, key=lambda index: self.width(self.b[index])))
        self.apply(operation, from_left=True)
        self.settle(operation.qubits)

    def match(self, operation: Step) -> None:
        """An operation that is no gate: `b` has the same one next, and up to there W is a phase on its wires."""
        import numpy as np

        index = next(iter(self.queues[operation.wires[0]]), -1)
        if index < 0 or not self.is_ready(index) or self.b[index].key != operation.key:
            raise UnmatchedError
        self.compare_bodies(operation, self.b[index])
        for wire in operation.wires:
            if wire >= 0:
                window = self.window(wire)
                if len(window.wires) > 1:
                    raise UnmatchedError
                distance = float(np.linalg.norm(window.operator - window.operator[0, 0] * self.identity))
                if distance > SEPARABLE:
                    raise UnmatchedError
                self.error += distance
        self.pop(index)
        self.settle([wire for wire in operation.wires if wire >= 0])

    def compare_bodies(self, first: Step, second: Step) -> None:
        """What two branches of the same condition do inside."""
        if first.wires != second.wires:
            raise UnmatchedError
        if not isinstance(first, Branch) or not isinstance(second, Branch):
            return
        for a, b in zip(first.bodies, second.bodies, strict=True):
            finding = compare_windows(a, b, self.tolerance)
            if not finding.is_equivalent:
                raise UnmatchedError
            self.error += max(first.key[2], 1) * (finding.error or 0.0)

    def finish(self) -> None:
        """The rest of `b`."""
        for index, operation in enumerate(self.b):
            if self.queues[operation.wires[0]] and self.queues[operation.wires[0]][0] == index:
                if not operation.is_unitary:
                    raise UnmatchedError
                self.take_b(index)

    def settle(self, wires: Sequence[int]) -> None:
        """Takes all operations of `b` for which no window has to grow."""
        pending = list(wires)
        while pending:
            window = self.window(pending.pop())
            for index in self.ready(window):
                if self.width(self.b[index]) <= len(window.wires):
                    self.pop(index)
                    self.apply(self.b[index], from_left=False)
                    pending.extend(self.b[index].qubits)
                    break

    def take_b(self, index: int) -> None:
        """An operation of `b` that is next on all its wires, and what fits then."""
        self.pop(index)
        self.apply(self.b[index], from_left=False)
        self.settle(self.b[index].qubits)

    def pop(self, index: int) -> None:
        """Takes an operation of `b` off its wires."""
        for wire in self.b[index].wires:
            self.queues[wire].popleft()

    def is_ready(self, index: int) -> bool:
        """Whether an operation of `b` is next on all its wires."""
        return all(self.queues[wire] and self.queues[wire][0] == index for wire in self.b[index].wires)

    def ready(self, window: Window) -> list[int]:
        """Operations of `b` that are next on all their wires, one of which is the window's."""
        heads = {self.queues[wire][0] for wire in window.wires if self.queues[wire]}
        return sorted(index for index in heads if self.b[index].is_unitary and self.is_ready(index))

    def apply(self, operation: Step, *, from_left: bool) -> None:
        """One operation times W, or W times its inverse."""
        assert isinstance(operation, Operation)
        matrix = self.matrix(operation)
        if not operation.qubits:
            factor = complex(matrix[0, 0])
            self.phase *= factor if from_left else factor.conjugate()
            return
        window = self.merge(operation.qubits)
        places = [window.wires.index(wire) for wire in operation.qubits]
        if from_left:
            window.operator = times(matrix, window.operator, places)
        else:
            window.operator = times(matrix.conj(), window.operator.T, places).T
        self.error += ROUNDING
        if len(window.wires) > 1:
            self.split(window, [frozenset({wire}) for wire in operation.qubits])

    def matrix(self, operation: Operation) -> Operator:
        """The matrix of an operation, which is no FOR."""
        op = operation.instruction
        key = (op.name, op.params, op.ctrl_state, op.inverse, op.power, op.pauli, len(op.qubits))
        if op.name == "UNITARY":
            key = operation.key
        if key not in self.matrices:
            self.matrices[key] = matrix_of(op)
        return self.matrices[key]

    def merge(self, wires: Sequence[int]) -> Window:
        """One window for some wires."""
        parts = list({id(window): window for window in map(self.window, wires)}.values())
        if len(parts) == 1:
            return parts[0]
        width = sum(len(part.wires) for part in parts)
        if width > MOST_WIRES:
            raise TooWideError
        import numpy as np

        operator = parts[0].operator
        for part in parts[1:]:
            operator = cast("Operator", np.kron(part.operator, operator))
        known = [split for part in parts for split in part.splits]
        merged = Window(
            [wire for part in parts for wire in part.wires],
            operator,
            [*known, *(frozenset(part.wires) for part in parts if len(part.wires) > 1)],
        )
        self.widest = max(self.widest, width)
        for wire in merged.wires:
            self.window_of[wire] = merged
        return merged

    def split(self, window: Window, singles: list[frozenset[int]]) -> None:
        """Takes a window apart where it is a product, at single wires or where it was put together."""
        for group in (*singles, *window.splits):
            if not group < set(window.wires):
                continue
            parts = _factors(window, group)
            if parts is None:
                continue
            first, second, error = parts
            self.error += error
            for part in (first, second):
                for wire in part.wires:
                    self.window_of[wire] = part
            for part in (first, second):
                if len(part.wires) > 1:
                    self.split(part, [single for single in singles if single < set(part.wires)])
            return


def _factors(window: Window, group: frozenset[int]) -> tuple[Window, Window, float] | None:
    """A window as the product of two, one on `group`: read from row and column of its largest entry, then checked."""
    import numpy as np

    width = len(window.wires)
    inner = [place for place, wire in enumerate(window.wires) if wire in group]
    outer = [place for place in range(width) if place not in inner]
    rows = [width - 1 - place for place in reversed(inner)]
    others = [width - 1 - place for place in reversed(outer)]
    order = [*rows, *(axis + width for axis in rows), *others, *(axis + width for axis in others)]
    table = window.operator.reshape((2,) * (2 * width)).transpose(order).reshape(4 ** len(inner), 4 ** len(outer))
    row, column = divmod(int(np.abs(table).argmax()), table.shape[1])
    first, second = table[:, column], table[row, :] / table[row, column]
    error = float(np.linalg.norm(table - np.outer(first, second))) / 2 ** (width / 2)
    if error > SEPARABLE:
        return None
    scale = 2 ** (len(inner) / 2) / float(np.linalg.norm(first))  # both unitary
    halves = (first * scale, inner), (second / scale, outer)
    parts = [
        Window(
            [window.wires[place] for place in places],
            vector.reshape(2 ** len(places), 2 ** len(places)),
            [split for split in window.splits if split < {window.wires[place] for place in places}],
        )
        for vector, places in halves
    ]
    return parts[0], parts[1], error * 2 ** (width / 2)

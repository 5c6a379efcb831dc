"""Wide circuits, a few qubits at a time: W = A B^-1 grown from the inside, kept as a product of small unitaries.

The operations of `a` come from the left and those of `b`, inverted, from the right, both from their beginnings, so that
what corresponds cancels at once and W stays near the identity (Burgholzer and Wille, IEEE TCAD 40, 1810 (2021)). A
window is a set of wires that W does not act on separately. Where a window would grow too wide, nothing is decided.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from eigen.ir.equivalence.branches import Branch, branched
from eigen.ir.equivalence.certificate import Finding
from eigen.ir.equivalence.matrices import distance_from_phase, matrix_of, times
from eigen.ir.equivalence.operations import Operation, place

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


MOST_SPLITS = 6
"""Earlier parts of a window that are tried as parts again."""


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
    first, second = branched(a), branched(b)
    is_turned = len(first) < len(second)  # the finer steps lead, the coarser ones follow where they fit
    pair = (second, first) if is_turned else (first, second)
    for leading, following, is_patient in ((*pair, True), (*pair, False), (*pair[::-1], False)):
        try:
            walk = _walked(leading, following, tolerance, is_patient=is_patient)
        except TooWideError:
            continue
        finding = _finding(walk, tolerance)
        is_inverse = leading is second
        return replace(finding, phase=finding.phase.conjugate()) if is_inverse and finding.phase else finding
    raise TooWideError


def _walked(a: Sequence[Step], b: Sequence[Step], tolerance: float, *, is_patient: bool) -> _Walk:
    walk = _Walk(b, tolerance, is_patient=is_patient)
    for operation in a:
        walk.take(operation)
    walk.finish()
    return walk


def _finding(walk: _Walk, tolerance: float) -> Finding:
    import numpy as np

    if walk.is_crossed:  # W takes Z of a wire to another window, at a distance of 2: twice that of W from a phase
        return Finding("windows", False, 1.0, True, details=("qubits are exchanged",))
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
    """W so far, and what is left of `b`.

    W is the product of the windows times a permutation of wires, so that a SWAP of `b` that `a` does not have, or has
    later, keeps no window open: `place` says where what `b` has on a wire goes. One that is patient takes an
    operation of `b` on several wires when that takes a window apart; otherwise as soon as it lies within a window.
    """

    def __init__(self, b: Sequence[Step], tolerance: float, *, is_patient: bool) -> None:
        import numpy as np

        self.b = b
        self.tolerance = tolerance
        self.is_patient = is_patient
        self.is_crossed = False
        self.place: dict[int, int] = {}
        self.source: dict[int, int] = {}
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

    def width(self, wires: Sequence[int]) -> int:
        """Wires of the window that an operation on some makes."""
        return sum(len(window.wires) for window in {id(w): w for w in map(self.window, wires)}.values())

    def seen(self, index: int) -> tuple[int, ...]:
        """The wires of an operation of `b`, where W has them."""
        return tuple(self.place.get(wire, wire) for wire in self.b[index].qubits)

    def take(self, operation: Step) -> None:
        """The next operation of `a`, and what of `b` fits into the windows then; first of `b` what is narrower."""
        if isinstance(operation, Branch) or not operation.is_unitary:
            self.match(operation)
            return
        while self.width(operation.qubits) > 1:
            windows = [self.window(wire) for wire in operation.qubits]
            widths = {index: self.width(self.seen(index)) for window in windows for index in self.ready(window)}
            index = min(widths, key=lambda index: widths[index], default=-1)
            if index < 0 or widths[index] >= self.width(operation.qubits):
                break
            self.take_b(index)
        self.apply(operation, operation.qubits, from_left=True)
        self.settle(operation.qubits)

    def match(self, operation: Step) -> None:
        """An operation that is no gate: `b` has the same one next, and up to there W is a phase on its wires."""
        import numpy as np

        index = next(iter(self.queues[self.source.get(operation.wires[0], operation.wires[0])]), -1)
        if index < 0 or not self.is_ready(index) or self.moved(index).key != operation.key:
            raise UnmatchedError
        self.compare_bodies(operation, self.moved(index))
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

    def moved(self, index: int) -> Step:
        """An operation of `b` that is no gate, on the wires where W has them."""
        step = self.b[index]
        if all(self.place.get(wire, wire) == wire for wire in step.wires):
            return step
        if isinstance(step, Branch):
            raise UnmatchedError
        return place(step.instruction, {q: self.place.get(wire, wire) for q, wire in step.placing.items()})

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
        self.restore()

    def restore(self) -> None:
        """Makes the permutation a part of the windows."""
        import numpy as np

        exchange = np.eye(4, dtype=complex)[[0, 2, 1, 3]]
        target = dict(self.source)
        for wire in sorted(target):
            while target[wire] != wire:
                goal = target[wire]
                try:
                    window = self.merge([wire, goal])
                except TooWideError:
                    self.is_crossed = True
                    return
                places = [window.wires.index(wire), window.wires.index(goal)]
                window.operator = times(exchange, window.operator.T, places).T
                target[wire], target[goal] = target[goal], goal

    def settle(self, wires: Sequence[int]) -> None:
        """Takes all operations of `b` for which no window has to grow."""
        pending = list(wires)
        while pending:
            window = self.window(pending.pop())
            for index in self.ready(window):
                wires = self.seen(index)
                if self.width(wires) > len(window.wires):
                    continue
                kept, error = window.operator, self.error
                is_apart = self.apply(self.b[index], wires, from_left=False)
                if self.is_patient and len(wires) > 1 and not is_apart:
                    window.operator, self.error = kept, error
                    continue
                self.pop(index)
                pending.extend(wires)
                break

    def take_b(self, index: int) -> None:
        """An operation of `b` that is next on all its wires, and what fits then."""
        wires = self.seen(index)
        self.pop(index)
        self.apply(self.b[index], wires, from_left=False)
        self.settle(wires)

    def pop(self, index: int) -> None:
        """Takes an operation of `b` off its wires."""
        for wire in self.b[index].wires:
            self.queues[wire].popleft()

    def is_ready(self, index: int) -> bool:
        """Whether an operation of `b` is next on all its wires."""
        return all(self.queues[wire] and self.queues[wire][0] == index for wire in self.b[index].wires)

    def ready(self, window: Window) -> list[int]:
        """Operations of `b` that are next on all their wires, one of which is the window's."""
        queues = [self.queues[self.source.get(wire, wire)] for wire in window.wires]
        heads = {queue[0] for queue in queues if queue}
        return sorted(index for index in heads if self.b[index].is_unitary and self.is_ready(index))

    def apply(self, operation: Step, wires: Sequence[int], *, from_left: bool) -> bool:
        """One operation times W, or W times its inverse. Whether that has taken the window apart."""
        assert isinstance(operation, Operation)
        matrix = self.matrix(operation)
        if not wires:
            factor = complex(matrix[0, 0])
            self.phase *= factor if from_left else factor.conjugate()
            return True
        window = self.merge(wires)
        places = [window.wires.index(wire) for wire in wires]
        if from_left:
            window.operator = times(matrix, window.operator, places)
        else:
            window.operator = times(matrix.conj(), window.operator.T, places).T
        self.error += ROUNDING
        if len(window.wires) == 1:
            return True
        singles = [frozenset({wire}) for wire in wires]
        return self.split(window, singles) or (len(wires) == 2 and self.exchange(window, wires, singles))

    def exchange(self, window: Window, wires: Sequence[int], singles: list[frozenset[int]]) -> bool:
        """Makes a SWAP of two wires a part of the permutation where the window can be taken apart then."""
        import numpy as np

        matrix = np.eye(4, dtype=complex)[[0, 2, 1, 3]]
        kept, splits = window.operator, window.splits
        window.operator = times(matrix, kept.T, [window.wires.index(wire) for wire in wires]).T
        names = {wires[0]: wires[1], wires[1]: wires[0]}
        window.splits = [*splits, *(frozenset(names.get(wire, wire) for wire in split) for split in splits)]
        if not self.split(window, singles):
            window.operator, window.splits = kept, splits
            return False
        first, second = (self.source.get(wire, wire) for wire in wires)
        self.place[first], self.place[second] = wires[1], wires[0]
        self.source[wires[1]], self.source[wires[0]] = first, second
        return True

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
        known = list(dict.fromkeys(split for part in parts for split in part.splits))[-MOST_SPLITS:]
        merged = Window(
            [wire for part in parts for wire in part.wires],
            operator,
            [*known, *(frozenset(part.wires) for part in parts if len(part.wires) > 1)],
        )
        self.widest = max(self.widest, width)
        for wire in merged.wires:
            self.window_of[wire] = merged
        return merged

    def split(self, window: Window, singles: list[frozenset[int]]) -> bool:
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
            return True
        return False


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

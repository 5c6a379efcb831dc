"""`Lookahead`: the evaluations that a program will ask for soon, as far as its values are known now. It asks nobody.

Computed values are worked out in advance, with little fuel, where they follow from what is known: they are pure. What
depends on an evaluation that is still to come is not known. Each evaluation is named by the path of its stage and its
number there, from which its seed follows: what is begun early is what is asked for later, to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.ops import OpError, Tank, apply
from eigen.ir.ops.containers import items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from eigen.ir.program import Node, Region
    from eigen.kernel.engine import Values
    from eigen.kernel.evaluation import Evaluator, Path

FORESEEN = frozenset({"run", "expectation", "probability"})
"""Stages that are looked for."""

STAGES = FORESEEN | {"evolve", "modes", "branch", "loop", "minimize", "print"}
FUEL = 100_000
"""What may be computed in advance from one place of a program."""

MOST_ROWS = 100_000
TRIES = 3
"""So often is a region looked through in which nothing is worth beginning early."""

_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Coming:
    """One evaluation to come: its stage, the arguments, and its number among those of this path."""

    evaluator: Evaluator
    node: Node
    args: tuple[Any, ...]
    path: Path
    number: int

    def question(self) -> tuple[Values, int | None, int]:
        """Values, shots and seed; raises as the evaluation will."""
        return self.evaluator.coming(self.node, self.args, self.path, self.number)


class Lookahead:
    """`begin` takes what is to come, in order, as much of it as it likes, when it likes, in place of what it was handed
    before; what it returns tells how much of it was worth beginning."""

    def __init__(self, begin: Callable[[Iterator[Coming]], Callable[[], int]]) -> None:
        self._begin = begin
        self._begun: dict[int, Callable[[], int]] = {}
        self._vain: dict[int, int] = {}
        self._sizes: dict[int, tuple[Region, int]] = {}
        self._mapped: list[Path] = []
        self._told: set[tuple[Path, int]] = set()

    def before(self, evaluator: Evaluator, region: Region, values: Sequence[Any], position: int, path: Path) -> None:
        """A stage is about to be asked, with all values before it known. Unless it was foreseen, look from here on."""
        if self._size(region) < 2 or self._vain.get(id(region), 0) >= TRIES:
            return
        here = (*path, position)
        if (here, evaluator.asked(here)) in self._told or any(path[: len(each)] == each for each in self._mapped):
            return
        numbers = _numbers(evaluator, region, path)  # now: the stage is counted before anything is taken
        self._look(region, _upcoming(evaluator, region, tuple(values), position, path, numbers=numbers))

    def rows(
        self, evaluator: Evaluator, region: Region, rows: Sequence[Any], args: Sequence[Any], path: Path
    ) -> Callable[[], object]:
        """A region is about to be gone through for each row; call what is returned when it has been."""
        if not self._size(region) or len(rows) < 2:
            return lambda: None
        self._mapped.append(path)
        numbers = _numbers(evaluator, region, (*path, 0))
        self._look(region, _rows(evaluator, region, rows, tuple(args), (*path, 0), numbers))
        return self._mapped.pop

    def points(self, points: Iterator[tuple[Evaluator, Region, tuple[Any, ...]]]) -> None:
        """Programs are about to be run one after the other, each from its arguments with an evaluator of its own."""
        self._begin(coming for point in points for coming in _upcoming(*point, 0, (), numbers=_numbers(*point[:2], ())))

    def _look(self, region: Region, coming: Iterator[Coming]) -> None:
        known = self._begun.get(id(region))
        if known is not None:
            self._vain[id(region)] = 0 if known() else self._vain.get(id(region), 0) + 1
        if self._vain.get(id(region), 0) < TRIES:
            self._told = set()
            self._begun[id(region)] = self._begin(_telling(coming, self._told))

    def _size(self, region: Region) -> int:
        """How many stages of a region are looked for, those of mapped regions included."""
        known = self._sizes.get(id(region))
        if known is None:
            count = sum(1 for node in region.nodes if node.op in FORESEEN)
            count += sum(2 for node in region.nodes if node.op == "map" and self._size(node.regions[0]))
            known = self._sizes[id(region)] = (region, count)  # the region is kept: its id stays its own
        return known[1]


def _telling(coming: Iterator[Coming], told: set[tuple[Path, int]]) -> Iterator[Coming]:
    for each in coming:
        told.add((each.path, each.number))
        yield each


def _upcoming(
    evaluator: Evaluator,
    region: Region,
    values: tuple[Any, ...],
    position: int,
    path: Path,
    *,
    numbers: Mapping[int, int],
    row: int = 0,
) -> Iterator[Coming]:
    """The stages of a region from a position on, with the values before it known; of a row of a mapped region, with
    the numbers that its stages had at the first row."""
    fuel = Tank(FUEL, "steps in advance")
    known = list(values)
    for place in range(position, len(region.nodes)):
        node = region.nodes[place]
        args = tuple(known[index] for index in node.args)
        there = not any(arg is _UNKNOWN for arg in args)
        value: Any = _UNKNOWN
        if node.op in FORESEEN:
            here, number = (*path, place), numbers[place] + row
            if there and evaluator.asked(here) <= number:  # else it was asked meanwhile
                yield Coming(evaluator, node, args, here, number)
        elif node.op == "map":
            if there and not row:
                try:
                    rows = items_of(args[0])
                except (TypeError, EigenError):
                    return
                inner = (*path, place, 0)
                numbers_there = _numbers(evaluator, node.regions[0], inner)
                yield from _rows(evaluator, node.regions[0], rows, args[1:], inner, numbers_there)
        elif there and node.op not in STAGES:
            try:
                value = apply(node.op, args, node.attrs, fuel)
            except (OpError, EigenError):
                return  # the run itself will say so, or has more fuel
        known.append(value)


def _rows(
    evaluator: Evaluator,
    region: Region,
    rows: Sequence[Any],
    args: tuple[Any, ...],
    path: Path,
    numbers: Mapping[int, int],
) -> Iterator[Coming]:
    for index, row in enumerate(islice(rows, MOST_ROWS)):
        yield from _upcoming(evaluator, region, (row, *args), 0, path, numbers=numbers, row=index)


def _numbers(evaluator: Evaluator, region: Region, path: Path) -> dict[int, int]:
    """How often each stage of a region was asked, by its position."""
    return {place: evaluator.asked((*path, place)) for place, node in enumerate(region.nodes) if node.op in FORESEEN}

"""Building the regions of a `Program`: run-time values (`Dyn`) and the list of nodes that make them.

A region under construction refers to its parameters and captures by index >= 0 and to its nodes by index < 0,
because captures appear while the nodes are written; `finish` renumbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen.ir.program import Node, Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.lang.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a value is known only at run time: what produced it, and where."""

    what: str  # such as "`minimize`"
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Dyn:
    """A value known only at run time: value `index` of the region `region`.

    `type` is a type of `eigen.ir.program.Node`. `length` is the number of elements when it is known at compile
    time. `lengths` gives the known lengths of the fields of a record (`optimal_parameters`).
    """

    region: RegionBuilder
    index: int
    type: str
    origin: Origin
    length: int | None = None
    lengths: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def key(self) -> tuple[int, int]:
        """What identifies the value within one compilation."""
        return (self.region.number, self.index)


class ForeignValueError(Exception):
    """A run-time value is used where the region that makes it cannot be seen."""


class RegionBuilder:
    """One region under construction. `number` identifies it within one compilation."""

    def __init__(self, number: int, parent: RegionBuilder | None = None) -> None:
        self.number = number
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.nodes: list[Node] = []
        self._inputs: list[str] = []
        self._captures: list[Dyn] = []
        self._captured: dict[tuple[int, int], int] = {}
        self._constants: dict[Any, int] = {}

    def parameter(self, type_: str, origin: Origin, *, length: int | None = None) -> Dyn:
        """A new parameter; all of them are declared before the first capture."""
        self._inputs.append(type_)
        return Dyn(self, len(self._inputs) - 1, type_, origin, length)

    @property
    def captures(self) -> tuple[Dyn, ...]:
        """The outer values used so far, in the order in which the stage must pass them."""
        return tuple(self._captures)

    def use(self, value: Dyn) -> int:
        """The index of a run-time value here; a value of an outer region becomes a capture."""
        if value.region is self:
            return value.index
        known = self._captured.get(value.key)
        if known is not None:
            return known
        outer = self.parent
        while outer is not value.region:
            if outer is None:
                raise ForeignValueError
            outer = outer.parent
        self._inputs.append(value.type)
        self._captures.append(value)
        self._captured[value.key] = len(self._inputs) - 1
        return len(self._inputs) - 1

    def constant(self, value: Any, type_: str, line: int) -> int:
        """The index of a `const` node of an encoded value; equal scalars share one node."""
        scalar = value is None or isinstance(value, (bool, int, float, str))
        key = (type_, repr(value)) if scalar else None
        if key is not None and key in self._constants:
            return self._constants[key]
        index = self.add("const", (), {"value": value}, type_, (), line)
        if key is not None:
            self._constants[key] = index
        return index

    def add(
        self,
        op: str,
        args: Iterable[int],
        attrs: Mapping[str, Any],
        type_: str,
        regions: Sequence[Region],
        line: int,
    ) -> int:
        """Append a node; gives its index."""
        self.nodes.append(Node(op, tuple(args), dict(attrs), type_, tuple(regions), line))
        return -len(self.nodes)

    def mark(self) -> int:
        """A place to `roll_back` to."""
        return len(self.nodes)

    def roll_back(self, mark: int) -> None:
        """Forget the nodes written since `mark`."""
        del self.nodes[mark:]
        self._constants = {key: index for key, index in self._constants.items() if -index <= mark}

    def finish(self, results: Sequence[int], captures: Sequence[Dyn] | None = None) -> Region:
        """The region with final numbering, without unused constants.

        `captures` (default: its own) is the list that the stage passes; it may hold more than this region uses,
        since the two sides of a branch get the same arguments.
        """
        used = {index for node in self.nodes for index in node.args} | set(results)
        passed = self._captures if captures is None else captures
        declared = len(self._inputs) - len(self._captures)
        inputs = [*self._inputs[:declared], *(value.type for value in passed)]
        number: dict[int, int] = {index: index for index in range(declared)}
        for place, value in enumerate(passed):
            if value.key in self._captured:
                number[self._captured[value.key]] = declared + place
        kept: list[Node] = []
        for position, node in enumerate(self.nodes):
            index = -(position + 1)
            if node.op == "const" and index not in used:
                continue
            number[index] = len(inputs) + len(kept)
            args = tuple(number[argument] for argument in node.args)
            kept.append(Node(node.op, args, node.attrs, node.type, node.regions, node.line))
        return Region(tuple(inputs), tuple(kept), tuple(number[index] for index in results))

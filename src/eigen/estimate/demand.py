"""What a program asks of its device, and how often: read off the program, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from eigen.estimate.evaluations import search_of
from eigen.estimate.lengths import length_of
from eigen.ir.autodiff import is_differentiable
from eigen.ir.loops import MAX_EVALUATIONS
from eigen.ir.program import QUANTUM_STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.estimate.evaluations import Search
    from eigen.ir.program import Node, Program, Region

INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Ask:
    """One quantum stage and how often the program comes to it: usually, when its loops go on as long as they may, and
    at most (infinite when nothing bounds it before it runs).

    `index` is that of the circuit, of an `evolve` stage that of the evolution, of a `modes` stage that of the
    photonic program. `shots` are those of one evaluation,
    None for an exact value; `slope` says that exact gradients are asked for.
    """

    stage: str
    index: int
    observable: int | None
    shots: int | None
    slope: bool
    usual: float
    most: float
    line: int

    @property
    def question(self) -> tuple[str, int, int | None, int | None, bool]:
        """What one evaluation is: stages with the same one cost the same."""
        return self.stage, self.index, self.observable, self.shots, self.slope


@dataclass(frozen=True, slots=True)
class Demand:
    """All that a program asks. `notes` say what was assumed."""

    asks: tuple[Ask, ...]
    searches: tuple[Search, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def evaluations(self) -> tuple[float, float]:
        """Of circuits: usually, and at most."""
        return sum(ask.usual for ask in self.asks), sum(ask.most for ask in self.asks)

    @property
    def shots(self) -> tuple[float, float]:
        """In all: usually, and at most."""
        sampled = [ask for ask in self.asks if ask.shots]
        return (
            sum(ask.usual * (ask.shots or 0) for ask in sampled),
            sum(ask.most * (ask.shots or 0) for ask in sampled),
        )


def demand_of(
    program: Program, *, shots: int, max_iters: int | None = None, sweep: Mapping[str, Any] | None = None
) -> Demand:
    """The demand of a program; `shots` are those of `run` stages that name none, `max_iters` the job's cap, `sweep`
    how a sweep was compiled, as the compiler's report says it: each variant counts as often as it has points."""
    walk = _Walk(program, shots, max_iters)
    parts = [(len(program.body.nodes), 1)]
    if sweep is not None:
        parts = [(variant["nodes"], variant["points"]) for variant in sweep["variants"]]
        walk.notes.append(f"a sweep of {sweep['points']} points")
    walk.body(parts)
    return Demand(tuple(walk.asks), tuple(walk.searches), tuple(walk.notes))


@dataclass(frozen=True, slots=True)
class _Rate:
    """How often a region is gone through, and whether that is for gradients of its exact values."""

    usual: float
    most: float
    slope: bool = False

    def times(self, usual: float, most: float | None = None, *, slope: bool | None = None) -> _Rate:
        factor = usual if most is None else most
        return _Rate(self.usual * usual, self.most * factor, self.slope if slope is None else slope)


@dataclass(slots=True)
class _Walk:
    """Goes through a program and counts."""

    program: Program
    shots: int
    max_iters: int | None
    asks: list[Ask] = field(default_factory=list["Ask"])
    searches: list[Search] = field(default_factory=list["Search"])
    notes: list[str] = field(default_factory=list[str])

    def body(self, parts: Sequence[tuple[int, int]]) -> None:
        """The nodes of the program, in parts of so many that are gone through so many times."""
        body = self.program.body
        known: list[int | None] = [None] * len(body.params)
        nodes = iter(body.nodes)
        for count, times in parts:
            for node in islice(nodes, count):
                args = [known[index] for index in node.args]
                self._node(node, args, _Rate(float(times), float(times)))
                known.append(length_of(node, args))

    def region(self, region: Region, lengths: Sequence[int | None], rate: _Rate) -> None:
        known = list(lengths)
        for node in region.nodes:
            args = [known[index] for index in node.args]
            self._node(node, args, rate)
            known.append(length_of(node, args))

    def _node(self, node: Node, args: list[int | None], rate: _Rate) -> None:
        if node.op in QUANTUM_STAGES:
            self.asks.append(self._ask(node, rate))
        elif node.op == "minimize":
            self._minimize(node, args, rate)
        elif node.op == "map":
            rows = args[0]
            if rows is None and _asks(node.regions[0]):
                self._note(node, "the number of rows is known only when it runs: counted as one")
            inner = rate.times(1.0, INFINITE) if rows is None else rate.times(rows)
            self.region(node.regions[0], [None, *args[1:]], inner)
        elif node.op == "loop":
            if _asks(node.regions[0]):
                self._note(node, f"a loop is counted with its bound of {node.attrs['bound']} rounds")
            carried: int = node.attrs["carried"]
            self.region(node.regions[0], [None] * carried + args[carried:], rate.times(node.attrs["bound"]))
        elif node.op == "branch":
            self._branch(node, args, rate)

    def _branch(self, node: Node, args: list[int | None], rate: _Rate) -> None:
        """The side that asks for more."""
        sides = [_Walk(self.program, self.shots, self.max_iters) for _ in node.regions]
        for side, region in zip(sides, node.regions, strict=True):
            side.region(region, args[1:], rate)
        worst = max(sides, key=lambda side: sum(ask.usual * max(ask.shots or 1, 1) for ask in side.asks))
        if any(side.asks for side in sides):
            self._note(node, "of a branch the side that asks for more is counted")
        self.asks += worst.asks
        self.searches += worst.searches
        self.notes += [note for note in worst.notes if note not in self.notes]

    def _minimize(self, node: Node, args: list[int | None], rate: _Rate) -> None:
        region = node.regions[0]
        size = args[0] if args[0] is not None else self._parameters(region)
        search = search_of(node, size, self.max_iters)
        self.searches.append(search)
        slope = search.gradient and is_differentiable(region)[0]
        cost = 2 * size + 1 if search.gradient and not slope else 1
        if cost > 1:
            self._note(node, f"gradients are finite differences, {cost} evaluations each")
        lengths = [size, *([search.batch] if node.attrs.get("batches") is not None else []), *args[1:]]
        usual, most = (min(count * cost, MAX_EVALUATIONS) for count in (search.usual, search.most))
        self.region(region, lengths, rate.times(usual, most, slope=slope))

    def _parameters(self, region: Region) -> int:
        """How many parameters a region varies, when their list is not static: those of its widest circuit."""
        used: set[int] = {node.attrs["circuit"] for node in region.walk() if "circuit" in node.attrs}
        return max((len(self.program.circuits[index].parameters) for index in used), default=1)

    def _ask(self, node: Node, rate: _Rate) -> Ask:
        own = node.attrs.get("shots")
        shots = (own or self.shots) if node.op == "run" else own
        if node.op == "modes" and not node.attrs["exact"]:
            shots = own or self.shots
        slope = rate.slope and node.op == "expectation" and shots is None
        index: int = node.attrs[{"evolve": "evolution", "modes": "modes"}.get(node.op, "circuit")]
        return Ask(node.op, index, node.attrs.get("observable"), shots, slope, rate.usual, rate.most, node.line)

    def _note(self, node: Node, text: str) -> None:
        where = f"line {node.line}: " if node.line else ""
        if where + text not in self.notes:
            self.notes.append(where + text)


def _asks(region: Region) -> bool:
    return any(node.op in QUANTUM_STAGES for node in region.walk())

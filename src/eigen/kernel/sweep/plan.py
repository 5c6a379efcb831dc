"""`Plan`: how a sweep was compiled, as the report of the compilation keeps it, and which program runs at which point.

What shapes a program (a count, a bound, a text) is fixed before it is compiled. The programs of all the values of such
parameters, the variants, lie one behind the other in the body of one `Program`; the other parameters are open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.array import Array
from eigen.ir.program import Region
from eigen.jobspec.sweep import shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.ir.program import Program
    from eigen.jobspec.sweep import Sweep
    from eigen.types import Json

SECTION = "sweep"
"""Where a plan stands in the report of a compilation."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The program at some values of the fixed parameters: so many nodes of the body, the value that is its result
    (counted from its own first node, after the open parameters), and at how many points it runs."""

    inputs: Mapping[str, Json]
    nodes: int
    result: int
    points: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters that stay open, and the variants in the order in which the points come to them."""

    open: tuple[str, ...]
    fixed: tuple[str, ...]
    variants: tuple[Variant, ...]

    def to_json(self) -> dict[str, Json]:
        """As it stands in the report."""
        return {
            "points": sum(variant.points for variant in self.variants),
            "open": list(self.open),
            "fixed": list(self.fixed),
            "variants": [
                {
                    "inputs": dict(variant.inputs),
                    "nodes": variant.nodes,
                    "result": variant.result,
                    "points": variant.points,
                }
                for variant in self.variants
            ],
        }

    @staticmethod
    def of(report: Mapping[str, Any]) -> Plan:
        """The plan that a report holds; EIGEN_QFS_DATA_LOSS when it holds none."""
        try:
            kept = report[SECTION]
            return Plan(
                tuple(kept["open"]),
                tuple(kept["fixed"]),
                tuple(Variant(v["inputs"], v["nodes"], v["result"], v["points"]) for v in kept["variants"]),
            )
        except (KeyError, TypeError) as error:
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"the report holds no plan of the sweep: {error}") from None

    def regions(self, program: Program) -> tuple[Region, ...]:
        """The body of each variant, as if it had been compiled for itself."""
        found: list[Region] = []
        width, first = len(program.body.params), 0
        for variant in self.variants:
            nodes = program.body.nodes[first : first + variant.nodes]
            own = tuple(replace(node, args=tuple(_back(arg, width, first) for arg in node.args)) for node in nodes)
            found.append(Region(program.body.params, own, (variant.result,)))
            first += variant.nodes
        return tuple(found)

    def places(self, sweep: Sweep) -> list[int]:
        """Which variant runs at each point."""
        if len(self.variants) == 1:
            return [0] * sweep.points
        known = {key_of(variant.inputs): index for index, variant in enumerate(self.variants)}
        return [known[key] for key in keys_of(sweep, self.fixed)]


def arguments(sweep: Sweep, program: Program) -> list[list[Any]]:
    """The values of the program's open parameters, one list for each of them, one value for each point."""
    columns = sweep.columns()
    found: list[list[Any]] = []
    for name, length in program.parameters:
        if length:
            found.append([Array.vector([float(item) for item in value]) for value in columns[name]])
        else:
            found.append([float(value) for value in columns[name]])
    return found


def lengths(sweep: Sweep, names: tuple[str, ...]) -> dict[str, int]:
    """The lengths of parameters that stay open, as the compiler takes them."""
    return {name: shape_of(sweep.parameters[name]) for name in names}


def keys_of(sweep: Sweep, fixed: tuple[str, ...]) -> list[str]:
    """What the fixed parameters are at each point, as a key."""
    columns = sweep.columns()
    if not fixed:
        return ["{}"] * sweep.points
    rows = zip(*(columns[name] for name in fixed), strict=True)
    return [key_of(dict(zip(fixed, row, strict=True))) for row in rows]


def in_words(kept: Mapping[str, Any]) -> str:
    """The plan in a report, for people."""
    fixed, several = kept["fixed"], len(kept["variants"])
    said = [f"{', '.join(kept['open'])} open"] if kept["open"] else []
    if fixed:
        said.append(f"compiled for {several} value{'s'[: several != 1]} of {', '.join(fixed)}")
    return ", ".join(said)


def key_of(values: Mapping[str, Json]) -> str:
    """Values as a key; 1 and 1.0 are two."""
    return json.dumps(dict(values), sort_keys=True)


def _back(arg: int, width: int, first: int) -> int:
    return arg if arg < width else arg - first

"""The stages of a program as text: a tree in the order of execution, each with what it needs and gives.

Compute nodes are folded into the stages that use them: an arrow names the earlier stage a value comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.output import plural

if TYPE_CHECKING:
    from eigen.ir.program import Node, Program, Region

STAGES = frozenset({"run", "expectation", "probability", "evolve", "modes", "minimize", "branch", "loop", "map"})
MAX_STAGES = 500
REGION_NAMES = {"minimize": ("objective",), "branch": ("then", "else"), "loop": ("body",), "map": ("each row",)}


class _Drawing:
    """Lines so far; stages are numbered in the order in which they are drawn."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []
        self.drawn = 0
        self.omitted = 0

    def region(self, region: Region, indent: str) -> list[int]:
        """Draw a region; returns the stages its results come from."""
        sources: list[frozenset[int]] = [frozenset() for _ in region.params]
        for node in region.nodes:
            needs = frozenset[int]().union(*(sources[argument] for argument in node.args))
            if node.op not in STAGES:
                sources.append(needs)
                continue
            if self.drawn >= MAX_STAGES:
                self.omitted += 1
                sources.append(needs)
                continue
            self.drawn += 1
            number = self.drawn
            self.stage(node, number, sorted(needs), indent)
            sources.append(frozenset({number}))
        return sorted(frozenset[int]().union(*(sources[result] for result in region.results)))

    def stage(self, node: Node, number: int, needs: list[int], indent: str) -> None:
        """Draw one stage and the regions inside it."""
        come = f"  ← {_numbers(needs)}" if needs else ""
        line = f"  (line {node.line})" if node.line else ""
        self.lines.append(f"{indent}[{number}] {node.op}: {self.describe(node)}{come}{line}")
        names = REGION_NAMES.get(node.op, ())
        for index, inner in enumerate(node.regions):
            name = names[index] if index < len(names) else f"region {index}"
            self.lines.append(f"{indent} ├ {name}")
            before = len(self.lines)
            results = self.region(inner, f"{indent} │  ")
            if len(self.lines) == before:
                self.lines.append(f"{indent} │  (computes only)")
            elif results:
                self.lines.append(f"{indent} │  gives ← {_numbers(results)}")

    def describe(self, node: Node) -> str:
        """What a stage does, in a few words."""
        attrs: dict[str, Any] = dict(node.attrs)
        if node.op in {"run", "expectation", "probability"}:
            index = int(attrs["circuit"])
            circuit = self.program.circuits[index]
            text = f"circuit {index}, {plural(circuit.num_qubits, 'qubit')}, {plural(len(circuit), 'operation')}"
            if node.op == "expectation":
                observable = self.program.observables[int(attrs["observable"])]
                text += f", observable {attrs['observable']} of {plural(observable.num_terms, 'term')}"
            shots = attrs.get("shots")
            exact = "the job's shots" if node.op == "run" else "exact"
            return f"{text}, {exact if shots is None else f'{shots} shots'}"
        if node.op == "evolve":
            index = int(attrs["evolution"])
            evolution = self.program.evolutions[index]
            text = f"evolution {index}, {plural(evolution.num_qubits, 'qubit')}, time {evolution.time:g}"
            text += f", {plural(len(evolution.observables), 'observable')} at {plural(len(evolution.times), 'time')}"
            return text if attrs.get("shots") is None else f"{text}, {attrs['shots']} shots"
        if node.op == "modes":
            modes = self.program.modes[int(attrs["modes"])]
            text = f"photonic program {attrs['modes']}, {plural(modes.num_modes, 'mode')}"
            text += f", {plural(len(modes.operations), 'operation')}"
            if not modes.columns:
                return f"{text}, {plural(len(modes.observables), 'observable')}"
            shots = attrs.get("shots")
            return f"{text}, {'the job' + chr(39) + 's' if shots is None else shots} shots"
        if node.op == "minimize":
            return f"{attrs.get('method', '?')}, at most {attrs.get('max_iter', '?')} iterations"
        if node.op == "loop":
            return f"at most {attrs.get('bound', '?')} times"
        return "at run time" if node.op == "branch" else "each row of an array"


def draw_stages(program: Program) -> str:
    """The stages of a program as text, at most 500 of them."""
    drawing = _Drawing(program)
    results = drawing.region(program.body, "")
    if not drawing.lines:
        return f"{program.entrypoint}: computes only, no quantum stage"
    if drawing.omitted:
        drawing.lines.append(f"… {drawing.omitted} more stages")
    tail = f"return ← {_numbers(results)}" if results else "return: a constant"
    return "\n".join([f"{program.entrypoint}", *drawing.lines, tail])


def _numbers(stages: list[int]) -> str:
    shown = ", ".join(f"[{number}]" for number in stages[:12])
    return shown + (f" and {len(stages) - 12} more" if len(stages) > 12 else "")

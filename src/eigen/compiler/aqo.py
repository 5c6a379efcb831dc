"""An AQO document as a program: one `run` stage, with its parameters bound from the job's inputs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.compiler.compile import Compiled
from eigen.compiler.report import make_report
from eigen.errors import EigenError, suggest
from eigen.ir import Circuit, canonical_json
from eigen.ir.array import Array
from eigen.ir.program import Node, Program, Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json


def compile_aqo(source: str | bytes, inputs: Mapping[str, Json]) -> Compiled:
    """The program that samples the circuit and returns its counts; a circuit without measurements is measured.

    Raises EIGEN_AQO_INVALID for a bad document and EIGEN_CIRCUIT_PARAMETERS when inputs do not fit its parameters.
    """
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    circuit = Circuit.from_aqo(data)
    values = _values(circuit, inputs)
    sampled = circuit if circuit.has_measurements else circuit.measure_all()
    nodes: list[Node] = []
    if values:
        nodes.append(Node("const", (), {"value": Array.vector(values)}, "array"))
    attrs: dict[str, Any] = {"circuit": 0, "shots": None, "label": circuit.name}
    nodes.append(Node("run", (0,) if values else (), attrs, "record:run"))
    nodes.append(Node("getattr", (len(nodes) - 1,), {"name": "counts"}, "counts"))
    program = Program(
        circuits=(sampled,),
        observables=(),
        body=Region((), tuple(nodes), (len(nodes) - 1,)),
        entrypoint="main",
        source_sha256=sha256(data).hexdigest(),
        inputs_sha256=sha256(canonical_json(dict(inputs))).hexdigest() if inputs else "",
    )
    program.verify()
    report = make_report(program, filename=circuit.name or "circuit.aqo.json")
    report["diagnostics"] = []
    return Compiled(program, (), report, sampled)


def _values(circuit: Circuit, inputs: Mapping[str, Json]) -> list[float]:
    names = list(circuit.parameters)
    for name in inputs:
        if name not in names:
            raise EigenError(
                "EIGEN_CIRCUIT_PARAMETERS",
                f"the circuit has no parameter `{name}`",
                hint=suggest(name, names) or f"its parameters are {', '.join(names) or 'none'}",
            )
    values: list[float] = []
    for name in names:
        value = inputs.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise EigenError(
                "EIGEN_CIRCUIT_PARAMETERS",
                f"the parameter `{name}` has no number bound to it" if value is None else f"`{name}` must be a number",
                hint=f"set `inputs: {{{name}: 0.5}}` in job.yaml",
            )
        values.append(float(value))
    return values

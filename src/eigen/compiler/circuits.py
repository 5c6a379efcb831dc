"""A circuit of any text format as a program: one quantum stage, its parameters bound or left open."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.compiler.compile import Compiled
from eigen.compiler.report import make_report
from eigen.errors import EigenError, suggest
from eigen.ir import Circuit, Evolution, Modes, canonical_json, load
from eigen.ir.array import Array
from eigen.ir.program import Node, Program, Region
from eigen.ir.values import is_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json


MAX_TEXT = 16 * 1024 * 1024
"""Bytes of a document that are looked at; the core refuses longer ones."""


def compile_circuit(
    source: str | bytes,
    format: str,
    filename: str,
    inputs: Mapping[str, Json],
    parameters: Mapping[str, int],
) -> Compiled:
    """The program that samples the circuit and returns its counts; a circuit without measurements is measured.

    `parameters` are those of the circuit that stay open, each a number (length 0). An AQO document may be an
    evolution or a photonic program too. Raises the errors of the format, with `details["diagnostics"]` where they have
    a place in the text, and EIGEN_CIRCUIT_PARAMETERS when inputs and open parameters do not fit those of the circuit.
    """
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    kind = kind_of(data) if format == "aqo" else "circuit"
    if kind == "evolution":
        return _compile_evolution(data, filename, inputs, parameters)
    if kind == "modes":
        return _compile_modes(data, filename, inputs, parameters)
    try:
        circuit = load(data, format, where=filename)
    except EigenError as error:
        raise _located(error, filename) from None
    values = _given(circuit.parameters, inputs, parameters)
    sampled = circuit if circuit.has_measurements else circuit.measure_all()
    program = _program(data, inputs, circuit.parameters, parameters, _body(circuit, values), circuits=(sampled,))
    return _compiled(program, filename, sampled)


def _located(error: EigenError, filename: str) -> EigenError:
    """The error of a text, told as those of Eigen-Lang are: with the diagnostics that a place gives rise to."""
    diagnostics = error.details.get("diagnostics")
    if not diagnostics:
        return error
    message = f"`{filename}` does not compile: 1 error; first {error.message}"
    return EigenError(error.code, message, hint=error.hint, where=error.where, details=error.details)


def kind_of(data: bytes) -> str:
    """The kind that an AQO document says it has: `circuit` where it says nothing, or is no JSON object."""
    try:
        document: Any = json.loads(data[:MAX_TEXT])
    except (ValueError, RecursionError):
        return "circuit"
    kind = document.get("kind") if is_dict(document) else None
    return kind if isinstance(kind, str) else "circuit"


def _compile_evolution(
    data: bytes, filename: str, inputs: Mapping[str, Json], parameters: Mapping[str, int]
) -> Compiled:
    """The program that follows the evolution and returns its record."""
    evolution = Evolution.from_aqo(data)
    names = evolution.parameters
    values = _given(names, inputs, parameters, "evolution")
    attrs = {"evolution": 0, "shots": None, "label": evolution.name}
    body = _stage("evolve", names, values, attrs, "record:evolution")
    return _compiled(_program(data, inputs, names, parameters, body, evolutions=(evolution,)), filename)


def _compile_modes(data: bytes, filename: str, inputs: Mapping[str, Json], parameters: Mapping[str, int]) -> Compiled:
    """The program that runs the photonic program and returns its record."""
    modes = Modes.from_aqo(data)
    if not modes.columns and not modes.observables:
        message = "the photonic program measures nothing and has no observables"
        raise EigenError("EIGEN_MODES_INVALID", message, hint="measure its modes, or add `observables`")
    names = modes.parameters
    values = _given(names, inputs, parameters, "photonic program")
    attrs = {"modes": 0, "exact": not modes.columns, "shots": None, "label": modes.name}
    body = _stage("modes", names, values, attrs, "record:modes")
    return _compiled(_program(data, inputs, names, parameters, body, modes=(modes,)), filename)


def _program(
    data: bytes,
    inputs: Mapping[str, Json],
    names: Sequence[str],
    parameters: Mapping[str, int],
    body: Region,
    *,
    circuits: tuple[Circuit, ...] = (),
    evolutions: tuple[Evolution, ...] = (),
    modes: tuple[Modes, ...] = (),
) -> Program:
    """The program of a document: its stage, and which of the parameters `names` stay open."""
    program = Program(
        circuits=circuits,
        observables=(),
        evolutions=evolutions,
        modes=modes,
        body=body,
        entrypoint="main",
        source_sha256=sha256(data).hexdigest(),
        inputs_sha256=sha256(canonical_json(dict(inputs))).hexdigest() if inputs else "",
        parameters=tuple((name, 0) for name in names if name in parameters),
    )
    program.verify()
    return program


def _compiled(program: Program, filename: str, circuit: Circuit | None = None) -> Compiled:
    report = make_report(program, filename=filename)
    report["diagnostics"] = []
    return Compiled(program, (), report, circuit)


def _bound(names: Sequence[str], values: Mapping[str, float]) -> tuple[list[Node], tuple[int, ...]]:
    """Nodes that put the known values and the body's own parameters, in order, into one array; its index, if any."""
    open_names = [name for name in names if name not in values]
    nodes: list[Node] = []

    def add(op: str, args: Sequence[int], attrs: Mapping[str, Any], type_: str) -> int:
        nodes.append(Node(op, tuple(args), dict(attrs), type_))
        return len(open_names) + len(nodes) - 1

    if open_names:
        places = {name: place for place, name in enumerate(open_names)}
        places |= {name: add("const", (), {"value": value}, "float") for name, value in values.items()}
        return nodes, (add("array", [places[name] for name in names], {"kind": "f"}, "array"),)
    if values:
        return nodes, (add("const", (), {"value": Array.vector(list(values.values()))}, "array"),)
    return nodes, ()


def _stage(op: str, names: Sequence[str], values: Mapping[str, float], attrs: Mapping[str, Any], record: str) -> Region:
    """One quantum stage, its parameters an array of the known values and of the body's own; it gives its record."""
    nodes, bound = _bound(names, values)
    count = len(names) - len(values)
    nodes.append(Node(op, bound, dict(attrs), record))
    return Region(("float",) * count, tuple(nodes), (count + len(nodes) - 1,))


def _body(circuit: Circuit, values: Mapping[str, float]) -> Region:
    """Run the circuit and give the counts."""
    attrs = {"circuit": 0, "shots": None, "label": circuit.name}
    run = _stage("run", circuit.parameters, values, attrs, "record:run")
    counts = Node("getattr", run.results, {"name": "counts"}, "counts")
    return Region(run.params, (*run.nodes, counts), (run.results[0] + 1,))


def _given(
    names: Sequence[str], inputs: Mapping[str, Json], parameters: Mapping[str, int], owner: str = "circuit"
) -> dict[str, float]:
    """The values of the parameters that do not stay open."""
    _check_names(names, inputs, parameters, owner)
    return {name: _number(name, inputs.get(name)) for name in names if name not in parameters}


def _check_names(
    known: Sequence[str], inputs: Mapping[str, Json], parameters: Mapping[str, int], owner: str = "circuit"
) -> None:
    names = list(known)
    for name in (*inputs, *parameters):
        if name not in names:
            raise EigenError(
                "EIGEN_CIRCUIT_PARAMETERS",
                f"the {owner} has no parameter `{name}`",
                hint=suggest(name, names) or f"its parameters are {', '.join(names) or 'none'}",
            )
    for name, length in parameters.items():
        if length:
            message = f"the parameter `{name}` of a circuit is a number, not an array of length `{length}`"
            raise EigenError("EIGEN_CIRCUIT_PARAMETERS", message, hint="its length is 0")
        if name in inputs:
            raise EigenError("EIGEN_CIRCUIT_PARAMETERS", f"the parameter `{name}` stays open and is bound by an input")


def _number(name: str, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise EigenError(
            "EIGEN_CIRCUIT_PARAMETERS",
            f"the parameter `{name}` has no number bound to it" if value is None else f"`{name}` must be a number",
            hint=f"set `inputs: {{{name}: 0.5}}` in job.yaml",
        )
    try:
        return float(value)
    except OverflowError:
        raise EigenError("EIGEN_CIRCUIT_PARAMETERS", f"`{name}` is an integer too large for a float") from None

"""Compile the program of a sweep: once with its parameters open, else once for each value of those that shape it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from eigen.errors import EigenError
from eigen.ir.program import Node, Program, Region
from eigen.ir.program_json import MAX_BYTES
from eigen.jobspec.sweep import is_real
from eigen.kernel.sweep.plan import SECTION, Plan, Variant, key_of, keys_of, lengths
from eigen.types import CompiledDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.ir import Circuit
    from eigen.jobspec import JobSpec
    from eigen.jobspec.sweep import Sweep
    from eigen.kernel.ports import CompiledProgram
    from eigen.types import Json

MAX_VARIANTS = 256
"""Compilations of one sweep, beside those that find out what can stay open."""


class CompileOne(Protocol):
    """The compiler, with all but the inputs and the open parameters (name to length) settled."""

    def __call__(self, *, inputs: Mapping[str, Json], parameters: Mapping[str, int]) -> CompiledProgram:
        """Compile."""
        ...


@dataclass(frozen=True, slots=True)
class SweptProgram:
    """All variants as one program, its main circuit, and the report with the plan."""

    program: Program
    circuit: Circuit | None
    report: Mapping[str, Json]

    def to_document(self) -> CompiledDocument:
        """Program, main circuit and report as documents."""
        circuit = None if self.circuit is None else self.circuit.to_aqo()
        return CompiledDocument(self.program.to_json(), circuit, dict(self.report))


def compile_sweep(compile_one: CompileOne, spec: JobSpec) -> SweptProgram:
    """Compile the program of a job that has a sweep.

    Parameters of real numbers stay open where the program allows it, those of a circuit always. Raises what the
    compiler does, and EIGEN_LIMIT_EXCEEDED for more variants, or a larger program, than one job may have.
    """
    sweep = spec.sweep
    assert sweep is not None
    wanted = tuple(name for name in sweep.names if spec.program.is_circuit or is_real(sweep.parameters[name]))
    values = {name: column[0] for name, column in sweep.columns().items()}

    def attempt(open_names: tuple[str, ...]) -> CompiledProgram:
        fixed = {name: value for name, value in values.items() if name not in open_names}
        return compile_one(inputs={**spec.inputs, **fixed}, parameters=lengths(sweep, open_names))

    open_names, first = _opened(attempt, wanted, refusable=not spec.program.is_circuit)
    fixed = tuple(name for name in sweep.names if name not in open_names)
    counted: dict[str, int] = {}
    for key in keys_of(sweep, fixed):
        counted[key] = counted.get(key, 0) + 1
    if len(counted) > MAX_VARIANTS:
        names = ", ".join(f"`{name}`" for name in fixed)
        message = f"the program is compiled for each value of {names}: `{len(counted)}` of them are beyond the limit"
        raise EigenError(
            "EIGEN_LIMIT_EXCEEDED",
            f"{message} `sweep_variants` of {MAX_VARIANTS}",
            where="spec.sweep",
            hint="real numbers, such as 1.0, stay open where the program allows it; or submit several jobs",
        )
    compiled = [first]
    inputs = _distinct(sweep, fixed)
    for given in inputs[1:]:
        compiled.append(_at(given, compile_one, spec, lengths(sweep, open_names)))
    return _joined(compiled, open_names, fixed, inputs, list(counted.values()))


def _opened(
    attempt: Callable[[tuple[str, ...]], CompiledProgram], wanted: tuple[str, ...], *, refusable: bool
) -> tuple[tuple[str, ...], CompiledProgram]:
    """The parameters that can stay open together, and the program with them."""
    try:
        return wanted, attempt(wanted)
    except EigenError as error:
        if not (wanted and refusable) or error.code != "EIGEN_LANG_REJECTED":
            raise
    found: tuple[str, ...] = ()
    for name in wanted if len(wanted) > 1 else ():
        try:
            attempt((*found, name))
        except EigenError as error:
            if error.code != "EIGEN_LANG_REJECTED":
                raise
        else:
            found = (*found, name)
    return found, attempt(found)


def _distinct(sweep: Sweep, fixed: tuple[str, ...]) -> list[dict[str, Json]]:
    """The values of the fixed parameters, each combination once, in the order of the points."""
    if not fixed:
        return [{}]
    columns = sweep.columns()
    found: dict[str, dict[str, Json]] = {}
    for row in zip(*(columns[name] for name in fixed), strict=True):
        values = dict(zip(fixed, row, strict=True))
        found.setdefault(key_of(values), values)
    return list(found.values())


def _at(
    given: Mapping[str, Json], compile_one: CompileOne, spec: JobSpec, parameters: Mapping[str, int]
) -> CompiledProgram:
    try:
        return compile_one(inputs={**spec.inputs, **given}, parameters=parameters)
    except EigenError as error:
        shown = ", ".join(f"{name}={value}" for name, value in given.items())
        error.message = f"with {shown[:200]}: {error.message}"
        raise


def _joined(
    compiled: Sequence[CompiledProgram],
    open_names: tuple[str, ...],
    fixed: tuple[str, ...],
    inputs: Sequence[Mapping[str, Json]],
    points: Sequence[int],
) -> SweptProgram:
    programs = [each.program for each in compiled]
    whole = programs[0] if len(programs) == 1 else _merged(programs)
    plan = Plan(
        open_names,
        fixed,
        tuple(
            Variant(given, len(program.body.nodes), program.body.results[0], times)
            for given, program, times in zip(inputs, programs, points, strict=True)
        ),
    )
    report = {**_report([each.report for each in compiled], whole), SECTION: plan.to_json()}
    return SweptProgram(whole, compiled[0].circuit, report)


def _merged(programs: Sequence[Program]) -> Program:
    """One program with the nodes of all, circuits and observables that are the same kept once; the result is that of
    the last."""
    first = programs[0]
    shelves: dict[str, dict[str, Any]] = {"circuit": {}, "observable": {}, "evolution": {}, "modes": {}}
    nodes: list[Node] = []
    width = len(first.body.params)
    result = 0
    for program in programs:
        owned = {
            "circuit": program.circuits,
            "observable": program.observables,
            "evolution": program.evolutions,
            "modes": program.modes,
        }
        moved: dict[str, list[int]] = {}
        for kind, items in owned.items():
            for item in items:
                shelves[kind].setdefault(item.digest, item)
            places = {digest: place for place, digest in enumerate(shelves[kind])}
            moved[kind] = [places[item.digest] for item in items]
        offset = len(nodes)
        for node in program.body.nodes:
            args = tuple(arg if arg < width else arg + offset for arg in node.args)
            nodes.append(replace(_moved(node, moved), args=args))
        result = program.body.results[0]
        result = result if result < width else result + offset
    whole = replace(
        first,
        circuits=tuple(shelves["circuit"].values()),
        observables=tuple(shelves["observable"].values()),
        evolutions=tuple(shelves["evolution"].values()),
        modes=tuple(shelves["modes"].values()),
        body=Region(first.body.params, tuple(nodes), (result,)),
        inputs_sha256=sha256(" ".join(program.inputs_sha256 for program in programs).encode()).hexdigest(),
    )
    whole.verify()
    size = len(whole.to_json())
    if size > MAX_BYTES:
        message = (
            f"the programs of the sweep have `{size:,}` bytes together; the limit `program_bytes` is {MAX_BYTES:,}"
        )
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where="spec.sweep", hint="submit several jobs")
    return whole


def _moved(node: Node, places: Mapping[str, Sequence[int]]) -> Node:
    """The node with the circuits it names where they are now, and so within its regions."""
    attrs: dict[str, Any] = {
        name: places[name][value] if name in places else value for name, value in node.attrs.items()
    }
    regions = tuple(
        replace(region, nodes=tuple(_moved(inner, places) for inner in region.nodes)) for region in node.regions
    )
    return replace(node, attrs=attrs, regions=regions)


def _report(reports: Sequence[Mapping[str, Any]], whole: Program) -> dict[str, Any]:
    """What the reports say together: what was made, each once, and how much of it."""
    if len(reports) == 1:
        return dict(reports[0])
    found = dict(reports[0])
    for name in ("circuits", "observables", "evolutions", "modes"):
        items = [item for report in reports for item in report.get(name, ())]
        if items:
            found[name] = list({item["digest"]: item for item in items}.values())
    diagnostics = [item for report in reports for item in report.get("diagnostics", ())]
    found["diagnostics"] = [item for place, item in enumerate(diagnostics) if item not in diagnostics[:place]]
    for name in ("steps", "operations"):
        if name in found:
            found[name] = sum(int(report.get(name, 0)) for report in reports)
    found["program_sha256"], found["inputs_sha256"] = whole.digest, whole.inputs_sha256
    found["num_qubits"] = whole.num_qubits
    return found

"""The rules of a well-formed `Program`: what every consumer may rely on. Checked after compiling and after reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.methods import MethodError, check_bounds, check_count, check_options, check_tolerance, method_of
from eigen.ir.ops import OPS
from eigen.ir.program import EFFECT_STAGES, QUANTUM_STAGES
from eigen.ir.values import is_dict

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir.program import Node, Program, Region

MAX_REGION_DEPTH = 24
"""How deeply regions may nest: four levels of JSON each, within the 127 of canonical JSON."""
MAX_BOUND = 1_000_000
MAX_SHOTS = 10_000_000
MAX_PARAMETERS = 10_000
"""How many numbers the open parameters of a program hold together."""

_STAGE_ATTRS = {
    "run": {"circuit", "shots", "label"},
    "expectation": {"circuit", "observable", "shots", "label"},
    "probability": {"circuit", "bits", "shots", "label"},
    "evolve": {"evolution", "settings", "shots", "label"},
    "modes": {"modes", "exact", "shots", "label"},
    "minimize": {"method", "max_iter", "tolerance", "bounds", "options", "batches", "label"},
    "branch": {"label"},
    "loop": {"carried", "bound", "label"},
    "map": {"label"},
    "print": set[str](),
}


def verify_program(program: Program) -> None:
    """Check every rule. Raises EIGEN_PROGRAM_INVALID naming the place, such as `body.nodes[3]`."""
    _verify_parameters(program)
    if len(program.body.results) != 1:
        raise _invalid("body", "the body has one result")
    _verify_region(program, program.body, "body", 0)


def _verify_parameters(program: Program) -> None:
    names = [name for name, _ in program.parameters]
    if len(set(names)) != len(names) or not all(isinstance(name, str) for name in names):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise _invalid("parameters", "the names of the parameters are different strings")
    lengths = [length for _, length in program.parameters]
    if not all(type(length) is int and length >= 0 for length in lengths) or sum(lengths) > MAX_PARAMETERS:
        raise _invalid("parameters", f"the lengths of the parameters are whole numbers up to {MAX_PARAMETERS} together")
    if program.body.params != tuple("array" if length else "float" for length in lengths):
        raise _invalid("body", "the body takes one value for each parameter of the program")


def _verify_region(program: Program, region: Region, path: str, depth: int) -> None:
    if depth > MAX_REGION_DEPTH:
        raise _invalid(path, f"regions nest deeper than {MAX_REGION_DEPTH}")
    known = len(region.params)
    for position, node in enumerate(region.nodes):
        where = f"{path}.nodes[{position}]"
        if any(not 0 <= argument < known for argument in node.args):
            raise _invalid(where, f"`{node.op}` refers to a value that is not defined before it")
        _verify_node(program, node, where, depth)
        known += 1
    if any(not 0 <= result < known for result in region.results):
        raise _invalid(path, "a result refers to a value that is not defined")


def _verify_node(program: Program, node: Node, where: str, depth: int) -> None:
    allowed = _STAGE_ATTRS.get(node.op)
    if allowed is None:
        _verify_compute(node, where)
        return
    unknown = set(node.attrs) - allowed
    if unknown:
        raise _invalid(where, f"`{node.op}` has no attribute `{min(unknown)}`")
    if node.op in QUANTUM_STAGES:
        if node.regions:
            raise _invalid(where, f"`{node.op}` has no regions")
        _verify_quantum(program, node, where)
        return
    if node.op in EFFECT_STAGES:
        if len(node.args) != 1 or node.regions:
            raise _invalid(where, f"`{node.op}` takes one text and no regions")
        return
    _SHAPES[node.op](node, where)
    for index, inner in enumerate(node.regions):
        _verify_region(program, inner, f"{where}.regions[{index}]", depth + 1)


def _verify_compute(node: Node, where: str) -> None:
    operation = OPS.get(node.op)
    if operation is None:
        raise _invalid(where, f"unknown operation `{node.op}`")
    least, most = operation.arity
    if len(node.args) < least or (most is not None and len(node.args) > most):
        raise _invalid(where, f"`{node.op}` does not take {len(node.args)} arguments")
    unknown = set(node.attrs) - operation.attrs
    if unknown:
        raise _invalid(where, f"`{node.op}` has no attribute `{min(unknown)}`")
    if node.op == "const" and "value" not in node.attrs:
        raise _invalid(where, "`const` needs the attribute `value`")
    if node.regions:
        raise _invalid(where, f"`{node.op}` has no regions")


EVOLUTION_SETTINGS: dict[str, tuple[type, ...]] = {
    "method": (str,),
    "tolerance": (float,),
    "order": (int,),
    "steps": (int,),
    "trajectories": (int,),
}
"""How an evolution may be computed, with the types of each; the device checks the values."""


def _verify_evolve(program: Program, node: Node, where: str) -> None:
    index = node.attrs.get("evolution")
    if type(index) is not int or not 0 <= index < len(program.evolutions):
        raise _invalid(where, f"`evolve` names evolution `{index}` of {len(program.evolutions)}")
    parameters = program.evolutions[index].parameters
    if len(node.args) != (1 if parameters else 0):
        raise _invalid(where, f"`evolve` must pass one array of {len(parameters)} parameter values")
    settings = node.attrs.get("settings")
    if settings is None:
        return
    if not is_dict(settings) or not set(settings) <= set(EVOLUTION_SETTINGS):
        raise _invalid(where, f"the settings of `evolve` are {', '.join(EVOLUTION_SETTINGS)}")
    for name, value in settings.items():
        if type(value) not in EVOLUTION_SETTINGS[name]:
            raise _invalid(where, f"the setting `{name}` of `evolve` cannot be `{value!r:.40}`")


def _verify_modes(program: Program, node: Node, where: str) -> None:
    index = node.attrs.get("modes")
    if type(index) is not int or not 0 <= index < len(program.modes):
        raise _invalid(where, f"`modes` names photonic program `{index}` of {len(program.modes)}")
    asked = program.modes[index]
    if len(node.args) != (1 if asked.parameters else 0):
        raise _invalid(where, f"`modes` must pass one array of {len(asked.parameters)} parameter values")
    if not asked.columns and not asked.observables:
        raise _invalid(where, "a photonic program measures modes or has observables")
    if node.attrs.get("exact") is not (not asked.columns):
        raise _invalid(where, "`exact` of `modes` says whether the photonic program measures nothing")
    if not asked.columns and node.attrs.get("shots") is not None:
        raise _invalid(where, "a photonic program that measures nothing has no `shots`")


def _verify_shots(node: Node, where: str) -> None:
    shots = node.attrs.get("shots")
    if shots is not None and (type(shots) is not int or not 1 <= shots <= MAX_SHOTS):
        raise _invalid(where, f"`shots` must be a whole number from 1 to {MAX_SHOTS}, not `{shots}`")


def _verify_quantum(program: Program, node: Node, where: str) -> None:
    _verify_shots(node, where)
    if node.op == "evolve":
        _verify_evolve(program, node, where)
        return
    if node.op == "modes":
        _verify_modes(program, node, where)
        return
    index = node.attrs.get("circuit")
    if type(index) is not int or not 0 <= index < len(program.circuits):
        raise _invalid(where, f"`{node.op}` names circuit `{index}` of {len(program.circuits)}")
    circuit = program.circuits[index]
    if len(node.args) != (1 if circuit.parameters else 0):
        raise _invalid(where, f"`{node.op}` must pass one array of {len(circuit.parameters)} parameter values")
    if node.op == "expectation":
        observable = node.attrs.get("observable")
        if type(observable) is not int or not 0 <= observable < len(program.observables):
            raise _invalid(where, f"`expectation` names observable `{observable}` of {len(program.observables)}")
    if node.op == "probability":
        bits = node.attrs.get("bits")
        if not isinstance(bits, str) or len(bits) != circuit.num_qubits or set(bits) - {"0", "1"}:
            raise _invalid(where, f"`bits` must be {circuit.num_qubits} characters 0 or 1")


def _region_shape(node: Node, where: str, index: int, params: int, results: int | None) -> None:
    region = node.regions[index]
    if len(region.params) != params:
        raise _invalid(where, f"region {index} of `{node.op}` takes {len(region.params)} values instead of {params}")
    if results is not None and len(region.results) != results:
        raise _invalid(where, f"region {index} of `{node.op}` gives {len(region.results)} values instead of {results}")


def _region_count(node: Node, where: str, count: int, *, args: int = 1) -> None:
    if len(node.regions) != count:
        raise _invalid(where, f"`{node.op}` has {len(node.regions)} regions instead of {count}")
    if len(node.args) < args:
        raise _invalid(where, f"`{node.op}` takes at least {args} arguments")


def _verify_branch(node: Node, where: str) -> None:
    _region_count(node, where, 2)
    _region_shape(node, where, 0, len(node.args) - 1, None)
    _region_shape(node, where, 1, len(node.args) - 1, len(node.regions[0].results))


def _verify_loop(node: Node, where: str) -> None:
    _region_count(node, where, 1, args=0)
    carried, bound = node.attrs.get("carried"), node.attrs.get("bound")
    if type(carried) is not int or not 0 <= carried <= len(node.args):
        raise _invalid(where, f"`carried` must be a number of arguments, not `{carried}`")
    if type(bound) is not int or not 1 <= bound <= MAX_BOUND:
        raise _invalid(where, f"`bound` must be a whole number from 1 to {MAX_BOUND}, not `{bound}`")
    _region_shape(node, where, 0, len(node.args), carried + 1)


def _verify_map(node: Node, where: str) -> None:
    _region_count(node, where, 1)
    _region_shape(node, where, 0, len(node.args), 1)


def _verify_minimize(node: Node, where: str) -> None:
    _region_count(node, where, 1)
    batches = node.attrs.get("batches")
    _region_shape(node, where, 0, len(node.args) + (batches is not None), 1)
    try:
        check_minimize(node.attrs)
    except MethodError as error:
        raise EigenError("EIGEN_PROGRAM_INVALID", error.message, where=where, hint=error.hint) from None


def check_minimize(attrs: Any) -> None:
    """Check the attributes of a `minimize` stage. Raises MethodError."""
    method = method_of(attrs.get("method"))
    check_options(method, attrs.get("options"))
    check_tolerance(attrs.get("tolerance"))
    check_bounds(method, attrs.get("bounds"), None)
    if attrs.get("max_iter") is not None:
        check_count("`max_iter`", attrs["max_iter"], 100_000)
    batches = attrs.get("batches")
    if batches is None:
        return
    if not is_dict(batches) or not {"count"} <= set(batches) <= {"count", "size", "epochs"}:
        raise MethodError("`batches` has the fields count, size and epochs")
    for name, value in batches.items():
        if value is not None or name == "count":
            check_count(f"`{name}`", value, 1_000_000)


_SHAPES: dict[str, Callable[[Node, str], None]] = {
    "branch": _verify_branch,
    "loop": _verify_loop,
    "map": _verify_map,
    "minimize": _verify_minimize,
}


def _invalid(path: str, message: str) -> EigenError:
    return EigenError("EIGEN_PROGRAM_INVALID", message, where=path)

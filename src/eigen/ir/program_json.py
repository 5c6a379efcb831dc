"""`Program` as canonical JSON and back. Reading trusts nothing: size, depth, types and rules are checked."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from eigen._core import Circuit, CoreError, Evolution, Observable, canonical_json
from eigen.errors import EigenError
from eigen.ir.modes import Modes
from eigen.ir.program import PROGRAM_VERSION, Node, Program, ProgramOptions, Region
from eigen.ir.values import decode_value, encode_value, is_dict, is_list
from eigen.ir.wellformed import MAX_REGION_DEPTH

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

MAX_BYTES = 64 * 1024 * 1024
_MAX_NESTING = 512
_TEXT_FIELDS = ("entrypoint", "inputs_sha256", "source_sha256")


# ---- writing -----------------------------------------------------------------------------------------------


def encode(program: Program) -> bytes:
    """Canonical JSON: sorted keys, no white space, shortest floats. Circuits are their canonical AQO, spliced in.

    Raises EIGEN_LIMIT_EXCEEDED when regions or values nest deeper than canonical JSON allows.
    """
    with _part("body"):
        body = canonical_json(_write_region(program.body))
    fields: dict[str, bytes] = {
        "body": body,
        "circuits": _join(circuit.to_aqo() for circuit in program.circuits),
        "observables": _join(observable.to_json() for observable in program.observables),
        "options": canonical_json(_write_options(program.options)),
        "version": canonical_json(PROGRAM_VERSION),
    }
    for name in _TEXT_FIELDS:
        fields[name] = canonical_json(getattr(program, name))
    if program.evolutions:
        fields["evolutions"] = _join(evolution.to_aqo() for evolution in program.evolutions)
    if program.modes:
        fields["modes"] = _join(modes.to_aqo() for modes in program.modes)
    if program.parameters:
        fields["parameters"] = canonical_json([list(parameter) for parameter in program.parameters])
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), fields[name]) for name in sorted(fields)) + b"}"


def _join(parts: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def _write_options(options: ProgramOptions) -> dict[str, Any]:
    return {
        "metadata": dict(options.metadata),
        "noise_model": options.noise_model,
        "optimization_level": options.optimization_level,
        "seed": encode_value(options.seed),
        "shots": options.shots,
        "target": options.target,
    }


def _write_region(region: Region) -> dict[str, Any]:
    return {
        "params": list(region.params),
        "nodes": [_write_node(node) for node in region.nodes],
        "results": list(region.results),
    }


def _write_node(node: Node) -> dict[str, Any]:
    written: dict[str, Any] = {"op": node.op, "args": list(node.args), "type": node.type}
    if node.attrs:
        written["attrs"] = {name: encode_value(value) for name, value in node.attrs.items()}
    if node.regions:
        written["regions"] = [_write_region(region) for region in node.regions]
    if node.line:
        written["line"] = node.line
    return written


# ---- reading -----------------------------------------------------------------------------------------------


def decode(data: bytes) -> Program:
    """The program of a canonical document, verified. Raises EIGEN_PROGRAM_INVALID (or the circuit's own error)."""
    document = _parse(data)
    parameters = _read_parameters(document.pop("parameters", []))
    evolutions, modes = document.pop("evolutions", []), document.pop("modes", [])
    if not is_list(evolutions) or not is_list(modes):
        raise _invalid("`evolutions` and `modes` must be lists")
    _only(document, {"body", "circuits", "observables", "options", "version", *_TEXT_FIELDS}, "the program")
    if document["version"] != PROGRAM_VERSION:
        raise _invalid(f"program version `{str(document['version'])[:20]}` is not {PROGRAM_VERSION}")
    program = Program(
        circuits=tuple(_read_circuit(item, place) for place, item in enumerate(_list(document, "circuits"))),
        observables=tuple(_read_observable(item, place) for place, item in enumerate(_list(document, "observables"))),
        body=_read_region(document["body"], "body", 0),
        options=_read_options(document["options"]),
        parameters=parameters,
        evolutions=tuple(_read_evolution(item, place) for place, item in enumerate(evolutions)),
        modes=tuple(_read_modes(item, place) for place, item in enumerate(modes)),
        **{name: _text(document, name) for name in _TEXT_FIELDS},
    )
    program.verify()
    return program


_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_OPENINGS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_OTHER_BYTES = bytes(set(range(256)) - set(_OPENINGS))


def _parse(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise EigenError("EIGEN_LIMIT_EXCEEDED", f"bytes of a program: `{len(data)}` is beyond the limit {MAX_BYTES}")
    brackets = _STRINGS.sub(b"", data).translate(None, _OTHER_BYTES)
    if max(accumulate(map(_OPENINGS.__getitem__, brackets)), default=0) > _MAX_NESTING:
        raise EigenError("EIGEN_LIMIT_EXCEEDED", f"a program nests deeper than {_MAX_NESTING} levels")
    try:
        document: Any = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except ValueError as error:
        raise _invalid(f"the program is not JSON: {error}"[:300]) from None
    if not is_dict(document):
        raise _invalid("the program is not a JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid("the program has a duplicate key")
    return found


def _no_constant(name: str) -> Any:
    raise _invalid(f"the program holds the number `{name}`")


def _read_circuit(item: Any, place: int) -> Circuit:
    with _part(f"circuits[{place}]"):
        return Circuit.from_aqo(canonical_json(item))


def _read_observable(item: Any, place: int) -> Observable:
    with _part(f"observables[{place}]"):
        return Observable.from_json(canonical_json(item))


def _read_modes(item: Any, place: int) -> Modes:
    try:
        return Modes.from_aqo(canonical_json(item))
    except EigenError as error:
        error.where = f"modes[{place}]" + (f".{error.where}" if error.where else "")
        raise


def _read_evolution(item: Any, place: int) -> Evolution:
    with _part(f"evolutions[{place}]"):
        return Evolution.from_aqo(canonical_json(item))


@contextmanager
def _part(where: str) -> Generator[None]:
    """What the core finds wrong with a part, as a fault of the program; a limit stays a limit."""
    try:
        yield
    except CoreError as error:
        code = "EIGEN_LIMIT_EXCEEDED" if error.code == "EIGEN_LIMIT_EXCEEDED" else "EIGEN_PROGRAM_INVALID"
        raise EigenError(code, error.message, hint=error.hint or "", where=where) from None


def _read_options(item: Any) -> ProgramOptions:
    options = _object(item, "options")
    _only(options, {"metadata", "noise_model", "optimization_level", "seed", "shots", "target"}, "options")
    metadata = _object(options["metadata"], "options.metadata")
    seed = decode_value(options["seed"])
    good = (
        all(isinstance(value, str) for value in metadata.values())
        and all(options[name] is None or isinstance(options[name], str) for name in ("noise_model", "target"))
        and (seed is None or type(seed) is int)
        and (options["shots"] is None or type(options["shots"]) is int)
        and type(options["optimization_level"]) is int
    )
    if not good:
        raise _invalid("an option of the program has the wrong type")
    return ProgramOptions(
        target=options["target"],
        shots=options["shots"],
        seed=seed,
        optimization_level=options["optimization_level"],
        noise_model=options["noise_model"],
        metadata=metadata,
    )


def _read_parameters(item: Any) -> tuple[tuple[str, int], ...]:
    if not is_list(item) or not all(is_list(pair) and len(pair) == 2 for pair in item):
        raise _invalid("a parameter of the program is a name and a length", "parameters")
    return tuple((name, length) for name, length in item)


def _read_region(item: Any, path: str, depth: int) -> Region:
    if depth > MAX_REGION_DEPTH:
        raise _invalid(f"regions nest deeper than {MAX_REGION_DEPTH}", path)
    region = _object(item, path)
    _only(region, {"params", "nodes", "results"}, path)
    params = _list(region, "params", path)
    if not all(isinstance(name, str) for name in params):
        raise _invalid("the parameters of a region are type names", path)
    return Region(
        params=tuple(params),
        nodes=tuple(
            _read_node(node, f"{path}.nodes[{n}]", depth) for n, node in enumerate(_list(region, "nodes", path))
        ),
        results=_indices(region, "results", path),
    )


def _read_node(item: Any, path: str, depth: int) -> Node:
    node = _object(item, path)
    missing = {"op", "args", "type"} - set(node)
    if missing or not set(node) <= {"op", "args", "type", "attrs", "regions", "line"}:
        raise _invalid("a node has the fields op, args, type, attrs, regions and line", path)
    attrs = _object(node.get("attrs", {}), path)
    line = node.get("line", 0)
    if not isinstance(node["op"], str) or not isinstance(node["type"], str) or type(line) is not int or line < 0:
        raise _invalid("a field of a node has the wrong type", path)
    regions = _list(node, "regions", path) if "regions" in node else []
    return Node(
        op=node["op"],
        args=_indices(node, "args", path),
        attrs={name: decode_value(value) for name, value in attrs.items()},
        type=node["type"],
        regions=tuple(_read_region(region, f"{path}.regions[{n}]", depth + 1) for n, region in enumerate(regions)),
        line=line,
    )


# ---- shapes ------------------------------------------------------------------------------------------------


def _object(item: Any, path: str) -> dict[str, Any]:
    if not is_dict(item):
        raise _invalid("an object is needed here", path)
    return item


def _only(item: dict[str, Any], names: set[str], path: str) -> None:
    if set(item) != names:
        odd = min(set(item) ^ names)
        raise _invalid(f"the field `{odd[:60]}` is {'unknown' if odd in item else 'missing'}", path)


def _list(item: dict[str, Any], name: str, path: str = "") -> list[Any]:
    value = item[name]
    if not is_list(value):
        raise _invalid(f"`{name}` must be a list", path)
    return value


def _indices(item: dict[str, Any], name: str, path: str) -> tuple[int, ...]:
    values = _list(item, name, path)
    if not all(type(value) is int for value in values):
        raise _invalid(f"`{name}` must be a list of indices", path)
    return tuple(values)


def _text(item: dict[str, Any], name: str) -> str:
    if not isinstance(item[name], str):
        raise _invalid(f"`{name}` must be a string")
    return item[name]


def _invalid(message: str, path: str = "") -> EigenError:
    return EigenError("EIGEN_PROGRAM_INVALID", message, where=path)

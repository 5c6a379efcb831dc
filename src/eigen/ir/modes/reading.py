"""AQO documents of kind `modes`. Reading trusts nothing: size, depth, types and numbers are checked."""

from __future__ import annotations

import json
from typing import Any

from eigen._core import Affine, CoreError
from eigen.errors import EigenError
from eigen.ir.modes.modes import VERSION, ModeObservable, ModeOperation, Modes
from eigen.ir.values import is_dict, is_list

MAX_BYTES = 16 * 1024 * 1024


def read_modes(data: bytes) -> Modes:
    """The modes of a document; EIGEN_AQO_INVALID, EIGEN_MODES_INVALID, EIGEN_LIMIT_EXCEEDED."""
    document = _object(_parse(data), "the document")
    _only(document, {"kind", "version", "modes", "operations"}, {"observables", "metadata"}, "the document")
    if document["kind"] != "modes":
        raise _invalid("`kind` must be `modes`")
    version = document["version"]
    if not isinstance(version, str) or not version.startswith(VERSION.partition(".")[0] + "."):
        raise _invalid(f"`version` must be `{VERSION}`")
    metadata = _object(document.get("metadata", {}), "metadata")
    _only(metadata, set(), {"name"}, "metadata")
    name = metadata.get("name", "")
    if not isinstance(name, str):
        raise _invalid("`name` must be a string", "metadata")
    return Modes(
        _whole(document["modes"], "modes"),
        [_operation(item, f"operations[{n}]") for n, item in enumerate(_list(document["operations"], "operations"))],
        [
            _observable(item, f"observables[{n}]")
            for n, item in enumerate(_list(document.get("observables", []), "observables"))
        ],
        name,
    )


def _parse(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise EigenError("EIGEN_LIMIT_EXCEEDED", f"bytes of an AQO document: `{len(data)}` is beyond {MAX_BYTES}")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"the document is not JSON: {str(error)[:200]}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid("the document has a duplicate key")
    return found


def _no_constant(name: str) -> Any:
    raise _invalid(f"the document holds the number `{name}`")


def _operation(item: Any, where: str) -> ModeOperation:
    written = _object(item, where)
    _only(written, {"op", "m"}, {"params"}, where)
    if not isinstance(written["op"], str):
        raise _invalid("`op` must be a string", where)
    params = {name: _number(value, where) for name, value in _object(written.get("params", {}), where).items()}
    return ModeOperation(written["op"], _modes(written["m"], where), params)


def _observable(item: Any, where: str) -> ModeObservable:
    written = _object(item, where)
    kind = written.get("kind")
    if not isinstance(kind, str):
        raise _invalid("`kind` must be a string", where)
    if kind == "pattern":
        _only(written, {"kind", "counts"}, set(), where)
        return ModeObservable(kind, pattern=_modes(written["counts"], where))
    _only(written, {"kind", "m"}, {"phi"}, where)
    phi = _number(written.get("phi", 0.0), where)
    if isinstance(phi, Affine):
        raise _invalid("`phi` of an observable must be a number", where)
    return ModeObservable(kind, _modes(written["m"], where), phi)


def _number(value: Any, where: str) -> float | Affine:
    try:
        if isinstance(value, str):
            return Affine.symbol(value)
        if is_dict(value):
            _only(value, {"terms"}, {"const"}, where)
            terms = {name: _plain(factor, where) for name, factor in _object(value["terms"], where).items()}
            return Affine(_plain(value.get("const", 0.0), where), terms)
    except CoreError as error:
        raise _invalid(error.message, where) from None
    return _plain(value, where)


def _plain(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid("a number is needed here", where)
    try:
        return float(value)
    except OverflowError:
        raise _invalid("a number is too large for a float", where) from None


def _modes(value: Any, where: str) -> tuple[int, ...]:
    return tuple(_whole(item, where) for item in _list(value, where))


def _whole(value: Any, where: str) -> int:
    if type(value) is not int:
        raise _invalid("a whole number is needed here", where)
    return value


def _object(value: Any, where: str) -> dict[str, Any]:
    if not is_dict(value):
        raise _invalid("an object is needed here", where)
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not is_list(value):
        raise _invalid("a list is needed here", where)
    return value


def _only(item: dict[str, Any], needed: set[str], allowed: set[str], where: str) -> None:
    if missing := needed - set(item):
        raise _invalid(f"the field `{min(missing)}` is missing", where)
    if odd := set(item) - needed - allowed:
        raise _invalid(f"the field `{min(odd)[:60]}` is unknown", where)


def _invalid(message: str, where: str = "") -> EigenError:
    return EigenError("EIGEN_AQO_INVALID", message, where=where)

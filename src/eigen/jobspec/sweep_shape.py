"""`spec.sweep` as it is written: parameters by name, or `{mode, parameters}`; checked, it is the latter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from eigen.jobspec.complaints import show_value
from eigen.jobspec.shapes import Choice, Field, MapOf, Record
from eigen.jobspec.sweep import WHOLE, Sweep, is_array, is_number, is_real, is_whole, length_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Complaints, Path
    from eigen.types import Json

MAX_POINTS = 100_000
"""Points of one job."""

MAX_SWEPT = 16
"""Parameters of one sweep."""

MAX_NUMBERS = 1_000_000
"""Numbers in all lists of one sweep."""

REAL = 1e150
NAME = r"[A-Za-z_][A-Za-z0-9_]*"
RANGE_KEYS = frozenset({"start", "stop", "num", "step"})


class SweepShape:
    """`sweep` as it is written: parameters by name, or `{mode, parameters}`; checked, it is the latter."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> dict[str, Json]:
        """See `Shape.check`."""
        if not isinstance(value, dict):
            complaints.add(path, f"expected a mapping of parameters, found {show_value(value)}")
            return {"mode": "grid", "parameters": {}}
        given: dict[str, Json] = value  # pyright: ignore[reportUnknownVariableType]
        is_long = _is_parameters(given.get("parameters"))
        body: dict[str, Any] = _LONG.check(given, path, complaints) if is_long else {"parameters": given}
        inside = (*path, "parameters") if is_long else path
        if not is_long:
            body["parameters"] = _PARAMETERS.check(given, inside, complaints)
        mode = body.get("mode", "grid")
        parameters: dict[str, Json] = body.get("parameters") or {}
        if not parameters and not complaints.concern(path):
            complaints.add(inside, "a sweep has at least one parameter", hint="for example `theta: [0.1, 0.2]`")
        if not complaints.concern(path):
            _check_points(Sweep(parameters, mode), inside, complaints)
        return {"mode": mode, "parameters": parameters}

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"type": "object", "anyOf": [_LONG.schema(), _PARAMETERS.schema()]}


class Axis:
    """The values of one parameter: a list, or a range."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if isinstance(value, list):
            return _check_list(value, path, complaints)  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(value, dict):
            return _check_range(value, path, complaints)  # pyright: ignore[reportUnknownArgumentType]
        hint = "for example `[0.1, 0.2]` or `{start: 0, stop: 1, num: 11}`"
        complaints.add(path, f"expected a list or a range, found {show_value(value)}", hint=hint)
        return None

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        number: dict[str, Json] = {"type": "number"}
        ends: dict[str, Json] = {"start": number, "stop": number}
        counted = {"num": {"type": "integer", "minimum": 1, "maximum": MAX_POINTS}}
        stepped: dict[str, Json] = {"step": number}
        ranges = [
            {
                "type": "object",
                "properties": {**ends, **rule},
                "required": ["start", "stop", *rule],
                "additionalProperties": False,
            }
            for rule in (counted, stepped)
        ]
        values = {"type": "array", "minItems": 1, "maxItems": MAX_POINTS}
        return {"anyOf": [values, *ranges]}


def _check_list(items: list[Any], path: Path, complaints: Complaints) -> Json:
    if not items:
        complaints.add(path, "a list of values is not empty")
        return None
    if len(items) > MAX_POINTS:
        complaints.add(path, f"{len(items):,} values; the limit `sweep_points` is {MAX_POINTS:,}", kind="limit")
        return None
    kinds: set[str] = set()
    total = 0
    for index, item in enumerate(items):
        inner: list[Any] = item if isinstance(item, list) else [item]  # pyright: ignore[reportUnknownVariableType]
        total += len(inner)
        for number in inner if total <= MAX_NUMBERS else ():
            if isinstance(number, str) and len(number) <= 4096 and not isinstance(item, list) and _unicode(number):
                kinds.add("texts")
            elif isinstance(number, bool) and not isinstance(item, list):
                kinds.add("truth values")
            elif _fits(number):
                kinds.add(f"arrays of {len(inner)} numbers" if isinstance(item, list) else "numbers")
            else:
                expected = "a finite number, true, false, a text or a list of numbers"
                complaints.add((*path, index), f"expected {expected}, found {show_value(number)}")
                return None
        if not inner:
            complaints.add((*path, index), "an array of no numbers cannot be swept")
            return None
    if total > MAX_NUMBERS:
        complaints.add(path, f"{total:,} numbers; the limit `sweep_numbers` is {MAX_NUMBERS:,}", kind="limit")
    elif len(kinds) > 1:
        complaints.add(path, f"the values are of one kind, not {' and '.join(sorted(kinds))}")
    elif is_real(items):
        return [_as_real(item) for item in items]
    return items


def _check_range(given: Mapping[str, Any], path: Path, complaints: Complaints) -> Json:
    wrong = False
    for key in sorted(given.keys() - RANGE_KEYS, key=str):
        complaints.add((*path, str(key)), f"unknown key `{str(key)[:60]}`", hint="known: start, stop, num, step")
        wrong = True
    for key in ("start", "stop"):
        if key not in given:
            complaints.add((*path, key), f"this key is required: where the range {key}s")
            wrong = True
    if ("num" in given) == ("step" in given):
        complaints.add(path, "a range has either `num` or `step`", hint="for example `{start: 0, stop: 1, num: 11}`")
        wrong = True
    for key in ("start", "stop", "step"):
        if key in given and not _fits(given[key]):
            complaints.add((*path, key), f"expected a finite number, found {show_value(given[key])}")
            wrong = True
    wanted = given.get("num")
    if wanted is not None:
        wanted = int(wanted) if isinstance(wanted, float) and wanted.is_integer() else wanted
        if not is_whole(wanted) or wanted < 1:
            complaints.add((*path, "num"), f"expected a whole number from 1, found {show_value(given['num'])}")
            return None
        if wanted > MAX_POINTS:
            message = f"`{wanted}` is above the limit `sweep_points` of {MAX_POINTS:,}"
            complaints.add((*path, "num"), message, kind="limit")
            return None
        given = {**given, "num": wanted}
    if wrong:
        return None
    if "step" in given and not given["step"]:
        complaints.add((*path, "step"), "a step of 0 reaches nothing")
        return None
    if not length_of(given):
        complaints.add(path, f"the range is empty: a step of `{given['step']}` leads away from `stop`")
        return None
    return dict(given)


def _check_points(sweep: Sweep, path: Path, complaints: Complaints) -> None:
    lengths = {name: length_of(sweep.parameters[name]) for name in sweep.names}
    if sweep.mode == "zip" and len(set(lengths.values())) > 1:
        said = ", ".join(f"`{name}` has {length}" for name, length in lengths.items())
        complaints.add(path, f"parameters that are zipped have equally many values: {said}")
    elif sweep.points > MAX_POINTS:
        message = f"{sweep.points:,} points; the limit `sweep_points` is {MAX_POINTS:,}"
        complaints.add(path, message, kind="limit")


def refuse_bound_twice(inputs: Mapping[str, Json], sweep: Sweep | None, place: Path, complaints: Complaints) -> None:
    """A parameter is an input or swept, not both."""
    for name in sorted(inputs.keys() & set(sweep.names if sweep else ())):
        complaints.add((*place, name), f"`{name}` is an input and swept", hint="remove one of the two")


def _is_parameters(value: Any) -> bool:
    """Whether this holds the parameters of the long form; a range, which holds numbers, is a parameter itself."""
    if not isinstance(value, dict):
        return False
    inner: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    return not inner or any(isinstance(item, dict) or is_array(item) for item in inner.values())  # pyright: ignore[reportUnknownVariableType]


def _fits(value: Any) -> bool:
    """A finite number whose neighbours are, too."""
    return is_number(value) and abs(value) <= (WHOLE if isinstance(value, int) else REAL)


def _unicode(text: str) -> bool:
    return re.search("[\ud800-\udfff]", text) is None


def _as_real(value: Any) -> Any:
    return [float(item) for item in value] if is_array(value) else float(value)


_PARAMETERS = MapOf(Axis(), max_items=MAX_SWEPT, key=NAME)
_LONG = Record(
    {
        "mode": Field(
            Choice(("grid", "zip")), "every combination (`grid`, by default), or the values side by side (`zip`)"
        ),
        "parameters": Field(_PARAMETERS, "the values of each parameter", required=True),
    }
)
SWEEP = SweepShape()

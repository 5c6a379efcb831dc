"""`spec.sweep`: which points there are and in which order, and what is refused with its place."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, load_program, parse_job, to_document, with_overrides
from eigen.jobspec.sweep import Sweep, is_real

HEAD = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\nspec:\n  program: {source: a}\n"


def read(text: str) -> Sweep:
    found = parse_job(f"{HEAD}  sweep: {text}\n", base=Path()).spec.sweep
    assert found is not None
    return found


def rows(sweep: Sweep) -> list[tuple[Any, ...]]:
    return list(zip(*sweep.columns().values(), strict=True))


def test_the_last_name_of_a_grid_varies_fastest_however_it_is_written() -> None:
    written = [read("{b: [1, 2], a: [true, false]}"), read("{a: [true, false], b: [1, 2]}")]
    assert all(sweep.names == ("a", "b") for sweep in written)
    assert all(rows(sweep) == [(True, 1), (True, 2), (False, 1), (False, 2)] for sweep in written)


def test_zipped_values_go_side_by_side() -> None:
    sweep = read("{mode: zip, parameters: {a: [x, y], b: {start: 0, stop: 1, num: 2}}}")
    assert sweep.points == 2
    assert rows(sweep) == [("x", 0.0), ("y", 1.0)]


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("{start: 0, stop: 1, num: 5}", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("{start: 3, stop: 1, num: 1}", [3.0]),
        ("{start: 2, stop: 8, step: 3}", [2, 5, 8]),
        ("{start: 3, stop: 0, step: -2}", [3, 1]),
        ("{start: 0, stop: 0.3, step: 0.1}", [0.0, 0.1, 0.2, pytest.approx(0.3)]),
        ("[1, 2.5]", [1.0, 2.5]),
        ("[[1, 2], [3, 4.5]]", [[1.0, 2.0], [3.0, 4.5]]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    ],
)
def test_values(written: str, values: list[Any]) -> None:
    found = read(f"{{a: {written}}}").axes()["a"]
    assert found == values
    assert [type(one) for one in found] == [type(one) if isinstance(one, int | list) else float for one in values]


def test_a_parameter_of_any_name_has_the_long_form() -> None:
    assert read("{parameters: {start: 0, stop: 1, num: 3}}").names == ("parameters",)
    assert read("{parameters: {start: [1], mode: [2], parameters: [3]}}").names == ("mode", "parameters", "start")


REFUSED = {
    "3": ("spec.sweep", "EIGEN_JOBSPEC_INVALID"),
    "{}": ("spec.sweep", "EIGEN_JOBSPEC_INVALID"),
    "{a: []}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: 1}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: [1, x]}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: [1, true]}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: [[1], [1, 2]]}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: [[]]}": ("spec.sweep.a[0]", "EIGEN_JOBSPEC_INVALID"),
    "{a: [{b: 1}]}": ("spec.sweep.a[0]", "EIGEN_JOBSPEC_INVALID"),
    "{a: [1, 1e200]}": ("spec.sweep.a[1]", "EIGEN_JOBSPEC_INVALID"),
    "{'a b': [1]}": ("spec.sweep.a b", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: 1}}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: 1, num: 2, step: 1}}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, num: 2}}": ("spec.sweep.a.stop", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: 1, num: 2, by: 1}}": ("spec.sweep.a.by", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: 1, num: 0}}": ("spec.sweep.a.num", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: 1, step: 0}}": ("spec.sweep.a.step", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: -1, step: 1}}": ("spec.sweep.a", "EIGEN_JOBSPEC_INVALID"),
    "{a: {start: 0, stop: 1, num: 100001}}": ("spec.sweep.a.num", "EIGEN_LIMIT_EXCEEDED"),
    "{a: {start: 0, stop: 1, step: 1e-300}}": ("spec.sweep", "EIGEN_LIMIT_EXCEEDED"),
    "{a: {start: 0, stop: 1, num: 400}, b: {start: 0, stop: 1, num: 400}}": ("spec.sweep", "EIGEN_LIMIT_EXCEEDED"),
    "{mode: zap, parameters: {a: [1]}}": ("spec.sweep.mode", "EIGEN_JOBSPEC_INVALID"),
    "{mode: zip, a: [1]}": ("spec.sweep.mode", "EIGEN_JOBSPEC_INVALID"),
    "{mode: zip, parameters: {a: [1], b: [1, 2]}}": ("spec.sweep.parameters", "EIGEN_JOBSPEC_INVALID"),
    "{parameters: {a: [1]}, grid: true}": ("spec.sweep.grid", "EIGEN_JOBSPEC_INVALID"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items(), ids=REFUSED.keys())
def test_what_is_no_sweep_is_refused_at_its_place(text: str, expected: tuple[str, str]) -> None:
    with pytest.raises(EigenError) as caught:
        read(text)
    (entry,) = caught.value.details["field_violations"]
    assert (entry["field"], caught.value.code) == expected


def test_a_parameter_is_bound_once(tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        parse_job(HEAD + "  inputs: {a: 1}\n  sweep: {a: [1]}\n", base=Path())
    assert caught.value.details["field_violations"][0]["field"] == "spec.inputs.a"
    (tmp_path / "p.eigen.py").write_text("a")
    job = load_program(tmp_path / "p.eigen.py", inputs={"a": 1})
    with pytest.raises(EigenError, match="is an input and swept"):
        with_overrides(job, {"sweep": {"a": [1]}})
    assert with_overrides(job, {"sweep": {"b": [1]}}).spec.sweep == Sweep({"b": [1]})


def test_jobs_without_a_sweep_keep_their_digests() -> None:
    spec = parse_job(HEAD, base=Path()).spec
    assert "sweep" not in spec.to_json()
    swept = parse_job(HEAD + "  sweep: {a: [1, 2]}\n", base=Path())
    assert JobSpec.from_json(swept.spec.to_json()) == swept.spec
    assert to_document(swept)[0]["spec"]["sweep"] == {"mode": "grid", "parameters": {"a": [1, 2]}}


lists = st.lists(st.integers(-5, 5), min_size=1, max_size=4) | st.lists(st.floats(-5, 5), min_size=1, max_size=4)


@given(st.dictionaries(st.from_regex("[a-z]{1,3}", fullmatch=True), lists, min_size=1, max_size=4))
def test_a_grid_is_the_product_of_its_axes(parameters: dict[str, list[Any]]) -> None:
    sweep = Sweep(parameters)
    assert rows(sweep) == list(itertools.product(*(parameters[name] for name in sorted(parameters))))
    assert sweep.points == math.prod(len(values) for values in parameters.values())


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(1, 50))
def test_a_counted_range_has_both_ends(start: float, stop: float, num: int) -> None:
    written = {"start": start, "stop": stop, "num": num}
    values = Sweep({"a": written}).axes()["a"]
    assert len(values) == num
    assert values[0] == start
    assert num == 1 or values[-1] == stop
    assert is_real(written)

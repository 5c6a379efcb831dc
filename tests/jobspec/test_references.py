"""References and conditions of workflows: what they name, what they refuse, and that nothing in them is run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec.workflow.conditions import MiswrittenError, condition, holds
from eigen.jobspec.workflow.references import MisreferenceError, Scope, references, resolved

STEPS = {
    "scan": {"state": "DONE", "outputs": [{"e": -1.5}, {"e": 2}], "counts": [None, {"00": 7}], "error": None},
    "late": {"state": "SKIPPED", "outputs": None},
    "bad": {"state": "ERROR", "outputs": None, "error": {"code": "EIGEN_RUN_BUDGET"}},
}
SCOPE = Scope({"n": 3, "name": "h2", "quick": False}, STEPS, item={"r": [0.5]}, index=4)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("${steps.scan.outputs.*.e}", [-1.5, 2]),
        ("${steps.scan.outputs.1.e}", 2),
        ("${steps.scan.counts.1.00}", 7),
        ("${item.r.0}", 0.5),
        ("${ index }", 4),
        ({"a": ["${inputs.n}", "x"]}, {"a": [3, "x"]}),
        ("of ${inputs.name}: ${inputs.n}, ${inputs.quick}", "of h2: 3, false"),
        ("$${inputs.n} and $5", "${inputs.n} and $5"),
        ("${steps.late.outputs.deep.inside}", None),
        ("${steps.bad.error.code}", "EIGEN_RUN_BUDGET"),
        ("${steps.scan.state}", "DONE"),
    ],
)
def test_what_references_name(value: object, found: object) -> None:
    assert resolved(value, SCOPE) == found


@pytest.mark.parametrize(
    "text",
    [
        "${steps.scan.outputs.2}",
        "${steps.scan.outputs.*.f}",
        "${steps.scan.outputs.e}",
        "${steps.scan.outputs.0.e.x}",
        "${steps.later.outputs}",
        "${inputs.m}",
        "in ${steps.scan.outputs}",
        "${steps.scan.outputs.99999999999999999999}",
    ],
)
def test_what_is_not_there_is_an_error(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        resolved(text, SCOPE)
    assert caught.value.code == "EIGEN_WORKFLOW_REFERENCE"


@pytest.mark.parametrize(
    "text", ["${}", "${os.system}", "${steps.a}", "${steps.a.results}", "${inputs}", "${item", "${a b}"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(MisreferenceError):
        list(references(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("steps.scan.outputs.0.e < -1.1 and not inputs.quick", True),
        ("${inputs.n} == 3 or steps.nothing.outputs > 1", True),
        ("inputs.n - 1 * 2 == 1", True),
        ("-inputs.n + 10 / 4 <= -0.5", True),
        ("len(steps.scan.outputs) >= 2 and max(steps.scan.outputs.*.e) == 2", True),
        ("abs(min(1, -4)) in steps.scan.outputs.*.e", False),
        ("steps.bad.state == 'ERROR' and steps.late.outputs == null", True),
        ("inputs.quick == 0", False),
        ('not (inputs.name != "h2")', True),
        ("'h' in inputs.name", True),
    ],
)
def test_what_conditions_say(text: str, found: bool) -> None:
    assert holds(text, SCOPE) is found


@pytest.mark.parametrize(
    "text",
    [
        "inputs.n",
        "inputs.name < 3",
        "1 / 0 < 1",
        "not 1",
        "len(3) > 1",
        "inputs.quick + 1 > 0",
        "min(steps.late.outputs) > 0",
    ],
)
def test_a_condition_without_a_value_is_an_error_and_not_false(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        holds(text, SCOPE)
    assert caught.value.code == "EIGEN_WORKFLOW_REFERENCE"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 < 2 < 3",
        "a.b == 1",
        "print(1)",
        "1 ** 2 > 0",
        "inputs.n; 1",
        "(1",
        "1 +",
        "x" * 2000,
        "not " * 40 + "true",
        "-" * 40 + "1 < 2",
        "1" + "+1" * 40 + " > 0",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(MiswrittenError):
        condition(text)


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for read in (lambda: holds(text, SCOPE), lambda: resolved(text, SCOPE)):
        found = "a value"
        try:
            read()
        except EigenError as error:
            found = error.code
        except (MiswrittenError, MisreferenceError):
            found = "refused"
        assert found in {"a value", "refused", "EIGEN_WORKFLOW_REFERENCE"}


@given(
    st.integers(-5, 5),
    st.integers(-5, 5),
    st.integers(1, 5),
    st.sampled_from("<>"),
    st.sampled_from(["+", "-", "*", "/"]),
)
def test_arithmetic_binds_as_it_is_taught(a: int, b: int, c: int, compare: str, sign: str) -> None:
    left = {"+": a + b / c, "-": a - b / c, "*": a * b / c, "/": a / c / c}[sign]
    text = f"{a} {sign} {c if sign == '/' else b} / {c} {compare} 0"
    assert holds(text, SCOPE) is (left < 0 if compare == "<" else left > 0)

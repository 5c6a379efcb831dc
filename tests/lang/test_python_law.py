"""Law: in the static subset, a program means what it means in CPython. Only here does CPython run programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evaluation import checked, main
from hypothesis import given
from hypothesis import strategies as st

from eigen.ir.array import Array
from eigen.lang.diagnostics import render_all

SNIPPETS = (Path(__file__).parent / "python_snippets.txt").read_text(encoding="utf-8").strip().split("\n---\n")


class RefusedError(Exception):
    """CPython raised where we gave a diagnostic, or the other way round."""


def in_python(body: str) -> Any:
    names: dict[str, Any] = {"hybrid_program": lambda **_: lambda function: function}
    exec(main(body).replace("from eigen_lang import *", ""), names)
    return names["main"]()


def in_eigen(body: str) -> Any:
    source = main(body)
    result = checked(source)
    if result.program is None:
        raise RefusedError(render_all(result.errors, source, filename="program"))
    program = result.program
    node = program.body.nodes[program.body.results[0]]
    assert node.op == "const", "a static program has a constant result"
    return node.attrs["value"]


def normal(value: Any) -> Any:
    """Ranges count as lists (results are JSON); everything else must match in type too."""
    if isinstance(value, range):
        return list(value)
    if isinstance(value, Array):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return type(value)(normal(item) for item in value)
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("body", SNIPPETS)
def test_snippets_mean_what_they_mean_in_python(body: str) -> None:
    assert repr(normal(in_eigen(body))) == repr(normal(in_python(body)))


# ---- generated programs ------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-20, 20).map(str),
    st.floats(-8, 8, allow_nan=False).map(lambda value: repr(round(value, 3))),
    st.sampled_from(["0", "1", "True", "False", "10**12"]),
)
VARIABLES = ("a", "b", "c")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """An expression over the variables a, b, c (numbers), xs (a list of numbers), s (a string)."""
    if depth == 0:
        return draw(st.one_of(NUMBERS, st.sampled_from(VARIABLES)))
    inner = expressions(depth - 1)
    left, right, other = draw(inner), draw(inner), draw(inner)
    form = draw(
        st.sampled_from(
            [
                "({0} + {1})",
                "({0} - {1})",
                "({0} * {1})",
                "({0} / {1})",
                "({0} // {1})",
                "({0} % {1})",
                "(-{0})",
                "abs({0})",
                "({0} if {1} > {2} else {2})",
                "({0} < {1} <= {2})",
                "({0} and {1})",
                "({0} or {1})",
                "(not {0})",
                "max({0}, {1}, {2})",
                "round({0}, 2)",
                "xs[int({0}) % len(xs)]",
                "sum([v * {0} for v in xs if v > {1}])",
                "len([v for v in xs if v != {0}])",
                "len(f'{{b:.2f}} {{c}}') * {0}",
                "int({0})",
                "float({0})",
                "f({0}, {1})",
                "({0} == {1})",
                "({0} in xs)",
                "sorted([{0}, {1}, {2}])[1]",
                "divmod({0}, 7)[0]",
                "{{'k': {0}}}['k']",
                "(lambda v, w={1}: v - w)({0})",
                "s.count('a') * {0}",
                "[{0}, {1}][{2} > 0]",
            ]
        )
    )
    return form.format(left, right, other)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A function body: assignments, loops, conditions, list changes, a result."""
    lines = ["a, b, c = 1, 2.5, -3", "xs = [3, 1.5, -2]", "s = 'banana'", "def f(x, y=2):", "    return x * y - b"]
    for _ in range(draw(st.integers(1, 6))):
        name = draw(st.sampled_from(VARIABLES))
        value = draw(expressions(depth=draw(st.integers(1, 3))))
        kind = draw(st.sampled_from(["assign", "augment", "if", "for", "while", "append", "item", "unpack", "f"]))
        if kind == "assign":
            lines.append(f"{name} = {value}")
        elif kind == "augment":
            lines.append(f"{name} {draw(st.sampled_from(['+=', '-=', '*=']))} {value}")
        elif kind == "if":
            lines += [f"if {value} > a:", f"    {name} = {draw(expressions(depth=1))}", "else:", "    xs.append(0)"]
        elif kind == "for":
            lines += [
                "for i, v in enumerate(xs[:4]):",
                f"    if v == {draw(NUMBERS)}:",
                f"        {draw(st.sampled_from(['break', 'continue']))}",
                f"    {name} = {name} * 0.5 + i",
                "else:",
                f"    {name} = {draw(NUMBERS)}",
            ]
        elif kind == "while":
            lines += ["n = 3", "while n:", "    n -= 1", f"    {name} = {draw(expressions(depth=1))}"]
        elif kind == "append":
            lines.append(f"xs.append({value})")
        elif kind == "item":
            lines.append(f"xs[{draw(st.integers(-3, 2))}] = {value}")
        elif kind == "unpack":
            lines.append(f"a, *rest = [{value}, {name}, c]")
        else:
            lines.append(f"s = f'{{{name}:{draw(st.sampled_from(['.3f', '8.2f', '+.1e', '']))}}}a'")
    lines.append("return a, b, c, xs, s")
    return "\n".join(lines)


@given(programs())
def test_generated_programs_mean_what_they_mean_in_python(body: str) -> None:
    try:
        expected = in_python(body)
    except (ZeroDivisionError, TypeError, ValueError, OverflowError, IndexError, KeyError, NameError) as error:
        with pytest.raises(RefusedError, match=r"E0\d\d\d"):
            in_eigen(body)
        del error
        return
    assert repr(normal(in_eigen(body))) == repr(normal(expected))

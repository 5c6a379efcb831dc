# ruff: noqa: E501 - a table of programs, one a line
"""Values known only at run time: branches, loops, comprehensions, cost functions — executed on the simulator."""

from __future__ import annotations

import math
from textwrap import indent
from typing import Any

import pytest
from evaluation import checked, codes, outputs

HEAD = """from eigen_lang import *
import numpy as np

@quantum_circuit
def bell():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    measure_all(q)

@quantum_circuit
def ones():
    q = QubitRegister(2)
    x(q[0])
    x(q[1])
    measure_all(q)

@quantum_circuit
def coin():
    q = QubitRegister(1)
    h(q[0])
    measure_all(q)

@quantum_circuit
def turn(angle):
    q = QubitRegister(1)
    ry(angle, q[0])

@hybrid_program(shots=100, seed=3)
def main():
"""


def program(body: str) -> str:
    return HEAD + indent(body.strip("\n"), "    ") + "\n"


def run(body: str, **settings: Any) -> Any:
    return outputs(program(body), **settings)


CASES: list[tuple[str, Any]] = [
    ("r = run(ones())\nreturn {k: v / r.shots for k, v in r.counts.items()}", {"11": 1.0}),
    ("r = run(ones())\nreturn [k for k in r.counts if r.counts[k] > 10], [k for k in r.counts if k == '00']", [["11"], []]),
    ("r = run(ones())\nreturn sum(v for v in r.counts.values()), len(r.counts), max(r.counts.values())", [100, 1, 100]),
    ("r = run(ones())\nbest, top = '', 0\nfor k, v in r.counts.items():\n    if v > top:\n        best, top = k, v\nreturn best, top", ["11", 100]),
    ("n = run(ones()).shots\ntotal = 0\nwhile n > 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    total += 1\nreturn total", 25),
    ("n = run(ones()).shots\nwhile True:\n    n -= 7\n    if n < 10:\n        break\nreturn n", 9),
    ("n = run(ones()).shots\nout = 0\nfor i in range(50):\n    if i * 10 > n:\n        break\n    if i % 2 == 0:\n        continue\n    out += i\nreturn out, i", [25, 11]),
    ("n = run(ones()).shots\nout = 0\nfor v in [3, 200, 5]:\n    if v > n:\n        continue\n    out += v\nreturn out", 8),
    ("n = run(ones()).shots\ndef f(x):\n    if x > 50:\n        return 'high'\n    elif x > 20:\n        return 'mid'\n    return 'low'\nreturn f(n), f(n - 70), f(n - 99)", ["high", "mid", "low"]),
    ("n = run(ones()).shots\nx = 1 if n > 10 else 2\ny = n > 10 and n < 5\nz = n > 10 or 1 / (n - n) > 1\nreturn x, y, z, not y, f'{n:>5} {n / 3:.2f}'", [1, False, True, True, "  100 33.33"]),
    ("n = run(ones()).shots\nxs = [1, 2]\nd = {'a': 0}\nif n > 10:\n    xs.append(3)\n    d['a'] = 5\nelse:\n    xs.append(4)\nreturn xs, d", [[1, 2, 3], {"a": 5}]),
    ("n = run(ones()).shots\nif n > 1000:\n    x = 1\nelif n > 50:\n    x = 2.5\nelse:\n    x = 3\nreturn x", 2.5),
    ("n = run(ones()).shots\nxs = []\nfor i in range(3):\n    xs = xs + [n + i]\nreturn xs, sum(xs), xs[-1], xs[1:], sorted(xs, reverse=True), n in xs", [[100, 101, 102], 303, 102, [101, 102], [102, 101, 100], True]),
    ("n = run(ones()).shots\nxs = [0]\nk = 0\nwhile k * k < n:\n    xs = xs + [k]\n    k += 1\nreturn len(xs), xs[10]", [11, 9]),
    ("xs = []\nfor k, v in run(ones()).counts.items():\n    xs.append(v)\n    xs.append(k)\nxs.append(1)\nreturn xs, len(xs)", [[100, "11", 1], 3]),
    ("n, xs = run(ones()).shots, [7]\nwhile n > 10:\n    n = n // 2\n    xs.append(n)\nreturn xs", [7, 50, 25, 12, 6]),
    ("d, t = {'n': 0}, [0, 0]\nfor k, v in run(ones()).counts.items():\n    d[k] = v\n    d['n'] += 1\n    t[int(k[0])] += v\nreturn d, t", [{"n": 1, "11": 100}, [0, 100]]),
    ("n = run(ones()).shots\np = np.array([n, 3 * n]) / 400\nreturn p, p.sum(), np.sqrt(p), (p > 0.3).tolist(), p.shape, -p[0], np.dot(p, p)", [[0.25, 0.75], 1.0, [0.5, math.sqrt(0.75)], [False, True], [2], -0.25, 0.625]),
    ("r = run(ones())\na, b = r.most_common()\nreturn a + b, r.most_common(1), r.expectation(), r.counts.get('00', 0), list(r.probabilities.items())", ["11", [["11", 100]], 1.0, 0, [["11", 1.0]]]),
    ("m = np.arange(6).reshape(2, 3)\nreturn m[1, 2], m[:, 1], m[0], m[1, ::-1], m.T.shape, (m * run(ones()).shots)[1, 1:]", [5, [1, 4], [0, 1, 2], [5, 4, 3], [3, 2], [400, 500]]),
    ("e = [ExpectationValue(turn(t), Observable('Z0')) for t in [0.0, math.pi]]\nreturn e, min(e), sum(e)".replace("math.pi", "np.pi"), [[1.0, -1.0], -1.0, 0.0]),
    ("total = 0\nfor i in range(3):\n    if i == 1:\n        continue\n    total += run(ones()).counts['11']\nreturn total", 200),
    ("q = QubitRegister(2)\nx(q[0])\nc = measure(q[0])\nif c:\n    x(q[1])\nelse:\n    z(q[1])\nreturn measure_all(q)", {"11": 100}),
    ("q = QubitRegister(2)\nc = ClassicalRegister(1)\nx(q[0])\nmeasure(q[0], c[0])\nwhile c[0] == 1:\n    x(q[0])\n    x(q[1])\n    measure(q[0], c[0])\nreturn measure_all(q)", {"10": 100}),
    ("angle = ExpectationValue(turn(np.pi / 3), Observable('Z0'))\nreturn ExpectationValue(turn(angle), Observable('Z0'))", math.cos(0.5)),
    ("words = sorted(run(bell()).counts, key=lambda k: -int(k, 2))\nreturn words", ["11", "00"]),
    ("return [f'{k}:{v}' for k, v in run(ones()).counts.items()], dict(run(ones()).counts)", [["11:100"], {"11": 100}]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_program_gives(body: str, expected: Any) -> None:
    found = run(body)
    if isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-12)
    else:
        assert _rounded(found) == _rounded(expected)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 12)
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return {key: _rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def test_repeat_until_success_counts_its_tries() -> None:
    body = "tries = 0\nfound = '0'\nwhile found != '1':\n    found = run(coin(), shots=1).most_common()\n    tries += 1\nreturn tries"
    assert {run(body, seed=seed) for seed in range(12)} >= {1, 2}


def test_cost_function_is_any_arithmetic() -> None:
    body = """
weights = [0.5, 2.0]
@cost_function
def cost(p):
    total = 0.1 * sum(v * v for v in p)
    for w, t in zip(weights, p):
        total += w * ExpectationValue(turn(t), Observable("Z0"))
    return total
best = minimize(cost, [0.1, 0.1], method="l-bfgs-b", max_iter=200, tolerance=1e-12)
return best.optimal_value, best.optimal_parameters
"""
    value, (first, second) = run(body)
    assert value == pytest.approx(
        0.1 * (first**2 + second**2) + 0.5 * math.cos(first) + 2.0 * math.cos(second), abs=1e-12
    )
    assert math.sin(second) == pytest.approx(0.1 * second, abs=1e-4)  # the stationary point


def test_print_becomes_a_line_of_the_log() -> None:
    result = checked(program("r = run(ones())\nprint('total', r.shots, sep=': ')\nreturn 1"))
    assert result.program is not None
    assert [node.op for node in result.program.body.walk() if node.op == "print"] == ["print"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("r = run(ones())\nq = QubitRegister(r.shots)\nreturn measure_all(q)", "E0501"),
        ("r = run(ones())\nreturn [0] * len(range(r.shots))", "E0501"),
        ("r = run(ones())\nassert r.shots == 100\nreturn 1", "E0501"),
        ("r = run(ones())\nreturn {r.shots: 1}", "E0501"),
        ("r = run(ones())\nreturn r.shotz", "E0303"),
        ("r = run(ones())\nreturn r['counts']", "E0402"),
        ("r = run(ones())\nif r.shots > 1:\n    y = 2\nreturn y", "E0302"),
        ("r = run(ones())\nf = len if r.shots > 1 else sum\nreturn f([1])", "E0502"),
        ("r = run(ones())\nfor k in r.counts:\n    return k\nreturn 1", "E0503"),
        ("r = run(ones())\nfor i in range(3):\n    if r.shots > i:\n        return i\nreturn 9", "E0503"),
        ("r = run(ones())\nxs = []\nys = xs\nfor k in r.counts:\n    xs.append(k)\nreturn ys", "E0504"),
        ("r = run(ones())\nxs = []\nd = {'xs': xs}\nfor k in r.counts:\n    xs.append(k)\nreturn d", "E0504"),
        (
            "r = run(ones())\ndef f(xs):\n    for k in r.counts:\n        xs.append(k)\nys = []\nf(ys)\nreturn ys",
            "E0504",
        ),
        ("r = run(ones())\nd = {}\ne = [d]\nfor k in r.counts:\n    d['a'] = 1\nreturn e", "E0504"),
        ("r = run(ones())\nx = 1\nfor k in r.counts:\n    x = k\nreturn x", "E0508"),
        ("r = run(ones())\nq = QubitRegister(1)\nfor k in r.counts:\n    h(q[0])\nreturn measure_all(q)", "E0503"),
        ("q = QubitRegister(1)\nc = measure(q[0])\ny = 1\nif c:\n    y = 2\nreturn y", "E0502"),
        ("q = QubitRegister(1)\nc = measure(q[0])\nif c:\n    return 1\nreturn 2", "E0503"),
        ("q = QubitRegister(1)\nc = measure(q[0])\nwhile c:\n    c = measure(q[0])\nreturn measure_all(q)", "E0502"),
        ("q = QubitRegister(1)\nc = measure(q[0])\nreturn 1 if c else 2", "E0502"),
        ("return minimize(lambda p: p[0], [10**400])", "E0810"),
        ("return minimize(lambda p: p[0], [float('nan')])", "E0810"),
        ("return minimize(lambda p: p[0], [1.0], bounds=[(0, 10**400)])", "E0811"),
        ("return minimize(lambda p: p[0], [1.0], tolerance=10**400)", "E0811"),
        ("return minimize(lambda p: p[0], [1.0], method='spsa', options={'a': 10**400})", "E0811"),
        ("q = QubitRegister(1)\nrx(10**400, q[0])\nreturn measure_all(q)", "E0802"),
        ("t = Param('t')\nreturn np.sin(t)", "E0505"),
        ("t = Param('t')\nreturn t", "E0506"),
        ("t = Param('t')\nreturn t > 1", "E0505"),
    ],
)
def test_refusals_of_run_time_values(body: str, code: str) -> None:
    assert codes(program(body)) == [code]


def test_a_bit_measured_anew_on_one_side_says_how_to_write_it() -> None:
    body = "q = QubitRegister(1)\nc = measure(q[0])\nif c:\n    c = measure(q[0])\nif c:\n    x(q[0])\nreturn c"
    error = checked(program(body)).errors[0]
    assert (error.code, error.message) == (
        "E0502",
        "the variable `c` is a measured bit or another one, which cannot be chosen by a measured bit",
    )
    assert "measure(q[0], c[0])" in error.secondary[0][1]


def test_provenance_points_at_what_makes_the_value() -> None:
    result = checked(program("r = run(ones())\nn = r.shots + 1\nreturn QubitRegister(n)"))
    (error,) = result.errors
    (place, text) = error.secondary[0]
    assert error.code == "E0501"
    assert "because it comes from" in text
    assert place.line == HEAD.count("\n") + 1


def test_several_errors_are_reported_at_once() -> None:
    body = "a = 1 + 'x'\nb = [1][5]\nc = a + b\nd = 1 / 0\nreturn d"
    assert codes(program(body)) == ["E0402", "E0404", "E0405"]

"""Diagnostic codes of names and values (E03xx, E04xx) and of limits (E06xx)."""

from __future__ import annotations

from eigen.lang.codes.code import Code


def _main(*lines: str) -> str:
    body = "\n".join("    " + line for line in lines)
    return f"from eigen_lang import hybrid_program\n\n\n@hybrid_program()\ndef main():\n{body}\n"


VALUE_CODES: tuple[Code, ...] = (
    Code("E0301", "unknown name", "No variable, function or name of the language is called that.", _main("return x1")),
    Code(
        "E0302",
        "variable may have no value here",
        "The variable is assigned later, or only on some paths.",
        _main("if 1 > 2:", "    x = 1", "return x"),
    ),
    Code("E0303", "unknown attribute", "The value has no such attribute or method.", _main("return [1].push(2)")),
    Code(
        "E0401",
        "wrong arguments",
        "The call misses an argument, or gives one that the function does not take.",
        _main("return round()"),
    ),
    Code(
        "E0402",
        "operation does not fit the value",
        "The operation is not defined for values of this kind.",
        _main("return 1 + 'a'"),
    ),
    Code(
        "E0403",
        "value cannot be used here",
        "The value has the right kind, but not a value for which the operation is defined.",
        _main("return int('abc')"),
    ),
    Code("E0404", "no such element", "An index is out of range, or a key is missing.", _main("return [1, 2][2]")),
    Code("E0405", "division by zero", "A number is divided by zero.", _main("return 1 / 0")),
    Code(
        "E0406", "assertion failed", "The condition of an `assert` is false.", _main("assert 1 > 2, 'no'", "return 1")
    ),
    Code(
        "E0407",
        "unpacking does not fit",
        "The number of values and of names on the left differ.",
        _main("a, b = 1, 2, 3", "return a"),
    ),
    Code(
        "E0601",
        "too many steps",
        "Evaluating the program is limited to 10,000,000 steps, counted the same everywhere.",
        _main("x = 0", "while True:", "    x = (x + 1) % 7", "return x"),
    ),
    Code(
        "E0602",
        "too many operations",
        "A program writes at most 2,000,000 operations into its circuits.",
        "from eigen_lang import *\n\n\n@quantum_circuit\ndef layer(q):\n"
        + "    for i in range(1000):\n        h(q)\n        x(q)\n\n\n"
        + "@hybrid_program()\ndef main():\n    q = QubitRegister(1000)\n    for i in range(2000):\n"
        + "        h(q)\n        x(q)\n    return measure_all(q)\n",
    ),
    Code(
        "E0603",
        "integer too large",
        "Integers have at most 4,096 bits.",
        _main("return 2 ** 5000"),
    ),
    Code("E0604", "string too long", "Strings have at most 4,096 characters.", _main("return 'a' * 5000")),
    Code(
        "E0605",
        "container too large",
        "Lists, tuples and dicts have at most 100,000 elements and nest at most 60 levels.",
        _main("return [0] * 200_000"),
    ),
    Code(
        "E0606",
        "array too large",
        "Arrays have at most 1,000,000 numbers.",
        "import numpy as np\n" + _main("return np.zeros((2000, 2000))"),
    ),
    Code(
        "E0607",
        "calls nest too deeply",
        "Calls nest at most 64 deep.",
        "def f(n):\n    return f(n + 1)\n\n\n" + _main("return f(0)"),
    ),
)

"""Diagnostic codes of text and syntax (E01xx, E02xx): found before anything is evaluated."""

from __future__ import annotations

from eigen.lang.codes.code import Code

SYNTAX_CODES: tuple[Code, ...] = (
    Code("E0101", "syntax error", "The text is not Python syntax.", "def main(:\n    pass\n"),
    Code(
        "E0102",
        "not plain UTF-8 text",
        "A program is UTF-8 without byte order mark, NUL, coding cookie, bidirectional control characters or "
        "other control characters: what a person reads must be what is compiled.",
        "# coding: utf-7\n@hybrid_program()\ndef main():\n    return 1\n",
    ),
    Code(
        "E0103",
        "source too large",
        "The source is limited to 256 KiB, 20,000 lines and 10,240 characters a line.",
        "x = 1\n" * 20_001,
    ),
    Code(
        "E0104",
        "nested too deeply",
        "Brackets, blocks and expressions nest at most 100 levels deep; a long chain of operators nests too.",
        "def main():\n    return " + "(" * 101 + "1" + ")" * 101 + "\n",
    ),
    Code(
        "E0105",
        "too many syntax nodes",
        "A program has at most 100,000 syntax nodes; put tables of numbers into inputs or data sets.",
        "x = [" + "1,\n" * 10_000 + "]\n" + ("x = [" + "0," * 4_000 + "]\n") * 25,
    ),
    Code(
        "E0106",
        "name with characters beyond ASCII",
        "Names are ASCII: look-alike letters and their normal forms would let a name read as another.",
        "@hybrid_program()\ndef main():\n    ｅｖａｌ = 1\n    return 1\n",
    ),
    Code(
        "E0107",
        "constant out of range",
        "Constants are integers of at most 4,096 bits, finite floats and strings of at most 4 KiB without "
        "lone surrogates; bytes have no use in the language.",
        "@hybrid_program()\ndef main():\n    return 1e400\n",
    ),
    Code(
        "E0201",
        "class definitions are not part of the language",
        "Programs are functions over plain values; keep related values in a dict or tuple.",
        "class A:\n    pass\n\n@hybrid_program()\ndef main():\n    return 1\n",
    ),
    Code(
        "E0202",
        "exceptions are not part of the language",
        "`try` and `raise` do not exist: what can go wrong is found when the program is compiled, or ends the job "
        "with an error. `assert` checks a condition when the program is compiled.",
        "@hybrid_program()\ndef main():\n    try:\n        return 1\n    except ValueError:\n        return 2\n",
    ),
    Code(
        "E0203",
        "`with` is not part of the language",
        "Nothing in a program needs to be opened or closed.",
        "@hybrid_program()\ndef main():\n    with open('f') as f:\n        return 1\n",
    ),
    Code(
        "E0204",
        "`async` and `await` are not part of the language",
        "A program is a straight story; the kernel decides what runs at the same time.",
        "async def main():\n    return 1\n",
    ),
    Code(
        "E0205",
        "generators are not part of the language",
        "Build a list and return it; generator expressions inside a call such as `sum(...)` work.",
        "@hybrid_program()\ndef main():\n    yield 1\n",
    ),
    Code(
        "E0206",
        "`global`, `nonlocal` and `del` are not part of the language",
        "A function changes only its own variables: return the new value instead.",
        "@hybrid_program()\ndef main():\n    global x\n    x = 1\n    return x\n",
    ),
    Code(
        "E0207",
        "module cannot be imported",
        "Only `eigen_lang` (also `Eigen_lang`), `math`, `numpy` and, for annotations, `typing` can be imported; "
        "nothing is ever loaded.",
        "import os\n\n@hybrid_program()\ndef main():\n    return 1\n",
    ),
    Code(
        "E0208",
        "name is not in the module",
        "The module exists but has no such member in the language's subset.",
        "from math import nosuch\n\n@hybrid_program()\ndef main():\n    return 1\n",
    ),
    Code(
        "E0209",
        "names with double underscores are not part of the language",
        "`__class__`, `__globals__` and the like lead to an interpreter's insides; there are none here. The only "
        "such name is `__name__` in the `__main__` block, which is skipped.",
        "@hybrid_program()\ndef main():\n    return (1).__class__\n",
    ),
    Code(
        "E0210",
        "decorator is not part of the language",
        "The decorators are `@hybrid_program`, `@quantum_circuit`, `@ansatz` and `@cost_function`.",
        "def twice(f):\n    return f\n\n@twice\ndef main():\n    return 1\n",
    ),
    Code(
        "E0211",
        "`match` is not part of the language",
        "Write `if`, `elif`, `else`.",
        "@hybrid_program()\ndef main():\n    match 1:\n        case 1:\n            return 1\n",
    ),
    Code(
        "E0212",
        "syntax is not part of the language",
        "Python has this construct, the language does not.",
        "@hybrid_program()\ndef main():\n    x = [1]\n    x.y = 2\n    return x\n",
    ),
    Code(
        "E0213",
        "built-in function is not part of the language",
        "`eval`, `exec`, `open`, `getattr` and other built-ins that reach beyond the program's values do not exist.",
        "@hybrid_program()\ndef main():\n    return eval('1')\n",
    ),
    Code(
        "W001",
        "name is used without an import",
        "Names of the language resolve without an import; with the import the program also runs as plain Python.",
        "@hybrid_program()\ndef main():\n    return 1\n",
    ),
)

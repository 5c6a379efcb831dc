"""Diagnostic codes of the program as a whole (E07xx): entry point, inputs, options."""

from __future__ import annotations

from eigen.lang.codes.code import Code

_HEAD = "from eigen_lang import hybrid_program\n\n\n"

PROGRAM_CODES: tuple[Code, ...] = (
    Code(
        "E0701",
        "no entry point",
        "A program is entered at the function decorated with `@hybrid_program`, or at `main`.",
        "def helper():\n    return 1\n",
    ),
    Code(
        "E0702",
        "entry point is not clear",
        "There are several `@hybrid_program` functions and none is chosen by `entrypoint`.",
        _HEAD + "@hybrid_program()\ndef a():\n    return 1\n\n\n@hybrid_program()\ndef b():\n    return 2\n",
    ),
    Code(
        "E0703",
        "unknown input",
        "The job gives an input that the entry point has no parameter for.",
        _HEAD + "@hybrid_program()\ndef main(n=1):\n    return n\n",
        {"m": 2},
    ),
    Code(
        "E0704",
        "missing input",
        "A parameter of the entry point has no default, and the job gives no input of that name.",
        _HEAD + "@hybrid_program()\ndef main(n):\n    return n\n",
    ),
    Code(
        "E0705",
        "input cannot be used",
        "Inputs are JSON values within the limits of the language.",
        _HEAD + "@hybrid_program()\ndef main(n):\n    return n\n",
        {"n": 1e999},
    ),
    Code(
        "E0706",
        "option of `@hybrid_program` is not valid",
        "The options are compiler, target, shots, optimization_level, seed, noise_model and metadata.",
        "from eigen_lang import hybrid_program\n\n\n@hybrid_program(shots=-1)\ndef main():\n    return 1\n",
    ),
    Code(
        "E0707",
        "program calls its entry point",
        "The kernel enters the program; a call at module level belongs into the `__main__` block, which is skipped.",
        _HEAD + "@hybrid_program()\ndef main():\n    return 1\n\n\nmain()\n",
    ),
    Code(
        "W002",
        "circuit is never measured",
        "The gates of the program's own circuit run only when something is measured; the circuit is not part of the "
        "program without it.",
        "from eigen_lang import *\n\n\n@hybrid_program()\n"
        "def main():\n    q = QubitRegister(1)\n    h(q[0])\n    return 1\n",
    ),
)

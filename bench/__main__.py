"""`python -m bench [NAME …]`: run the named measurements, or all of them. Results go to .build/bench/NAME.json.

`python -m bench sim`, `… compile`, `… choose`, `… parse`, `… estimate` and `… kernel` have options of their own
(`--help`); among all of them they run as `sim --quick`, `compile --quick`, `choose`, `parse`, `estimate` and `kernel`.
`python -m bench backends`, for the backends that are installed, runs by itself only.
"""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("cold", "programs", "passes", "loop", "api", "artifacts", "events", "stabilizer", "executors")
COMMANDS = ("sim", "compile", "choose", "parse", "estimate", "kernel")


def main(names: list[str]) -> int:
    if names[:1] in [[name] for name in COMMANDS]:
        return import_module(f"bench.{names[0]}.command").main(names[1:])
    if names[:1] == ["backends"]:
        return import_module("bench.backends").main(names[1:])
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(
            f"error: there is no measurement `{unknown[0]}`; there are {', '.join((*NAMES, *COMMANDS, 'backends'))}",
            file=sys.stderr,
        )
        return 2
    for name in names or NAMES:
        import_module(f"bench.{name}").main()
    if names:
        return 0
    quick = {"sim": ["--quick"], "compile": ["--quick"]}
    for name, arguments in ((name, quick.get(name, [])) for name in COMMANDS):
        if status := import_module(f"bench.{name}.command").main(arguments):
            return status
    return 0


sys.exit(main(sys.argv[1:]))

"""`python -m bench [NAME …]`: run the named measurements, or all of them. Results go to .build/bench/NAME.json.

`python -m bench sim` has options of its own (`--help`); among all of them it is `sim --quick` that runs.
"""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("cold", "compile", "loop", "api")


def main(names: list[str]) -> int:
    if names[:1] == ["sim"]:
        return import_module("bench.sim.command").main(names[1:])
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"error: there is no measurement `{unknown[0]}`; there are {', '.join((*NAMES, 'sim'))}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        import_module(f"bench.{name}").main()
    return 0 if names else import_module("bench.sim.command").main(["--quick"])


sys.exit(main(sys.argv[1:]))

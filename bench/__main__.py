"""`python -m bench [NAME …]`: run the named measurements, or all of them. Results go to .build/bench/NAME.json.

`python -m bench sim` and `python -m bench choose` have options of their own (`--help`); among all of them they run as
`sim --quick` and `choose`.
"""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("cold", "compile", "passes", "loop", "api", "stabilizer")


def main(names: list[str]) -> int:
    if names[:1] in (["sim"], ["choose"]):
        return import_module(f"bench.{names[0]}.command").main(names[1:])
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(
            f"error: there is no measurement `{unknown[0]}`; there are {', '.join((*NAMES, 'sim', 'choose'))}",
            file=sys.stderr,
        )
        return 2
    for name in names or NAMES:
        import_module(f"bench.{name}").main()
    if names:
        return 0
    return import_module("bench.sim.command").main(["--quick"]) or import_module("bench.choose.command").main([])


sys.exit(main(sys.argv[1:]))

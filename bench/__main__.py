"""`python -m bench [NAME …]`: run the named measurements, or all of them. Results go to .build/bench/NAME.json."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("cold", "compile", "loop", "api")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"error: there is no measurement `{unknown[0]}`; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        import_module(f"bench.{name}").main()
    return 0


sys.exit(main(sys.argv[1:]))

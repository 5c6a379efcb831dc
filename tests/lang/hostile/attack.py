"""Checks every hostile program in this process, under 512 MiB, with everything a program could reach for booby-trapped.

Run as a script by `test_hostile.py`; prints one JSON line a program: name, codes, seconds, and what it touched.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 512 * 1024 * 1024


def load() -> dict[str, tuple[list[str], str | bytes]]:
    """Name -> (allowed codes of the first error, source). A `[text, n]` in the table stands for n repetitions."""
    table = json.loads((Path(__file__).parent / "programs.json").read_text(encoding="utf-8"))
    programs: dict[str, tuple[list[str], str | bytes]] = {}
    for name, row in table.items():
        if "hex" in row:
            programs[name] = (row["codes"], bytes.fromhex(row["hex"]))
            continue
        parts = row["text"] if isinstance(row["text"], list) else [row["text"]]
        text = "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts)
        programs[name] = (row["codes"], text)
    return programs


def main() -> None:
    """Check the programs whose names are given (all by default); with `--pool` first, in the compilers of a server."""
    touched: list[str] = []
    armed = [False]

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        own_pipe = event == "open" and isinstance(arguments[0], int)
        if armed[0] and event in WATCHED and not own_pipe:
            touched.append(f"{event} {arguments[:1]!r}"[:200])

    import difflib  # noqa: F401 - what our own code loads late is loaded before the watch begins
    import heapq  # noqa: F401

    from eigen.compiler import compile_program
    from eigen.compiler.compiler_pool import CompilerPool
    from eigen.errors import EigenError, suggest

    names = sys.argv[1:]
    pool = CompilerPool(1) if names[:1] == ["--pool"] else None
    names = names if pool is None else names[1:]
    compiling = pool or compile_program
    suggest("a", ["b"])
    good = "from eigen_lang import *\nimport numpy as np\n\n\n@hybrid_program()\ndef main():\n    return 1\n"
    compiling(good)
    sys.addaudithook(watch)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for name, (_, source) in load().items():
        if names and name not in names:
            continue
        touched.clear()
        armed[0] = True
        try:
            compiling(source)
            found = []
        except EigenError as error:
            found = [item["code"] for item in error.details.get("diagnostics", ()) if item["severity"] == "error"]
        finally:
            armed[0] = False
        if pool is not None:
            pool(good)  # whatever that was, the next program is none the worse for it
        allowed = [item for item in touched if not item.startswith(("subprocess.Popen", "open ('/dev/null'"))]
        print(json.dumps({"name": name, "codes": found, "touched": allowed}), flush=True)


WATCHED = {"exec", "compile", "open", "os.system", "os.exec", "socket.connect", "subprocess.Popen", "ctypes.dlopen"}
"""Audit events (CPython's table) that a program must never cause; the parser's own process is expected."""

if __name__ == "__main__":
    main()

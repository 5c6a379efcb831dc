"""Loads every hostile document in this process under 512 MiB; one JSON line each: format, number, code, seconds.

Run as a script by `test_hostile_documents.py`.
"""

from __future__ import annotations

import json
import resource
import time

from hostile_documents import BYTES, DOCUMENTS

MEMORY_BYTES = 512 * 1024 * 1024


def main() -> None:
    """Load them one after the other; what is no EigenError ends the process with its traceback."""
    from eigen.errors import EigenError
    from eigen.ir import load
    from eigen.ir.formats.table import FORMATS

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    cases: list[tuple[str, int, str | bytes]] = [
        (name, number, text) for name, texts in DOCUMENTS.items() for number, text in enumerate(texts)
    ]
    cases += [(name, 1_000 + number, data) for name in FORMATS for number, data in enumerate(BYTES)]
    for name, number, source in cases:
        data = source.encode() if isinstance(source, str) else source
        started = time.perf_counter()
        try:
            load(data, name, where="hostile")
            code = ""
        except EigenError as error:
            code = error.code if len(error.message) < 600 and "passwd" not in error.message else "QUOTES TOO MUCH"
        seconds = time.perf_counter() - started
        print(json.dumps({"format": name, "number": number, "code": code, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()

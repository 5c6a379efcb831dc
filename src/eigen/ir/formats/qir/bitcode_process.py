"""Run by its path in an isolated process: a line of JSON and a module on stdin, the module in its other form on stdout.

Nothing of ours is imported here. LLVM may end this process however it likes; `bitcode` tells what that means.
"""

from __future__ import annotations

import json
import resource
import sys


def main() -> None:
    """One module. The first line of the answer is `made`, `refused`, `large` or `memory`."""
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    for name, limit in request["resources"].items():
        what = getattr(resource, name)
        hard = resource.getrlimit(what)[1]
        least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (least, hard if name == "RLIMIT_CPU" else least))
    sys.path.insert(0, request["path"])
    answer, rest = _answer(data, request["to"] == "text")
    if len(rest) > request["most"]:
        answer, rest = b"large", b""
    sys.stdout.buffer.write(answer + b"\n" + rest)
    sys.stdout.buffer.flush()


def _answer(data: bytes, is_bitcode: bool) -> tuple[bytes, bytes]:
    from pyqir import Context, Module

    context = Context()
    try:
        module = Module.from_bitcode(context, data) if is_bitcode else Module.from_ir(context, data.decode())
    except MemoryError:
        return b"memory", b""
    except Exception as error:
        return b"refused", str(error).encode()
    wrong = module.verify()
    if wrong is not None:
        return b"refused", wrong.encode()
    return b"made", str(module).encode() if is_bitcode else bytes(module.bitcode)


if __name__ == "__main__":
    main()

"""One estimate in the process that was made for it: request from standard input, limits, estimate, answer, end.

Run by its path in an isolated interpreter (`estimator`). The program that it estimates was compiled in a process of its
own before; here its circuits are compiled for each device.
"""

from __future__ import annotations

import json
import resource
import sys
from traceback import format_exception
from typing import Any

MEMORY_BYTES = 2 << 30
CPU_SECONDS = 120
ANSWER_BYTES = 8 << 20


def main() -> None:
    """`estimate_process PATHS`: where our modules are, as JSON."""
    sys.path[:] = json.loads(sys.argv[1])
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (least, hard if what == resource.RLIMIT_CPU else least))
    answer = json.dumps(_answer(json.loads(sys.stdin.buffer.read())), allow_nan=False).encode()
    if len(answer) > ANSWER_BYTES:
        answer = json.dumps({"error": _too_much("an answer")}).encode()
    sys.stdout.buffer.write(answer)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    from eigen._core import CoreError
    from eigen.errors import EigenError

    try:
        return {"estimate": _estimate(asked)}
    except EigenError as error:
        return {"error": error.to_json()}
    except CoreError as error:
        return {"error": EigenError.from_core(error).to_json()}
    except (MemoryError, RecursionError):
        return {"error": _too_much("memory")}
    except Exception as error:  # a defect of ours: its traceback belongs into the log of the server
        return {"defect": "".join(format_exception(error))}


def _estimate(asked: dict[str, Any]) -> dict[str, Any]:
    from eigen.app import LocalJudge
    from eigen.client.compiled import CompiledRemotely
    from eigen.client.estimating import estimated
    from eigen.config import Settings
    from eigen.jobspec import JobSpec
    from eigen.roles.documents import from_document
    from eigen.types import CompiledDocument, Device

    class Judge(LocalJudge):
        def prices(self) -> dict[str, Any]:
            """The devices come with their prices."""
            return {}

    settings = Settings(default_target=asked["default_target"], default_shots=asked["default_shots"], knowledge_bytes=0)
    compiled = CompiledRemotely(CompiledDocument(asked["program"].encode(), None, asked["report"]))
    devices = [from_document(Device, text.encode()) for text in asked["devices"]]
    spec = JobSpec.from_json(asked["spec"])
    return estimated(Judge(settings), compiled, spec, devices, targets=asked["targets"]).to_json()


def _too_much(what: str) -> dict[str, Any]:
    from eigen.errors import EigenError

    return EigenError("EIGEN_LIMIT_EXCEEDED", f"the estimate takes more {what} than there is room for").to_json()


if __name__ == "__main__":
    main()

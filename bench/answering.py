"""The loop of a worker process: requests on standard input, answers on standard output, a JSON line each."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class UnsupportedError(Exception):
    """There is no way to do what was asked; the message says what is missing."""


def answer_requests(make: Callable[[], Any]) -> None:
    """Calls the method that each request names until standard input ends.

    Whatever is printed meanwhile goes to standard error. `make` may raise ImportError: then it is missing here.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value: dict[str, Any]) -> None:
        print(json.dumps(value, default=str), file=answers, flush=True)

    try:
        worker = make()
    except ImportError as error:
        answer({"missing": str(error)})
        return
    answer({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(getattr(worker, request.pop("do"))(**request))
        except UnsupportedError as reason:
            answer({"unsupported": str(reason)})
        except Exception as error:  # a peer's failure is a result of the cell, not the end of the measurement
            answer({"failed": f"{type(error).__name__}: {error}"[:500]})

"""Runs one drawn circuit on one engine, in a process of its own so that what takes too long can be stopped.

`python -m bench.choose.race INDEX DEVICE [SEED]` prints one line of JSON: seconds, or why not.
"""

from __future__ import annotations

import json
import sys
import time

from bench.choose.draw import SEED, drawn
from bench.choose.question import question_of
from eigen import _core
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.types import ExpectationWork, SampleWork

ROUNDS = 3
ENOUGH_SEC = 2.0
"""No second round after one that took so long."""


def main(index: int, device: str, seed: int = SEED) -> None:
    """Best time of a few runs, each on a driver that has seen nothing: preparation counts."""
    asked = question_of(drawn(seed)[index])
    best, rounds = float("inf"), 0
    while rounds < ROUNDS and (rounds == 0 or best < ENOUGH_SEC):
        driver = NativeDriver()
        driver.initialize({})
        if asked.shots is not None:
            work = SampleWork(asked.circuit, (), asked.shots, 7)
        else:
            work = ExpectationWork(asked.circuit, (), asked.observables[0], None, 7)
        start = time.perf_counter()
        try:
            driver.execute_circuit(device, work)
        except (EigenError, _core.CoreError) as error:
            print(json.dumps({"refused": str(error)[:200]}))
            return
        best, rounds = min(best, time.perf_counter() - start), rounds + 1
    print(json.dumps({"seconds": best}))


main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))

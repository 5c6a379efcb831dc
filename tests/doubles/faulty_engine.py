"""An engine that fails in whatever way the shots of its work ask for. What it was asked it writes into a file, so that
a test counts how often work was done, whoever died meanwhile."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen_driver import Counts, Device, Engine, Estimate, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Expectation, Sample

DIE, DIE_ONCE, HANG, LEAK, RAISE, LIE, WIDE, STATUS, HOLD = range(1001, 1010)
"""Numbers of shots, and what happens."""

GATES = ("H", "X")


class FaultyEngine(Engine):
    """`faulty:simulator` and `faulty:service`, which charges."""

    name = "faulty"
    version = "1"
    options = frozenset({"known"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        for name in config:
            if name != "slow":
                raise RefusedError("EIGEN_CONFIG_INVALID", f"driver `faulty` has no setting `{name}`", where=name)
        if os.environ.get("FAULTY_START") == "refuse":
            raise SystemExit(3)
        print("the engine has started", flush=True)

    def devices(self) -> Sequence[Device]:
        features = frozenset({"seed", "exact", "expectation"})
        return (
            Device("faulty:simulator", "It fails as it is told", 40, GATES, features),
            Device("faulty:service", "It charges", 40, GATES, features | {"metered"}, backend_type="hardware"),
        )

    def sample(self, device: Device, ask: Sample) -> Counts:
        book = Path(os.environ["FAULTY_BOOK"])
        done = len(book.read_text().splitlines()) if book.exists() else 0
        with book.open("a") as file:
            file.write(f"{device.id} {ask.shots} {os.getpid()}\n")
        if ask.shots == DIE or (ask.shots == DIE_ONCE and not done):
            os.kill(os.getpid(), signal.SIGKILL)
        if ask.shots == STATUS:
            print("there is no such license", flush=True)
            time.sleep(0.2)  # until the line is read
            os._exit(7)
        if ask.shots == HANG:
            time.sleep(600)
        if ask.shots == LEAK:
            held = [bytes([number % 256]) * (1 << 20) for number in range(2000)]
            time.sleep(600 + len(held))
        if ask.shots == HOLD:
            sum(range(int(os.environ.get("FAULTY_ADDS", "100_000_000"))))  # nothing else in this process runs meanwhile
        if ask.shots == RAISE:
            raise ValueError("the engine does not like it")
        if ask.shots == LIE:
            return Counts({0: ask.shots - 1})
        if ask.shots == WIDE:
            return Counts(dict.fromkeys(range(WIDE), 1))
        return Counts({0: ask.shots})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        return Estimate(float("nan"))

"""What the engines answer in a process of its own whose instruction set is held down."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from eigen._core import Circuit, Observable, Plan, limit_instruction_set

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Answers:
    """States in both precisions, energies and slopes of points; which instruction sets the two paths say they took."""

    states: list[np.ndarray]
    halves: list[np.ndarray]
    energies: np.ndarray
    slopes: np.ndarray
    told: tuple[object, object]


def process(name: str) -> ProcessPoolExecutor:
    """A process that may use no better instruction set than the named one."""
    return ProcessPoolExecutor(1, get_context("spawn"), limit_instruction_set, (name,))


def answers(aqo: bytes, points: Sequence[Sequence[float]], observable: bytes) -> Answers:
    """Everything about a circuit that the instruction set has a hand in."""
    circuit = Circuit.from_aqo(aqo)
    plan, half = Plan(circuit), Plan(circuit, options={"precision": "f32"})
    states = [plan.state(point) for point in points]
    told = plan.facts()["instruction_set"]
    energies, slopes = plan.gradients(np.array(points), Observable.from_json(observable))
    halves = [half.state(point) for point in points]
    return Answers(states, halves, energies, slopes, (told, plan.facts()["instruction_set"]))

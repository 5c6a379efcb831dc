"""How far estimates were off where they were measured: `python -m bench estimate` prints these figures anew."""

from __future__ import annotations

SHARE = 0.8
"""How many of the measured cases lie within the interval of a time."""

TIME_LOW, TIME_HIGH, START_SECONDS = 0.4, 2.0, 5e-4
"""Measured seconds over predicted ones of the native engines, from about the 10th percentile to the 90th, and what
comes to that when a run starts."""

TIME_LOW_OF = {"mps": 0.005}
"""Of engines whose model is a bound: the bonds of a state are seldom as large as its circuit could make them."""

SUCCESS_SHARE = 0.85
"""How many cases lie within the interval of a success, on devices that it was not fitted to."""

SUCCESS_HIGH, SUCCESS_LOW = 0.23, 1.29
"""The logarithm of the simulated probability of the right outcome over that of the product of fidelities: percentiles
2.5 and 97.5 on the devices that the interval was fitted to."""


def time_interval(engine: str, seconds: float) -> tuple[float, float]:
    """The interval of predicted seconds of an engine."""
    return TIME_LOW_OF.get(engine, TIME_LOW) * seconds, TIME_HIGH * seconds + START_SECONDS


FITTED = 2.0
"""By how much more than its own measurements a cost model of this host misses other circuits, about."""


def fitted_interval(off: float, seconds: float) -> tuple[float, float]:
    """The interval of seconds that a cost model of this host predicts, which met its measurements to within `off`."""
    return seconds / (FITTED * off), seconds * FITTED * off

"""The options of work for IBM's machines: each is checked here, and becomes one of the sampler's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DECOUPLING = ("off", "XX", "XpXm", "XY4")
STRATEGIES = ("active", "active-accum", "active-circuit", "all")
MOST_RANDOMIZATIONS = 10_000
MOST_SECONDS = 10_800
"""Of a job's longest execution time."""


def _one_of(words: tuple[str, ...]) -> tuple[str, Callable[[object], bool]]:
    return "one of " + ", ".join(f"`{word}`" for word in words), lambda value: value in words


def _truth() -> tuple[str, Callable[[object], bool]]:
    return "true or false", lambda value: isinstance(value, bool)


def _whole(most: int) -> tuple[str, Callable[[object], bool]]:
    def fits(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most

    return f"a whole number from 1 to {most}", fits


RULES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "dynamical_decoupling": _one_of(DECOUPLING),
    "twirl_gates": _truth(),
    "twirl_measurements": _truth(),
    "twirl_randomizations": _whole(MOST_RANDOMIZATIONS),
    "twirl_strategy": _one_of(STRATEGIES),
    "max_execution_seconds": _whole(MOST_SECONDS),
}
OPTIONS = tuple(RULES)
TWIRLING = {
    "twirl_gates": "enable_gates",
    "twirl_measurements": "enable_measure",
    "twirl_randomizations": "num_randomizations",
    "twirl_strategy": "strategy",
}


def read_options(device_id: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
    """The sampler's options, and the longest execution time in seconds; RefusedError naming one of another value."""
    for name, (words, fits) in RULES.items():
        if name in options and not fits(options[name]):
            message = f"option `{name}` of `{device_id}` is {words}, not `{options[name]!s:.40}`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name)
    found: dict[str, Any] = {}
    sequence = options.get("dynamical_decoupling", "off")
    if sequence != "off":
        found["dynamical_decoupling"] = {"enable": True, "sequence_type": sequence}
    twirling = {theirs: options[ours] for ours, theirs in TWIRLING.items() if ours in options}
    if twirling:
        found["twirling"] = twirling
    return found, options.get("max_execution_seconds")

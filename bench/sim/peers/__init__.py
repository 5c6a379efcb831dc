"""One adapter for each engine, ours among them, behind the Protocol of bench/sim/peers/protocol.py."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.sim.peers.protocol import Peer

ENVIRONMENTS = {
    "eigen": "",
    "aer": "simulators",
    "qsim": "simulators",
    "qulacs": "simulators",
    "lightning": "simulators",
    "kokkos": "simulators",
    "prism-q": "simulators",
    "ddsim": "simulators",
    "stim": "simulators",
    "quest": "quest",
}
"""The engines and the environment (bench/peers/NAME.txt) of each; ours runs in our own."""

_MODULES = {"eigen": "ours", "prism-q": "prism", "kokkos": "lightning"}


def peer(name: str) -> Peer:
    """The adapter of a name; raises ImportError where the engine is not installed."""
    return import_module(f"bench.sim.peers.{_MODULES.get(name, name)}").peer(name)

"""One adapter for each engine, ours among them, behind the Protocol of bench/sim/peers/protocol.py."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from bench.sim.families import FAMILIES

if TYPE_CHECKING:
    from bench.sim.peers.protocol import Job, Peer


@dataclass(frozen=True, slots=True)
class Engine:
    """Where an engine is installed (bench/peers/NAME.txt; empty: with us) and what it is never worth starting for."""

    environment: str = "simulators"
    precisions: tuple[str, ...] = ("f64",)
    outputs: tuple[str, ...] = ("state", "array", "energy", "energies", "gradient", "shots", "noisy", "frames")
    least_qubits: int = 1
    is_for_structure: bool = False

    def offers(self, job: Job) -> bool:
        """Whether the engine might do a job; `prepare` has the last word."""
        if self.is_for_structure and FAMILIES[job.family].dense:
            return False
        return job.precision in self.precisions and job.output in self.outputs and job.num_qubits >= self.least_qubits


BOTH = ("f64", "f32")
IDEAL = ("state", "array", "energy", "energies", "gradient", "shots")
ENGINES = {
    "eigen": Engine(environment="", precisions=BOTH),
    "sim:auto": Engine(environment="", outputs=("state", "shots"), is_for_structure=True),
    "qsim": Engine(precisions=("f32",), outputs=("state", "array", "energy", "energies", "shots")),
    "prism-q": Engine(outputs=(*IDEAL, "noisy")),
    "qulacs": Engine(outputs=(*IDEAL, "noisy")),
    "aer": Engine(precisions=BOTH, outputs=("state", "array", "energy", "energies", "shots", "noisy")),
    "lightning": Engine(precisions=BOTH, outputs=IDEAL),
    "kokkos": Engine(precisions=BOTH, outputs=IDEAL, least_qubits=16),
    "quest": Engine(environment="quest", outputs=("state", "array")),
    "ddsim": Engine(outputs=("state", "shots")),
    "stim": Engine(outputs=("shots", "frames")),
}
"""Every engine that is measured, ours first: its results are the reference."""

_MODULES = {"eigen": "ours", "sim:auto": "auto", "prism-q": "prism", "kokkos": "lightning"}


def peer(name: str) -> Peer:
    """The adapter of a name; raises ImportError where the engine is not installed."""
    return import_module(f"bench.sim.peers.{_MODULES.get(name, name)}").peer(name)

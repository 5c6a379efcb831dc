"""Which cells there are: a family, a width, a precision and an output each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from bench.sim.families import FAMILIES, MAIN
from bench.sim.peers.protocol import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUTS = ("state", "array", "energy", "energies", "gradient", "shots-1024", "shots-1000000", "noisy", "frames")
PRECISIONS = ("f64", "f32")
ENERGY_WIDTHS = (4, 8, 12, 16, 20)
NOISY_WIDTHS = (10, 12, 14)
NOISY_SHOTS = 10_000
FRAMES = 20_000
BATCH = 64
VARIATIONAL = ("hea", "ry-hea", "qaoa", "uccsd")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a call asks for; empty: everything. `quick`: the cells that the headline tables need, within 20 minutes."""

    families: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    precisions: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    quick: bool = False

    def has(self, name: str, job: Job) -> bool:
        """Whether the job, whose output is called `name`, is wanted."""
        return (
            (not self.families or job.family in self.families)
            and (not self.widths or job.num_qubits in self.widths)
            and (not self.precisions or job.precision in self.precisions)
            and (not self.outputs or name in self.outputs)
            and (not self.quick or _quick(name, job))
        )


def cells(selection: Selection) -> Iterator[Job]:
    """The cells of a selection; in each family the narrow ones first, from which the time of the wide is foreseen."""
    for job in _all():
        if selection.has(job.output_name, job):
            yield job


def _all() -> Iterator[Job]:
    for family in FAMILIES.values():
        if family.records:
            yield from (Job(family.name, width, "frames", shots=FRAMES) for width in family.widths)
            continue
        for precision, width in product(PRECISIONS, family.widths):
            yield Job(family.name, width, "state", precision)
    for name, precision, width in product(MAIN, PRECISIONS, (20, 24)):
        yield Job(name, width, "array", precision)
    for name, width in product(VARIATIONAL, ENERGY_WIDTHS):
        if name == "uccsd" and width > 12:
            continue
        for output in ("energy", "gradient"):
            yield Job(name, width, output)
        yield Job(name, width, "energies", batch=BATCH if width < 20 else 4)
    for name, width in product(MAIN, (12, 20, 24)):
        yield Job(name, width, "energy") if name not in VARIATIONAL else Job(name, width, "shots", shots=1024)
    for name, width, shots in product(("qaoa", "hea", "ghz"), (12, 20), (1024, 1_000_000)):
        if (name, shots) != ("qaoa", 1024) and (name, shots) != ("hea", 1024):
            yield Job(name, width, "shots", shots=shots)
    for name, width in product(("hea",), NOISY_WIDTHS):
        yield Job(name, width, "noisy", shots=NOISY_SHOTS)


def _quick(name: str, job: Job) -> bool:
    if name == "state":
        if job.family in MAIN:
            return job.num_qubits in (20, 24)
        return job.num_qubits in (12, 20) and job.precision == "f64"
    if name in ("energy", "energies", "gradient"):
        return job.family == "hea"
    return name in ("noisy", "frames") or (name == "shots-1000000" and job.num_qubits == 20)

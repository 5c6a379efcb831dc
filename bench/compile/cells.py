"""Which cells there are: every circuit on every shape of device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.compile.devices import BASIS_OF, TOPOLOGIES
from bench.compile.families import FAMILIES, QUICK
from bench.compile.protocol import Job

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Selection:
    """What a call asks for; empty: everything. `quick`: three widths of each family, within 20 minutes."""

    families: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    topologies: tuple[str, ...] = ()
    quick: bool = False

    def has(self, job: Job) -> bool:
        """Whether the job is wanted."""
        return (
            (not self.families or job.family in self.families)
            and (not self.widths or job.num_qubits in self.widths)
            and (not self.topologies or job.topology in self.topologies)
            and (not self.quick or job.num_qubits in QUICK)
        )


def cells(selection: Selection) -> Iterator[Job]:
    """The cells of a selection, narrow ones first: what is too long at one width is left out at the wider ones."""
    jobs = [
        Job(family.name, width, topology, BASIS_OF[topology])
        for family in FAMILIES.values()
        for width in family.widths
        for topology in TOPOLOGIES
    ]
    return (job for job in sorted(jobs, key=lambda job: job.num_qubits) if selection.has(job))

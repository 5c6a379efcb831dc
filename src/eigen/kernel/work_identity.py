"""What work is: a text that is the same for the same work on one device, whatever job asks for it. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.types import EvolutionWork, ExpectationWork, GradientWork, LoopWork, ModesWork, ProbabilityWork

if TYPE_CHECKING:
    from eigen.types import Work


def identity_of(work: Work) -> str:
    """All that its result depends on, beside the device."""
    about = [type(work).__name__, repr(work.values), repr(sorted(work.options.items()))]
    if isinstance(work, EvolutionWork):
        about += [work.evolution.digest, repr(sorted(work.settings.items()))]
    elif isinstance(work, ModesWork):
        about.append(work.modes.digest)
    else:
        about.append(work.circuit.digest)
    if isinstance(work, ExpectationWork | GradientWork):
        about.append(work.observable.digest)
    if isinstance(work, ProbabilityWork):
        about.append(work.bits)
    if not isinstance(work, GradientWork):
        about += [str(work.shots), str(work.seed)]
    return " ".join(about)


def identity_of_piece(work: LoopWork) -> str:
    """The same of a piece of a loop: where it begins, and on what. How far it goes in its time decides nothing about
    the way that the search takes."""
    state = sha256(work.search.encode()).hexdigest()
    about = [work.circuit.digest, work.observable.digest, repr(work.scale), repr(work.offset), state]
    return " ".join(["LoopWork", *about, repr(sorted(work.options.items()))])

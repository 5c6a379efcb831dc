"""Expectation values of a cut circuit from shots: signed draws of what is done at the ends of each cut.

A cut is a sum of local operations with positive and negative weights, whose absolute values add up to gamma. Each shot
draws one operation for each cut in proportion to its absolute weight, runs every part once, and counts gamma times the
product of signs and outcomes: unbiased, with about gamma^2 times the variance. A wire is a sum over measuring a letter
and preparing one of its eigenstates (Peng et al., Phys. Rev. Lett. 125, 150504 (2020); gamma 4); a gate one over turns
about Z and measurements of it (Mitarai and Fujii, New J. Phys. 23, 023021 (2021); gamma 1 + 2 |sin angle|).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import core_errors
from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.cutting.engine import Engine
    from eigen.cutting.fragments import Fragment, Split
    from eigen.ir.circuit import Circuit
    from eigen.ir.observable import Observable, ObservableGroup

    Choices = NDArray[np.int64]

MOST_SHOTS = 100_000_000
CHUNK = 1 << 20  # shots that are held at a time
LEAST = 2  # shots of a group, without which it has no spread


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over shots and its standard error. `overhead` is the product of gamma^2 at the values it was made for;
    `facts` are what the engine told of the runs, of each number the worst."""

    value: float
    standard_error: float
    shots: int
    overhead: float
    facts: Mapping[str, str | float | int] = field(default_factory=dict[str, "str | float | int"], compare=False)


@dataclass(frozen=True, slots=True)
class Term:
    """One operation in the sum that a cut is: its weight, and what happens at the first and at the second end."""

    weight: float
    first: str
    second: str


WIRE = (
    Term(0.5, "I", "0"),
    Term(0.5, "I", "1"),
    Term(0.5, "X", "+"),
    Term(-0.5, "X", "-"),
    Term(0.5, "Y", "+i"),
    Term(-0.5, "Y", "-i"),
    Term(0.5, "Z", "0"),
    Term(-0.5, "Z", "1"),
)


def gate_terms(angle: float) -> tuple[Term, ...]:
    """`exp(-i angle/2 Z Z)` as a sum of operations on single qubits; the absolute weights add up to its gamma."""
    cosine, sine = _core.math.cos(angle / 2), _core.math.sin(angle / 2)
    slope = _core.math.sin(angle) / 2
    return (
        Term(cosine * cosine, "none", "none"),
        Term(sine * sine, "half", "half"),
        Term(slope, "measure", "quarter"),
        Term(-slope, "measure", "back"),
        Term(slope, "quarter", "measure"),
        Term(-slope, "back", "measure"),
    )


def estimate(
    split: Split, observable: Observable, engine: Engine, values: NDArray[np.float64], *, shots: int, seed: int
) -> Estimate:
    """Mean and standard error over `shots`, shared between groups of terms that commute qubit by qubit.

    Raises EigenError EIGEN_LIMIT_EXCEEDED for fewer than two shots for each group or more than 10^8.
    """
    groups = [group for group in observable.groups() if any(label for label, _ in group.terms)]
    if not LEAST * len(groups) <= shots <= MOST_SHOTS or shots < 1:
        message = f"`{shots}` shots: {len(groups)} groups of terms take {max(1, LEAST * len(groups))} to {MOST_SHOTS:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="two shots for each group at least")
    sums = [WIRE if angle is None else gate_terms(angle) for angle in split.angles(values)]
    spread = 1.0
    for terms in sums:
        spread *= ordered_sum(abs(term.weight) for term in terms)
    means = [ordered_sum(weight for label, weight in observable.terms if not label)]
    variances: list[float] = []
    facts: dict[str, str | float | int] = {}
    for number, (group, count) in enumerate(zip(groups, _shared(groups, shots), strict=True)):
        run = _Run(split, group, engine, values, sums, facts)
        mean, variance = run.moments(count, _core.derive_seed(seed, "cut", number))
        means.append(spread * mean)
        variances.append(spread * spread * variance / count)
    error = _core.math.sqrt(ordered_sum(variances))
    return Estimate(ordered_sum(means), error, shots, spread * spread, facts)


def _shared(groups: Sequence[ObservableGroup], shots: int) -> list[int]:
    """Two for each group, the others in proportion to the weights, by largest remainder."""
    spare = shots - LEAST * len(groups)
    weights = [ordered_sum(abs(weight) for label, weight in group.terms if label) for group in groups]
    total = ordered_sum(weights) or 1.0
    exact = [spare * weight / total for weight in weights]
    given = [int(share) for share in exact]
    order = sorted(range(len(groups)), key=lambda index: (given[index] - exact[index], index))
    for index in order[: spare - sum(given)]:
        given[index] += 1
    return [LEAST + share for share in given]


class _Run:
    """The draws for one group of terms."""

    def __init__(
        self,
        split: Split,
        group: ObservableGroup,
        engine: Engine,
        values: NDArray[np.float64],
        sums: Sequence[tuple[Term, ...]],
        facts: dict[str, str | float | int],
    ) -> None:
        self.split, self.engine, self.values, self.sums, self.facts = split, engine, values, sums, facts
        column = {qubit: index for index, (qubit, _) in enumerate(group.basis)}
        self.terms = [
            ([column[int(factor[1:])] for factor in label.split()], weight) for label, weight in group.terms if label
        ]
        self.basis: list[list[tuple[int, str]]] = [[] for _ in split.fragments]
        self.columns: list[list[int]] = [[] for _ in split.fragments]
        for index, (qubit, letter) in enumerate(group.basis):
            part, wire = split.where[qubit]
            self.basis[part].append((wire, letter))
            self.columns[part].append(index)

    def moments(self, shots: int, seed: int) -> tuple[float, float]:
        """Mean and variance of one shot, without the factor gamma."""
        count, mean, squares = 0, 0.0, 0.0
        for chunk in range(0, shots, CHUNK):
            size = min(CHUNK, shots - chunk)
            drawn = self.draw(size, _core.derive_seed(seed, chunk))
            own = float(drawn.mean())
            step = own - mean
            squares += float(((drawn - own) ** 2).sum()) + step * step * count * size / (count + size)
            mean += step * size / (count + size)
            count += size
        return mean, squares / (count - 1)

    def draw(self, shots: int, seed: int) -> NDArray[np.float64]:
        """The value of each shot."""
        import numpy as np

        signs = np.ones(shots)
        choices: list[Choices] = []
        for cut, terms in enumerate(self.sums):
            weights = np.array([term.weight for term in terms])
            steps = np.cumsum(np.abs(weights))
            random = _core.Philox(_core.derive_seed(seed, "choice", cut))
            at: NDArray[np.float64] = np.array(random.uniform(shots)) * steps[-1]
            last = int(np.flatnonzero(weights)[-1])
            chosen: Choices = np.minimum(np.searchsorted(steps, at, side="right"), last)
            signs *= np.sign(weights)[chosen]
            choices.append(chosen)
        bits = np.zeros((shots, sum(map(len, self.columns))), dtype=np.uint8)
        flips = np.zeros(shots, dtype=np.uint8)
        for part, fragment in enumerate(self.split.fragments):
            self._sample(part, fragment, choices, bits, flips, _core.derive_seed(seed, "part", part))
        total = np.zeros(shots)
        for columns, weight in self.terms:
            total += weight * (1.0 - 2.0 * np.bitwise_xor.reduce(bits[:, columns], axis=1))
        return total * signs * (1.0 - 2.0 * flips)

    def _sample(
        self,
        part: int,
        fragment: Fragment,
        choices: list[Choices],
        bits: NDArray[np.uint8],
        flips: NDArray[np.uint8],
        seed: int,
    ) -> None:
        """Runs one part for all shots: its columns of `bits`, and its share of `flips`."""
        import numpy as np

        code = np.zeros(len(bits), dtype=np.int64)
        names: list[list[str]] = []
        for end in fragment.ends:
            done = [term.second if end.side else term.first for term in self.sums[end.cut]]
            distinct = sorted(set(done))
            code = code * len(distinct) + np.array([distinct.index(name) for name in done])[choices[end.cut]]
            names.append(distinct)
        order = np.argsort(code, kind="stable")
        found, first = np.unique(code[order], return_index=True)
        settings: list[int] = found.tolist()
        for number, shots in zip(settings, np.split(order, first[1:]), strict=True):
            choice: list[str] = []
            setting = number
            for distinct in reversed(names):
                setting, index = divmod(setting, len(distinct))
                choice.append(distinct[index])
            circuit, signs = fragment.sampled(choice[::-1], self.basis[part])
            if circuit.num_clbits == 0:
                continue
            rows = self._rows(circuit, len(shots), _core.derive_seed(seed, *choice))
            flips[shots] ^= np.bitwise_xor.reduce(rows[:, :signs], axis=1)
            bits[np.ix_(shots, np.array(self.columns[part], dtype=np.int64))] = rows[:, signs:]

    def _rows(self, circuit: Circuit, shots: int, seed: int) -> NDArray[np.uint8]:
        """The classical bits of each shot of a part, shape (shots, bits)."""
        import numpy as np

        with core_errors():
            plan = self.engine.plan(circuit)
            packed = plan.sample_bits(self.values, shots=shots, seed=_core.derive_seed(seed, "shots"))
        for fact, told in plan.facts().items():
            before = self.facts.get(fact, told)
            worse = min if fact.startswith("fidelity") else max
            numbers = not isinstance(before, str) and not isinstance(told, str)
            self.facts[fact] = worse(before, told) if numbers else told
        # The engine gives shots in no particular order, often sorted: they meet those of other parts at random.
        random = _core.Philox(_core.derive_seed(seed, "order"))
        mixed = np.argsort(np.array(random.uniform(shots)), kind="stable")
        return np.unpackbits(packed[mixed], axis=1, count=circuit.num_clbits, bitorder="little")

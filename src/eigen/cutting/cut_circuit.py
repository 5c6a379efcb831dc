"""A circuit cut into parts, and its expectation value: exact, or from shots.

>>> import eigen
>>> from eigen.ir import CircuitBuilder, Observable
>>> builder = CircuitBuilder(4, parameters=["angle"])
>>> builder.gate("RY", [0], ["angle"])
>>> for qubit in range(3):
...     builder.gate("CX", [qubit, qubit + 1])
>>> halves = eigen.cut(builder.build(), Observable.from_terms(4, [("Z0 Z3", 1.0)]), max_qubits=2)
>>> round(halves.overhead, 9), [part.qubits for part in halves.parts]
(9.0, [(0, 1), (2, 3)])
>>> round(halves.expectation([0.3]), 12)
1.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.cutting.engine import Engine
from eigen.cutting.exact import Exact
from eigen.cutting.fragments import split
from eigen.cutting.places import places
from eigen.cutting.sampled import Estimate, estimate
from eigen.cutting.search import named, overhead, search
from eigen.cutting.wiring import wiring
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.cutting.fragments import Fragment, Split
    from eigen.cutting.places import Cut
    from eigen.ir.circuit import Circuit
    from eigen.ir.observable import Observable

    Values = Sequence[float] | NDArray[np.float64]

MOST_CUTS = 20


class CutCircuit:
    """`<observable>` of a circuit, put together from parts that each take fewer qubits. `eigen.cut` makes it.

    `values[k]` belongs to `parameters[k]`. The same call gives the same bits for any number of threads.
    """

    def __init__(
        self,
        circuit: Circuit,
        observable: Observable,
        cuts: tuple[Cut, ...],
        split: Split,
        engine: Engine,
        *,
        is_optimal: bool,
    ) -> None:
        self.circuit = circuit
        self.observable = observable
        self.cuts = cuts
        self.parts: tuple[Fragment, ...] = split.fragments
        """`qubits` are those of the circuit that the wires of a part are pieces of; `width` is how many qubits a device
        needs for it, `exact_width` how many `expectation` simulates."""
        self.is_optimal = is_optimal
        """Whether it is known that no other cuts within `max_qubits` and `max_cuts` have less overhead."""
        self._split = split
        self._engine = engine
        self._exact = Exact(split, observable, engine)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of the circuit."""
        return tuple(self.circuit.parameters)

    @property
    def overhead(self) -> float:
        """The product of gamma^2: how many times as many shots an estimate takes, at most, as without cuts.

        A gate with open parameters counts with its worst angle; an `Estimate` tells what it was.
        """
        return overhead(cut.gamma or 1.0 for cut in self.cuts)

    def expectation(self, values: Values = ()) -> float:
        """The exact value, from one run of each part with `exact_width` qubits.

        Raises EigenError: EIGEN_CIRCUIT_PARAMETERS for values that do not fit, EIGEN_SIM_MEMORY before a state is
        allocated that does not, EIGEN_LIMIT_EXCEEDED for a part with more than 10 ends.
        """
        return self._exact.value(self._checked(values))

    def facts(self) -> list[dict[str, str | float | int]]:
        """What the last `expectation` did, part by part: precision, instruction set, errors of approximations."""
        return [dict(part.facts) for part in self._exact.parts]

    def estimate(self, values: Values = (), *, shots: int, seed: int = 0) -> Estimate:
        """The value from shots of parts with `width` qubits: unbiased, with its standard error.

        A shot runs every part once. Raises EigenError as `expectation` does, and EIGEN_LIMIT_EXCEEDED for a number of
        shots or a seed out of range.
        """
        if not 0 <= seed < 1 << 64:
            raise EigenError(
                "EIGEN_LIMIT_EXCEEDED", f"a seed lies in 0 .. 2^64 - 1, not at `{seed}`", hint="another seed"
            )
        return estimate(self._split, self.observable, self._engine, self._checked(values), shots=shots, seed=seed)

    def _checked(self, values: Values) -> NDArray[np.float64]:
        import numpy as np

        try:
            row = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise self._misfit(values) from None
        if row.shape != (len(self.parameters),) or not np.isfinite(row).all():
            raise self._misfit(values)
        return row

    def _misfit(self, values: object) -> EigenError:
        message = f"the circuit takes {len(self.parameters)} finite values, not `{_short(values)}`"
        return EigenError("EIGEN_CIRCUIT_PARAMETERS", message)

    def __str__(self) -> str:
        lines = [f"{_count(self.cuts, 'cut')}, {_count(self.parts, 'part')}, overhead {self.overhead:.6g}"]
        lines += [f"cut {cut}: gamma {cut.gamma:.6g}" for cut in self.cuts]
        lines += [
            f"part {k}: width {part.width} ({part.exact_width} for exact values), {_count(part.ends, 'end')}"
            for k, part in enumerate(self.parts)
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        widest = max((part.width for part in self.parts), default=0)
        return f"CutCircuit({_count(self.cuts, 'cut')}, {_count(self.parts, 'part')}, width {widest})"


def _count(items: Sequence[object], noun: str) -> str:
    return f"{len(items)} {noun}" if len(items) == 1 else f"{len(items)} {noun}s"


def _short(values: object) -> str:
    text = repr(values)
    return text if len(text) <= 60 else f"{text[:57]}..."


def cut(
    circuit: Circuit,
    observable: Observable,
    *,
    max_qubits: int | None = None,
    max_cuts: int = 6,
    cuts: Iterable[Cut] | None = None,
    engine: str = "statevector",
    threads: int = 0,
    options: Mapping[str, str | float | int | bool] | None = None,
    memory_limit_bytes: int | None = None,
) -> CutCircuit:
    """Cuts a circuit into parts of at most `max_qubits` qubits, where that costs least, or at the `cuts` named.

    Only what the observable depends on is kept. `engine` and its `options` run the parts, as in `eigen._core.Plan`;
    `threads` 0 means one for each core.

    Raises EigenError: EIGEN_SIM_UNSUPPORTED for a circuit that measures, resets or decides, for a cut that is nowhere
    or parts nothing, and for arguments that do not fit; EIGEN_LIMIT_EXCEEDED, with the numbers, where `max_cuts` cuts
    do not suffice or the cuts named leave a part too wide.
    """
    if max_qubits is None and cuts is None:
        raise _unfit("neither `max_qubits` nor `cuts` is given", "say how wide a part may be, or where to cut")
    if max_qubits is not None and max_qubits < 1:
        raise _unfit(f"`max_qubits` is `{max_qubits}`", "a part has one qubit at least")
    if not 0 <= max_cuts <= MOST_CUTS:
        raise _unfit(f"`max_cuts` is `{max_cuts}`", f"it lies in 0 .. {MOST_CUTS}: each cut multiplies the work")
    graph = wiring(circuit, observable)
    runner = Engine(engine, threads, dict(options or {}), memory_limit_bytes)
    runner.check()
    if cuts is None:
        assert max_qubits is not None
        choice = search(graph, max_qubits, max_cuts)
    else:
        choice = named(graph, tuple(cuts), max_qubits, max_cuts)
    chosen = sorted(choice.edges)
    return CutCircuit(
        circuit,
        observable,
        places(graph, chosen),
        split(graph, chosen, tuple(circuit.parameters)),
        runner,
        is_optimal=choice.is_optimal,
    )


def _unfit(message: str, hint: str) -> EigenError:
    return EigenError("EIGEN_SIM_UNSUPPORTED", message, hint=hint)

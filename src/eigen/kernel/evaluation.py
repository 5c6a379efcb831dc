"""Quantum stages: the one place where a program's `run`, `expectation`, `probability`, `evolve` and `modes` reach the
engine.

Each evaluation is checked by the control, seeded by its place in the program, and answered through the journal.
"""

from __future__ import annotations

from hashlib import sha256
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen._core import Counts
from eigen.errors import EigenError
from eigen.ir.array import Array, is_sequence
from eigen.ir.modes import MAX_SAMPLED
from eigen.ir.ops.counting import most_common_of, probabilities_of
from eigen.ir.values import Record
from eigen.kernel.split import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir import Evolution, Modes
    from eigen.ir.program import Node, Program
    from eigen.kernel.engine import Answers, Control, Engine, Values
    from eigen.kernel.split import Split
    from eigen.types import Json

Path = tuple[int, ...]


class Evaluator:
    """Evaluates the quantum nodes of one program, each evaluation once and in program order.

    `evaluations` and `shots_used` count what was done or answered from the journal.
    """

    def __init__(
        self,
        program: Program,
        engine: Engine,
        *,
        journal: Answers,
        control: Control,
        seed: int,
        shots: int,
        split: Split | None = None,
    ) -> None:
        self.shots = shots
        self.shots_used = 0
        self.evaluations = 0
        self._program = program
        self._engine = engine
        self._journal = journal
        self._control = control
        self._seed = seed
        self._split = split
        self._asked: dict[tuple[str, Path], int] = {}
        self._circuits: dict[int, str] = {}
        self._observables: dict[int, str] = {}

    def derive(self, purpose: str, path: Path) -> int:
        """A seed for the next use of the stage at `path`: derived from the job's seed, purpose, path and count."""
        count = self._asked.get((purpose, path), 0)
        self._asked[purpose, path] = count + 1
        return _core.derive_seed(self._seed, purpose, *path, count)

    def asked(self, path: Path) -> int:
        """How often the stage at `path` was asked."""
        return self._asked.get(("evaluation", path), 0)

    def coming(self, node: Node, args: Sequence[Any], path: Path, number: int) -> tuple[Values, int | None, int]:
        """Values, shots and seed that the evaluation of this number at `path` will have; raises as it will."""
        shots = node.attrs.get("shots")
        if node.op == "run":
            shots = shots or self.shots
        return self._values(node, args), shots, _core.derive_seed(self._seed, "evaluation", *path, number)

    def run(self, node: Node, args: Sequence[Any], path: Path) -> tuple[Record, int]:
        """The record of a `run` stage and the seed it used."""
        values = self._values(node, args)
        circuit = node.attrs["circuit"]
        shots = node.attrs.get("shots") or self.shots
        seed = self.derive("evaluation", path)
        if self._split is not None:
            label = str(node.attrs.get("label") or f"run{self._split.made}")
            return run_record(self._shared(self._split, label, circuit, values, shots, seed)), seed
        request = {"kind": "run", "circuit": self._circuit(circuit), "values": values, "shots": shots, "seed": seed}
        answer = self._ask(
            request,
            shots,
            self._engine.load("run", circuit, None, shots),
            lambda key: _counts_json(self._engine.sample(circuit, values, shots, seed, key=key)),
        )
        return run_record(Counts.from_dict(answer["counts"], answer["clbits"])), seed

    def _shared(self, split: Split, label: str, circuit: int, values: Values, whole: int, origin: int) -> Counts:
        """The counts of a run whose shots several devices have; see `Split.counts`."""

        def ask(device_id: str, shots: int, seed: int, *, last: bool) -> Any:
            request: dict[str, Json] = {
                "kind": "run",
                "circuit": self._circuit(circuit),
                "values": values,
                "shots": shots,
                "seed": seed,
                "device": device_id,
            }

            def perform(key: str) -> Json:
                found = split.ask(device_id, circuit, values, shots, seed, key=key, last=last)
                return {FAILED: found.to_json()} if isinstance(found, EigenError) else _counts_json(found)

            answer = self._ask(request, shots, (1, shots), perform, device=device_id)
            if FAILED in answer:
                self._control.unused(tasks=1, shots=shots, device=device_id)
                self.shots_used -= shots
            return answer

        return split.counts(label, whole, origin, ask)

    def expectation(self, node: Node, args: Sequence[Any], path: Path) -> float:
        """The value of an `expectation` stage."""
        values = self._values(node, args)
        circuit, observable, shots = node.attrs["circuit"], node.attrs["observable"], node.attrs.get("shots")
        seed = self.derive("evaluation", path)
        request = {
            "kind": "expectation",
            "circuit": self._circuit(circuit),
            "observable": self._observable(observable),
            "values": values,
            "shots": shots,
            "seed": seed,
        }
        answer = self._ask(
            request,
            shots or 0,
            self._engine.load("expectation", circuit, observable, shots),
            lambda key: list(self._engine.expectation(circuit, observable, values, shots, seed, key=key)),
        )
        return answer[0]

    def probability(self, node: Node, args: Sequence[Any], path: Path) -> float:
        """The value of a `probability` stage."""
        values = self._values(node, args)
        circuit, bits, shots = node.attrs["circuit"], node.attrs["bits"], node.attrs.get("shots")
        seed = self.derive("evaluation", path)
        request = {
            "kind": "probability",
            "circuit": self._circuit(circuit),
            "bits": bits,
            "values": values,
            "shots": shots,
            "seed": seed,
        }
        answer = self._ask(
            request,
            shots or 0,
            self._engine.load("probability", circuit, None, shots),
            lambda key: list(self._engine.probability(circuit, bits, values, shots, seed, key=key)),
        )
        return answer[0]

    def evolve(self, node: Node, args: Sequence[Any], path: Path) -> Record:
        """The record of an `evolve` stage."""
        index: int = node.attrs["evolution"]
        shots: int | None = node.attrs.get("shots")
        evolution, settings = self._program.evolutions[index], dict(node.attrs.get("settings") or {})
        values = _numbers(evolution.parameters, args, "evolution")
        seed = self.derive("evaluation", path)
        request: dict[str, Json] = {
            "kind": "evolve",
            "evolution": evolution.digest,
            "values": values,
            "settings": settings,
            "shots": shots,
            "seed": seed,
        }

        def perform(key: str) -> Json:
            result = self._engine.evolve(index, values, shots, seed, settings=settings, key=key)
            return {
                "values": list(result.series or ()),
                "errors": None if result.series_errors is None else list(result.series_errors),
                "counts": None if result.counts is None else result.counts.to_dict(),
            }

        load = self._engine.load("evolve", index, None, shots)
        return evolution_record(evolution, self._ask(request, shots or 0, load, perform))

    def modes(self, node: Node, args: Sequence[Any], path: Path) -> Record:
        """The record of a `modes` stage."""
        index: int = node.attrs["modes"]
        asked = self._program.modes[index]
        shots: int | None = None if node.attrs["exact"] else node.attrs.get("shots") or self.shots
        if shots is not None and shots * len(asked.columns) > MAX_SAMPLED:
            message = f"measured numbers of one run: `{shots * len(asked.columns)}` is beyond the limit {MAX_SAMPLED}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="take fewer shots")
        values = _numbers(asked.parameters, args, "photonic program")
        seed = self.derive("evaluation", path)
        request: dict[str, Json] = {
            "kind": "modes",
            "modes": asked.digest,
            "values": values,
            "shots": shots,
            "seed": seed,
        }

        def perform(key: str) -> Json:
            result = self._engine.modes(index, values, shots, seed, key=key)
            return {"values": list(result.series or ()), "samples": list(result.samples or ())}

        load = self._engine.load("modes", index, None, shots)
        return modes_record(asked, self._ask(request, shots or 0, load, perform), shots or 0)

    def gradient(self, node: Node, args: Sequence[Any]) -> tuple[float, Values]:
        """The exact value of an `expectation` stage and its gradient with respect to the circuit's parameters."""
        values = self._values(node, args)
        circuit, observable = node.attrs["circuit"], node.attrs["observable"]
        request = {
            "kind": "gradient",
            "circuit": self._circuit(circuit),
            "observable": self._observable(observable),
            "values": values,
        }

        def perform(key: str) -> Json:
            value, slope = self._engine.gradient(circuit, observable, values, key=key)
            return [value, list(slope)]

        answer = self._ask(request, 0, self._engine.load("gradient", circuit, observable, None), perform)
        return answer[0], tuple(answer[1])

    def advance(
        self, node: Node, search: _core.Search, *, scale: float, offset: float, seconds: float
    ) -> _core.Search | None:
        """A search over the parameters of an `expectation` stage, taken further in one piece: by the journal's record
        of it, or by the engine. None when neither has it: then its questions are answered one by one.

        One entry of the journal holds the state that the piece led to; its request names the state it came from.
        """
        circuit, observable = node.attrs["circuit"], node.attrs["observable"]
        state = search.checkpoint(search.iterations)
        request = {
            "kind": "loop",
            "circuit": self._circuit(circuit),
            "observable": self._observable(observable),
            "scale": scale,
            "offset": offset,
            "search": sha256(state.encode()).hexdigest(),
        }
        if self._journal.replaying:
            if not self._journal.recorded(request):
                return None
        elif not self._engine.has_loop(circuit, observable):
            return None

        def perform(_: str) -> Json:
            text, evaluations = self._engine.advance(
                circuit, observable, state, scale=scale, offset=offset, seconds=seconds
            )
            return {"search": text, "evaluations": evaluations}

        try:
            answer = self._ask(request, 0, (0, 0), perform)
        except EigenError as error:
            if error.code != "EIGEN_SIM_UNSUPPORTED":
                raise
            return None
        self.evaluations += answer["evaluations"] - 1
        try:
            return _core.Search.resume(answer["search"], search.history())
        except _core.CoreError as error:
            raise EigenError("EIGEN_RUN_JOURNAL_MISMATCH", f"a recorded piece of a loop: {error.message}") from None

    def has_gradient(self, node: Node) -> bool:
        """Whether the engine gives exact gradients of this `expectation` stage."""
        return node.attrs.get("shots") is None and self._engine.has_gradient(
            node.attrs["circuit"], node.attrs["observable"]
        )

    def _ask(
        self,
        request: dict[str, Json],
        shots: int,
        load: tuple[int, int],
        perform: Callable[[str], Json],
        *,
        device: str = "",
    ) -> Any:
        """The answer to a request of `shots` shots; `load` is what the device gets for it: circuits and shots. `device`
        names it where there are several."""
        self._control.check(tasks=load[0], shots=load[1], replayed=self._journal.replaying, device=device)
        answer = self._journal.ask(request, perform)
        self.shots_used += shots
        self.evaluations += 1
        return answer

    def _values(self, node: Node, args: Sequence[Any]) -> Values:
        index: int = node.attrs["circuit"]
        return _numbers(self._program.circuits[index].parameters, args, "circuit")

    def _circuit(self, index: int) -> str:
        if index not in self._circuits:
            self._circuits[index] = self._program.circuits[index].digest
        return self._circuits[index]

    def _observable(self, index: int) -> str:
        if index not in self._observables:
            self._observables[index] = self._program.observables[index].digest
        return self._observables[index]


def run_record(counts: Counts) -> Record:
    """What a program sees of a run."""
    return Record(
        "run",
        {
            "counts": counts,
            "shots": counts.shots,
            "num_clbits": counts.num_clbits,
            "probabilities": probabilities_of(counts),
            "most_common": most_common_of(counts),
        },
    )


def evolution_record(evolution: Evolution, answer: Json) -> Record:
    """What a program sees of an evolution."""
    times, width = evolution.times, len(evolution.observables)
    values = tuple(map(float, answer["values"]))
    errors = answer["errors"]
    shape = (len(times), width)
    return Record(
        "evolution",
        {
            "times": Array.vector(times),
            "values": Array(shape, values),
            "errors": Array(shape, (0.0,) * len(values) if errors is None else tuple(map(float, errors))),
            "final": Array.vector(values[len(values) - width :]),
            "counts": Counts.from_dict(answer["counts"] or {}, evolution.num_qubits),
        },
    )


def modes_record(modes: Modes, answer: Json, shots: int) -> Record:
    """What a program sees of a photonic program."""
    width = len(modes.columns)
    samples = tuple(map(int if modes.is_counted else float, answer["samples"]))
    counts: dict[str, int] = {}
    if modes.is_counted:
        for start in range(0, len(samples), width):
            pattern = ",".join(map(str, samples[start : start + width]))
            counts[pattern] = counts.get(pattern, 0) + 1
    return Record(
        "modes",
        {
            "values": Array.vector(tuple(map(float, answer["values"]))),
            "samples": Array((shots, width), samples, "i" if modes.is_counted else "f"),
            "counts": {pattern: counts[pattern] for pattern in sorted(counts)},
            "shots": shots,
        },
    )


def _numbers(names: Sequence[str], args: Sequence[Any], owner: str) -> Values:
    """The values of all parameters of a circuit, evolution or photonic program, from the one argument of its stage."""
    given: Any = args[0] if args else ()
    flat: Sequence[Any] = given.data if isinstance(given, Array) else given if is_sequence(given) else (given,)
    if len(flat) != len(names):
        raise _failed(f"the {owner} has {len(names)} parameters, but {len(flat)} values were given")
    if not all(isinstance(item, (int, float)) for item in flat):
        raise _failed(f"the parameters of the {owner} are real numbers")
    values = tuple(map(float, flat))
    for name, value in zip(names, values, strict=True):
        if not isfinite(value):
            raise _failed(f"the {owner} parameter `{name}` is `{value}`")
    return values


def _counts_json(counts: Counts) -> Json:
    return {"counts": counts.to_dict(), "clbits": counts.num_clbits}


def _failed(message: str) -> EigenError:
    return EigenError("EIGEN_RUN_FAILED", message)

"""The native engines as devices, in this process: `sim:statevector`, exact amplitudes in double precision,
`sim:stabilizer`, the tableau of Clifford circuits of any width, `sim:mps`, matrix product states, `sim:tn`, networks
that are contracted for each question. Results do not depend on the number of threads.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from eigen import _core
from eigen.drivers import speeds
from eigen.drivers.engines import AMPLITUDE_BYTES, ENGINES, MPS, STABILIZER, STATES_KEPT, STATEVECTOR, TENSOR_NETWORK
from eigen.drivers.in_process import InProcessDriver, check_seed, check_shots, refuse_evolution, refuse_modes
from eigen.drivers.memory import memory_limit_bytes
from eigen.drivers.options import refuse_unknown, whole_number
from eigen.drivers.room import Room
from eigen.errors import EigenError
from eigen.types import (
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    LoopResult,
    ModesWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.drivers.driver import Watch
    from eigen.drivers.engines import Engine
    from eigen.ir import Circuit, Counts
    from eigen.types import CircuitWork, Json, LoopWork, Work

    # counts, value, standard error, gradient: exactly one of counts and value
    Answer = tuple[Counts | None, float | None, float | None, tuple[float, ...] | None]

__all__ = ["MPS", "STABILIZER", "STATEVECTOR", "TENSOR_NETWORK", "NativeDriver"]

BY_DEVICE = {engine.device_id: engine for engine in ENGINES}
MAX_THREADS = 1024
MAX_PARTS = 4096  # of one run: the engines' own limit
PLAN_CACHE_BYTES = 64 << 20  # the newest plan stays, however large
STATES_USED = 3  # states that a run may need at a time: a gradient, the branches of a measurement
BYTES_PER_OPERATION = 512  # a generous estimate of what a plan keeps for one operation


@dataclass(frozen=True, slots=True)
class Choice:
    """What work chooses about an engine: threads, and options as `Plan` takes them; `record` goes with the result."""

    threads: int
    options: tuple[tuple[str, Json], ...]
    record: Mapping[str, Json] = field(default_factory=dict[str, Any], compare=False)


def _ask(
    plan: _core.Plan, work: CircuitWork, part: tuple[int, int] | None = None, watch: Watch | None = None
) -> Answer:
    if watch is not None and part is None and plan.keeps_snapshots and not isinstance(work, GradientWork):
        return _ask_watched(plan, work, watch)
    if isinstance(work, ProbabilityWork):
        return None, plan.probability(work.values, work.bits), None, None
    if isinstance(work, GradientWork):
        value, slopes = plan.gradient(work.values, work.observable)
        return None, value, None, tuple(slopes)
    if isinstance(work, SampleWork):
        return plan.sample(work.values, shots=work.shots, seed=work.seed, part=part), None, None, None
    if work.shots is None:
        return None, plan.expectation(work.values, (work.observable,))[0], None, None
    value, error = plan.sample_expectation(work.values, work.observable, shots=work.shots, seed=work.seed)
    return None, value, error, None


def _ask_watched(plan: _core.Plan, work: SampleWork | ExpectationWork | ProbabilityWork, watch: Watch) -> Answer:
    if isinstance(work, ProbabilityWork):
        return None, plan.probability(work.values, work.bits, watch=watch), None, None
    if isinstance(work, SampleWork):
        return plan.sample(work.values, shots=work.shots, seed=work.seed, watch=watch), None, None, None
    if work.shots is None:
        return None, plan.expectation(work.values, (work.observable,), watch=watch)[0], None, None
    value, error = plan.sample_expectation(work.values, work.observable, shots=work.shots, seed=work.seed, watch=watch)
    return None, value, error, None


class NativeDriver(InProcessDriver):
    """The QDriver of the native engines.

    Configuration: `isa`, the best instruction set that may be used (`auto`: the processor's), for the whole process;
    `speeds`, the path of the file in which `calibrate_device` keeps how fast the engines are on this host.
    Configuration and work options: `threads` (0 = one per core). Work may choose the options of its engine too, and
    `noise_model`, a text of `eigen.ir.NoiseModel.parse`, where the device has the feature `noise`; shots, where it has
    the feature `parts`, `part`, the number of a part of the run and of how many. Plans are kept by
    circuit digest, so that a loop pays for preparation once. Runs whose states do not fit into the memory together
    wait for each other.
    """

    name = "native"
    version = _core.__version__

    def __init__(self) -> None:
        super().__init__()
        self._threads = 0
        self._memory = 0
        self._speeds: Path | None = None
        self.devices = tuple(engine.device(0) for engine in ENGINES)
        self._room = Room(0)
        self._plans: OrderedDict[tuple[str, str, Choice], tuple[_core.Plan, int]] = OrderedDict()
        self._plan_bytes = 0

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Read `threads`, `isa` and the speeds, and measure how many qubits the memory holds."""
        self._memory = memory_limit_bytes()
        refuse_unknown(config, {"threads", "isa", "speeds"}, where=self.name)
        _limit_instruction_set(config.get("isa", "auto"))
        self._threads = whole_number(config, "threads", 0, low=0, high=MAX_THREADS, where=self.name)
        path = config.get("speeds")
        self._speeds = Path(path) if isinstance(path, str) else None
        self._room = Room(self._memory)
        self._describe(speeds.load(self._speeds, self._threads) if self._speeds else {})

    def _describe(self, found: Mapping[str, float]) -> None:
        """The devices, with the speeds of their engines."""
        self.devices = tuple(engine.device(self._memory, found.get(engine.name)) for engine in ENGINES)

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        """Measure how fast all engines that `sim:auto` chooses between are on this host; speeds by device, 1 being the
        machine that predictions were fitted on. EIGEN_STORE_UNAVAILABLE if that cannot be kept."""
        if "estimated" not in self.known(device_id).properties:
            return {}
        with self._room.hold(STATES_USED * AMPLITUDE_BYTES << speeds.WIDEST):
            found = speeds.measured(self._threads)
        if self._speeds is not None:
            try:
                speeds.save(self._speeds, self._threads, found)
            except OSError as error:
                message = f"the speeds of this host cannot be written: {error.strerror}"
                raise EigenError("EIGEN_STORE_UNAVAILABLE", message, where=self._speeds.name) from None
        self._describe(found)
        return {engine.device_id: found[engine.name] for engine in ENGINES if engine.name in found}

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run the work here and now."""
        return self._execute(device_id, work, None)

    def execute_watched(self, device_id: str, work: Work, watch: Watch) -> WorkResult:
        """See `SnapshotDriver.execute_watched`."""
        return self._execute(device_id, work, watch)

    def _execute(self, device_id: str, work: Work, watch: Watch | None) -> WorkResult:
        device, engine = self.known(device_id), BY_DEVICE[device_id]
        options, part = _part_of(work, engine)
        choice = self._choice(options, engine)
        if isinstance(work, EvolutionWork):
            return self._evolve(work, engine, choice)
        if isinstance(work, ModesWork):
            raise refuse_modes(device_id)
        started = perf_counter()
        try:
            if not isinstance(work, GradientWork) and work.shots is not None:
                check_shots(device, work.shots)
                check_seed(device, work.seed)
            elif isinstance(work, GradientWork) and "gradient" not in device.features:
                raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` has no gradients")
            _check_final(work)
            width = min(work.circuit.num_qubits, engine.most_qubits)
            with self._room.hold(STATES_USED * engine.state_bytes(width)):
                (counts, value, error, gradient), facts = self._answer(work, engine, choice, part, watch)
        except _core.CoreError as refusal:
            raise EigenError.from_core(refusal) from None
        seconds = perf_counter() - started
        metadata: dict[str, Json] = {
            "engine": engine.name,
            "version": self.version,
            "precision": engine.properties["precision"],
            **facts,
        }
        if not isinstance(work, GradientWork) and work.shots is not None:
            metadata["seed"] = work.seed
        return WorkResult(counts, value, error, gradient, seconds, metadata)

    def advance(self, device_id: str, work: LoopWork) -> LoopResult:
        """See `LoopDriver.advance`: the optimiser runs in the core, next to the plan."""
        self.known(device_id)
        engine = BY_DEVICE[device_id]
        choice = self._choice(work.options, engine)
        started = perf_counter()
        try:
            search = _core.Search.resume(work.search)
            known, evaluations = search.iterations, search.evaluations
            width = min(work.circuit.num_qubits, engine.most_qubits)
            with self._room.hold(STATES_USED * engine.state_bytes(width)):
                plan = self._plan(work.circuit, engine, choice)
                plan.minimize(search, work.observable, scale=work.scale, offset=work.offset, seconds=work.seconds)
                facts = plan.facts()
        except _core.CoreError as refusal:
            raise EigenError.from_core(refusal) from None
        metadata: dict[str, Json] = {
            "engine": engine.name,
            "version": self.version,
            "precision": engine.properties["precision"],
            **facts,
            **choice.record,
        }
        done = search.evaluations - evaluations
        return LoopResult(search.checkpoint(known), done, perf_counter() - started, metadata)

    def _evolve(self, work: EvolutionWork, engine: Engine, choice: Choice) -> WorkResult:
        device = self.known(engine.device_id)
        if "evolution" not in device.features:
            raise refuse_evolution(device.id)
        for name in work.options:
            if name != "threads":
                message = f"`{device.id}` has no option `{name}` for the evolution of a Hamiltonian"
                raise EigenError("EIGEN_DEVICE_OPTION", message, where=device.id)
        if work.shots is not None:
            check_shots(device, work.shots)
        check_seed(device, work.seed)
        from eigen.drivers.native_evolution import STATES_USED as MOST
        from eigen.drivers.native_evolution import run_evolution

        width = min(work.evolution.num_qubits, engine.most_qubits)
        with self._room.hold(MOST * engine.state_bytes(width)):
            return run_evolution(work, threads=choice.threads)

    def _choice(self, options: Mapping[str, Json], engine: Engine) -> Choice:
        """What the work's options choose; EIGEN_DEVICE_OPTION for one that the device does not have."""
        if not options:
            return Choice(self._threads, ())
        device_id = engine.device_id
        noise = {"noise_model"} if "noise" in engine.features else set[str]()
        refuse_unknown(options, {"threads", *engine.options} | noise, where=device_id)
        threads = whole_number(options, "threads", self._threads, low=0, high=MAX_THREADS, where=device_id)
        chosen = sorted((name, value) for name, value in options.items() if name in engine.options)
        for name, value in chosen:
            if not isinstance(value, bool | int | float | str):
                message = f"option `{name}` of `{device_id}` is a number, a truth value or a text, not `{value!r}`"
                raise EigenError("EIGEN_DEVICE_OPTION", message, where=device_id)
        text = options.get("noise_model")
        if text is None:
            return Choice(threads, tuple(chosen))
        if not isinstance(text, str):
            raise EigenError("EIGEN_DEVICE_OPTION", f"`noise_model` is a text, not `{text!r}`", where=device_id)
        try:
            digest = _core.NoiseModel.parse(text).digest
        except _core.CoreError as refusal:
            raise EigenError.from_core(refusal) from None
        return Choice(threads, (*chosen, ("noise", text)), {"noise_model": text, "noise_model_sha256": digest})

    def _answer(
        self,
        work: CircuitWork,
        engine: Engine,
        choice: Choice,
        part: tuple[int, int] | None,
        watch: Watch | None,
    ) -> tuple[Answer, dict[str, Json]]:
        """The answer, and what the engine tells of how it came to it."""
        if isinstance(work, ProbabilityWork) and work.shots is not None:
            return self._sampled_probability(work, work.shots, engine, choice), dict(choice.record)
        plan = self._plan(work.circuit, engine, choice)
        answer = _ask(plan, work, part, watch)
        return answer, {**plan.facts(), **choice.record}

    def _sampled_probability(self, work: ProbabilityWork, shots: int, engine: Engine, choice: Choice) -> Answer:
        from eigen.drivers.estimates import sampled_probability

        def sample(circuit: Circuit, values: Sequence[float], shots: int, seed: int) -> Counts:
            return self._plan(circuit, engine, choice).sample(values, shots=shots, seed=seed)

        mean, error = sampled_probability(work, shots, sample)
        return None, mean, error, None

    def _plan(self, circuit: Circuit, engine: Engine, choice: Choice) -> _core.Plan:
        key = (circuit.digest, engine.name, choice)
        known = self._plans.get(key)
        if known is not None:
            self._plans.move_to_end(key)
            return known[0]
        plan = _core.Plan(circuit, engine=engine.name, threads=choice.threads, options=dict(choice.options))
        size = BYTES_PER_OPERATION * len(circuit) + STATES_KEPT * engine.state_bytes(circuit.num_qubits)
        self._plans[key] = (plan, size)
        self._plan_bytes += size
        while self._plan_bytes > PLAN_CACHE_BYTES and len(self._plans) > 1:
            _, (_, dropped) = self._plans.popitem(last=False)
            self._plan_bytes -= dropped
        return plan


def _check_final(work: CircuitWork) -> None:
    """Refuse the exact value after measurements at the end: what they leave is not kept by every engine."""
    is_exact = isinstance(work, GradientWork) or work.shots is None
    if is_exact and work.circuit.has_measurements and not work.circuit.is_dynamic:
        message = "the circuit measures or resets, so it has no single final state"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)


def _part_of(work: Work, engine: Engine) -> tuple[Mapping[str, Json], tuple[int, int] | None]:
    """The options but for `part`, and that; EIGEN_DEVICE_OPTION."""
    found: Any = work.options.get("part")
    if found is None or not isinstance(work, SampleWork) or "parts" not in engine.features:
        return work.options, None
    pair = cast("list[Any]", found) if isinstance(found, list) else []
    if [type(each) for each in pair] != [int, int] or not 0 <= pair[0] < pair[1] <= MAX_PARTS:
        message = f"option `part` of `{engine.device_id}` is a number and of how many, not `{found!s:.80}`"
        raise EigenError("EIGEN_DEVICE_OPTION", message, where=engine.device_id)
    return {name: value for name, value in work.options.items() if name != "part"}, (pair[0], pair[1])


def _limit_instruction_set(name: Json) -> None:
    if name == "auto":
        return
    try:
        _core.limit_instruction_set(str(name))
    except _core.CoreError as refusal:
        raise EigenError.from_core(refusal) from None

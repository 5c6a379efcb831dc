"""`HeldProgram`: a program on its device, lowered once, evaluated again and again at other parameter values.

Nothing is kept between evaluations but what was prepared: an evaluation follows from its values and its index alone.
It is not in the job database, has no journal, and dies with its process.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from eigen.drivers.driver import LoopDriver
from eigen.errors import EigenError
from eigen.ir.autodiff import gradients, is_differentiable
from eigen.ir.values import to_plain
from eigen.kernel.arguments import arguments_of
from eigen.kernel.driver_calls import calling
from eigen.kernel.effects.control import Spending
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.effects.submission import advanced, blamed_on
from eigen.kernel.effects.verdict import error_of
from eigen.kernel.interpreter import Interpreter
from eigen.kernel.resolved import level_of, seed_at, seed_of, shots_of, work_options
from eigen.types import Evaluation, Tariff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.ir.program import Node, Program
    from eigen.jobspec import JobSpec
    from eigen.kernel.ports import LoweredCircuit, Ports
    from eigen.types import Device, Json, LoopResult, LoopWork, Work, WorkResult

NUMBERS = frozenset({"float", "int", "any"})


class HeldProgram:
    """Evaluations of one program, one at a time. `gradient_reason` says why there is no gradient; empty: there is.

    `ask` is called before each piece of quantum work and may raise.
    """

    def __init__(
        self,
        ports: Ports,
        program: Program,
        spec: JobSpec,
        device: Device,
        lowered: Sequence[LoweredCircuit],
        *,
        ask: Callable[[], None],
    ) -> None:
        self.program = program
        self.device = device
        self.seed, self._seed_source = seed_of(spec, program, entropy=ports.entropy.bits(53))
        self._spec = spec
        self._ports = ports
        self._shots = shots_of(spec, program, default=ports.default_shots)
        self._ask = ask
        self._spending = Spending(spec.budget, {device.id: Tariff.of(device)})
        self._seconds_used = 0.0
        self._engine = DeviceEngine(
            program,
            device,
            lowered,
            _Call(ports.devices.driver_for(device.id), device),
            lower=partial(ports.lower, options=spec.compiler),
            level=level_of(spec, program),
            options=work_options(spec, program),
        )
        self.gradient_reason = self._obstacle()

    def evaluate(self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool) -> Evaluation:
        """The program's return value at these values, with the derivatives by them when `gradient`.

        Raises EIGEN_REQUEST_INVALID for values that do not fit the parameters and for a gradient that cannot be
        had, else what a job raises.
        """
        arguments = arguments_of(self.program.parameters, values)
        if gradient and self.gradient_reason:
            message = f"the program of `{session_id}` has no gradient: {self.gradient_reason}"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where="gradient")
        seed = seed_at(self.seed, index)
        control = _Control(self._ports, self._spec, self._ask, self._spending, seconds=self._seconds_used)
        before, calls = self._engine.seconds, self._engine.evaluations
        started = self._ports.clock.monotonic()
        interpreter = Interpreter(
            self.program,
            self._engine,
            seed=seed,
            journal=_Unrecorded(),
            control=control,
            shots=self._shots,
            max_iters=self._spec.max_iters,
            fuel=self._ports.fuel,
        )
        try:
            outputs, slopes = self._run(interpreter, arguments, gradient=gradient)
        except Exception as error:
            raise error_of(error) from error
        finally:
            self._seconds_used += self._ports.clock.monotonic() - started
        metadata = {
            **self._engine.metadata(),
            "execution_time_sec": self._engine.seconds - before,
            "evaluations": self._engine.evaluations - calls,
            "seed_source": self._seed_source,
            **_told(interpreter),
        }
        counts = interpreter.circuits[-1].counts if interpreter.circuits else None
        return Evaluation(session_id, index, outputs, slopes, counts, seed, metadata)

    def _run(
        self, interpreter: Interpreter, arguments: Sequence[Any], *, gradient: bool
    ) -> tuple[Json, dict[str, Json] | None]:
        body = self.program.body
        if not gradient:
            (output,) = interpreter.region(body, arguments, ())
            return to_plain(output), None
        value, slopes = gradients(
            body,
            arguments,
            (),
            active=len(arguments),
            evaluate=interpreter.node,
            expectation=interpreter.expectation_gradient,
        )
        named = {
            name: to_plain(slope if length else slope[0])
            for (name, length), slope in zip(self.program.parameters, slopes, strict=True)
        }
        return to_plain(value), named

    def _obstacle(self) -> str:
        """Why the return value cannot be differentiated by the parameters; empty when it can."""
        body, parameters = self.program.body, self.program.parameters
        if not parameters:
            return "it has no open parameters"
        result = body.results[0] - len(body.params)
        kind = body.params[body.results[0]] if result < 0 else body.nodes[result].type
        if kind not in NUMBERS:
            return f"it returns a value of type `{kind}`, not one number"
        return is_differentiable(body, active=len(parameters), has_gradient=self._has_gradient)[1]

    def _has_gradient(self, node: Node) -> bool:
        return node.attrs.get("shots") is None and self._engine.has_gradient(
            node.attrs["circuit"], node.attrs["observable"]
        )


class _Call:
    """Hands work to the device by calling it: nobody takes it up again after a crash."""

    def __init__(self, driver: QDriver, device: Device) -> None:
        self._driver = driver
        self._device = device

    def run(self, key: str, work: Work) -> WorkResult:
        """The result of the work."""
        del key
        with blamed_on(self._device), calling(self._driver, "execute_circuit", self._device.id):
            return self._driver.execute_circuit(self._device.id, work)

    def foresee(self, coming: Iterator[Work], *, nested: bool = False) -> None:
        """What comes is done when it comes."""

    @property
    def has_loop(self) -> bool:
        """Whether the driver takes whole pieces of a minimisation."""
        return isinstance(self._driver, LoopDriver)

    def advance(self, work: LoopWork) -> LoopResult:
        """A piece of a minimisation."""
        with blamed_on(self._device):
            return advanced(self._driver, self._device, work)


class _Unrecorded:
    """Answers each evaluation by doing it."""

    replaying = False

    def recorded(self, request: Json) -> bool:
        """Nothing is."""
        del request
        return False

    def ask(self, request: Json, perform: Callable[[str], Json]) -> Json:
        """What the device says."""
        del request
        return perform("")


class _Control:
    """Stops an evaluation whose session is gone, or that is over the limits of its job specification."""

    def __init__(
        self, ports: Ports, spec: JobSpec, ask: Callable[[], None], spending: Spending, *, seconds: float
    ) -> None:
        self._clock = ports.clock
        self._ask = ask
        self._budget = spec.budget
        self._limit = spec.timeout.execution_seconds
        self._seconds = seconds
        self._started = ports.clock.monotonic()
        self._spending = spending

    def check(self, *, tasks: int, shots: int, replayed: bool, device: str = "") -> None:
        """Before each piece of quantum work."""
        del replayed, device
        self._ask()
        elapsed = self._clock.monotonic() - self._started
        if self._limit is not None and elapsed >= self._limit:
            message = f"the evaluation reached `timeout.execution_seconds` of {self._limit:g} s"
            raise EigenError("EIGEN_RUN_TIMEOUT", message)
        if self._budget.max_seconds is not None and self._seconds + elapsed >= self._budget.max_seconds:
            message = f"the session reached `budget.max_seconds` of {self._budget.max_seconds:g} s"
            raise EigenError("EIGEN_RUN_BUDGET", message)
        self._spending.add(tasks, shots)

    def unused(self, *, tasks: int, shots: int, device: str) -> None:
        """A session has one device."""

    def say(self, text: str) -> None:
        """What the program prints is in the metadata of the evaluation."""

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        """Nobody watches an evaluation."""


def _told(interpreter: Interpreter) -> dict[str, Json]:
    """What the program left beside its value."""
    told: dict[str, Any] = {"shots_used": interpreter.evaluator.shots_used}
    if interpreter.minimizations:
        told["minimizations"] = [{"label": label, **to_plain(record)} for label, record in interpreter.minimizations]
    if interpreter.printed:
        told["printed"] = list(interpreter.printed)
    if interpreter.warnings:
        told["warnings"] = list(interpreter.warnings)
    return told

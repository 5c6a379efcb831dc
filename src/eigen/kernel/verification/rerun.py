"""The program run again from its recorded evaluations: the outputs must follow from them. No device is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from eigen.errors import EigenError
from eigen.ir.program import Program
from eigen.ir.values import to_plain
from eigen.jobspec import JobSpec
from eigen.kernel.execution import begin
from eigen.kernel.journal import Journal
from eigen.kernel.receipt import PROGRAM, REPORT
from eigen.kernel.resolved import seed_of, shots_of
from eigen.kernel.split import Split
from eigen.types import Check, JobState, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.kernel.verification.evidence import Evidence
    from eigen.types import Json

NAME = "program"
SHOWN = (
    "outputs",
    "circuits",
    "metadata.minimizations",
    "metadata.evaluations",
    "metadata.shots_used",
    "metadata.split.runs",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One recorded evaluation: what the program asked, and what it was told."""

    request: dict[str, Any]
    answer: Any


@dataclass(frozen=True, slots=True)
class Asks:
    """Everything that the program of a job asked, in order."""

    program: Program
    spec: JobSpec
    evaluations: tuple[Asked, ...]


class _SilentError(Exception):
    """The record of the evaluations ends here."""


class _Record(Journal):
    """Answers from the journal alone, and keeps what was asked."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.journal, _refuse, clock=lambda: 0.0)
        self.asked: list[Asked] = []

    def ask(self, request: Json, perform: Callable[[str], Json]) -> Json:
        """See `Journal.ask`; `_SilentError` at the end of the record."""
        answer = super().ask(request, _refuse)
        self.asked.append(Asked(request, answer))
        return answer


class _NoEngine:
    """An engine that is never reached: whether it had gradients decides which way a minimisation went."""

    def __init__(self, *, gradients: bool) -> None:
        self._gradients = gradients

    def has_gradient(self, circuit: int, observable: int) -> bool:
        """What is assumed of the engine that ran."""
        return self._gradients

    def has_loop(self, circuit: int, observable: int) -> bool:
        """Whole pieces of a loop are recorded or not there."""
        return False

    def load(self, stage: str, index: int, observable: int | None, shots: int | None) -> tuple[int, int]:
        """Nothing is handed over."""
        return 0, 0

    def __getattr__(self, name: str) -> NoReturn:
        raise _SilentError


class _NoControl:
    """Nothing is charged, stopped or told."""

    def check(self, *, tasks: int, shots: int, replayed: bool, device: str = "") -> None:
        """Go on."""

    def unused(self, *, tasks: int, shots: int, device: str) -> None:
        """Nothing is counted."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def point(self, done: int, *, of: int) -> None:
        """Tell nobody."""

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        """Tell nobody."""


def check_program(evidence: Evidence) -> tuple[Check, Asks | None]:
    """Run the program from the journal and compare; with the check, what it asked."""
    row = evidence.row
    data = evidence.files.get(PROGRAM)
    if data is None:
        verdict = Verdict.NOT_CHECKED if row.state is not JobState.DONE else Verdict.FAIL
        return Check(NAME, verdict, "there is no compiled program"), None
    results = evidence.results
    if results is None:
        return Check(NAME, Verdict.FAIL, "there are no results to compare with"), None
    if results["outputs"] is None and not results["metadata"]:
        return Check(NAME, Verdict.NOT_CHECKED, "the program did not begin to run"), None
    try:
        program, spec = Program.from_json(data), JobSpec.from_json(row.spec)
    except (EigenError, KeyError, TypeError) as error:
        return Check(NAME, Verdict.FAIL, f"the compiled program cannot be read: {error}"), None
    found, asked = _rerun(evidence, program, spec, gradients=True)
    if isinstance(found, str):
        again, asked_again = _rerun(evidence, program, spec, gradients=False)
        if not isinstance(again, str) or len(asked_again) > len(asked):
            found, asked = again, asked_again
    asks = Asks(program, spec, tuple(asked))
    if isinstance(found, str):
        return Check(NAME, Verdict.FAIL, found), asks
    faults = [f"`{name}` does not follow from the recorded evaluations" for name in _differing(found, results)]
    if len(asked) != len(evidence.journal):
        faults.append(f"the program asks for {len(asked)} evaluations, {len(evidence.journal)} are recorded")
    detail = f"outputs, counts and optima follow from the {len(asked)} recorded evaluations"
    return Check.of(NAME, faults, detail), asks


def _rerun(
    evidence: Evidence, program: Program, spec: JobSpec, *, gradients: bool
) -> tuple[dict[str, Any] | str, list[Asked]]:
    """What the program gives, or in a sentence why it cannot; and what it asked."""
    row, results = evidence.row, evidence.results or {}
    seed, _ = seed_of(spec, program, entropy=row.entropy)
    record, split = _Record(evidence), Split.of(row.placement, program, spec)
    begun = begin(
        program,
        spec,
        _NoEngine(gradients=gradients),  # pyright: ignore[reportArgumentType]
        report=lambda: evidence.document(REPORT) or {},
        seed=seed,
        journal=record,
        control=_NoControl(),
        shots=evidence.run.get("shots") or shots_of(spec, program, default=evidence.default_shots),
        fuel=evidence.fuel,
        split=split,
    )
    interpreter = begun.run
    output: Any = None
    try:
        output = begun.to_the_end()
    except _SilentError:
        if row.state is JobState.DONE:
            return "the record of the evaluations ends before the program does", record.asked
    except EigenError as error:
        if error.code == "EIGEN_RUN_JOURNAL_MISMATCH":
            return f"the program does not ask for what is recorded: {error.message}", record.asked
        if row.state is JobState.DONE or (row.error or {}).get("code") != error.code:
            return f"the program fails with `{error.code}`: {error.message}", record.asked
    found = {
        "outputs": output if row.state is JobState.DONE else begun.reached() or results.get("outputs"),
        "circuits": [run.to_json() for run in interpreter.circuits],
        "metadata": {
            "minimizations": [{"label": label, **to_plain(each)} for label, each in interpreter.minimizations],
            "evaluations": interpreter.evaluator.evaluations,
            "shots_used": interpreter.evaluator.shots_used,
            **({} if split is None else {"split": {"runs": split.runs}}),
        },
    }
    return json.loads(json.dumps(found)), record.asked


def _differing(found: dict[str, Any], results: dict[str, Any]) -> list[str]:
    empty: dict[str, Any] = {"metadata.minimizations": []}
    return [name for name in SHOWN if _at(found, name) != _at(results, name, empty.get(name))]


def _at(value: Any, name: str, default: Any = None) -> Any:
    for part in name.split("."):
        value = default if value is None else value.get(part, default)
    return value


def _refuse(*_: Any) -> NoReturn:
    raise _SilentError

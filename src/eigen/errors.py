"""The one error type, and the one table from error code to gRPC, HTTP and exit status.

Every error a user can meet is an `EigenError` whose code stands in `ERRORS`; docs/reference/errors.md is
generated from this table and each row has a tested example. Language diagnostics (E0101 …) have their own
table in `eigen.lang.codes` and travel inside `EIGEN_LANG_REJECTED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen._core import CoreError


class Status(Enum):
    """The canonical statuses of google.rpc.Code that occur here: (gRPC number, HTTP status, exit code)."""

    INVALID_ARGUMENT = (3, 400, 2)
    NOT_FOUND = (5, 404, 2)
    ALREADY_EXISTS = (6, 409, 2)
    PERMISSION_DENIED = (7, 403, 2)
    UNAUTHENTICATED = (16, 401, 2)
    RESOURCE_EXHAUSTED = (8, 429, 2)
    FAILED_PRECONDITION = (9, 412, 2)
    OUT_OF_RANGE = (11, 416, 2)
    UNIMPLEMENTED = (12, 501, 2)
    CANCELLED = (1, 499, 1)
    ABORTED = (10, 409, 1)
    DEADLINE_EXCEEDED = (4, 504, 1)
    UNAVAILABLE = (14, 503, 3)
    DATA_LOSS = (15, 500, 4)
    INTERNAL = (13, 500, 4)

    @property
    def grpc(self) -> int:
        """The number of google.rpc.Code."""
        return self.value[0]

    @property
    def http(self) -> int:
        """The HTTP status of the problem+json answer."""
        return self.value[1]

    @property
    def exit(self) -> int:
        """The exit code of the command line."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """One row of the error table: what the code means and what helps in general."""

    status: Status
    summary: str
    hint: str = ""


ERRORS: dict[str, ErrorInfo] = {
    # language and compiler
    "EIGEN_LANG_REJECTED": ErrorInfo(
        Status.INVALID_ARGUMENT,
        "the program does not compile",
        "each diagnostic names its line and a rewrite",
    ),
    "EIGEN_COMPILER_UNSUPPORTED": ErrorInfo(
        Status.FAILED_PRECONDITION, "the circuit cannot be expressed on this device"
    ),
    "EIGEN_CIRCUIT_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "a circuit breaks a rule of the IR"),
    "EIGEN_CIRCUIT_PARAMETERS": ErrorInfo(
        Status.INVALID_ARGUMENT, "parameter values do not match the circuit's parameters"
    ),
    "EIGEN_AQO_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "an AQO document is not valid"),
    "EIGEN_AQO_UNSUPPORTED": ErrorInfo(Status.INVALID_ARGUMENT, "the AQO version asked for cannot carry this circuit"),
    "EIGEN_FORMAT_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "a document is not valid in its format"),
    "EIGEN_FORMAT_UNSUPPORTED": ErrorInfo(
        Status.INVALID_ARGUMENT, "a format cannot carry the circuit, or a document says what circuits cannot carry"
    ),
    "EIGEN_EVOLUTION_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "a time evolution is malformed"),
    "EIGEN_MODES_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "a photonic program is malformed"),
    "EIGEN_OBSERVABLE_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "an observable is not a valid Pauli sum"),
    "EIGEN_PROGRAM_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "a compiled program is not well formed"),
    "EIGEN_LIMIT_EXCEEDED": ErrorInfo(
        Status.RESOURCE_EXHAUSTED,
        "a counted limit is exceeded",
        "`eigen config` lists the limits",
    ),
    # job description, command line and configuration
    "EIGEN_JOBSPEC_INVALID": ErrorInfo(
        Status.INVALID_ARGUMENT, "job.yaml is not valid", "all complaints are listed with their field paths"
    ),
    "EIGEN_BATCH_REFUSED": ErrorInfo(
        Status.INVALID_ARGUMENT, "jobs of a batch cannot be taken, and none was stored", "`details` has each, by index"
    ),
    "EIGEN_CONFIG_INVALID": ErrorInfo(
        Status.INVALID_ARGUMENT, "the configuration is not valid", "`eigen config` lists every key"
    ),
    "EIGEN_USAGE": ErrorInfo(Status.INVALID_ARGUMENT, "the command line is not valid", "see `eigen --help`"),
    "EIGEN_FILE_UNREADABLE": ErrorInfo(Status.NOT_FOUND, "a file cannot be read"),
    # routing and devices
    "EIGEN_ROUTER_NO_DEVICE": ErrorInfo(
        Status.FAILED_PRECONDITION, "no device can run the program", "`eigen devices` lists what is there"
    ),
    "EIGEN_DEVICE_UNKNOWN": ErrorInfo(
        Status.NOT_FOUND, "there is no device of that name", "`eigen devices` lists what is there"
    ),
    "EIGEN_DEVICE_OPTION": ErrorInfo(
        Status.INVALID_ARGUMENT, "the device does not know that option, or cannot honour it"
    ),
    "EIGEN_EXECUTOR_RESOURCES": ErrorInfo(
        Status.FAILED_PRECONDITION, "no worker of the executor has the resources that a task needs"
    ),
    "EIGEN_EXECUTOR_LOST": ErrorInfo(
        Status.ABORTED, "a worker of the executor was lost while it ran a task", "the task can be run again"
    ),
    "EIGEN_DEVICE_FAILED": ErrorInfo(Status.ABORTED, "the device failed while it ran the work"),
    "EIGEN_DRIVER_REJECTED": ErrorInfo(
        Status.FAILED_PRECONDITION, "a driver did not pass its probe circuits and was not loaded"
    ),
    "EIGEN_SIM_MEMORY": ErrorInfo(
        Status.RESOURCE_EXHAUSTED, "the simulation needs more memory than there is", "use fewer qubits"
    ),
    "EIGEN_SIM_UNSUPPORTED": ErrorInfo(Status.INVALID_ARGUMENT, "the engine cannot do that with this circuit"),
    "EIGEN_SIM_CLASSICAL": ErrorInfo(
        Status.ABORTED, "a classical computation of a circuit has no value", "guard the division or the function"
    ),
    "EIGEN_SIM_LOOP_BOUND": ErrorInfo(
        Status.ABORTED, "a run-time loop reached its bound", "raise the bound or check the exit condition"
    ),
    "EIGEN_NOISE_INVALID": ErrorInfo(
        Status.INVALID_ARGUMENT, "a noise channel is not physical, or a noise model cannot be read"
    ),
    # running programs
    "EIGEN_RUN_FAILED": ErrorInfo(Status.ABORTED, "a stage of the program failed at run time"),
    "EIGEN_RUN_JOURNAL_MISMATCH": ErrorInfo(
        Status.DATA_LOSS, "the journal of an interrupted run does not belong to this program"
    ),
    "EIGEN_RUN_TIMEOUT": ErrorInfo(Status.DEADLINE_EXCEEDED, "the job exceeded its time-out"),
    "EIGEN_RUN_CANCELLED": ErrorInfo(Status.CANCELLED, "the job was cancelled"),
    "EIGEN_RUN_UNDECIDED": ErrorInfo(
        Status.ABORTED,
        "nobody knows whether a device that charges did some work, and a person gave it up",
        "`eigen resume ID` asks once more",
    ),
    "EIGEN_RUN_DISAGREEMENT": ErrorInfo(
        Status.ABORTED,
        "devices that shared the shots of a run gave counts that cannot come from one distribution",
        "`metadata.split` of the results has the counts of each device",
    ),
    "EIGEN_RUN_BUDGET": ErrorInfo(Status.RESOURCE_EXHAUSTED, "the job reached its budget"),
    # the server: who asks, and what is asked
    "EIGEN_QUOTA_EXCEEDED": ErrorInfo(
        Status.RESOURCE_EXHAUSTED,
        "the tenant or project has as much under way as it may, keeps as much, or submitted as much in a period",
        "submit again when some of it has ended",
    ),
    "EIGEN_AUTH_REQUIRED": ErrorInfo(
        Status.UNAUTHENTICATED, "the request carries no valid token", "set `EIGEN_TOKEN` to an API key or an OIDC token"
    ),
    "EIGEN_AUTH_DENIED": ErrorInfo(Status.PERMISSION_DENIED, "the caller may not do that"),
    "EIGEN_REQUEST_INVALID": ErrorInfo(Status.INVALID_ARGUMENT, "a request is malformed"),
    "EIGEN_CONTRACT_VERSION": ErrorInfo(
        Status.FAILED_PRECONDITION, "client and server speak different versions of the contract"
    ),
    "EIGEN_SERVER_UNREACHABLE": ErrorInfo(
        Status.UNAVAILABLE, "the server does not answer", "`eigen doctor` shows which endpoint is used"
    ),
    "EIGEN_DEADLINE_EXCEEDED": ErrorInfo(Status.DEADLINE_EXCEEDED, "the answer did not come before the deadline"),
    "EIGEN_RESERVATION_NOT_FOUND": ErrorInfo(Status.NOT_FOUND, "there is no reservation of that id"),
    "EIGEN_DEVICE_RESERVED": ErrorInfo(Status.FAILED_PRECONDITION, "the device is reserved by someone else"),
    "EIGEN_SESSION_NOT_FOUND": ErrorInfo(Status.NOT_FOUND, "there is no session of that id", "open it again"),
    # jobs and storage
    "EIGEN_JOB_NOT_FOUND": ErrorInfo(Status.NOT_FOUND, "there is no job of that id", "`eigen list` shows the jobs"),
    "EIGEN_JOB_NOT_UNDECIDED": ErrorInfo(
        Status.FAILED_PRECONDITION, "the job waits for nobody's decision", "`eigen explain ID` says what it waits for"
    ),
    "EIGEN_JOB_NOT_FINISHED": ErrorInfo(
        Status.FAILED_PRECONDITION, "the job has not finished", "`eigen watch ID` waits for it"
    ),
    "EIGEN_JOB_FINISHED": ErrorInfo(Status.FAILED_PRECONDITION, "the job has already finished"),
    "EIGEN_JOB_DEPENDENCY": ErrorInfo(Status.FAILED_PRECONDITION, "a job this one depends on did not succeed"),
    "EIGEN_WORKFLOW_STEP": ErrorInfo(
        Status.ABORTED, "a step of a workflow did not succeed", "`eigen explain ID` shows its jobs"
    ),
    "EIGEN_WORKFLOW_REFERENCE": ErrorInfo(
        Status.INVALID_ARGUMENT, "a reference or a condition of a workflow has no value"
    ),
    "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT": ErrorInfo(
        Status.FAILED_PRECONDITION, "the idempotency key was used with another request"
    ),
    "EIGEN_STREAM_CURSOR": ErrorInfo(Status.OUT_OF_RANGE, "the event cursor lies outside the job's log"),
    "EIGEN_QFS_NOT_FOUND": ErrorInfo(Status.NOT_FOUND, "there is no such artifact"),
    "EIGEN_QFS_EXISTS": ErrorInfo(Status.ALREADY_EXISTS, "an artifact of that name holds other bytes"),
    "EIGEN_QFS_PATH": ErrorInfo(Status.INVALID_ARGUMENT, "an artifact path is not allowed"),
    "EIGEN_QFS_DATA_LOSS": ErrorInfo(Status.DATA_LOSS, "an artifact does not match its recorded digest"),
    "EIGEN_STORE_UNAVAILABLE": ErrorInfo(
        Status.UNAVAILABLE, "the data directory, the database or the bucket cannot be used", "`eigen doctor` says why"
    ),
    "EIGEN_EVENTS_UNAVAILABLE": ErrorInfo(
        Status.UNAVAILABLE, "events cannot be told to their sink", "`eigen doctor` says why; nothing is lost meanwhile"
    ),
    "EIGEN_INPUT_DIGEST": ErrorInfo(
        Status.INVALID_ARGUMENT, "an input handed in does not match the sha256 that its job names"
    ),
    "EIGEN_BACKEND_INSTALL": ErrorInfo(Status.ABORTED, "a backend cannot be installed, or taken away"),
    "EIGEN_NOT_AVAILABLE": ErrorInfo(Status.UNIMPLEMENTED, "this installation does not have that feature"),
    "EIGEN_INTERNAL": ErrorInfo(
        Status.INTERNAL, "a defect of Eigen OS", "please report it with the job's log: `eigen logs ID`"
    ),
}


FROM_CORE: dict[str, str] = {
    "EIGEN_GATE_UNKNOWN": "EIGEN_CIRCUIT_INVALID",
    "EIGEN_GATE_ARGUMENTS": "EIGEN_CIRCUIT_INVALID",
    "EIGEN_GATE_NOT_UNITARY": "EIGEN_CIRCUIT_INVALID",
    "EIGEN_CIRCUIT_NOT_UNITARY": "EIGEN_SIM_UNSUPPORTED",
    "EIGEN_CONDITION_INVALID": "EIGEN_CIRCUIT_INVALID",
    "EIGEN_JSON_INVALID": "EIGEN_AQO_INVALID",
    "EIGEN_RANDOM_INVALID": "EIGEN_CIRCUIT_INVALID",
    "EIGEN_SIM_ARGUMENTS": "EIGEN_SIM_UNSUPPORTED",
    "EIGEN_COUNTS_INVALID": "EIGEN_SIM_UNSUPPORTED",
    "EIGEN_SIM_SNAPSHOT": "EIGEN_QFS_DATA_LOSS",
}
"""Codes of the core that users meet under a wider code; the others stand in `ERRORS` themselves."""


class EigenError(Exception):
    """An error a user can meet: stable code, message with the offending value in backticks, and a hint.

    `where` says what the error is about (a field path, a file, `program.eigen.py:12:5`); `details` carries
    JSON values for machines, such as the list of diagnostics or field violations.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        where: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        if code not in ERRORS:
            raise KeyError(f"error code {code!r} does not stand in the table")
        message = _printable(message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = _printable(hint) or ERRORS[code].hint
        self.where = _printable(where)
        self.details: dict[str, Any] = dict(details or {})
        # What a traceback of the user's own Python shows beside the message.
        self.add_note(f"code: {code}")
        if self.hint:
            self.add_note(f"hint: {self.hint}")

    def __reduce__(self) -> tuple[Any, ...]:
        """As its JSON, so that a process pool brings it home."""
        return EigenError.from_json, (self.to_json(),)

    @property
    def status(self) -> Status:
        """The canonical status, which fixes gRPC number, HTTP status and exit code."""
        return ERRORS[self.code].status

    def to_json(self) -> dict[str, Any]:
        """The error as JSON: the same shape in results, in `--json` output and in error.json."""
        value: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.where:
            value["where"] = self.where
        if self.hint:
            value["hint"] = self.hint
        if self.details:
            value["details"] = self.details
        return value

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> EigenError:
        """The error that `to_json` wrote; an unknown code reads as EIGEN_INTERNAL and is named."""
        code = str(value.get("code", ""))
        message = str(value.get("message", ""))
        if code not in ERRORS:
            message, code = f"{message} (code `{code}`)", "EIGEN_INTERNAL"
        return EigenError(
            code,
            message,
            hint=str(value.get("hint", "")),
            where=str(value.get("where", "")),
            details=value.get("details"),
        )

    @staticmethod
    def from_core(error: CoreError) -> EigenError:
        """The error for one that `eigen._core` raised; a code that is in no table reads as EIGEN_INTERNAL."""
        code = FROM_CORE.get(error.code, error.code)
        return EigenError(code if code in ERRORS else "EIGEN_INTERNAL", error.message, hint=error.hint or "")

    def render(self) -> str:
        """The error as text for a terminal: `error[CODE]: message`, where, hint."""
        lines = [f"error[{self.code}]: {self.message}"]
        if self.where:
            lines.append(f"  --> {self.where}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


def _printable(text: str) -> str:
    """The text with everything that a terminal or a log could obey written out; errors quote what strangers sent.

    >>> _printable("no job `\\x1b[2J`")
    'no job `\\\\x1b[2J`'
    """
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() or mark == "\n" else ascii(mark)[1:-1] for mark in text)


def suggest(name: str, known: Sequence[str]) -> str:
    """A did-you-mean clause for an unknown name, or an empty string.

    >>> suggest("sim:locla", ["sim:local", "sim:auto"])
    'did you mean `sim:local`?'
    """
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""

"""Devices of AWS, `braket:<provider>.<name>`: tasks of Amazon Braket, over its SDK. The client token of a task is that
of its key, so that AWS takes work once, however often it is submitted.

It was never run against the service: what is known of it is what the SDK says, and a local double that speaks its
protocol. AWS places and routes circuits itself; barriers are left out.
"""

# Braket and boto3 have hints for some of their names only, and are loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import json
import os
import time
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Counts, Sample
from eigen_driver.engine import Device
from eigen_driver.engines.braket_programs import GATES, Program, program_of
from eigen_driver.failure import RefusedError
from eigen_driver.remote import ENDED, REHEARSAL, AwayError, Fetched, Handle, RemoteEngine, read_settings, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver.asks import Answer, Ask

SETTINGS = {
    "region": str,
    "bucket": str,
    "prefix": str,
    "profile": str,
    "access_key_id": str,
    "secret_access_key": str,
    "session_token": str,
    "devices": str,
    "endpoint": str,
    "s3_endpoint": str,
}
OPENQASM = "braket.ir.openqasm.program"
CAPABILITIES_SECONDS = 900.0
"""How long a device's capabilities are believed; its status is asked each time."""
STATES = {
    "CREATED": "QUEUED",
    "QUEUED": "QUEUED",
    "RUNNING": "RUNNING",
    "COMPLETED": "DONE",
    "FAILED": "FAILED",
    "CANCELLING": "CANCELLED",
    "CANCELLED": "CANCELLED",
}
ORDER = ("UNKNOWN", "FAILED", "CANCELLED", "QUEUED", "RUNNING", "DONE")
"""What work of several tasks is: the first of these that one of them is."""
PASSING = frozenset({"ThrottlingException", "InternalServiceException", "RequestTimeout", "SlowDown", "InternalError"})
DENIED = frozenset(
    {
        *("AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "ExpiredTokenException"),
        *("InvalidSignatureException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    }
)
NEVER = "never run against the service"
MOST_REHEARSED = 24
"""Qubits of a circuit that the local simulator is given."""


class BraketCloudEngine(RemoteEngine):
    """See the module. Settings: `region`; `bucket`, where AWS writes results, and `prefix` in it; `profile`, or
    `access_key_id`, `secret_access_key` and `session_token`, else what boto3 finds; `devices`, ids or ARNs apart by
    spaces, where not all are wanted; `endpoint` and `s3_endpoint` for other addresses than AWS's."""

    name = "braket_cloud"
    options = frozenset({REHEARSAL})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load the SDK, and look whether AWS takes the credentials."""
        found = read_settings(self, config, SETTINGS, ("region", "bucket"))
        self.hidden = tuple(found[name] for name in ("secret_access_key", "session_token") if name in found)
        global sdk, aws_errors
        import boto3
        import botocore.exceptions as aws_errors
        import braket.devices as sdk
        from botocore.config import Config
        from braket.aws import AwsSession

        self.version = version("amazon-braket-sdk")
        if found.get("s3_endpoint"):
            os.environ["AWS_ENDPOINT_URL_S3"] = found["s3_endpoint"]  # where boto3 looks for it
        session = boto3.Session(
            aws_access_key_id=found.get("access_key_id"),
            aws_secret_access_key=found.get("secret_access_key"),
            aws_session_token=found.get("session_token"),
            profile_name=found.get("profile"),
            region_name=found["region"],
        )
        waits = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 3, "mode": "standard"})
        client = _asked(session.client, "braket", endpoint_url=found.get("endpoint"), config=waits)
        self._aws: Any = AwsSession(boto_session=session, braket_client=client, default_bucket=found["bucket"])
        self._place = (found["bucket"], found.get("prefix", "eigen"))
        self._wanted = frozenset(str(found.get("devices", "")).split())
        self._known: dict[str, tuple[float, Any]] = {}
        self._rows()

    def devices(self) -> Sequence[Device]:
        """The devices of the region that take circuits, with what AWS says of each now."""
        told = (self._device(row) for row in self._rows())
        return tuple(sorted((device for device in told if device is not None), key=lambda device: device.id))

    def submit(self, device: Device, key: str, asks: Sequence[Ask]) -> Handle:
        """A task for each question; those that measure nothing are answered by zeros."""
        programs = _programs(device, asks)
        tasks: list[dict[str, Any]] = []
        for part, (program, ask) in enumerate(programs):
            task: dict[str, Any] = {"bits": program.num_clbits, "places": list(program.places), "shots": ask.shots}
            if program.places:
                task["arn"] = str(
                    _asked(
                        self._aws.create_quantum_task,
                        clientToken=token_of(key, part),
                        deviceArn=device.properties["arn"],
                        shots=ask.shots,
                        outputS3Bucket=self._place[0],
                        outputS3KeyPrefix=self._place[1],
                        action=json.dumps(program.document),
                    )
                )
            tasks.append(task)
        return {"tasks": tasks}

    def poll(self, handle: Handle) -> str:
        """As AWS says of the tasks."""
        found = {self._state(task["arn"]) for task in handle["tasks"] if "arn" in task} | {"DONE"}
        return next(state for state in ORDER if state in found)

    def fetch(self, handle: Handle) -> Fetched:
        """Counts of the classical bits, from the results in the bucket."""
        return Fetched([self._counts(task) for task in handle["tasks"]])

    def cancel(self, handle: Handle) -> bool:
        """Ask AWS to stop what has not ended."""
        left = [task["arn"] for task in handle["tasks"] if "arn" in task and self._state(task["arn"]) not in ENDED]
        for arn in left:
            _asked(self._aws.cancel_quantum_task, arn, ended="ConflictException")
        return bool(left)

    def rehearse(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """The same programs on Braket's local simulator."""
        answers: list[Answer] = []
        for program, ask in _programs(device, asks):
            if program.num_qubits > MOST_REHEARSED:
                message = f"a rehearsal of `{device.id}` has at most {MOST_REHEARSED} qubits, not {program.num_qubits}"
                raise RefusedError("EIGEN_SIM_MEMORY", message)
            found = {0: ask.shots}
            if program.places:
                from braket.ir.openqasm import Program as OpenQasm

                ran = sdk.LocalSimulator().run(OpenQasm(source=program.source, inputs={}), shots=ask.shots).result()
                found = _read(ran, program.places)
            answers.append(Counts(found, {"rehearsal": True, "simulator": "braket local simulator"}))
        return answers

    def _rows(self) -> list[dict[str, Any]]:
        rows = _asked(self._aws.search_devices)
        found = [row for row in rows if row["deviceStatus"] != "RETIRED"]
        return [row for row in found if not self._wanted or {_id(row), row["deviceArn"]} & self._wanted]

    def _device(self, row: Mapping[str, Any]) -> Device | None:
        """A device; None for one that takes no circuits."""
        arn = row["deviceArn"]
        at, told = self._known.get(arn, (0.0, None))
        if told is None or time.monotonic() - at > CAPABILITIES_SECONDS:
            told = _asked(self._aws.get_device, arn)
            self._known[arn] = (time.monotonic(), told)
        capabilities = json.loads(told["deviceCapabilities"])
        action = capabilities.get("action", {}).get(OPENQASM)
        if action is None or "qubitCount" not in capabilities.get("paradigm", {}):
            return None
        names = {str(name).lower() for name in action["supportedOperations"]}
        service = capabilities["service"]
        queue = next((each for each in told.get("deviceQueueInfo", ()) if each["queue"] == "QUANTUM_TASKS_QUEUE"), {})
        size = str(queue.get("queueSize", "0")).lstrip(">")
        return Device(
            _id(row),
            f"AWS, {row['providerName']} {row['deviceName']}",
            int(capabilities["paradigm"]["qubitCount"]),
            tuple(gate for gate, name in GATES.items() if name in names),
            frozenset({"metered", "deduplicates"}),
            backend_type="hardware" if row["deviceType"] == "QPU" else "remote_simulator",
            max_shots=int(service["shotsRange"][1]),
            status="ONLINE" if row["deviceStatus"] == "ONLINE" else "OFFLINE",
            queue_depth=int(size) if size.isdigit() else 0,
            properties={
                "engine": "braket",
                "arn": arn,
                "options": sorted(self.options),
                REHEARSAL: True,
                "proved": NEVER,
                "device_cost": service.get("deviceCost"),
            },
        )

    def _state(self, arn: str) -> str:
        found = _asked(self._aws.get_quantum_task, arn, ended="ResourceNotFoundException")
        return "UNKNOWN" if found is None else STATES.get(found["status"], "QUEUED")

    def _counts(self, task: Mapping[str, Any]) -> Counts:
        if "arn" not in task:
            return Counts({0: task["shots"]}, {"submitted": False}, task["bits"])
        from braket.schema_common import BraketSchemaBase
        from braket.tasks import GateModelQuantumTaskResult

        arn = task["arn"]
        row = _asked(self._aws.get_quantum_task, arn)
        if row["status"] != "COMPLETED":
            why = str(row.get("failureReason") or row["status"])[:500]
            raise RefusedError("EIGEN_DEVICE_FAILED", f"task `{arn}` of AWS failed: {why}")
        place = f"{row['outputS3Directory']}/results.json"
        text = _asked(self._aws.retrieve_s3_object_body, row["outputS3Bucket"], place)
        parsed: Any = BraketSchemaBase.parse_raw_schema(text)
        result = GateModelQuantumTaskResult.from_object(parsed)
        return Counts(_read(result, task["places"]), {"task": arn}, task["bits"])


def _programs(device: Device, asks: Sequence[Ask]) -> list[tuple[Program, Sample]]:
    found: list[tuple[Program, Sample]] = []
    for ask in asks:
        if not isinstance(ask, Sample):
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` counts shots only")
        found.append((program_of(device, ask), ask))
    return found


def _read(result: Any, places: Sequence[Sequence[int]]) -> dict[int, int]:
    """Counts by classical bits; `places` pairs qubits of the program with bits, the later pair of a bit holds."""
    columns = {int(qubit): column for column, qubit in enumerate(result.measured_qubits)}
    chosen = [(columns[qubit], bit) for bit, qubit in {bit: qubit for qubit, bit in places}.items()]
    rows = result.measurements.tolist()
    return dict(Counter(sum(int(row[column]) << bit for column, bit in chosen) for row in rows))


def _id(row: Mapping[str, Any]) -> str:
    """The provider and the name of an ARN: `…/qpu/ionq/Forte-1`."""
    *_, provider, name = row["deviceArn"].split("/")
    return f"braket:{provider}.{name}"


def _asked(call: Callable[..., Any], *words: Any, ended: str = "", **named: Any) -> Any:
    """What AWS gives, its failures in our words; None for the failure `ended`."""
    try:
        return call(*words, **named)
    except aws_errors.ClientError as error:
        told = error.response.get("Error", {})
        code, message = str(told.get("Code", "")), f"{told.get('Code')}: {told.get('Message')}"[:500]
        if ended and code == ended:
            return None
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in PASSING or status >= 500 or status == 429:
            raise AwayError(message) from None
        if code in DENIED or status in {401, 403}:
            raise RefusedError("EIGEN_NOT_AVAILABLE", f"AWS does not take the credentials: {message}") from None
        raise RefusedError("EIGEN_DEVICE_FAILED", f"AWS says: {message}") from None
    except (aws_errors.NoCredentialsError, aws_errors.PartialCredentialsError, aws_errors.ProfileNotFound) as error:
        hint = "settings `access_key_id` and `secret_access_key`, or `profile`"
        raise RefusedError("EIGEN_NOT_AVAILABLE", f"there are no credentials of AWS: {error}", hint=hint) from None
    except (aws_errors.BotoCoreError, OSError) as error:
        raise AwayError(f"{type(error).__name__}: {error}"[:500]) from None

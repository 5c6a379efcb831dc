"""A task as a document, and its result as one: canonical JSON both, so that the same work is the same bytes.

A result says nothing that differs from run to run, such as how long it took: a task that runs twice on hosts of one
kind leaves the same bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen._core import CoreError, canonical_json
from eigen.errors import EigenError
from eigen.ir import Circuit, Evolution, Modes, Observable
from eigen.types import EvolutionWork, ExpectationWork, GradientWork, ModesWork, ProbabilityWork, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.executors.executor import Outcome
    from eigen.types import Json, Work

FORMAT = 1
KINDS = {
    SampleWork: "sample",
    ExpectationWork: "expectation",
    GradientWork: "gradient",
    ProbabilityWork: "probability",
    EvolutionWork: "evolution",
    ModesWork: "modes",
}


def spec_of(job: str, device_id: str, work: Work) -> bytes:
    """The description of a task: the work, the device, the engine's version, and the job that it is for."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": _core.__version__,
        "job": job,
        "device": device_id,
        "kind": KINDS[type(work)],
        "values": list(work.values),
        "options": dict(work.options),
    }
    if isinstance(work, EvolutionWork):
        document |= {"evolution": work.evolution.to_aqo().decode(), "settings": dict(work.settings)}
    elif isinstance(work, ModesWork):
        document["modes"] = work.modes.to_aqo().decode()
    else:
        document["circuit"] = work.circuit.to_aqo().decode()
    if isinstance(work, ExpectationWork | GradientWork):
        document["observable"] = work.observable.to_json().decode()
    if isinstance(work, ProbabilityWork):
        document["bits"] = work.bits
    if not isinstance(work, GradientWork):
        document |= {"shots": work.shots, "seed": str(work.seed)}
    return canonical_json(document)


def read_spec(data: bytes) -> tuple[str, Work]:
    """The device and the work of a description.

    Raises EIGEN_CONTRACT_VERSION when another version wrote it, EIGEN_REQUEST_INVALID for what is no description, and
    what its circuit or observable raises.
    """
    try:
        document: dict[str, Any] = json.loads(data)
        if (document["format"], document["version"]) != (FORMAT, _core.__version__):
            raise EigenError(
                "EIGEN_CONTRACT_VERSION",
                f"the task is of version `{str(document['version'])[:40]}` and format `{document['format']!r}`, this "
                f"worker of `{_core.__version__}` and `{FORMAT}`",
                hint="install the same version of Eigen OS everywhere",
            )
        return str(document["device"]), _work(document)
    except CoreError as refusal:
        raise EigenError.from_core(refusal) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"the description of a task cannot be read: {type(error).__name__}"
        raise EigenError("EIGEN_REQUEST_INVALID", message) from None


def _work(document: Mapping[str, Any]) -> Work:
    values = tuple(map(float, document["values"]))
    options: dict[str, Json] = dict(document["options"])
    kind = document["kind"]
    if kind == "evolution":
        evolution = Evolution.from_aqo(document["evolution"].encode())
        return EvolutionWork(evolution, values, *_drawn(document), dict(document["settings"]), options)
    if kind == "modes":
        return ModesWork(Modes.from_aqo(document["modes"].encode()), values, *_drawn(document), options)
    circuit = Circuit.from_aqo(document["circuit"].encode())
    if kind == "gradient":
        return GradientWork(circuit, values, _observable(document), options)
    shots, seed = _drawn(document)
    if kind == "expectation":
        return ExpectationWork(circuit, values, _observable(document), shots, seed, options)
    if kind == "probability":
        return ProbabilityWork(circuit, values, str(document["bits"]), shots, seed, options)
    if kind == "sample" and shots is not None:
        return SampleWork(circuit, values, shots, seed, options)
    raise ValueError(kind)


def _observable(document: Mapping[str, Any]) -> Observable:
    return Observable.from_json(document["observable"].encode())


def _drawn(document: Mapping[str, Any]) -> tuple[int | None, int]:
    shots = document["shots"]
    return None if shots is None else int(shots), int(document["seed"])


def result_document(result: WorkResult) -> bytes:
    """What a task leaves when it came to its end."""
    return canonical_json({"format": FORMAT, **result.to_json()})


def error_document(error: EigenError) -> bytes:
    """What a task leaves when its work cannot be done."""
    return canonical_json({"format": FORMAT, "error": error.to_json()})


def read_result(outcome: Outcome) -> WorkResult:
    """The result that a task left; raises the error that it left, or EIGEN_QFS_DATA_LOSS for what is neither."""
    try:
        document: dict[str, Any] = json.loads(outcome.document)
        if document["format"] != FORMAT:
            raise ValueError(document["format"])
        if "error" in document:
            error = EigenError.from_json(document["error"])
        else:
            return WorkResult.from_json(document, outcome.seconds)
    except (ValueError, TypeError, KeyError, RecursionError) as cause:
        message = f"the result of a task cannot be read: {type(cause).__name__}"
        raise EigenError("EIGEN_QFS_DATA_LOSS", message) from None
    raise error

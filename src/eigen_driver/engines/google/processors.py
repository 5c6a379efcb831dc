"""Google's specifications of machines as devices: which qubits and couplers there are, which gates, how long they take,
and what was measured of them last.

Of a calibration come readout errors, errors of gates of one qubit, and those of CZ where it is the machine's own. They
are average errors: where only Pauli errors were measured, 2/3 of those of one qubit, 4/5 of those of two. T1 was
measured and T2 was not, so that neither is told of idling; the median of every metric is told besides.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from eigen_driver.engine import Device
from eigen_driver.engines.google.circuits import ANGLES, CZ, SINGLE, SQRT_ISWAP, TURNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AVERAGE = {1: "single_qubit_rb_average_error_per_gate", 2: "two_qubit_parallel_cz_gate_xeb_average_error_per_cycle"}
PAULI = {1: "single_qubit_rb_pauli_error_per_gate", 2: "two_qubit_parallel_cz_gate_xeb_pauli_error_per_cycle"}
SHARE = {1: 2.0 / 3.0, 2: 4.0 / 5.0}
"""Average error by Pauli error, d/(d+1), of so many qubits."""
READOUT = {"one_given_zero": "single_qubit_p00_error", "zero_given_one": "single_qubit_p11_error"}
PICO_NS = 1e-3
MOST_SHOTS = 1_000_000
STATUS = {"OK": "ONLINE", "DOWN": "OFFLINE", "INACTIVE": "MAINTENANCE", "UNAVAILABLE": "OFFLINE"}


@dataclass(frozen=True)
class Processor:
    """A machine: its device, its qubits by index, and the two-qubit gate that CZ is made of."""

    device: Device
    qubits: Sequence[Any]
    native: str
    run: str = ""
    config: str = ""


def processor(told: Any, calibration: Any, version: str) -> Processor | None:
    """What the service tells of a machine, and of its calibration (None: nothing); None without a specification."""
    import cirq_google
    from cirq_google.api import v2
    from cirq_google.engine.util import unpack_any

    if not told.device_spec.type_url:
        return None
    specification = unpack_any(told.device_spec, v2.device_pb2.DeviceSpecification())
    grid = cirq_google.GridDevice.from_proto(specification).metadata
    qubits = sorted(grid.qubit_set)
    places = {qubit: index for index, qubit in enumerate(qubits)}
    words = {gate.WhichOneof("gate"): gate.gate_duration_picos * PICO_NS for gate in specification.valid_gates}
    native = next((gate for gate in (CZ, SQRT_ISWAP) if gate in words), "")
    joined = sorted(_pair(places[first], places[second]) for first, second in grid.nx_graph.edges()) if native else []
    name = told.name.rsplit("/", 1)[-1]
    properties: dict[str, Any] = {
        "engine": "google",
        "version": version,
        "rehearsal": True,
        "native_gates": sorted(words),
        "qubits": [str(qubit) for qubit in qubits],
        "durations": _durations(words, native),
        "tried": "against a double of the service, never against the service",
    }
    if calibration is not None:
        properties |= _measured(calibration, places, joined if native == CZ else [], words)
    stats = told.activity_stats
    device = Device(
        f"google:{name}",
        f"Google's {name}",
        len(qubits),
        (*SINGLE, *(["CZ"] if native else [])),
        frozenset({"metered", "deduplicates", "expectation"}),
        tuple(way for first, second in joined for way in ((first, second), (second, first))),
        "hardware",
        MOST_SHOTS,
        STATUS.get(told.health.name, "OFFLINE"),
        int(stats.active_jobs_count) if stats else 0,
        properties=properties,
    )
    default = told.default_device_config_key
    return Processor(device, qubits, native, default.run if default else "", default.config_alias if default else "")


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def _durations(words: Mapping[str, float], native: str) -> dict[str, float]:
    """Seconds of the gates of the table, where they are told."""
    found: dict[str, float] = dict.fromkeys((*TURNS, *ANGLES), 0.0)
    if words.get("phased_xz"):
        found |= dict.fromkeys((name for name in SINGLE if name not in found), words["phased_xz"] * 1e-9)
    if words.get("meas"):
        found["MEASURE"] = words["meas"] * 1e-9
    if native == CZ and words.get(CZ):
        found["CZ"] = words[CZ] * 1e-9
    return found


def _measured(
    calibration: Any, places: Mapping[Any, int], joined: Sequence[tuple[int, int]], words: Mapping[str, float]
) -> dict[str, Any]:
    """The calibration, as the guide on noise has it, and when it was."""
    rows: list[dict[str, Any]] = []
    for qubit, index in places.items():
        error = _error(calibration, 1, (qubit,))
        if error is not None:
            base = {"qubits": [index], "error": error, "duration_ns": words.get("phased_xz", 0.0)}
            rows += [{"gate": name, **base} for name in SINGLE if name not in TURNS and name not in ANGLES]
    at = {index: qubit for qubit, index in places.items()}
    pairs: list[list[Any]] = []
    for first, second in joined:
        error = _error(calibration, 2, (at[first], at[second]), (at[second], at[first]))
        if error is not None:
            rows.append({"gate": "CZ", "qubits": [first, second], "error": error, "duration_ns": words.get(CZ, 0.0)})
            pairs += [[first, second, error], [second, first, error]]
    readout = [
        {word: _clipped(_value(calibration, metric, (qubit,)) or 0.0) for word, metric in READOUT.items()}
        for qubit in places
    ]
    document = {"kind": "calibration", "version": "1", "measure_ns": words.get("meas", 0.0), "qubits": readout}
    when = datetime.fromtimestamp(calibration.timestamp / 1000.0, UTC).isoformat()
    medians = {name: median(float(row[0]) for row in calibration[name].values()) for name in sorted(calibration.keys())}
    return {
        "calibration": {**document, "gates": rows},
        "calibrated_at": when,
        "pair_errors": pairs,
        "metrics": medians,
    }


def _error(calibration: Any, size: int, *ways: tuple[Any, ...]) -> float | None:
    """The average error of a gate on some qubits, in whichever order it was measured."""
    for qubits in ways:
        average = _value(calibration, AVERAGE[size], qubits)
        pauli = _value(calibration, PAULI[size], qubits)
        if average is not None or pauli is not None:
            return _clipped(average if average is not None else SHARE[size] * (pauli or 0.0))
    return None


def _value(calibration: Any, metric: str, qubits: tuple[Any, ...]) -> float | None:
    found = calibration[metric].get(qubits) if metric in calibration else None
    return None if not found else float(found[0])


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))

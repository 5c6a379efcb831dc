"""Engines of other makers under `auto`: only those that were measured here, only where clearly faster or alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.errors import EigenError
from eigen.router import POLICIES, Features, route
from eigen.router.challengers import LEAST_SECONDS, MARGIN
from eigen.router.estimates import estimates
from eigen.router.features import Question
from eigen.router.route import refusals
from eigen.types import Device, DeviceStatus, Placement
from eigen.types.cost_model import IGNORED, OPEN, PROPERTY, TERMS, CostModel

EVERYTHING = frozenset({"dynamic", "expectation", "exact", "seed", "deduplicates"})
FAST = CostModel(
    "qubits", tuple(1e-3 * (name == "call") for name in TERMS), 1.5, 30, 0.0, 0.5, "1.2", "2026-01-02T03:04Z"
)
NATIVE = Device(
    "sim:statevector", "ours", "simulator", 28, features=EVERYTHING | {"gradient", "noise"},
    properties={"engine": "statevector", "estimated": True, "default": True, "memory_bytes": 1 << 33},
)  # fmt: skip


def hosted(name: str = "toy:fast", model: CostModel | None = FAST, width: int = 28, **said: Any) -> Device:
    known = {} if model is None else {PROPERTY: model.to_json(), OPEN: True}
    properties = {"on_request": True, "hosted": True, **known, **said}
    return Device(name, "theirs", "simulator", width, features=EVERYTHING, properties=properties)


def deep(width: int = 24, depth: int = 60, shots: int | None = 100) -> Features:
    """What takes a state vector long: seconds and more."""
    builder = _core.CircuitBuilder(width, width)
    for layer in range(depth):
        for qubit in range(width):
            builder.gate("RX" if layer % 2 else "RY", [qubit], [0.1 + qubit + layer])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    circuit = builder.build().measure_all()
    gates = frozenset({"RX", "RY", "CX"})
    return Features(width, len(circuit), gates, shots=shots, questions=(Question(circuit, shots, ()),))


SMALL = deep(3, 2)


def rival(placement: Placement, name: str) -> str:
    return dict(placement.rivals)[name]


def test_an_engine_that_is_clearly_faster_gets_the_work() -> None:
    native = estimates(deep(), [NATIVE])[NATIVE.id].seconds
    assert native is not None
    assert native > MARGIN * 0.501, "the circuit is long enough to tell"
    placement = route(deep(), [NATIVE, hosted(), hosted("toy:other", model=None)])
    assert placement.device_id == "toy:fast"
    assert "MEASURED_FASTER" in placement.codes
    assert any("measured on this host at 2026-01-02T03:04Z (version 1.2)" in reason for reason in placement.reasons)
    assert any("`sim:statevector`" in reason for reason in placement.reasons)
    assert rival(placement, "sim:statevector").startswith(
        "would do it, and is predicted to be clearly slower: predicted"
    )
    assert rival(placement, "toy:other") == "runs only when it is named as the target"


def test_small_work_stays_at_home() -> None:
    placement = route(SMALL, [NATIVE, hosted()])
    assert placement.device_id == "sim:statevector"
    assert "runs unasked only where it is 5 times as fast and saves 1 s: predicted" in rival(placement, "toy:fast")
    assert "500 ms to start" in rival(placement, "toy:fast")


def test_the_start_of_a_process_counts_until_it_runs() -> None:
    native = estimates(deep(), [NATIVE])[NATIVE.id].seconds
    assert native is not None
    cold = replace(FAST, start=native / MARGIN)
    assert route(deep(), [NATIVE, hosted(model=cold)]).device_id == "sim:statevector"
    assert route(deep(), [NATIVE, hosted(model=cold, warm=True)]).device_id == "toy:fast"


@pytest.mark.parametrize(("share", "taken"), [(0.99, True), (1.01, False)])
def test_the_margin_is_what_it_says(share: float, taken: bool) -> None:
    native = estimates(deep(), [NATIVE])[NATIVE.id].seconds
    assert native is not None
    assert native * (1 - 1 / MARGIN) > LEAST_SECONDS
    weights = tuple(share * native / MARGIN * (name == "call") for name in TERMS)
    found = route(deep(), [NATIVE, hosted(model=replace(FAST, weights=weights, start=0.0))])
    assert (found.device_id == "toy:fast") is taken


@pytest.mark.parametrize(
    ("device", "why"),
    [
        (
            hosted(model=replace(FAST, widest=20)),
            "was measured up to 20 qubits: for wider programs it runs only when it is named",
        ),
        (hosted(model=replace(FAST, off=4.0)), "its measurements are met to within a factor of 4 only"),
        (hosted(approximate=True), "may leave something out, and runs only when it is named"),
    ],
)
def test_predictions_that_cannot_be_compared_take_nothing(device: Device, why: str) -> None:
    placement = route(deep(), [NATIVE, device])
    assert placement.device_id == "sim:statevector"
    assert why in rival(placement, "toy:fast")


def test_where_no_other_device_can_do_it_a_measured_one_does() -> None:
    features = replace(SMALL, noise_model="depolarizing(0.01)")
    plain = replace(NATIVE, features=EVERYTHING)
    noisy = replace(hosted(), features=EVERYTHING | {"noise"})
    placement = route(features, [plain, noisy])
    assert (placement.device_id, placement.codes[-1]) == ("toy:fast", "MEASURED_ONLY")
    assert "no device that runs unasked can do the work" in placement.reasons[-1]
    assert "TIME_PREDICTED" not in placement.codes, "nothing was measured of noise"
    with pytest.raises(EigenError, match="cannot apply the noise model"):
        route(features, [plain, hosted()])
    for shy in (
        replace(noisy, properties={**noisy.properties, "approximate": True}),
        replace(noisy, properties={**noisy.properties, PROPERTY: replace(FAST, widest=2).to_json()}),
    ):
        with pytest.raises(EigenError, match="runs only when it is named"):
            route(features, [plain, shy])
    unmeasured = replace(hosted(model=None), features=EVERYTHING | {"noise"})
    with pytest.raises(EigenError, match="runs only when it is named"):
        route(features, [plain, unmeasured])
    kept = route(features, [replace(NATIVE, features=EVERYTHING | {"noise"}), noisy])
    assert kept.device_id == "sim:statevector"
    assert "what was measured says nothing of such work" in rival(kept, "toy:fast")


def test_clifford_engines_are_asked_for_clifford_circuits_only() -> None:
    tableau = hosted(width=1000, clifford_only=True)
    placement = route(deep(), [NATIVE, tableau])
    assert rival(placement, "toy:fast").startswith("runs Clifford circuits only: ")


def test_why_a_measurement_does_not_count_is_explained() -> None:
    stale = hosted(model=None, **{IGNORED: "with version 1 of its engine, and this is 2"})
    words = "runs only when it is named as the target; how fast it is was measured with version 1 of its engine"
    assert rival(route(SMALL, [NATIVE, stale]), "toy:fast").startswith(words)


def test_the_native_setting_and_withheld_devices_are_kept() -> None:
    shut = hosted(**{OPEN: False})
    assert route(deep(), [NATIVE, shut]).device_id == "sim:statevector"
    assert route(deep(), [NATIVE, hosted()], withheld={"toy:fast": "failed"}).device_id == "sim:statevector"
    assert route(deep(), [NATIVE, hosted()], "sim:auto").device_id == "sim:statevector"


def test_measured_devices_of_a_backend_are_ranked_by_their_seconds() -> None:
    slow = replace(FAST, weights=tuple(0.5 * (name == "call") for name in TERMS))
    placement = route(SMALL, [NATIVE, hosted("toy:a", slow), hosted("toy:b")], "toy:auto")
    assert placement.device_id == "toy:b"
    assert "predicted 500 ms" in rival(placement, "toy:a")


def test_gates_count_as_the_device_has_them() -> None:
    model = replace(FAST, weights=tuple(1.0 * (name == "gate") for name in TERMS))
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("SWAP", [0, 1])
    features = Features(2, 1, frozenset({"SWAP"}), shots=1, questions=(Question(builder.build(), 1, ()),))
    whole, parts = hosted("toy:a", model), replace(hosted("toy:b", model), gates=("CX", "RX", "RZ"))
    found = estimates(features, [whole, parts])
    assert (found["toy:a"].seconds, found["toy:b"].seconds) == (1.0, 3.0)


def test_estimates_admit_what_auto_does() -> None:
    assert refusals(SMALL, [NATIVE, hosted(), hosted("toy:other", model=None)]) == {
        "toy:other": "runs only when it is named as the target"
    }


NAMES = st.sampled_from([f"{backend}:{name}" for backend in ("sim", "chip") for name in "xyz"])
UNASKED = st.builds(
    Device,
    id=NAMES,
    name=st.just("device"),
    backend_type=st.just("simulator"),
    num_qubits=st.integers(0, 12),
    features=st.frozensets(st.sampled_from(sorted(EVERYTHING))),
    status=st.sampled_from(DeviceStatus),
    properties=st.dictionaries(st.sampled_from(["gate_error", "shot_sec", "amplitudes_per_sec"]), st.floats(0, 10)),
)
ENGINES = st.lists(st.one_of(UNASKED, st.just(NATIVE)), max_size=4, unique_by=lambda device: device.id)
STRANGERS = st.lists(
    st.builds(
        hosted,
        st.sampled_from(["toy:a", "toy:b"]),
        st.none(),
        st.integers(0, 12),
        engine=st.just("toy"),
    )
    | st.builds(lambda name: hosted(name, FAST, **{OPEN: False}), st.sampled_from(["toy:c", "toy:d"])),
    max_size=3,
    unique_by=lambda device: device.id,
)


@given(ENGINES, STRANGERS, st.sampled_from(sorted(POLICIES)), st.integers(1, 12), st.booleans())
def test_without_measured_engines_choices_are_as_if_there_were_none(
    engines: list[Device], strangers: list[Device], policy: str, width: int, exact: bool
) -> None:
    features = replace(deep(width, 2), exact=exact)

    def outcome(rack: list[Device]) -> tuple[Any, ...]:
        try:
            found = route(features, rack, "auto", policy)
        except EigenError as error:
            return (error.code,)
        ours = {name: why for name, why in found.rivals if not name.startswith("toy:")}
        return found.device_id, found.reasons, found.codes, ours

    assert outcome([*engines, *strangers]) == outcome(engines)

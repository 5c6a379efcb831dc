"""Routing is pure: capability, width, load and policy decide, and every device that was not chosen has a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.errors import EigenError
from eigen.router import POLICIES, Features, route
from eigen.types import Device, DeviceStatus

EVERYTHING = frozenset({"dynamic", "expectation", "gradient", "exact", "seed", "deduplicates"})
SIM = Device("sim:statevector", "state vector", "simulator", 28, features=EVERYTHING)
CHIP = Device(
    "ion:trap",
    "ions",
    "hardware",
    11,
    features=frozenset({"dynamic", "expectation", "metered", "deduplicates", "noise"}),
    max_shots=10_000,
    properties={"price_per_shot": 0.01, "gate_error": 0.01, "shot_sec": 0.01},
)
NULL = Device("null:classical", "bits", "simulator", 60, features=EVERYTHING, properties={"on_request": True})
BELL = Features(num_qubits=2, num_operations=4, gates=frozenset({"H", "CX"}), shots=1000)


def refused(features: Features, devices: list[Device], target: str = "auto", policy: str = "balanced") -> EigenError:
    with pytest.raises(EigenError) as caught:
        route(features, devices, target, policy)
    return caught.value


def test_the_chosen_device_and_every_rival_have_a_reason() -> None:
    placement = route(BELL, [SIM, CHIP, NULL])
    assert placement.device_id == "sim:statevector"
    assert placement.device_digest == SIM.digest
    assert "2 of its 28 qubits are needed" in placement.reasons
    rivals = dict(placement.rivals)
    assert set(rivals) == {"ion:trap", "null:classical"}
    assert rivals["ion:trap"].startswith("scores higher: ")
    assert rivals["null:classical"] == "runs only when it is named as the target"


@pytest.mark.parametrize("target", ["sim:auto", "sim:local", "simulator", "sim", "sim:statevector"])
def test_every_spelling_of_the_simulator(target: str) -> None:
    placement = route(BELL, [SIM, CHIP], target)
    assert placement.device_id == "sim:statevector"
    assert dict(placement.rivals)["ion:trap"] == f"is not what the target `{target}` asks for"


@pytest.mark.parametrize(
    ("features", "device", "reason"),
    [
        (replace(BELL, num_qubits=12), CHIP, "has 11 qubits, the program needs 12"),
        (replace(BELL, shots=10_001), CHIP, "takes at most 10000 shots, the program asks for 10001"),
        (replace(BELL, exact=True), CHIP, "has no exact values (shots=None)"),
        (
            replace(BELL, expectation=True, exact=True),
            replace(CHIP, features=frozenset({"exact"})),
            "has no exact expectation values",
        ),
        (BELL, replace(CHIP, features=frozenset({"metered"})), "a crash could pay twice"),
        (replace(BELL, dynamic=True), replace(CHIP, features=frozenset()), "cannot measure in mid-circuit"),
        (replace(BELL, noise_model="depolarizing"), SIM, "cannot apply the noise model `depolarizing`"),
        (BELL, replace(SIM, status=DeviceStatus.MAINTENANCE), "is maintenance"),
        (replace(BELL, num_qubits=4), replace(SIM, coupling=((0, 1), (1, 2), (4, 5))), "has only 3 connected qubits"),
    ],
)
def test_what_a_device_cannot_do_is_said_in_words(features: Features, device: Device, reason: str) -> None:
    error = refused(features, [device])
    assert error.code == "EIGEN_ROUTER_NO_DEVICE"
    assert reason in error.message
    assert error.details["rivals"][0]["device_id"] == device.id


def test_the_named_device_is_never_replaced_by_another() -> None:
    error = refused(replace(BELL, exact=True), [SIM, CHIP], "ion:trap")
    assert error.code == "EIGEN_ROUTER_NO_DEVICE"
    assert [rival["device_id"] for rival in error.details["rivals"]] == ["ion:trap", "sim:statevector"]


def test_sampled_expectation_values_need_no_feature() -> None:
    counts_only = replace(CHIP, features=frozenset())
    assert route(replace(BELL, expectation=True), [counts_only]).device_id == "ion:trap"


def test_a_device_on_request_is_used_when_it_is_named() -> None:
    assert route(BELL, [SIM, NULL], "null:classical").device_id == "null:classical"


def test_an_unknown_target_suggests_the_near_one() -> None:
    error = refused(BELL, [SIM], "sim:statevctor")
    assert (error.code, error.hint) == ("EIGEN_DEVICE_UNKNOWN", "did you mean `sim:statevector`?")


def test_an_unknown_policy_suggests_the_near_one() -> None:
    error = refused(BELL, [SIM], "auto", "latncy")
    assert (error.code, error.hint) == ("EIGEN_JOBSPEC_INVALID", "did you mean `latency`?")


def test_ties_go_to_the_smaller_id() -> None:
    twin = replace(SIM, id="sim:other")
    placement = route(BELL, [SIM, twin])
    assert placement.device_id == "sim:other"
    assert dict(placement.rivals)["sim:statevector"].startswith("ties with the chosen one")


STABILIZER = Device(
    "sim:tableau",
    "tableau",
    "simulator",
    10_000,
    features=EVERYTHING - {"gradient", "noise"},
    properties={"clifford_only": True, "wider_than": 24},
)


def ladder(width: int, *extra: tuple[str, list[_core.Affine | float]]) -> Features:
    """What a GHZ circuit asks for, with more gates on its first qubit."""
    builder = _core.CircuitBuilder(width)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    for name, params in extra:
        builder.gate(name, [0], params)
    return Features(num_qubits=width, num_operations=width, shots=100, circuits=(builder.build(),))


def test_wide_clifford_programs_go_to_the_tableau() -> None:
    placement = route(ladder(25), [SIM, STABILIZER], "sim:auto")
    assert placement.device_id == "sim:tableau"
    assert any("every gate is Clifford" in reason and "2^25 amplitudes" in reason for reason in placement.reasons)
    assert "CLIFFORD" in placement.codes
    assert dict(placement.rivals)["sim:statevector"].startswith("ties with the chosen one, which is made for Clifford")
    assert route(ladder(1000), [SIM, STABILIZER], "auto").device_id == "sim:tableau"


def test_narrow_clifford_programs_stay_where_they_were() -> None:
    for target in ("sim:auto", "auto"):
        placement = route(ladder(24), [SIM, STABILIZER], target)
        assert placement.device_id == "sim:statevector"
        assert "more than 24 qubits" in dict(placement.rivals)["sim:tableau"]
    assert route(ladder(2), [SIM, STABILIZER], "sim:tableau").device_id == "sim:tableau"


def test_what_is_not_clifford_is_named_to_the_user() -> None:
    error = refused(ladder(30, ("T", [])), [SIM, STABILIZER], "sim:auto")
    assert "operation 30: `T` is not a Clifford gate" in error.message
    assert "has 28 qubits, the program needs 30" in error.message


def test_open_parameters_are_left_to_who_names_the_device() -> None:
    features = ladder(26, ("RX", [_core.Affine.symbol("a")]))
    assert route(features, [SIM, STABILIZER], "sim:auto").device_id == "sim:statevector"
    assert route(features, [SIM, STABILIZER], "sim:tableau").device_id == "sim:tableau"


def test_policies_weigh_what_they_say() -> None:
    slow_cheap = replace(SIM, id="a:slow", features=EVERYTHING, estimated_wait_sec=600.0)
    fast_dear = replace(SIM, id="b:fast", properties={"price_per_shot": 0.1})
    busy = replace(SIM, id="c:busy", queue_depth=50, properties={"price_per_shot": 0.001})
    devices = [slow_cheap, fast_dear, busy]
    assert route(BELL, devices, "auto", "cost").device_id == "a:slow"
    assert route(BELL, devices, "latency").device_id == "b:fast"
    assert route(BELL, [slow_cheap, busy], "availability").device_id == "a:slow"
    assert route(BELL, devices, "latency").policy == "latency"


def test_deterministic_wants_a_device_that_repeats_itself() -> None:
    error = refused(BELL, [CHIP], "deterministic")
    assert "does not repeat the same counts for the same seed" in error.message
    assert route(BELL, [CHIP, SIM], "deterministic").device_id == "sim:statevector"


def test_weights_sum_to_one() -> None:
    for policy in POLICIES.values():
        assert policy.time + policy.cost + policy.error + policy.load == pytest.approx(1.0)


DEVICES = st.lists(
    st.builds(
        Device,
        id=st.sampled_from([f"{backend}:{name}" for backend in "abc" for name in "xyz"]),
        name=st.just("device"),
        backend_type=st.just("simulator"),
        num_qubits=st.integers(0, 40),
        features=st.frozensets(st.sampled_from(sorted(EVERYTHING))),
        status=st.sampled_from(DeviceStatus),
        queue_depth=st.integers(0, 100),
        estimated_wait_sec=st.floats(0, 1e6),
        properties=st.dictionaries(
            st.sampled_from(["price_per_shot", "gate_error", "shot_sec", "amplitudes_per_sec"]), st.floats(0, 10)
        ),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda device: device.id,
)


@given(DEVICES, st.sampled_from(sorted(POLICIES)), st.integers(1, 40), st.booleans(), st.randoms())
def test_the_order_of_devices_does_not_matter(
    devices: list[Device], policy: str, width: int, exact: bool, random: object
) -> None:
    features = Features(num_qubits=width, num_operations=10, shots=100, exact=exact)
    shuffled = list(devices)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def outcome(rack: list[Device]) -> object:
        try:
            return route(features, rack, "auto", policy)
        except EigenError as error:
            return error.to_json()

    first = outcome(devices)
    assert first == outcome(shuffled)
    names = {device.id for device in devices}
    if isinstance(first, dict):
        assert {rival["device_id"] for rival in first["details"]["rivals"]} == names
    else:
        assert {first.device_id, *dict(first.rivals)} == names  # type: ignore[attr-defined]

"""Routing is pure: capability, width, load and policy decide, and every device that was not chosen has a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.errors import EigenError
from eigen.router import POLICIES, Features, route
from eigen.router.features import Question
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


def test_open_systems_need_a_device_that_has_collapse_operators() -> None:
    closed = replace(SIM, id="jax:closed", features=SIM.features | {"evolution"}, properties={"closed_only": True})
    both = replace(SIM, id="sim:open", features=SIM.features | {"evolution"})
    still = _core.Evolution([("X0", 1.0)], 1.0, observables=[_core.Observable.pauli("Z")], num_qubits=1)
    decay = _core.Evolution(
        [("X0", 1.0)], 1.0, observables=[_core.Observable.pauli("Z")], collapse=[("S-0", 0.3)], num_qubits=1
    )
    asked = Features(num_qubits=1, exact=True, expectation=True, evolutions=(still,))
    assert route(asked, [closed]).device_id == "jax:closed"
    asked = replace(asked, evolutions=(decay,))
    assert "evolves closed systems only" in refused(asked, [closed]).message
    placement = route(asked, [closed, both])
    assert placement.device_id == "sim:open"
    assert dict(placement.rivals)["jax:closed"] == "evolves closed systems only, without collapse operators"


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


def test_of_engines_that_take_no_time_the_faster_one_runs() -> None:
    features = asks(ladder(20))
    engines = [native("statevector", 28, default=True), native("mps", 10_000), native("sparse", 128)]
    placement = route(features, engines, "sim:auto")
    assert placement.device_id == "sim:sparse"
    assert dict(placement.rivals)["sim:mps"].startswith("ties with the chosen one, which comes first")


def native(engine: str, width: int, **properties: object) -> Device:
    """A device of one of the core's engines."""
    said = {"engine": engine, "estimated": True, "memory_bytes": 16 << 28, **properties}
    features = EVERYTHING if engine == "statevector" else EVERYTHING - {"gradient"}
    return Device(f"sim:{engine}", engine, "simulator", width, features=features, properties=said)


ENGINES = [native("statevector", 28, default=True), native("stabilizer", 100_000), native("sparse", 128)]


def asks(builder: _core.CircuitBuilder, *terms: tuple[str, float], gradient: bool = False) -> Features:
    """100 shots of a circuit, or the exact expectation value of an observable."""
    circuit = builder.build()
    observables = (_core.Observable.from_terms(circuit.num_qubits, list(terms)),) if terms else ()
    question = Question(circuit, None if terms else 100, observables)
    width, length = circuit.num_qubits, len(circuit)
    return Features(width, length, shots=question.shots, gradient=gradient, questions=(question,))


def ladder(width: int, *extra: tuple[str, list[_core.Affine | float]]) -> _core.CircuitBuilder:
    """A GHZ state, with more gates on its first qubit."""
    builder = _core.CircuitBuilder(width)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    for name, params in extra:
        builder.gate(name, [0], params)
    return builder


def brick_wall(width: int) -> _core.CircuitBuilder:
    """Two layers of open rotations and neighbouring gates: local values depend on few qubits."""
    builder = _core.CircuitBuilder(width)
    for layer in range(2):
        for qubit in range(width):
            builder.gate("RY", [qubit], [_core.Affine.symbol(f"t{layer}_{qubit}")])
        for qubit in range(layer, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder


@pytest.mark.parametrize("target", ["sim:auto", "auto"])
def test_small_programs_run_on_the_default_engine(target: str) -> None:
    placement = route(asks(ladder(3)), ENGINES, target)
    assert placement.device_id == "sim:statevector"
    assert any(reason.startswith("predicted ") and "2^3 amplitudes" in reason for reason in placement.reasons)
    assert "TIME_PREDICTED" in placement.codes
    assert dict(placement.rivals)["sim:stabilizer"].startswith("ties with the chosen one, which comes first")


def test_wide_clifford_programs_go_where_they_are_cheap() -> None:
    assert route(asks(ladder(1000)), ENGINES, "auto").device_id == "sim:stabilizer"
    placement = route(asks(ladder(40)), ENGINES, "auto")
    assert placement.device_id in {"sim:sparse", "sim:stabilizer"}
    assert "needs 2^40 amplitudes; limit 4 GiB" in dict(placement.rivals)["sim:statevector"]


@pytest.mark.parametrize(
    ("speed", "chosen"), [(1.0, "sim:statevector"), (1e-3, "sim:stabilizer"), (-1.0, "sim:statevector")]
)
def test_the_speed_of_the_host_counts(speed: float, chosen: str) -> None:
    engines = [native("statevector", 28, default=True, speed=speed), native("stabilizer", 100_000, speed=1.0)]
    placement = route(asks(ladder(10)), engines, "sim:auto")
    assert placement.device_id == chosen
    if chosen == "sim:stabilizer":
        assert dict(placement.rivals)["sim:statevector"].startswith("scores higher")


def test_few_amplitudes_go_to_the_sparse_engine() -> None:
    placement = route(asks(ladder(60, ("T", []), ("RX", [_core.Affine.symbol("a")]))), ENGINES, "sim:auto")
    assert placement.device_id == "sim:sparse"
    assert any("4 amplitudes at most" in reason for reason in placement.reasons)


def test_values_of_narrow_light_cones_go_to_the_state_vector_at_any_width() -> None:
    placement = route(asks(brick_wall(200), ("Z100 Z101", 1.0), gradient=True), ENGINES, "sim:auto")
    assert placement.device_id == "sim:statevector"
    assert dict(placement.rivals)["sim:sparse"] == "has no gradients, which the program would use"


def test_values_of_nearly_clifford_circuits_are_taken_back_as_pauli_products() -> None:
    builder = ladder(60)
    for qubit in range(60):
        builder.gate("H", [qubit])
    for qubit in range(0, 60, 10):
        builder.gate("RZ", [qubit], [0.3])
        builder.gate("H", [qubit])
    for qubit in range(60):
        builder.gate("CX", [qubit, (qubit + 7) % 60])
        builder.gate("S", [qubit])
    pauli = native("pauli", 100_000, by_name_only=True)
    mean = asks(builder, *((f"X{qubit} Z{qubit + 1}", 1.0) for qubit in range(59)))
    placement = route(mean, [*ENGINES, pauli], "sim:auto")
    assert placement.device_id == "sim:pauli"
    assert any("Pauli products at most" in reason for reason in placement.reasons)
    shots = route(asks(ladder(20)), [*ENGINES, pauli], "sim:auto")
    assert dict(shots.rivals)["sim:pauli"] == "is chosen for exact expectation values only"
    takes_noise = [replace(device, features=device.features | {"noise"}) for device in (ENGINES[0], pauli)]
    noisy = replace(asks(ladder(3), ("Z0", 1.0)), noise_model="depolarizing(0.1)")
    rivals = dict(route(noisy, takes_noise, "sim:auto").rivals)
    assert rivals["sim:pauli"] == "runs without a prediction of its time only when it is named itself as the target"


def test_values_of_shallow_wide_grids_are_contracted() -> None:
    side = 6
    builder = _core.CircuitBuilder(side * side)
    for layer in range(4):
        for qubit in range(side * side):
            builder.gate("U", [qubit], [0.3 + 0.1 * qubit, 0.2 + layer, 0.7])
            if layer % 2 == 0 and qubit % side < side - 1:
                builder.gate("CZ", [qubit, qubit + 1])
            if layer % 2 == 1 and qubit < side * (side - 1):
                builder.gate("CZ", [qubit, qubit + side])
    network = native("tn", 1_000, by_name_only=True)
    placement = route(asks(builder, ("Z14 Z21", 1.0)), [*ENGINES, network], "sim:auto")
    assert placement.device_id == "sim:tn"
    assert any("multiplications" in reason for reason in placement.reasons)


def test_what_no_engine_can_run_is_refused_with_the_numbers() -> None:
    builder = brick_wall(60)
    for qubit in range(60):
        builder.gate("CX", [qubit, (qubit + 7) % 60])
    error = refused(asks(builder), ENGINES, "sim:auto")
    assert "needs 2^60 amplitudes; limit 4 GiB" in error.message
    assert "runs Clifford circuits only: operation 0: `RY` has open parameters" in error.message
    assert "`sim:sparse` needs more than" in error.message


def test_who_names_an_engine_gets_it() -> None:
    assert route(asks(ladder(2)), ENGINES, "sim:stabilizer").device_id == "sim:stabilizer"
    assert route(asks(brick_wall(26)), ENGINES, "sim:stabilizer").device_id == "sim:stabilizer"


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

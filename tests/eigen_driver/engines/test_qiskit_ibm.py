"""Snapshots of IBM's machines as devices: what they say of themselves, and that errors act where they were measured."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from doubles.hosts import shipped
from doubles.packages import needed
from eigen.compiler.lower import lower
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.estimate.success import success_of
from eigen.ir import CircuitBuilder
from eigen.ir.targets.calibration import Calibration
from eigen.ir.targets.target import Target
from eigen.types import Device as OurDevice
from eigen.types import SampleWork
from eigen_driver import Circuit, RefusedError, Sample

needed("qiskit-aer")
needed("qiskit-ibm-runtime")

from eigen_driver.engines.qiskit import snapshots  # noqa: E402
from eigen_driver.engines.qiskit.fakes import MachineErrors  # noqa: E402
from eigen_driver.engines.qiskit.ibm import IbmEngine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.drivers.hosts.hosted import HostedDriver
    from eigen.ir import Circuit as Ours
    from eigen_driver import Device

MANILA, TORINO, YORKTOWN, ARMONK = (f"ibm:fake_{name}" for name in ("manila", "torino", "yorktown", "armonk"))


@pytest.fixture(scope="module")
def engine() -> IbmEngine:
    made = IbmEngine()
    made.start({}, 1)
    return made


@pytest.fixture(scope="module")
def hosted() -> Iterator[HostedDriver]:
    driver = shipped("ibm")
    yield driver
    driver.close()


def device(engine: IbmEngine, name: str) -> Device:
    return next(found for found in engine.devices() if found.id == name)


def ours(found: Device) -> OurDevice:
    return OurDevice(
        found.id,
        found.name,
        found.backend_type,
        found.num_qubits,
        found.gates,
        found.coupling,
        found.features,
        properties=found.properties,
    )


def asked(circuit: Ours, shots: int = 1000, **options: Any) -> Sample:
    return Sample(Circuit.from_aqo(circuit.digest, circuit.to_aqo()), (), shots, 5, options)


def made(width: int, build: Callable[[CircuitBuilder], None], bits: int = 2) -> Ours:
    builder = CircuitBuilder(width, bits)
    build(builder)
    return builder.build()


# ---- what they say of themselves ---------------------------------------------------------------------------


def test_every_snapshot_is_a_device_that_circuits_are_compiled_for_and_judged_on(engine: IbmEngine) -> None:
    assert len(engine.devices()) > 60
    for found in engine.devices():
        assert found.backend_type == "virtual"
        target = Target.of_device(ours(found))
        assert target.num_qubits == found.num_qubits
        assert len(target.errors) == len(found.coupling)
        calibration = Calibration.from_json(found.properties["calibration"])
        assert len(calibration.qubits) == found.num_qubits
        for pair in found.coupling:
            known = [calibration.gate(gate, pair) for gate in found.gates]
            assert any(row is not None and row.error < 1.0 and row.duration > 0.0 for row in known), (found.id, pair)


@pytest.mark.parametrize("name", [MANILA, TORINO])
def test_a_bell_pair_finds_a_good_place_and_its_success_is_foretold(engine: IbmEngine, name: str) -> None:
    found = device(engine, name)

    def bell(builder: CircuitBuilder) -> None:
        builder.gate("H", [0])
        builder.gate("CX", [0, 1])
        builder.measure([0, 1], [0, 1])

    low = lower(made(2, bell), ours(found), level=2).circuit
    foretold = success_of(low, Calibration.from_json(found.properties["calibration"])).value
    counts = engine.sample(found, asked(low, 4000)).found
    right = (counts.get(0, 0) + counts.get(3, 0)) / 4000
    assert foretold < right < 1.0  # some errors show in no outcome, and half of those of a Bell pair in none
    assert right - foretold < 0.1
    assert abs(counts.get(0, 0) - counts.get(3, 0)) < 600


def test_what_is_broken_is_not_offered() -> None:
    configuration = {"basis_gates": ["cx", "sx", "u2"], "n_qubits": 3, "coupling_map": [[0, 1], [1, 2]], "dt": 0.2}
    rows = [("cx", [0, 1], 1.0), ("cx", [1, 2], 0.02), ("cx", [2, 1], 0.02), ("sx", [0], 0.001), ("sx", [1], 0.001)]
    properties = {
        "qubits": [[{"name": "T1", "unit": "µs", "value": 50.0}, {"name": "T2", "unit": "us", "value": 200.0}]] * 3,
        "gates": [
            {
                "gate": gate,
                "qubits": qubits,
                "parameters": [
                    {"name": "gate_error", "unit": "", "value": error},
                    {"name": "gate_length", "unit": "ns", "value": 300.0},
                ],
            }
            for gate, qubits, error in [*rows, ("sx", [2], 0.001), ("u2", [0], 0.1)]
        ],
    }
    found = snapshots.snapshot("one", configuration, properties)
    assert (found.gates, found.coupling) == (("CX", "SX"), ((1, 2), (2, 1)))
    assert found.calibration["qubits"][0] == {
        "t1_ns": 5e4,
        "t2_ns": 1e5,
        "one_given_zero": 0.0,
        "zero_given_one": 0.0,
    }
    assert (found.dynamic, found.max_shots, found.calibration["dt_ns"]) == (False, 8192, 0.2)
    properties["gates"][3]["parameters"][0]["value"] = 1.0
    properties["gates"][4]["parameters"][0]["value"] = 1.0
    assert snapshots.snapshot("one", configuration, properties).coupling == ()
    with pytest.raises(RefusedError, match="n_qubits"):
        snapshots.snapshot("none", {"basis_gates": []}, {"gates": [], "qubits": []})


# ---- errors ------------------------------------------------------------------------------------------------


def test_errors_are_those_that_qiskit_makes_of_the_machine(engine: IbmEngine) -> None:
    from qiskit.quantum_info import SuperOp
    from qiskit_aer.noise import NoiseModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from qiskit_ibm_runtime.fake_provider import FakeManilaV2

        machine = FakeManilaV2()
        theirs = NoiseModel.from_backend(machine)
    found = engine._machines[MANILA]  # pyright: ignore[reportPrivateUsage]
    mine = MachineErrors(found, [1, 2, 4])
    checked = 0
    for name, word in [*found.words.items(), ("RESET", "reset")]:
        for qubits, error in theirs._local_quantum_errors.get(word, {}).items():
            mine_error = mine._gates.get((name, qubits))  # pyright: ignore[reportPrivateUsage]
            if not set(qubits) <= {1, 2, 4}:
                assert mine_error is None
                continue
            checked += 1
            np.testing.assert_allclose(SuperOp(mine_error).data, SuperOp(error).data, atol=1e-9)
    assert checked == 14  # I, SX, X and RESET on three qubits, CX on one pair either way
    for qubit in (1, 2, 4):
        wrong = machine.properties().qubit_property(qubit)
        assert mine.readout(qubit) == (wrong["prob_meas1_prep0"][0], wrong["prob_meas0_prep1"][0])


@pytest.fixture
def faultless(engine: IbmEngine) -> Iterator[Callable[..., Device]]:
    """Makes Manila a machine without errors but for those that are given."""
    before = engine._machines[MANILA]  # pyright: ignore[reportPrivateUsage]

    def change(gate: str = "", pair: tuple[int, ...] = (), readout: int = -1, t1_ns: float = 1e15) -> Device:
        rows = [
            {**row, "duration_ns": 0.0, "error": 0.8 if (row["gate"], tuple(row["qubits"])) == (gate, pair) else 0.0}
            for row in before.calibration["gates"]
        ]
        qubits = [
            {"t1_ns": t1_ns, "t2_ns": t1_ns, "one_given_zero": float(qubit == readout), "zero_given_one": 0.0}
            for qubit in range(5)
        ]
        new = {**before.calibration, "gates": rows, "qubits": qubits, "reset_ns": 0.0}
        engine._machines[MANILA] = replace(  # pyright: ignore[reportPrivateUsage]
            before, calibration=new, name=f"{gate}{pair}{readout}{t1_ns}", dynamic=True
        )
        return replace(device(engine, MANILA), features=frozenset({"seed", "dynamic"}))

    yield change
    engine._machines[MANILA] = before  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("start", [1, 2])
def test_an_error_acts_on_its_gate_and_its_qubits_alone(
    engine: IbmEngine, faultless: Callable[..., Device], start: int
) -> None:
    """A CX that is fully depolarised leaves |00> with a quarter: of 400 shots all with less than 1e-200."""

    def build(builder: CircuitBuilder) -> None:
        builder.gate("CX", [start, start + 1])
        builder.measure([start, start + 1], [0, 1])

    found = engine.sample(faultless("CX", (2, 3)), asked(made(5, build), 400)).found
    assert (dict(found) == {0: 400}) is (start == 1)
    assert len(found) == (1 if start == 1 else 4)


def test_an_outcome_is_recorded_wrongly_where_its_qubit_is(engine: IbmEngine, faultless: Callable[..., Device]) -> None:
    def build(builder: CircuitBuilder) -> None:
        builder.measure([4, 1], [0, 1])
        builder.gate("X", [3], condition=None)
        builder.measure([3], [2])

    found = engine.sample(faultless(readout=1), asked(made(5, build, 3), 50)).found
    assert dict(found) == {0b110: 50}


def test_qubits_that_wait_relax(engine: IbmEngine, faultless: Callable[..., Device]) -> None:
    def build(builder: CircuitBuilder) -> None:
        builder.gate("X", [0])
        builder.gate("X", [2])
        builder.delay([2], 1000.0, "us")
        builder.measure([0, 2], [0, 1])

    found = engine.sample(faultless(t1_ns=1e4), asked(made(5, build), 50)).found
    assert dict(found) == {1: 50}  # |1> outlives 100 T1 with 4e-44


def test_outcomes_decide(engine: IbmEngine, faultless: Callable[..., Device]) -> None:
    from eigen._core import Condition

    def build(builder: CircuitBuilder) -> None:
        builder.gate("X", [3])
        builder.measure([3], [0])
        builder.begin_if(Condition.bit(0))
        builder.gate("X", [1])
        builder.end()
        builder.reset([3])
        builder.measure([3, 1], [1, 2])
        builder.begin_while(~Condition.bit(3), 3)
        builder.measure([1], [3])
        builder.end()

    found = engine.sample(faultless(readout=0), asked(made(5, build, 5), 50)).found
    assert dict(found) == {0b1101: 50}


# ---- what is refused ---------------------------------------------------------------------------------------


def bare(builder: CircuitBuilder) -> None:
    builder.measure([0], [0])


@pytest.mark.parametrize("options", [{"method": "unitary"}, {"method": 3}, {"threads": -1}, {"threads": True}])
def test_options_that_make_no_sense_are_refused(engine: IbmEngine, options: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as caught:
        engine.sample(device(engine, MANILA), asked(made(5, bare), **options))
    assert (caught.value.code, caught.value.where) == ("EIGEN_DEVICE_OPTION", next(iter(options)))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda builder: builder.gate("CX", [0, 4]), "does not couple qubits `0` and `4`"),
        (lambda builder: builder.measure([0], [0], basis="X"), "not in `X`"),
        (lambda builder: builder.reset([0]), "cannot measure in mid-circuit"),
    ],
)
def test_what_the_machine_cannot_do_is_refused(engine: IbmEngine, build: Any, words: str) -> None:
    limited = replace(device(engine, MANILA), features=frozenset({"seed"}))
    with pytest.raises(RefusedError, match=words):
        engine.sample(limited, asked(made(5, build)))


def test_settings_that_there_are_not_are_refused() -> None:
    with pytest.raises(RefusedError, match="no setting `speed`"):
        IbmEngine().start({"speed": 3}, 1)


# ---- through a host ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [TORINO, YORKTOWN, ARMONK])
def test_a_host_has_them_and_they_pass_the_probes(hosted: HostedDriver, name: str) -> None:
    chosen = next(found for found in hosted.get_devices() if found.id == name)
    probe(hosted, chosen)
    low = lower(made(1, bare, 1), chosen, level=1).circuit
    work = SampleWork(low, (), 100, 3, {"method": "density_matrix"})
    first = hosted.execute_circuit(name, work)
    assert first.counts == hosted.execute_circuit(name, work).counts
    assert first.metadata["method"] == "density_matrix"
    assert first.metadata["calibrated_at"] == chosen.properties["calibrated_at"]
    assert "hosts_lost" not in first.metadata
    with pytest.raises(EigenError) as caught:
        hosted.execute_circuit(name, replace(work, options={"noise_model": "bit_flip(0.1)"}))
    assert (caught.value.code, "`noise_model`" in caught.value.message) == ("EIGEN_DEVICE_OPTION", True)

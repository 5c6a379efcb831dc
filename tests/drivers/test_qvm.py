"""Virtual devices: the noise of their calibration on the qubits that a circuit uses, and the rules of the device."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from doubles.described_chip import chip, heavy_hex, written
from eigen import _core
from eigen.drivers.probes import probe
from eigen.drivers.qvm import QvmDriver
from eigen.drivers.registry import Registry
from eigen.errors import EigenError
from eigen.kernel.statistics import FALSE_ALARM, alike
from eigen.types import ExpectationWork, SampleWork

if TYPE_CHECKING:
    from pathlib import Path

LINE = [(0, 1), (1, 2), (2, 3), (3, 4)]


def driver_of(folder: Path, *descriptions: dict[str, Any]) -> QvmDriver:
    driver = QvmDriver()
    driver.initialize({"folder": str(written(folder, *descriptions))})
    return driver


def entangled(*qubits: int, of: int = 5) -> _core.Circuit:
    """A chain of CZs between halves of turns, measured."""
    builder = _core.CircuitBuilder(of, len(qubits))
    for qubit in qubits:
        builder.gate("SX", [qubit])
    for first, second in pairwise(qubits):
        builder.gate("CZ", [first, second])
        builder.gate("SX", [second])
    builder.measure(list(qubits), list(range(len(qubits))))
    return builder.build()


def counts(driver: QvmDriver, circuit: _core.Circuit, *, shots: int = 20_000, seed: int = 5) -> dict[str, int]:
    device = driver.get_devices()[0]
    found = driver.execute_circuit(device.id, SampleWork(circuit, (), shots, seed)).counts
    assert found is not None
    return found.to_dict()


def test_the_noise_is_that_of_the_calibration_on_the_qubits_in_use(tmp_path: Path) -> None:
    """Against the density matrix of all five qubits under the whole calibration, errors ten times as large."""
    described = chip("line", LINE, errors=10.0)
    driver, circuit = driver_of(tmp_path, described), entangled(1, 2, 3)
    noise = _core.NoiseModel.from_json(json.dumps(described["calibration"]).encode())
    whole = _core.Plan(circuit, engine="density", options={"noise": noise}).sample(shots=20_000, seed=9).to_dict()
    found = alike(counts(driver, circuit), whole)
    assert found.p_value > FALSE_ALARM
    elsewhere = alike(counts(driver, entangled(4, 3, 2)), whole)
    assert elsewhere.p_value < FALSE_ALARM, "other qubits have other errors"


def test_a_wide_device_costs_what_its_circuits_use(tmp_path: Path) -> None:
    driver = driver_of(tmp_path, heavy_hex(size=127))
    first, second = heavy_hex(size=127)["coupling"][100]
    assert sum(counts(driver, entangled(first, second, of=127), shots=100).values()) == 100


def test_a_noisy_device_passes_its_probes(tmp_path: Path) -> None:
    driver = driver_of(tmp_path, heavy_hex(errors=3.0, features=["dynamic"]))
    probe(driver, driver.get_devices()[0])


@pytest.mark.parametrize(
    ("gate", "qubits", "said"),
    [("H", [0], "no gate `H`"), ("CZ", [0, 2], "does not couple"), ("CZ", [2, 3], "no error of `CZ` on 2, 3")],
)
def test_what_the_device_does_not_have_is_refused(tmp_path: Path, gate: str, qubits: list[int], said: str) -> None:
    described = chip("line", LINE)
    known = described["calibration"]["gates"]
    described["calibration"]["gates"] = [row for row in known if row["qubits"] != [2, 3]]
    builder = _core.CircuitBuilder(5, 1)
    builder.gate(gate, qubits)
    builder.measure([0], [0])
    with pytest.raises(EigenError, match=said):
        counts(driver_of(tmp_path, described), builder.build())


def test_it_gives_counts_alone_and_takes_no_options(tmp_path: Path) -> None:
    driver = driver_of(tmp_path, chip("line", LINE))
    circuit = entangled(0, 1)
    observable = _core.Observable.from_terms(5, [("Z0", 1.0)])
    with pytest.raises(EigenError, match="counts of circuits"):
        driver.execute_circuit("qvm:line", ExpectationWork(circuit, (), observable, 10, 1))
    with pytest.raises(EigenError, match="has no option `threads`"):
        driver.execute_circuit("qvm:line", SampleWork(circuit, (), 10, 1, {"threads": 1}))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"calibration": None}, "needs a `calibration`"),
        ({"features": ["exact"]}, "no feature `exact`"),
        ({"features": ["regions"], "coupling": [], "num_qubits": 5}, "names its coupled pairs"),
        ({"region_buffer": -1}, "region_buffer"),
        ({"real_time": 1}, "real_time"),
        ({"colour": "red"}, "no `colour`"),
    ],
)
def test_what_is_no_virtual_device_is_refused_with_the_file(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    driver = driver_of(tmp_path, {**chip("line", LINE), **changed}, chip("good", LINE))
    (error,) = driver.rejected_devices.values()
    assert error.code == "EIGEN_DRIVER_REJECTED"
    assert "`line.json`" in error.message
    assert said in error.message
    assert [device.id for device in driver.get_devices()] == ["qvm:good"]
    assert sum(counts(driver, entangled(0, 1), shots=100).values()) == 100


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"\xff\xfe", b"[]", b"null", b'{"name": 1}', b"{}"])
def test_whatever_a_file_holds_the_others_are_devices(tmp_path: Path, data: bytes) -> None:
    written(tmp_path, chip("good", LINE))
    (tmp_path / "bad.json").write_bytes(data)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "gone")
    driver = driver_of(tmp_path)
    assert [device.id for device in driver.get_devices()] == ["qvm:good"]
    assert sorted(driver.rejected_devices) == ["qvm:bad", "qvm:folder", "qvm:nowhere"]


def test_two_files_do_not_describe_one_device(tmp_path: Path) -> None:
    written(tmp_path, chip("line", LINE))
    (tmp_path / "other.json").write_text((tmp_path / "line.json").read_text())
    driver = driver_of(tmp_path)
    assert [device.id for device in driver.get_devices()] == ["qvm:line"]
    assert "describes `qvm:line` too" in driver.rejected_devices["qvm:other"].message


def test_a_refused_device_says_why_to_who_names_it_and_the_others_run(tmp_path: Path) -> None:
    written(tmp_path, chip("good", LINE), {**chip("bad", LINE), "calibration": None})
    registry = Registry({"qvm": {"folder": str(tmp_path)}}, installed=tuple)
    assert [device.id for device in registry.devices("qvm:auto")] == ["qvm:good"]
    assert registry.driver_for("qvm:good").name == "qvm"
    for ask in (registry.device, registry.driver_for, registry.devices):
        with pytest.raises(EigenError, match=r"`bad\.json`.*needs a `calibration`") as caught:
            ask("qvm:bad")
        assert caught.value.code == "EIGEN_DRIVER_REJECTED"
    assert list(registry.rejected) == ["qvm:bad"]
    with pytest.raises(EigenError) as caught:
        registry.device("qvm:never")
    assert caught.value.code == "EIGEN_DEVICE_UNKNOWN"


def test_without_a_folder_there_is_no_device(tmp_path: Path) -> None:
    driver = QvmDriver()
    driver.initialize({"folder": str(tmp_path / "none")})
    assert driver.get_devices() == ()


def test_in_real_time_it_takes_what_the_described_device_would(tmp_path: Path) -> None:
    """The task of 0.05 s is waited for; the simulation itself is far shorter."""
    described = chip("line", LINE, real_time=True, task_overhead_sec=0.05)
    driver = driver_of(tmp_path, described)
    result = driver.execute_circuit("qvm:line", SampleWork(entangled(0, 1), (), 10, 1))
    assert result.execution_time_sec >= 0.05

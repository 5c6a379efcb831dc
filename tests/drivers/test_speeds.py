"""How fast the engines are on this host: measured, kept, and counted only on a host like the one that wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eigen.drivers import speeds
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError


def native(path: Path, **config: Any) -> NativeDriver:
    driver = NativeDriver()
    driver.initialize({"speeds": str(path), **config})
    return driver


def speeds_of(driver: NativeDriver) -> dict[str, float]:
    return {device.id: device.properties["speed"] for device in driver.devices if "speed" in device.properties}


def test_every_estimated_engine_has_its_question_and_its_reference() -> None:
    estimated = {device.properties["engine"] for device in NativeDriver().devices if "estimated" in device.properties}
    assert estimated == set(speeds.QUESTIONS) == set(speeds.REFERENCE_SECONDS)


def test_what_was_measured_is_kept_for_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "speeds.json"
    first = native(path, threads=1)
    assert speeds_of(first) == {}
    found = first.calibrate_device("sim:mps")
    assert set(found) == {device.id for device in first.devices if "estimated" in device.properties}
    assert all(speed > 0 for speed in found.values())
    assert speeds_of(first) == found == speeds_of(native(path, threads=1))
    assert first.calibrate_device("sim:density") == {}, "predictions are not made for it"


def test_speeds_of_another_host_or_setting_count_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "speeds.json"
    kept = dict.fromkeys(speeds.QUESTIONS, 2.0)
    speeds.save(path, 1, kept)
    assert speeds.load(path, 1) == kept
    assert speeds.load(path, 2) == {}
    document = json.loads(path.read_text())
    document["host"]["processor"] = "another one"
    path.write_text(json.dumps(document))
    assert speeds.load(path, 1) == {}


@pytest.mark.parametrize("change", [{"mps": 0.0}, {"mps": float("nan")}, {"mps": 1e9}, {"mps": "fast"}, {"mps": None}])
def test_figures_that_cannot_be_are_not_believed(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "speeds.json"
    path.write_text(json.dumps({"host": speeds.host(0), "speeds": dict.fromkeys(speeds.QUESTIONS, 1.0) | change}))
    assert speeds.load(path, 0) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"host": 1}', "\0"])
def test_what_is_no_such_file_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "speeds.json"
    path.write_text(text)
    assert speeds.load(path, 0) == {}
    assert speeds_of(native(path)) == {}


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    driver = native(tmp_path / "file" / "speeds.json")
    with pytest.raises(EigenError) as caught:
        driver.calibrate_device("sim:mps")
    assert caught.value.code == "EIGEN_STORE_UNAVAILABLE"

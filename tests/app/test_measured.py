"""Devices have the cost models of their host's file, what their drivers claim does not count, and the file is read
again when it changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.app.measured import COST_MODELS, Measured
from eigen.config import load_settings
from eigen.drivers import cost_models
from eigen.types import Device
from eigen.types.cost_model import IGNORED, OPEN, PROPERTY, TERMS, CostModel

if TYPE_CHECKING:
    from pathlib import Path

DEVICE = Device("toy:one", "toy", "simulator", 14, properties={"version": "1", "on_request": True})
HERE = cost_models.host(1)
MODEL = CostModel("qubits", (1e-3,) * len(TERMS), 1.5, 12, version="1")


def measured(folder: Path, **said: str) -> Measured:
    return Measured(load_settings({"qfs_root": str(folder), "threads": 1, **said}, environ={})[0])


def test_a_device_gets_its_model_and_loses_it_when_its_version_changes(tmp_path: Path) -> None:
    described = measured(tmp_path)
    assert described(DEVICE) is DEVICE
    cost_models.keep(tmp_path / COST_MODELS, HERE, DEVICE, MODEL, [])
    found = described(DEVICE)
    assert CostModel.of(found) == MODEL
    assert found.properties[OPEN] is True
    newer = described(replace(DEVICE, properties={**DEVICE.properties, "version": "2"}))
    assert (CostModel.of(newer), newer.properties.get(OPEN)) == (None, None)
    assert newer.properties[IGNORED] == "with version 1 of its engine, and this is 2"


def test_the_setting_shuts_them_out_of_auto(tmp_path: Path) -> None:
    cost_models.keep(tmp_path / COST_MODELS, HERE, DEVICE, MODEL, [])
    found = measured(tmp_path, auto_engines="native")(DEVICE)
    assert (CostModel.of(found), found.properties[OPEN]) == (MODEL, False)


def test_what_a_driver_claims_does_not_count(tmp_path: Path) -> None:
    claims = {**DEVICE.properties, PROPERTY: MODEL.to_json(), OPEN: True, IGNORED: "x"}
    assert measured(tmp_path)(replace(DEVICE, properties=claims)) == DEVICE


def test_the_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    described = measured(tmp_path)
    cost_models.keep(tmp_path / COST_MODELS, HERE, DEVICE, MODEL, [])
    assert CostModel.of(described(DEVICE)) == MODEL
    (tmp_path / COST_MODELS).write_text("damaged")
    assert described(DEVICE) == DEVICE
    (tmp_path / COST_MODELS).unlink()
    assert described(DEVICE) is DEVICE


def test_other_settings_of_its_driver_are_another_measurement(tmp_path: Path) -> None:
    cost_models.keep(tmp_path / COST_MODELS, HERE, DEVICE, MODEL, [])
    assert CostModel.of(measured(tmp_path, driver_settings="other.slices=2")(DEVICE)) == MODEL
    found = measured(tmp_path, driver_settings="toy.slices=2")(DEVICE)
    assert (CostModel.of(found), found.properties[IGNORED]) == (None, "with other settings of its driver")

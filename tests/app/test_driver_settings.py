"""`driver_settings`: what a user says to a driver in a process of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eigen.app.devices import make_registry
from eigen.app.driver_settings import driver_settings
from eigen.config import Settings, describe
from eigen.drivers.hosts.entries import FOLDER
from eigen.errors import EigenError

TINY = Path(__file__).parents[2] / "examples" / "tiny_driver"
WIDE = """
from dataclasses import replace

from tiny_engine import TinyEngine


class WideEngine(TinyEngine):
    def start(self, config, threads):
        super().start({name: value for name, value in config.items() if name != "width"}, threads)
        self._width = config.get("width", 3)

    def devices(self):
        return [replace(device, num_qubits=self._width) for device in super().devices()]
"""


def settings(folder: Path, text: str) -> Settings:
    place = folder / FOLDER / "tiny"
    if not place.exists():
        shutil.copytree(TINY, place)
        (place / "wide_engine.py").write_text(WIDE)
        manifest = place / "manifest.toml"
        manifest.write_text(manifest.read_text().replace("tiny_engine:TinyEngine", "wide_engine:WideEngine"))
    return Settings(qfs_root=str(folder), driver_settings=text, environments_root=str(folder / "environments"))


def width(given: Settings) -> int:
    registry = make_registry(given)
    try:
        return registry.device("tiny:statevector").num_qubits
    finally:
        registry.close()


def test_what_is_given_reaches_the_engine(tmp_path: Path) -> None:
    """And what it told of its devices with other settings is not believed."""
    assert width(settings(tmp_path, "")) == 3
    assert width(settings(tmp_path, "tiny.width=5")) == 5
    assert width(settings(tmp_path, " tiny.width = 4 ,")) == 4
    assert width(settings(tmp_path, "")) == 3


def test_values_are_json_or_texts() -> None:
    given = Settings(driver_settings="jax.cpu_devices=4, jax.platform=cpu, cirq.fast=true, cirq.at=a=b")
    assert driver_settings(given) == {"jax": {"cpu_devices": 4, "platform": "cpu"}, "cirq": {"fast": True, "at": "a=b"}}
    assert driver_settings(Settings()) == {}


@pytest.mark.parametrize(
    "text", ["jax", "jax=1", ".a=1", "jax.=1", "jax.a", "native.threads=1", "jax.a=1,jax.a=2", "tinny.width=4"]
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(EigenError) as error:
        make_registry(settings(tmp_path, text))
    assert error.value.code == "EIGEN_CONFIG_INVALID"


def test_a_setting_that_the_driver_does_not_know_is_named(tmp_path: Path) -> None:
    registry = make_registry(settings(tmp_path, "tiny.colour=red"))
    with pytest.raises(EigenError, match="`colour`") as error:
        registry.device("tiny:statevector")
    assert error.value.code in {"EIGEN_CONFIG_INVALID", "EIGEN_DRIVER_REJECTED"}
    registry.close()


def test_they_are_not_shown() -> None:
    """A token may be among them."""
    shown = {entry.name: entry.shown for entry in describe(Settings(driver_settings="ibm.token=abc"))}
    assert shown["driver_settings"] == "(hidden)"

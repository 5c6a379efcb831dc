"""The registry loads on need, proves before use, and names what it refused."""

from __future__ import annotations

import pytest

from doubles.restricted import CHIP
from eigen.drivers.engines import ENGINES
from eigen.drivers.registry import DriverEntry, Registry
from eigen.errors import EigenError

CHIP_ENTRY = DriverEntry("restricted", "doubles.restricted:RestrictedDriver")

NATIVE = sorted(engine.device_id for engine in ENGINES)


def never() -> tuple[DriverEntry, ...]:
    raise AssertionError("installed metadata was read")


@pytest.mark.parametrize("target", ["sim:auto", "sim:statevector", "simulator", "sim:local", "null:classical"])
def test_built_in_targets_never_read_installed_metadata(target: str) -> None:
    found = [device.id for device in Registry(installed=never).devices(target)]
    assert found == (["null:classical"] if target.startswith("null") else NATIVE)


def test_a_driver_is_loaded_once() -> None:
    registry = Registry(installed=never)
    assert registry.driver_for("sim:statevector") is registry.driver_for("sim:statevector") is registry.load("native")


def test_installed_drivers_come_through_the_same_door() -> None:
    registry = Registry(installed=lambda: (CHIP_ENTRY,))
    assert [device.id for device in registry.devices()] == ["double:chip", "modes:gaussian", "null:classical", *NATIVE]
    assert registry.device("double:chip") == CHIP
    assert registry.driver_for("double:chip").name == "restricted"


def test_an_unknown_device_gets_a_suggestion() -> None:
    registry = Registry(installed=lambda: (CHIP_ENTRY,))
    for wrong, right in (("sim:statevctor", "sim:statevector"), ("double:chop", "double:chip")):
        with pytest.raises(EigenError) as caught:
            registry.device(wrong)
        assert (caught.value.code, caught.value.hint) == ("EIGEN_DEVICE_UNKNOWN", f"did you mean `{right}`?")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_module:Driver", "it cannot be loaded: ModuleNotFoundError"),
        ("doubles.restricted:NoSuchClass", "it cannot be loaded: AttributeError"),
        ("pathlib:Path", "does not have the methods of a QDriver"),
        ("eigen.drivers.native:NativeDriver", "already belongs to driver `native`"),
        ("doubles.liar:ReversedBits", "failed probe `bit_order`"),
    ],
)
def test_a_driver_that_fails_is_refused_and_named(value: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    from doubles.misbehaving import MISBEHAVING

    liar = ModuleType("doubles.liar")
    liar.ReversedBits = MISBEHAVING["reverses the bits"][1]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "doubles.liar", liar)
    built_in = (DriverEntry("native", "eigen.drivers.native:NativeDriver", ("sim",)),)
    built_in = () if "liar" in value else built_in
    registry = Registry(built_in=built_in, installed=lambda: (DriverEntry("vendor", value),))
    assert [device.id for device in registry.devices()] == (NATIVE if built_in else [])
    assert reason in registry.rejected["vendor"].message
    with pytest.raises(EigenError) as caught:
        registry.load("vendor")
    assert caught.value is registry.rejected["vendor"]
    with pytest.raises(EigenError) as caught:
        registry.driver_for("vendor:device")
    assert caught.value.code == "EIGEN_DRIVER_REJECTED"


def test_a_built_in_name_cannot_be_taken() -> None:
    registry = Registry(installed=lambda: (DriverEntry("native", "pathlib:Path"),))
    assert registry.driver_for("sim:statevector").name == "native"
    assert not registry.rejected


def test_configuration_reaches_the_driver() -> None:
    with pytest.raises(EigenError) as caught:
        Registry({"native": {"thread": 1}}).devices("sim:auto")
    assert caught.value.code == "EIGEN_DEVICE_OPTION"
    assert Registry({"native": {"threads": 1}}).devices("sim:auto")


def test_configuration_of_an_unknown_driver_is_refused() -> None:
    registry = Registry({"natve": {"threads": 1}}, installed=lambda: ())
    with pytest.raises(EigenError) as caught:
        registry.devices()
    assert caught.value.hint == "did you mean `native`?"


def test_real_entry_points_are_read(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "vendor-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[eigen.drivers]\nrestricted = doubles.restricted:RestrictedDriver\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "double:chip" in [device.id for device in Registry().devices("auto")]

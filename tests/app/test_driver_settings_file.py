"""Settings of drivers: read strictly, told to the driver alone, and no value shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from doubles.distant_engine import FOLDER, LISTED
from eigen.app.backends import UNAVAILABLE, list_backends
from eigen.app.devices import make_registry
from eigen.app.driver_settings import FILE, driver_settings
from eigen.config import Settings
from eigen.drivers.hosts.entries import FOLDER as DRIVERS
from eigen.errors import EigenError

TESTS = Path(__file__).parent.parent
SECRET = "sesame-0815"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data directory with the driver of a service."""
    (tmp_path / DRIVERS).mkdir()
    (tmp_path / "service").mkdir()
    (tmp_path / DRIVERS / "distant.toml").write_text(
        'name = "distant"\nprotocol = 1\nbackends = ["distant"]\nneeds = ["token"]\n'
        f'engine = "doubles.distant_engine:DistantEngine"\npath = "{TESTS}"\n'
        f'environment = {{ {FOLDER} = "{tmp_path / "service"}" }}\n'
    )
    return Settings(qfs_root=str(tmp_path), environments_root=str(tmp_path / "environments"))


@pytest.fixture
def written(settings: Settings) -> Path:
    path = settings.data_dir / FILE
    path.touch(mode=0o600)
    return path


def test_a_service_without_its_settings_is_unavailable(settings: Settings) -> None:
    (found,) = [row for row in list_backends(settings) if row.name == "distant"]
    assert (found.state, found.why) == (UNAVAILABLE, "needs the setting `token` of `[distant]`")
    registry = make_registry(settings)
    with pytest.raises(EigenError) as caught:
        registry.devices(LISTED)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert "`token`" in caught.value.message
    assert not [device for device in registry.devices() if device.id == LISTED]
    assert not (settings.data_dir / "service" / "calls").exists()


def test_with_them_it_is_a_device(settings: Settings, written: Path) -> None:
    written.write_text(f'[distant]\ntoken = "{SECRET}"\n')
    (found,) = [row for row in list_backends(settings) if row.name == "distant"]
    assert found.state == "installed"
    registry = make_registry(settings)
    try:
        assert LISTED in [device.id for device in registry.devices()]
        assert registry.driver_for(LISTED).name == "distant"
    finally:
        registry.close()
    kept = [path for path in settings.data_dir.rglob("*") if path.is_file() and path != written]
    assert all(SECRET.encode() not in path.read_bytes() for path in kept)


def test_the_setting_goes_before_the_file(settings: Settings, written: Path) -> None:
    written.write_text("[distant]\nretries = 3\nregion = 'north'\n")
    given = replace(settings, driver_settings=f"distant.region=south, distant.token={SECRET}")
    assert driver_settings(given) == {"distant": {"retries": 3, "region": "south", "token": SECRET}}
    assert driver_settings(settings) == {"distant": {"retries": 3, "region": "north"}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'[distant]\ntoken = "{SECRET}', "no TOML"),
        (f'token = "{SECRET}"\n', "`token` is no table"),
        (f'[native]\nisa = "{SECRET}"\n', "`native`"),
        (f'[distant.token]\nvalue = "{SECRET}"\n', "`distant.token`"),
        ("[distant]\nsince = 2026-11-22\n", "`distant.since`"),
        ("\udcff", "no TOML"),
    ],
)
def test_what_is_wrong_is_named_and_no_value_shown(written: Path, settings: Settings, text: str, words: str) -> None:
    written.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EigenError) as caught:
        driver_settings(settings)
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert words in caught.value.message
    assert SECRET not in repr(caught.value) + caught.value.message


def test_a_file_that_everybody_reads_is_refused(written: Path, settings: Settings) -> None:
    written.write_text(f'[distant]\ntoken = "{SECRET}"\n')
    written.chmod(0o644)
    with pytest.raises(EigenError, match="everybody can read"):
        driver_settings(settings)


def test_a_table_of_no_driver_is_refused(written: Path, settings: Settings) -> None:
    written.write_text("[distnat]\na = 1\n")
    with pytest.raises(EigenError) as caught:
        make_registry(settings).devices()
    assert (caught.value.code, caught.value.hint) == ("EIGEN_CONFIG_INVALID", "did you mean `distant`?")

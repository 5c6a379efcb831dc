"""Manifests: read strictly, and drivers found by them like any other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eigen.app.devices import make_registry
from eigen.config import Settings
from eigen.drivers.hosts import manifest as manifests
from eigen.drivers.hosts.entries import FOLDER, hosted_entries
from eigen.drivers.hosts.host import Host
from eigen.drivers.hosts.manifest import read_manifest
from eigen.errors import EigenError

ROOT = Path(__file__).parent.parent.parent.parent
TINY = ROOT / "examples" / "tiny_driver"
GOOD = 'name = "a"\nprotocol = 1\nbackends = ["a"]\ncommand = ["./run", "-v"]\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "a.toml"
    path.write_text(text)
    return path


def test_a_command_beside_its_manifest(tmp_path: Path) -> None:
    found = read_manifest(written(tmp_path, GOOD + 'environment = { LEVEL = "3" }\n'))
    launch = found.launch(threads=2, memory_bytes=None)
    assert launch.command == (str(tmp_path / "run"), "-v")
    assert launch.environment == {"OMP_NUM_THREADS": "2", "LEVEL": "3"}
    assert launch.folder == tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "no TOML"),
        ("\x00", "no TOML"),
        ("a = " + "[" * 10_000, "no TOML"),
        (GOOD.replace("name =", "nam ="), "no key `nam`"),
        (GOOD.replace("protocol = 1", "protocol = 2"), "`protocol` is 1"),
        (GOOD.replace("protocol = 1", ""), "`protocol` is 1"),
        (GOOD.replace('["a"]', '"a"'), "`backends` is a list"),
        (GOOD.replace('"a"\n', "1\n"), "`name` is a text"),
        (GOOD.replace('backends = ["a"]', ""), "`name` and `backends`"),
        (GOOD + 'engine = "a:B"\n', "either"),
        (GOOD.replace('command = ["./run", "-v"]', ""), "either"),
        (GOOD + "environment = { A = 1 }\n", "`environment`"),
        (GOOD.replace('name = "a"', 'name = "../a"'), "`name` is made of"),
        (GOOD + 'lock = "/etc/lock.txt"\n', "`lock` is the name"),
        (GOOD + 'shares = "both"\n', "only what has a `lock`"),
        (GOOD + 'python = ">=3.11"\n', "only what has a `lock`"),
        (GOOD + 'lock = "a"\nshares = ".."\n', "`shares` is made of"),
        (GOOD + 'lock = "a"\nbuild = ["make"]\n', "no `lock`"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(EigenError, match=words) as error:
        read_manifest(written(tmp_path, text))
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert str(tmp_path / "a.toml") in str(error.value)


def test_what_is_required_and_not_there(tmp_path: Path) -> None:
    text = GOOD + 'requires = ["there-is-no-such-thing"]\nextra = "cirq"\n'
    with pytest.raises(EigenError, match="there-is-no-such-thing") as error:
        read_manifest(written(tmp_path, text)).launch(threads=0, memory_bytes=None)
    assert error.value.code == "EIGEN_NOT_AVAILABLE"
    assert error.value.hint == "pip install 'eigen-os[cirq]'"


def test_a_program_that_is_not_on_the_path(tmp_path: Path) -> None:
    row = read_manifest(written(tmp_path, GOOD.replace('"./run"', '"there-is-no-such-program"')))
    assert row.missing() == "there-is-no-such-program"
    with pytest.raises(EigenError, match="`there-is-no-such-program`") as error:
        row.launch(threads=0, memory_bytes=None)
    assert error.value.code == "EIGEN_NOT_AVAILABLE"


BESIDE = {"torch"}
"""Whose packages nothing here installs: they are taken where they are."""


def test_every_shipped_manifest_is_read_and_says_where_its_engine_comes_from() -> None:
    extras = (ROOT / "pyproject.toml").read_text()
    for row in manifests.shipped():
        assert row.lock or row.build or row.name in BESIDE
        assert not row.extra or f"\n{row.extra} = [" in extras
        if row.build:
            assert (row.place / row.path).is_dir()
            continue
        assert row.engine.startswith("eigen_driver.engines.")
        place = ROOT / "src" / Path(*row.engine.partition(":")[0].split("."))
        assert place.with_suffix(".py").exists() or place.is_dir()


def test_a_driver_of_the_data_directory_is_one_of_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(qfs_root=str(tmp_path))
    shutil.copytree(TINY, settings.data_dir / FOLDER / "tiny")
    registry = make_registry(settings)
    try:
        assert [device.id for device in registry.devices("tiny:statevector")] == ["tiny:statevector"]
        driver = registry.driver_for("tiny:statevector")
        assert driver.version == "1"
    finally:
        registry.close()
    monkeypatch.setattr(Host, "__init__", lambda *_: pytest.fail("looking at devices starts a process"))
    again = make_registry(settings)
    assert [device.id for device in again.devices("tiny:statevector")] == ["tiny:statevector"]


def test_a_driver_that_does_not_come_up_is_left_out_and_told(tmp_path: Path) -> None:
    settings = Settings(qfs_root=str(tmp_path))
    folder = settings.data_dir / FOLDER
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text('name = "bad"\nprotocol = 1\nbackends = ["bad"]\ncommand = ["/bin/false"]\n')
    registry = make_registry(settings)
    try:
        with pytest.raises(EigenError, match="ended with status 1") as error:
            registry.device("bad:device")
        assert error.value.code == "EIGEN_DRIVER_REJECTED"
        assert registry.device("sim:statevector").id == "sim:statevector"
    finally:
        registry.close()


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    names = [entry.name for entry in hosted_entries(tmp_path, threads=0, memory_bytes=None, hosts=1)]
    assert names == [row.name for row in manifests.shipped()]

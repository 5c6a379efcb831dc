"""Environments: whole or not at all, shared without a quarrel, freed of what nobody needs; all from small wheels."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles.wheels import wheel
from eigen.drivers.hosts import installing
from eigen.drivers.hosts.environments import IN_USE, Environments
from eigen.drivers.hosts.installing import Installer
from eigen.drivers.hosts.manifest import Manifest, read_manifest
from eigen.drivers.hosts.uv import failure, find_uv, run_tool
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable


class Yard:
    """A root of environments, and backends with locks of small wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.environments = Environments(folder / "root")
        self.known: dict[str, Manifest] = {}
        self.told: list[str] = []

    def backend(self, name: str, *pins: str, words: str = 'shares = "both"') -> Manifest:
        place = self.folder / "drivers" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "lock.txt").write_text("".join(pins))
        text = f'name = "{name}"\nprotocol = 1\nbackends = ["{name}"]\nengine = "e:E"\nrequires = ["{name}"]\n'
        (place / "manifest.toml").write_text(f'{text}lock = "./lock.txt"\n{words}\n')
        self.known[name] = read_manifest(place / "manifest.toml")
        return self.known[name]

    def pin(self, name: str, version: str = "1.0") -> str:
        return wheel(self.wheels, name, version)

    def installer(self) -> Installer:
        return Installer(self.environments, self.known, wheels=self.wheels, tell=self.told.append)

    def versions(self, name: str = "both") -> dict[str, str]:
        found = self.environments.find(name)
        return {} if found is None else dict(found.versions)

    def runs(self, code: str, name: str = "both") -> str:
        found = self.environments.find(name)
        assert found is not None
        python = self.environments.python(found)
        assert python is not None
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    def folders(self) -> set[str]:
        return {path.name.partition("-")[0] for path in self.environments.root.iterdir() if (path / IN_USE).exists()}

    def left(self) -> list[str]:
        return [path.name for path in self.environments.root.iterdir() if path.name.startswith(".partial")]


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def test_backends_that_share_and_what_each_needs(yard: Yard) -> None:
    common = yard.pin("common")
    one = yard.backend("one", yard.pin("one"), common, yard.pin("mine"))
    two = yard.backend("two", yard.pin("two"), common)
    assert yard.installer().install([one]) == ("one",)
    assert yard.versions() == {"one": "1.0", "common": "1.0", "mine": "1.0"}
    assert yard.installer().install([two]) == ("one", "two")
    assert yard.versions() == {"one": "1.0", "two": "1.0", "common": "1.0", "mine": "1.0"}
    assert yard.runs("import one, two, common; print(one.VERSION)") == "1.0"
    assert yard.installer().remove([one]) == ("one",)
    assert yard.versions() == {"two": "1.0", "common": "1.0"}
    assert "No module named 'mine'" in yard.runs("import mine")
    assert yard.installer().remove([one]) == ()
    assert yard.installer().remove([two]) == ("two",)
    assert yard.environments.find("both") is None
    assert yard.folders() == set()


def test_what_is_there_is_left_alone_unless_it_is_old_or_asked_for_again(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"))
    yard.installer().install([one])
    before = yard.environments.find("both")
    assert yard.installer().install([one]) == ()
    assert yard.environments.find("both") == before
    assert yard.installer().install([one], again=True) == ("one",)
    assert yard.environments.find("both") != before
    newer = yard.backend("one", yard.pin("one", "2.0"))
    assert yard.installer().install([newer]) == ("one",)
    assert yard.runs("import one; print(one.VERSION)") == "2.0"


def test_who_shares_comes_along_to_the_locks_of_this_release(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"), yard.pin("common"))
    yard.installer().install([one])
    yard.backend("one", yard.pin("one"), yard.pin("common", "2.0"))
    two = yard.backend("two", yard.pin("two"), yard.pin("common", "2.0"))
    yard.installer().install([two])
    assert yard.versions() == {"one": "1.0", "two": "1.0", "common": "2.0"}


def test_locks_that_disagree_change_nothing(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"), yard.pin("common"))
    two = yard.backend("two", yard.pin("two"), yard.pin("common", "2.0"))
    yard.installer().install([one])
    before = yard.environments.find("both")
    with pytest.raises(EigenError, match="common") as error:
        yard.installer().install([two])
    assert error.value.code == "EIGEN_BACKEND_INSTALL"
    assert yard.environments.find("both") == before
    assert yard.runs("import common; print(common.VERSION)") == "1.0"
    assert yard.left() == []


def test_a_python_of_its_own(yard: Yard) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    one = yard.backend("one", yard.pin("one"), words=f'python = ">={here},<4"')
    assert yard.installer().install([one]) == ("one",)
    assert yard.runs("import sys; print(sys.version_info >= (3, 11))", "one") == "True"
    two = yard.backend("two", yard.pin("two"), words='python = ">=9"')
    with pytest.raises(EigenError, match=r"environment `two` \(two\).*9") as error:
        yard.installer().install([two])
    assert error.value.code == "EIGEN_BACKEND_INSTALL"


def test_a_wheel_of_other_bytes_is_refused(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"))
    wheel(yard.wheels, "one", "1.0", {"more.py": ""})
    with pytest.raises(EigenError, match=r"[Hh]ash"):
        yard.installer().install([one])
    assert yard.environments.find("both") is None


def test_a_package_that_the_folder_lacks_is_named(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"))
    next(yard.wheels.iterdir()).unlink()
    with pytest.raises(EigenError, match=r"environment `both` \(one\).*one"):
        yard.installer().install([one])


def test_an_interrupt_leaves_what_was_there(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = yard.backend("one", yard.pin("one")), yard.backend("two", yard.pin("two"))
    yard.installer().install([one])
    before = yard.environments.find("both")

    def interrupted(*words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(installing, "run_tool", interrupted)
    with pytest.raises(KeyboardInterrupt):
        yard.installer().install([two])
    monkeypatch.undo()
    assert yard.environments.find("both") == before
    assert yard.left() == []
    assert yard.installer().install([two]) == ("one", "two")


def test_what_a_killed_installation_left_goes(yard: Yard) -> None:
    yard.environments.root.mkdir()
    (yard.environments.root / ".partial-both-abc" / "lib").mkdir(parents=True)
    (yard.environments.root / "somebody-elses").mkdir()
    yard.installer().install([yard.backend("one", yard.pin("one"))])
    assert yard.left() == []
    assert (yard.environments.root / "somebody-elses").is_dir()


def test_an_environment_in_use_stays_until_it_is_not(yard: Yard) -> None:
    one, two = yard.backend("one", yard.pin("one")), yard.backend("two", yard.pin("two"))
    yard.installer().install([one])
    found = yard.environments.find("both")
    assert found is not None
    used = yard.environments.folder(found)
    with (used / IN_USE).open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yard.installer().install([two])
        assert used.is_dir()
    yard.installer().install([two])
    assert not used.exists()


def test_two_installations_come_one_after_the_other(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"))
    yard.environments.root.mkdir()
    with (yard.environments.root / ".lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread = threading.Thread(target=yard.installer().install, args=([one],))
        thread.start()
        while not yard.told:
            time.sleep(0.01)
        assert "another installation" in yard.told[0]
        assert yard.environments.find("both") is None
    thread.join()
    assert yard.versions() == {"one": "1.0"}


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "there")


def refused(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", "there")


@pytest.mark.parametrize(("fails", "words"), [(full, "the disk is full"), (refused, "Permission denied: there")])
def test_what_the_disk_refuses_is_told(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, fails: Callable[..., None], words: str
) -> None:
    one = yard.backend("one", yard.pin("one"))
    monkeypatch.setattr(installing, "_versions", fails)
    with pytest.raises(EigenError, match=words) as error:
        yard.installer().install([one])
    assert error.value.code == "EIGEN_BACKEND_INSTALL"
    assert yard.left() == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: Request failed: dns error: failed to lookup address", "cannot be reached"),
        ("error: because a and b disagree", "because a and b disagree"),
        ("", "it says nothing"),
    ],
)
def test_what_a_tool_said_becomes_an_error(said: str, words: str) -> None:
    assert words in failure("environment `both`", said).message


def test_a_tool_ends_with_who_waits_for_it(tmp_path: Path) -> None:
    pids: list[int] = []

    def tell(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(KeyboardInterrupt):
        run_tool([sys.executable, "-c", code], tmp_path, "a tool", tell)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], signal.SIGTERM)


def test_without_uv_the_error_says_where_it_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(EigenError) as error:
        find_uv()
    assert error.value.hint == "pip install 'eigen-os[engines]' brings it"


def test_what_is_built_is_built_in_a_folder_of_its_own(yard: Yard) -> None:
    place = yard.folder / "drivers" / "made"
    place.mkdir(parents=True)
    (place / "source.c").write_text("int main(void) { return 0; }")
    head = 'name = "made"\nprotocol = 1\nbackends = ["made"]\npath = "."\ncommand = ["{environment}/it", "-q"]\n'
    (place / "manifest.toml").write_text(head + 'build = ["cp", "source.c", "{environment}/it"]\n')
    made = read_manifest(place / "manifest.toml")
    with pytest.raises(EigenError, match="is not installed") as error:
        made.launch(threads=0, memory_bytes=None, environments=yard.environments)
    assert error.value.hint == "eigen backends install made"
    assert yard.installer().install([made]) == ("made",)
    launch = made.launch(threads=0, memory_bytes=None, environments=yard.environments)
    assert Path(launch.command[0]).read_text() == (place / "source.c").read_text()
    assert launch.command[1:] == ("-q",)
    assert yard.installer().install([made]) == ()
    (place / "source.c").write_text("int main(void) { return 1; }")
    assert yard.installer().install([made]) == ("made",)
    assert yard.installer().remove([made]) == ("made",)
    assert yard.folders() == set()


def test_a_build_that_fails_leaves_nothing(yard: Yard) -> None:
    place = yard.folder / "made.toml"
    head = 'name = "made"\nprotocol = 1\nbackends = ["made"]\ncommand = ["{environment}/it"]\n'
    place.write_text(head + 'build = ["sh", "-c", "echo it cannot be built; exit 3"]\n')
    with pytest.raises(EigenError, match="backend `made`: it cannot be built"):
        yard.installer().install([read_manifest(place)])
    assert yard.left() == []
    assert yard.folders() == set()


def test_a_record_that_is_no_record_is_none(yard: Yard) -> None:
    yard.environments.root.mkdir()
    for text in ("", "[]", "{}", '{"folder": "x", "backends": 3, "versions": {}}', "[" * 100_000, "\0"):
        (yard.environments.root / "both.json").write_text(text)
        assert yard.environments.find("both") is None
    (yard.environments.root / "both.json").write_text('{"folder": "../..", "backends": {}, "versions": {}}')
    assert yard.environments.find("both") is None


def test_an_environment_whose_python_is_gone_is_not_installed_and_is_made_anew(yard: Yard) -> None:
    one = yard.backend("one", yard.pin("one"))
    yard.installer().install([one])
    found = yard.environments.find("both")
    assert found is not None
    python = yard.environments.python(found)
    assert python is not None
    python.unlink()
    python.symlink_to("/there/is/no/python")
    assert one.installed(yard.environments) is None
    with pytest.raises(EigenError, match="needs the package `one`") as error:
        one.launch(threads=0, memory_bytes=None, environments=yard.environments)
    assert error.value.hint == "eigen backends install one"
    assert yard.installer().install([one]) == ("one",)
    assert yard.runs("import one; print(one.VERSION)") == "1.0"

"""The conformance kit as people meet it: `eigen backends test`, and `pytest --pyargs eigen.conformance`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eigen.cli import main
from eigen.conformance.page import page
from eigen.conformance.running import Examined, verdicts
from eigen.conformance.table import CHECKS
from eigen.drivers.null import NullDriver

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "conformance.md"
TINY = Path(__file__).parents[2] / "examples" / "tiny_driver"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with the driver of the guide, and one that turns its bits round."""
    for name in ("tiny", "reversed"):
        shutil.copytree(TINY, tmp_path / "drivers" / name)
    place = tmp_path / "drivers" / "reversed"
    manifest, source = place / "manifest.toml", place / "tiny_engine.py"
    source.rename(place / "turned_engine.py")
    text = (place / "turned_engine.py").read_text().replace("<< bit for", "<< (ask.circuit.num_clbits - 1 - bit) for")
    (place / "turned_engine.py").write_text(text.replace('"tiny', '"reversed'))
    manifest.write_text(manifest.read_text().replace('"tiny"', '"reversed"').replace("tiny_engine", "turned_engine"))
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path))
    return tmp_path


def test_the_driver_of_the_guide_passes_and_a_turned_one_does_not(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backends", "test", "tiny", "reversed", "--json", "--check", "order", "--check", "metadata"]) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["ok"] is False
    good, bad = told["devices"]
    assert (good["device_id"], good["ok"]) == ("tiny:statevector", True)
    assert [one["check"] for one in good["checks"]] == [
        check.name for check in CHECKS if check.noun == "order" or check.name == "metadata"
    ]
    assert {one["outcome"] for one in good["checks"]} == {"ok"}
    failed = {one["check"]: one["why"] for one in bad["checks"] if one["outcome"] == "failed"}
    assert "every shot must give `00001`, got {`10000`: 50}" in failed["bit_order"]
    assert "reversed:statevector: bit_order: failed: " in shown.err


def test_a_table_for_one_device_and_for_several(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends", "test", "null:classical", "--check", "limits"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("CHECK")
    assert any(line.startswith("shot_counts") and " ok " in line and "up to 1,000,000" in line for line in lines)
    assert main(["backends", "test", "null", "tiny", "--check", "bit_order"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["null:classical", "ok"], ["tiny:statevector", "ok"]]


def test_a_backend_that_is_not_installed_is_unavailable_and_no_failure(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = data / "drivers" / "tiny" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('["numpy"]', '["no-such-distribution-eigen"]'))
    assert main(["backends", "test", "tiny", "--json", "--check", "order"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["devices"]
    assert "`no-such-distribution-eigen`" in told["unavailable"]
    assert told["ok"] is False
    assert told["checks"] == []


def test_a_driver_that_does_not_come_up_fails(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "drivers" / "tiny" / "tiny_engine.py").write_text("raise ImportError('no engine here')\n")
    assert main(["backends", "test", "tiny", "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)["devices"]
    assert "does not come up" in told["checks"][0]["why"]


def test_what_was_told_before_is_shown_with_the_rest(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends", "test", "reversed", "--json", "--check", "bit_order"]) == 1
    earlier = data / "reversed.json"
    earlier.write_text(capsys.readouterr().out)
    assert main(["backends", "test", "null", "--check", "bit_order", "--with", str(earlier), "--markdown"]) == 1
    text = capsys.readouterr().out
    assert "| `reversed:statevector` | reversed 1 |" in text
    assert "- `reversed:statevector`, `bit_order`: every shot must give" in text
    assert "| `null:classical` |" in text
    assert main(["backends", "test", "--with", str(earlier), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == json.loads(earlier.read_text())
    earlier.write_text('{"devices": [{}]}')
    assert main(["backends", "test", "--with", str(earlier)]) == 2
    assert "does not hold what" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "`test` needs the names"),
        (["native", "--all"], "`test` needs the names"),
        (["natve"], "there is no backend or device `natve`"),
        (["sim:statevectr"], "has no device `sim:statevectr`"),
        (["native", "--check", "bit_ordr"], "there is no check `bit_ordr`"),
        (["native", "--json", "--markdown"], "exclude each other"),
    ],
)
def test_mistakes_are_told(data: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert main(["backends", "test", *words]) == 2
    assert message in capsys.readouterr().err


def test_the_page_tells_devices_versions_checks_and_what_was_not_asked() -> None:
    driver = NullDriver()
    done = Examined("null:classical", "null", "9", tuple(verdicts(driver, driver.devices[0])))
    text = page([done, Examined("far:away", "far", "", unavailable="no | token")])
    row = next(line for line in text.splitlines() if line.startswith("| `null:classical`"))
    assert "| bits " in row
    assert "failed" not in row
    assert "- `far:away`: unavailable: no \\| token" in text
    assert all(f"| `{check.name}` | {check.noun} | {check.holds} |" in text for check in CHECKS)


def test_the_script_of_the_guide_runs() -> None:
    (script,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("bit_order ok 5 qubits\n")


def test_outsiders_run_it_under_pytest(data: Path) -> None:
    """As the guide says; the plugin is named for an environment that was installed before there was its entry point."""

    def asked(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-p", "eigen.conformance.options", "-p", "no:cacheprovider", "-q"]
        return subprocess.run(
            [*command, "--pyargs", "eigen.conformance", *words], cwd=data, capture_output=True, text=True, check=False
        )

    good = asked("--driver", "tiny")
    assert good.returncode == 0, good.stdout
    assert "passed" in good.stdout
    bad = asked("--device", "reversed:statevector", "--check", "bit_order")
    assert bad.returncode == 1
    assert "got {`10000`: 50}" in bad.stdout
    wrong = asked("--driver", "tinny")
    assert wrong.returncode != 0
    assert "there is no backend or device `tinny`" in wrong.stdout + wrong.stderr

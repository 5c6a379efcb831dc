"""The command line as such: help, usage mistakes, exit codes, streams. No job runs here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eigen.cli import main
from eigen.cli.commands import ALIASES, COMMANDS
from eigen.errors import EigenError

EIGEN = [sys.executable, "-m", "eigen"]


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "--help")
    assert (code, err) == (0, "")
    for name, command in COMMANDS.items():
        assert f"  {name}" in out
        assert command.summary in out


def test_no_command_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys)
    assert (code, out) == (2, "")
    assert "usage: eigen COMMAND" in err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert f"usage: eigen {name}" in out
    assert "--json" in out
    assert COMMANDS[name].summary in " ".join(out.split())


def test_aliases_name_commands() -> None:
    assert set(ALIASES.values()) <= set(COMMANDS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sbmit"], "did you mean `submit`?"),
        (["--frobnicate"], "there is no option `--frobnicate`"),
        (["run"], "PROGRAM"),
        (["run", "x.py", "--wach"], "did you mean `--watch`?"),
        (["run", "x.py", "--shots"], "expected one argument"),
        (["run", "x.py", "--shots", "many"], "`--shots` needs a whole number"),
        (["run", "x.py", "--seed", "9" * 50], "`--seed` needs a whole number"),
        (["run", "x.py", "--set", "n"], "`--set` needs NAME=VALUE"),
        (["run", "x.py", "--set", "n=NaN"], "not a finite number"),
        (["submit"], "give either a program, `--job FILE` or `--batch FILE ...`"),
        (["submit", "a", "--job", "b"], "give either a program, `--job FILE` or `--batch FILE ...`"),
        (["status"], "ID"),
        (["watch", "x", "--after", "-1"], "argument --after"),
        (["list", "--state", "RUNING"], "did you mean `RUNNING`?"),
        (["list", "--limit", "0"], "`--limit` needs a number"),
        (["devices", "shw", "x"], "did you mean `show`?"),
        (["devices", "show"], "`show` needs an id"),
        (["devices", "list", "x"], "`list` takes no id"),
        (["devices", "reserve", "x"], "needs `--seconds`"),
        (["devices", "show", "x", "--purpose", "y"], "needs `--seconds`"),
        (["list", "--data-dir", "x", "--endpoint", "y"], "exclude each other"),
        (["config", "shema"], "did you mean `schema`?"),
        (["compile", "x.py", "--aqo-version", "9"], "there is no AQO version `9`"),
    ],
)
def test_a_mistake_is_explained_and_exits_with_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("error[EIGEN_USAGE]: ")
    assert said in err


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["status", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["results", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["watch", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["cancel", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["logs", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["explain", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["verify", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["replay", "job_none"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["resume", "job_none", "--max-shots", "5"], 2, "EIGEN_JOB_NOT_FOUND"),
        (["run", "none.eigen.py"], 2, "EIGEN_FILE_UNREADABLE"),
        (["submit", "--job", "none.yaml"], 2, "EIGEN_FILE_UNREADABLE"),
        (["devices", "show", "sim:none"], 2, "EIGEN_DEVICE_UNKNOWN"),
        (["list", "--log-level", "loud"], 2, "EIGEN_CONFIG_INVALID"),
        (["list", "--data-dir", "/dev/null/x"], 3, "EIGEN_STORE_UNAVAILABLE"),
    ],
)
def test_an_error_is_one_json_object_with_json(
    words: list[str], code: int, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, out, err = call(capsys, *words, "--json")
    assert found == code, err
    assert json.loads(out)["error"]["code"] == name
    assert f"error[{name}]" in err


def test_a_complaint_is_shown_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = tmp_path / "job.yaml"
    job.write_text("apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\nspec:\n  shots: none\n  sed: 1\n")
    (tmp_path / "program.eigen.py").write_text("")
    code, out, err = call(capsys, "submit", "--job", str(job))
    assert (code, out) == (2, "")
    assert "error[EIGEN_JOBSPEC_INVALID]: spec.shots: expected a whole number" in err
    assert "  --> job.yaml:5:10\n5 |   shots: none\n  |          ^" in err
    assert "hint: did you mean `seed`?" in err
    assert "2 complaints about `job.yaml`" in err


def test_a_defect_leaves_a_traceback_on_file_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import eigen.cli.version

    def fail(words: object) -> int:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(eigen.cli.version, "run", fail)
    code, out, err = call(capsys, "version")
    assert (code, out) == (4, "")
    assert "error[EIGEN_INTERNAL]: unexpected ZeroDivisionError: boom" in err
    assert "Traceback" not in err
    path = Path(err.rpartition("traceback in ")[2].strip())
    assert "Traceback" in path.read_text()
    path.unlink()


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), EigenError("EIGEN_JOB_FINISHED", "x")])
def test_every_failure_has_a_code(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import eigen.cli.version

    def fail(words: object) -> int:
        raise error

    monkeypatch.setattr(eigen.cli.version, "run", fail)
    code, _, err = call(capsys, "version")
    assert code in {2, 4}
    assert err.startswith("error[EIGEN_")
    if "traceback in " in err:
        Path(err.rpartition("traceback in ")[2].strip()).unlink()


def test_ctrl_c_exits_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import eigen.cli.version

    def interrupt(words: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(eigen.cli.version, "run", interrupt)
    assert call(capsys, "version")[0] == 130


def test_ctrl_c_while_watching_says_how_to_come_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import eigen.cli.waiting

    program = Path(__file__).parents[2] / "examples" / "bell" / "program.eigen.py"
    with eigen.connect(data_dir=tmp_path / "data") as client:
        job_id = client.submit(program)

    def interrupt(*_words: object, **_more: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(eigen.cli.waiting, "follow", interrupt)
    code, _, err = call(capsys, "watch", job_id, "--data-dir", str(tmp_path / "data"))
    assert code == 130
    assert f"`eigen watch {job_id}` goes on" in err


def test_a_reader_that_leaves_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*EIGEN, "config", "schema"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("words", [["version"], ["config", "schema"], ["version", "--json"], ["sbmit", "--json"]])
def test_a_stdout_that_is_full_is_said_in_words(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*EIGEN, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr or "there is no command `sbmit`" in done.stderr


@pytest.mark.parametrize(("stream", "code"), [(">&-", 2), ("2>&-", 2), (">&- 2>&- <&-", 2), ("2>/dev/full", 2)])
def test_streams_that_nobody_holds_change_no_verdict(stream: str, code: int) -> None:
    if "/dev/full" in stream and not Path("/dev/full").exists():
        pytest.skip("the system has no /dev/full")
    shell = ["sh", "-c", f'"$0" -m eigen version {stream} && "$0" -m eigen sbmit {stream}', sys.executable]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from eigen.cli import main; main(['--help']); "
        "heavy = {'numpy', 'scipy', 'sqlalchemy', 'argparse', 'eigen._core', 'dataclasses', 'yaml', 'logging'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_config_shows_every_setting_with_its_source(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EIGEN_THREADS", "2")
    code, out, _ = call(capsys, "config", "--json")
    assert code == 0
    shown = json.loads(out)["settings"]
    assert shown["threads"]["value"] == 2
    assert shown["threads"]["source"] == "EIGEN_THREADS"
    assert shown["log_level"]["source"] == "default"


def test_foreign_text_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = call(capsys, "status", "\x1b[2J\x1b[31mred")
    assert "\x1b" not in err
    assert "\\x1b[2J" in err


def test_the_module_and_the_scripts_are_the_same_program() -> None:
    by_module = subprocess.run([*EIGEN, "version", "--json"], capture_output=True, text=True, check=True).stdout
    for name in ("eigen", "eigen-cli"):
        script = Path(sys.executable).with_name(name)
        assert (
            subprocess.run([script, "version", "--json"], capture_output=True, text=True, check=True).stdout
            == by_module
        )

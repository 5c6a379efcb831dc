"""Settings: sources in order, everything unknown or wrong refused by name, secrets hidden."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from eigen.config import SettingInfo, Settings, config_file, describe, load_settings
from eigen.errors import EigenError


def write(home: Path, text: str) -> Path:
    path = home / "config" / "eigen" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_later_sources_win(private_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(private_home, "lease_seconds = 20\nthreads = 2\ndefault_shots = 10\n")
    monkeypatch.setenv("EIGEN_THREADS", "3")
    monkeypatch.setenv("EIGEN_DEFAULT_SHOTS", "20")
    settings, sources = load_settings({"default_shots": 30, "log_level": None})
    assert (settings.lease_seconds, settings.threads, settings.default_shots) == (20.0, 3, 30)
    assert sources["lease_seconds"] == str(path)
    assert sources["threads"] == "EIGEN_THREADS"
    assert sources["default_shots"] == "--default-shots"
    assert "log_level" not in sources


def test_every_setting_is_described_and_has_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for info in describe(Settings()):
        assert info.help
        assert info.variable == f"EIGEN_{info.name.upper()}"
        assert info.source == "default"
    assert [info.name for info in describe(Settings())] == [entry.name for entry in fields(Settings)]


def test_defaults_pass_their_own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {entry.name: entry.default for entry in fields(Settings)}
    settings, _ = load_settings(given, environ={"HOME": "/nowhere"})
    assert settings == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("EIGEN_THREDS", "1", "unknown setting `threds`"),
        ("EIGEN_THREADS", "many", "must be a whole number"),
        ("EIGEN_THREADS", "-1", "must lie between"),
        ("EIGEN_THREADS", "1e3", "must be a whole number"),
        ("EIGEN_LEASE_SECONDS", "nan", "must lie between"),
        ("EIGEN_GRAPHQL_COST", "0", "must be at least 1, not `0`"),
        ("EIGEN_LEASE_SECONDS", "soon", "must be a number"),
        ("EIGEN_LOG_LEVEL", "loud", "must be one of"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(
    variable: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(EigenError, match=said) as caught:
        load_settings()
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert caught.value.where == variable


@pytest.mark.parametrize(
    "text", ["threds = 1", "[threads]\na = 1", "threads = true", "threads = ", "\x00", "a = 1\na = 2"]
)
def test_a_wrong_file_is_refused(text: str, private_home: Path) -> None:
    path = write(private_home, text)
    with pytest.raises(EigenError) as caught:
        load_settings()
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert caught.value.where == str(path)


def test_a_misspelt_key_gets_a_suggestion(private_home: Path) -> None:
    write(private_home, "treads = 1")
    with pytest.raises(EigenError) as caught:
        load_settings()
    assert caught.value.hint == "did you mean `threads`?"


def test_a_named_file_must_be_there(private_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGEN_CONFIG", str(private_home / "no.toml"))
    with pytest.raises(EigenError, match="there is no file"):
        load_settings()
    assert config_file() == private_home / "no.toml"


def test_the_data_directory_follows_the_user(private_home: Path) -> None:
    environ = {"HOME": str(private_home)}
    assert load_settings(environ=environ)[0].data_dir in {
        private_home / ".local/share/eigen",
        private_home / "data/eigen",
    }
    settings, _ = load_settings({"qfs_root": "here"}, environ=environ)
    assert settings.data_dir == Path("here").absolute()


def test_a_secret_hides_itself() -> None:
    info = SettingInfo("token", "abc", "", "EIGEN_TOKEN", "str", "a token", "", (), secret=True)
    assert info.shown == "(hidden)"


def test_limits_of_the_language_can_be_lowered_and_not_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen import connect
    from eigen.jobspec import load_program

    program = tmp_path / "program.eigen.py"
    program.write_text("@hybrid_program\ndef main():\n    return sum([i for i in range(500)])\n")
    monkeypatch.setenv("EIGEN_LIMIT_STEPS", "100")
    with connect(data_dir=tmp_path / "data") as client, pytest.raises(EigenError) as refused:
        client.compile(load_program(program))
    assert refused.value.details["diagnostics"][0]["code"] == "E0601"
    assert "100" in refused.value.details["diagnostics"][0]["message"]
    monkeypatch.setenv("EIGEN_LIMIT_STEPS", "10000001")
    with pytest.raises(EigenError, match="limit_steps"):
        connect(data_dir=tmp_path / "data")


@pytest.mark.parametrize(("root", "hint"), [("s3://bucket/prefix", "`artifacts_url`"), ("ftp://host", "local")])
def test_an_object_store_is_no_directory(root: str, hint: str) -> None:
    with pytest.raises(EigenError, match=r"not `(s3|ftp)://`") as caught:
        load_settings({"qfs_root": root})
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert hint in caught.value.hint

"""`eigen auth`: keys are shown once and kept as digests, and what was done stands in the audit log."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from eigen.app import open_identity
from eigen.cli import main
from eigen.config import load_settings

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = re.compile(r"eigen_([0-9a-f]{12})_[0-9a-f]{64}")


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["auth", *words])
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code, out, err = call(capsys, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_key_is_the_only_data_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "create-key", "--name", "the bench")
    assert code == 0
    assert TOKEN.fullmatch(out.strip())
    assert "only time" in err
    assert out.strip() not in err


def test_a_new_key_holds_what_was_asked_for_and_no_secret_is_kept(
    capsys: pytest.CaptureFixture[str], private_home: Path
) -> None:
    made = answer(
        capsys,
        *("create-key", "--name", "n", "--tenant", "acme", "--project", "p", "--role", "user", "--role", "readonly"),
        *("--expires", "90d"),
    )
    match = TOKEN.fullmatch(made["token"])
    assert match is not None
    assert match[1] == made["key_id"]
    assert (made["tenant"], made["project"], made["roles"]) == ("acme", "p", ["readonly", "user"])
    expires = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert expires == timedelta(days=90)
    with open_identity(load_settings()[0]) as (keys, _):
        (kept,) = keys.list()
    assert kept.key_id == made["key_id"]
    secret = made["token"].split("_")[2].encode()
    for path in (private_home / "qfs").rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()


def test_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, "create-key", "--name", "n")
    assert (made["tenant"], made["project"], made["roles"], made["expires_at"]) == ("default", "", ["user"], "")


def test_list_and_revoke(capsys: pytest.CaptureFixture[str]) -> None:
    first = answer(capsys, "create-key", "--name", "first", "--expires", "1m")
    second = answer(capsys, "create-key", "--name", "second")
    assert [key["state"] for key in answer(capsys, "list")["keys"]] == ["active", "active"]
    code, out, _ = call(capsys, "revoke", first["key_id"])
    assert (code, out) == (0, f"{first['key_id']} is revoked\n")
    code, out, _ = call(capsys, "revoke", first["key_id"])
    assert (code, out) == (0, f"{first['key_id']} was revoked before\n")
    listed = answer(capsys, "list")["keys"]
    assert [(key["name"], key["state"]) for key in listed] == [("first", "revoked"), ("second", "active")]
    assert all("secret_sha256" not in key and "token" not in key for key in listed)
    _, out, _ = call(capsys, "list")
    assert second["key_id"] in out


def test_an_expired_key_is_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    from eigen.api.identity.api_keys import make_key

    now = datetime.now(UTC)
    key, _ = make_key("old", tenant="t", roles=("user",), at=now, expires=now)
    with open_identity(load_settings()[0]) as (keys, _):
        keys.add(key)
    assert answer(capsys, "list")["keys"][0]["state"] == "expired"


def test_the_audit_log_names_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, "create-key", "--name", "n")
    answer(capsys, "revoke", made["key_id"])
    answer(capsys, "revoke", made["key_id"])  # changes nothing
    entries = answer(capsys, "audit")["entries"]
    assert [(entry["action"], entry["target"], entry["outcome"]) for entry in entries] == [
        ("auth:revoke", made["key_id"], "ok"),
        ("auth:create-key", made["key_id"], "ok"),
    ]
    assert len(answer(capsys, "audit", "--limit", "1")["entries"]) == 1
    assert answer(capsys, "audit", "--tenant", "acme")["entries"] == []
    assert made["key_id"] in call(capsys, "audit")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create"], "did you mean `create-key`?"),
        (["create-key"], "needs `--name`"),
        (["create-key", "--name", " "], "needs `--name`"),
        (["create-key", "--name", "a\nb"], "needs `--name`"),
        (["create-key", "--name", "n", "--role", "root"], "there is no role `root`"),
        (["create-key", "--name", "n", "--role", "admn"], "did you mean `admin`?"),
        (["create-key", "--name", "n", "--tenant", "a b"], "`--tenant` needs letters"),
        (["create-key", "--name", "n", "--project", "../x"], "`--project` needs letters"),
        (["create-key", "--name", "n", "--expires", "90"], "a duration like 90d"),
        (["create-key", "--name", "n", "--expires", "0d"], "a duration like 90d"),
        (["create-key", "--name", "n", "--expires", "999999d"], "ten years"),
        (["create-key", "--name", "n", "--limit", "1"], "takes no `--limit`"),
        (["create-key", "x", "--name", "n"], "takes no id"),
        (["list", "--tenant", "t"], "takes no `--tenant`"),
        (["revoke"], "needs the id of a key"),
        (["revoke", "nobody"], "there is no API key `nobody`"),
        (["audit", "--limit", "0"], "from 1 to"),
        (["audit", "--limit", "many"], "from 1 to"),
    ],
)
def test_a_mistake_is_explained(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("error[EIGEN_USAGE]: ")
    assert said in err


def test_a_whole_key_given_as_an_id_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    token = answer(capsys, "create-key", "--name", "n")["token"]
    _, _, err = call(capsys, "revoke", token)
    assert "there is no API key" in err
    assert token.split("_")[2][:8] not in err

"""The signing key of a data directory: made once, private, and verifiable after it was replaced."""

from __future__ import annotations

import stat
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eigen.errors import EigenError
from eigen.qfs.signing_keys import SigningKeys, key_id_of, verify

if TYPE_CHECKING:
    from pathlib import Path


def test_a_signature_is_right_for_its_bytes_and_wrong_for_others(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path)
    signature = keys.sign(b"data")
    assert keys.verify(signature, b"data")
    assert not keys.verify(signature, b"Data")
    assert not keys.verify(replace(signature, key_id="0" * 16), b"data")
    assert not keys.verify(replace(signature, value="no base64!"), b"data")
    flipped = bytearray(b64decode(signature.value))
    flipped[3] ^= 1
    assert not keys.verify(replace(signature, value=b64encode(flipped).decode()), b"data")


def test_the_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first = SigningKeys(tmp_path).sign(b"data")
    assert SigningKeys(tmp_path).sign(b"data") == first
    assert stat.S_IMODE((tmp_path / "keys/signing.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert SigningKeys(tmp_path).known() == {first.key_id: first.public_key}
    assert key_id_of(first.public_key) == first.key_id


def test_many_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {*pool.map(lambda _: SigningKeys(tmp_path).sign(b"data"), range(16))}
    assert len(found) == 1


def test_after_a_rotation_the_signatures_of_before_stay_verifiable(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path)
    before = keys.sign(b"data")
    key_id = keys.rotate()
    after = keys.sign(b"data")
    assert after.key_id == key_id == SigningKeys(tmp_path).current() != before.key_id
    assert keys.known() == {each.key_id: each.public_key for each in (before, after)}
    assert verify(before, b"data")
    assert verify(after, b"data")


def test_a_damaged_key_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    SigningKeys(tmp_path).sign(b"data")
    (tmp_path / "keys/signing.pem").write_bytes(b"nonsense")
    with pytest.raises(EigenError, match=r"signing\.pem") as caught:
        SigningKeys(tmp_path).sign(b"data")
    assert caught.value.code == "EIGEN_STORE_UNAVAILABLE"

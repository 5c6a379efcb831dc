"""Each server signs with its own key, and every server knows the keys of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doubles import s3 as endpoint
from eigen.qfs.s3_keys import SharedKeys
from eigen.qfs.signing_keys import SigningKeys

if TYPE_CHECKING:
    from pathlib import Path

    from bench.s3_server import S3Server


def test_a_signature_of_one_server_is_known_to_the_other(s3: S3Server, tmp_path: Path) -> None:
    bucket = endpoint.bucket(s3.settings())
    before = SigningKeys(tmp_path / "one")
    old = before.sign(b"made when the files lay in the data directory")
    before.rotate()
    one, other = (SharedKeys(SigningKeys(tmp_path / name), bucket) for name in ("one", "other"))
    signature = one.sign(b"receipt")
    assert one.sign(b"receipt") == signature
    assert bucket.requests == {"create": 2}
    assert other.known() == {key.key_id: key.public_key for key in (old, signature)}
    assert other.verify(signature, b"receipt")
    assert not other.verify(signature, b"another")
    mine = other.sign(b"receipt")
    assert mine.key_id != signature.key_id
    assert one.known() == other.known() == {key.key_id: key.public_key for key in (old, signature, mine)}
    assert list((tmp_path / "other/keys").glob(f"{signature.key_id}*")) == []

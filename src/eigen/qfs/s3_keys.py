"""`SharedKeys`: each server signs with the key of its own data directory, whose public part lies in the bucket, so that
every other server knows whose receipts these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.qfs.signing_keys import SUFFIX, verify

if TYPE_CHECKING:
    from eigen.qfs.s3_bucket import Bucket
    from eigen.qfs.signing_keys import SigningKeys
    from eigen.types import Signature

FOLDER = "keys"


class SharedKeys:
    """The signing key of a data directory, and the public keys of all servers that keep their files in a bucket.

    Raises EIGEN_STORE_UNAVAILABLE. Who may write the bucket may add a key, as who may write a data directory may.
    """

    def __init__(self, own: SigningKeys, bucket: Bucket) -> None:
        self._own = own
        self._bucket = bucket
        self._published: set[str] = set()

    def sign(self, data: bytes) -> Signature:
        """The signature of some bytes by the key in use. Its public part and those of before are in the bucket then."""
        signature = self._own.sign(data)
        if signature.key_id not in self._published:
            self._publish({**self._own.known(), signature.key_id: signature.public_key})
        return signature

    def verify(self, signature: Signature, data: bytes) -> bool:
        """See `SigningKeys.verify`."""
        return verify(signature, data)

    def known(self) -> dict[str, str]:
        """The public keys of this data directory and of the bucket, by id."""
        names = [name for name in self._bucket.list(FOLDER) if name.endswith(SUFFIX)]
        found = zip(names, self._bucket.each(self._bucket.get, names), strict=True)
        shared = {
            name.removeprefix(f"{FOLDER}/").removesuffix(SUFFIX): data[0].decode("ascii", "replace").strip()
            for name, data in found
            if data is not None
        }
        return shared | self._own.known()

    def _publish(self, keys: dict[str, str]) -> None:
        for key_id, public in sorted(keys.items()):
            if key_id not in self._published:
                self._bucket.create(f"{FOLDER}/{key_id}{SUFFIX}", public.encode() + b"\n", media_type="text/plain")
                self._published.add(key_id)

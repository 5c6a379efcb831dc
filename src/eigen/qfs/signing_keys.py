"""`SigningKeys`: the Ed25519 key (RFC 8032) of a data directory, with which it signs its receipts.

`keys/signing.pem` is the private key in use (PKCS 8, readable by its owner alone), made when it is first needed;
`keys/<key id>.pub` are the public keys of all that were ever in use, in base64. `cryptography` is loaded here, lazily.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.qfs import files
from eigen.types import Signature

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER = "keys"
PRIVATE = "signing.pem"
SUFFIX = ".pub"
KEY_ID_CHARACTERS = 16


class SigningKeys:
    """The signing key of a data directory and the public keys it has had."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._private: Ed25519PrivateKey | None = None

    def sign(self, data: bytes) -> Signature:
        """The signature of some bytes by the key in use; the same key gives the same signature."""
        key = self._key()
        public = _public(key)
        return Signature(key_id_of(public), public, b64encode(key.sign(data)).decode())

    def verify(self, signature: Signature, data: bytes) -> bool:
        """Whether the signature is that of these bytes by the key that it carries; whose key that is, `known` says."""
        return verify(signature, data)

    def known(self) -> dict[str, str]:
        """The public keys of this data directory by id: the one in use, and those of before."""
        with _guarded(self._folder):
            found = sorted(self._folder.glob(f"*{SUFFIX}"))
            return {path.stem: path.read_text("ascii", "replace").strip() for path in found}

    def current(self) -> str:
        """The id of the key in use; it is made when there is none."""
        return key_id_of(_public(self._key()))

    def rotate(self) -> str:
        """Sign with a new key from now on, and return its id. The private key of before is gone; what it signed stays
        verifiable by its public key. A process that runs keeps its key until it ends."""
        with _guarded(self._folder):
            files.make_directory(self._folder)
            key = self._new()
            files.write_in_order(self._folder, {PRIVATE: _pem(key)})
        self._private = key
        return self.current()

    def _key(self) -> Ed25519PrivateKey:
        if self._private is None:
            with _guarded(self._folder):
                self._private = self._load() or self._make()
        return self._private

    def _load(self) -> Ed25519PrivateKey | None:
        try:
            data = (self._folder / PRIVATE).read_bytes()
        except FileNotFoundError:
            return None
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError) as error:
            raise _damaged(self._folder, str(error)) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _damaged(self._folder, "it is no Ed25519 key")
        return key

    def _make(self) -> Ed25519PrivateKey:
        """The first key; of several processes that make one at once, all take the one that got its name first."""
        files.make_directory(self._folder)
        with files.lock(self._folder):
            key = self._load()
            if key is None:
                key = self._new()
                files.write_in_order(self._folder, {PRIVATE: _pem(key)})
            return key

    def _new(self) -> Ed25519PrivateKey:
        """A new key whose public part is on record before anything can be signed with it."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        public = _public(key)
        files.write_in_order(self._folder, {f"{key_id_of(public)}{SUFFIX}": public.encode() + b"\n"})
        return key


class NoKeys:
    """No signing key at hand: it checks signatures and makes none."""

    def __init__(self, known: dict[str, str] | None = None) -> None:
        self._known = known or {}

    def sign(self, data: bytes) -> Signature | None:
        """No signature."""
        return None

    def verify(self, signature: Signature, data: bytes) -> bool:
        """See `SigningKeys.verify`."""
        return verify(signature, data)

    def known(self) -> dict[str, str]:
        """The public keys that were handed in."""
        return self._known


def verify(signature: Signature, data: bytes) -> bool:
    """Whether the signature is that of these bytes by the key that it carries, under that key's id."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public, value = b64decode(signature.public_key, validate=True), b64decode(signature.value, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(value, data)
    except (ValueError, InvalidSignature):
        return False
    return key_id_of(signature.public_key) == signature.key_id


def key_id_of(public_key: str) -> str:
    """The id of a public key: the beginning of the sha256 of its 32 bytes."""
    return sha256(b64decode(public_key, validate=True)).hexdigest()[:KEY_ID_CHARACTERS]


def _public(key: Ed25519PrivateKey) -> str:
    return b64encode(key.public_key().public_bytes_raw()).decode()


def _pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _damaged(folder: Path, why: str) -> EigenError:
    hint = "restore it from a backup, or make a new key with `eigen signing-key rotate`"
    return EigenError(
        "EIGEN_STORE_UNAVAILABLE", f"the signing key `{folder / PRIVATE}` cannot be read: {why}", hint=hint
    )


class _guarded:  # noqa: N801
    """A file system that cannot be used is EIGEN_STORE_UNAVAILABLE."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            why = error.strerror or os.strerror(error.errno or 0)
            raise EigenError("EIGEN_STORE_UNAVAILABLE", f"`{self._folder}` cannot be used: {why}") from error

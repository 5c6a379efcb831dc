"""Certificates: TLS of the public ports, mutual TLS between roles. Every file is read and checked at start.

A setting that is wrong, missing or only half there is EIGEN_CONFIG_INVALID; no wrong setting leads to plain text.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import grpc

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.config import Settings

MAX_PEM_BYTES = 1024 * 1024
CERTIFICATE_MARK = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate chain and its key, in PEM; the key hides itself when it is printed."""

    certificate_file: str
    key_file: str
    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"KeyPair({self.certificate_file!r}, {self.key_file!r})"


def public_pair(settings: Settings) -> KeyPair | None:
    """The certificate of the public ports, None without TLS; EIGEN_CONFIG_INVALID."""
    if not settings.tls_cert and not settings.tls_key:
        return None
    return _pair("tls_cert", settings.tls_cert, "tls_key", settings.tls_key)


def public_credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """What the public gRPC port answers with, None without TLS; EIGEN_CONFIG_INVALID."""
    pair = public_pair(settings)
    return None if pair is None else grpc.ssl_server_credentials([(pair.key, pair.certificate)])


def public_files(settings: Settings) -> dict[str, str]:
    """The same for uvicorn, as its options `ssl_certfile` and `ssl_keyfile`; empty without TLS."""
    pair = public_pair(settings)
    return {} if pair is None else {"ssl_certfile": pair.certificate_file, "ssl_keyfile": pair.key_file}


def has_internal(settings: Settings) -> bool:
    """Whether mutual TLS between roles is set, completely or by half."""
    return bool(settings.internal_ca or settings.internal_cert or settings.internal_key)


def internal_pair(settings: Settings) -> KeyPair | None:
    """The certificate that this role shows other roles, None without mutual TLS; EIGEN_CONFIG_INVALID."""
    return _internal(settings)[1] if has_internal(settings) else None


def internal_server_credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """What a role answers other roles with: it shows its certificate and asks for theirs. None without mutual TLS."""
    if not has_internal(settings):
        return None
    authority, pair = _internal(settings)
    return grpc.ssl_server_credentials([(pair.key, pair.certificate)], authority, require_client_auth=True)


def internal_channel_credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """What a role asks other roles with: it checks their certificate and shows its own. None without mutual TLS."""
    if not has_internal(settings):
        return None
    authority, pair = _internal(settings)
    return grpc.ssl_channel_credentials(authority, pair.key, pair.certificate)


def _internal(settings: Settings) -> tuple[bytes, KeyPair]:
    if not settings.internal_ca:
        _refuse("internal_ca", "is not set, but a certificate of the role is", hint="mutual TLS needs all three files")
    authority = _read("internal_ca", settings.internal_ca)
    _check_authority("internal_ca", settings.internal_ca, authority)
    return authority, _pair("internal_cert", settings.internal_cert, "internal_key", settings.internal_key)


def _pair(cert_name: str, cert_file: str, key_name: str, key_file: str) -> KeyPair:
    for name, file in ((cert_name, cert_file), (key_name, key_file)):
        if not file:
            _refuse(name, "is not set, but TLS is asked for", hint=f"set `{cert_name}` and `{key_name}`, or none")
    pair = KeyPair(cert_file, key_file, _read(cert_name, cert_file), _read(key_name, key_file))
    if CERTIFICATE_MARK not in pair.certificate:
        _refuse(cert_name, f"`{cert_file}` holds no certificate in PEM")
    if b"ENCRYPTED" in pair.key:
        _refuse(key_name, f"`{key_file}` is encrypted", hint="store the key without a passphrase, readable by you only")
    if b"PRIVATE KEY-----" not in pair.key:
        _refuse(key_name, f"`{key_file}` holds no private key in PEM")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert_file, key_file, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        _refuse(cert_name, f"`{cert_file}` and `{key_file}` do not belong together or are damaged", cause=error)
    return pair


def _check_authority(name: str, file: str, data: bytes) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if CERTIFICATE_MARK not in data:
            raise ValueError
        context.load_verify_locations(cadata=data.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        _refuse(name, f"`{file}` holds no usable certificate in PEM", cause=error)


def _read(name: str, file: str) -> bytes:
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(MAX_PEM_BYTES + 1)
    except (OSError, ValueError) as error:
        _refuse(name, f"`{file}` cannot be read: {getattr(error, 'strerror', None) or error}", cause=error)
    if len(data) > MAX_PEM_BYTES:
        _refuse(name, f"`{file}` is larger than {MAX_PEM_BYTES:,} bytes")
    return data


def _refuse(name: str, why: str, *, hint: str = "", cause: Exception | None = None) -> NoReturn:
    raise EigenError("EIGEN_CONFIG_INVALID", f"`{name}` {why}", hint=hint) from cause

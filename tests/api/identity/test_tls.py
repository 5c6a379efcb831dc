"""Certificates: settings that are wrong or half are refused at start; between roles both sides verify."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from eigen.api.identity import tls
from eigen.config import Settings
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable


def files(folder: Path, authority: trustme.CA, name: str) -> Settings:
    """Settings with a certificate of the authority, for the public ports and for roles alike."""
    folder.mkdir(exist_ok=True)
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    paths = {part: str(folder / f"{name}.{part}.pem") for part in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(paths["ca"])
    certificate.cert_chain_pems[0].write_to_path(paths["cert"])
    certificate.private_key_pem.write_to_path(paths["key"])
    return Settings(
        tls_cert=paths["cert"],
        tls_key=paths["key"],
        internal_ca=paths["ca"],
        internal_cert=paths["cert"],
        internal_key=paths["key"],
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def settings(tmp_path: Path, authority: trustme.CA) -> Settings:
    return files(tmp_path, authority, "own")


def test_without_settings_there_is_no_tls() -> None:
    assert tls.public_credentials(Settings()) is None
    assert tls.public_files(Settings()) == {}
    assert tls.internal_server_credentials(Settings()) is None
    assert tls.internal_channel_credentials(Settings()) is None


def test_the_files_of_the_public_ports(settings: Settings) -> None:
    assert isinstance(tls.public_credentials(settings), grpc.ServerCredentials)
    assert tls.public_files(settings) == {"ssl_certfile": settings.tls_cert, "ssl_keyfile": settings.tls_key}


def test_a_key_hides_itself(settings: Settings) -> None:
    assert "PRIVATE" not in repr(tls.public_pair(settings))


def encrypted(path: Path) -> None:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.BestAvailableEncryption(b"secret"))
    )


def spoil(settings: Settings, how: str, folder: Path) -> Settings:
    """The settings with one thing wrong."""
    (folder / "empty.pem").write_text("")
    (folder / "large.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\n" + b"A" * (1024 * 1024))
    (folder / "damaged.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    stranger = files(folder, trustme.CA(), "stranger")
    if how == "an encrypted key":
        encrypted(Path(settings.tls_key))
        return settings
    change: dict[str, dict[str, str]] = {
        "no key": {"tls_key": "", "internal_key": ""},
        "no certificate": {"tls_cert": "", "internal_cert": ""},
        "no file": {"tls_cert": str(folder / "none.pem"), "internal_cert": str(folder / "none.pem")},
        "a folder": {"tls_key": str(folder), "internal_key": str(folder)},
        "an empty file": {"tls_cert": str(folder / "empty.pem"), "internal_cert": str(folder / "empty.pem")},
        "a large file": {"tls_cert": str(folder / "large.pem"), "internal_cert": str(folder / "large.pem")},
        "a damaged file": {"tls_cert": str(folder / "damaged.pem"), "internal_cert": str(folder / "damaged.pem")},
        "another's key": {"tls_key": stranger.tls_key, "internal_key": stranger.tls_key},
        "a certificate for a key": {"tls_key": settings.tls_cert, "internal_key": settings.tls_cert},
    }
    return replace(settings, **change[how])


@pytest.mark.parametrize(
    "how",
    [
        "no key",
        "no certificate",
        "no file",
        "a folder",
        "an empty file",
        "a large file",
        "a damaged file",
        "another's key",
        "a certificate for a key",
        "an encrypted key",
    ],
)
def test_settings_that_are_wrong_or_half_are_refused(settings: Settings, tmp_path: Path, how: str) -> None:
    wrong = spoil(settings, how, tmp_path)
    checks: list[Callable[[Settings], object]] = [
        tls.public_credentials,
        tls.public_files,
        tls.internal_server_credentials,
        tls.internal_channel_credentials,
    ]
    for check in checks:
        with pytest.raises(EigenError) as error:
            check(wrong)
        assert error.value.code == "EIGEN_CONFIG_INVALID"
        assert "PRIVATE KEY-----\n" not in str(error.value)


@pytest.mark.parametrize("name", ["none.pem", "empty.pem", "damaged.pem", ""])
def test_an_authority_that_is_none_is_refused(settings: Settings, tmp_path: Path, name: str) -> None:
    spoil(settings, "no key", tmp_path)
    with pytest.raises(EigenError) as error:
        tls.internal_channel_credentials(replace(settings, internal_ca=str(tmp_path / name) if name else ""))
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert "`internal_ca`" in error.value.message


async def _echo(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
    del context
    return request


async def _call(server_settings: Settings, credentials: grpc.ChannelCredentials | None) -> bytes | grpc.StatusCode:
    """One call to a server with mutual TLS: its answer, or how it was refused."""
    server = grpc.aio.server()
    handler = grpc.method_handlers_generic_handler("t.T", {"Echo": grpc.unary_unary_rpc_method_handler(_echo)})
    server.add_generic_rpc_handlers((handler,))
    serving = tls.internal_server_credentials(server_settings)
    assert serving is not None
    port = server.add_secure_port("127.0.0.1:0", serving)
    await server.start()
    address = f"127.0.0.1:{port}"
    channel = grpc.aio.secure_channel(address, credentials) if credentials else grpc.aio.insecure_channel(address)
    try:
        return await channel.unary_unary("/t.T/Echo")(b"hello", timeout=20)
    except grpc.aio.AioRpcError as error:
        return error.code()
    finally:
        await channel.close()
        await server.stop(None)


def test_roles_of_one_authority_understand_each_other(settings: Settings) -> None:
    assert asyncio.run(_call(settings, tls.internal_channel_credentials(settings))) == b"hello"


def test_both_sides_verify(settings: Settings, tmp_path: Path) -> None:
    stranger = files(tmp_path / "other", trustme.CA(), "other")
    knows_us = replace(stranger, internal_ca=settings.internal_ca)
    callers = {
        "a stranger": tls.internal_channel_credentials(stranger),
        "a stranger who trusts us": tls.internal_channel_credentials(knows_us),
        "one without a certificate": grpc.ssl_channel_credentials(Path(settings.internal_ca).read_bytes()),
        "plain text": None,
    }
    for who, credentials in callers.items():
        assert asyncio.run(_call(settings, credentials)) == grpc.StatusCode.UNAVAILABLE, who
    ours = tls.internal_channel_credentials(settings)
    assert asyncio.run(_call(stranger, ours)) == grpc.StatusCode.UNAVAILABLE, "we trusted a stranger"

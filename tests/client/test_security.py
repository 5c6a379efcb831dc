"""TLS and tokens: whom the client believes, and what it says when it is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

import eigen
from doubles.served import Served
from eigen.errors import EigenError


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def test_a_certificate_of_the_named_authority_is_believed(authority: trustme.CA, tmp_path: Path) -> None:
    certificate = authority.issue_cert("localhost")
    ca, chain, key = (str(tmp_path / name) for name in ("ca.pem", "chain.pem", "key.pem"))
    authority.cert_pem.write_to_path(ca)
    certificate.private_key_pem.write_to_path(key)
    for part in certificate.cert_chain_pems:
        part.write_to_path(chain, append=True)
    other = str(tmp_path / "other.pem")
    trustme.CA().cert_pem.write_to_path(other)
    with Served(tmp_path / "data", tls_cert=chain, tls_key=key, grpc_address="localhost:0") as served:
        place = f"localhost:{served.grpc_address.rsplit(':', 1)[1]}"
        endpoint = f"grpcs://{place}"
        with eigen.connect(endpoint, tls_ca=ca) as client:
            assert client.devices()
        for wrong in (
            {"endpoint": endpoint, "tls_ca": other},
            {"endpoint": endpoint},
            {"endpoint": f"grpc://{place}"},
        ):
            with eigen.connect(timeout=0.5, **wrong) as client, pytest.raises(EigenError) as caught:
                client.devices()
            assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"


def test_a_server_that_asks_for_a_token(tmp_path: Path) -> None:
    with Served(tmp_path / "data", auth="required") as served:
        endpoint = f"grpc://{served.grpc_address}"
        for token in (None, "not-a-token"):
            with eigen.connect(endpoint, token=token) as client, pytest.raises(EigenError) as caught:
                client.devices()
            assert caught.value.code == "EIGEN_AUTH_REQUIRED"
            assert "not-a-token" not in f"{caught.value.message} {caught.value.hint}"

"""`survey` says what a server with these settings would do, and finds what would keep it from starting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from doubles.key_ring import KeyRing
from doubles.oidc import AUDIENCE, LocalIssuer
from eigen.api.identity.survey import survey
from eigen.config import Settings
from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)


def certificate(folder: Path, *, until: datetime) -> dict[str, str]:
    made = trustme.CA().issue_cert("127.0.0.1", not_before=NOW - timedelta(days=365), not_after=until)
    made.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    made.private_key_pem.write_to_path(folder / "key.pem")
    return {"tls_cert": str(folder / "cert.pem"), "tls_key": str(folder / "key.pem")}


def test_who_is_asked() -> None:
    ring = KeyRing()
    assert "nobody is asked" in survey(Settings(), (), NOW)
    for days in (None, 1, -1):
        ring.make(days=days)
    ring.revoke(ring.make())
    assert survey(Settings(), tuple(ring.keys.values()), NOW) == "a token is needed; active API keys: 2"
    assert "nobody is asked" in survey(Settings(auth="off"), tuple(ring.keys.values()), NOW)
    assert "active API keys: 0" in survey(Settings(auth="required"), (), NOW)


def test_the_issuer_is_asked() -> None:
    with LocalIssuer() as issuer:
        settings = Settings(oidc_issuer=issuer.url, oidc_audience=AUDIENCE)
        assert "keys of the issuer: 1" in survey(settings, (), NOW)
        issuer.status = 500
        with pytest.raises(EigenError) as error:
            survey(settings, (), NOW)
    assert error.value.code == "EIGEN_SERVER_UNREACHABLE"
    with pytest.raises(EigenError) as error:
        survey(Settings(oidc_issuer="https://issuer.invalid"), (), NOW)
    assert error.value.code == "EIGEN_CONFIG_INVALID"


def test_certificates_are_looked_at(tmp_path: Path) -> None:
    far = survey(Settings(**certificate(tmp_path, until=NOW + timedelta(days=90))), (), NOW)
    assert f"TLS of the public ports: good until {(NOW + timedelta(days=90)).date()}" in far
    assert "soon" not in far
    assert "soon" in survey(Settings(**certificate(tmp_path, until=NOW + timedelta(days=3))), (), NOW)
    with pytest.raises(EigenError, match="is good from"):
        survey(Settings(**certificate(tmp_path, until=NOW - timedelta(days=1))), (), NOW)


def test_what_would_not_start_is_found() -> None:
    for settings in (Settings(http_address="0.0.0.0:1"), Settings(tls_cert="x"), Settings(internal_ca="x")):
        with pytest.raises(EigenError) as error:
            survey(settings, (), NOW)
        assert error.value.code == "EIGEN_CONFIG_INVALID"

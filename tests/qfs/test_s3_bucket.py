"""A bucket that cannot be used is said in words, with what to do; what may pass is asked again, and nothing else."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from doubles import s3 as endpoint
from doubles.s3_proxy import REFUSED, S3Proxy
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.s3_server import S3Server


@pytest.fixture
def given(s3: S3Server) -> dict[str, Any]:
    return s3.settings()


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[S3Proxy]:
    proxy = S3Proxy(s3)
    yield proxy
    proxy.close()


@pytest.mark.parametrize(
    ("changes", "said", "hint"),
    [
        ({"s3_secret_access_key": "wrong-secret"}, "SignatureDoesNotMatch", "s3_secret_access_key"),
        ({"s3_access_key_id": "nobody"}, "No user exists", "doctor"),
        ({"artifacts_url": "s3://no-such-bucket/eigen"}, "NoSuchBucket", "make the bucket"),
        ({"s3_region": "eu-west-1"}, "AuthorizationHeaderMalformed", "s3_region"),
    ],
)
def test_a_refusal_is_told_at_once_with_what_to_do(
    given: dict[str, Any], changes: dict[str, str], said: str, hint: str
) -> None:
    bucket = endpoint.bucket({**given, **changes})
    for ask in (lambda: bucket.get("a"), lambda: bucket.create("a", b""), lambda: bucket.list("a")):
        before = bucket.requests.total()
        with pytest.raises(EigenError) as error:
            ask()
        assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
        assert said in error.value.message
        assert hint in error.value.hint
        assert bucket.requests.total() - before == 1
        assert "wrong-secret" not in str(error.value.to_json())


def test_an_endpoint_that_refuses_is_asked_again_for_a_while(given: dict[str, Any], proxy: S3Proxy) -> None:
    bucket = endpoint.bucket({**given, "s3_endpoint": proxy.endpoint})
    proxy.spoil = lambda number, _method, _path: REFUSED if number <= 4 else ""
    assert bucket.create("a", b"1") is not None
    assert bucket.requests == {"create": 5}
    proxy.spoil = lambda *_: REFUSED
    bucket.retry_seconds = 0.2
    with pytest.raises(EigenError, match="SlowDown") as error:
        bucket.get("a")
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert bucket.requests["get"] > 1


def test_an_endpoint_that_is_not_there_or_never_answers_is_told(given: dict[str, Any]) -> None:
    away = endpoint.bucket({**given, "s3_endpoint": "http://127.0.0.1:1"})
    away.retry_seconds = 0.0
    with pytest.raises(EigenError, match="nothing answers there"):
        away.get("a")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        silent = endpoint.bucket({**given, "s3_endpoint": address, "s3_timeout_seconds": 1.0})
        silent.retry_seconds = 0.0
        with pytest.raises(EigenError, match="does not answer in time"):
            silent.create("a", b"")


def test_an_endpoint_of_a_private_authority_is_trusted_by_its_certificate(s3: S3Server, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    paths = {name: tmp_path / f"{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(str(paths["ca"]))
    issued.cert_chain_pems[0].write_to_path(str(paths["certificate"]))
    issued.private_key_pem.write_to_path(str(paths["key"]))
    server = endpoint.start(certificate=paths["certificate"], key=paths["key"])
    given = server.settings()
    trusting = endpoint.bucket({**given, "s3_ca": str(paths["ca"])})
    assert trusting.create("a", b"1") is not None
    doubting = endpoint.bucket(given)
    with pytest.raises(EigenError, match="certificate is not trusted"):
        doubting.get("a")
    assert doubting.requests.total() == 1
    server.stop()


def test_objects_are_written_on_conditions(given: dict[str, Any]) -> None:
    bucket = endpoint.bucket(given)
    tag = bucket.create("a+b", b"1", media_type="text/plain")
    assert tag is not None
    assert bucket.create("a+b", b"2") is None
    assert bucket.get("a+b") == (b"1", tag)
    assert bucket.get("a+b", unless=tag) == (b"", tag)
    newer = bucket.replace("a+b", b"3", tag)
    assert newer is not None
    assert bucket.replace("a+b", b"4", tag) is None
    assert bucket.replace("none", b"4", tag) is None
    assert bucket.get("a+b", unless=tag) == (b"3", newer)
    assert bucket.get("none") is None
    bucket.put("folder/c", b"")
    assert bucket.list("folder") == ("folder/c",)
    bucket.delete("folder/c")
    bucket.delete("folder/c")
    assert bucket.list("folder") == ()


def test_without_its_library_it_says_which_extra(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(EigenError) as error:
        endpoint.bucket(given)
    assert error.value.code == "EIGEN_NOT_AVAILABLE"
    assert "eigen-os[s3]" in error.value.hint

"""Where a bucket is and who asks it: from settings, then from what the tools of AWS use; and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from eigen.config import Settings
from eigen.errors import EigenError
from eigen.qfs.s3_address import S3Address, address_of

GIVEN = {
    "artifacts_url": "s3://lab/jobs/2026",
    "s3_access_key_id": "id",
    "s3_secret_access_key": "top secret",
}


def of(environ: dict[str, str] | None = None, **changes: str) -> S3Address:
    return address_of(Settings(**{**GIVEN, **changes}), environ or {"HOME": "/nowhere"})  # type: ignore[arg-type]


def test_an_address_hides_its_secrets() -> None:
    address = of(s3_endpoint="https://minio.example:9000", s3_session_token="temporary")
    assert (address.bucket, address.prefix, address.region) == ("lab", "jobs/2026", "us-east-1")
    assert str(address) == "s3://lab/jobs/2026 at https://minio.example:9000"
    assert "secret" not in repr(address)
    assert "temporary" not in repr(address)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"artifacts_url": "gs://lab"}, "`gs://`"),
        ({"artifacts_url": "bucket"}, "no URL"),
        ({"artifacts_url": "s3://"}, "not the name of a bucket"),
        ({"artifacts_url": "s3://Lab"}, "not the name of a bucket"),
        ({"artifacts_url": "s3://lab/../other"}, "not a prefix"),
        ({"artifacts_url": "s3://lab/a b"}, "not a prefix"),
        ({"artifacts_url": "s3://lab/" + "x/" * 300}, "not a prefix"),
        ({"s3_endpoint": "minio.example:9000"}, "not an endpoint"),
        ({"s3_endpoint": "https://minio.example/path"}, "not an endpoint"),
        ({"s3_endpoint": "https://u:p@minio.example"}, "no name and password"),
        ({"s3_endpoint": "https://minio.example:port"}, "no address"),
        ({"s3_endpoint": "http://minio.example:9000"}, "unencrypted"),
        ({"s3_endpoint": "https://10.0.0.1", "s3_addressing": "virtual"}, "before a name"),
        ({"s3_secret_access_key": ""}, "only one of them"),
        ({"s3_ca": "/nowhere/ca.pem"}, "cannot be read"),
    ],
)
def test_what_is_none_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(EigenError, match=said) as error:
        of(**changes)
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert error.value.where
    assert "u:p" not in error.value.message


def test_plain_http_is_for_loopback_unless_it_is_allowed() -> None:
    for endpoint in ("http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "https://10.0.0.1"):
        assert of(s3_endpoint=endpoint).endpoint == endpoint
    assert of(s3_endpoint="http://minio.example", s3_plain_http="allowed").plain


def test_a_bucket_may_have_a_host_name_of_its_own() -> None:
    address = of(s3_endpoint="https://s3.example", s3_addressing="virtual")
    assert (address.endpoint, address.virtual_hosted) == ("https://lab.s3.example", True)
    assert of(s3_addressing="virtual").endpoint == ""


def test_settings_win_over_variables_and_these_over_profiles(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text(
        "[default]\nregion = eu-north-1\n[profile lab]\nregion = eu-west-1\nendpoint_url = https://lab.example\n"
    )
    (tmp_path / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = d\naws_secret_access_key = ds\n"
        "[lab]\naws_access_key_id = p\naws_secret_access_key = ps\naws_session_token = pt\n"
    )
    home = {"HOME": str(tmp_path)}
    none = {"s3_access_key_id": "", "s3_secret_access_key": ""}
    address = of(home, **none)
    assert (address.key_id, address.secret, address.token, address.region) == ("d", "ds", "", "eu-north-1")
    address = of({**home, "AWS_PROFILE": "lab"}, **none)
    assert (address.key_id, address.secret, address.token) == ("p", "ps", "pt")
    assert (address.region, address.endpoint) == ("eu-west-1", "https://lab.example")
    variables = {"AWS_ACCESS_KEY_ID": "v", "AWS_SECRET_ACCESS_KEY": "vs", "AWS_REGION": "us-west-2"}
    address = of({**home, **variables, "AWS_ENDPOINT_URL": "https://other.example"}, **none)
    assert (address.key_id, address.region, address.endpoint) == ("v", "us-west-2", "https://other.example")
    address = of({**home, **variables}, s3_region="ap-south-1", s3_endpoint="https://set.example")
    assert (address.key_id, address.region, address.endpoint) == ("id", "ap-south-1", "https://set.example")
    assert of({**home, "AWS_WEB_IDENTITY_TOKEN_FILE": "token"}, **none).key_id == "", "the library asks there"
    with pytest.raises(EigenError, match="no AWS profile `mine`"):
        of({**home, "AWS_PROFILE": "mine"})


def test_without_credentials_only_aws_is_asked() -> None:
    none = {"s3_access_key_id": "", "s3_secret_access_key": ""}
    assert of(**none).key_id == "", "the role of the instance"
    with pytest.raises(EigenError, match="no credentials"):
        of(s3_endpoint="https://minio.example", **none)


def test_a_file_that_holds_no_profiles_is_named(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_bytes(b"\xff\xfe not a file of profiles")
    with pytest.raises(EigenError) as error:
        of({"HOME": str(tmp_path), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")})
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert error.value.where == str(tmp_path / "credentials")

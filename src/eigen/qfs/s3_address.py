"""`S3Address`: which bucket, at which endpoint, by whose credentials, and over what; from settings and from what the
tools of AWS use: their variables and the profiles in `~/.aws`."""

from __future__ import annotations

import configparser
import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.config import Settings

SCHEME = "s3"
DEFAULT_REGION = "us-east-1"
MAX_PREFIX = 512
MAX_PROFILE_BYTES = 1024 * 1024
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_PART = re.compile(r"[A-Za-z0-9_!'()*-][A-Za-z0-9_!'()*.-]{0,127}\Z")
ELSEWHERE = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables that say where credentials come from; the library asks there."""


@dataclass(frozen=True, slots=True)
class S3Address:
    """A place in a bucket. `key_id` is empty where the library is to find credentials itself; `endpoint` is empty for
    AWS."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = DEFAULT_REGION
    key_id: str = ""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    virtual_hosted: bool = False
    authority: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    setting: str = "artifacts_url"
    """The setting that names the bucket."""

    @property
    def url(self) -> str:
        """`s3://bucket/prefix`."""
        return f"{SCHEME}://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")

    @property
    def plain(self) -> bool:
        """Whether requests travel unencrypted."""
        return self.endpoint.startswith("http://")

    def __str__(self) -> str:
        return f"{self.url} at {self.endpoint}" if self.endpoint else self.url


def address_of(
    settings: Settings,
    environ: Mapping[str, str] | None = None,
    *,
    url: str | None = None,
    setting: str = "artifacts_url",
) -> S3Address:
    """The address in `artifacts_url`, or in the `url` of another setting, and the settings `s3_…`.

    Raises EIGEN_CONFIG_INVALID, EIGEN_FILE_UNREADABLE.
    """
    environ = os.environ if environ is None else environ
    bucket, prefix = _parts(settings.artifacts_url if url is None else url, setting)
    profile = _profile(environ)
    endpoint = (
        settings.s3_endpoint
        or environ.get("AWS_ENDPOINT_URL_S3", "")
        or environ.get("AWS_ENDPOINT_URL", "")
        or profile.get("endpoint_url", "")
    ).rstrip("/")
    virtual = settings.s3_addressing == "virtual"
    _check_endpoint(endpoint, allowed=settings.s3_plain_http == "allowed", virtual=virtual)
    region = (
        settings.s3_region
        or environ.get("AWS_REGION", "")
        or environ.get("AWS_DEFAULT_REGION", "")
        or profile.get("region", "")
    )
    key_id, secret, token = _credentials(settings, environ, profile, needed=bool(endpoint))
    return S3Address(
        bucket=bucket,
        prefix=prefix,
        endpoint=_with_bucket(endpoint, bucket) if virtual else endpoint,
        region=region or DEFAULT_REGION,
        key_id=key_id,
        secret=secret,
        token=token,
        virtual_hosted=virtual,
        authority=_authority(settings.s3_ca),
        timeout_seconds=settings.s3_timeout_seconds,
        setting=setting,
    )


def _parts(url: str, where: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://bucket/prefix`."""
    hint = "write `s3://bucket/prefix`; what else is needed stands in the settings `s3_…`"
    scheme, mark, rest = url.partition("://")
    if scheme != SCHEME or not mark:
        shown = f"{scheme[:20]}://" if mark else "no URL"
        raise _wrong(f"files can be kept on `s3://`, not on `{shown}`", where, hint)
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if not _BUCKET.match(bucket):
        raise _wrong(f"`{bucket[:80]}` is not the name of a bucket", where, hint)
    if len(prefix) > MAX_PREFIX or (prefix and not all(_PART.match(part) for part in prefix.split("/"))):
        message = f"`{prefix[:80]}` is not a prefix of plain names joined by `/`, of at most {MAX_PREFIX} characters"
        raise _wrong(message, where, hint)
    return bucket, prefix


def _check_endpoint(endpoint: str, *, allowed: bool, virtual: bool) -> None:
    """An address over HTTPS, or over HTTP on this host."""
    if not endpoint:
        return
    where = "s3_endpoint"
    try:
        parts = urlsplit(endpoint)
        host, named_port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _wrong(f"`{endpoint[:80]}` is no address: {error}", where) from error
    del named_port
    if parts.username is not None or parts.password is not None:
        message = "an endpoint carries no name and password"
        raise _wrong(message, where, "set `s3_access_key_id` and `s3_secret_access_key`")
    if parts.scheme not in {"http", "https"} or not host or parts.path or parts.query or parts.fragment:
        message = f"`{endpoint[:80]}` is not an endpoint, `https://host:port`"
        raise _wrong(message, where)
    if virtual and _address(host) is not None:
        message = f"`{host}` is an address, and with `s3_addressing = virtual` the bucket stands before a name"
        raise _wrong(message, where, "name the endpoint by its host name, or set `s3_addressing` to `path`")
    if parts.scheme == "http" and not allowed and not _is_loopback(host):
        message = f"files would travel unencrypted to `{host}`"
        hint = "use `https://`, or set `s3_plain_http` to `allowed` where the network can be trusted"
        raise _wrong(message, where, hint)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _with_bucket(endpoint: str, bucket: str) -> str:
    """The endpoint of a bucket that has a host name of its own."""
    if not endpoint:
        return ""
    scheme, _, rest = endpoint.partition("://")
    return f"{scheme}://{bucket}.{rest}"


def _credentials(
    settings: Settings, environ: Mapping[str, str], profile: Mapping[str, str], *, needed: bool
) -> tuple[str, str, str]:
    """Key id, secret and session token: of the settings, the variables or the profile. Empty where the library knows
    other places to ask."""
    given = (settings.s3_access_key_id, settings.s3_secret_access_key, settings.s3_session_token)
    variables = tuple(
        environ.get(f"AWS_{name}", "") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
    )
    stored = tuple(profile.get(f"aws_{name}", "") for name in ("access_key_id", "secret_access_key", "session_token"))
    for key_id, secret, token in (given, variables):
        if key_id and secret:
            return key_id, secret, token
        if key_id or secret:
            message = "a key id and its secret are needed, and only one of them is set"
            raise _wrong(message, "s3_access_key_id")
    if any(environ.get(name) for name in ELSEWHERE):
        return "", "", ""
    if stored[0] and stored[1]:
        return stored[0], stored[1], stored[2]
    if needed:
        hint = "set `s3_access_key_id` and `s3_secret_access_key`, or use the variables or profiles of AWS"
        raise _wrong("there are no credentials for S3", "s3_access_key_id", hint)
    return "", "", ""


def _profile(environ: Mapping[str, str]) -> dict[str, str]:
    """What the files in `~/.aws` say of the profile `AWS_PROFILE`, else `default`; the credentials file wins."""
    home = Path(environ.get("HOME") or os.path.expanduser("~")) / ".aws"
    name = environ.get("AWS_PROFILE", "")
    config = Path(environ.get("AWS_CONFIG_FILE") or home / "config")
    credentials = Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials")
    section = name or "default"
    found = {
        **_section(config, "default" if section == "default" else f"profile {section}"),
        **_section(credentials, section),
    }
    if name and not found:
        raise _wrong(f"there is no AWS profile `{name[:80]}`", "AWS_PROFILE")
    return found


def _section(path: Path, section: str) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PROFILE_BYTES)
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(data.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{path}` cannot be read: {error.strerror}") from error
    except (configparser.Error, ValueError) as error:
        raise _wrong("it is not a file of AWS profiles", str(path)) from error
    return dict(parser[section]) if parser.has_section(section) else {}


def _authority(path: str) -> str:
    """The certificates in a PEM file."""
    if not path:
        return ""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_PROFILE_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise _wrong(f"`{path}` cannot be read: {error.strerror}", "s3_ca") from error


def _wrong(message: str, where: str, hint: str = "") -> EigenError:
    return EigenError("EIGEN_CONFIG_INVALID", message, where=where, hint=hint)

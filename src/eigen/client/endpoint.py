"""`Server`: where a server answers and how it is spoken to, checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eigen.client.following import SILENCE_SECONDS
from eigen.client.retry import RetryPolicy
from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.config import Settings

SCHEMES = {"grpc": False, "grpcs": True}
DEFAULT_PORT = 50051
FORM = "an endpoint is grpc://HOST:PORT, or grpcs://HOST:PORT with TLS; HOST:PORT alone is with TLS unless on loopback"


@dataclass(frozen=True, slots=True)
class Server:
    """One server: `address` is `host:port`, `tls_ca` a PEM file (empty: the system's authorities).

    `timeout` bounds each call with its repetitions, in seconds; None: a minute, and an hour for calls that compute.
    A stream that is silent for `silence_seconds` counts as broken.
    """

    address: str
    secure: bool = True
    token: str = field(default="", repr=False)
    tls_ca: str = ""
    timeout: float | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    silence_seconds: float = SILENCE_SECONDS

    @staticmethod
    def of(settings: Settings, *, timeout: float | None = None) -> Server:
        """The server of the settings; EIGEN_CONFIG_INVALID for one that cannot be meant.

        A token goes over the network with TLS only, so that nobody on the way can take it.
        """
        host, port, secure = parse_endpoint(settings.endpoint)
        if timeout is not None and not 0 < timeout < float("inf"):
            raise EigenError("EIGEN_CONFIG_INVALID", f"a time-out is a number of seconds, not `{timeout}`")
        if not secure and settings.tls_ca:
            message = f"`{settings.endpoint[:80]}` is spoken to without TLS, so `tls_ca` has no meaning"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tls_ca", hint="use grpcs://")
        if not secure and settings.token and not is_loopback(host):
            message = f"the token would go to `{settings.endpoint[:80]}` unencrypted"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="endpoint", hint="use grpcs://")
        return Server(
            address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            secure=secure,
            token=settings.token,
            tls_ca=settings.tls_ca,
            timeout=timeout,
        )

    def certificates(self) -> bytes | None:
        """The authorities to trust, PEM; None: the system's. EIGEN_CONFIG_INVALID when the file holds none."""
        if not self.tls_ca:
            return None
        import ssl

        try:
            with open(self.tls_ca, "rb") as file:
                found = file.read()
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found.decode("ascii", "ignore"))
        except (ssl.SSLError, ValueError) as error:
            message = f"`{self.tls_ca}` holds no certificate in PEM"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tls_ca") from error
        except OSError as error:
            message = f"`{self.tls_ca}` cannot be read: {error.strerror}"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tls_ca") from error
        return found


def parse_endpoint(text: str) -> tuple[str, int, bool]:
    """Host, port and whether TLS is used; EIGEN_CONFIG_INVALID.

    >>> parse_endpoint("grpc://localhost:50051"), parse_endpoint("quantum.example.org")
    (('localhost', 50051, False), ('quantum.example.org', 50051, True))
    >>> parse_endpoint("grpcs://[::1]:7"), parse_endpoint("127.0.0.1:7")
    (('::1', 7, True), ('127.0.0.1', 7, False))
    """
    from urllib.parse import urlsplit

    written = text if "://" in text else f"grpcs://{text}"
    try:
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    extra = parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in SCHEMES or not host or extra or port == 0 or not (text.isprintable() and " " not in text):
        shown = ascii(text[:80])[1:-1]
        raise EigenError("EIGEN_CONFIG_INVALID", f"`{shown}` is no endpoint", where="endpoint", hint=FORM)
    secure = SCHEMES[parts.scheme] if "://" in text else not is_loopback(host)
    return host, port or DEFAULT_PORT, secure


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by name or address, without asking any name server."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

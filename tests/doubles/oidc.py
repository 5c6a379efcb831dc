"""An OpenID issuer on loopback: discovery, a key set that rotates, and tokens, honest ones and forged ones."""

from __future__ import annotations

import base64
import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from types import TracebackType

AUDIENCE = "eigen-tests"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key for the whole test run: making one takes a while."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The same on the curve P-256."""
    del name
    return ec.generate_private_key(ec.SECP256R1())


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """The public half, as text that a forger finds anywhere."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


def jwk_of(key: Any, key_id: str, **more: Any) -> dict[str, Any]:
    """The public half as a JSON Web Key."""
    if isinstance(key, rsa.RSAPrivateKey):
        found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    else:
        found = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return {key: value for key, value in found.items() if key != "key_ops"} | {"kid": key_id, "use": "sig"} | more


def segment(value: Any) -> str:
    """JSON (or text as it is) in base64url without padding."""
    data = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class LocalIssuer:
    """A running issuer; `keys` is what its key set answers, `status` how, `asked` the paths it was asked for."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [jwk_of(rsa_key("one"), "one")]
        self.status = 200
        self.asked: list[str] = []
        self.discovery: dict[str, Any] = {}
        self.bodies: dict[str, bytes] = {}
        self.redirect = ""
        issuer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The issuer's name, which is where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What an honest token says; a change to None leaves the claim out."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "iat": now,
            "exp": now + 600,
            "tid": "acme",
            "roles": ["user"],
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(
        self, *, key: Any = None, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """A token signed by `key` (the first one), with these changes to its claims."""
        return self.sign(json.dumps(self.claims(**changes)), key=key, algorithm=algorithm, header=header)

    def sign(
        self, payload: str | bytes, *, key: Any = None, algorithm: str = "RS256", header: dict[str, Any] | None = None
    ) -> str:
        """A token of any payload: what a library would refuse to sign as well."""
        head = {"alg": algorithm, "typ": "JWT", "kid": "one"} | (header or {})
        head = {name: value for name, value in head.items() if value is not None}
        signing = f"{segment(head)}.{segment(payload)}"
        signer = jwt.get_algorithm_by_name(algorithm)
        signature = signer.sign(signing.encode(), signer.prepare_key(rsa_key("one") if key is None else key))
        return f"{signing}.{segment(signature)}"

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        if self.redirect:
            request.send_response(302)
            request.send_header("location", self.redirect)
            request.end_headers()
            return
        if request.path == "/.well-known/openid-configuration":
            body = json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.discovery).encode()
        else:
            body = json.dumps({"keys": self.keys}).encode()
        body = self.bodies.get(request.path, body)
        request.send_response(self.status)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        try:
            request.wfile.write(body)
        except OSError:
            return  # the reader had enough

    def __enter__(self) -> LocalIssuer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

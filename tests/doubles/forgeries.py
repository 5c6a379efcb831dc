"""Tokens that no server may accept, by what is wrong with them. Each differs from an honest one in that alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING

from doubles.oidc import ec_key, jwk_of, public_pem, rsa_key, segment

if TYPE_CHECKING:
    from doubles.oidc import LocalIssuer

DAY = 24 * 3600


def forged_tokens(issuer: LocalIssuer) -> dict[str, str]:
    """JWTs, forged or misused."""
    now = int(time.time())
    honest = issuer.token()
    head, body, signature = honest.split(".")
    stranger = rsa_key("stranger")
    public = public_pem(rsa_key("one")).decode()
    twice = segment('{"alg":"none","alg":"RS256","kid":"one"}')
    said = json.dumps(issuer.claims(exp=now + 600))
    return {
        "alg none": f"{segment({'alg': 'none', 'typ': 'JWT', 'kid': 'one'})}.{body}.",
        "alg none with a signature": f"{segment({'alg': 'none', 'typ': 'JWT', 'kid': 'one'})}.{body}.{signature}",
        "alg None in other case": f"{segment({'alg': 'nOnE', 'typ': 'JWT', 'kid': 'one'})}.{body}.{signature}",
        "hs256 with the public key": _hmac(issuer, public),
        "hs256 with the modulus": _hmac(issuer, jwk_of(rsa_key("one"), "one")["n"]),
        "another signature algorithm": issuer.token(algorithm="PS256"),
        "an elliptic key under an rsa id": issuer.token(key=ec_key("stranger"), algorithm="ES256"),
        "a signature by a stranger": issuer.token(key=stranger),
        "wrong audience": issuer.token(aud="another-service"),
        "no audience": issuer.token(aud=None),
        "an audience list without us": issuer.token(aud=["a", "b"]),
        "an audience that is an object": issuer.token(aud={"eigen-tests": 1}),
        "wrong issuer": issuer.token(iss="https://issuer.invalid"),
        "an issuer that begins like ours": issuer.token(iss=issuer.url + "/"),
        "an issuer list": issuer.token(iss=[issuer.url]),
        "no issuer": issuer.token(iss=None),
        "no expiry": issuer.token(exp=None),
        "expired": issuer.token(iat=now - 7200, exp=now - 3600),
        "expired beyond the leeway": issuer.token(iat=now - 7200, exp=now - 61),
        "lives too long": issuer.token(exp=now + 2 * DAY),
        "never expires": issuer.token(exp=10**18),
        "expiry as text": issuer.token(exp=str(now + 600)),
        "expiry true": issuer.token(exp=True),
        "an infinite expiry": issuer.sign(said.replace(str(now + 600), "1e999")),
        "an expiry of 3000 digits": issuer.sign(said.replace(str(now + 600), "9" * 3000)),
        "no issue time": issuer.token(iat=None),
        "issued in the future": issuer.token(iat=now + 3600, exp=now + 4000),
        "not valid yet": issuer.token(nbf=now + 3600),
        "no subject": issuer.token(sub=None),
        "an empty subject": issuer.token(sub=""),
        "a list of subjects": issuer.token(sub=["ada"]),
        "a subject with a line break": issuer.token(sub="ada\nroot"),
        "no tenant": issuer.token(tid=None),
        "an empty tenant": issuer.token(tid=""),
        "a list of tenants": issuer.token(tid=["acme"]),
        "roles as an object": issuer.token(roles={"admin": True}),
        "roles as numbers": issuer.token(roles=[1]),
        "unknown key id": issuer.token(key=stranger, header={"kid": "two"}),
        "no key id": issuer.token(header={"kid": None}),
        "a key id that is a path": issuer.token(header={"kid": "../../../dev/null"}),
        "a key id that is a list": issuer.token(header={"kid": ["one"]}),
        "embedded jwk": issuer.token(key=stranger, header={"jwk": jwk_of(stranger, "one")}),
        "embedded jwk under a new id": issuer.token(key=stranger, header={"kid": "x", "jwk": jwk_of(stranger, "x")}),
        "jku": issuer.token(key=stranger, header={"kid": "x", "jku": f"{issuer.url}/evil"}),
        "x5u": issuer.token(key=stranger, header={"kid": "x", "x5u": f"{issuer.url}/evil"}),
        "x5c": issuer.token(key=stranger, header={"x5c": ["MIIB"]}),
        "a critical extension": issuer.token(header={"crit": ["exp"], "exp": now}),
        "a detached payload": issuer.token(header={"crit": ["b64"], "b64": False}),
        "a logout token": issuer.token(header={"typ": "logout+jwt"}),
        "claims said twice": issuer.sign(said[:-1] + ', "tid": "other"}'),
        "a header said twice": f"{twice}.{body}.{signature}",
        "another payload under the signature": f"{head}.{segment(issuer.claims(tid='other'))}.{signature}",
        "a cut signature": honest[:-4],
        "no signature": f"{head}.{body}.",
        "two segments": f"{head}.{body}",
        "five segments": f"{honest}.{body}.{body}",
        "padding in a segment": f"{head}=.{body}.{signature}",
        "foreign letters in a segment": f"{head}.{body[:8]}!{body[8:]}.{signature}",
        "one letter too many": f"{head}.{_odd(body)}.{signature}",
        "claims that are a list": issuer.sign("[]"),
        "claims that are no JSON": issuer.sign("{exp}"),
        "claims that are no text": issuer.sign(said.encode().replace(b"ada", b"\xff")),
        "claims that nest": issuer.sign('{"a":' + "[" * 1500 + "]" * 1500 + "}"),
        "huge": issuer.token(padding="x" * 20_000),
        "garbage": "garbage",
        "dots": "..",
        "empty": "",
        "not ascii": honest.replace("e", "é", 1),
    }


def forged_keys(token: str) -> dict[str, str]:
    """What looks like the API key `token`, and is not."""
    prefix, key_id, secret = token.split("_")
    return {
        "a truncated secret": token[:-1],
        "a longer secret": token + "0",
        "another secret": f"{prefix}_{key_id}_{'0' * len(secret)}",
        "upper case": f"{prefix}_{key_id}_{secret.upper()}",
        "an upper-case prefix": token.replace("eigen", "EIGEN"),
        "an unknown id": f"{prefix}_{'0' * len(key_id)}_{secret}",
        "no secret": f"{prefix}_{key_id}_",
        "the id alone": f"{prefix}_{key_id}",
        "the secret alone": secret,
        "SQL in the id": f"{prefix}_' OR 1=1 --_{secret}",
        "a space inside": f"{prefix}_{key_id} _{secret}",
    }


def _hmac(issuer: LocalIssuer, secret: str) -> str:
    """Signed with a text that is public; PyJWT itself refuses a PEM here, so by hand."""
    signing = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{segment(issuer.claims())}"
    return f"{signing}.{segment(hmac.new(secret.encode(), signing.encode(), hashlib.sha256).digest())}"


def _odd(text: str) -> str:
    """A segment of a length that base64 cannot have."""
    while len(text) % 4 != 1:
        text += "A"
    return text

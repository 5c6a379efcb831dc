"""Tokens of an issuer: honest ones name their caller, forged ones are refused, all with the same words."""

from __future__ import annotations

import asyncio
import io
import json
import time
from typing import TYPE_CHECKING

import pytest

from doubles.forgeries import forged_tokens
from doubles.key_ring import KeyRing
from doubles.oidc import AUDIENCE, LocalIssuer, ec_key, jwk_of, rsa_key
from eigen import telemetry
from eigen.api.identity import authenticator
from eigen.api.identity.issuer import FRESH_SECONDS, KEPT_SECONDS, PAUSE_SECONDS, Issuer, signing_keys
from eigen.api.identity.role_map import RoleMap
from eigen.api.identity.tokens import Tokens
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What is logged from `info` on."""
    stream = io.StringIO()
    telemetry.configure("info", stream)
    yield stream
    telemetry.silence()


def test_an_honest_token_names_its_caller(ask: Callable[..., Caller], issuer: LocalIssuer) -> None:
    assert ask(issuer.token()) == Caller(subject="oidc:ada", roles=("user",), tenant="acme", project="")


@pytest.mark.parametrize("role", ["admin", "user", "readonly"])
def test_each_role_is_accepted(ask: Callable[..., Caller], issuer: LocalIssuer, role: str) -> None:
    assert ask(issuer.token(roles=[role, "unknown to us"])).roles == (role,)


def test_a_token_without_a_known_role_is_somebody_who_may_do_nothing(
    ask: Callable[..., Caller], issuer: LocalIssuer
) -> None:
    for roles in (None, [], ["root"], "root", ["USER"]):
        assert ask(issuer.token(roles=roles)).roles == ()


def test_what_issuers_differ_in_is_accepted(ask: Callable[..., Caller], issuer: LocalIssuer) -> None:
    now = int(time.time())
    issuer.keys.append(jwk_of(ec_key("curve"), "curve", alg="ES256"))
    for token in (
        issuer.token(aud=["another", AUDIENCE]),
        issuer.token(roles="user"),
        issuer.token(nbf=now, jti="1", azp="x", nested={"a": [1.5]}),
        issuer.token(iat=now + 30, exp=now + 600),  # a clock that is half a minute ahead
        issuer.token(iat=now - 700, exp=now - 30),  # or behind
        issuer.token(iat=now - 0.5, exp=now + 100.25),
        issuer.token(header={"typ": "at+jwt"}),
        issuer.token(header={"typ": None, "x5t": "thumbprint"}),
        issuer.token(key=ec_key("curve"), algorithm="ES256", header={"kid": "curve"}),
    ):
        assert ask(token).tenant == "acme"


def test_every_forgery_is_refused_with_the_same_words(
    ask: Callable[..., Caller], issuer: LocalIssuer, said: io.StringIO
) -> None:
    answers: set[str] = set()
    for what, token in forged_tokens(issuer).items():
        error = refusal(ask, token, what)
        assert error.code == "EIGEN_AUTH_REQUIRED", what
        assert error.__cause__ is None, what
        answers.add(json.dumps(error.to_json()))
    assert len(answers) == 1
    assert "/evil" not in issuer.asked
    lines = said.getvalue().splitlines()
    assert len(lines) == len(forged_tokens(issuer))
    for line in lines:
        assert json.loads(line)["level"] == "info"
        assert issuer.token().split(".")[0] not in line  # no token, not even its head


def refusal(ask: Callable[..., Caller], token: str, what: str) -> EigenError:
    try:
        ask(token)
    except EigenError as error:
        return error
    pytest.fail(f"accepted: {what}")


def test_the_log_names_the_reason(ask: Callable[..., Caller], issuer: LocalIssuer, said: io.StringIO) -> None:
    with pytest.raises(EigenError):
        ask(issuer.token(aud="another"))
    assert "Audience" in said.getvalue()


def test_roles_are_mapped(issuer: LocalIssuer) -> None:
    settings = Settings(
        oidc_issuer=issuer.url,
        oidc_audience=AUDIENCE,
        oidc_tenant_claim="org",
        oidc_roles_claim="groups",
        oidc_role_map="Quantum.Admin=admin, Quantum.User=user,q=x=readonly",
    )
    door = authenticator(settings, KeyRing())  # pyright: ignore[reportArgumentType]

    def roles(*names: str) -> Caller:
        token = issuer.token(groups=list(names), org="acme2", tid=None)
        return asyncio.run(door.caller({"authorization": f"bearer {token}"}))

    assert roles("Quantum.Admin").roles == ("admin",)
    assert roles("Quantum.User", "q=x").roles == ("readonly", "user")
    assert roles("admin").roles == ()  # the map is all there is
    assert roles("admin").tenant == "acme2"


@pytest.mark.parametrize("text", ["admin", "A=root", "=user", "A=user,A=admin", "A=user,,B=user", "A="])
def test_a_role_map_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(EigenError) as error:
        RoleMap.read(text)
    assert error.value.code == "EIGEN_CONFIG_INVALID"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(oidc_issuer="https://issuer.invalid"),
        Settings(oidc_issuer="http://issuer.invalid", oidc_audience="x"),
        Settings(oidc_issuer="http://127.0.0.1.issuer.invalid", oidc_audience="x"),
        Settings(oidc_issuer="https://user:secret@issuer.invalid", oidc_audience="x"),
        Settings(oidc_issuer="https://issuer.invalid/?x=1", oidc_audience="x"),
        Settings(oidc_issuer="https://issuer.invalid:x", oidc_audience="x"),
        Settings(oidc_issuer="file:///etc/hostname", oidc_audience="x"),
        Settings(oidc_issuer="https://issuer.invalid", oidc_audience="x", oidc_tenant_claim=""),
    ],
    ids=lambda settings: settings.oidc_issuer or "-",
)
def test_an_issuer_that_cannot_be_right_is_refused_at_start(settings: Settings) -> None:
    with pytest.raises(EigenError) as error:
        authenticator(settings, KeyRing())  # pyright: ignore[reportArgumentType]
    assert error.value.code == "EIGEN_CONFIG_INVALID"


def tokens_of(issuer: LocalIssuer, clock: Clock) -> tuple[Tokens, Issuer]:
    source = Issuer(issuer.url, clock=clock)
    return Tokens(source, audience=AUDIENCE, tenant_claim="tid", roles_claim="roles", roles=RoleMap.read("")), source


def test_keys_are_asked_for_once_and_the_last_tokens_remembered(
    issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eigen.api.identity.tokens.REMEMBERED", 4)

    async def scenario() -> None:
        tokens, _ = tokens_of(issuer, Clock())
        callers = await asyncio.gather(*(tokens.caller(issuer.token(sub=f"s{number}")) for number in range(20)))
        assert len({caller.subject for caller in callers}) == 20
        assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
        assert len(tokens._known) == 4

    asyncio.run(scenario())


def test_a_remembered_token_expires_all_the_same(issuer: LocalIssuer) -> None:
    async def scenario() -> None:
        clock = Clock()
        clock.now = time.time()
        tokens = Tokens(
            Issuer(issuer.url),
            audience=AUDIENCE,
            tenant_claim="tid",
            roles_claim="roles",
            roles=RoleMap.read(""),
            clock=clock,
        )
        now = int(clock.now)
        token = issuer.token(iat=now - 3600, exp=now - 50)  # within the leeway, so never remembered as valid
        await tokens.caller(token)
        verified: list[str] = []
        tokens._verify = lambda token, key: verified.append(token)  # type: ignore[method-assign]
        await tokens.caller(token)
        assert verified == [token]

    asyncio.run(scenario())


def test_a_rotation_is_followed_at_once_and_a_withdrawn_key_refused(issuer: LocalIssuer) -> None:
    async def scenario() -> None:
        clock = Clock()
        tokens, _ = tokens_of(issuer, clock)
        old = issuer.token()
        await tokens.caller(old)
        issuer.keys = [jwk_of(rsa_key("two"), "two")]
        clock.now += PAUSE_SECONDS
        new = issuer.token(key=rsa_key("two"), header={"kid": "two"})
        assert (await tokens.caller(new)).tenant == "acme"  # an unknown id made it ask
        with pytest.raises(Exception, match="no key of the id"):
            await tokens.caller(old)  # although it was remembered

    asyncio.run(scenario())


def test_a_withdrawn_key_is_noticed_without_any_new_one(issuer: LocalIssuer) -> None:
    async def scenario() -> None:
        clock = Clock()
        issuer.keys = [jwk_of(rsa_key("one"), "one"), jwk_of(rsa_key("two"), "two")]
        tokens, _ = tokens_of(issuer, clock)
        await tokens.caller(issuer.token())
        issuer.keys.pop(0)
        clock.now += FRESH_SECONDS + 1
        with pytest.raises(Exception, match="no key of the id"):
            await tokens.caller(issuer.token())

    asyncio.run(scenario())


def test_unknown_ids_do_not_make_it_ask_again_and_again(issuer: LocalIssuer) -> None:
    async def scenario() -> None:
        clock = Clock()
        tokens, _ = tokens_of(issuer, clock)
        for number in range(20):
            with pytest.raises(Exception, match="no key of the id"):
                await tokens.caller(issuer.token(header={"kid": f"x{number}"}))
        assert len(issuer.asked) == 2
        clock.now += PAUSE_SECONDS
        with pytest.raises(Exception, match="no key of the id"):
            await tokens.caller(issuer.token(header={"kid": "x"}))
        assert len(issuer.asked) == 4

    asyncio.run(scenario())


def test_an_issuer_that_is_down_for_a_while_changes_nothing(issuer: LocalIssuer) -> None:
    async def scenario() -> None:
        clock = Clock()
        tokens, _ = tokens_of(issuer, clock)
        await tokens.caller(issuer.token())
        issuer.status = 500
        for _ in range(3):
            clock.now += FRESH_SECONDS + PAUSE_SECONDS
            assert (await tokens.caller(issuer.token(sub="grace"))).subject == "oidc:grace"
        clock.now += KEPT_SECONDS
        with pytest.raises(EigenError) as error:
            await tokens.caller(issuer.token())
        assert error.value.code == "EIGEN_SERVER_UNREACHABLE"
        issuer.status = 200
        clock.now += PAUSE_SECONDS
        await tokens.caller(issuer.token())

    asyncio.run(scenario())


def test_an_issuer_that_is_down_at_first_is_no_verdict_on_tokens(issuer: LocalIssuer) -> None:
    issuer.status = 503

    async def scenario() -> None:
        clock = Clock()
        tokens, _ = tokens_of(issuer, clock)
        with pytest.raises(EigenError) as error:
            await tokens.caller(issuer.token())
        assert error.value.code == "EIGEN_SERVER_UNREACHABLE"
        issuer.status = 200
        clock.now += PAUSE_SECONDS
        await tokens.caller(issuer.token())

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "break_it",
    [
        lambda issuer: issuer.discovery.update(issuer="https://another.invalid"),
        lambda issuer: issuer.discovery.update(jwks_uri="http://169.254.169.254/keys"),
        lambda issuer: issuer.discovery.update(jwks_uri="file:///etc/hostname"),
        lambda issuer: issuer.discovery.update(jwks_uri=["x"]),
        lambda issuer: setattr(issuer, "redirect", "http://127.0.0.1:1/elsewhere"),
        lambda issuer: issuer.bodies.update({"/keys": b"x" * (513 * 1024)}),
        lambda issuer: issuer.bodies.update({"/keys": b"[]"}),
        lambda issuer: issuer.bodies.update({"/keys": b"\xff"}),
        lambda issuer: issuer.bodies.update({"/keys": b'{"keys": {}}'}),
        lambda issuer: issuer.bodies.update({"/keys": b'{"keys": [1, {}, {"kty": "RSA", "kid": "one"}]}'}),
        lambda issuer: issuer.bodies.update({"/keys": b"[" * 100_000}),
        lambda issuer: setattr(issuer, "keys", []),
    ],
    ids=range(12),
)
def test_an_issuer_that_answers_nonsense_or_leads_elsewhere_is_one_that_is_down(
    issuer: LocalIssuer, break_it: Callable[[LocalIssuer], None], said: io.StringIO
) -> None:
    break_it(issuer)
    with pytest.raises(EigenError) as error:
        asyncio.run(tokens_of(issuer, Clock())[0].caller(issuer.token()))
    assert error.value.code == "EIGEN_SERVER_UNREACHABLE"
    assert "cannot be had" in said.getvalue()
    assert "/elsewhere" not in issuer.asked


def test_weak_symmetric_and_ambiguous_keys_are_left_out() -> None:
    good = jwk_of(rsa_key("one"), "good")
    found = signing_keys(
        {
            "keys": [
                good,
                jwk_of(rsa_key("weak", 1024), "weak"),
                {"kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "HS256"},
                jwk_of(rsa_key("one"), "encrypts", use="enc"),
                jwk_of(rsa_key("one"), "hmac", alg="HS256"),
                jwk_of(rsa_key("one"), "twice"),
                jwk_of(rsa_key("two"), "twice"),
                {name: value for name, value in good.items() if name != "kid"},
                good | {"kid": 7},
                "good",
            ]
        }
    )
    assert list(found) == ["good"]
    assert found["good"].algorithm_name == "RS256"

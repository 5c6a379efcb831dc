"""What the guides say of roles, algorithms and limits is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from eigen.api.identity import fetch, issuer, tokens
from eigen.api.identity.authenticator import MAX_TOKEN_CHARACTERS
from eigen.api.permissions import PERMISSIONS, ROLES

GUIDES = Path(__file__).parents[3] / "docs/guides"
TEXT = " ".join((GUIDES / "authentication.md").read_text("utf-8").split())


def test_the_table_of_roles() -> None:
    rows = re.findall(r"\| `(\w+)` \| ((?:`[\w:*]+` ?)+)\|", (GUIDES / "authentication.md").read_text("utf-8"))
    assert {role: set(re.findall(r"`([^`]+)`", permissions)) for role, permissions in rows} == {
        role: set(permissions) for role, permissions in ROLES.items()
    }
    for permission in PERMISSIONS:
        assert f"`{permission}`" in TEXT


def test_the_rules_of_tokens() -> None:
    for family in ("RS", "PS", "ES"):
        assert f"{family}256/384/512" in TEXT
    assert "EdDSA" in TEXT
    assert len(issuer.ALGORITHMS) == 10
    assert "24 hours at most" in TEXT
    assert tokens.MAX_LIFETIME_SECONDS == 24 * 3600
    assert f"differ by {tokens.LEEWAY_SECONDS} seconds" in TEXT
    assert f"at most {MAX_TOKEN_CHARACTERS:,} characters" in TEXT


def test_the_rules_of_asking_an_issuer() -> None:
    assert "used for five minutes" in TEXT
    assert issuer.FRESH_SECONDS == 300
    assert "at most twice a minute" in TEXT
    assert issuer.PAUSE_SECONDS == 30
    assert "used for an hour" in TEXT
    assert issuer.KEPT_SECONDS == 3600
    assert "512 KiB in five seconds" in TEXT
    assert (fetch.MAX_BYTES, fetch.SECONDS) == (512 * 1024, 5)

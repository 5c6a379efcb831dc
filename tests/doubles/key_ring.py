"""The part of a kernel that identity asks: API keys in a dictionary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from eigen.api.identity.api_keys import make_key

if TYPE_CHECKING:
    from eigen.types import ApiKey


class KeyRing:
    """Keys that can be made and revoked; `asked` counts look-ups."""

    def __init__(self) -> None:
        self.keys: dict[str, ApiKey] = {}
        self.asked = 0

    def make(
        self, *, tenant: str = "acme", roles: tuple[str, ...] = ("user",), days: float | None = None, **more: Any
    ) -> str:
        """The token of a new key, which expires after `days`."""
        now = datetime.now(UTC)
        expires = None if days is None else now + timedelta(days=days)
        key, token = make_key("test", tenant=tenant, roles=roles, at=now, expires=expires, **more)
        self.keys[key.key_id] = key
        return token

    def revoke(self, token: str) -> None:
        """Revoke the key of a token."""
        key_id = token.split("_")[1]
        self.keys[key_id] = replace(self.keys[key_id], revoked_at="2026-01-01T00:00:00.000Z")

    async def find_key(self, key_id: str) -> ApiKey | None:
        """See `AsyncKernel.find_key`."""
        self.asked += 1
        return self.keys.get(key_id)

    async def any_key(self) -> bool:
        """See `AsyncKernel.any_key`."""
        return bool(self.keys)

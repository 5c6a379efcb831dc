"""Results that are found again, in memory, under the contract of `eigen.qfs.store.ResultCache`."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

from eigen.qfs.result_cache import LARGEST, ROW_BYTES
from eigen.qfs.store import CachedResult, CacheUse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass
class Shelf:
    """What one tenant has: the entries by their keys, and when each was used last."""

    entries: dict[str, CachedResult] = field(default_factory=dict)
    used_at: dict[str, float] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """What it takes."""
        return sum(_size(entry) for entry in self.entries.values())

    def drop(self, key: str) -> None:
        """Let go of an entry, if it is there."""
        self.entries.pop(key, None)
        self.used_at.pop(key, None)


class MemoryResultCache:
    """See `eigen.qfs.store.ResultCache`."""

    def __init__(self, most_bytes: int) -> None:
        self._lock = RLock()
        self._most_bytes = most_bytes
        self.shelves: dict[str, Shelf] = {}

    def get(self, tenant: str, key: str) -> CachedResult | None:
        shelf = self.shelves.get(tenant)
        return None if shelf is None else shelf.entries.get(key)

    def keep(self, tenant: str, entries: Sequence[CachedResult], used: Collection[str], at: float) -> None:
        with self._lock:
            shelf = self.shelves.setdefault(tenant, Shelf())
            for key in shelf.entries.keys() & used:
                shelf.used_at[key] = at
            for entry in entries:
                if _size(entry) <= self._most_bytes // LARGEST and entry.key not in shelf.entries:
                    shelf.entries[entry.key], shelf.used_at[entry.key] = entry, at
            while sum(each.bytes for each in self.shelves.values()) > self._most_bytes:
                richest = self.shelves[min(self.shelves, key=lambda name: (-self.shelves[name].bytes, name))]
                richest.drop(min(richest.entries, key=lambda key: (richest.used_at[key], key)))

    def forget(self, tenant: str, key: str) -> None:
        with self._lock:
            if tenant in self.shelves:
                self.shelves[tenant].drop(key)

    def use(self) -> tuple[CacheUse, ...]:
        found = [CacheUse(name, len(shelf.entries), shelf.bytes) for name, shelf in self.shelves.items()]
        return tuple(sorted((use for use in found if use.entries), key=lambda use: (-use.bytes, use.tenant)))

    def clear(self, tenant: str | None = None) -> int:
        with self._lock:
            gone = [name for name in self.shelves if tenant in (None, name)]
            return sum(len(self.shelves.pop(name).entries) for name in gone)


def _size(entry: CachedResult) -> int:
    return ROW_BYTES + len(entry.data)

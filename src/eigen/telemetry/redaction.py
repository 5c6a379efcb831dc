"""What must not come out: tokens, keys, passwords. One rule for log lines and for the attributes of spans."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

HIDDEN = "(hidden)"
SECRET_NAMES = re.compile(
    r"^(?:.*[-_.])?(?:authorization|token|secret|password|passwd|cookie|api[-_]?key|private[-_]?key|credentials?)$",
    re.IGNORECASE,
)
"""Names of fields whose values are hidden whatever they look like."""

_SHAPES = re.compile(
    "|".join(
        (
            r"\beigen_[A-Za-z0-9]{6,}_[A-Za-z0-9]{16,}",  # an API key
            r"\beyJ[\w-]{5,}\.[\w-]+\.?[\w-]*",  # a JSON web token
            r"(?<=bearer )[^\s\"',;]+",
            r"(?<=basic )[A-Za-z0-9+/=]{6,}",
            r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)",  # user:password of an address
            r"(?<=token=)[^\s&\"']+|(?<=key=)[^\s&\"']{8,}|(?<=secret=)[^\s&\"']+|(?<=password=)[^\s&\"']+",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
        )
    ),
    re.IGNORECASE,
)

_MARKS = ("eigen_", "eyj", "bearer ", "basic ", "://", "=", "begin")
"""Every shape contains one of these, in lower case: most texts need no more than looking for them."""

_known: set[str] = set()
MIN_KNOWN_CHARS = 6
"""A shorter secret would blacken ordinary words."""


def hide(secret: str) -> None:
    """From now on this text never comes out of this process, whatever it looks like."""
    if len(secret) >= MIN_KNOWN_CHARS:
        _known.add(secret)


def redacted_text(text: str) -> str:
    """The text without what looks like a secret or is a known one."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    lowered = text.lower()
    for mark in _MARKS:
        if mark in lowered:
            return _SHAPES.sub(HIDDEN, text)
    return text


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether a field of this name is hidden whatever its value looks like."""
    return SECRET_NAMES.match(name) is not None


def redacted(value: Any, name: str = "") -> Any:
    """A JSON-like value without its secrets; what is neither text, number, list nor table becomes its text."""
    if name and value not in ("", None) and is_secret_name(name):
        return HIDDEN
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redacted_text(value)
        case dict():
            entries = cast("dict[Any, Any]", value)
            return {redacted_text(str(key)): redacted(entry, str(key)) for key, entry in entries.items()}
        case list() | tuple():
            items = cast("list[Any] | tuple[Any, ...]", value)
            return [redacted(entry) for entry in items]
        case _:
            return redacted_text(str(value))
